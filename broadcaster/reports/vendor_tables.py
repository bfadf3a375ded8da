"""Proof of play as a table for spreadsheets: the dates, every airing, then the contracts with their fees.

The file begins with the byte order mark without which Excel takes it for the system's code page; no cell can be taken
for a formula. New columns come at the end of each table, for whoever reads the files with a program.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from broadcaster.asrun.counting import SHARE, Standing
from broadcaster.asrun.fees import Fee, money
from broadcaster.asrun.ledger import VendorDay
from broadcaster.asrun.proof import Judged
from broadcaster.asrun.report import OUTCOME_WORDS, harmless, local_second
from broadcaster.reports.vendor_reports import Bill, heard_s

DAY_HEADERS = (
    "日期 Date", "应播 Contracted", "全播 Aired", "部分 Partial", "跳过 Skipped", "失败 Failed", "补播 Made good",
    "尚欠 Owed", "监听听到 Heard by the ear", "播放器所报 By the player's word", "没有听到 Not heard",
    "不足 Too short", "计费次数 Charged", "过期未补 Lapsed",
)  # fmt: skip
AIRING_HEADERS = (
    "日期 Date", "计划时间 Planned", "开始 Began", "结束 Ended", "时长(秒) Length (s)", "标题 Title", "编号 Reference",
    "结果 Outcome", "原因 Reason", "听到时间 Heard", "听到时长(秒) Heard (s)", "响度 Loudness (LUFS)",
    "听到依据 How heard", "算一次 Counts",
)  # fmt: skip
FEE_HEADERS = (
    "合同 Contract", "轮播 Rotation", "每天次数 A day", "从 From", "到 Until", "计费 Fee for", "单价 Rate",
    "数量 Count", "费用 Fee", "备注 Remark",
)  # fmt: skip
LIST_HEADERS = (
    "商户 Vendor", "编号 Id", "应播 Contracted", "监听听到 Heard by the ear", "播放器所报 By the player's word",
    "没有听到 Not heard", "不足 Too short", "补播 Made good", "尚欠 Owed", "过期未补 Lapsed", "计费次数 Charged",
    "费用 Fee",
)  # fmt: skip

#: How an entry was heard, in the words of a table.
HOW = {
    Standing.EAR: "监听 ear",
    Standing.PLAYER: "播放器 player",
    Standing.UNHEARD: "没有听到 not heard",
    Standing.UNSAID: "无人监听 nobody says",
    Standing.SHORT: "不足 too short",
    Standing.SILENT: "",
    Standing.OPEN: "",
}
FEE_WORDS = {"per_airing": "每次 each airing", "per_day": "每天 each day", "flat": "包干 altogether"}

RULE = (
    f"只算听到的:监听听到的,或当时没有监听、播放器报告播了的(另列)。没播完整的,连续听到 {SHARE:.0%} 以上才算一次。"
    "记录说播了、监听和播放器都没有报告的,不收费也不欠。"
    "按次计费到合同(含补播)的次数为止;按天计费的,当天听到至少一次才计;包干按天数分摊,到今天为止。"
)
RULE_EN = (
    "Only what was heard counts: by the ear, or by the player's word while there was no ear (told apart). Of what did "
    f"not air whole, {SHARE:.0%} must have been heard in one piece. What aired by the log without a word of ear or "
    "player is neither charged nor owed. Fees for each airing go as far as the contract, make-goods included; a fee "
    "for each day is due for days with at least one airing heard; a fee altogether is shared out by days, up to today."
)


def name_of(bill: Bill) -> str:
    """Of the vendor, in both languages where it has them."""
    return f"{bill.vendor.name_zh} {bill.vendor.name_en}".strip()


def day_row(day: VendorDay) -> tuple[Any, ...]:
    """Of :data:`DAY_HEADERS`."""
    sums = day.counts
    return (
        day.date, day.contracted, sums.aired, sums.partial, sums.skipped, sums.failed, day.made_good, day.owed,
        sums.ear, sums.player, sums.not_heard, sums.short, day.charged, day.lapsed,
    )  # fmt: skip


def list_row(bill: Bill) -> tuple[Any, ...]:
    """Of :data:`LIST_HEADERS`, without the fee."""
    return (
        name_of(bill), bill.vendor.id, bill.contracted, bill.ear, bill.player, bill.not_heard, bill.short,
        bill.made_good, bill.owed, bill.lapsed, bill.charged,
    )  # fmt: skip


def csv_of(bill: Bill, airings: Iterable[Judged], tz: ZoneInfo, turns: Callable[[str], str]) -> Iterator[str]:
    """One vendor's table, piece by piece; ``turns`` names a rotation."""
    yield "\ufeff" + _lines([(harmless(name_of(bill)), bill.vendor.id, bill.first, bill.last), DAY_HEADERS])
    yield _lines(day_row(day) for day in bill.days)
    yield _lines([(), AIRING_HEADERS])
    for judged in airings:
        yield _lines([_airing_row(judged, tz)])
    yield _lines([(), FEE_HEADERS, *(_fee_row(fee, turns) for fee in bill.fees)])
    yield _lines([("合计 Sum", *[""] * 7, money(bill.cents), "")])


def csv_of_all(bills: Sequence[Bill]) -> Iterator[str]:
    """All vendors' table: one row for each."""
    yield "\ufeff" + _lines([LIST_HEADERS])
    yield _lines([*map(harmless, map(str, list_row(bill))), money(bill.cents)] for bill in bills)


def _lines(rows: Iterable[Sequence[Any]]) -> str:
    out = io.StringIO(newline="")
    csv.writer(out).writerows(rows)
    return out.getvalue()


def _airing_row(judged: Judged, tz: ZoneInfo) -> list[str]:
    entry, stands = judged
    length = heard_s(entry)
    return [
        entry.date.isoformat(),
        local_second(entry.planned_at, tz),
        local_second(entry.heard_at or entry.commanded_at, tz),
        local_second(entry.ended_at, tz),
        f"{length:.1f}" if length else "",
        harmless(entry.title),
        harmless(entry.ref),
        OUTCOME_WORDS[entry.outcome],
        harmless(entry.reason),
        local_second(entry.heard_at, tz),
        f"{length:.1f}" if length and entry.heard_at else "",
        f"{entry.loudness_lufs:.1f}" if entry.loudness_lufs is not None else "",
        HOW[stands],
        "1" if stands.counts else "0",
    ]


def _fee_row(fee: Fee, turns: Callable[[str], str]) -> list[str]:
    one = fee.contract
    return [
        str(one.id), harmless(turns(one.rotation)), str(one.per_day), one.first.isoformat(), one.last.isoformat(),
        FEE_WORDS.get(one.fee_kind, one.fee_kind), money(one.fee_cents), str(fee.count), money(fee.cents),
        harmless(one.note),
    ]  # fmt: skip

"""Proof of play on paper: sums, fees and dates, and every airing where the period is short enough to be read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from zoneinfo import ZoneInfo

from broadcaster.asrun.fees import money
from broadcaster.asrun.proof import Judged
from broadcaster.asrun.report import OUTCOME_WORDS, local_second
from broadcaster.paper import Column, Heading, Paper, Part, Signature, Table, Text, pdf
from broadcaster.reports.vendor_reports import Bill, heard_s
from broadcaster.reports.vendor_tables import FEE_WORDS, HOW, RULE, RULE_EN, day_row, name_of

MOST_AIRINGS = 2000
"""On paper; some forty pages. More are in the tables for Excel."""

_TITLE = "播出证明 · Proof of play"


def paper_of(
    bill: Bill, airings: Iterable[Judged], count: int, tz: ZoneInfo, maker: str, turns: Callable[[str], str]
) -> bytes:
    """One vendor's PDF; ``count`` is how many airings there are, ``maker`` whose report, ``turns`` names a rotation.

    Raises ``PaperError``.
    """
    parts: list[Part] = [_sums(bill), Heading("费用 · Fees"), _fees(bill, turns), *_rule()]
    parts += [Heading("按日 · By date"), _days(bill), Heading("逐次 · Every airing")]
    if count > MOST_AIRINGS:
        parts.append(Text(f"共 {count} 条,太多不印,见表格 / {count} entries are too many for paper: see the tables"))
    else:
        parts.append(_airings(airings, tz))
    parts.append(Signature(("广播室 For the store:", "商户 For the vendor:")))
    head = (f"{name_of(bill)} ({bill.vendor.id})", _span(bill.first, bill.last), maker)
    return pdf(Paper(_TITLE, head, parts, _foot(bill), wide=True))


def paper_of_all(bills: Sequence[Bill], first: date, last: date, maker: str) -> bytes:
    """All vendors' PDF: one row for each. Raises ``PaperError``."""
    columns = (
        Column("商户 Vendor"), _number("应播 Contracted"), _number("监听 Ear"), _number("播放器 Player"),
        _number("没听到 Not heard"), _number("不足 Too short"), _number("补播 Made good"), _number("尚欠 Owed"),
        _number("过期 Lapsed"), _number("计费 Charged"), _number("费用 Fee", 24),
    )  # fmt: skip
    rows = [
        (name_of(bill), *map(str, (bill.contracted, bill.ear, bill.player, bill.not_heard, bill.short, bill.made_good,
                                   bill.owed, bill.lapsed, bill.charged)), money(bill.cents))
        for bill in bills
    ]  # fmt: skip
    rows.append(("合计 Sum", *[""] * 9, money(sum(bill.cents for bill in bills))))
    parts = (Table(columns, rows), *_rule())
    return pdf(
        Paper(_TITLE, ("全部商户 · All vendors", _span(first, last), maker), parts, _span(first, last), wide=True)
    )


def _rule() -> tuple[Text, Text]:
    return Text(RULE, small=True), Text(RULE_EN, small=True)


def _span(first: date, last: date) -> str:
    return f"{first.isoformat()} – {last.isoformat()}"


def _foot(bill: Bill) -> str:
    return f"{bill.vendor.name_zh} {_span(bill.first, bill.last)}"


def _number(title: str, width_mm: float = 19) -> Column:
    return Column(title, width_mm, "right")


def _sums(bill: Bill) -> Table:
    columns = tuple(
        _number(title, 27)
        for title in ("应播 Contracted", "监听听到 By the ear", "播放器所报 Player's word", "没有听到 Not heard",
                      "不足 Too short", "补播 Made good", "尚欠 Owed", "过期 Lapsed", "计费 Charged")
    )  # fmt: skip
    sums = (
        bill.contracted, bill.ear, bill.player, bill.not_heard, bill.short, bill.made_good, bill.owed, bill.lapsed,
        bill.charged,
    )  # fmt: skip
    return Table(columns, (tuple(map(str, sums)),))


def _fees(bill: Bill, turns: Callable[[str], str]) -> Table:
    columns = (
        Column("合同 Contract", 18), Column("轮播 Rotation"), Column("日期 Dates", 42), Column("计费 Fee for", 28),
        _number("单价 Rate"), _number("数量 Count", 16), _number("费用 Fee", 22),
    )  # fmt: skip
    rows = [
        (str(one.id), f"{turns(one.rotation)} × {one.per_day}", _span(one.first, one.last),
         FEE_WORDS.get(one.fee_kind, one.fee_kind), money(one.fee_cents), str(fee.count), money(fee.cents))
        for fee in bill.fees
        for one in (fee.contract,)
    ]  # fmt: skip
    return Table(columns, (*rows, ("合计 Sum", *[""] * 5, money(bill.cents))))


def _days(bill: Bill) -> Table:
    titles = (
        "应播 Contracted", "全播 Aired", "部分 Partial", "跳过 Skipped", "失败 Failed", "补播 Made good", "尚欠 Owed",
        "监听 Ear", "播放器 Player", "没听到 Not heard", "不足 Short", "计费 Charged", "过期 Lapsed",
    )  # fmt: skip
    columns = (Column("日期 Date", 24), *(_number(title, 18) for title in titles))
    return Table(columns, [tuple(map(str, day_row(day))) for day in bill.days])


def _airings(airings: Iterable[Judged], tz: ZoneInfo) -> Table:
    columns = (
        Column("计划 Planned", 36), Column("标题 Title"), Column("听到 Heard", 22), _number("秒 s", 16),
        _number("LUFS", 18), Column("结果 Outcome", 32), Column("依据 How heard", 36), Column("计 Counts", 18),
    )  # fmt: skip
    rows = []
    for entry, stands in airings:
        heard = local_second(entry.heard_at, tz)[11:]
        length = f"{heard_s(entry):.1f}" if entry.heard_at and entry.ended_at else ""
        loudness = f"{entry.loudness_lufs:.1f}" if entry.loudness_lufs is not None else ""
        counts = "是 yes" if stands.counts else "否 no"
        rows.append((
            local_second(entry.planned_at, tz), entry.title, heard, length, loudness, OUTCOME_WORDS[entry.outcome],
            HOW[stands], counts,
        ))  # fmt: skip
    return Table(columns, rows)

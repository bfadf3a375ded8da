"""Proof of play as an Excel workbook: sums and fees, the dates, every airing. Only here is the library imported.

Dates, instants and numbers are real ones; instants are the store's local time, to the second. Words are written as
words: nothing in them is taken for a formula or a link. Rows wait on the disk, not in memory, until the file is made.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from broadcaster.asrun.proof import Judged
from broadcaster.asrun.report import OUTCOME_WORDS
from broadcaster.reports.vendor_reports import Bill, heard_s
from broadcaster.reports.vendor_tables import (
    AIRING_HEADERS,
    DAY_HEADERS,
    FEE_HEADERS,
    FEE_WORDS,
    HOW,
    LIST_HEADERS,
    RULE,
    RULE_EN,
    day_row,
    list_row,
    name_of,
)

MOST_ROWS = 1_048_575
"""Of a sheet, below its head."""

_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
    "nan_inf_to_errors": True,
}


class _Book:
    """A workbook with the few formats that it needs."""

    def __init__(self) -> None:
        self.out = io.BytesIO()
        self.book = xlsxwriter.Workbook(self.out, _OPTIONS)
        add = self.book.add_format
        self.head = add({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top", "bg_color": "#eeeeee"})
        self.bold = add({"bold": True, "font_size": 14})
        self.wrap = add({"text_wrap": True, "valign": "top"})
        self.day = add({"num_format": "yyyy-mm-dd"})
        self.instant = add({"num_format": "yyyy-mm-dd hh:mm:ss"})
        self.tenth = add({"num_format": "0.0"})
        self.money = add({"num_format": "#,##0.00"})
        self.sum = add({"num_format": "#,##0.00", "bold": True, "top": 1})

    def sheet(self, name: str, widths: Sequence[float], headers: Sequence[str] = ()) -> Worksheet:
        """A sheet; with headers, they stay in view."""
        sheet = self.book.add_worksheet(name)
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
        if headers:
            sheet.write_row(0, 0, headers, self.head)
            sheet.freeze_panes(1, 0)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        if headers:
            sheet.repeat_rows(0)
        return sheet

    def row(self, sheet: Worksheet, row: int, cells: Sequence[Any], floats: Any = None) -> None:
        """Each cell as what it is."""
        for column, cell in enumerate(cells):
            if cell is None:
                continue
            if isinstance(cell, datetime):
                sheet.write_datetime(row, column, cell, self.instant)
            elif isinstance(cell, date):
                sheet.write_datetime(row, column, datetime(cell.year, cell.month, cell.day), self.day)  # noqa: DTZ001
            elif isinstance(cell, Decimal):
                sheet.write_number(row, column, cell, floats or self.money)
            elif isinstance(cell, float):
                sheet.write_number(row, column, cell, self.tenth)
            elif isinstance(cell, int):
                sheet.write_number(row, column, cell)
            else:
                sheet.write_string(row, column, str(cell))

    def bytes(self) -> bytes:
        """The file."""
        self.book.close()
        return self.out.getvalue()


def workbook_of(bill: Bill, airings: Iterable[Judged], tz: ZoneInfo, maker: str, turns: Callable[[str], str]) -> bytes:
    """One vendor's workbook: summary, days, airings; ``turns`` names a rotation."""
    made = _Book()
    _summary(made, bill, maker, turns)
    days = made.sheet("按日 Days", (12, *[11] * 13), DAY_HEADERS)
    for number, day in enumerate(bill.days, 1):
        made.row(days, number, day_row(day))
    days.autofilter(0, 0, max(1, len(bill.days)), len(DAY_HEADERS) - 1)
    rows = made.sheet("明细 Airings", (12, 20, 20, 20, 9, 26, 14, 16, 30, 20, 9, 10, 16, 7), AIRING_HEADERS)
    number = 0
    for number, judged in enumerate(airings, 1):
        if number == MOST_ROWS:
            made.row(rows, number, ["Excel 放不下更多,请看 CSV / a sheet holds no more: see the CSV file"])
            break
        made.row(rows, number, _airing(judged, tz))
    rows.autofilter(0, 0, max(1, number), len(AIRING_HEADERS) - 1)
    return made.bytes()


def workbook_of_all(bills: Sequence[Bill], first: date, last: date, maker: str) -> bytes:
    """All vendors' workbook: one row for each."""
    made = _Book()
    sheet = made.sheet("商户 Vendors", (26, 16, *[12] * 10), LIST_HEADERS)
    for number, bill in enumerate(bills, 1):
        made.row(sheet, number, [*list_row(bill), Decimal(bill.cents) / 100])
    row = len(bills) + 1
    total = [f"合计 Sum {first} – {last}", *[None] * (len(LIST_HEADERS) - 2), _sum(bills)]
    made.row(sheet, row, total, made.sum)
    _rule(made, sheet, row + 2)
    sheet.write_string(row + 5, 0, maker)
    return made.bytes()


def _sum(bills: Sequence[Bill]) -> Decimal:
    return Decimal(sum(bill.cents for bill in bills)) / 100


def _summary(made: _Book, bill: Bill, maker: str, turns: Callable[[str], str]) -> None:
    sheet = made.sheet("汇总 Summary", (30, 18, 10, 12, 12, 18, 12, 10, 12, 30))
    sheet.write_string(0, 0, name_of(bill), made.bold)
    made.row(sheet, 1, [bill.vendor.id, bill.first, bill.last])
    made.row(sheet, 2, [maker])
    sums = (
        ("应播 Contracted", bill.contracted), ("监听听到 Heard by the ear", bill.ear),
        ("播放器所报 By the player's word", bill.player), ("没有听到 Not heard", bill.not_heard),
        ("不足 Too short", bill.short), ("补播 Made good", bill.made_good), ("尚欠 Owed", bill.owed),
        ("过期未补 Lapsed", bill.lapsed), ("计费次数 Charged", bill.charged),
    )  # fmt: skip
    row = 3
    for row, pair in enumerate(sums, 3):
        made.row(sheet, row, pair)
    row += 2
    sheet.write_row(row, 0, FEE_HEADERS, made.head)
    for fee in bill.fees:
        row, one = row + 1, fee.contract
        rate, cost = Decimal(one.fee_cents) / 100, Decimal(fee.cents) / 100
        kind = FEE_WORDS.get(one.fee_kind, one.fee_kind)
        promised = (one.id, turns(one.rotation), one.per_day, one.first, one.last)
        made.row(sheet, row, [*promised, kind, rate, fee.count, cost, one.note])
    made.row(sheet, row + 1, ["合计 Sum", *[None] * 7, Decimal(bill.cents) / 100], made.sum)
    _rule(made, sheet, row + 3)


def _rule(made: _Book, sheet: Worksheet, row: int) -> None:
    for number, words in enumerate((RULE, RULE_EN)):
        sheet.set_row(row + number, 64)
        sheet.merge_range(row + number, 0, row + number, 8, words, made.wrap)


def _airing(judged: Judged, tz: ZoneInfo) -> list[Any]:
    entry, stands = judged
    length = heard_s(entry)

    def local(instant: datetime | None) -> datetime | None:
        return instant and instant.astimezone(tz).replace(tzinfo=None, microsecond=0)

    return [
        entry.date, local(entry.planned_at), local(entry.heard_at or entry.commanded_at), local(entry.ended_at),
        length or None, entry.title, entry.ref, OUTCOME_WORDS[entry.outcome], entry.reason, local(entry.heard_at),
        length if length and entry.heard_at else None, entry.loudness_lufs, HOW[stands], int(stands.counts),
    ]  # fmt: skip

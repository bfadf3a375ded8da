"""Proof of play as a file: CSV, XLSX or PDF, of one vendor or of all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Literal, get_args

from broadcaster.errors import UsageError
from broadcaster.reports.vendor_reports import VendorReports
from broadcaster.reports.vendor_tables import csv_of, csv_of_all

Form = Literal["csv", "xlsx", "pdf"]

PIECE = 64 * 1024
"""Characters of a table that are sent at once."""


def vendor_file(reports: VendorReports, form: str, vendor: str | None, first: date, last: date) -> Iterable[bytes]:
    """The file, piece by piece: a table is read from the log as it is sent.

    Raises ``UsageError`` for another form, a vendor that there is not, a period that makes no sense, and
    ``PaperError`` if no PDF could be made; all of it before the first piece is asked for.
    """
    if form not in get_args(Form):
        raise UsageError(f"没有“{form}”格式 / no such form: {form}; there are {', '.join(get_args(Form))}")
    tz = reports.tz()
    if vendor is None:
        bills = reports.everybody(first, last)
        if form == "csv":
            return _encoded(csv_of_all(bills))
        if form == "xlsx":
            from broadcaster.reports.vendor_workbook import workbook_of_all

            return [workbook_of_all(bills, first, last, reports.maker())]
        from broadcaster.reports.vendor_paper import paper_of_all

        return [paper_of_all(bills, first, last, reports.maker())]
    bill = reports.bill(vendor, first, last)
    airings = reports.airings(vendor, first, last)
    if form == "csv":
        return _encoded(csv_of(bill, airings, tz, reports.turns))
    if form == "xlsx":
        from broadcaster.reports.vendor_workbook import workbook_of

        return [workbook_of(bill, airings, tz, reports.maker(), reports.turns)]
    from broadcaster.reports.vendor_paper import paper_of

    return [paper_of(bill, airings, reports.count(vendor, first, last), tz, reports.maker(), reports.turns)]


def _encoded(pieces: Iterable[str]) -> Iterator[bytes]:
    held: list[str] = []
    size = 0
    for piece in pieces:
        held.append(piece)
        size += len(piece)
        if size > PIECE:
            yield "".join(held).encode()
            held, size = [], 0
    yield "".join(held).encode()

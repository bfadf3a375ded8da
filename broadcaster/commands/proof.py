"""``broadcaster vendor report``: proof of play without a browser."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from broadcaster.commands.office import DAY, json_flag, opened, out
from broadcaster.errors import UsageError
from broadcaster.settings import Home

if TYPE_CHECKING:
    from broadcaster.reports.vendor_reports import Bill

USUAL_DAYS = 30


_Command = TypeVar("_Command", bound=Callable[..., Any])


def _file(form: str, words: str) -> Callable[[_Command], _Command]:
    return click.option(
        f"--{form}", f"{form}_file", type=click.Path(path_type=Path, dir_okay=False), help=f"另存为 {words} · write it"
    )  # fmt: skip


@click.command("report")
@click.argument("vendor_id", metavar="[ID]", required=False)
@click.option("--from", "first", type=DAY, help="从哪天起 · the first date [默认 default: 30 天 days]")
@click.option("--to", "last", type=DAY, help="到哪天止(含) · the last date [默认 default: 今天 today]")
@_file("csv", "CSV")
@_file("xlsx", "Excel")
@_file("pdf", "PDF")
@json_flag
@click.pass_obj
def vendor_report(
    home: Home, vendor_id: str | None, first: date | None, last: date | None, csv_file: Path | None,
    xlsx_file: Path | None, pdf_file: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """播出证明:应播、听到、补播、尚欠、费用;不写 ID 是全部商户 · Proof of play of one vendor, or of all."""
    from broadcaster.reports.vendor_files import vendor_file

    with opened(home) as office:
        reports = office.vendor_reports
        last = last or office.today()
        first = first or last - timedelta(days=USUAL_DAYS - 1)
        bills = [reports.bill(vendor_id, first, last)] if vendor_id else reports.everybody(first, last)
        for form, path in (("csv", csv_file), ("xlsx", xlsx_file), ("pdf", pdf_file)):
            if path is not None:
                _write(path, vendor_file(reports, form, vendor_id, first, last))
    if as_json:
        out({"first": first, "last": last, "vendors": [_document(bill) for bill in bills]})
    else:
        _show(bills)


def _write(path: Path, pieces: Any) -> None:
    try:
        with path.open("wb") as file:
            for piece in pieces:
                file.write(piece)
    except OSError as error:
        raise UsageError(f"{path}: 写不了 / can't be written ({error.strerror or error})") from error


def _show(bills: Sequence[Bill]) -> None:
    # Late: it brings the database's library with it, and --help is instant.
    from broadcaster.asrun.fees import money

    for bill in bills:
        click.echo(
            f"{bill.vendor.id:20} {bill.vendor.name_zh}  应播 contracted {bill.contracted}  监听 ear {bill.ear}  "
            f"播放器 player {bill.player}  没听到 not heard {bill.not_heard}  不足 short {bill.short}  "
            f"补播 made good {bill.made_good}  尚欠 owed {bill.owed}  费用 fee {money(bill.cents)}"
        )
    if not bills:
        click.echo("没有商户 / no vendors")


def _document(bill: Bill) -> dict[str, Any]:
    return {
        "vendor": bill.vendor.id, "contracted": bill.contracted, "counted": bill.counted, "ear": bill.ear,
        "player": bill.player, "not_heard": bill.not_heard, "short": bill.short, "made_good": bill.made_good,
        "owed": bill.owed, "lapsed": bill.lapsed, "charged": bill.charged, "fee_cents": bill.cents,
        "fees": [{"contract": fee.contract.id, "count": fee.count, "cents": fee.cents} for fee in bill.fees],
        "days": [
            {"date": day.date, "contracted": day.contracted, "counted": day.counts.counted, "made_good": day.made_good,
             "owed": day.owed, "charged": day.charged}
            for day in bill.days
        ],
    }  # fmt: skip

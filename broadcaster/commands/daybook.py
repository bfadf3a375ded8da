"""``broadcaster daybook``: a date as it is printed and kept. The daemon may run, and need not."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

import click

from broadcaster.commands import show
from broadcaster.commands.office import DAY, json_flag, out
from broadcaster.errors import PlanError, UsageError
from broadcaster.settings import Home


@click.command()
@click.argument("day", type=DAY, required=False, metavar="[DATE]")
@json_flag
@click.option(
    "--pdf", "pdf_file", type=click.Path(path_type=Path, dir_okay=False), help="另存为 PDF · write a PDF file"
)
@click.option("--lang", type=click.Choice(("zh", "en")), default="zh", help="语言 · language [默认 default: zh]")
@click.pass_obj
def daybook(home: Home, day: date | None, as_json: bool, pdf_file: Path | None, lang: str) -> None:
    """某天的播音日志:计划与实播对照 · The day book of a date (today by default): planned against heard."""
    from broadcaster.asrun.day_book_document import day_book_document
    from broadcaster.desk import Desk
    from broadcaster.paper import pdf
    from broadcaster.paper.plain import plain
    from broadcaster.web.day_book_paper import day_book_paper
    from broadcaster.web.i18n import speaking

    desk = Desk(home, render=False, progress=show.progress)
    try:
        book = desk.day_book(day)
    except PlanError as error:
        show.stopped(error.faults)
        sys.exit(1)
    finally:
        desk.close()
    with speaking(lang):
        paper = day_book_paper(book)
    if pdf_file is not None:
        try:
            pdf_file.write_bytes(pdf(paper))
        except OSError as error:
            raise UsageError(f"{pdf_file}: 写不进去 / can't be written ({error.strerror or error})") from error
    if as_json:
        out(day_book_document(book))
    elif pdf_file is None:
        click.echo(plain(paper))

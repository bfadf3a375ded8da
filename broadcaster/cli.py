"""The ``broadcaster`` command. Status 0: done; 1: what was asked is not so; 2: bad use. Errors go to standard error."""

from __future__ import annotations

import contextlib
import gc
import os
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import click

from broadcaster.commands import (
    accounts,
    archive,
    backup,
    calls,
    database,
    daybook,
    notice,
    service,
    show,
    standby,
    voices,
)
from broadcaster.commands.doctor import doctor as _doctor
from broadcaster.commands.office import DAY, json_flag, out
from broadcaster.commands.when import local_instant
from broadcaster.errors import BroadcasterError, PlanError, UsageError
from broadcaster.settings import Home


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.option(
    "--home",
    type=click.Path(path_type=Path, file_okay=False),
    default=lambda: os.environ.get("BROADCASTER_HOME", "."),
    help="放 config/ playlists/ announcements/ var/ 的文件夹 · the store's folder [默认 default: ., BROADCASTER_HOME]",
)
@click.pass_context
def main_group(ctx: click.Context, home: Path) -> None:
    """商场播音系统 · The store's broadcast system."""
    ctx.obj = Home(Path(home).resolve())


@contextlib.contextmanager
def _desk(home: Home, *, render: bool = True, as_json: bool = False) -> Iterator[Any]:
    """What answers from the files and the log, without a running daemon. Imported late: ``--help`` is instant."""
    from broadcaster.desk import Desk

    desk = Desk(home, render=render, progress=show.progress)
    try:
        yield desk
    except PlanError as error:
        # The plan can't answer; what is wrong with it is the answer.
        show.stopped(error.faults)
        if as_json:
            out({"ok": False, "faults": [fault.as_json() for fault in error.faults], "warnings": []})
        sys.exit(1)
    finally:
        desk.close()


@main_group.command()
@click.option("--at", "at", help="彩排:程序以为现在是这一刻 · rehearse as if it were then, e.g. 2026-11-28T09:41:50")
@click.option("--host", help="网页监听的地址 · where the page listens")
@click.option("--port", type=click.IntRange(1, 65535), help="网页端口 · the page's port")
@click.pass_obj
def run(home: Home, at: str | None, host: str | None, port: int | None) -> None:
    """开播:按计划播音,直到停止 · Run the daemon until it is stopped."""
    # Classes are made to stay: looking for garbage among them costs a tenth of the time until there is sound.
    gc.disable()
    from broadcaster.daemon import Options, Stop
    from broadcaster.daemon import run as run_daemon
    from broadcaster.restoring import finish_restore

    gc.enable()

    finish_restore(home)
    _must_be_home(home)
    start = None
    if at is not None:
        with _desk(home, render=False) as desk:
            start = local_instant(at, desk.timezone)
    stop = Stop()
    stop.install()
    run_daemon(home, Options(start, host, port), stop)


def _must_be_home(home: Home) -> None:
    if not (home.root / "config").is_dir():
        raise UsageError(
            f"{home.root}: 这里没有 config/ 文件夹;用 --home 指定,或用 broadcaster init 新建 / "
            "no config/ here; name the folder with --home, or make one with broadcaster init"
        )


@main_group.command()
@json_flag
@click.pass_obj
def check(home: Home, as_json: bool) -> None:
    """检查播音计划,列出全部问题 · Check the plan, tell all faults and warnings."""
    _must_be_home(home)
    with _desk(home, as_json=as_json) as desk:
        told: tuple[Any, ...] = ()
        if not as_json:
            # Preparing sounds may take minutes: what the files say is told before.
            told, unready = desk.first_look()
            show.first_look(told, unready)
        faults, warnings = desk.faults(), desk.warnings()
    if as_json:
        out({
            "ok": not faults,
            "faults": [fault.as_json() for fault in faults],
            "warnings": [fault.as_json() for fault in warnings],
        })  # fmt: skip
    else:
        show.faults(faults, warnings)
    sys.exit(1 if faults else 0)


@main_group.command()
@click.argument("day", type=DAY, required=False, metavar="[DATE]")
@json_flag
@click.pass_obj
def rundown(home: Home, day: date | None, as_json: bool) -> None:
    """某天的串联单 · What should air on a date (today by default)."""
    _must_be_home(home)
    with _desk(home, as_json=as_json) as desk:
        document = desk.rundown(day or desk.today())
        out(document) if as_json else show.rundown(document)
        sys.exit(1 if document["faults"] else 0)


@main_group.command()
@click.argument("local_time")
@json_flag
@click.pass_obj
def why(home: Home, local_time: str, as_json: bool) -> None:
    """某一秒为什么播这个 · What is on air at LOCAL_TIME (2026-11-28T09:42:10, or 09:42 for today), and why."""
    _must_be_home(home)
    with _desk(home, as_json=as_json) as desk:
        document = desk.why(local_instant(local_time, desk.timezone, desk.today()))
    out(document) if as_json else show.why(document)


@main_group.command()
@click.argument("day", type=DAY, metavar="DATE")
@click.option("--add", "add", multiple=True, metavar="TYPE", help="加上日类型,如 event · add a day type")
@click.option("--remove", "remove", multiple=True, metavar="TYPE", help="去掉日类型 · take a day type away")
@click.option("--close", "close", metavar="HH:MM", help="这天几点打烊 · closing time on that date")
@click.option("--clear", is_flag=True, help="清除这天的设置 · forget what was set for the date")
@click.option("--note", default="", help="备注 · a note for the calendar")
@json_flag
@click.pass_obj
def day(
    home: Home,
    day: date,
    add: tuple[str, ...],
    remove: tuple[str, ...],
    close: str | None,
    clear: bool,
    note: str,
    as_json: bool,
) -> None:
    """标记某天(活动日、改打烊时间),并显示串联单的变化 · Mark a date and show what that changes."""
    _must_be_home(home)
    with _desk(home, as_json=as_json) as desk:
        document = desk.mark_day(day, add=add, remove=remove, close=close, clear=clear, note=note)
    out(document) if as_json else show.day(document)
    sys.exit(1 if document["faults"] or document["held_back_by"] else 0)


@main_group.command()
@json_flag
@click.pass_obj
def status(home: Home, as_json: bool) -> None:
    """现在播什么、接下来播什么 · What the running daemon airs now, what comes next, its health."""
    from broadcaster.remote import ask_daemon

    document = ask_daemon(home, "/api/v1/status")
    out(document) if as_json else show.status(document)


@main_group.command()
@click.argument("day", type=DAY, required=False, metavar="[DATE]")
@json_flag
@click.option(
    "--csv", "csv_file", type=click.Path(path_type=Path, dir_okay=False), help="另存为 CSV · write a CSV file"
)
@click.option("--rehearsal", is_flag=True, help="看最近一次彩排的日志 · of the last rehearsal")
@click.pass_obj
def asrun(home: Home, day: date | None, as_json: bool, csv_file: Path | None, rehearsal: bool) -> None:
    """某天的播出日志 · The as-run log of a date (today by default)."""
    _must_be_home(home)
    with _desk(home, render=False, as_json=as_json) as desk:
        document = desk.asrun(day, rehearsal=rehearsal, csv_file=csv_file)
    out(document) if as_json else show.asrun(document)


main_group.add_command(voices.say)
main_group.add_command(voices.voices)
main_group.add_command(notice.notice)
main_group.add_command(accounts.user)
main_group.add_command(accounts.vendor)
main_group.add_command(backup.backup)
main_group.add_command(backup.restore)
main_group.add_command(archive.archive)
main_group.add_command(standby.standby)
main_group.add_command(database.database)
main_group.add_command(daybook.daybook)
main_group.add_command(service.service)
main_group.add_command(_doctor)
main_group.add_command(calls.emergency)


@main_group.command()
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False))
@click.option("--music/--no-music", default=True, help="同时生成样本音乐(约一分钟) · make the starter music too")
def init(directory: Path, music: bool) -> None:
    """新建一套样本计划 · Lay out a starter plan in DIRECTORY; files that are there stay."""
    from broadcaster.starter.layout import lay_out

    for made in lay_out(directory, music=music, progress=lambda line: click.echo(line, err=True)):
        click.echo(made)


@main_group.command()
@click.pass_obj
def prepare(home: Home) -> None:
    """备好计划里的全部声音,免得开播时等 · Prepare all recordings of the plan ahead of the start."""
    _must_be_home(home)
    with _desk(home) as desk:
        faults = desk.faults()
    show.faults(faults, ())
    sys.exit(1 if faults else 0)


def main() -> None:
    """The console script."""
    for stream in (sys.stdout, sys.stderr):
        # A Windows console or a pipe may have an older code page: Chinese must come out all the same.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        main_group()
    except UsageError as error:
        click.echo(str(error), err=True)
        sys.exit(2)
    except (BroadcasterError, OSError) as error:
        click.echo(str(error), err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()

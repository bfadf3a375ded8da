"""``broadcaster emergency``: from the PC itself, without page and log-in."""

from __future__ import annotations

import click

from broadcaster.settings import Home


@click.command()
@click.argument("message")
@click.option("--reason", default="", help="原因,启动时必写,记入日志 · why; needed to call one, and kept in the log")
@click.pass_obj
def emergency(home: Home, message: str, reason: str) -> None:
    """应急广播:MESSAGE 是 station.yaml 里 emergencies 的名称,end 为结束 · Call an emergency message, or end it."""
    from broadcaster.calls.spool import ask_calls

    if message == "end":
        click.echo(ask_calls(home, "end", reason=reason))
    else:
        click.echo(ask_calls(home, "call", message=message, reason=reason))

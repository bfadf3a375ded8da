"""``broadcaster doctor``: examines this PC, and tells what was found and what to do."""

from __future__ import annotations

import sys
from dataclasses import asdict

import click

from broadcaster.commands.office import json_flag, out
from broadcaster.settings import Home

_MARKS = {"ok": "正常 ok  ", "warn": "注意 warn", "fail": "故障 FAIL"}


@click.command()
@click.option("--sound", is_flag=True, help="另放一秒测试声 · play a test sound of a few seconds too")
@json_flag
@click.pass_obj
def doctor(home: Home, sound: bool, as_json: bool) -> None:
    """体检:声卡、VLC、语音、磁盘、时钟、网络、计划、数据库 · Examine everything, and say what to do."""
    from broadcaster.doctor.findings import run
    from broadcaster.doctor.rounds import examinations

    found = []
    with examinations(home, sound=sound) as rounds:
        for one in run(rounds):
            found.append(one)
            if as_json:
                continue
            click.echo(f"{_MARKS[one.state]}  {one.zh} / {one.en}")
            if one.do_zh:
                click.echo(f"            → {one.do_zh} / {one.do_en}")
    failed = any(one.state == "fail" for one in found)
    if as_json:
        out({"ok": not failed, "findings": [asdict(one) for one in found]})
    sys.exit(1 if failed else 0)

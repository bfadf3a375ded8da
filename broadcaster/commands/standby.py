"""``broadcaster standby``: of two PCs at one amplifier, which sounds, and setting the second one up."""

from __future__ import annotations

import json
from typing import Any

import click

from broadcaster.commands.office import json_flag
from broadcaster.errors import NotRunning, UsageError
from broadcaster.settings import Home, write_whole

_STATES = {
    "asking": "正在询问另一台 · asking the other",
    "on-air": "正在播出 · on air",
    "yielded": "让另一台播出 · the other one is on air",
    "standing-by": "待命 · standing by",
}


@click.group(invoke_without_command=True)
@json_flag
@click.pass_context
def standby(ctx: click.Context, as_json: bool) -> None:
    """主备机:现在谁在播 · Two PCs at one amplifier: which one is on air."""
    if ctx.invoked_subcommand is not None:
        return
    told = _told(ctx.obj)
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False))
        return
    click.echo(f"{told['role']}: {_STATES.get(told['state'], told['state'])} {told['why']}".rstrip())
    click.echo("另一台有回答 · the other one answers" if told["other_answers"] else "另一台没有回答 · no answer")
    if told["refusal"]:
        click.echo(told["refusal"])


@standby.command()
@click.argument("peer")
@click.option("--token", prompt="两台共用的密钥 · the secret that both know", hide_input=True)
@click.option("--port", type=click.IntRange(1, 65535), default=8089, help="本机监听的端口 · where this PC listens")
@click.pass_obj
def join(home: Home, peer: str, token: str, port: int) -> None:
    """把这台设成备机,PEER 是主机如 http://192.168.1.20:8089 · Make this PC the second; PEER is the main one."""
    from pydantic import ValidationError

    from broadcaster.plan.unattended_models import Standby

    try:
        rules = Standby(role="second", peer=peer, token=token, port=port)
    except ValidationError as error:
        raise UsageError("; ".join(str(each["msg"]) for each in error.errors())) from None
    path = home.var / "standby.json"
    write_whole(path, json.dumps(rules.model_dump(mode="json"), ensure_ascii=False))
    path.chmod(0o600)
    (home.root / "config").mkdir(parents=True, exist_ok=True)
    click.echo(f"{path}: 重新启动后是备机 · the second PC from the next start on")


@standby.command()
@click.pass_obj
def back(home: Home) -> None:
    """主机修好了:把播出交还给主机(在主机上运行) · The main PC is mended: have it take the air back (run it there)."""
    if _told(home)["role"] != "main":
        raise UsageError("请在主机上运行 / run it on the main PC")
    (home.run / "standby-back").touch()
    click.echo("好 · done")


def _told(home: Home) -> dict[str, Any]:
    try:
        return dict(json.loads((home.run / "standby.json").read_text(encoding="utf-8")))
    except (OSError, ValueError):
        raise NotRunning(f"{home.root}: 没有主备机,或程序没有运行 / no pair of PCs, or no daemon runs") from None

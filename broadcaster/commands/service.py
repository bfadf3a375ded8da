"""``broadcaster service``: has the machine start the daemon at boot, or no longer."""

from __future__ import annotations

import sys

import click

from broadcaster.commands.office import json_flag, out
from broadcaster.errors import ServiceError
from broadcaster.settings import Home


@click.group()
def service() -> None:
    """开机自动播音 · Have the machine start the broadcast at boot, before anybody logs in."""


@service.command()
@click.option("--user", metavar="NAME", help="以哪个系统账号运行[默认:文件夹的主人] · whose account it runs as")
@click.option("--dry-run", is_flag=True, help="只显示要做什么 · only show what would be done")
@click.pass_obj
def install(home: Home, user: str | None, dry_run: bool) -> None:
    """装成服务并启动(需要管理员权限) · Install it as a service and start it; needs root."""
    from broadcaster.ops import service as machine
    from broadcaster.ops.service_home import page_of_files

    plan = machine.planned(home, user, page_of_files(home))
    if dry_run:
        click.echo(f"# {plan.file}\n{plan.text}")
        for words in plan.commands:
            click.echo(f"$ {' '.join(words)}")
        return
    machine.install(plan)
    click.echo(f"{plan.file}: 已装好,开机自动播音 / installed; starts at boot")


@service.command()
def uninstall() -> None:
    """停掉并取消开机启动 · Stop it, and no longer start it at boot."""
    from broadcaster.ops import service as machine

    machine.uninstall()
    click.echo("已取消 / uninstalled")


@service.command()
@json_flag
def status(as_json: bool) -> None:
    """装了没有、在不在运行 · Whether it is installed, and runs."""
    from broadcaster.ops import service as machine

    try:
        told = machine.status()
    except ServiceError as error:
        if not as_json:
            raise
        out({"installed": machine.installed(), "told": str(error)})
        sys.exit(1)
    out({"installed": True, "told": told}) if as_json else click.echo(told)

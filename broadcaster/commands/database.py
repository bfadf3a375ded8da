"""``broadcaster database``: its tables examined, brought up to this version, and back to an earlier one."""

from __future__ import annotations

import sys
from dataclasses import asdict

import click

from broadcaster.commands.office import json_flag, out
from broadcaster.settings import Home


@click.group()
def database() -> None:
    """数据库:查看、检查、升级、降级 · The database: look, check, bring up to date, go back."""


@database.command()
@json_flag
@click.pass_obj
def info(home: Home, as_json: bool) -> None:
    """数据库里有什么、是哪一版 · What is in it, and of which revision its tables are."""
    from broadcaster.ops.database_care import info as look

    found = look(home)
    if as_json:
        out({"file": str(home.database), **asdict(found)})
        return
    click.echo(f"{home.database}: 版本 revision {found.revision}(本程序 this program: {found.head})")
    for table, rows in found.tables.items():
        click.echo(f"  {table:24}{rows:>10}")
    for name in found.left:
        click.echo(f"待升级时收回 waits for the next upgrade: {name}")


@database.command()
@json_flag
@click.pass_obj
def check(home: Home, as_json: bool) -> None:
    """通读一遍,找损坏;播音照常 · Read it through for damage; the air goes on."""
    from broadcaster.ops.database_care import check as examine

    found = examine(home)
    if as_json:
        out({"ok": found.ok, **asdict(found)})
    elif found.ok:
        click.echo(f"完好 sound: {found.bytes / 1e6:.1f} MB, {found.seconds:.1f} s")
    for fault in () if as_json else found.faults:
        click.echo(f"损坏 damage: {fault}", err=True)
    sys.exit(0 if found.ok else 1)


@database.command()
@json_flag
@click.pass_obj
def upgrade(home: Home, as_json: bool) -> None:
    """升到本程序的版本(启动时也会自动升) · Bring its tables up to this program, as every start does."""
    from broadcaster.ops.database_care import upgrade as bring_up

    done = bring_up(home)
    if as_json:
        out(asdict(done))
    elif done.copy is None:
        click.echo(f"已是 {done.after},不用升 / is of {done.after} already")
    else:
        click.echo(f"{done.before} → {done.after};升级前的副本 a copy from before: {done.copy}")
        for name in done.taken:
            click.echo(f"收回了 taken up again: {name}")


@database.command()
@click.argument("revision")
@json_flag
@click.pass_obj
def downgrade(home: Home, revision: str, as_json: bool) -> None:
    """降回 REVISION,好装回旧版程序;先停播音 · Back to REVISION, for an older program; stop the daemon first."""
    from broadcaster.ops.database_care import downgrade as bring_back

    done, copy = bring_back(home, revision)
    if as_json:
        out({**asdict(done), "copy": str(copy)})
        return
    click.echo(f"{done.before} → {done.after};降级前的副本 a copy from before: {copy}")
    if done.file is not None:
        click.echo(
            f"旧版放不下的 {done.rows} 行在这里,下次升级自动收回 / "
            f"{done.rows} rows that the older tables have no place for; the next upgrade takes them up: {done.file}"
        )

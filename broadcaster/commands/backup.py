"""``broadcaster backup`` and ``restore``: the store into one file, and back."""

from __future__ import annotations

import json
from pathlib import Path

import click

from broadcaster.commands.office import json_flag
from broadcaster.errors import UsageError
from broadcaster.settings import Home

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.argument("file", type=_FILE)
@click.option("--no-music", is_flag=True, help="不含播放列表里的音乐 · without the playlists' audio")
@json_flag
@click.pass_obj
def backup(home: Home, file: Path, no_music: bool, as_json: bool) -> None:
    """备份成一个文件(计划、数据库、录音、音乐),播音照常 · The whole store into one file; the air goes on."""
    from broadcaster.backup import backup_to, told
    from broadcaster.clock import SystemClock
    from broadcaster.ops.backups import made_by_hand

    manifest = backup_to(home, file, music=not no_music)
    made_by_hand(home, SystemClock().now())
    if as_json:
        click.echo(json.dumps(told(manifest), ensure_ascii=False))
    else:
        size_mb = file.stat().st_size / 1e6
        click.echo(f"{file}: {len(manifest.files)} 个文件 files, {size_mb:.1f} MB,已校验 verified")


@click.command()
@click.argument("file", type=_FILE, required=False)
@click.option("--finish", is_flag=True, help="只把中断的恢复做完 · only finish one that was cut off")
@json_flag
@click.pass_obj
def restore(home: Home, file: Path | None, finish: bool, as_json: bool) -> None:
    """从备份恢复;原有文件另存,不删除 · Put a backup in place; what was there is set aside, not deleted."""
    from broadcaster.restoring import finish_restore

    if finish and file is None:
        if finish_restore(home):
            click.echo("上次中断的恢复已做完 · the restoring that was cut off is finished", err=True)
        return
    if file is None or finish:
        raise UsageError("restore FILE,或 or: restore --finish")
    from broadcaster.backup import told
    from broadcaster.restoring import restore as put_back

    done = put_back(home, file)
    if as_json:
        click.echo(json.dumps({**told(done.manifest), "aside": str(done.aside) if done.aside else None}))
        return
    click.echo(f"{done.files} 个文件已恢复 files restored ({done.manifest.made_at:%Y-%m-%d %H:%M} UTC)")
    if done.aside:
        click.echo(f"原来的在 what was there before: {done.aside}")

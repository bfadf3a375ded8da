"""``broadcaster archive``: what left the database, listed, read and verified. The daemon may run."""

from __future__ import annotations

import datetime as dt
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from broadcaster.commands.office import json_flag, out
from broadcaster.errors import UsageError
from broadcaster.settings import Home


@click.group()
def archive() -> None:
    """已归档的旧记录 · Old records that left the database."""


@archive.command(name="list")
@json_flag
@click.pass_obj
def list_parts(home: Home, as_json: bool) -> None:
    """有哪些归档 · What there is."""
    from broadcaster.ops.archive import Archive

    found = Archive(home).parts()
    if as_json:
        out([asdict(one) for one in found])
        return
    for one in found:
        click.echo(f"{one.name}  {one.first} – {one.last}  {one.rows} 行 rows  {one.bytes / 1e6:.2f} MB")
    if not found:
        click.echo("还没有归档 · nothing is archived yet")


@archive.command()
@click.argument("name")
@click.option(
    "--csv", "csv_file", type=click.Path(path_type=Path, dir_okay=False), help="播出日志写成表格 · asrun only"
)
@click.pass_obj
def show(home: Home, name: str, csv_file: Path | None) -> None:
    """读一份归档,每行一个 JSON · One part, a JSON document a line. NAME: asrun-2023-01.jsonl.gz, asrun-2023-01"""
    from broadcaster.ops.archive import Archive

    kept = Archive(home)
    month = name.removesuffix(".jsonl.gz")
    found = [one for one in kept.parts() if one.name == name or f"{one.kind}-{one.month}" == month]
    if not found:
        raise UsageError(f"没有归档“{name}”,见 broadcaster archive list / no “{name}” in the archive")
    documents = (document for one in found for document in kept.documents(one))
    if csv_file is None:
        for document in documents:
            click.echo(json.dumps(document, ensure_ascii=False))
        return
    if any(one.kind != "asrun" for one in found):
        raise UsageError(f"{name}: 只有播出日志(asrun)能写成表格 / only the as-run log makes a table")
    from broadcaster.asrun.report import write_csv
    from broadcaster.plan.files import read

    station, _ = read(home.root / "config" / "station.yaml", "config/station.yaml")
    tz = ZoneInfo(str((station.content.get("timezone") if station else None) or "UTC"))
    entries = sorted((_entry(document) for document in documents), key=lambda one: (one.planned_at, one.id))
    write_csv(csv_file, entries, tz)
    click.echo(f"{csv_file}: {len(entries)} 行 rows")


@archive.command()
@json_flag
@click.pass_obj
def verify(home: Home, as_json: bool) -> None:
    """通读全部归档,核对校验和与行数 · Read all of it through: checksums and rows."""
    from broadcaster.ops.archive import Archive

    found = Archive(home).verify()
    if as_json:
        out([{"name": one.part.name, "rows": one.part.rows, "fault": one.fault} for one in found])
    else:
        for one in found:
            click.echo(f"{one.part.name}  {one.fault or '完好 ok'}")
    if any(one.fault for one in found):
        sys.exit(1)


def _entry(document: dict[str, Any]) -> Any:
    from broadcaster.asrun.entries import Entry, Outcome

    values = dict(document)
    values["date"] = dt.date.fromisoformat(values["date"])
    for name in ("planned_at", "armed_at", "commanded_at", "heard_at", "ended_at"):
        values[name] = values[name] and dt.datetime.fromisoformat(values[name])
    values["outcome"] = values["outcome"] and Outcome(values["outcome"])
    return Entry(**values)

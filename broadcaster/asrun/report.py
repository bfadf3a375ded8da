"""The as-run log as a document for programs and as a table for people."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from broadcaster.asrun.entries import Entry, Outcome, as_json
from broadcaster.errors import UsageError

_HEADERS = (
    "日期 Date",
    "分区 Zone",
    "计划时间 Planned",
    "发令时间 Commanded",
    "听到时间 Heard",
    "结束时间 Ended",
    "延迟(秒) Late (s)",
    "类别 Kind",
    "标题 Title",
    "编号 Reference",
    "结果 Outcome",
    "原因 Reason",
    "响度 Loudness (LUFS)",
    "时区 Offset",
    "条目 Spot or track",
    "听到依据 Heard by",
)

_AT_ONCE = 50
"""Rows of a piece."""

_HEARD_BY = {None: "", "ear": "监听 ear", "player": "播放器 player"}


#: What became of an entry, in the words of a table.
OUTCOME_WORDS = {
    None: "未结束 open",
    Outcome.AIRED: "已播 aired",
    Outcome.PARTIAL: "部分播出 partial",
    Outcome.SKIPPED: "跳过 skipped",
    Outcome.FAILED: "失败 failed",
}

# What a spreadsheet takes for the beginning of a formula, in the widths of an East Asian keyboard too.
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")


def to_document(date: dt.date, entries: Iterable[Entry], tz: dt.tzinfo) -> dict[str, Any]:
    """What ``asrun --json`` prints and ``GET /api/v1/asrun/<date>`` answers; ``tz`` is the station's."""
    return {"date": date.isoformat(), "entries": [as_json(entry, tz) for entry in entries]}


def csv_text(entries: Iterable[Entry], tz: dt.tzinfo) -> str:
    """The table as text, with the byte order mark without which Excel takes it for the system's code page.

    Instants are local, to the second, because Excel hides the hour of anything finer; how late an entry was comes
    to the millisecond in a column of its own. No cell can be taken for a formula.
    """
    return "".join(csv_pieces(entries, tz))


def csv_pieces(entries: Iterable[Entry], tz: dt.tzinfo) -> Iterator[str]:
    """:func:`csv_text` piece by piece, for who reads while it is written."""
    rest = iter(entries)
    out = io.StringIO(newline="")
    out.write("\ufeff")
    writer = csv.writer(out)
    writer.writerow(_HEADERS)
    while rows := list(islice(rest, _AT_ONCE)):
        writer.writerows(_row(entry, tz) for entry in rows)
        yield out.getvalue()
        out.seek(0)
        out.truncate()
    yield out.getvalue()


def write_csv(file: Path, entries: Iterable[Entry], tz: dt.tzinfo) -> None:
    """Write :func:`csv_text` to a file. Raises ``UsageError`` if that can't be done, as when Excel holds it open."""
    try:
        # The bytes as they are: text mode would double the line ends on Windows.
        file.write_bytes(csv_text(entries, tz).encode())
    except OSError as error:
        raise UsageError(f"{file}: can't be written ({error.strerror or error})") from error


def _row(entry: Entry, tz: dt.tzinfo) -> list[str]:
    sounded = entry.heard_at or entry.commanded_at
    late = f"{(sounded - entry.planned_at).total_seconds():.3f}" if sounded else ""
    loudness = f"{entry.loudness_lufs:.1f}" if entry.loudness_lufs is not None else ""
    instants = (entry.planned_at, entry.commanded_at, entry.heard_at, entry.ended_at)
    return [
        entry.date.isoformat(),
        harmless(entry.zone),
        *(local_second(instant, tz) for instant in instants),
        late,
        harmless(entry.kind),
        harmless(entry.title),
        harmless(entry.ref),
        OUTCOME_WORDS[entry.outcome],
        harmless(entry.reason),
        loudness,
        f"UTC{entry.planned_at.astimezone(tz).isoformat()[-6:]}",
        harmless(entry.spot_id or entry.track or ""),
        _HEARD_BY.get(entry.heard_by, ""),
    ]


def local_second(instant: dt.datetime | None, tz: dt.tzinfo) -> str:
    """An instant for a spreadsheet: local, to the second; empty for None."""
    return "" if instant is None else instant.astimezone(tz).replace(tzinfo=None).isoformat(" ", "seconds")


def harmless(cell: str) -> str:
    """The text, marked as text where a spreadsheet would take it for a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) or cell.lstrip().startswith(_FORMULA) else cell

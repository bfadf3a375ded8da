"""Makes a home's database as it is after years: a million as-run rows, ten thousand notices, a long audit trail.

``python -m bench.pages_data [FILE]`` writes one (about a minute) and prints its path and sizes; the pages' bench then
points a station at it. Everything is made by the day and the number, without chance: the same file each time.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import insert

from broadcaster.notices.models import NoticeDraft, content_hash
from broadcaster.plan.plan import Clip
from broadcaster.store.database import Database, open_database
from broadcaster.store.notices import NO, YES
from broadcaster.store.tables import (
    approvals,
    asrun,
    audit,
    contracts,
    day_promises,
    day_texts,
    notices,
    renderings,
    revisions,
    vendors,
)

ZONE = "main"
TZ = ZoneInfo("Asia/Shanghai")
LAST = date(2026, 11, 22)
ROWS = 1_000_000
NOTICES = 10_000
VENDORS = 50
SPOTS, TRACKS = 560, 240
"""Of a day; 1,250 days make a million."""
BATCH = 20_000
TEXTS = tuple(f"亲爱的顾客,{floor}楼东侧的展位今日有优惠,欢迎前去看看。" for floor in "一二三四五六七八九")
"""What notices say: few, so that their recordings are made in seconds."""
REASONS = ("", "播放引擎重启 / the engine was restarted", "过时 / too late", "录音缺失 / no recording")
OUTCOMES = ("aired",) * 94 + ("partial", "partial", "skipped", "skipped", "skipped", "failed")


def fill(
    path: Path, rows: int = ROWS, count: int = NOTICES, last: date = LAST, clips: Mapping[str, Clip] | None = None
) -> Database:
    """Make the database at ``path``; ``last`` is the last date in its log. Returns it open.

    ``clips`` are recordings of :data:`TEXTS`; without them a daemon on this database will want to speak.
    """
    database = open_database(path)
    days = max(1, rows // (SPOTS + TRACKS))
    first = last - timedelta(days=days - 1)
    _write(database, vendors, _vendors(first))
    _write(database, contracts, _contracts(first, last))
    heads, bodies, verdicts, sounds = _notices(count, first, last, clips or {})
    for table, made in ((notices, heads), (revisions, bodies), (approvals, verdicts), (renderings, sounds)):
        _write(database, table, iter(made))
    _write(database, asrun, _asrun(first, days, rows, count))
    _write(database, day_promises, _promises(first, days, count))
    _write(database, day_texts, _texts(first, days, count))
    _write(database, audit, _audit(first, days, count))
    with database.writing() as connection:
        # The planner knows of big tables what a few years' use would have told it, and no more.
        connection.exec_driver_sql("PRAGMA optimize")
    return database


def _write(database: Database, table: Any, rows: Iterator[dict[str, Any]]) -> None:
    batch: list[dict[str, Any]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == BATCH:
            with database.writing() as connection:
                connection.execute(insert(table), batch)
            batch = []
    if batch:
        with database.writing() as connection:
            connection.execute(insert(table), batch)


def _at(on: date, second: float) -> datetime:
    return datetime(on.year, on.month, on.day, tzinfo=TZ).astimezone(UTC) + timedelta(seconds=second)


def _vendor(number: int) -> str:
    return f"vendor-{number % VENDORS:02}"


def _vendors(first: date) -> Iterator[dict[str, Any]]:
    for number in range(VENDORS):
        yield {"id": _vendor(number), "name_zh": f"商户{number:02}", "name_en": f"Vendor {number}", "weight": 1.0,
               "approvals": None, "created_at": _at(first, 0)}  # fmt: skip


def _contracts(first: date, last: date) -> Iterator[dict[str, Any]]:
    for number in range(VENDORS):
        yield {"vendor": _vendor(number), "first": first, "last": last, "rotation": "vendor-promos", "per_day": 8,
               "fee_kind": "per_airing", "fee_cents": 500, "note": "", "made_at": _at(first, 0)}  # fmt: skip


def _notices(count: int, first: date, last: date, clips: Mapping[str, Clip]) -> tuple[list[dict[str, Any]], ...]:
    heads, bodies, verdicts = [], [], []
    sounds: list[dict[str, Any]] = []
    span = (last - first).days + 1
    for number in range(1, count + 1):
        begin = first + timedelta(days=number * span // count)
        end = min(begin + timedelta(days=30), last + timedelta(days=30))
        vendor = _vendor(number) if number % 2 else None
        at_once = f"{10 + number * 7 % 11}:{number * 13 % 60:02}"
        when = {"rotation": "vendor-promos"} if vendor else {"at": [at_once]}
        draft = NoticeDraft.model_validate({
            "title": f"第 {number} 号通知", "text": TEXTS[number % len(TEXTS)], "vendor": vendor,
            "when": {**when, "first": begin.isoformat(), "last": end.isoformat()},
        })  # fmt: skip
        content = draft.content()
        held, at = content_hash(content), _at(begin, -3600)
        state = "ready" if number % 10 else "rejected"
        heads.append({
            "id": number, "state": state, "revision": 1, "author": "xiaomei", "title": draft.title,
            "searched": f"{draft.title}\n{draft.text}\nxiaomei".casefold(), "vendor": vendor, "last": end, "reason": "",
            "created_at": at, "changed_at": at,
        })  # fmt: skip
        bodies.append({
            "notice": number, "revision": 1, "content": content, "content_hash": held, "author": "xiaomei", "at": at,
            "needed": 1, "first": begin, "last": end, "effective_at": at if state == "ready" else None,
        })  # fmt: skip
        verdicts.append({
            "notice": number, "revision": 1, "who": "wanglan", "verdict": YES if state == "ready" else NO,
            "reason": "", "at": at, "content_hash": held,
        })  # fmt: skip
        if state == "ready":
            clip = clips.get(draft.text) or Clip(path=f"clip-{number}.wav", duration_s=18.0, key=f"key-{number}")
            sounds.append({
                "notice": number, "revision": 1, "clip_path": clip.path, "clip_key": clip.key,
                "duration_s": clip.duration_s, "engine": "none", "facts": {}, "since": at, "until": None,
            })  # fmt: skip
    return heads, bodies, verdicts, sounds


def _number(day: int, spot: int, count: int) -> int:
    """Which notice a spot of a day is: one of those of its weeks."""
    return max(1, min(count, day * count // 1250 - spot * 7 % 240)) if count else 0


def _asrun(first: date, days: int, rows: int, count: int) -> Iterator[dict[str, Any]]:
    left = rows
    for day in range(days):
        on = first + timedelta(days=day)
        for spot in range(min(SPOTS, left)):
            yield _spot(on, day, spot, count)
        left -= min(SPOTS, left)
        for track in range(min(TRACKS, left)):
            at = _at(on, 33600 + track * 120)
            yield {
                "zone": ZONE, "date": on, "spot_id": None, "track": f"{track % 40:02} 晨光.flac", "kind": "bed",
                "ref": "light", "title": f"晨光 {track % 40}", "planned_at": at, "armed_at": None, "commanded_at": at,
                "heard_at": at, "ended_at": at + timedelta(seconds=120), "outcome": "aired", "reason": "",
                "loudness_lufs": -22.0,
            }  # fmt: skip
        left -= min(TRACKS, left)


def _spot(on: date, day: int, spot: int, count: int) -> dict[str, Any]:
    at = _at(on, 33600 + spot * 51)
    outcome = OUTCOMES[(day * 31 + spot * 7) % 100]
    sounded = outcome in ("aired", "partial")
    notice = spot % 3 > 0
    number = _number(day, spot, count)
    return {
        "zone": ZONE, "date": on, "spot_id": f"{on.isoformat()}/{spot:04}", "track": None,
        "kind": "notice" if notice else "script", "ref": f"notice-{number}" if notice else f"script-{spot % 12}",
        "title": f"第 {number} 号通知" if notice else f"固定文稿 {spot % 12}", "planned_at": at, "armed_at": at,
        "commanded_at": at if sounded else None, "heard_at": at if sounded else None,
        "ended_at": at + timedelta(seconds=18) if sounded else None, "outcome": outcome,
        "reason": "" if outcome == "aired" else REASONS[1 + spot % 3], "loudness_lufs": -16.0 if sounded else None,
    }  # fmt: skip


def _promises(first: date, days: int, count: int) -> Iterator[dict[str, Any]]:
    for day in range(days):
        on = first + timedelta(days=day)
        yield {"date": on, "zone": ZONE, "ref": "", "contracted": 0}
        refs = {_number(day, spot, count) for spot in range(120)}
        for number in sorted(number for number in refs if number % 2)[:50]:
            yield {"date": on, "zone": ZONE, "ref": f"notice-{number}", "contracted": 2}


def _texts(first: date, days: int, count: int) -> Iterator[dict[str, Any]]:
    for day in range(days):
        on = first + timedelta(days=day)
        for number in sorted({_number(day, spot, count) for spot in range(40)}):
            yield {
                "date": on, "zone": ZONE, "ref": f"notice-{number}", "key": f"key-{number}", "kept_at": _at(on, 33000),
                "title": f"第 {number} 号通知", "text": f"亲爱的顾客,{number} 号展位今日有优惠。",
                "spoken": f"亲爱的顾客,{number} 号展位今日有优惠。", "author": "xiaomei", "approved_by": "wanglan",
            }  # fmt: skip


def _audit(first: date, days: int, count: int) -> Iterator[dict[str, Any]]:
    for number in range(count * 3):
        deed = ("notice.submit", "notice.approve", "notice.ready", "day.mark", "air.skip")[number % 5]
        yield {
            "at": _at(first, 34000 + number * days * 86400 / (count * 3)), "who": ("xiaomei", "wanglan")[number % 2],
            "what": deed, "detail": {"title": f"第 {number} 号通知", "revision": 1}, "where": "192.0.2.7",
            "subject": f"notice-{number % count + 1}" if deed.startswith("notice") else None,
        }  # fmt: skip


def main() -> None:
    """Make one and tell of it as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", nargs="?", type=Path)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--notices", type=int, default=NOTICES)
    asked = parser.parse_args()
    path = asked.file or Path(tempfile.mkdtemp(prefix="pages-data-")) / "broadcaster.db"
    begun = perf_counter()
    fill(path, asked.rows, asked.notices).dispose()
    took_s, size_mb = perf_counter() - begun, path.stat().st_size / 1e6
    print(json.dumps({"file": str(path), "rows": asked.rows, "took_s": round(took_s, 1), "size_mb": round(size_mb)}))


if __name__ == "__main__":
    main()

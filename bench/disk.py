"""How much disk a year takes: ``python -m bench.disk [--days 366 --vendors 50 --notices 40]``.

A year's log of the starter programme's own days is written into a real database, with the texts, promises, audit
entries and notices of a busy house, and weighed; half a year of it is archived, to weigh that. What follows from the
settings (the recorded air, backups) is reckoned and says so.
"""

from __future__ import annotations

import argparse
import tempfile
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import insert

from bench.pages_data import fill
from broadcaster.ops.archive import Archive, month_days
from broadcaster.plan.plan import Plan
from broadcaster.publishing.almanac import Almanac
from broadcaster.rundown.events import Rundown
from broadcaster.settings import Home
from broadcaster.store.database import Database, open_database
from broadcaster.store.day_sums import DaySums
from broadcaster.store.retiring import Retiring
from broadcaster.store.tables import asrun
from tests.rundown_kit import starter_plan

ZONE = "main"
FIRST = date(2026, 1, 1)
TRACK_S = 210.0
"""Of a song; the starter's own music is shorter than what a house plays."""
BACKUPS = 14
KEPT_YEARS = 3


def log_of(rundown: Rundown) -> list[dict[str, object]]:
    """A day's rows as they are after it aired."""
    rows: list[dict[str, object]] = [
        {
            "zone": ZONE, "date": rundown.date, "spot_id": spot.id, "track": None, "kind": spot.kind, "ref": spot.ref,
            "title": spot.title.zh, "planned_at": spot.at, "armed_at": spot.at - timedelta(seconds=5),
            "commanded_at": spot.at, "heard_at": spot.at, "ended_at": spot.at + timedelta(seconds=spot.duration_s),
            "outcome": "aired", "reason": "", "loudness_lufs": -16.4, "heard_by": "ear",
        }
        for spot in rundown.spots
    ]  # fmt: skip
    for segment in rundown.segments:
        at = segment.start
        while segment.bed is not None and at < segment.end:
            rows.append({
                "zone": ZONE, "date": rundown.date, "spot_id": None, "track": f"playlists/light/{at:%H%M} a song.flac",
                "kind": "bed", "ref": segment.daypart, "title": "某一首歌曲的名字", "planned_at": at, "armed_at": None,
                "commanded_at": at, "heard_at": at, "ended_at": at + timedelta(seconds=TRACK_S), "outcome": "aired",
                "reason": "", "loudness_lufs": -22.1, "heard_by": "ear",
            })  # fmt: skip
            at += timedelta(seconds=TRACK_S)
    return rows


def days_of(plan: Plan, turns: int) -> list[list[dict[str, object]]]:
    """A week's days of the plan, with so many vendors' spots a day besides."""
    almanac = Almanac(None)
    found = []
    for number in range(7):
        on = FIRST + timedelta(days=number)
        rows = log_of(almanac.rundown(plan, on))
        opening = datetime.combine(on, time(10), plan.station.tz)
        for turn in range(turns):
            at = opening + timedelta(seconds=turn * 36_000 / max(1, turns))
            rows.append({
                **rows[0], "spot_id": f"{on}/vendor-promos/{turn:04}", "track": None, "kind": "notice",
                "ref": f"notice-{1 + turn % 60}", "title": "某商户的优惠通知", "planned_at": at, "commanded_at": at,
                "heard_at": at, "ended_at": at + timedelta(seconds=18),
            })  # fmt: skip
        found.append(rows)
    return found


def write_year(database: Database, week: list[list[dict[str, object]]], days: int) -> int:
    """The week again and again; how many rows."""
    count = 0
    for number in range(days):
        back, on = timedelta(days=number - number % 7), FIRST + timedelta(days=number)
        rows = [
            {
                name: on if name == "date" else value + back if isinstance(value, datetime) else value
                for name, value in row.items()
            }
            | ({"spot_id": f"{on}{str(row['spot_id'])[10:]}"} if row["spot_id"] else {})
            for row in week[number % 7]
        ]
        with database.writing() as connection:
            connection.execute(insert(asrun), rows)
        count += len(rows)
    return count


def size_of(database: Database) -> int:
    """Bytes of the file, with nothing left beside it."""
    assert database.path is not None
    with database.reading() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    return database.path.stat().st_size


def archived(database: Database, folder: Path) -> tuple[int, int]:
    """Rows and bytes of the first month in the archive."""
    month = f"{FIRST:%Y-%m}"
    retiring, after = Retiring(database, ZONE), FIRST + timedelta(days=3000)
    dated = (
        (on, document) for on in month_days(month) for document in retiring.of_day("asrun", on, after, after)
    )  # fmt: skip
    part = Archive(Home(folder)).write("asrun", month, dated, datetime.now(UTC))
    return part.rows, part.bytes


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--turns", type=int, default=200, help="vendors' spots a day, besides the programme's own")
    parser.add_argument("--notices", type=int, default=1000, help="notices a year")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        plan = starter_plan()
        week = days_of(plan, options.turns)
        empty = open_database(Path(work) / "log.db")
        begun = size_of(empty)
        rows = write_year(empty, week, options.days)
        log = size_of(empty) - begun
        sums = DaySums(empty, ZONE)
        before = size_of(empty)
        for number in range(options.days):
            sums.write(FIRST + timedelta(days=number), ZoneInfo(plan.station.timezone), datetime.now(UTC))
        summed = size_of(empty) - before
        kept_rows, kept = archived(empty, Path(work))
        empty.dispose()
        desk = fill(Path(work) / "desk.db", 0, options.notices)
        notices = size_of(desk)
        desk.dispose()
        air = plan.station.air_check
        hours = sum((one.end - one.start).total_seconds() for one in Almanac(None).rundown(plan, FIRST).segments) / 3600
    a_year = 365 / options.days
    print(f"{'what':52} {'MB a year':>10}")
    table: tuple[tuple[str, float], ...] = (
        (f"log: {rows / options.days:.0f} rows a day, {log / rows:.0f} bytes a row with its indexes", log * a_year),
        (f"the same in the archive: {kept / kept_rows:.0f} bytes a row", kept / kept_rows * rows * a_year),
        ("sums of the days", summed * a_year),
        (f"{options.notices} notices, their audit trail (one database)", notices),
    )
    for what, size in table:
        print(f"{what:52} {size / 1e6:10.1f}")
    day_mb = air.kbps * 1000 / 8 * hours * 3600 / 1e6
    day_mb = air.kbps * 1000 / 8 * hours * 3600 / 1e6
    most_mb = min(day_mb * air.days, air.budget_mb)
    print(f"\nreckoned: the recorded air is {day_mb:.0f} MB a day at {air.kbps} kbit/s ({hours:.1f} h of programme);")
    print(f"  {air.days} days of it, or {air.budget_mb} MB, are kept: {most_mb:.0f} MB in any year.")
    held = KEPT_YEARS * log * a_year + notices
    print(f"reckoned: a database of {KEPT_YEARS} years has {held / 1e6:.0f} MB; each of {BACKUPS} backups packs it.")


if __name__ == "__main__":
    main()

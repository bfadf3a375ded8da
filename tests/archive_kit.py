"""A home with records of years ago, and the night's work on them; run as a program it stops where it is told to."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select

from broadcaster.ops.archive import Archive
from broadcaster.ops.day_summing import DaySumming
from broadcaster.ops.retention import Retention
from broadcaster.settings import Home
from broadcaster.store.database import Database, open_database
from broadcaster.store.day_sums import DaySums
from broadcaster.store.retiring import Retiring
from broadcaster.store.tables import alerts, asrun, audit, day_promises, day_texts, plan_texts, plan_versions
from tests.notice_kit import HandClock
from tests.playout_kit import small_plan

ZONE = "main"
OLD = date(2022, 3, 26)
DAYS = 10
"""From then on: into the next month."""
ROWS = 40
"""Of the log, each day."""
POINTS = ("before-manifest", "before-delete", "between-deletes")


def at(on: date, second: float = 0.0) -> datetime:
    return datetime(on.year, on.month, on.day, 2, tzinfo=UTC) + timedelta(seconds=second)


def row(on: date, number: int, **changes: Any) -> dict[str, Any]:
    """A spot of the log that aired."""
    begun = at(on, number * 60)
    values = {
        "zone": ZONE, "date": on, "spot_id": f"{on}/{number}", "kind": "notice", "ref": f"notice-{number % 3 + 1}",
        "title": "通知", "planned_at": begun, "commanded_at": begun, "heard_at": begun, "heard_by": "ear",
        "ended_at": begun + timedelta(seconds=20), "outcome": "aired", "reason": "", "loudness_lufs": -16.25,
    }  # fmt: skip
    return {**values, **changes}


def fill(database: Database) -> None:
    days = [OLD + timedelta(days=number) for number in range(DAYS)]
    lately = date(2026, 11, 1)
    alert = {
        "zone": ZONE, "code": "silence", "severity": "urgent", "zh": "没声", "en": "silent", "told_to": {},
        "since": at(OLD, 60), "cleared_at": at(OLD, 90), "clear_told": True,
    }  # fmt: skip
    with database.writing() as connection:
        connection.execute(insert(asrun), [row(on, number) for on in [*days, lately] for number in range(ROWS)])
        connection.execute(insert(day_promises), [
            {"date": on, "zone": ZONE, "ref": ref, "contracted": 2} for on in days for ref in ("", "notice-1")
        ])  # fmt: skip
        connection.execute(insert(day_texts), [
            {"date": on, "zone": ZONE, "ref": "notice-1", "key": "k", "title": "通知", "text": "50元",
             "spoken": "五十元", "author": "a", "approved_by": "b", "kept_at": at(on)} for on in days
        ])  # fmt: skip
        connection.execute(insert(audit), [
            {"at": at(on), "who": "wanglan", "what": "day.mark", "detail": {"n": 1}, "where": "", "subject": None}
            for on in [*days, lately]
        ])  # fmt: skip
        connection.execute(insert(alerts), [
            {**alert, "acknowledged_at": at(OLD, 95), "acknowledged_by": "wanglan"},
            {**alert, "acknowledged_at": None, "acknowledged_by": None},
            {**alert, "acknowledged_at": at(OLD, 95), "acknowledged_by": "wanglan", "since": at(lately)},
        ])  # fmt: skip
        connection.execute(
            insert(plan_texts), [{"hash": f"h{number}", "text": f"text {number}"} for number in range(4)]
        )
        connection.execute(insert(plan_versions), [
            {"at": at(on), "who": "a", "how": "page", "words": "", "where": "", "changed": [],
             "files": {"one": f"h{number}", "all": "h3"}} for number, on in enumerate([OLD, days[5], days[-1]])
        ])  # fmt: skip


def rows_of(database: Database, table: Any) -> list[tuple[Any, ...]]:
    with database.reading() as connection:
        return [tuple(one) for one in connection.execute(select(table).order_by(*table.primary_key.columns))]


def night(
    home: Home, database: Database, clock: HandClock | None = None, retiring: Retiring | None = None, **rules: str
) -> Retention:
    """What the daemon does each night, ready to be run."""
    clock = clock or HandClock()
    plan = small_plan()
    kept = plan.station.retention.model_validate(rules)
    plan = plan.model_copy(update={"station": plan.station.model_copy(update={"retention": kept})})
    summing = DaySumming(DaySums(database, ZONE), clock, lambda: plan, pause_s=0)
    return Retention(
        Archive(home), retiring or Retiring(database, ZONE), clock, lambda: plan, summing.make_up_between, pause_s=0
    )


class _Stopping(Retiring):
    """Waits to be killed at a certain deletion."""

    def __init__(self, database: Database, stop: Callable[[], bool]) -> None:
        super().__init__(database, ZONE)
        self._due = stop

    def delete(self, kind: str, documents: Sequence[Any]) -> int:
        if self._due():
            _wait()
        return super().delete(kind, documents)


def _wait() -> None:
    sys.stdout.write("here\n")
    sys.stdout.flush()
    time.sleep(60)


def main() -> None:
    """``HOME POINT``: work, and wait at that point."""
    home, point = Home(Path(sys.argv[1])), sys.argv[2]
    calls = iter(range(1_000_000))
    wanted = {"before-delete": 0, "between-deletes": 1}.get(point)
    work = night(
        home, database := open_database(home.database), retiring=_Stopping(database, lambda: next(calls) == wanted)
    )
    if point == "before-manifest":
        import broadcaster.ops.archive as module

        vars(module)["write_whole"] = lambda *_words, **_more: _wait()
    work.run()


if __name__ == "__main__":
    main()

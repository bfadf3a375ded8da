"""The conductor's pen: a log that is slow, held by another or broken misses nothing, and never at the air's cost."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from broadcaster.asrun.entries import Outcome
from broadcaster.asrun.log import AsRunLog
from broadcaster.clock import monotonic
from broadcaster.errors import StoreError
from broadcaster.playout.conductor import Conductor
from broadcaster.playout.journal import SLOW_S, Journal
from broadcaster.playout.voice_player import COMMAND_S
from broadcaster.store.database import open_database
from tests.playout_kit import LOG_WAIT_S, World, local, small_plan, spot, world

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
TEN = local("10:00:00")
BRIEFLY_S = 0.02


class Stuck(AsRunLog):
    """A log on a disk that answers when it is let go, and remembers the order of what it was given."""

    def __init__(self, *values: Any) -> None:
        super().__init__(*values)
        self.free = threading.Event()
        self.given: list[str] = []

    def _wait(self, what: str) -> None:
        assert self.free.wait(LOG_WAIT_S)
        self.given.append(what)

    def arm_spot(self, **values: Any) -> bool:
        self._wait("armed")
        return super().arm_spot(**values)

    def spot_started(self, *values: Any) -> bool:
        self._wait("commanded")
        return super().spot_started(*values)

    def spot_ended(self, *values: Any) -> bool:
        self._wait("ended")
        return super().spot_ended(*values)

    def track_started(self, **values: Any) -> int:
        self._wait("track")
        return super().track_started(**values)


def _locked(*_: Any, **__: Any) -> bool:
    raise StoreError("database is locked")


@contextmanager
def _on_a_stuck_log(folder: Path, *spots: dict[str, Any], before_s: float) -> Iterator[tuple[World, Stuck, Journal]]:
    plan = small_plan(*spots)
    with world(folder, plan, TEN - timedelta(seconds=before_s)) as one:
        log = Stuck(one.database, "main")
        pen = Journal(log, wait_s=BRIEFLY_S)
        one.conductor = Conductor(one.engine, pen, one.clock)
        one.take(plan)
        try:
            yield one, log, pen
        finally:
            log.free.set()
            pen.close()


def test_a_spot_starts_on_its_instant_while_the_log_answers_nothing(tmp_path: Path) -> None:
    with _on_a_stuck_log(tmp_path / "home", spot("a", "10:00:00", 10.0), before_s=20) as (one, log, pen):
        one.run(25)
        (sound,) = one.voice()
        assert one.clock.wall_of(sound.since) == TEN
        assert one.spot_entries() == {}
        log.free.set()
        pen.close()
        (entry,) = one.spot_entries().values()
        assert (entry.commanded_at, entry.outcome) == (TEN, None)
        one.run(10)
        pen.close()
        (entry,) = one.spot_entries().values()
        assert (entry.commanded_at, entry.outcome) == (TEN, Outcome.AIRED)
        assert [what for what in log.given if what != "track"] == ["armed", "commanded", "ended"]


def test_a_track_that_began_while_the_log_was_stuck_gets_its_end(tmp_path: Path) -> None:
    with _on_a_stuck_log(tmp_path / "home", before_s=0) as (one, log, pen):
        one.run(5)
        assert one.bed() and one.conductor.on_air.track is not None and one.conductor.on_air.track.entry is None
        log.free.set()
        pen.close()
        one.run(1)
        (entry,) = one.log.open_entries()
        assert one.conductor.on_air.track.entry == entry.id
        one.conductor.close("stopped")
        assert one.log.open_entries() == []


def test_a_spot_that_the_log_refuses_late_is_not_aired(tmp_path: Path) -> None:
    with _on_a_stuck_log(tmp_path / "home", spot("a", "10:00:00", 10.0), before_s=20) as (one, log, pen):
        one.run(16)
        (planned,) = one.rundown(TEN.date()).spots
        # Another had it on air meanwhile, with the same log.
        one.log.arm_spot(
            date=TEN.date(), spot_id=planned.id, kind="script", ref="a", title="a", planned_at=TEN, armed_at=TEN
        )
        one.log.spot_started(planned.id, TEN)
        log.free.set()
        pen.close()
        one.run(20)
        assert one.voice() == []


def test_another_that_holds_the_database_does_not_hold_up_a_spot(tmp_path: Path) -> None:
    plan = small_plan(spot("a", "10:00:00", 10.0))
    with world(tmp_path / "home", plan, TEN - timedelta(seconds=20)) as one:
        pen = Journal(one.log, wait_s=BRIEFLY_S)
        one.conductor = Conductor(one.engine, pen, one.clock)
        one.take(plan)
        one.run(20 - COMMAND_S - 0.1)
        assert one.database.path is not None
        holder = sqlite3.connect(one.database.path, isolation_level=None)
        try:
            holder.execute("BEGIN IMMEDIATE")
            one.run(COMMAND_S + 1)
            (sound,) = one.voice()
            assert one.clock.wall_of(sound.since) == TEN
            (entry,) = one.spot_entries().values()
            assert entry.commanded_at is None
        finally:
            holder.close()
        pen.close()
        (entry,) = one.spot_entries().values()
        assert entry.commanded_at == TEN and not pen.trouble


def _airs_once(one: World, log: Stuck, pen: Journal) -> None:
    """The log is let go: the spot is heard on its instant, and nothing else of it."""
    log.free.set()
    pen.close()
    one.run(75)
    pen.close()
    (sound,) = one.voice()
    assert one.clock.wall_of(sound.since) == TEN
    (entry,) = one.spot_entries().values()
    assert entry.outcome is Outcome.AIRED


def test_what_was_put_back_before_its_first_line_was_written_airs_once(tmp_path: Path) -> None:
    with _on_a_stuck_log(tmp_path / "home", spot("a", "10:00:00", 10.0), before_s=20) as (one, log, pen):
        one.run(19.62)
        # Written down as commanded, then the clock is set back a minute: it is put back, and due anew.
        one.clock.step(-60.0)
        one.run(10)
        _airs_once(one, log, pen)


def test_one_that_is_put_back_twice_before_its_lines_are_written_still_airs(tmp_path: Path) -> None:
    with _on_a_stuck_log(tmp_path / "home", spot("a", "10:00:00", 10.0), before_s=20) as (one, log, pen):
        one.run(19.62)
        one.clock.step(-60.0)
        one.run(58)
        # Taken on anew, and not written down as commanded again yet.
        one.clock.step(-60.0)
        # Taken on once more, with the log still stuck.
        one.run(58)
        _airs_once(one, log, pen)


def test_what_a_broken_log_refused_is_written_in_its_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    database = open_database(tmp_path / "log.db")
    pen = Journal(AsRunLog(database, "main"), wait_s=LOG_WAIT_S)
    with monkeypatch.context() as away:
        away.setattr(AsRunLog, "spot_ended", _locked)
        for number in range(10):
            pen.spot_ended(str(number), NOW, Outcome.AIRED, "")
        assert "locked" in pen.trouble
        pen.catch_up()
        assert "locked" in pen.trouble
    written: list[str] = []
    monkeypatch.setattr(AsRunLog, "spot_ended", lambda self, spot_id, *_: written.append(spot_id))
    pen.catch_up()
    assert written == [str(number) for number in range(10)]
    assert pen.trouble == ""
    database.dispose()


def test_a_line_that_no_log_takes_does_not_stand_in_the_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    database = open_database(tmp_path / "log.db")
    pen = Journal(AsRunLog(database, "main"), wait_s=LOG_WAIT_S)
    written: list[str] = []

    def ended(self: AsRunLog, spot_id: str, *_: Any) -> bool:
        if spot_id == "odd":
            raise ValueError("no such instant")
        written.append(spot_id)
        return True

    monkeypatch.setattr(AsRunLog, "spot_ended", _locked)
    for name in ("first", "odd", "second"):
        pen.spot_ended(name, NOW, Outcome.AIRED, "")
    monkeypatch.setattr(AsRunLog, "spot_ended", ended)
    pen.catch_up()
    pen.spot_ended("third", NOW, Outcome.AIRED, "")
    assert written == ["first", "second", "third"] and pen.trouble == ""
    database.dispose()


def test_the_end_waits_for_a_log_that_is_still_held(tmp_path: Path) -> None:
    database = open_database(tmp_path / "log.db", busy_s=0.05)
    log = AsRunLog(database, "main")
    pen = Journal(log, wait_s=BRIEFLY_S)
    holder = sqlite3.connect(tmp_path / "log.db", isolation_level=None, check_same_thread=False)
    holder.execute("BEGIN IMMEDIATE")
    day = TEN.date()
    pen.call_started(day=day, kind="emergency", track="x", ref="fire", title="x", planned_at=TEN, at=TEN)
    freed = threading.Timer(0.5, holder.execute, ["ROLLBACK"])
    freed.start()
    pen.close()
    assert [one.ref for one in log.entries(day)] == ["fire"]
    freed.join()
    holder.close()
    database.dispose()


def test_a_log_that_takes_nothing_for_long_is_in_trouble(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    database = open_database(tmp_path / "log.db")
    log = Stuck(database, "main")
    pen = Journal(log, wait_s=BRIEFLY_S)
    now = monotonic()
    pen.spot_ended("a", NOW, Outcome.AIRED, "")
    assert pen.trouble == ""
    monkeypatch.setattr("broadcaster.playout.journal.monotonic", lambda: now + SLOW_S + 2)
    assert "7 s" in pen.trouble
    log.free.set()
    pen.close()
    assert pen.trouble == ""
    database.dispose()

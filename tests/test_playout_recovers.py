"""Trouble that passes: a locked log, a file that can't be opened for a moment, a lost recording, turns overnight."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from broadcaster.asrun.entries import Outcome
from broadcaster.asrun.log import AsRunLog, LeftOut
from broadcaster.errors import StoreError
from broadcaster.playout import journal
from broadcaster.playout.conductor import LEFT_OUT_MOST, Conductor
from broadcaster.playout.journal import Journal
from broadcaster.publishing.almanac import Almanac
from broadcaster.publishing.good_plan import GoodPlan
from broadcaster.store.database import open_database
from tests import rundown_kit
from tests.playout_kit import LOG_WAIT_S, local, small_plan, spot, world

TEN = local("10:00:00")


class SometimesLocked(AsRunLog):
    """A log that another process holds for a while."""

    locked = True

    def arm_spot(self, **values: Any) -> bool:
        self._check()
        return super().arm_spot(**values)

    def spot_started(self, spot_id: str, commanded_at: datetime) -> bool:
        self._check()
        return super().spot_started(spot_id, commanded_at)

    def spot_ended(self, spot_id: str, ended_at: datetime, outcome: Outcome, reason: str = "") -> bool:
        self._check()
        return super().spot_ended(spot_id, ended_at, outcome, reason)

    def _check(self) -> None:
        if self.locked:
            raise StoreError("locked")


def test_what_a_locked_log_missed_is_written_when_it_opens(tmp_path: Path) -> None:
    plan = small_plan(spot("a", "10:00:00", 10.0))
    with world(tmp_path / "home", plan, TEN - timedelta(seconds=20)) as one:
        log = SometimesLocked(one.database, "main")
        one.conductor = Conductor(one.engine, Journal(log, wait_s=LOG_WAIT_S), one.clock)
        one.take(plan)
        one.run(35)
        assert one.conductor.on_air.log_trouble == "locked" and one.spot_entries() == {}
        log.locked = False
        one.run(5)
        (entry,) = one.spot_entries().values()
        assert (entry.outcome, entry.commanded_at) == (Outcome.AIRED, TEN)
        assert one.conductor.on_air.log_trouble == ""


def test_a_spot_that_can_be_loaded_after_all_airs_on_time(tmp_path: Path) -> None:
    with world(tmp_path / "home", small_plan(spot("a", "10:00:00", 10.0)), TEN - timedelta(seconds=20)) as one:
        one.faults.unloadable.add("/voice/a.wav")
        one.run(17.5)
        one.faults.unloadable.clear()
        one.run(20)
        (entry,) = one.spot_entries().values()
        assert (entry.outcome, entry.commanded_at, entry.reason) == (Outcome.AIRED, TEN, "")


@pytest.mark.parametrize("asked_ahead", [True, False])
def test_a_day_comes_out_the_same_whenever_it_is_compiled(tmp_path: Path, asked_ahead: bool) -> None:
    """The turns of a date must not depend on whether somebody looked at it the evening before."""
    rule = {"id": "r", "rotation": "turns", "every": "1 h", "windows": [{"from": "10:00", "to": "15:00"}]}
    plan = rundown_kit.small_plan([rule], rotations={"turns": ["a", "b", "c"]})
    tomorrow = date(2026, 6, 2)
    database = open_database(tmp_path / "log.db")
    log = AsRunLog(database, "main")
    clock = _At(datetime(2026, 6, 1, 12, tzinfo=UTC))
    almanac = Almanac(log, clock)
    ahead = [almanac.rundown(plan, tomorrow), almanac.rundown(plan, date(2026, 6, 3))] if asked_ahead else []
    for one in almanac.rundown(plan, date(2026, 6, 1)).spots:
        values: dict[str, Any] = {
            "date": date(2026, 6, 1),
            "kind": one.kind,
            "ref": one.ref,
            "title": "",
            "planned_at": one.at,
        }
        log.arm_spot(spot_id=one.id, armed_at=one.at, **values)
        log.spot_started(one.id, one.at)
        log.spot_ended(one.id, one.end, Outcome.AIRED)
    fresh = Almanac(log, _At(datetime(2026, 6, 2, 1, tzinfo=UTC))).rundown(plan, tomorrow)
    assert almanac.rundown(plan, tomorrow) == fresh
    clock.instant = datetime(2026, 6, 3, 1, tzinfo=UTC)
    assert almanac.rundown(plan, date(2026, 6, 3)) == Almanac(log, clock).rundown(plan, date(2026, 6, 3))
    assert not ahead or ahead[0] == fresh
    database.dispose()


class _At:
    def __init__(self, instant: datetime) -> None:
        self.instant = instant

    def now(self) -> datetime:
        return self.instant

    def mono(self) -> float:
        return 0.0


def test_a_lost_recording_costs_itself_and_not_the_kept_plan(tmp_path: Path) -> None:
    plan = rundown_kit.small_plan([], tracks={"music": [10.0, 20.0]})
    there = tmp_path / "there.wav"
    there.touch()
    first, second = plan.playlists["music"].tracks
    tracks = (first.model_copy(update={"path": str(there)}), second)
    music = plan.playlists["music"].model_copy(update={"tracks": tracks})
    good = GoodPlan(fingerprint="", since=TEN, plan=plan.model_copy(update={"playlists": {"music": music}}))
    assert not good.complete
    assert [track.path for track in good.present.playlists["music"].tracks] == [str(there)]


def test_hundreds_of_spots_that_were_missed_keep_nothing_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = small_plan(spot("a", [f"{hour:02}:{minute:02}:30" for hour in range(9, 18) for minute in range(60)], 5.0))
    night = local("02:00:00")
    told: list[str] = []
    monkeypatch.setattr(journal, "decided", lambda what, **facts: told.append(what))
    with world(tmp_path / "home", plan, night) as one:
        one.run(2)
        writes: list[int] = []
        written = one.log.skip_spots

        def counted(spots: Sequence[LeftOut]) -> int:
            writes.append(len(spots))
            return written(spots)

        monkeypatch.setattr(one.log, "skip_spots", counted)
        one.clock.step((local("16:00:00") - one.now).total_seconds())
        turned = one.clock.mono()
        one.run(1)
        assert one.bed() and one.bed()[0].since - turned < 1.0
        one.run(60)
        assert 7 * 60 - 5 < sum(writes) <= 7 * 60 and len(writes) < 8 and max(writes) <= LEFT_OUT_MOST
        assert set(told) == {"spots-left-out"} and one.voice()

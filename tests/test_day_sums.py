"""What a day came to: summed from the log, kept once it is over, made up where it lacks."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import insert

from broadcaster.ops.day_summing import DaySumming
from broadcaster.store.database import Database, open_database
from broadcaster.store.day_sums import UNRECORDED, DaySums, KindSum, LoudnessSum, Missed, VendorSum, energy_mean
from broadcaster.store.tables import alerts, asrun, notices
from broadcaster.trends.figures import trends_of
from tests.archive_kit import ZONE, at, row
from tests.notice_kit import TODAY, HandClock
from tests.playout_kit import small_plan

SHANGHAI = ZoneInfo("Asia/Shanghai")
YESTERDAY = TODAY - timedelta(days=1)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = open_database(tmp_path / "broadcaster.db")
    with database.writing() as connection:
        connection.execute(insert(asrun), [
            row(YESTERDAY, 1), row(YESTERDAY, 2, loudness_lufs=-22.0, heard_by="player"),
            row(YESTERDAY, 3, outcome="skipped", reason="过时", heard_at=None, commanded_at=None, ended_at=None,
                heard_by=None, loudness_lufs=None),
        ])  # fmt: skip
        connection.execute(insert(notices).values(
            id=2, state="ready", revision=1, author="a", title="", searched="", vendor="tata", last=TODAY, reason="",
            created_at=at(TODAY), changed_at=at(TODAY),
        ))  # fmt: skip
        silent = {"zone": ZONE, "severity": "urgent", "zh": "", "en": "", "told_to": {}, "clear_told": True}
        connection.execute(insert(alerts), [
            {**silent, "code": "silence", "since": at(YESTERDAY, 10), "cleared_at": at(YESTERDAY, 40)},
            {**silent, "code": "output-gone", "since": at(YESTERDAY, 30), "cleared_at": at(YESTERDAY, 60)},
            {**silent, "code": "disk-low", "since": at(YESTERDAY, 0), "cleared_at": at(YESTERDAY, 600)},
        ])  # fmt: skip
    yield database
    database.dispose()


def test_a_day_is_summed(database: Database) -> None:
    found = DaySums(database, ZONE).compute(YESTERDAY, SHANGHAI)
    assert found.kinds == (KindSum("notice", "aired", 2, 40.0), KindSum("notice", "skipped", 1, 0.0))
    assert found.missed == (Missed("notice", "skipped", "过时", 1),)
    assert found.loudness == {"notice": LoudnessSum(-18.24, -22.0, -16.25, 2)}
    assert (found.heard_by, found.vendors) == ({"ear": 1, "player": 1}, {"tata": VendorSum(1, 1, 20.0)})
    # Two alerts at once are no double silence, and a full disk is none.
    assert (found.silence_s, found.fault_s) == ({"output-gone": 30.0, "silence": 30.0}, 50.0)


def test_what_is_kept_is_read_again_as_it_was_found(database: Database) -> None:
    sums = DaySums(database, ZONE)
    sums.write(YESTERDAY, SHANGHAI, at(TODAY))
    written = sums.write(YESTERDAY, SHANGHAI, at(TODAY), programme_s=43_200.0, planned_silence_s=60.0)
    assert sums.read(YESTERDAY, TODAY) == [written] and written.programme_s == 43_200.0


def test_days_that_are_over_are_made_up_and_today_is_not(database: Database) -> None:
    with database.writing() as connection:
        connection.execute(insert(asrun), [row(TODAY - timedelta(days=5), 1), row(TODAY, 1)])
    sums, plan = DaySums(database, ZONE), small_plan()
    work = DaySumming(sums, HandClock(), lambda: plan, pause_s=0)
    work.look()
    work.join()
    found = sums.read(TODAY - timedelta(days=9), TODAY)
    assert [(TODAY - one.date).days for one in found] == [5, 4, 3, 2, 1]
    assert [bool(one.kinds) for one in found] == [True, False, False, False, True]


def test_what_the_log_lacks_is_missed(database: Database) -> None:
    sums, plan = DaySums(database, ZONE), small_plan()
    work = DaySumming(sums, HandClock(), lambda: plan, pause_s=0)
    work.unrecorded = lambda on: ["script", "script"]
    work.make_up(plan, YESTERDAY, TODAY)
    (found,) = sums.read(YESTERDAY, YESTERDAY)
    assert found.kinds[-1] == KindSum("script", "unrecorded", 2, 0.0)
    assert found.missed[-1] == Missed("script", "unrecorded", UNRECORDED, 2)
    told = trends_of([found], YESTERDAY, YESTERDAY).total
    assert (told.due, told.aired, told.missed["unrecorded"]) == (5, 2, 2)


def test_of_dates_long_past_nobody_is_asked_what_was_planned(database: Database) -> None:
    sums, clock, plan = DaySums(database, ZONE), HandClock(), small_plan()
    work = DaySumming(sums, clock, lambda: plan, pause_s=0)
    work.unrecorded = lambda on: ["script"]
    clock.go(days=400)
    work.make_up_between(plan, YESTERDAY, YESTERDAY)
    assert not any(one.outcome == "unrecorded" for one in sums.read(YESTERDAY, YESTERDAY)[0].missed)


def test_yesterday_waits_for_the_end_of_its_last_entry(database: Database) -> None:
    with database.writing() as connection:
        connection.execute(insert(asrun).values(row(YESTERDAY, 9, outcome=None, ended_at=None)))
    sums, clock, plan = DaySums(database, ZONE), HandClock(), small_plan()
    work = DaySumming(sums, clock, lambda: plan, pause_s=0)
    assert (work.make_up(plan, YESTERDAY, TODAY), sums.read(YESTERDAY, TODAY)) == (1, [])
    clock.go(days=1)
    assert work.make_up(plan, YESTERDAY, TODAY + timedelta(days=1)) == 0 and len(sums.read(YESTERDAY, TODAY)) == 2


def test_loudness_is_averaged_by_energy() -> None:
    assert energy_mean([(-20.0, 1), (-20.0, 5)]) == pytest.approx(-20.0)
    assert energy_mean([(-10.0, 1), (-math.inf, 1)]) == pytest.approx(-13.01, abs=0.01)

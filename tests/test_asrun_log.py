from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from broadcaster.asrun.entries import Outcome
from broadcaster.asrun.log import Airing, AsRunLog, LeftOut
from broadcaster.errors import StoreError
from broadcaster.store.database import Database, open_database
from tests.store_support import BACKENDS, DAY, PLANNED, fresh, later, spot, track

ID = "welcome@0942"


@pytest.fixture(params=BACKENDS)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    with fresh(request.param, tmp_path) as opened:
        yield opened


@pytest.fixture
def log(database: Database) -> AsRunLog:
    return AsRunLog(database, "main")


def test_a_spot_from_arming_to_its_end(log: AsRunLog) -> None:
    assert log.arm_spot(**spot(), armed_at=later(-2))
    assert log.spot_started(ID, later(0.003))
    assert log.heard(ID, later(0.015))
    assert log.spot_ended(ID, later(48.2), Outcome.AIRED)
    assert log.heard(ID, loudness_lufs=-23.4)
    [entry] = log.entries(DAY)
    assert (entry.zone, entry.date, entry.spot_id, entry.track, entry.kind) == ("main", DAY, ID, None, "script")
    assert (entry.armed_at, entry.commanded_at) == (later(-2), later(0.003))
    assert (entry.heard_at, entry.ended_at) == (later(0.015), later(48.2))
    assert (entry.outcome, entry.loudness_lufs, entry.open, entry.reason) == (Outcome.AIRED, -23.4, False, "")


def test_a_spot_armed_but_never_commanded_is_armed_anew(log: AsRunLog) -> None:
    assert log.arm_spot(**spot(), armed_at=later(-2))
    assert log.arm_spot(**spot(title="新欢迎词"), armed_at=later(30))
    [entry] = log.entries(DAY)
    assert (entry.armed_at, entry.title) == (later(30), "新欢迎词")


def test_a_commanded_spot_never_airs_again(log: AsRunLog) -> None:
    log.arm_spot(**spot(), armed_at=later(-2))
    log.spot_started(ID, later(0))
    assert not log.arm_spot(**spot(), armed_at=later(5))
    log.spot_ended(ID, later(1), Outcome.FAILED, "engine gone")
    assert not log.arm_spot(**spot(), armed_at=later(5))
    assert log.spots_of(DAY)[ID].armed_at == later(-2)


def test_a_skipped_spot_cannot_be_armed(log: AsRunLog) -> None:
    assert log.skip_spot(**spot(), reason="too late by 190 s")
    assert not log.arm_spot(**spot(), armed_at=later(200))
    assert log.spots_of(DAY)[ID].outcome is Outcome.SKIPPED


def test_skipping_twice_keeps_the_first_reason(log: AsRunLog) -> None:
    assert log.skip_spot(**spot(), reason="too late", outcome=Outcome.FAILED)
    assert not log.skip_spot(**spot(), reason="other")
    [entry] = log.entries(DAY)
    assert (entry.reason, entry.outcome) == ("too late", Outcome.FAILED)


def test_skipping_leaves_an_aired_spot_alone(log: AsRunLog) -> None:
    log.arm_spot(**spot(), armed_at=later(-2))
    log.spot_started(ID, later(0))
    assert not log.skip_spot(**spot(), reason="too late")
    log.spot_ended(ID, later(48), Outcome.AIRED)
    assert not log.skip_spot(**spot(), reason="too late")
    assert (log.spots_of(DAY)[ID].outcome, log.spots_of(DAY)[ID].reason) == (Outcome.AIRED, "")


def test_an_armed_spot_can_be_skipped(log: AsRunLog) -> None:
    log.arm_spot(**spot(), armed_at=later(-2))
    assert log.skip_spot(**spot(), reason="fire input")
    assert not log.spot_started(ID, later(0))
    [entry] = log.entries(DAY)
    assert (entry.outcome, entry.armed_at, entry.commanded_at) == (Outcome.SKIPPED, later(-2), None)


def test_the_first_command_and_the_first_end_hold(log: AsRunLog) -> None:
    log.arm_spot(**spot(), armed_at=later(-2))
    assert log.spot_started(ID, later(0))
    assert not log.spot_started(ID, later(9))
    assert log.spot_ended(ID, later(20), Outcome.PARTIAL, "emergency")
    assert not log.spot_ended(ID, later(48), Outcome.AIRED)
    entry = log.spots_of(DAY)[ID]
    assert (entry.commanded_at, entry.ended_at, entry.outcome) == (later(0), later(20), Outcome.PARTIAL)


def test_a_spot_that_cannot_start_fails(log: AsRunLog) -> None:
    log.arm_spot(**spot(), armed_at=later(-2))
    assert log.spot_ended(ID, later(0), Outcome.FAILED, "file missing")
    assert not log.arm_spot(**spot(), armed_at=later(1))


def test_what_is_not_in_the_log_is_not_changed(log: AsRunLog) -> None:
    assert not log.spot_started(ID, PLANNED)
    assert not log.spot_ended(ID, PLANNED, Outcome.AIRED)
    assert not log.track_ended(7, PLANNED, Outcome.AIRED)
    assert not log.heard(7, PLANNED)
    assert log.entries(DAY) == []


def test_zones_do_not_meet(database: Database, log: AsRunLog) -> None:
    other = AsRunLog(database, "outdoor")
    assert log.arm_spot(**spot(), armed_at=PLANNED)
    assert other.arm_spot(**spot(), armed_at=PLANNED)
    log.spot_started(ID, PLANNED)
    number = log.track_started(**track())
    assert not other.track_ended(number, later(5), Outcome.AIRED)
    assert other.close_open(later(5), "restart") == 0
    assert [entry.commanded_at for entry in other.entries(DAY)] == [None]


def test_a_track_from_its_start_to_its_end(log: AsRunLog) -> None:
    number = log.track_started(**track())
    log.heard(number, later(0.01), -31.5)
    assert log.track_ended(number, later(180), Outcome.AIRED)
    [entry] = log.entries(DAY)
    assert (entry.id, entry.kind, entry.track, entry.spot_id) == (number, "bed", "morning/晨曲.flac", None)
    assert (entry.heard_at, entry.ended_at, entry.loudness_lufs) == (later(0.01), later(180), -31.5)


def test_the_same_track_may_come_again(log: AsRunLog) -> None:
    assert log.track_started(**track()) != log.track_started(**track())
    assert len(log.entries(DAY)) == 2


def test_what_the_ear_says_later_keeps_the_first_instant(log: AsRunLog) -> None:
    number = log.track_started(**track())
    log.heard(number, later(1), -30.0)
    log.heard(number, later(2), float("-inf"))
    log.heard(number, loudness_lufs=-28.0)
    [entry] = log.entries(DAY)
    assert (entry.heard_at, entry.loudness_lufs) == (later(1), -28.0)


def test_a_crash_leaves_tracks_that_are_closed_and_spots_that_are_not(log: AsRunLog) -> None:
    log.arm_spot(**spot(), armed_at=later(-2))
    done, cut, last = (log.track_started(**track(commanded_at=later(at))) for at in (0, 100, 200))
    log.track_ended(done, later(100), Outcome.AIRED)
    assert [entry.id for entry in log.open_entries() if entry.track] == [cut, last]
    assert log.close_open(later(150).astimezone(ZoneInfo("Asia/Shanghai")), "restart") == 2
    assert [entry.spot_id for entry in log.open_entries()] == [ID]
    ends = {entry.id: (entry.ended_at, entry.outcome, entry.reason) for entry in log.entries(DAY)}
    assert ends[done] == (later(100), Outcome.AIRED, "")
    assert ends[cut] == (later(150), Outcome.PARTIAL, "restart")
    # It began after the last sign of life; it can't have ended before.
    assert ends[last] == (later(200), Outcome.PARTIAL, "restart")


def test_entries_come_in_the_order_of_the_plan(log: AsRunLog) -> None:
    log.skip_spot(**spot("c"), reason="skipped: no command, so it comes last of its instant")
    log.arm_spot(**spot("b"), armed_at=PLANNED)
    log.spot_started("b", later(2))
    log.track_started(**track(track="a", commanded_at=later(1)))
    log.arm_spot(**spot("z", planned_at=later(-1)), armed_at=PLANNED)
    log.arm_spot(**spot("other day", date=DAY + dt.timedelta(1)), armed_at=PLANNED)
    assert [entry.spot_id or entry.track for entry in log.entries(DAY)] == ["z", "a", "b", "c"]


def test_between_takes_the_start_and_leaves_the_end(log: AsRunLog) -> None:
    for number in range(4):
        log.arm_spot(**spot(str(number), planned_at=later(number)), armed_at=PLANNED)
    assert [entry.spot_id for entry in log.entries_between(later(1), later(3))] == ["1", "2"]


def test_airings_are_spots_that_sounded(log: AsRunLog) -> None:
    ends = {"aired": Outcome.AIRED, "partial": Outcome.PARTIAL, "failed": Outcome.FAILED}
    for number, (name, outcome) in enumerate(ends.items()):
        log.arm_spot(**spot(name, ref=name, planned_at=later(number)), armed_at=PLANNED)
        log.spot_ended(name, later(9), outcome)
    log.skip_spot(**spot("skipped"), reason="late")
    log.track_ended(log.track_started(**track()), later(9), Outcome.AIRED)
    assert log.airings_since(DAY) == [Airing("aired", later(0), DAY), Airing("partial", later(1), DAY)]
    assert log.airings_since(DAY + dt.timedelta(1)) == []


def test_what_sounded_at_an_instant(log: AsRunLog) -> None:
    bed = log.track_started(**track())
    log.arm_spot(**spot(planned_at=later(10)), armed_at=later(8))
    log.spot_started(ID, later(10))
    log.spot_ended(ID, later(20), Outcome.AIRED)
    log.skip_spot(**spot("skipped"), reason="late")

    def names(seconds: float) -> list[str | None]:
        return [entry.spot_id or entry.track for entry in log.entry_at(later(seconds))]

    assert names(-1) == []
    assert names(9.999) == ["morning/晨曲.flac"]
    assert names(10) == names(19.999) == ["morning/晨曲.flac", ID]
    assert names(20) == ["morning/晨曲.flac"]
    log.track_ended(bed, later(30), Outcome.AIRED)
    assert names(30) == []


def test_naive_instants_are_refused(log: AsRunLog) -> None:
    with pytest.raises(ValueError, match="2026-11-28T01:42:00"):
        log.arm_spot(**spot(), armed_at=PLANNED.replace(tzinfo=None))
    with pytest.raises(ValueError, match="naive"):
        log.entry_at(PLANNED.replace(tzinfo=None))
    assert log.entries(DAY) == []


def test_a_name_that_is_no_text_is_still_logged(log: AsRunLog) -> None:
    name = b"\xbb\xb6\xd3\xad.mp3".decode("utf-8", "surrogateescape")
    log.track_started(**track(track=name, title="a\0b"))
    [entry] = log.entries(DAY)
    assert (entry.track, entry.title) == ("\ufffd\ufffdӭ.mp3", "a\ufffdb")


def test_a_log_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    opened = open_database(tmp_path / "broadcaster.db")
    with opened.writing() as connection:
        connection.exec_driver_sql("DROP TABLE asrun")
    with pytest.raises(StoreError, match=r"broadcaster\.db.*asrun"):
        AsRunLog(opened, "main").arm_spot(**spot(), armed_at=PLANNED)
    opened.dispose()


# Naive, as the strategy wants them; the zone is added below.
EARLIEST, LATEST = dt.datetime.fromisoformat("1902-01-01"), dt.datetime.fromisoformat("2199-12-31")
ZONES = st.sampled_from(["UTC", "Asia/Shanghai", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe"])
INSTANTS = st.builds(
    lambda local, zone, fold: local.replace(tzinfo=ZoneInfo(zone), fold=fold),
    st.datetimes(EARLIEST, LATEST),
    ZONES,
    st.sampled_from([0, 1]),
)
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)
NAMES = st.one_of(TEXTS, st.text("欢迎光临请把门关好：，。🎵é%'\"\\;-=", min_size=1, max_size=30))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    names=st.tuples(NAMES, NAMES, NAMES, NAMES),
    instants=st.tuples(INSTANTS, INSTANTS, INSTANTS, INSTANTS, INSTANTS),
    outcome=st.sampled_from(Outcome),
    loudness=st.floats(-120, 20),
    day=st.dates(dt.date(1902, 1, 1), dt.date(2199, 12, 31)),
)
def test_whatever_is_written_is_read(
    database: Database,
    names: tuple[str, str, str, str],
    instants: tuple[dt.datetime, ...],
    outcome: Outcome,
    loudness: float,
    day: dt.date,
) -> None:
    ref, title, reason, zone = names
    # Planned on its date; how long it takes to be heard is nobody's business here.
    instants = (instants[0].replace(year=day.year, month=day.month, day=day.day), *instants[1:])
    planned, armed, commanded, heard, ended = instants
    log = AsRunLog(database, zone)
    spot_id = f"{ref}-{len(log.spots_of(day))}-{day}"
    assert log.arm_spot(**spot(spot_id, date=day, ref=ref, title=title, planned_at=planned), armed_at=armed)
    log.spot_started(spot_id, commanded)
    log.heard(spot_id, heard, loudness)
    log.spot_ended(spot_id, ended, outcome, reason)
    entry = log.spots_of(day)[spot_id]
    read = (entry.planned_at, entry.armed_at, entry.commanded_at, entry.heard_at, entry.ended_at)
    assert read == tuple(instant.astimezone(dt.UTC) for instant in instants)
    assert all(instant is not None and instant.tzinfo is dt.UTC for instant in read)
    assert (entry.ref, entry.title, entry.reason, entry.zone) == names
    assert (entry.outcome, entry.loudness_lufs, entry.date) == (outcome, loudness, day)


def test_many_spots_are_skipped_at_once_and_none_that_was_commanded(log: AsRunLog) -> None:
    log.arm_spot(**spot("armed"), armed_at=later(-2))
    log.arm_spot(**spot("commanded"), armed_at=later(-2))
    log.spot_started("commanded", later(0))
    left = [LeftOut(**spot(name), reason="late") for name in ("armed", "commanded", "new", "newer")]
    assert log.skip_spots(left) == 3
    became = {name: (entry.outcome, entry.reason) for name, entry in log.spots_of(DAY).items()}
    skipped = (Outcome.SKIPPED, "late")
    assert became == {"armed": skipped, "commanded": (None, ""), "new": skipped, "newer": skipped}
    assert log.skip_spots([*left, LeftOut(**spot("last"), reason="a"), LeftOut(**spot("last"), reason="b")]) == 1

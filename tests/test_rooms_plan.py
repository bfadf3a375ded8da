"""The plan keeper with what changes between two plans, and the almanac with notices that can't always be read."""

from __future__ import annotations

import logging
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from broadcaster.clock import Clock
from broadcaster.errors import StoreError
from broadcaster.plan.models import Names, Timing
from broadcaster.plan.plan import Clip, Plan, TimelyClip, WeatherSpell
from broadcaster.publishing.almanac import Almanac
from broadcaster.publishing.good_plan import kept
from broadcaster.publishing.plan_keeper import PlanKeeper
from broadcaster.rundown.events import Notice
from broadcaster.settings import Home
from tests.live_kit import Store, all_day, wait
from tests.notice_kit import HandClock
from tests.playout_kit import small_plan
from tests.voice_fakes import FakeSpeaker, studio_with, write_hum

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
TODAY = date(2026, 11, 24)
RAIN = WeatherSpell(kinds=("rain",), since=NOON, until=NOON + timedelta(hours=2))


class Air:
    """Remembers what it was given."""

    def __init__(self) -> None:
        self.taken: list[tuple[Plan, datetime]] = []

    def take(self, plan: Plan, since: datetime) -> None:
        self.taken.append((plan, since))


def store(folder: Path) -> Store:
    one = Store(folder)
    one.lay_out(all_day("silence") + "spots:\n  - {id: call, title: 呼叫, script: call, at: '13:00'}\n")
    one.write("announcements/call.yaml", "title: 呼叫\ntext: 请听。\nchime: null\n")
    return one


def keeper(folder: Path, air: Air, clock: Clock, *, rehearsal: bool = False) -> PlanKeeper:
    studio = studio_with(folder, FakeSpeaker(write=write_hum))
    return PlanKeeper(Home(folder), clock, air.take, rehearsal=rehearsal, studio=studio)


def started(folder: Path, air: Air, clock: Clock, *, rehearsal: bool = False) -> PlanKeeper:
    """With the plan of the files on air, and its threads ended: the test does the rest."""
    one = keeper(folder, air, clock, rehearsal=rehearsal)
    one.start()
    try:
        wait(lambda: air.taken, 30, "the plan on air")
        if not rehearsal:
            wait(lambda: Home(folder).good_plan.exists(), 10, "the plan is kept")
    finally:
        one.stop()
    return one


def words(plan: Plan, since: datetime = NOON, hours: int = 2) -> TimelyClip:
    (clip,) = plan.clips.values()
    return TimelyClip(script="call", clip=clip, since=since, until=since + timedelta(hours=hours), text="今天有雨。")


def test_timely_words_are_taken_at_once_and_kept_for_the_next_start(tmp_path: Path) -> None:
    store(tmp_path)
    air, clock = Air(), HandClock(NOON)
    one = started(tmp_path, air, clock)
    plan, since = air.taken[-1]
    mark = kept(Home(tmp_path).good_plan)
    clock.go(minutes=5)
    one.set_timely((words(plan),), (RAIN,))
    assert air.taken[-1] == (plan.model_copy(update={"timely": (words(plan),), "weather": (RAIN,)}), since)
    good = kept(Home(tmp_path).good_plan)
    assert good is not None and mark is not None
    assert (good.fingerprint, good.since) == (mark.fingerprint, mark.since) and good.plan.timely == (words(plan),)


def test_nothing_is_taken_when_nothing_changed(tmp_path: Path) -> None:
    store(tmp_path)
    air = Air()
    one = started(tmp_path, air, HandClock(NOON))
    clips = (words(air.taken[-1][0]),)
    one.set_timely(clips, (RAIN,))
    told = len(air.taken)
    one.set_timely(tuple(clips), (RAIN,))
    assert len(air.taken) == told


def test_the_next_start_airs_the_timely_words_without_reading_the_files(tmp_path: Path) -> None:
    files = store(tmp_path)
    first, clock = Air(), HandClock(NOON)
    one = started(tmp_path, first, clock)
    one.set_timely((words(first.taken[-1][0]),), (RAIN,))
    files.write("config/levels.yaml", "no levels")
    again, second = Air(), None
    try:
        second = keeper(tmp_path, again, clock)
        second.start()
        assert again.taken[0][0].timely == first.taken[-1][0].timely and again.taken[0][0].weather == (RAIN,)
        told = second
        wait(lambda: told.faults, 30, "the faults of the files")
    finally:
        if second is not None:
            second.stop()
    assert second.plan == again.taken[0][0]


def test_timely_words_whose_sound_is_gone_are_left_out_at_the_start(tmp_path: Path) -> None:
    store(tmp_path)
    air, clock = Air(), HandClock(NOON)
    one = started(tmp_path, air, clock)
    gone = words(air.taken[-1][0]).model_copy(update={"clip": Clip(path="/gone.wav", duration_s=3.0, key="gone")})
    one.set_timely((gone,), ())
    again = Air()
    second = keeper(tmp_path, again, clock)
    second.start()
    second.stop()
    assert again.taken[0][0].timely == ()


def test_another_plan_of_the_files_keeps_the_timely_words(tmp_path: Path) -> None:
    files = store(tmp_path)
    air, clock = Air(), HandClock(NOON)
    one = keeper(tmp_path, air, clock)
    one.start()
    try:
        wait(lambda: air.taken, 30, "the plan on air")
        one.set_timely((words(air.taken[-1][0]),), (RAIN,))
        clock.go(minutes=1)
        files.write("config/levels.yaml", (tmp_path / "config/levels.yaml").read_text("utf-8").replace("[24", "[23"))
        one.look()
        wait(lambda: air.taken[-1][0].version != air.taken[0][0].version, 30, "the changed plan")
        plan, since = air.taken[-1]
        wait(lambda: (good := kept(Home(tmp_path).good_plan)) and good.plan == plan, 10, "the changed plan is kept")
    finally:
        one.stop()
    assert plan.timely and plan.weather == (RAIN,) and since == clock.now()


def test_retaking_changes_neither_the_plan_nor_since_when_it_holds(tmp_path: Path) -> None:
    store(tmp_path)
    air, clock = Air(), HandClock(NOON)
    one = started(tmp_path, air, clock)
    clock.go(minutes=3)
    one.retake()
    assert air.taken == [air.taken[0]] * 2


def test_a_rehearsal_keeps_nothing(tmp_path: Path) -> None:
    store(tmp_path)
    air = Air()
    one = started(tmp_path, air, HandClock(NOON), rehearsal=True)
    one.set_timely((words(air.taken[-1][0]),), ())
    assert air.taken[-1][0].timely and not Home(tmp_path).good_plan.exists()


def test_without_a_plan_there_is_nothing_to_retake(tmp_path: Path) -> None:
    air = Air()
    one = keeper(tmp_path, air, HandClock(NOON))
    one.retake()
    one.set_timely((), (RAIN,))
    assert air.taken == []


# --- the almanac ---


class Desk:
    """Says which notices there are, or fails."""

    def __init__(self) -> None:
        self.fault: StoreError | None = None
        clip = Clip(path="/voice/sale.wav", duration_s=8.0, key="sale")
        timing = Timing.model_validate({"at": ["10:00:00"]})
        self.notices: tuple[Notice, ...] = (
            Notice("notice-1", Names(zh="特价"), clip=clip, first=TODAY, last=TODAY, timing=timing),
        )

    def feed(self, on: date) -> tuple[Notice, ...]:
        if self.fault:
            raise self.fault
        return self.notices


def test_the_notices_last_known_stand_while_they_can_not_be_read(caplog: pytest.LogCaptureFixture) -> None:
    desk, plan = Desk(), small_plan()
    almanac = Almanac(None, HandClock(NOON), desk.feed)
    before = almanac.rundown(plan, TODAY)
    desk.fault, desk.notices = StoreError("locked"), ()
    almanac.forget()
    with caplog.at_level(logging.ERROR):
        assert almanac.rundown(plan, TODAY) == before and [spot.ref for spot in before.spots] == ["notice-1"]
    assert almanac.missed and "locked" in caplog.text
    desk.fault = None
    almanac.forget()
    assert almanac.rundown(plan, TODAY).spots == () and not almanac.missed


def test_a_date_never_known_has_no_notices_while_they_can_not_be_read() -> None:
    desk = Desk()
    almanac = Almanac(None, HandClock(NOON), desk.feed)
    almanac.rundown(small_plan(), TODAY)
    desk.fault = StoreError("locked")
    assert almanac.rundown(small_plan(), TODAY + timedelta(days=1)).spots == () and almanac.missed


def test_a_change_is_heard_of_when_it_is_told() -> None:
    desk, plan = Desk(), small_plan()
    almanac = Almanac(None, HandClock(NOON), desk.feed)
    almanac.rundown(plan, TODAY)
    desk.notices = ()
    assert almanac.rundown(plan, TODAY).spots != ()
    almanac.forget()
    assert almanac.rundown(plan, TODAY).spots == ()


def test_when_the_time_is_believed_only_today_counts_as_missed(tmp_path: Path) -> None:
    air, clock = Air(), HandClock(datetime(2006, 1, 1, tzinfo=UTC))
    store(tmp_path)
    one = started(tmp_path, air, clock)
    clock.at = NOON
    one.time_believed()
    assert one.plan is not None
    midnight = datetime(2026, 11, 24, tzinfo=one.plan.station.tz)
    good = kept(Home(tmp_path).good_plan)
    assert good is not None and good.since == air.taken[-1][1] == midnight

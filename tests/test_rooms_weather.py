"""What the weather does to the plan: what held stays, what says the same goes on, what is new begins."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from broadcaster.clock import Clock
from broadcaster.errors import VoiceError
from broadcaster.plan.models import Programme, WeatherSource
from broadcaster.plan.plan import Clip, Plan, TimelyClip, WeatherSpell
from broadcaster.publishing.good_plan import GoodPlan, keep
from broadcaster.publishing.plan_keeper import PlanKeeper
from broadcaster.rooms.weather_room import WeatherRoom, merged_clips, merged_spells, readings
from broadcaster.settings import Home
from broadcaster.voice.studio import Studio
from tests.notice_kit import HandClock
from tests.playout_kit import small_plan, spot
from tests.voice_fakes import FakeSpeaker, studio_with, write_hum
from tests.weather_kit import OPEN_METEO, Reply, Service, served

TEN = datetime(2026, 11, 28, 2, 0, tzinfo=UTC)
"""Ten in the morning of the recorded forecast's day, in Shanghai."""
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


def clip(name: str, since: datetime = TEN, hours: float = 2, read: int = 1) -> TimelyClip:
    sound = Clip(path=f"/voice/{name}.wav", duration_s=9.0, key=name)
    return TimelyClip(script="weather", read=read, clip=sound, since=since, until=since + hours * HOUR, text=name)


def heard(clips: Sequence[TimelyClip], at: datetime, read: int = 1) -> str | None:
    """What the script says at an instant: of two the later in the list."""
    found = [one.clip.key for one in clips if one.read == read and one.since <= at < one.until]
    return found[-1] if found else None


Look = tuple[int, str | None, int]
looks = st.lists(
    st.tuples(st.integers(1, 300), st.none() | st.sampled_from("abc"), st.integers(1, 400)), max_size=12
)  # fmt: skip
"""Minutes since the last look, what is said now, and for how many minutes."""


@given(looks)
def test_what_was_said_stays_said_and_what_is_new_is_said_from_now(history: list[Look]) -> None:
    present: tuple[TimelyClip, ...] = ()
    now = TEN
    for after, words, holds in history:
        now += after * MINUTE
        past = [now - ago * MINUTE for ago in range(1, 25 * 60, 7)]
        before = [heard(present, at) for at in past if at > now - timedelta(days=1)]
        # It was ready a moment before it is told of.
        new = [] if words is None else [clip(words, now - MINUTE, (holds + 1) / 60)]
        present = tuple(merged_clips(present, new, now))
        assert [heard(present, at) for at in past if at > now - timedelta(days=1)] == before
        assert heard(present, now) == words
        assert heard(present, now + holds * MINUTE) is None
        assert tuple(merged_clips(present, new, now + timedelta(seconds=1))) == present


def test_two_numbers_of_readings_don_t_touch_each_other() -> None:
    present = merged_clips((), [clip("once"), clip("twice", read=2)], TEN)
    later = merged_clips(tuple(present), [clip("other", TEN + HOUR)], TEN + HOUR)
    assert [heard(later, TEN + HOUR, read) for read in (1, 2)] == ["other", None]
    assert [heard(later, TEN, read) for read in (1, 2)] == ["once", "twice"]


def test_what_is_long_over_is_let_go() -> None:
    assert merged_clips((clip("old"),), [], TEN + 25 * HOUR) != []
    assert merged_clips((clip("old"),), [], TEN + 27 * HOUR) == []


def test_a_clock_set_back_does_not_silence_the_forecast() -> None:
    ahead = clip("a", TEN + HOUR)
    merged = merged_clips((ahead,), [clip("a", TEN)], TEN)
    assert heard(merged, TEN) == "a"


def spell(since: int, until: int, *kinds: str) -> WeatherSpell:
    return WeatherSpell.model_validate(
        {"kinds": kinds or ("rain",), "since": TEN + since * MINUTE, "until": TEN + until * MINUTE}
    )


def kinds_at(spells: Sequence[WeatherSpell], at: datetime) -> set[str]:
    return {kind for one in spells if one.since <= at < one.until for kind in one.kinds}


kinds = st.sampled_from([("rain",), ("wind",), ("heat",)])
Spans = list[tuple[int, int, tuple[str, ...]]]
spans = st.lists(st.tuples(st.integers(-60, 200), st.integers(1, 200), kinds), max_size=4)


def forecast(spans: Spans, now: int) -> list[WeatherSpell]:
    """As the keeper gives it: nothing of the past, and of one kind no two at once."""
    found: dict[tuple[str, ...], WeatherSpell] = {}
    for since, length, kind in spans:
        start, end = max(now, now + since), now + since + length
        if end > start:
            found[kind] = spell(start, end, *kind)
    return list(found.values())


@given(st.lists(st.tuples(st.integers(1, 90), spans), max_size=8))
def test_spells_leave_the_past_alone_and_hold_as_forecast(history: list[tuple[int, Spans]]) -> None:
    present: tuple[WeatherSpell, ...] = ()
    minute = 0
    for after, drawn in history:
        minute += after
        now, new = TEN + minute * MINUTE, tuple(forecast(drawn, minute))
        past = [now - ago * MINUTE for ago in range(1, minute)]
        before = [kinds_at(present, at) for at in past]
        present = merged_spells(present, new, now)
        assert [kinds_at(present, at) for at in past] == before
        ahead = [now + minutes * MINUTE for minutes in range(0, 400, 9)]
        assert [kinds_at(present, at) for at in ahead] == [kinds_at(new, at) for at in ahead]
        assert set(merged_spells(present, new, now)) == set(present)


def test_readings_are_those_that_the_programme_asks_for() -> None:
    twice = spot("weather", "10:00:00", read=2)
    plan = small_plan(twice, spot("other", "11:00:00"))
    assert readings(plan, "weather") == [2]
    assert readings(plan, "other") == [1]
    follows = [
        {**rule.model_dump(), "followed_by": ("weather",)} for rule in plan.programme.spots if rule.id == "other"
    ]
    more = plan.model_copy(update={"programme": Programme.model_validate({"dayparts": [], "spots": follows})})
    assert readings(more, "weather") == [1]


# --- the room at work ---


class Taken:
    """What the air was given."""

    def __init__(self) -> None:
        self.plans: list[tuple[Plan, datetime]] = []

    def __call__(self, plan: Plan, since: datetime) -> None:
        self.plans.append((plan, since))


class Room(WeatherRoom):
    """The room without its thread."""

    def look(self, plan: Plan | None) -> None:
        assert plan is not None
        self._look(plan)


def room(folder: Path, service: Service, studio: Studio, clock: Clock) -> tuple[Room, PlanKeeper, Taken]:
    plan = small_plan(spot("weather", "10:00:00"))
    source = {"place": "杭州", "latitude": 30.25, "longitude": 120.15, "url": service.url}
    station = plan.station.model_copy(update={"weather": WeatherSource.model_validate(source)})
    home = Home(folder)
    (folder / "config").mkdir()
    keep(
        home.good_plan, GoodPlan(fingerprint="f", since=TEN - HOUR, plan=plan.model_copy(update={"station": station}))
    )  # fmt: skip
    taken = Taken()
    keeper = PlanKeeper(home, clock, taken, studio=studio)
    keeper.start()
    keeper.stop()
    return Room(home, clock, keeper, studio), keeper, taken


def test_the_forecast_is_spoken_and_goes_when_it_is_too_old(tmp_path: Path) -> None:
    clock, speaker = HandClock(TEN), FakeSpeaker(write=write_hum)
    with served(OPEN_METEO) as service:
        one, keeper, taken = room(tmp_path, service, studio_with(tmp_path, speaker), clock)
        one.look(keeper.plan)
        one.look(keeper.plan)
        (said,) = keeper.plan.timely if keeper.plan else ()
        assert "杭州" in said.text and said.since == TEN and len(taken.plans) == 2
        service.replies.clear()
        clock.go(hours=2)
        one.look(keeper.plan)
        assert keeper.plan is not None and heard(keeper.plan.timely, clock.now()) is not None
        clock.go(hours=1, minutes=1)
        one.look(keeper.plan)
    assert heard(keeper.plan.timely, clock.now()) is None and heard(keeper.plan.timely, TEN) == said.clip.key
    health = one.health()
    assert health is not None and not health.ok and "中性" in health.zh


def test_a_forecast_that_nobody_can_speak_is_told_and_spoken_later(tmp_path: Path) -> None:
    clock, speaker = HandClock(TEN), FakeSpeaker(fault=VoiceError("the engine is on fire"))
    with served(OPEN_METEO) as service:
        studio = studio_with(tmp_path, speaker)
        one, keeper, _ = room(tmp_path, service, studio, clock)
        one.look(keeper.plan)
        told = one.health()
        assert told is not None and "on fire" in told.zh and keeper.plan is not None and not keeper.plan.timely
        clock.go(minutes=1)
        mended = studio_with(tmp_path, FakeSpeaker(write=write_hum))
        other = Room(Home(tmp_path), clock, keeper, mended)
        other.look(keeper.plan)
    assert heard(keeper.plan.timely, clock.now()) is not None
    health = other.health()
    assert health is not None and health.ok


def test_a_service_that_never_answers_leaves_the_neutral_text(tmp_path: Path) -> None:
    with served({"/v1/forecast": Reply(b"{}", 500)}) as service:
        one, keeper, taken = room(
            tmp_path, service, studio_with(tmp_path, FakeSpeaker(write=write_hum)), HandClock(TEN)
        )
        one.look(keeper.plan)
    assert len(taken.plans) == 1 and keeper.plan is not None and keeper.plan.timely == ()


def test_a_rehearsal_has_a_forecast_of_its_own(tmp_path: Path) -> None:
    with served(OPEN_METEO) as service:
        _, keeper, _ = room(
            tmp_path, service, studio := studio_with(tmp_path, FakeSpeaker(write=write_hum)), HandClock(TEN)
        )
        assert keeper.plan is not None
        rehearsed = Room(Home(tmp_path), HandClock(TEN), keeper, studio, rehearsal=True)
        rehearsed.look(keeper.plan)
    assert heard(keeper.plan.timely, TEN) and not (tmp_path / "var" / "weather.json").exists()

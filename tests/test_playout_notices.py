"""Notices on air: from their approval on, not a second longer than they may, and never before."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from broadcaster.asrun.entries import Entry, Outcome
from broadcaster.plan.models import Names, Timing
from broadcaster.plan.plan import Clip
from broadcaster.rundown.events import Notice
from tests.playout_kit import World, local, small_plan, spot, world

TEN = local("10:00:00")


def notice(name: str = "sale", length_s: float = 20.0, key: str = "", **values: object) -> Notice:
    clip = Clip(path=f"/voice/{name}{key}.wav", duration_s=length_s, key=name + key)
    day = TEN.date()
    return replace(Notice(id=name, title=Names(zh=name), clip=clip, first=day, last=day), **values)  # type: ignore[arg-type]


def entries(one: World) -> list[Entry]:
    return [entry for entry in one.spot_entries().values() if entry.kind == "notice"]


def heard(one: World) -> list[tuple[str, float]]:
    """What was spoken, and from when, in seconds after ten."""
    return [(sound.path, round((one.clock.wall_of(sound.since) - TEN).total_seconds(), 1)) for sound in one.voice()]


def at(*moments: str) -> Timing:
    return Timing.model_validate({"at": list(moments)})


def test_an_approved_notice_is_heard_at_its_time(tmp_path: Path) -> None:
    with world(tmp_path / "home", small_plan(), TEN - timedelta(minutes=1)) as one:
        one.notify(notice(timing=at("10:00:30"), since=TEN - timedelta(seconds=50)))
        one.run_to(TEN + timedelta(minutes=2))
        assert heard(one) == [("/voice/sale.wav", 30.0)]
        assert [entry.outcome for entry in entries(one)] == [Outcome.AIRED]


def test_a_notice_for_now_waits_for_what_is_speaking(tmp_path: Path) -> None:
    with world(tmp_path / "home", small_plan(spot("a", "10:00:00", 20.0)), TEN - timedelta(minutes=1)) as one:
        one.run_to(TEN + timedelta(seconds=5))
        one.notify(notice(moments=(one.now + timedelta(seconds=1),), since=one.now))
        one.run_to(TEN + timedelta(minutes=2))
        (first, _), (second, begins) = heard(one)
        assert (first, second) == ("/voice/a.wav", "/voice/sale.wav") and 20.9 < begins < 23
        assert [entry.outcome for entry in one.spot_entries().values()] == [Outcome.AIRED, Outcome.AIRED]


def test_a_vendors_turn_gives_way_to_what_is_urgent(tmp_path: Path) -> None:
    promo = spot("a", "10:00:00", 20.0, priority="rotation")
    with world(tmp_path / "home", small_plan(promo), TEN - timedelta(minutes=1)) as one:
        one.run_to(TEN + timedelta(seconds=5))
        one.notify(notice(moments=(one.now + timedelta(seconds=1),), since=one.now))
        one.run_to(TEN + timedelta(minutes=2))
        (first, second) = one.voice()
        assert one.clock.wall_of(first.until) - TEN < timedelta(seconds=6)
        assert 6 <= (one.clock.wall_of(second.since) - TEN).total_seconds() < 9
        cut, called = sorted(one.spot_entries().values(), key=lambda entry: entry.kind, reverse=True)
        assert (cut.outcome, called.outcome) == (Outcome.PARTIAL, Outcome.AIRED) and "让位" in cut.reason
        assert one.bed_faults(0.0) == []


def test_a_withdrawn_notice_falls_silent_at_once(tmp_path: Path) -> None:
    running = notice(timing=at("10:00:00"), since=TEN - timedelta(minutes=1))
    with world(tmp_path / "home", small_plan(), TEN - timedelta(minutes=1)) as one:
        one.notify(running)
        one.run_to(TEN + timedelta(seconds=7))
        one.notify(replace(running, until=one.now))
        one.run(0.3)
        assert one.speaks() is None
        one.run_to(TEN + timedelta(minutes=2))
        (entry,) = entries(one)
        assert entry.outcome is Outcome.PARTIAL and "撤回" in entry.reason
        assert one.bed_faults(0.0) == []


@pytest.mark.parametrize("before_s", [20.0, 4.0, 0.4])
def test_a_notice_withdrawn_before_its_time_is_never_heard(tmp_path: Path, before_s: float) -> None:
    running = notice(timing=at("10:00:00"), since=TEN - timedelta(minutes=1))
    with world(tmp_path / "home", small_plan(), TEN - timedelta(minutes=1)) as one:
        one.notify(running)
        one.run_to(TEN - timedelta(seconds=before_s))
        one.notify(replace(running, until=one.now))
        one.run_to(TEN + timedelta(minutes=1))
        assert heard(one) == []


def test_a_notice_that_ends_while_it_is_said_is_cut_there(tmp_path: Path) -> None:
    with world(tmp_path / "home", small_plan(), TEN - timedelta(minutes=1)) as one:
        ends = TEN + timedelta(seconds=8)
        one.notify(notice(timing=at("10:00:00"), since=TEN - timedelta(minutes=1), until=ends))
        one.run_to(TEN + timedelta(seconds=30))
        (sound,) = one.voice()
        assert 0 <= (one.clock.wall_of(sound.until) - ends).total_seconds() < 0.5


def test_a_withdrawn_notice_is_not_taken_up_after_a_crash(tmp_path: Path) -> None:
    running = notice(timing=at("10:00:00"), since=TEN - timedelta(minutes=1), length_s=60.0)
    with world(tmp_path / "home", small_plan(), TEN - timedelta(minutes=1)) as one:
        one.notify(running)
        one.run_to(TEN + timedelta(seconds=5))
        one.kill()
        one.notices = (replace(running, until=one.now + timedelta(seconds=2)),)
        one.clock.go_to(one.clock.mono() + 6)
        one.start()
        one.run(20)
        assert len(one.voice()) == 1
        assert [entry.outcome for entry in entries(one)] == [Outcome.PARTIAL]


def test_a_corrected_reading_does_not_cut_what_is_being_said(tmp_path: Path) -> None:
    running = notice(timing=at("10:00:00", "10:01:00"), since=TEN - timedelta(minutes=1))
    with world(tmp_path / "home", small_plan(), TEN - timedelta(minutes=1)) as one:
        one.notify(running)
        one.run_to(TEN + timedelta(seconds=5))
        anew = notice(key="-anew", timing=running.timing, since=one.now)
        one.notify(replace(running, until=one.now), anew)
        one.run_to(TEN + timedelta(minutes=2))
        assert heard(one) == [("/voice/sale.wav", 0.0), ("/voice/sale-anew.wav", 60.0)]
        assert {entry.outcome for entry in entries(one)} == {Outcome.AIRED}

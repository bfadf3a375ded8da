"""What is done at night, and who is asked which recordings are counted on."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from broadcaster.errors import StoreError
from broadcaster.media.shelf import Shelf
from broadcaster.media.verifying import is_as_made
from broadcaster.ops.nightly import NIGHTS, Nightly, due
from broadcaster.ops.pinned import Pinned
from broadcaster.plan.plan import Plan
from broadcaster.publishing.almanac import Almanac
from broadcaster.publishing.good_plan import GoodPlan, keep
from broadcaster.settings import Home
from tests.notice_kit import NINE, TODAY, HandClock, Scene, scene, timed
from tests.playout_kit import small_plan, spot


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "store")
    home.media.mkdir(parents=True)
    return home


@pytest.fixture
def desk(home: Home) -> Iterator[Scene]:
    home.var.mkdir(parents=True, exist_ok=True)
    with scene(home.var) as found:
        yield found


def _pinned(home: Home, desk: Scene, plan: Plan | None) -> frozenset[str]:
    almanac = Almanac(None, desk.clock, desk.desk.feed)
    return Pinned(home, desk.clock, lambda: plan, almanac, desk.database, [lambda: ["/media/chime.wav"]]).names()


def test_whoever_airs_a_recording_is_asked(home: Home, desk: Scene) -> None:
    plan = small_plan(spot("a", "10:00:00"), music={"music": (60.0,)})
    before = small_plan(spot("b", "10:00:00"), music={"old": (60.0,)})
    keep(home.good_plan, GoodPlan(fingerprint="", since=NINE, plan=before))
    ready = desk.ready(when=timed(last=TODAY + timedelta(days=9)))
    found = _pinned(home, desk, plan)
    assert {"music-0", "a", "old-0", "b", "chime", str(ready.id)} <= found


def test_a_notice_is_counted_on_until_it_is_long_over(home: Home, desk: Scene) -> None:
    plan, ready = small_plan(), desk.ready(when=timed(last=TODAY + timedelta(days=1)))
    kept = []
    for _ in range(6):
        kept.append(str(ready.id) in _pinned(home, desk, plan))
        desk.clock.go(days=1)
    assert kept == [True, True, True, True, False, False]


def test_an_earlier_recording_of_a_notice_is_counted_on_too(home: Home, desk: Scene) -> None:
    ready = desk.ready(when=timed(last=TODAY + timedelta(days=9)))
    desk.desk.withdraw(ready.id, desk_user(), "sold out")
    assert str(ready.id) in _pinned(home, desk, small_plan())


def desk_user() -> Any:
    from tests.notice_kit import BOB

    return BOB


def test_without_a_plan_nobody_can_tell(home: Home, desk: Scene) -> None:
    with pytest.raises(StoreError):
        _pinned(home, desk, None)


def _shelved(home: Home, *keys: str) -> Shelf:
    shelf = Shelf(home.media)
    for key in keys:
        temp = home.media / "fresh"
        temp.write_bytes(key.encode() * 1000)
        shelf.put(key, temp, {"duration_s": 1.0, "loudness_lufs": -18.0, "true_peak_db": -2.0, "gain_db": 0.0})
    return shelf


def test_a_recording_is_held_against_what_it_was_when_made(home: Home) -> None:
    shelf = _shelved(home, "good", "bad", "half")
    _damage(shelf.wav("bad"))
    shelf.sidecar("half").write_text('{"duration_s": 1')
    assert [is_as_made(shelf.wav(name)) for name in ("good", "bad", "half", "none")] == [True, False, False, None]


def test_one_of_an_earlier_version_is_remembered_from_now_on(home: Home) -> None:
    shelf = _shelved(home, "old")
    facts = json.loads(shelf.sidecar("old").read_text())
    del facts["sha256"]
    shelf.sidecar("old").write_text(json.dumps(facts))
    assert is_as_made(shelf.wav("old")) is True
    _damage(shelf.wav("old"))
    assert is_as_made(shelf.wav("old")) is False


def _damage(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


class Night:
    """A night's work on a home, with what it asked for."""

    def __init__(self, home: Home, pinned: Callable[[], Collection[str]], database: Path | None = None) -> None:
        self.clock = HandClock()
        self.done: list[str] = []
        plan = small_plan()
        self.nightly = Nightly(
            home, self.clock, lambda: plan, database=database, pinned=pinned, tidy=lambda: self.done.append("tidy"),
            renew=lambda: self.done.append("renew"), settle_s=0.0,
        )  # fmt: skip

    def look(self) -> list[str]:
        self.done.clear()
        self.nightly.look()
        self.nightly.join()
        return list(self.done)


def test_a_damaged_recording_goes_within_the_week_and_is_made_anew(home: Home) -> None:
    names = [f"{number}" * 8 for number in range(9)]
    shelf = _shelved(home, *names)
    _damage(shelf.wav(names[3]))
    night = Night(home, lambda: names)
    asked = []
    for _ in range(NIGHTS):
        asked += night.look()
        night.clock.go(days=1)
    assert asked.count("renew") == 1 and asked.count("tidy") == NIGHTS
    assert [name for name in names if shelf.get(name, "x") is None] == [names[3]]


def test_it_is_done_once_a_night_also_over_a_restart(home: Home) -> None:
    assert Night(home, tuple).look() == ["tidy"]
    again = Night(home, tuple)
    assert again.look() == []
    again.clock.go(hours=19, minutes=30)
    assert again.look() == ["tidy"] and again.look() == []


def test_one_part_that_fails_keeps_no_other_from_being_done(home: Home) -> None:
    def unknown() -> Collection[str]:
        raise StoreError("locked")

    assert Night(home, unknown, database=home.var / "nowhere.db").look() == ["tidy"]


def test_damage_of_the_database_is_a_cause_until_it_is_whole_again(home: Home, desk: Scene) -> None:
    desk.ready()
    desk.database.dispose()
    path = home.var / "broadcaster.db"
    whole = path.read_bytes()
    content = bytearray(whole)
    content[4096 * 2 : 4096 * 2 + 300] = b"\xee" * 300
    path.write_bytes(content)
    night = Night(home, tuple, database=path)
    night.look()
    assert [one.code for one in night.nightly.causes(NINE)] == ["integrity"]
    path.write_bytes(whole)
    night.clock.go(days=1)
    night.look()
    assert list(night.nightly.causes(NINE)) == []


@pytest.mark.parametrize(
    ("now", "night"),
    [
        ("2026-11-24T04:00:00", 24),
        ("2026-11-24T03:59:59", 23),
        ("2026-11-24T23:00:00", 24),
        ("2026-11-24T00:00:00", 23),
    ],
)
def test_a_night_is_due_from_its_hour_on(now: str, night: int) -> None:
    assert due(datetime.fromisoformat(now).replace(tzinfo=UTC), 4 * 3600.0) == date(2026, 11, night)

"""A first start, or a new PC: what is due first is made ready first, and the air does not wait for the rest."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

from broadcaster.plan.plan import Plan
from broadcaster.publishing.good_plan import kept
from broadcaster.publishing.plan_keeper import STAGED, PlanKeeper
from broadcaster.publishing.publish import Publisher
from broadcaster.publishing.readying import due_first
from broadcaster.rundown.compiler import compile_rundown
from broadcaster.settings import Home
from tests.lab import signals
from tests.live_kit import Store, wait
from tests.notice_kit import HandClock
from tests.voice_fakes import FakeSpeaker, studio_with, write_hum

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
PROGRAMME = """
dayparts:
  - {id: morning, title: 上午, from: '06:00', to: '11:00', bed: {playlist: morning}, level: light}
  - {id: midday, title: 中午, from: '11:00', to: '15:00', bed: {playlist: midday}, level: light}
  - {id: evening, title: 晚上, from: '15:00', to: '22:00', bed: {playlist: evening}, level: light}
spots:
  - {id: late, title: 晚, script: late, at: '14:00'}
  - {id: soon, title: 快, script: soon, at: '12:01'}
"""


def store(folder: Path) -> Store:
    one = Store(folder)
    one.lay_out(PROGRAMME)
    for seed, name in enumerate(("morning", "midday", "evening")):
        for song in range(2):
            signals.ruler(folder / f"playlists/{name}/{song}.wav", 2.0, seed=10 * seed + song)
    for name in ("late", "soon", "spare"):
        one.write(f"announcements/{name}.yaml", f"title: {name}\ntext: 请听{name}。\nchime: null\n")
    return one


def test_what_is_due_first_is_first(tmp_path: Path) -> None:
    store(tmp_path)
    publisher = Publisher(tmp_path, studio=studio_with(tmp_path, FakeSpeaker(write=write_hum)))
    found = publisher.publish(NOON.date(), render=False, ahead=False)
    assert found.plan is not None and found.fit
    days = [compile_rundown(found.plan, (), NOON.date() + timedelta(days=day)) for day in range(2)]
    order = [one.path.parent.name if one.path else one.name for one in due_first(found.plan, days, found.unready, NOON)]
    assert order[:4] == ["midday", "soon", "midday", "late"]
    assert order[4:] == ["evening", "evening", "morning", "morning", "spare"]


def test_the_air_begins_with_what_there_is(tmp_path: Path) -> None:
    store(tmp_path)
    taken: list[Plan] = []
    since: list[datetime] = []

    def take(plan: Plan, at: datetime) -> None:
        taken.append(plan)
        since.append(at)

    studio = studio_with(tmp_path, FakeSpeaker(write=write_hum))
    keeper = PlanKeeper(Home(tmp_path), HandClock(NOON), take, studio=studio)
    keeper.start()
    try:
        wait(lambda: (good := kept(Home(tmp_path).good_plan)) and good.fingerprint != STAGED, 240, "the whole plan")
    finally:
        keeper.stop()
    songs = [{name: len(one.tracks) for name, one in plan.playlists.items()} for plan in taken]
    assert songs[0] == {"midday": 1, "morning": 0, "evening": 0}
    assert songs[-1] == {"midday": 2, "morning": 2, "evening": 2}
    assert all(clip.path for clip in taken[-1].clips.values()) and set(since) == {NOON}


def test_one_that_broke_off_goes_on_where_it_was(tmp_path: Path) -> None:
    store(tmp_path)
    taken: list[Plan] = []
    studio = studio_with(tmp_path, FakeSpeaker(write=write_hum))
    first = PlanKeeper(Home(tmp_path), HandClock(NOON), lambda plan, at: taken.append(plan), studio=studio)
    first.start()
    wait(lambda: taken, 120, "the first stage")
    first.stop()
    wait(lambda: Home(tmp_path).good_plan.exists(), 10, "it is kept")
    again: list[Plan] = []
    second = PlanKeeper(Home(tmp_path), HandClock(NOON), lambda plan, at: again.append(plan), studio=studio)
    second.start()
    try:
        assert again and any(one.tracks for one in again[0].playlists.values())
        wait(lambda: all(len(one.tracks) == 2 for one in again[-1].playlists.values()), 240, "the whole plan")
    finally:
        second.stop()


def test_a_change_is_taken_up_before_all_is_spoken(tmp_path: Path) -> None:
    one = store(tmp_path)
    go_on, asked = threading.Event(), threading.Event()

    def hum(out: Path) -> None:
        # The first script is being spoken, and the rest waits, when somebody changes the plan.
        if asked.is_set():
            go_on.wait(60)
        asked.set()
        write_hum(out)

    taken: list[Plan] = []
    studio = studio_with(tmp_path, FakeSpeaker(write=hum))
    keeper = PlanKeeper(Home(tmp_path), HandClock(NOON), lambda plan, at: taken.append(plan), studio=studio)
    keeper.start()
    try:
        wait(lambda: taken and asked.is_set(), 120, "the first stage")
        station = tmp_path / "config" / "station.yaml"
        station.write_text(station.read_text(encoding="utf-8") + "separation: 7 s\n", encoding="utf-8")
        one.write("announcements/late.yaml", "title: late\ntext: 请听late。\nchime: null\n")
        go_on.set()
        wait(lambda: taken[-1].station.separation == 7, 120, "the change")
        unspoken = [name for name, clip in taken[-1].clips.items() if clip.path is None]
        assert unspoken
        wait(lambda: all(clip.path for clip in taken[-1].clips.values()), 120, "the whole plan")
    finally:
        go_on.set()
        keeper.stop()

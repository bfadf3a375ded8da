"""The plan room and the keeper: what is published is on air in a moment, and a hand's edit is noted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from broadcaster.editing.models import DayMark
from broadcaster.publishing.plan_keeper import PlanKeeper
from broadcaster.publishing.publish import Publisher
from broadcaster.rooms.plan_room import PlanRoom
from broadcaster.rundown.compiler import compile_rundown
from broadcaster.settings import Home
from broadcaster.store.database import open_database
from broadcaster.store.plan_versions import PlanVersions
from tests.live_kit import wait
from tests.notice_kit import HandClock
from tests.test_rooms_plan import Air, store
from tests.voice_fakes import FakeSpeaker, studio_with, write_hum

NOON, TODAY = datetime(2026, 11, 24, 12, 0, tzinfo=UTC), date(2026, 11, 24)


@dataclass
class House:
    room: PlanRoom
    keeper: PlanKeeper
    air: Air


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    store(tmp_path)
    home, clock, air = Home(tmp_path), HandClock(NOON), Air()
    studio = studio_with(tmp_path, FakeSpeaker(write=write_hum))
    database = open_database(home.database)
    keeper = PlanKeeper(home, clock, air.take, studio=studio)
    room = PlanRoom(
        home, PlanVersions(database, clock), clock, Publisher(tmp_path, studio=studio), keeper=keeper
    )  # fmt: skip
    keeper.on_change = room.notice
    keeper.start()
    wait(lambda: air.taken, 30, "the plan on air")
    try:
        yield House(room, keeper, air)
    finally:
        keeper.stop()
        database.dispose()


def test_a_mark_of_today_is_on_air_when_it_answers_or_a_moment_later(house: House) -> None:
    version = house.room.mark_day(TODAY, DayMark(spots={"call": "14:00"}), who="anna")
    wait(lambda: TODAY in house.air.taken[-1][0].calendar.dates, 20, "the mark on air")
    plan, since = house.air.taken[-1]
    local = [spot.at.astimezone(plan.station.tz) for spot in compile_rundown(plan, (), TODAY).spots]
    assert since == NOON and [f"{at:%H:%M}" for at in local] == ["14:00"]
    house.room.undo(version.id, who="anna")
    wait(lambda: TODAY not in house.air.taken[-1][0].calendar.dates, 20, "the mark taken back")


def test_a_hands_edit_becomes_a_version_by_itself(house: House, tmp_path: Path) -> None:
    wait(lambda: house.room._versions.latest(), 20, "the first version")
    file = tmp_path / "config" / "programme.yaml"
    file.write_text(file.read_text("utf-8") + "# 手改\n", encoding="utf-8")
    changed = ("config/programme.yaml",)
    wait(lambda: (row := house.room._versions.latest()) and row.changed == changed, 20, "the version")

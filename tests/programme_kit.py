"""The plan room over a copy of the starter kit, for tests of the programme's pages."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from broadcaster.clock import RehearsalClock
from broadcaster.publishing.publish import Publisher
from broadcaster.rooms.plan_room import PlanRoom
from broadcaster.rundown.compiler import compile_rundown
from broadcaster.rundown.document import rundown_document
from broadcaster.settings import Home, write_whole
from broadcaster.store.database import open_database
from broadcaster.store.plan_versions import PlanVersions
from broadcaster.web.offices import Offices
from tests.plan_kit import PROGRAMME, lay_out_files
from tests.voice_fakes import FakeSpeaker, studio_with, write_hum
from tests.web_fakes import at
from tests.web_offices import open_house


@dataclass(frozen=True)
class Rooms:
    """The offices with a plan room, and the home behind it. Nothing is on air: the files tell what would be."""

    offices: Offices
    room: PlanRoom
    home: Path
    publisher: Publisher

    def text(self) -> str:
        """``programme.yaml`` as it is."""
        return (self.home / PROGRAMME).read_bytes().decode()

    def write(self, text: str) -> None:
        """A hand on the file."""
        write_whole(self.home / PROGRAMME, text)

    def rundown(self, on: date) -> dict[str, Any]:
        """What is compiled of the files for a date."""
        plan = self.publisher.publish(on, render=False).plan
        assert plan is not None
        return rundown_document(plan, compile_rundown(plan, (), on))


@contextmanager
def open_rooms(folder: Path) -> Iterator[Rooms]:
    """A house whose plan may be edited."""
    home = lay_out_files(folder / "home")
    # Its voices are not the stand-in's.
    (home / "config" / "voices.yaml").write_text(
        "voices: {calm: {title: {zh: 缓慢女声, en: Slow}}}\n", encoding="utf-8"
    )
    (folder / "house").mkdir()
    with open_house(folder / "house") as house:
        clock = RehearsalClock(at("10:37:40"))
        database = open_database(folder / "versions.db")
        publisher = Publisher(home, studio=studio_with(home, FakeSpeaker(write=write_hum)))
        try:
            room = PlanRoom(Home(home), PlanVersions(database, clock), clock, publisher)
            yield Rooms(dataclasses.replace(house.offices, plan=room), room, home, publisher)
        finally:
            publisher.studio.close()
            database.dispose()

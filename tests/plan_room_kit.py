"""A plan room on the starter kit's files, and what tests do in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from broadcaster.clock import Clock, SystemClock
from broadcaster.editing.models import Edit
from broadcaster.publishing.publish import Publisher
from broadcaster.rooms.plan_room import PlanRoom
from broadcaster.settings import Home
from broadcaster.store.database import open_database
from broadcaster.store.plan_versions import PlanVersions
from tests.plan_kit import PROGRAMME, lay_out_files

WEATHER, PROMO = 4, 5
"""Places of two neighbours among the starter's dayparts."""


@contextmanager
def open_room(folder: Path, clock: Clock | None = None, **words: Any) -> Iterator[PlanRoom]:
    """On a fresh copy of the starter files, or on what is there already."""
    if not (folder / "config").exists():
        lay_out_files(folder)
    home, clock = Home(folder), clock or SystemClock()
    database, publisher = open_database(home.database), Publisher(folder)
    try:
        yield PlanRoom(home, PlanVersions(database, clock), clock, publisher, **words)
    finally:
        publisher.close()
        database.dispose()


def edit(path: tuple[str | int, ...], value: Any = None, op: str = "set", file: str = PROGRAMME) -> Edit:
    """An edit of the programme, unless another file is named."""
    return Edit.model_validate({"file": file, "op": op, "path": path, "value": value})


def weather_until(clock: str) -> list[Edit]:
    """The weather longer, and what follows it shorter."""
    return [edit(("dayparts", WEATHER, "to"), clock), edit(("dayparts", PROMO, "from"), clock)]

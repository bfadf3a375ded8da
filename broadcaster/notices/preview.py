"""What an author is shown before submitting: how it will be read, what the lint says, when it will be heard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Protocol
from zoneinfo import ZoneInfo

from broadcaster.notices.lint_remark import Remark
from broadcaster.rundown.events import Notice, Spot
from broadcaster.rundown.preview import Heard

if TYPE_CHECKING:
    from broadcaster.voice.reading.model import Reading

LOOK_AHEAD_DAYS = 14
SHOWN_DAYS = 3


class Planner(Protocol):
    """Compiles a date twice."""

    def heard(self, on: date, before: Sequence[Notice], after: Sequence[Notice], ref: str) -> Heard:
        """What a notice gets on a date with the notices of ``after``, and what that changes of ``before``."""
        ...


@dataclass(frozen=True, slots=True)
class DayHeard:
    """One date on which it will be heard."""

    day: date
    times: tuple[datetime, ...]
    air_s: float
    moved: tuple[str, ...]
    """What gives way, a line each."""


@dataclass(frozen=True, slots=True)
class Preview:
    """All of it. ``reading`` is None for a recording, or when nothing can read; then ``trouble`` says why."""

    reading: Reading | None
    remarks: tuple[Remark, ...]
    duration_s: float
    """One airing, with chime and all readings: an estimate."""
    days: tuple[DayHeard, ...]
    """The first dates on which it will be heard."""
    today: date
    trouble: str = ""

    @property
    def times(self) -> tuple[datetime, ...]:
        """When it will be heard, on these dates; in UTC."""
        return tuple(moment for day in self.days for moment in day.times)

    @property
    def count_today(self) -> int:
        """How often it will be heard today."""
        return sum(len(day.times) for day in self.days if day.day == self.today)

    @property
    def air_s(self) -> float:
        """Seconds of air it takes today."""
        return sum(day.air_s for day in self.days if day.day == self.today)

    @property
    def moved(self) -> tuple[str, ...]:
        """What gives way, a line each."""
        return tuple(line for day in self.days for line in day.moved)


def day_heard(on: date, heard: Heard, tz: ZoneInfo) -> DayHeard:
    """One date of a preview, in words."""
    moved = [f"{_clock(was, tz)} → {_clock(will, tz)} {will.title.zh}" for was, will in heard.moved]
    fewer = [f"{one.title.zh}: {one.before} → {one.after} 次 / {one.before} → {one.after} times" for one in heard.fewer]
    left = [
        f"{drop.at.astimezone(tz):%H:%M} {drop.title.zh} 播不了:{drop.reason.zh} / left out: {drop.reason.en}"
        for drop in heard.left_out
    ]
    return DayHeard(on, heard.times, heard.air_s, tuple(f"{on} {line}" for line in (*moved, *fewer, *left)))


def _clock(spot: Spot, tz: ZoneInfo) -> str:
    return f"{spot.at.astimezone(tz):%H:%M:%S}"

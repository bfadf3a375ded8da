"""When something will be heard: what a new notice gets on a date, and what has to make room for it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from broadcaster.plan.models import Names
from broadcaster.rundown.events import Dropped, Rundown, Spot


@dataclass(frozen=True, slots=True)
class Fewer:
    """Something else that airs less often than before."""

    ref: str
    title: Names
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Heard:
    """What a notice gets on a date."""

    spots: tuple[Spot, ...]
    moved: tuple[tuple[Spot, Spot], ...]
    """Other spots that are at another time, as they were and as they will be."""
    fewer: tuple[Fewer, ...]
    left_out: tuple[Dropped, ...]
    """What found no place, of the notice, and of others that had one before."""

    @property
    def times(self) -> tuple[datetime, ...]:
        """When it is heard."""
        return tuple(spot.at for spot in self.spots)

    @property
    def air_s(self) -> float:
        """Seconds of air that it takes."""
        return sum(spot.duration_s for spot in self.spots)


def heard_times(before: Rundown, after: Rundown, notice_id: str) -> Heard:
    """What a notice is heard of in ``after``, and what of ``before``, compiled without it, that changes."""
    old = {spot.id: spot for spot in before.spots}
    others = [spot for spot in after.spots if spot.ref != notice_id]
    moved = [
        (old[spot.id], spot)
        for spot in others
        if spot.id in old and old[spot.id].ref == spot.ref and old[spot.id].at != spot.at
    ]
    had, has = _counts(before), _counts(after)
    titles = {spot.ref: spot.title for spot in before.spots}
    known = set(before.dropped)
    return Heard(
        spots=tuple(spot for spot in after.spots if spot.ref == notice_id),
        moved=tuple(moved),
        fewer=tuple(
            Fewer(ref, titles[ref], count, has[ref])
            for ref, count in had.items()
            if has[ref] < count and ref != notice_id
        ),
        left_out=tuple(drop for drop in after.dropped if drop not in known),
    )


def _counts(rundown: Rundown) -> Counter[str]:
    return Counter(spot.ref for spot in rundown.spots)

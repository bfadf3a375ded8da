"""One turn as it was placed, and the spots that it becomes."""

from __future__ import annotations

from typing import NamedTuple

from broadcaster.rundown.events import Segment, Spot
from broadcaster.rundown.frame import Frame
from broadcaster.rundown.items import Item
from broadcaster.rundown.series import Series


class Turn(NamedTuple):
    """An item that has its place. Times are elapsed seconds from midnight."""

    name: str
    """Of its spots' ids; from the moment asked for, wherever it moved."""
    series: Series
    item: Item
    segment: Segment
    named: float
    """The moment asked for."""
    start: float
    end: float
    """Earlier than its length has it where its notice is withdrawn while it speaks."""
    level: float
    gives_way: bool = False
    """Whether it was ended for something urgent."""

    def spots(self, frame: Frame) -> list[Spot]:
        """Its parts that are heard, in order."""
        name, series, item, segment, named, start, end, _, gives_way = self
        instant = frame.clock.instant
        priority, lateness, _, bed = series.terms
        cut = end < start + item.length_s
        moved = start > named
        offsets, found = item.offsets, []
        for number, part in enumerate(item.parts):
            offset = offsets[number]
            if number:
                if cut:
                    break
                segment = frame.table.at(start + offset) or segment
            kind, ref, title, repeat, length_s, level, dial, gain_db, path, key, text, by, _ = part
            # By position: naming two dozen fields takes three times as long, for each spot of a day.
            spot = Spot(
                f"{name}/{number}" if number else name,
                instant(start + offset),
                end - start if cut else length_s,
                kind, ref, title, repeat, priority, segment.daypart, lateness, series.rule, series.source,
                level, dial, gain_db, bed, path, key,
                instant(named + offset) if moved else None,
                item.vendor if kind == "notice" else None,
                text, by, gives_way,
            )  # fmt: skip
            found.append(spot)
        return found

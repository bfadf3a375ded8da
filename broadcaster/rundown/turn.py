"""One turn as it was placed, and the spots that it becomes."""

from __future__ import annotations

from collections.abc import Iterator
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

    def spots(self, frame: Frame) -> Iterator[Spot]:
        """Its parts that are heard, in order."""
        clock, terms, item, segment = frame.clock, self.series.terms, self.item, self.segment
        cut = self.end < self.start + item.length_s
        moved = self.start > self.named
        for number, (part, offset) in enumerate(zip(item.parts, item.offsets, strict=True)):
            at = clock.instant(self.start + offset)
            if number:
                if cut:
                    return
                segment = frame.table.at(self.start + offset) or segment
            yield Spot(
                id=f"{self.name}/{number}" if number else self.name,
                at=at,
                duration_s=self.end - self.start if cut else part.duration_s,
                kind=part.kind,
                ref=part.ref,
                title=part.title,
                repeat=part.repeat,
                priority=terms.priority,
                daypart=segment.daypart,
                lateness=terms.lateness,
                rule=self.series.rule,
                source=self.series.source,
                level=part.level,
                dial=part.dial,
                gain_db=part.gain_db,
                bed=terms.bed,
                path=part.path,
                key=part.key,
                moved_from=clock.instant(self.named + offset) if moved else None,
                vendor=item.vendor if part.kind == "notice" else None,
                text=part.text,
                by=part.by,
                gives_way=self.gives_way,
            )

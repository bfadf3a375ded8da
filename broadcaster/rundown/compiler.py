"""Compiles the plan into the rundown of a date. Pure: reads no clock, no file, no database.

Notices are approved and withdrawn while the day runs, and the weather turns. So a date is compiled in stages, one from
each such instant on, in which all that began before stays where it was: whoever compiles, and whenever, the same has
been on air.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from operator import attrgetter

from broadcaster.plan.plan import Plan
from broadcaster.rundown.events import Airing, Notice, Promise, Rundown
from broadcaster.rundown.frame import Frame
from broadcaster.rundown.rotation import aired_before
from broadcaster.rundown.stage import Stage
from broadcaster.rundown.standing import called_at, change_points, running_on, standing_at
from broadcaster.rundown.unsaid import NOTHING_UNSAID, Unsaid
from broadcaster.rundown.unswept import unswept


def compile_rundown(
    plan: Plan, notices: Sequence[Notice], day: date, history: Iterable[Airing] = (), unsaid: Unsaid = NOTHING_UNSAID
) -> Rundown:
    """What should air on a date: same arguments, same rundown, same ids.

    ``history`` holds what aired; only its days before ``day`` count, for whose turn it is. An instant from which a
    notice holds, or does not, changes nothing that begins before it; what a notice says when it is withdrawn ends
    there. What was ``unsaid`` stays in the rundown, but takes no time from what is called after it.
    """
    with unswept():
        return _compiled(plan, notices, day, history, unsaid)


def _compiled(
    plan: Plan, notices: Sequence[Notice], day: date, history: Iterable[Airing], unsaid: Unsaid
) -> Rundown:  # fmt: skip
    frame = Frame(plan, day)
    running = running_on(notices, day, frame.day)
    aired = aired_before(day, history)
    stage = Stage(frame, standing_at(plan, running, frame.clock, frame.clock.base))
    stage.run(aired)
    for instant in change_points(plan, running, frame.clock):
        since = (instant - frame.clock.base).total_seconds()
        standing = standing_at(plan, running, frame.clock, instant)
        stage = Stage(frame, standing, since, stage, urgent=called_at(running, instant), unsaid=unsaid)
        stage.run(aired)
    return _rundown(frame, stage)


def _rundown(frame: Frame, stage: Stage) -> Rundown:
    promises = tuple(_promises(stage))
    stage.telling.overbooked(promises)
    stage.telling.tell_dropped()
    spots = [spot for turn in stage.turns for spot in turn.spots(frame)]
    spots.sort(key=attrgetter("at"))
    return Rundown(
        date=frame.on,
        tz=frame.plan.station.tz,
        day=frame.day,
        segments=frame.segments,
        spots=tuple(spots),
        dropped=tuple(stage.telling.dropped),
        faults=tuple(stage.telling.faults),
        warnings=tuple(stage.telling.warnings),
        promises=promises,
    )


def _promises(stage: Stage) -> Iterator[Promise]:
    if not any(series.contracts for series in stage.series):
        return
    planned = Counter((turn.series.name, turn.item.ref) for turn in stage.turns)
    for series in stage.series:
        for item, contracted in series.contracts:
            count = planned[series.name, item.ref]
            if item.per_day is None:
                # What goes by weight as well has made good what it airs.
                count = min(count, item.owed)
            yield Promise(item.ref, item.title, item.vendor, series.rule, contracted, item.owed, count)

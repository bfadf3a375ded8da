"""What a day is compiled from changes while it runs: notices come and go, clips grow old, the weather turns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from broadcaster.plan.calendar import Day
from broadcaster.plan.plan import Plan, TimelyClip, clip_name
from broadcaster.plan.times import DAY_S
from broadcaster.rundown.day_clock import DayClock
from broadcaster.rundown.events import Notice

AT_ONCE = timedelta(seconds=5)
"""A moment so soon after a notice became ready asks for it to be said now."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What holds from one instant of a date up to the next change."""

    notices: tuple[Notice, ...]
    entered: Mapping[str, float]
    """Notice -> when it first held on the date, in elapsed seconds from midnight; later revisions don't count anew."""
    timely: Mapping[str, TimelyClip]
    """By name of the clip that each stands for."""
    weather: frozenset[str]


def running_on(notices: Iterable[Notice], on: date, day: Day) -> list[Notice]:
    """Notices that are for this date, whenever on it they hold."""
    return [
        notice
        for notice in notices
        if notice.first <= on <= notice.last
        and (not notice.dates or on in notice.dates)
        and (notice.days is None or notice.days.holds(day.type_set))
    ]


def change_points(plan: Plan, notices: Sequence[Notice], clock: DayClock) -> list[datetime]:
    """The instants within the date at which something begins or ceases to hold, in order."""
    spans = [(notice.since, notice.until) for notice in notices if notice.since or notice.until]
    spans += [(clip.since, clip.until) for clip in plan.timely]
    if any(rule.weather for rule in plan.programme.spots):
        spans += [(spell.since, spell.until) for spell in plan.weather]
    begin, end = clock.base, clock.instant(clock.real(DAY_S))
    return sorted({at for span in spans for at in span if at is not None and begin < at < end})


def called_at(notices: Sequence[Notice], instant: datetime) -> bool:
    """Whether something urgent is to be said from this instant on, at once."""
    return any(
        notice.since == instant
        and notice.priority == "urgent"
        and any(timedelta(0) <= moment - instant <= AT_ONCE for moment in notice.moments)
        for notice in notices
    )


def standing_at(plan: Plan, notices: Sequence[Notice], clock: DayClock, instant: datetime) -> Standing:
    """What holds at an instant."""
    entered: dict[str, float] = {}
    for notice in notices:
        if notice.since is None or notice.since <= instant:
            at = 0.0 if notice.since is None else max(0.0, (notice.since - clock.base).total_seconds())
            entered[notice.id] = min(at, entered.get(notice.id, at))
    return Standing(
        notices=tuple(one for one in notices if holds(one.since, one.until, instant)),
        entered=entered,
        timely={
            clip_name(clip.script, clip.read): clip
            for clip in plan.timely
            if holds(clip.since, clip.until, instant)
        },
        weather=frozenset(
            kind for spell in plan.weather if holds(spell.since, spell.until, instant) for kind in spell.kinds
        ),
    )  # fmt: skip


def holds(since: datetime | None, until: datetime | None, instant: datetime) -> bool:
    """Whether what is so from ``since`` until ``until`` is so at an instant."""
    return (since is None or since <= instant) and (until is None or instant < until)

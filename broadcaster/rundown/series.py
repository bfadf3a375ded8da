"""What there is to place on a date: rules and notices with their turns, and the moments that they ask for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil
from operator import itemgetter
from typing import Literal, NamedTuple

from broadcaster.plan.models import Lateness, Loop, Priority, SpotRule, Timing
from broadcaster.plan.times import DAY_S, clock_text
from broadcaster.rundown.contracts import Room, Schedule, entitled, make_schedule
from broadcaster.rundown.events import DESK, Notice
from broadcaster.rundown.frame import Frame
from broadcaster.rundown.items import Item, ItemMaker
from broadcaster.rundown.lasting import Kind, Lasting, lasting, remember
from broadcaster.rundown.rotation import Rota, Sole, Turns, order_for
from broadcaster.rundown.segments import early_end
from broadcaster.rundown.standing import Standing
from broadcaster.rundown.telling import TOO_LONG, Telling

NO_ROOM_NEEDED, NO_SCHEDULE, NOBODY = Room(), Schedule(), Sole(())
"""Of the many series that have one member only."""


class Stretch(NamedTuple):
    """A window on the date, in elapsed seconds from midnight: a spot must lie in it wholly."""

    start: float
    end: float

    def holds(self, item: Item) -> bool:
        """Whether the item could lie in it if nothing else were there."""
        return item.length_s <= self.end - self.start


class Terms(NamedTuple):
    """How the spots of a series are aired."""

    priority: Priority
    lateness: Lateness
    move_by_s: float
    bed: Literal["duck", "stop"]

    @classmethod
    def of(cls, timing: Timing) -> Terms:
        """A timing's."""
        return cls(timing.priority, timing.lateness, timing.move_by, timing.bed)


class Contract(NamedTuple):
    """What a member is promised on the date, in one series."""

    item: Item
    contracted: int


Wish = tuple[float, Stretch | None]
"""A moment, in elapsed seconds from midnight, and the window that the spot must lie in."""


@dataclass(slots=True)
class Series:
    """A timing with what takes turns at it, from some instant of a date on."""

    rule: str
    name: str
    """Stands for it in its spots' ids; no rule and no notice share one."""
    source: str
    terms: Terms
    loop: Loop | None
    stretches: tuple[Stretch, ...]
    members: Sequence[Item]
    wishes: Sequence[Wish] = ()
    """The moments asked for, each once."""
    room: Room = NO_ROOM_NEEDED
    schedule: Schedule = NO_SCHEDULE
    contracts: tuple[Contract, ...] = ()
    turns: Turns = NOBODY


Request = tuple[float, Series, Stretch | None]
"""A wish with its series."""


class Taken(NamedTuple):
    """A turn that was taken before the instant from which things are planned."""

    name: str
    item: Item
    level: float


@dataclass(frozen=True, slots=True)
class Past:
    """What an earlier stage of the date leaves to a later one."""

    now: float = 0.0
    """The instant from which things are planned, in elapsed seconds from midnight."""
    taken: Mapping[str, Sequence[Taken]] = field(default_factory=dict)
    """By name of the series, in order of time."""
    schedules: Mapping[str, Schedule] = field(default_factory=dict)


class Desires:
    """Everything that a plan and its notices ask for on one date, as things stand at some instant of it."""

    def __init__(self, frame: Frame, standing: Standing, telling: Telling, past: Past) -> None:
        self._frame = frame
        self._plan = frame.plan
        self._standing = standing
        self._telling = telling
        self._past = past
        self._early = early_end(frame.plan, frame.day)
        self._kind = Kind(frame.day.open_s, frame.day.close_s, self._early)
        self._lasting = lasting(frame.plan, self._kind) if frame.clock.plain else Lasting()
        self._items = ItemMaker(frame.plan, frame.clock, standing.timely, self._lasting.items)

    def series(self, aired: Counter[str]) -> Iterator[Series]:
        """The rules that hold, in the plan's order, then the notices with times of their own, in theirs."""
        types = self._frame.day.type_set
        joined: dict[str, list[Notice]] = {}
        for notice in self._standing.notices:
            if notice.rotation is not None:
                joined.setdefault(notice.rotation, []).append(notice)
        promised: set[str] = set()
        for rule in self._plan.programme.spots:
            if rule.holds(types) and (not rule.weather or not self._standing.weather.isdisjoint(rule.weather)):
                yield self._of_rule(rule, joined.get(rule.rotation or "", ()), aired, promised)
        for notice in self._standing.notices:
            if notice.rotation is not None and notice.rotation not in self._plan.programme.rotations:
                self._telling.homeless(notice.title, notice.rotation)
            timing = notice.timing
            if timing is not None and timing.holds(types):
                yield self._lasting.series.find(notice) or self._of_timing(notice, timing)
            if notice.moments:
                source = f"notice:{notice.id}"
                terms = Terms(notice.priority, notice.lateness, notice.move_by_s, notice.bed)
                named = DESK if notice.by else notice.id
                series = Series(named, source, source, terms, None, (), (self._items.of_notice(notice, None),))
                series.wishes = [(moment, None) for moment in self._moments(notice)]
                series.turns = Sole(series.members)
                yield series
        if self._frame.clock.plain:
            remember(self._plan, self._kind, self._lasting)

    def _of_timing(self, notice: Notice, timing: Timing) -> Series:
        source, told = f"notice:{notice.id}", len(self._telling.faults)
        item = self._items.of_notice(notice, timing.level)
        series = self._one(notice.id, source, Terms.of(timing), timing, (item,), source)
        if notice.until is None and len(self._telling.faults) == told:
            self._lasting.series.keep(notice, series)
        return series

    def _of_rule(self, rule: SpotRule, notices: Sequence[Notice], aired: Counter[str], promised: set[str]) -> Series:
        source = f"spot:{rule.id}"
        members = self._items.of_rule(rule, notices)
        if not members:
            self._telling.empty_rotation(rule.id, source)
        if rule.place is not None:
            self._telling.long(rule.id, source, members, rule.place)
        if rule.rotation in promised:
            # A contract counts airings of a day: the first rule that holds fulfils it, and no other airs on top.
            members = [item._replace(owed=0) for item in members if item.per_day is None]
        elif rule.rotation is not None:
            promised.add(rule.rotation)
        series = self._one(rule.id, source, Terms.of(rule), rule, order_for(members, self._frame.on, aired), rule.id)
        if len(members) > 1 or any(item.per_day is not None or item.owed for item in members):
            self._share_out(series, members)
        return series

    def _one(self, rule: str, source: str, terms: Terms, timing: Timing, members: Sequence[Item], name: str) -> Series:
        stretches = tuple(self._stretches(timing, rule, source)) if timing.windows else ()
        if stretches:
            longest_s = max(stretch.end - stretch.start for stretch in stretches)
            never = [item for item in members if item.length_s > longest_s]
            for item in never if len(never) < len(members) else ():
                # Passed over all day while its neighbours fill the windows: nothing else would tell.
                self._telling.drop(rule, source, item, stretches[0].start, TOO_LONG)
        series = Series(rule, name, source, terms, timing.loop, stretches, members)
        if members:
            wishes = self._wishes(series, timing)
            if len(wishes) > 1:
                # Windows that overlap, and times that a day's hours or a change of clocks make one, ask only once.
                wishes = list({wish[0]: wish for wish in reversed(wishes)}.values())
            series.wishes = wishes
            series.turns = Sole(members)
        return series

    def _share_out(self, series: Series, members: Sequence[Item]) -> None:
        """Give a rotation its turns: what is under contract from here to the end of the day, and all before it."""
        gap_s = 0.0
        if series.loop is None:
            room = Room(moments=sorted(wanted for wanted, _ in series.wishes))
        else:
            room = Room(spans=self._frame.merged(series.stretches))
            gap_s = max(series.loop.gap, self._plan.station.separation)
        series.room = room
        costs = {item.ref: 1.0 if series.loop is None else item.length_s + gap_s for item in members}
        terms, contracts, taken = [], [], self._past.taken.get(series.name, ())
        for item in members:
            if item.per_day is not None or item.owed:
                contracted = entitled(item, room, self._standing.entered.get(item.ref, 0.0))
                contracts.append(Contract(item, contracted))
                if not series.stretches or any(stretch.holds(item) for stretch in series.stretches):
                    terms.append((item.ref, contracted + item.owed, costs[item.ref]))
        series.contracts = tuple(contracts)
        former = self._past.schedules.get(series.name)
        if former is not None and former.terms == tuple(terms):
            series.schedule = former
        elif terms:
            counts = Counter(one.item.ref for one in taken)
            left = {ref: count - counts[ref] for ref, count, _ in terms}
            before = frozenset(one.name for one in taken)
            begin = room.position(self._past.now)
            series.schedule = make_schedule(tuple(terms), series.members, left, begin, room.total, before)
        spare = 0.0 if series.loop is None else max(costs.values())
        series.turns = Rota(series.members, self._frame.on, series.schedule, room.total, spare)
        for one in taken:
            series.turns.took(one.item, one.level, contracted=one.name not in series.schedule.before)

    def _stretches(self, timing: Timing, rule: str, source: str) -> Iterator[Stretch]:
        day, clock, early = self._frame.day, self._frame.clock, self._early
        for window in timing.windows:
            start, end = (moment.on(day.open_s, day.close_s) for moment in (window.start, window.end))
            if early is not None and window.end.anchor != "close":
                # A window written for the usual closing must not reach into the send-off of an early one.
                end = min(end, early)
            if end > start:
                # A window that lies in a skipped hour altogether has no length on that date.
                if (real := Stretch(clock.real(start), clock.real(end))).end > real.start:
                    yield real
            elif day.close_s >= self._plan.calendar.hours.close:
                self._telling.fault("backwards", rule, source, start=clock_text(start), end=clock_text(end))

    def _wishes(self, series: Series, timing: Timing) -> list[Wish]:
        day, clock = self._frame.day, self._frame.clock
        found: list[Wish] = []
        for moment in timing.at:
            local_s = moment.on(day.open_s, day.close_s)
            wanted = clock.real(local_s)
            if not clock.plain and clock.skipped(local_s):
                instead = clock.instant(wanted).astimezone(clock.tz).strftime("%H:%M")
                self._telling.fault(
                    "no-such-time", series.rule, series.source, blocking=False,
                    clock=clock_text(local_s), instead=instead,
                )  # fmt: skip
            found.append((wanted, None))
        every = timing.every
        for stretch in series.stretches if every is not None else ():
            wanted, beat = stretch.start, 0
            while every is not None and wanted < stretch.end:
                found.append((wanted, stretch))
                beat += 1
                wanted = stretch.start + int(beat * every)
        return found

    def _moments(self, notice: Notice) -> Iterator[float]:
        clock = self._frame.clock
        seen = set()
        for moment in notice.moments:
            at = max(moment, notice.since) if notice.since is not None else moment
            # Whole seconds, as everywhere.
            wanted = float(ceil((at - clock.base).total_seconds()))
            if 0 <= wanted < clock.real(DAY_S) and wanted not in seen:
                seen.add(wanted)
                yield wanted


def requests(series: Iterable[Series]) -> list[Request]:
    """The moments that some series ask for by ``at``, ``every`` and ``moments``, in order.

    What is wanted at one moment stays in the order of the series.
    """
    found = [(wanted, one, stretch) for one in series for wanted, stretch in one.wishes]
    found.sort(key=itemgetter(0))
    return found

"""Places everything of one stage of a date: from an instant on, around what an earlier stage has put on air."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from math import ceil, inf
from operator import attrgetter

from broadcaster.plan.models import PRIORITIES
from broadcaster.rundown.events import Segment
from broadcaster.rundown.frame import Frame
from broadcaster.rundown.items import Item
from broadcaster.rundown.placing import Places
from broadcaster.rundown.rotation import Choice
from broadcaster.rundown.series import Desires, Past, Request, Series, Stretch, Taken, requests
from broadcaster.rundown.standing import Standing
from broadcaster.rundown.telling import AFTER_END, NO_ROOM, OUTSIDE, TOO_LONG, Telling, moved_too_far
from broadcaster.rundown.turn import Turn
from broadcaster.rundown.unsaid import NOTHING_UNSAID, Unsaid


class Stage:
    """A date as it is planned from ``since`` on, with ``former`` for what was before.

    With ``urgent`` something is to be said at once: a turn of the lowest rung that speaks then ends there.
    """

    def __init__(
        self, frame: Frame, standing: Standing, since: float = 0.0, former: Stage | None = None, *,
        urgent: bool = False, unsaid: Unsaid = NOTHING_UNSAID,
    ) -> None:  # fmt: skip
        self.frame = frame
        self._unsaid = unsaid
        self.since = since
        self.turns: list[Turn] = []
        self.telling = Telling(frame.plan, frame.day, frame.clock, frame.faults)
        self.series: list[Series] = []
        self._places = Places(frame.plan.station.separation)
        self._names: set[str] = set()
        self._waiting: set[str] = set()
        self._date = frame.on.isoformat()
        self._now = float(ceil(since))
        """What is new begins at whole seconds."""
        if former is not None:
            self._keep(former, urgent=urgent)
        past = self._past(former)
        self._desires = Desires(frame, standing, self.telling, past)

    def _keep(self, former: Stage, *, urgent: bool) -> None:
        for turn in former.turns:
            if turn.start < self.since:
                kept = _interrupted(turn, self.since) if urgent else _cut(turn, self.since)
                self.turns.append(kept)
                self._names.add(kept.name)
                for start, length_s in self._spoken(kept):
                    self._places.take(start, length_s)
            else:
                self._waiting.add(turn.name)
        now = self.frame.clock.instant(self.since)
        self.telling.seed(drop for drop in former.telling.dropped if drop.at < now)

    def _spoken(self, turn: Turn) -> Iterator[tuple[float, float]]:
        """Where a turn that was put on air before takes the voice."""
        if self._unsaid is NOTHING_UNSAID:
            yield turn.start, turn.end - turn.start
            return
        clock, known = self.frame.clock, self.frame.clock.instant(self.since)
        for number, (part, offset) in enumerate(zip(turn.item.parts, turn.item.offsets, strict=True)):
            start = turn.start + offset
            end = min(start + part.duration_s, turn.end)
            if start >= end:
                return
            name = f"{turn.name}/{number}" if number else turn.name
            until = self._unsaid.said_until(name, clock.instant(start), clock.instant(end), known)
            if until is not None:
                yield start, (until - clock.instant(start)).total_seconds()

    def _past(self, former: Stage | None) -> Past:
        if former is None:
            return Past()
        taken: dict[str, list[Taken]] = {}
        for turn in sorted(self.turns, key=attrgetter("start")):
            taken.setdefault(turn.series.name, []).append(Taken(turn.name, turn.item, turn.level))
        return Past(self.since, taken, {one.name: one.schedule for one in former.series})

    def run(self, aired: Counter[str]) -> None:
        """Place all there is."""
        self.series = list(self._desires.series(aired))
        rungs: dict[str, list[Series]] = {priority: [] for priority in PRIORITIES}
        for one in self.series:
            if one.turns:
                rungs[one.terms.priority].append(one)
        for ranked in rungs.values():
            for request in requests(ranked):
                self._place(request)
            for one in ranked:
                if one.loop is not None:
                    for stretch in one.stretches:
                        self._place_loop(one, stretch, max(one.loop.gap, self.frame.plan.station.separation))

    def _place(self, request: Request) -> None:
        wanted, series, stretch = request
        if wanted < self.since and self._name(series, wanted) not in self._waiting:
            return
        fits = _anything if stretch is None else stretch.holds
        choice = series.turns.peek(fits, series.room.position(wanted))
        table = self.frame.table
        segment = table.at(wanted)
        if segment is None:
            shown = choice.item if choice is not None else series.members[0]
            self.telling.drop(series.rule, series.source, shown, wanted, OUTSIDE)
            return
        if choice is None:
            if not any(fits(item) for item in series.members):
                self.telling.drop(series.rule, series.source, series.members[0], wanted, TOO_LONG)
            return
        moved = wanted + series.terms.move_by_s
        # A window spot also ends with the programme; one at a fixed time may say goodbye into the closing.
        end = min(stretch.end, table.end) if stretch is not None else inf
        choice, start = self._find(choice, max(wanted, self._now), moved, end)
        item = choice.item
        if start is None:
            last = end - item.length_s
            in_window = stretch is not None and end == stretch.end
            reason = moved_too_far(series.terms.move_by_s) if moved <= last else NO_ROOM if in_window else AFTER_END
            self.telling.drop(series.rule, series.source, item, wanted, reason)
        elif start != wanted and (segment := table.at(start)) is None:
            self.telling.drop(series.rule, series.source, item, wanted, AFTER_END)
        else:
            self._add(series, choice, segment, wanted, start)

    def _find(self, choice: Choice, wanted: float, latest: float, end: float) -> tuple[Choice, float | None]:
        """The first free start, not after ``latest``, for an item that is over by ``end``; with words still true."""
        item = choice.item
        start = self._places.earliest(wanted, item.length_s, min(latest, end - item.length_s))
        if start is not None and start >= item.stale_from and item.neutral is not None:
            item = item.neutral
            choice = Choice(item, choice.level)
            start = self._places.earliest(wanted, item.length_s, min(latest, end - item.length_s))
        return choice, start

    def _place_loop(self, series: Series, stretch: Stretch, gap_s: float) -> None:
        """Turn after turn in a window, around what is there already.

        Turns keep the times that they would have with nothing in the way, so that a spot in a loop's window moves only
        those that it touches; a turn that had to give way leaves at least half a gap before the next.
        """
        turns, table = series.turns, self.frame.table
        cursor, aired = self._resumed(series, stretch, gap_s)
        if not aired and table.at(cursor) is None:
            cursor = table.next_start(cursor)
        if cursor >= stretch.end:
            if not aired and self._now < stretch.end:
                self.telling.drop(series.rule, series.source, series.members[0], stretch.start, OUTSIDE)
            return
        end = min(stretch.end, table.end)
        idle = False
        while cursor < stretch.end:
            position = series.room.position(cursor)
            choice = turns.peek(stretch.holds, position)
            if choice is None:
                # All is under contract and nothing due: the bed plays.
                later = turns.later(stretch.holds, position)
                idle = any(stretch.holds(item) for item in series.members)
                if later >= series.room.total:
                    break
                cursor = max(float(ceil(series.room.instant(later) - 0.001)), cursor + 1.0)
                continue
            choice, start = self._find(choice, max(cursor, self._now), inf, end)
            if start is None:
                break
            if (segment := table.at(start)) is None:
                cursor = table.next_start(start)
                continue
            self._add(series, choice, segment, cursor, start)
            aired = True
            cursor = _following(cursor, start, choice.item.length_s, gap_s)
        if not aired and not idle:
            reason = NO_ROOM if choice is not None else TOO_LONG
            shown = choice.item if choice is not None else series.members[0]
            self.telling.drop(series.rule, series.source, shown, stretch.start, reason)

    def _resumed(self, series: Series, stretch: Stretch, gap_s: float) -> tuple[float, bool]:
        """Where a loop goes on in a window, and whether it has aired there."""
        kept = [
            turn
            for turn in self.turns
            if turn.series.name == series.name and stretch.start <= turn.start < min(stretch.end, self.since)
        ]
        cursor = stretch.start
        if kept:
            last = max(kept, key=attrgetter("start"))
            cursor = _following(last.named, last.start, last.end - last.start, gap_s)
        if cursor < self.since and self._name(series, cursor) not in self._waiting:
            cursor = self._now
        return cursor, bool(kept)

    def _name(self, series: Series, wanted: float) -> str:
        return f"{self._date}/{series.name}/{self.frame.clock.mark(wanted)}"

    def _add(self, series: Series, choice: Choice, segment: Segment, named: float, start: float) -> None:
        item = choice.item
        series.turns.took(item, choice.level)
        self._places.take(start, item.length_s)
        name = self._name(series, named)
        while name in self._names:
            # Two windows of one loop that overlap may ask for the same moment.
            name += "+"
        self._names.add(name)
        self.turns.append(Turn(name, series, item, segment, named, start, start + item.length_s, choice.level))


def _anything(item: Item) -> bool:
    return True


def _following(named: float, start: float, length_s: float, gap_s: float) -> float:
    """When the next turn of a loop is wanted after one of that length, wanted at ``named``, at ``start``."""
    following = max(named + length_s + gap_s, start + length_s + gap_s / 2)
    # Whole seconds, as everywhere; the millisecond keeps float dust from costing one.
    return max(float(ceil(following - 0.001)), named + 1.0)


def _cut(turn: Turn, since: float) -> Turn:
    """The turn as it is on air: a notice that is withdrawn while it speaks ends there, and nothing follows it."""
    until = turn.item.until
    if turn.start < until <= since and until < turn.start + turn.item.parts[0].duration_s:
        return turn._replace(end=until)
    return turn


def _interrupted(turn: Turn, since: float) -> Turn:
    """The turn as it is on air when something urgent comes: what takes turns in the lowest rung gives way.

    What the house itself has planned for an instant is short, and ends first.
    """
    kept = _cut(turn, since)
    lowest = turn.series.terms.priority == PRIORITIES[-1]
    speaks = turn.start < since < min(kept.end, turn.start + turn.item.parts[0].duration_s)
    return kept._replace(end=since, gives_way=True) if lowest and speaks else kept

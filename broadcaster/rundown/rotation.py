"""Turns in a rotation: fair over the days, and the same for the same date.

Airings under contract come first, each when it is due; all other turns go by weight, by stride scheduling (C.
Waldspurger and W. Weihl, 1995): a turn moves its member on by one over its weight, and whoever is least far has the
next. No speaker has two turns in a row while another waits.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from heapq import heapify, heappop, heappush
from math import inf
from typing import NamedTuple, Protocol, TypeVar

from broadcaster.rundown.contracts import GOLDEN, Schedule
from broadcaster.rundown.events import Airing
from broadcaster.rundown.items import Item

Fits = Callable[[Item], bool]


class HasRef(Protocol):
    """Anything that takes turns under a name."""

    @property
    def ref(self) -> str: ...

    @property
    def weight(self) -> float: ...


_T = TypeVar("_T", bound=HasRef)


def aired_before(day: date, history: Iterable[Airing]) -> Counter[str]:
    """How often each has aired before ``day``; not on it, so that turns don't change while the day runs."""
    return Counter([ref for ref, on in history if on < day])


def order_for(members: Sequence[_T], day: date, aired: Mapping[str, int]) -> list[_T]:
    """Members in the order of their turns on a date.

    Who aired least for its weight on earlier days comes first; among equals the first turn moves on by one member a
    day.
    """
    count = len(members)
    first = day.toordinal() % count if count else 0
    return sorted([*members[first:], *members[:first]], key=lambda member: aired.get(member.ref, 0) / member.weight)


class Choice(NamedTuple):
    """Whose turn it is; ``level`` is how far the members by weight have come."""

    item: Item
    level: float = 0.0


class Turns(Protocol):
    """Hands out members one after another; a turn that could not be used is not lost."""

    def __bool__(self) -> bool: ...

    def peek(self, fits: Fits, position: float) -> Choice | None:
        """Whose turn it is at a position among those that fit; None if nobody's is."""
        ...

    def later(self, fits: Fits, position: float) -> float:
        """Where the next turn comes if it is nobody's now; infinity if none comes."""
        ...

    def took(self, item: Item, level: float = 0.0, *, contracted: bool = True) -> None:
        """The item used its turn, which may fulfil a contract."""
        ...


class Sole:
    """Always the same one, or none."""

    __slots__ = ("_choice",)

    def __init__(self, members: Sequence[Item]) -> None:
        self._choice = Choice(members[0]) if members else None

    def __bool__(self) -> bool:
        return self._choice is not None

    def peek(self, fits: Fits, position: float) -> Choice | None:
        """The member, if it fits."""
        choice = self._choice
        return choice if choice is not None and fits(choice.item) else None

    def later(self, fits: Fits, position: float) -> float:
        """Never."""
        return inf

    def took(self, item: Item, level: float = 0.0, *, contracted: bool = True) -> None:
        """It changes nothing."""


class Rota:
    """Several members, in the order of :func:`order_for`, with the contracts of some."""

    def __init__(
        self, members: Sequence[Item], day: date, schedule: Schedule, total: float = 0.0, spare: float = 0.0
    ) -> None:
        """``total`` and ``spare`` are room: all there is, and what a turn by weight may cost the contracts."""
        self._members = {item.ref: item for item in members}
        self._last = ""
        self._dues = [due for due in schedule.dues if due.ref in self._members]
        self._open = [True] * len(self._dues)
        self._head = 0
        self._takes = {ref: cost for ref, _, cost in schedule.terms}
        self._left = sum(self._takes[due.ref] for due in self._dues)
        self._total, self._spare = total, spare
        self._heaviest = max((item.weight for item in members), default=1.0)
        self._level = 0.0
        self._taken = len(members)
        self._by_weight = [
            (self._first_pass(item, number, day), number, number)
            for number, item in enumerate(members)
            if item.per_day is None
        ]
        self._items = list(members)
        self._stand = {number: (far, order) for far, order, number in self._by_weight}
        heapify(self._by_weight)
        self._numbers: dict[str, list[int]] = {}
        for number in self._stand:
            self._numbers.setdefault(self._items[number].ref, []).append(number)

    def _first_pass(self, item: Item, number: int, day: date) -> float:
        if item.weight == self._heaviest:
            return 0.5
        # A light one's share may be less than a turn a day: the phase moves on from day to day, so that its day comes.
        phase = ((day.toordinal() + number) * GOLDEN + 0.5) % 1.0
        return phase * self._heaviest / item.weight - 0.5

    def __bool__(self) -> bool:
        return bool(self._items)

    def peek(self, fits: Fits, position: float) -> Choice | None:
        """Contracts that are due come first, then whoever is least far; another speaker than the last if one waits."""
        due = self._contracted(fits, position)
        if due is not None and due.speaker != self._last:
            return Choice(due, self._level)
        choice = self._least_far(fits)
        if choice is not None and choice.item.speaker != self._last:
            return choice
        return Choice(due, self._level) if due is not None else choice

    def later(self, fits: Fits, position: float) -> float:
        """Where the next contract comes due."""
        for number in range(self._head, len(self._dues)):
            due = self._dues[number]
            if self._open[number] and due.position > position and fits(self._members[due.ref]):
                return due.position
        return inf

    def _contracted(self, fits: Fits, position: float) -> Item | None:
        # With no more room left than the contracts need, none of it goes to others.
        scarce = self._left > 0 and self._left >= self._total - position - self._spare
        second: Item | None = None
        for number in range(self._head, len(self._dues)):
            due = self._dues[number]
            if due.position > position and not scarce:
                break
            if self._open[number] and fits(item := self._members[due.ref]):
                if item.speaker != self._last:
                    return item
                second = second or item
        return second

    def _least_far(self, fits: Fits) -> Choice | None:
        heap, passed = self._by_weight, []
        found: Choice | None = None
        while heap:
            entry = heap[0]
            if self._stand[entry[2]] != entry[:2]:
                heappop(heap)
                continue
            item = self._items[entry[2]]
            if fits(item):
                if found is None:
                    found = Choice(item, entry[0])
                if item.speaker != self._last:
                    found = Choice(item, found.level)
                    break
            passed.append(heappop(heap))
        for entry in passed:
            heappush(heap, entry)
        return found

    def took(self, item: Item, level: float = 0.0, *, contracted: bool = True) -> None:
        """It goes behind the others, and whoever was passed over stays in front."""
        self._last = item.speaker
        if contracted and self._fulfil(item.ref):
            return
        if own := self._numbers.get(item.ref):
            number = min(own, key=lambda one: self._stand[one])
            # One that could not be aired for a while gets no burst for it afterwards.
            self._level = max(self._level, level)
            far = max(self._stand[number][0], self._level) + self._heaviest / self._items[number].weight
            self._taken += 1
            self._stand[number] = far, self._taken
            heappush(self._by_weight, (far, self._taken, number))

    def _fulfil(self, ref: str) -> bool:
        for number in range(self._head, len(self._dues)):
            if self._open[number] and self._dues[number].ref == ref:
                self._open[number] = False
                self._left -= self._takes[ref]
                while self._head < len(self._dues) and not self._open[self._head]:
                    self._head += 1
                return True
        return False

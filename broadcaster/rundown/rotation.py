"""Turns in a rotation: fair over the days, and the same for the same date."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Generic, Protocol, TypeVar

from broadcaster.rundown.events import Airing


class HasRef(Protocol):
    """Anything that takes turns under a name."""

    @property
    def ref(self) -> str: ...


_T = TypeVar("_T", bound=HasRef)


def aired_before(day: date, history: Iterable[Airing]) -> Counter[str]:
    """How often each has aired before ``day``; not on it, so that turns don't change while the day runs."""
    return Counter(airing.ref for airing in history if airing.day < day)


def order_for(members: Sequence[_T], day: date, aired: Mapping[str, int]) -> list[_T]:
    """Members in the order of their turns on a date.

    Who aired least on earlier days comes first; among equals the first turn moves on by one member a day.
    """
    count = len(members)
    first = day.toordinal() % count if count else 0
    return sorted([*members[first:], *members[:first]], key=lambda member: aired.get(member.ref, 0))


class Turns(Generic[_T]):
    """Hands out members one after another; a turn that could not be used is not lost."""

    def __init__(self, members: Iterable[_T]) -> None:
        self._queue = deque(members)

    def __bool__(self) -> bool:
        return bool(self._queue)

    @property
    def first(self) -> _T:
        """Whose turn it is, whether it fits or not."""
        return self._queue[0]

    def peek(self, fits: Callable[[_T], bool]) -> _T | None:
        """Whose turn it is among those that can fit at all; None if nobody can."""
        for member in self._queue:
            if fits(member):
                return member
        return None

    def took(self, member: _T) -> None:
        """The member used its turn: it goes to the end, and whoever was passed over stays in front."""
        self._queue.remove(member)
        self._queue.append(member)

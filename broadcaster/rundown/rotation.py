"""Turns in a rotation: fair over the days, and the same for the same date."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Generic, Protocol, TypeVar

from broadcaster.rundown.events import Airing


class HasRef(Protocol):
    """Anything that takes turns under a name."""

    @property
    def ref(self) -> str: ...


_T = TypeVar("_T", bound=HasRef)


def order_for(members: Sequence[_T], day: date, history: Iterable[Airing] = ()) -> list[_T]:
    """Members in the order of their turns on a date.

    Who aired least on earlier days comes first; among equals the first turn moves on by one member a day. Only days
    before ``day`` count, so that the order does not change while the day runs.
    """
    aired = Counter(airing.ref for airing in history if airing.day < day)
    count = len(members)
    shifted = [members[(index + day.toordinal()) % count] for index in range(count)]
    return sorted(shifted, key=lambda member: aired[member.ref])


class Turns(Generic[_T]):
    """Hands out members one after another; a turn that could not be used is not lost."""

    def __init__(self, members: Sequence[_T]) -> None:
        self._members = members
        self._next = 0

    def __bool__(self) -> bool:
        return bool(self._members)

    def peek(self) -> _T:
        """Whose turn it is."""
        return self._members[self._next % len(self._members)]

    def advance(self) -> None:
        """The turn was used."""
        self._next += 1

"""How often people may do something to the air, and what is only a double click."""

from __future__ import annotations

import math
from collections import deque

from broadcaster.clock import Clock
from broadcaster.errors import TooOften
from broadcaster.playout.interventions import Intervention

AGAIN_S = 2.0
"""The same deed by the same person within this is a double click."""

A_MINUTE = 30
A_SECOND = 5
"""Deeds that one person may do in a minute, and all together in a second."""


class DeedLimits:
    """Owned by whoever holds the desk's lock."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._recent: deque[tuple[float, str]] = deque(maxlen=1000)
        self._first: dict[tuple[str, str, str], tuple[float, Intervention]] = {}

    def count(self, by: str) -> None:
        """One more deed. Raises ``TooOften``."""
        now = self._clock.mono()
        mine = [at for at, who in self._recent if who == by and now - at < 60.0]
        latest = [at for at, _ in self._recent if now - at < 1.0]
        if len(mine) >= A_MINUTE or len(latest) >= A_SECOND:
            wait_s = mine[0] + 60.0 - now if len(mine) >= A_MINUTE else latest[0] + 1.0 - now
            raise TooOften(
                f"操作太频繁,请等 {math.ceil(wait_s)} 秒 / too many deeds: wait {math.ceil(wait_s)} s", wait_s
            )
        self._recent.append((now, by))

    def begin(self, kind: str, key: str, by: str) -> Intervention | None:
        """The first of a double click, or None for a new deed, which counts. Raises ``TooOften``."""
        first = self.first(kind, key, by)
        if first is None:
            self.count(by)
        return first

    def first(self, kind: str, key: str, by: str) -> Intervention | None:
        """The first of a double click."""
        at, one = self._first.get((kind, key, by), (-math.inf, None))
        return one if self._clock.mono() - at < AGAIN_S else None

    def done(self, kind: str, key: str, by: str, one: Intervention) -> None:
        """A deed was done."""
        now = self._clock.mono()
        self._first = {name: kept for name, kept in self._first.items() if now - kept[0] < AGAIN_S}
        self._first[kind, key, by] = now, one

    def forget(self, number: int) -> None:
        """A deed was taken back: the same again is a new one."""
        self._first = {name: kept for name, kept in self._first.items() if kept[1].id != number}

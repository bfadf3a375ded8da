"""How often something may be tried: counted in memory, forgotten with the process."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Hashable

MOST_KEYS = 4096


class Throttle:
    """At most ``limit`` marks for a key within ``within_s`` seconds. May be shared by threads."""

    def __init__(self, limit: int, within_s: float, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._limit = limit
        self._within_s = within_s
        self._monotonic = monotonic
        self._marks: dict[Hashable, deque[float]] = {}
        self._lock = threading.Lock()

    def wait_s(self, key: Hashable) -> float:
        """Seconds until the key is free again; 0 when it is."""
        with self._lock:
            marks = self._fresh(key)
            return max(0.0, marks[0] + self._within_s - self._monotonic()) if len(marks) >= self._limit else 0.0

    def mark(self, key: Hashable) -> None:
        """Count one more."""
        with self._lock:
            marks = self._fresh(key)
            marks.append(self._monotonic())
            self._marks[key] = marks
            while len(marks) > self._limit:
                marks.popleft()
            while len(self._marks) > MOST_KEYS:  # whoever comes from everywhere must not fill the memory
                self._marks.pop(next(iter(self._marks)))

    def clear(self, key: Hashable) -> None:
        """Forget what was counted for the key."""
        with self._lock:
            self._marks.pop(key, None)

    def _fresh(self, key: Hashable) -> deque[float]:
        marks = self._marks.get(key, deque())
        while marks and marks[0] + self._within_s <= self._monotonic():
            marks.popleft()
        if not marks:
            self._marks.pop(key, None)
        return marks

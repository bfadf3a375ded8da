"""Answers that many open pages ask for in the same second, made once for all of them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar, cast

from flask import Flask, current_app

T = TypeVar("T")

EXTENSION = "moment"
KEPT_S = 0.8
"""Less than the second in which each page asks again: nobody is told the same moment twice."""
STIRRED_S = 3.0
"""After a deed, for so long, everything is made anew: its effect must not wait."""
MOST_KEYS = 64
FORGOTTEN_S = 90.0
"""What nobody asked for so long goes: keys carry the minute, and a drawn day is a third of a megabyte."""
MOST_DRAWN = 8


@dataclass(slots=True)
class _Slot:
    lock: threading.Lock = field(default_factory=threading.Lock)
    made_at: float = float("-inf")
    asked_at: float = float("-inf")
    value: Any = None


@dataclass(frozen=True, slots=True)
class Kept(Generic[T]):
    """An answer, and how many seconds old it is."""

    value: T
    age_s: float


class Moment:
    """Keeps answers for a moment; may be shared by threads.

    Who asks while an answer is being made waits for it, and takes it. An error is nobody else's: the next one tries.
    """

    def __init__(self, kept_s: float = KEPT_S, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._kept_s = kept_s
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._slots: dict[Hashable, _Slot] = {}
        self._stirred_at = float("-inf")
        self._drawn: dict[Hashable, tuple[Any, Any]] = {}

    def drawn(self, key: Hashable, facts: object, draw: Callable[[], T]) -> T:
        """What ``draw`` makes of some facts; of the very same facts it is not drawn again."""
        with self._lock:
            known = self._drawn.get(key)
        if known is not None and known[0] == facts:
            return cast(T, known[1])
        value = draw()
        with self._lock:
            while len(self._drawn) >= MOST_DRAWN:
                self._drawn.pop(next(iter(self._drawn)))
            self._drawn[key] = facts, value
        return value

    def get(self, key: Hashable, make: Callable[[], T], *, kept_s: float | None = None) -> Kept[T]:
        """The answer of a key, made by ``make`` if there is none that is young enough."""
        asked_at = self._monotonic()
        slot = self._slot(key, asked_at)
        with slot.lock:
            now = self._monotonic()
            stirred = now - self._stirred_at < STIRRED_S
            # What was begun after this one asked is fresh for it, however long it took to make.
            if slot.made_at < asked_at and (stirred or now - slot.made_at >= (kept_s or self._kept_s)):
                slot.value = make()
                slot.made_at = now
            return Kept(cast(T, slot.value), self._monotonic() - slot.made_at)

    def stir(self) -> None:
        """Something was done: nobody is shown what was kept before."""
        self._stirred_at = self._monotonic()

    def _slot(self, key: Hashable, now: float) -> _Slot:
        with self._lock:
            if key not in self._slots:
                for old in [one for one, slot in self._slots.items() if now - slot.asked_at > FORGOTTEN_S]:
                    del self._slots[old]
                while len(self._slots) >= MOST_KEYS:
                    self._slots.pop(next(iter(self._slots)))
                self._slots[key] = _Slot()
            self._slots[key].asked_at = now
            return self._slots[key]


def init_app(app: Flask) -> None:
    """Give the app its moment."""
    app.extensions[EXTENSION] = Moment()


def current_moment() -> Moment:
    """The moment of the app that serves this request."""
    return cast(Moment, current_app.extensions[EXTENSION])

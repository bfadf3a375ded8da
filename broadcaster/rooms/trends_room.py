"""Trends of a period: read from the daily sums, plotted once, printed. Behind ``Offices.trends``."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Protocol, cast
from zoneinfo import ZoneInfo

from broadcaster.clock import Clock
from broadcaster.errors import BroadcasterError, UsageError
from broadcaster.paper import pdf
from broadcaster.store.database import Database
from broadcaster.store.day_sums import DaySum, DaySums
from broadcaster.store.vendors import Vendors
from broadcaster.trends.charts import TITLES, charts_of, key_of
from broadcaster.trends.drawing import Plots
from broadcaster.trends.figures import Trends, trends_of
from broadcaster.trends.job import Form
from broadcaster.trends.sheet import Grid, grids, paper

log = logging.getLogger(__name__)

USUAL_WEEKS = 8
MOST_DAYS = 731
"""Two years."""
KEPT = 12


@dataclass(frozen=True, slots=True)
class _State:
    first: date
    last: date
    mark: tuple[int, str]
    missing: tuple[date, ...]
    names: tuple[tuple[str, str], ...]
    so_far: DaySum | None


@dataclass(frozen=True, slots=True)
class TrendsSheet:
    """What the page shows of a period."""

    trends: Trends
    grids: Sequence[Grid]
    key: str
    """Changes when any of its plots does."""


class TrendsOffice(Protocol):
    """What :class:`TrendsRoom` does, for the page. ``UsageError`` for a period that makes no sense."""

    def usual(self) -> tuple[date, date]:
        """The eight weeks up to yesterday: what is over changes no more, and its plots are drawn once."""
        ...

    def trends(self, first: date, last: date) -> Trends: ...
    def sheet(self, first: date, last: date, language: str) -> TrendsSheet: ...
    def plot(self, name: str, first: date, last: date, language: str, form: Form = "svg") -> bytes:
        """A picture; some seconds where it was not drawn before. ``PlotError``, ``TooOften``."""
        ...

    def pdf(self, first: date, last: date, language: str, store: str) -> bytes:
        """All of it on paper; some seconds. ``PlotError``, ``PaperError``."""
        ...


class TrendsRoom:
    """May be shared by threads. ``StoreError`` as of :class:`Database`."""

    def __init__(
        self, database: Database, clock: Clock, tz: Callable[[], ZoneInfo], zone: str, folder: Path,
        unrecorded: Callable[[date], Sequence[str]] = lambda on: (),
    ) -> None:  # fmt: skip
        self._clock = clock
        self._tz = tz
        self._unrecorded = unrecorded
        self._sums = DaySums(database, zone)
        self._vendors = Vendors(database, clock)
        self._plots = Plots(folder)
        self._lock = threading.Lock()
        self._answers: deque[tuple[_State, str, object]] = deque(maxlen=KEPT)
        self._today: tuple[date, float, DaySum] | None = None

    def usual(self) -> tuple[date, date]:
        """See :class:`TrendsOffice`."""
        yesterday = self._now_on() - timedelta(days=1)
        monday = yesterday - timedelta(days=yesterday.weekday())
        return monday - timedelta(weeks=USUAL_WEEKS - 1), yesterday

    def trends(self, first: date, last: date) -> Trends:
        """See :class:`TrendsOffice`. Today, where it is asked for, as it is so far."""
        return self._trends(self._state(first, last))

    def _state(self, first: date, last: date, language: str = "zh") -> _State:
        """What the answer depends on: the same, and it is the answer of before."""
        if not 0 <= (last - first).days < MOST_DAYS:
            raise UsageError(
                f"{first} 至 {last} 不行:先早后晚,最多两年 / "
                f"{first} to {last} makes no sense: the earlier date first, at most two years"
            )
        today = self._now_on()
        over = min(last, today - timedelta(days=1))
        return _State(
            first, last, self._sums.mark(first, over), tuple(self._sums.missing(first, over)),
            tuple(
                (vendor.id, (vendor.name_en if language == "en" else "") or vendor.name_zh)
                for vendor in self._vendors.list()
            ),
            self._so_far(today) if first <= today <= last else None,
        )  # fmt: skip

    def _trends(self, state: _State) -> Trends:
        return cast(Trends, self._known(state, "", lambda: self._made(state)))

    def _made(self, state: _State) -> Trends:
        over = min(state.last, self._now_on() - timedelta(days=1))
        days = self._sums.read(state.first, over) + ([state.so_far] if state.so_far else [])
        return trends_of(days, state.first, state.last, names=dict(state.names), missing=state.missing)

    def _known(self, state: _State, language: str, make: Callable[[], object]) -> object:
        """The few answers that were last asked for are kept: those of two years take a while."""
        with self._lock:
            for kept, of, answer in self._answers:
                if of == language and kept == state:
                    return answer
        made = make()
        with self._lock:
            self._answers.append((state, language, made))
        return made

    def sheet(self, first: date, last: date, language: str) -> TrendsSheet:
        """See :class:`TrendsOffice`."""
        state = self._state(first, last, language)

        def make() -> TrendsSheet:
            found = self._trends(state)
            return TrendsSheet(found, grids(found, language), key_of(charts_of(found, language), "svg"))

        return cast(TrendsSheet, self._known(state, language, make))

    def plot(self, name: str, first: date, last: date, language: str, form: Form = "svg") -> bytes:
        """See :class:`TrendsOffice`. All of a period are drawn at once: the child takes longest to start."""
        if name not in TITLES:
            raise UsageError(f"没有图“{name}” / there is no plot “{name}”: {', '.join(TITLES)}")
        return self._plots.get(charts_of(self._trends(self._state(first, last, language)), language), form)[name]

    def pdf(self, first: date, last: date, language: str, store: str) -> bytes:
        """See :class:`TrendsOffice`."""
        found = self._trends(self._state(first, last, language))
        pictures = self._plots.get(charts_of(found, language), "png") if found.weeks else {}
        at = f"{self._clock.now().astimezone(self._tz()):%Y-%m-%d %H:%M}"
        made = f"made {at}" if language == "en" else f"{at} 制作"
        return pdf(paper(found, pictures, language, store, made))

    def _now_on(self) -> date:
        return self._clock.now().astimezone(self._tz()).date()

    def _so_far(self, today: date) -> DaySum:
        """Read anew every ten minutes: a plot that changes with each song would be drawn for each look."""
        with self._lock:
            if self._today is None or self._today[0] != today or self._clock.mono() - self._today[1] > 600:
                found = self._sums.compute(today, self._tz(), self._lacking(today))
                self._today = today, self._clock.mono(), found
            return self._today[2]

    def _lacking(self, today: date) -> Sequence[str]:
        try:
            return self._unrecorded(today)
        except BroadcasterError as error:
            # Such as no plan on air yet: what the log has can be told all the same.
            log.warning("what the log of %s lacks can't be told: %s", today, error)
            return ()

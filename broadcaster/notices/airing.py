"""The side of the desk that the compiler sees: a date's notices, with their vendors' terms and make-goods."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from broadcaster.clock import Clock
from broadcaster.notices.feed import airing_notices, on_date, with_terms
from broadcaster.notices.owing import BACK_DAYS, Group, contracted_on, owed_on
from broadcaster.rundown.events import Notice
from broadcaster.store.database import Database
from broadcaster.store.kept_days import KeptDays
from broadcaster.store.notices import Notices
from broadcaster.store.vendors import Contract, Vendors


class Aired(Protocol):
    """That something was on air."""

    @property
    def ref(self) -> str: ...
    @property
    def date(self) -> date: ...


Past = Callable[[date, date], Iterable[Aired]]
"""Airings of the log from a date to another, both included, for which nothing is owed: ``Proof.settled``."""

_Terms = tuple[Sequence[Contract], Mapping[str, float], Mapping[Group, int]]


class AiringDesk:
    """May be shared by threads."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        tz: Callable[[], ZoneInfo],
        zone: str,
        day_types: Callable[[date], Collection[str]] | None,
        past: Past | None,
    ) -> None:
        self.days = KeptDays(database, zone)
        self._clock = clock
        self._tz = tz
        self._day_types = day_types
        self._past = past
        self._notices = Notices(database)
        self._vendors = Vendors(database, clock)
        self._lock = threading.Lock()
        self._owed: dict[tuple[date, date, int], Mapping[Group, int]] = {}
        self._seen: dict[tuple[date, int], Sequence[Notice]] = {}

    def feed(self, day: date, *, without: str | None = None, candidate: Notice | None = None) -> tuple[Notice, ...]:
        """What a date is compiled from, without one notice, or with one that is not approved in its place."""
        begins = self._begins(day)
        found = [one for one in self._of(day, begins) if one.id != without]
        if candidate is not None:
            found += on_date([candidate], day, self._types(day))
        return with_terms(found, *self._terms(found, day), begins)

    def ahead(self, day: date, without: str, candidate: Notice | None) -> tuple[tuple[Notice, ...], tuple[Notice, ...]]:
        """Two of :meth:`feed`, to compare: without a notice, and with it, or the candidate in its place.

        For a look ahead only: what changed without changing the stamp is not seen.
        """
        key, begins, types = (day, self._notices.stamp()), self._begins(day), self._types(day)
        with self._lock:
            known = self._seen.get(key)
        if known is None:
            known = list(airing_notices(self._notices.airing(day, day, begins), self._clock.now()))
            with self._lock:
                if len(self._seen) > 40:
                    self._seen.clear()
                self._seen[key] = known
        whole = on_date(known, day, types)
        rest = [one for one in whole if one.id != without]
        after = whole if candidate is None else [*rest, *on_date([candidate], day, types)]
        terms = self._terms(after, day)
        with_it = with_terms(after, *terms, begins)
        if any(one.id == without and one.vendor and one.rotation for one in (*whole, *after)):
            # It takes its share from its vendor's others.
            return with_terms(rest, *terms, begins), with_it
        return tuple(one for one in with_it if one.id != without), with_it

    def _terms(self, found: Sequence[Notice], day: date) -> _Terms:
        """Of the vendors' notices that take turns, if any does: contracts, weights and what is owed."""
        if all(one.vendor is None or one.rotation is None for one in found):
            return (), {}, {}
        weights = {vendor.id: vendor.weight for vendor in self._vendors.list()}
        contracts = self._vendors.contracts_of(day)
        return contracts, weights, self._owed_on(day) if contracts and self._past is not None else {}

    def _of(self, day: date, begins: datetime) -> list[Notice]:
        found = airing_notices(self._notices.airing(day, day, begins), self._clock.now())
        return on_date(found, day, self._types(day))

    def _types(self, day: date) -> frozenset[str] | None:
        return frozenset(self._day_types(day)) if self._day_types else None

    def _begins(self, day: date) -> datetime:
        return datetime.combine(day, time.min, self._tz()).astimezone(UTC)

    def _owed_on(self, day: date) -> Mapping[Group, int]:
        """Worked out once for a date while today lasts and nothing changes that airs."""
        key = day, self._clock.now().astimezone(self._tz()).date(), self._notices.stamp()
        with self._lock:
            if key not in self._owed:
                if len(self._owed) > 40:
                    self._owed.clear()
                self._owed[key] = self._count(day)
            return self._owed[key]

    def _count(self, day: date) -> Mapping[Group, int]:
        first, last = day - timedelta(days=BACK_DAYS), day - timedelta(days=1)
        kept = self.days.promises(first, last)
        heard: dict[date, Counter[str]] = {}
        for one in self._past(first, last) if self._past else ():
            heard.setdefault(one.date, Counter())[one.ref] += 1
        notices = list(airing_notices(self._notices.airing(first, last, self._begins(first))))
        groups = {one.id: (one.vendor, one.rotation) for one in notices if one.vendor and one.rotation}
        contracts = self._vendors.contracts()
        contracted: dict[date, Mapping[Group, int]] = {}
        counted: dict[date, Mapping[Group, int]] = {}
        for on in (first + timedelta(days=number) for number in range(BACK_DAYS)):
            begins = self._begins(on)
            terms = [one for one in contracts if one.first <= on <= one.last]
            if not terms:
                continue
            ready = [one for one in notices if one.until is None or one.until > begins]
            known = on_date(ready, on, self._types(on))
            contracted[on] = contracted_on(begins, terms, known, kept.get(on))
            sums: Counter[Group] = Counter()
            for ref, count in heard.get(on, Counter()).items():
                if ref in groups:
                    sums[groups[ref]] += count
            counted[on] = sums
        return owed_on(day, contracted, counted)

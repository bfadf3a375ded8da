"""Each night: what is older than the house keeps it goes to the archive, and only what can be read there is deleted.

Nothing is remembered between the steps but the archive's manifest, so that it may be broken off anywhere: what is in a
file of the manifest, word for word, is deleted; what is not gets a file of its own first.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import chain, islice
from typing import Any

from broadcaster.clock import Clock
from broadcaster.decisions import decided
from broadcaster.errors import BroadcasterError
from broadcaster.ops.archive import Archive, Part, month_days
from broadcaster.ops.causes import Cause, cause
from broadcaster.plan.plan import Plan
from broadcaster.plan.unattended_models import LEAST_KEPT_DAYS
from broadcaster.plan.unattended_models import Retention as Rules
from broadcaster.store.retiring import Document, Retiring

log = logging.getLogger(__name__)

BATCH = 200
"""Rows deleted in one transaction, some ten milliseconds."""
PAUSE_S = 0.05
"""From one transaction to the next: the air's log is written in between."""
MONTHS = 24
"""Of each kind in a night, at most."""


class Retention:
    """:meth:`run` belongs to one thread of the daemon that holds the home."""

    def __init__(
        self, archive: Archive, retiring: Retiring, clock: Clock, plan: Callable[[], Plan | None],
        summed: Callable[[Plan, date, date], object], *, pause_s: float = PAUSE_S,
    ) -> None:  # fmt: skip
        """``summed``: have the sums of the days from a date on, and before another, written."""
        self._archive = archive
        self._retiring = retiring
        self._clock = clock
        self._plan = plan
        self._summed = summed
        self._pause_s = pause_s
        self._stop = threading.Event()
        self.trouble = ""
        """Why the last night's work was not done."""

    def stop(self) -> None:
        """Leave off before the next transaction."""
        self._stop.set()

    def run(self) -> None:
        """All kinds, the oldest month first. What goes wrong with one kind does not keep the others."""
        plan = self._plan()
        if plan is None:
            return
        today = self._clock.now().astimezone(plan.station.tz).date()
        troubles = []
        for kind, before in bounds(plan.station.retention, today).items():
            try:
                self._kind(plan, kind, before, today)
            except BroadcasterError as error:
                log.error("archive of %s: %s", kind, error)
                troubles.append(str(error))
        self.trouble = "; ".join(troubles)

    def _kind(self, plan: Plan, kind: str, before: date, today: date) -> None:
        since = date.min
        for _ in range(MONTHS):
            oldest = self._retiring.oldest(kind, before, today, since)
            if oldest is None or self._stop.is_set():
                return
            month = f"{oldest:%Y-%m}"
            last = month_days(month)[-1]
            if kind == "asrun":
                self._summed(plan, oldest, last)
            self._month(kind, month, before, today)
            # What changed under way is left for the next night.
            since = last + timedelta(days=1)

    def _month(self, kind: str, month: str, before: date, today: date) -> None:
        """Delete what earlier parts have; write the rest, and delete that."""
        deleted = 0
        for known in self._archive.parts(kind, month):
            if fault := self._archive.fault(known):
                log.error("a part of the archive is not used: %s", fault)
            else:
                deleted += self._delete(kind, self._archive.documents(known))
        rest = self._rest(kind, month, before, today)
        part: Part | None = None
        if (first := next(rest, None)) is not None and not self._stop.is_set():
            part = self._archive.write(kind, month, chain([first], rest), self._clock.now())
            deleted += self._delete(kind, self._archive.documents(part))
        decided(
            "archived", of=kind, month=month, file=part.name if part else None, rows=part.rows if part else 0,
            deleted=deleted,
        )  # fmt: skip

    def _rest(self, kind: str, month: str, before: date, today: date) -> Iterator[tuple[date, Document]]:
        for on in month_days(month):
            for document in self._retiring.of_day(kind, on, before, today):
                yield on, document

    def _delete(self, kind: str, documents: Iterator[dict[str, Any]]) -> int:
        deleted = 0
        while batch := list(islice(documents, BATCH)):
            if self._stop.is_set():
                break
            deleted += self._retiring.delete(kind, batch)
            self._stop.wait(self._pause_s)
        return deleted

    def causes(self, now: datetime) -> Sequence[Cause]:
        """See :class:`broadcaster.ops.causes.Source`."""
        if not self.trouble:
            return ()
        return (
            cause("archive", f"旧记录没能归档:{self.trouble}", f"old records could not be archived: {self.trouble}"),
        )


def bounds(rules: Rules, today: date) -> Mapping[str, date]:
    """By kind the first date that stays, always the first of a month; a kind that is kept for ever is missing."""
    # Who looks into an old day of the log wants the plan of then, and what vendors' notices were then.
    versions, revisions = (max(one, rules.log) if one and rules.log else 0 for one in (rules.versions, rules.revisions))
    kept = {
        "asrun": rules.log, "promises": rules.log, "texts": rules.texts, "audit": rules.audit, "alerts": rules.alerts,
        "versions": versions, "revisions": revisions,
    }  # fmt: skip
    found = {}
    for kind, days in kept.items():
        if days:
            on = date.fromordinal(max(1, today.toordinal() - max(days, LEAST_KEPT_DAYS)))
            found[kind] = on.replace(day=1)
    return found

"""Gathers what is known of a date for its day book: the plan that held then, the log, and who did what."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple, Protocol

from broadcaster.asrun.day_book import DayBook, DayFacts, PlannedSegment, PlannedSpot, Published
from broadcaster.asrun.day_book_document import day_book_document
from broadcaster.asrun.day_book_making import put_together
from broadcaster.asrun.log import AsRunLog
from broadcaster.clock import Clock
from broadcaster.errors import ArchiveError, NotRunning
from broadcaster.ops.archive import Archive
from broadcaster.paper import Paper, pdf
from broadcaster.plan.calendar import type_title
from broadcaster.plan.plan import Plan
from broadcaster.publishing.almanac import Almanac
from broadcaster.reports.plan_then import PlansThen
from broadcaster.rundown.day_clock import DayClock
from broadcaster.rundown.events import Rundown, Segment
from broadcaster.store.alerts import AlertRows
from broadcaster.store.audit import AuditEntry, AuditTrail
from broadcaster.store.database import Database
from broadcaster.store.interventions import InterventionRows
from broadcaster.store.kept_days import KeptDays
from broadcaster.store.plan_versions import PlanVersions, VersionRow
from broadcaster.store.users import Users

log = logging.getLogger(__name__)

AREAS = ("air", "plan", "day", "notice", "lexicon", "playlist", "clock", "alert")
"""First words of the deeds that change what is heard; the trail has the others."""
MOST_DEEDS = 1000
BRIEF = timedelta(minutes=1)
"""A version that held no longer was a step to the next."""
MOST_SPANS = 6
"""So many versions of one date are compiled, the last ones; each costs a second at first."""

MEANT = frozenset({"emergency", "stopped-by-hand"})
"""Alerts of what people meant to do, which the book has among their deeds: no faults."""


class DayBookOffice(Protocol):
    """What :class:`DayBookRoom` does, for the page."""

    def book(self, on: date) -> DayBook:
        """The day book of a date. ``NotRunning`` while there is no plan, ``StoreError``."""
        ...

    def document(self, on: date) -> dict[str, Any]:
        """The same for programs: see :mod:`broadcaster.asrun.day_book_document`."""
        ...

    def printed(self, paper: Paper) -> bytes:
        """A document as PDF. ``PaperError``."""
        ...


class _Span(NamedTuple):
    start: datetime
    end: datetime
    plan: Plan
    rundown: Rundown


class DayBookRoom:
    """Of one zone; may be shared by threads. ``StoreError`` as of :class:`Database`."""

    def __init__(
        self, database: Database, clock: Clock, zone: str, plan: Callable[[], Plan | None], almanac: Almanac,
        plans: PlansThen | None = None, archive: Archive | None = None,
    ) -> None:  # fmt: skip
        self._clock = clock
        self._zone = zone
        self._plan = plan
        self._almanac = almanac
        self._plans = plans
        self._archive = archive
        self._versions = PlanVersions(database, clock)
        self._log = AsRunLog(database, zone)
        self._kept = KeptDays(database, zone)
        self._hands = InterventionRows(database, zone)
        self._alerts = AlertRows(database, zone)
        self._trail = AuditTrail(database, clock)
        self._users = Users(database, clock)

    def book(self, on: date) -> DayBook:
        """See :class:`DayBookOffice`."""
        plan, now = self._plan(), self._clock.now()
        if plan is None:
            raise NotRunning("还没有可播的计划 / no plan is on air yet")
        tz = plan.station.tz
        start, end = (datetime.combine(one, time.min, tz).astimezone(UTC) for one in (on, on + timedelta(days=1)))
        rows = self._published(start, min(end, now))
        spans, as_then = self._spans(plan, on, rows, start, end)
        last = spans[-1]
        day, clock = last.rundown.day, DayClock(on, tz)
        names = {one.name: one.display for one in self._users.list()}
        types = [type_title(last.plan.calendar, name) for name in day.types]
        past = start <= now
        return put_together(DayFacts(
            date=on, tz=tz, now=now, store=(plan.station.name.zh, plan.station.name.text("en")), zone=self._zone,
            midnight=(start, end), day_types=[(title.zh, title.text("en")) for title in types],
            hours=(clock.instant(clock.real(day.open_s)), clock.instant(clock.real(day.close_s))),
            segments=_segments(spans), spots=_spots(spans), as_then=as_then,
            versions=[Published(row.id, row.at, row.who, row.how, row.words) for row in rows],
            entries=self._log.entries(on) if past else (), texts=self._kept.texts(on),
            hands=self._hands.between(start, end) if past else (), deeds=self._deeds(start, end),
            alerts=[one for one in self._alerts.between(start, min(end, now)) if one.code not in MEANT] if past else (),
            names=names,
            archived=self._archived(on),
        ))  # fmt: skip

    def unrecorded(self, on: date) -> list[str]:
        """The kind of each planned spot of a date that is over and that the log says nothing of; for the trends.

        Nothing of a date without any log, as the book has no share of it, nor where the plan of then is lost.
        """
        book = self.book(on)
        if book.share is None or not book.facts.as_then:
            return []
        return [line.kind for line in book.missed if line.state == "unrecorded" and not line.by]

    def document(self, on: date) -> dict[str, Any]:
        """See :class:`DayBookOffice`."""
        return day_book_document(self.book(on))

    def printed(self, paper: Paper) -> bytes:
        """See :class:`DayBookOffice`."""
        return pdf(paper)

    def _archived(self, on: date) -> list[str]:
        try:
            return [one.name for one in self._archive.of_date("asrun", on)] if self._archive else []
        except ArchiveError as error:
            # The day itself is still in the database, more likely than not.
            log.warning("%s", error)
            return []

    def _deeds(self, start: datetime, end: datetime) -> list[AuditEntry]:
        found = self._trail.entries(MOST_DEEDS, since=start, until=end)
        return [one for one in reversed(found) if one.what.partition(".")[0] in AREAS]

    def _published(self, start: datetime, end: datetime) -> list[VersionRow]:
        """The versions that held from ``start`` to ``end``, oldest first, but for those that were steps to others."""
        row, after = self._versions.around(start)
        found = [row] if row is not None else []
        while after is not None and after.at < end:
            if found and found[-1].at >= start and after.at - found[-1].at < BRIEF:
                found.pop()
            found.append(after)
            after = self._versions.around(after.at)[1]
        return found

    def _spans(
        self, plan: Plan, on: date, rows: Sequence[VersionRow], start: datetime, end: datetime
    ) -> tuple[list[_Span], bool]:
        """What held when, each with its rundown; and whether all of them are as they were."""
        found, as_then = [], True
        shown = rows[-MOST_SPANS:]
        today = self._clock.now().astimezone(plan.station.tz).date()
        for number, row in enumerate(shown):
            begin = start if number == 0 else row.at
            over = shown[number + 1].at if number + 1 < len(shown) else end
            # Asked for its last moment: a step towards it may stand at its beginning.
            then = (
                self._plans.at(min(over - timedelta(microseconds=1), self._clock.now()), today) if self._plans else None
            )
            if then is not None and then.plan is not None:
                told = then.plan.model_copy(update={"timely": plan.timely, "weather": plan.weather})
                found.append(_Span(begin, over, told, self._almanac.compile(told, on, self._almanac.notices(on))))
                continue
            as_then = as_then and (then is None or not then.lost)
            found.append(_Span(begin, over, plan, self._almanac.rundown(plan, on)))
        return found or [_Span(start, end, plan, self._almanac.rundown(plan, on))], as_then


def _inside(at: datetime, span: _Span, spans: Sequence[_Span]) -> bool:
    # What airs after midnight still belongs to the date.
    return span.start <= at and (at < span.end or span is spans[-1])


def _spots(spans: Sequence[_Span]) -> list[PlannedSpot]:
    found: dict[str, PlannedSpot] = {}
    for span in spans:
        for spot in span.rundown.spots:
            if _inside(spot.at, span, spans):
                found[spot.id] = PlannedSpot(
                    spot.id, spot.at, spot.duration_s, spot.kind, spot.ref, spot.key, spot.title.zh,
                    spot.title.text("en"), spot.by,
                )  # fmt: skip
    return sorted(found.values(), key=lambda spot: spot.at)


def _segments(spans: Sequence[_Span]) -> list[PlannedSegment]:
    found: list[PlannedSegment] = []
    for span in spans:
        last = span is spans[-1]
        for segment in span.rundown.segments:
            start, end = max(segment.start, span.start), segment.end if last else min(segment.end, span.end)
            if start >= end:
                continue
            one = _segment(span.plan, segment, start, end)
            before = found[-1] if found else None
            if before is not None and before.end == start == span.start and _same(before, one):
                found[-1] = _segment(span.plan, segment, before.start, end)
            else:
                found.append(one)
    return found


def _segment(plan: Plan, segment: Segment, start: datetime, end: datetime) -> PlannedSegment:
    level = plan.level(segment.level) if segment.level else None
    return PlannedSegment(
        start, end, segment.daypart, segment.title.zh, segment.title.text("en"), segment.bed is not None,
        level.title.zh if level else "", level.title.text("en") if level else "", segment.dial,
    )  # fmt: skip


def _same(one: PlannedSegment, other: PlannedSegment) -> bool:
    return (one.daypart, one.music) == (other.daypart, other.music)

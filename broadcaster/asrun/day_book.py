"""The day book: a date of one zone as it is printed and kept, planned against heard.

Frozen values, which :mod:`broadcaster.asrun.day_book_making` makes. All instants are aware, in UTC.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from broadcaster.asrun.day_share import Share
from broadcaster.asrun.entries import Entry, Outcome
from broadcaster.store.alerts import StoredAlert
from broadcaster.store.audit import AuditEntry
from broadcaster.store.interventions import StoredIntervention
from broadcaster.store.kept_days import DayText


@dataclass(frozen=True, slots=True)
class PlannedSegment:
    """A daypart of the date. ``music`` is false for deliberate silence."""

    start: dt.datetime
    end: dt.datetime
    daypart: str
    title_zh: str
    title_en: str
    music: bool
    level_zh: str
    level_en: str
    dial: float | None


@dataclass(frozen=True, slots=True)
class PlannedSpot:
    """A spot of the date. ``by``: who put it on air by hand; empty for one of the plan."""

    id: str
    at: dt.datetime
    duration_s: float
    kind: str
    ref: str
    key: str
    title_zh: str
    title_en: str
    by: str = ""


@dataclass(frozen=True, slots=True)
class Published:
    """A version of the plan that held on the date."""

    version: int
    at: dt.datetime
    who: str
    how: str
    """``page``, ``cli`` or ``file``."""
    words: str


@dataclass(frozen=True, slots=True)
class DayFacts:
    """All that is known of the date."""

    date: dt.date
    tz: dt.tzinfo
    now: dt.datetime
    store: tuple[str, str]
    """Chinese and English name."""
    zone: str
    midnight: tuple[dt.datetime, dt.datetime]
    """The date's own, and the next."""
    day_types: Sequence[tuple[str, str]]
    """Chinese and English titles, highest first."""
    hours: tuple[dt.datetime, dt.datetime] | None
    """Opening and closing."""
    segments: Sequence[PlannedSegment] = ()
    spots: Sequence[PlannedSpot] = ()
    as_then: bool = True
    """Whether the plan is the one that held; else it is today's, the earlier one being lost."""
    versions: Sequence[Published] = ()
    entries: Sequence[Entry] = ()
    texts: Sequence[DayText] = ()
    hands: Sequence[StoredIntervention] = ()
    deeds: Sequence[AuditEntry] = ()
    """Oldest first."""
    alerts: Sequence[StoredAlert] = ()
    archived: Sequence[str] = ()
    """Files of the archive that hold the date's log."""
    names: Mapping[str, str] = field(default_factory=dict)
    """Account -> by what name people know it."""


@dataclass(frozen=True, slots=True)
class BookLine:
    """A spot: planned, and what became of it."""

    spot_id: str
    at: dt.datetime
    """Planned."""
    planned_s: float | None
    """None for one that only the log knows."""
    kind: str
    ref: str
    title_zh: str
    title_en: str
    state: str
    """An outcome; ``airing``, ``planned`` (to come), or ``unrecorded``: over, and the log says nothing."""
    entry: Entry | None
    text: int | None
    """Number in :attr:`DayBook.texts`."""
    by: str

    @property
    def heard_at(self) -> dt.datetime | None:
        """When it began to sound, by the best witness there is; None too for what the ear listened for in vain."""
        return None if self.entry is None or self.unheard else self.entry.heard_at or self.entry.commanded_at

    @property
    def unheard(self) -> bool:
        """Whether the ear listened for it and heard nothing of it."""
        entry = self.entry
        return entry is not None and entry.heard_by == "ear" and entry.heard_at is None

    @property
    def off_s(self) -> float | None:
        """How much later than planned it began, in seconds."""
        return None if self.heard_at is None else (self.heard_at - self.at).total_seconds()

    @property
    def length_s(self) -> float | None:
        """How long it sounded, in seconds; None while nobody knows."""
        if self.heard_at is None or self.entry is None or self.entry.ended_at is None:
            return None
        return max(0.0, (self.entry.ended_at - self.heard_at).total_seconds())

    @property
    def missed(self) -> bool:
        """Whether it did not air, not whole, or was not heard."""
        return self.unheard or self.state in (Outcome.PARTIAL, Outcome.SKIPPED, Outcome.FAILED, "unrecorded")


@dataclass(frozen=True, slots=True)
class Music:
    """The bed of a segment, summed up."""

    tracks: int
    first: dt.datetime
    last: dt.datetime
    sounded_s: float


@dataclass(frozen=True, slots=True)
class BookPart:
    """A segment and what belongs to it; without a segment, what lies outside of all."""

    segment: PlannedSegment | None
    lines: tuple[BookLine, ...]
    music: Music | None


@dataclass(frozen=True, slots=True)
class DayBook:
    """A date, put together."""

    facts: DayFacts
    parts: tuple[BookPart, ...]
    missed: tuple[BookLine, ...]
    """Spots that did not air, not whole, or were not heard."""
    lost_tracks: tuple[Entry, ...]
    """Music that could not be played."""
    texts: tuple[DayText, ...]
    """Each once; the numbers begin with 1."""
    calls: tuple[StoredIntervention, ...]
    """Emergencies and live pages."""
    share: Share | None
    """None where there is no log, where some of it is in the archive, or nothing of the date is over yet."""

    @property
    def date(self) -> dt.date:
        """Its date."""
        return self.facts.date

    @property
    def logged(self) -> bool:
        """Whether the log has anything of the date."""
        return bool(self.facts.entries)

    @property
    def coming(self) -> bool:
        """Whether the date has not begun."""
        return self.facts.now < self.facts.midnight[0]

    @property
    def until(self) -> dt.datetime | None:
        """How far it goes, while the date runs."""
        return self.facts.now if not self.coming and self.facts.now < self.facts.midnight[1] else None

    def name(self, account: str) -> str:
        """By what name people know an account."""
        return self.facts.names.get(account) or account

    def approvers(self, text: DayText) -> list[str]:
        """Who approved a text."""
        return [self.name(who) for who in text.approved_by.split(", ") if who]

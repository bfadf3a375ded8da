"""What counts as an airing, for vendors: one rule for the fees, the reports, and what is made good. Pure.

An airing counts if it was heard: by the ear at the output, or, while no ear heard the device, by the player's word,
which is told apart. Of one that did not run from its beginning to its end at least nine tenths must have been heard, in
one piece. What was commanded and not heard does not count, whoever says that it was aired.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from broadcaster.asrun.entries import BROKEN_OFF, CUT_OFF, REPLACED, SILENCED, TAKEN_UP, Outcome

SHARE = 0.9
"""At least this part of its length must have been heard."""

_GAPS = (TAKEN_UP, BROKEN_OFF, CUT_OFF, REPLACED, *SILENCED)
"""Reasons of entries whose beginning and end do not tell how much was heard between them."""


class Standing(StrEnum):
    """What an entry is worth as proof."""

    EAR = "ear"
    """The ear heard it at the output."""
    PLAYER = "player"
    """No ear heard the device; the player says that it played."""
    UNHEARD = "unheard"
    """It was listened for, and not heard."""
    UNSAID = "unsaid"
    """The log has it aired, and nobody's word of its being heard: from before there was an ear, or a crash took it."""
    SHORT = "short"
    """It sounded, but less than :data:`SHARE` of it, or nobody can tell how much."""
    SILENT = "silent"
    """It was skipped, or failed."""
    OPEN = "open"
    """It has no end yet."""

    @property
    def counts(self) -> bool:
        """Whether it is an airing that may be charged."""
        return self in (Standing.EAR, Standing.PLAYER)

    @property
    def settles(self) -> bool:
        """Whether nothing is owed for it: nobody owes what may well have been heard, and nobody pays for it."""
        return self.counts or self is Standing.UNSAID


@dataclass(frozen=True, slots=True)
class Facts:
    """Of an entry, what its standing depends on."""

    outcome: str | None
    heard_by: str | None
    heard_at: dt.datetime | None
    commanded_at: dt.datetime | None = None
    ended_at: dt.datetime | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Recording:
    """How long the whole of a notice is, in seconds, for a stretch of time."""

    since: dt.datetime
    until: dt.datetime | None
    length_s: float


def standing(entry: Facts, length_s: float | None = None) -> Standing:
    """What an entry is worth; ``length_s`` is the length of the whole, wanted for those that aired in part."""
    if entry.outcome is None:
        return Standing.OPEN
    if entry.outcome not in (Outcome.AIRED, Outcome.PARTIAL):
        return Standing.SILENT
    if entry.heard_by == "ear" and entry.heard_at is None:
        return Standing.UNHEARD
    if entry.outcome == Outcome.PARTIAL and not _nearly_whole(entry, length_s):
        return Standing.SHORT
    if entry.heard_at is None:
        return Standing.UNSAID
    return Standing.EAR if entry.heard_by == "ear" else Standing.PLAYER


def _nearly_whole(entry: Facts, length_s: float | None) -> bool:
    begun = entry.heard_at or entry.commanded_at
    if begun is None or entry.ended_at is None or not length_s or entry.reason.startswith(_GAPS):
        return False
    return (entry.ended_at - begun).total_seconds() >= SHARE * length_s


def length_of(recordings: Iterable[Recording], at: dt.datetime) -> float | None:
    """Seconds of the recording that held at an instant; None where none is known."""
    held = [one for one in recordings if one.since <= at and (one.until is None or one.until > at)]
    return max(held, key=lambda one: one.since).length_s if held else None

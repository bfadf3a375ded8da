"""What share of a date's programme aired as planned: of its spots, and of its seconds.

Of the spots: those that aired whole and began no more than :data:`ON_TIME` before or after their planned instant (not
those that the ear listened for in vain), divided by all planned ones that are over. What people put on air by hand is
not of the plan and counts on neither side.

Of the seconds: planned are all segments as far as they are over. As planned is

* in a segment with music, every second in which by the log a track or a spot sounded; joints up to :data:`JOINT` are
  no gap;
* in a segment of deliberate silence, every second without music;

less the seconds in which an emergency, a live page or something put on air by hand sounded, in which people had
paused, muted or stopped the air, and in which by an alert nothing was heard, or the fallback music.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from broadcaster.asrun.entries import Entry, Outcome
from broadcaster.asrun.stretches import Stretch, both, seconds, union, without

if TYPE_CHECKING:
    from broadcaster.asrun.day_book import BookLine, DayFacts
    from broadcaster.store.interventions import StoredIntervention

ON_TIME = dt.timedelta(seconds=10)
JOINT = dt.timedelta(seconds=2)
ASTRAY = frozenset({"silence", "output-gone", "fallback-music"})
"""Codes of the alerts of what was not heard, or was not the plan's."""
_INSTEAD = ("emergency", "live", "mute", "stop")


@dataclass(frozen=True, slots=True)
class Share:
    """What was planned as far as it is over, and of that what aired as planned."""

    spots: int
    spots_as_planned: int
    seconds: float
    seconds_as_planned: float

    @property
    def of_spots(self) -> float | None:
        """From 0 to 1; None without any."""
        return self.spots_as_planned / self.spots if self.spots else None

    @property
    def of_seconds(self) -> float | None:
        """From 0 to 1; None without any."""
        return self.seconds_as_planned / self.seconds if self.seconds else None


def share_of(facts: DayFacts, lines: Sequence[BookLine], tracks: Sequence[Entry]) -> Share | None:
    """See the module; None while nothing of the date is over."""
    planned = [line for line in lines if not line.by]
    over = [line for line in planned if line.state not in ("planned", "airing")]
    good = [line for line in over if line.state == Outcome.AIRED and _on_time(line)]
    past = [(segment, (segment.start, min(segment.end, facts.now))) for segment in facts.segments]
    loud = union(stretch for segment, stretch in past if segment.music)
    quiet = union(stretch for segment, stretch in past if not segment.music)
    if not over and not loud and not quiet:
        return None
    music = [_sounded(entry, facts.now) for entry in tracks]
    spots = [_sounded(line.entry, facts.now) for line in lines if line.entry is not None and not line.unheard]
    by_hand = [_sounded(line.entry, facts.now) for line in lines if line.entry is not None and line.by]
    heard = union((*music, *spots), JOINT)
    as_planned = union((*both(loud, heard), *without(quiet, union(music))))
    alerts = [(one.since, one.cleared_at or facts.now) for one in facts.alerts if one.code in ASTRAY]
    otherwise = union((*_hands(facts.hands, facts.now), *by_hand, *alerts))
    # While the music alone is paused, spots air as planned.
    paused = without(union(_hands(facts.hands, facts.now, ("pause",))), union(spots))
    left = without(without(as_planned, otherwise), paused)
    return Share(len(over), len(good), seconds((*loud, *quiet)), seconds(left))


def _on_time(line: BookLine) -> bool:
    return line.off_s is not None and abs(line.off_s) <= ON_TIME.total_seconds()


def _sounded(entry: Entry, now: dt.datetime) -> Stretch:
    begun = entry.heard_at or entry.commanded_at
    if begun is None:
        return now, now
    return begun, entry.ended_at or (now if entry.open else begun)


def _hands(hands: Iterable[StoredIntervention], now: dt.datetime, kinds: Sequence[str] = _INSTEAD) -> list[Stretch]:
    return [
        (one.since, min(end for end in (one.ended_at, one.until, now) if end is not None))
        for one in hands
        if one.kind in kinds
    ]

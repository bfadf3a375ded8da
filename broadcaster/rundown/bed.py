"""The bed of a segment, linear like a radio station's: what sounds at which second follows from the start alone."""

from __future__ import annotations

import random
import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from operator import attrgetter

from broadcaster.plan.plan import Plan, Track
from broadcaster.rundown.events import Rundown, Segment


@dataclass(frozen=True, slots=True)
class BedItem:
    """One track's turn in a bed."""

    id: str
    """Stable: date, daypart and its start, place in the bed, and the track's recording."""
    track: Track
    playlist: str
    daypart: str
    start: datetime
    end: datetime
    """When the last of it is gone: its own end, or earlier where the segment ends."""
    gain_db: float
    fade_in_s: float
    fade_out_s: float
    """Fades are linear in amplitude and lie inside ``start`` to ``end``; two that cross add up to one."""
    left_early: str = ""
    """Why it ends before its time, where somebody at the desk skipped it."""

    def offset_s(self, instant: datetime) -> float:
        """Seconds into the recording at an instant."""
        return (instant - self.start).total_seconds()


@dataclass(frozen=True, slots=True)
class BedSkip:
    """A track that somebody left early: the next one begins at ``at``, and the rest follows from there.

    One that fits no track that sounds at ``at`` means nothing: the plan has changed since.
    """

    place: str
    """Of the bed: a :class:`BedItem`'s id up to ``#``."""
    number: int
    """Of the track in the bed."""
    at: datetime
    who: str = ""

    @property
    def words(self) -> str:
        """For the log."""
        return f"跳过:{self.who} / skipped by {self.who}"


def track_order(plan: Plan, rundown: Rundown, segment: Segment) -> tuple[Track, ...]:
    """The playlist in the order of this date: as listed, or shuffled with the date and the daypart as seed."""
    playlist = plan.playlists.get(segment.bed.playlist) if segment.bed else None
    return _ordered(playlist.tracks, rundown, segment) if playlist else ()


def _ordered(listed: Sequence[Track], rundown: Rundown, segment: Segment) -> tuple[Track, ...]:
    tracks = list(listed)
    if segment.bed is not None and segment.bed.order == "shuffled":
        random.Random(f"{rundown.date.isoformat()}/{segment.daypart}").shuffle(tracks)
    return tuple(tracks)


def bed_between(
    plan: Plan, rundown: Rundown, start: datetime, end: datetime, skips: Sequence[BedSkip] = ()
) -> list[BedItem]:
    """Bed items that sound, or begin, between two instants; in order of their starts."""
    found: list[BedItem] = []
    for segment in rundown.segments:
        if segment.end > start and segment.start < end:
            found += _segment_between(plan, rundown, segment, start, end, skips)
    return found


def bed_at(plan: Plan, rundown: Rundown, instant: datetime, skips: Sequence[BedSkip] = ()) -> list[BedItem]:
    """What should sound at an instant: nothing, one track, or two that cross-fade (the newer one last)."""
    items = bed_between(plan, rundown, instant, instant + timedelta(microseconds=1), skips)
    return [item for item in items if item.start <= instant < item.end]


def can_skip(plan: Plan, rundown: Rundown, skip: BedSkip, skips: Sequence[BedSkip] = ()) -> bool:
    """Whether a skip would mean anything: that track sounds at its instant, and another can follow it."""
    for segment in rundown.segments:
        if segment.start <= skip.at < segment.end and _place(rundown, segment) == skip.place:
            bed = _Bed.of(plan, rundown, segment, skips)
            return bed is not None and bed.pieces([*skips, skip])[-1].skip == skip
    return False


@dataclass(frozen=True, slots=True)
class _Piece:
    """A part of a bed in which one track follows the other without a hand in it."""

    first: int
    begin: datetime
    skip: BedSkip | None = None
    """What it begins with."""
    fade_s: float = 0.0
    """Of that skip."""


@dataclass(frozen=True, slots=True)
class _Bed:
    """The tracks of one segment in their order, and where each would begin."""

    segment: Segment
    place: str
    tracks: tuple[Track, ...]
    """Follow each other, lap after lap, behind those of ``head``."""
    repeat: bool
    cross_s: float
    steps: tuple[float, ...]
    head: tuple[Track, ...] = ()
    """What sounded, up to the track that sounds, when the playlist was changed."""
    head_steps: tuple[float, ...] = (0.0,)
    """Start of each of them, and of the first of ``tracks``."""
    lap_rest: int = 0
    """So many of ``tracks`` come before the playlist is through for the first time; 0: all."""

    @classmethod
    def of(cls, plan: Plan, rundown: Rundown, segment: Segment, skips: Sequence[BedSkip] = ()) -> _Bed | None:
        tracks = track_order(plan, rundown, segment)
        if not tracks or segment.bed is None:
            return None
        earlier = plan.playlists[segment.bed.playlist].earlier
        held = [one for one in earlier if segment.start <= one.until and one.tracks]
        lists = [*(_ordered(one.tracks, rundown, segment) for one in held), tracks]
        cross_s = plan.station.sound.crossfade
        steps = _steps(tuple(track.duration_s for track in lists[0]), cross_s)
        bed = cls(segment, _place(rundown, segment), lists[0], segment.bed.repeat, cross_s, steps)
        for change, following in zip(held, lists[1:], strict=True):
            if change.until < segment.end:
                bed = bed.changed(change.until, following, skips)
        return bed

    def changed(self, at: datetime, tracks: tuple[Track, ...], skips: Sequence[BedSkip]) -> _Bed:
        """The bed with other tracks behind the one that sounds at that instant."""
        piece = [one for one in self.pieces(skips) if one.begin <= at][-1]
        into_s = self.position(piece.first) + (at - piece.begin).total_seconds()
        number = max(piece.first, self.number_at(into_s))
        if number and self.last(number - 1):
            return self  # it is through already
        head = tuple(self.track(one) for one in range(number + 1))
        turn = self._next_in(tracks, number)
        loop = (*tracks[turn:], *tracks[:turn])
        starts = [0.0]
        for track, following in pairwise((*head, loop[0])):
            crossed = _cross(track.duration_s, following.duration_s, self.cross_s)
            starts.append(starts[-1] + track.duration_s - crossed)
        steps = _steps(tuple(track.duration_s for track in loop), self.cross_s)
        return replace(
            self, tracks=loop, steps=steps, head=head, head_steps=tuple(starts), lap_rest=len(tracks) - turn
        )  # fmt: skip

    def _next_in(self, tracks: Sequence[Track], number: int) -> int:
        """Where other tracks go on behind one of these: behind itself, or at the first that came after it here."""
        places = {track.path: place for place, track in reversed(list(enumerate(tracks)))}
        if (here := places.get(self.track(number).path)) is not None:
            return (here + 1) % len(tracks)
        coming = (places.get(self.track(number + ahead).path) for ahead in range(1, len(self.tracks) + 1))
        return next((place for place in coming if place is not None), 0)

    def track(self, number: int) -> Track:
        behind = number - len(self.head)
        return self.tracks[behind % len(self.tracks)] if behind >= 0 or not self.head else self.head[number]

    def position(self, number: int) -> float:
        """Seconds from the bed's first track to that one."""
        if number <= len(self.head):
            return self.head_steps[number]
        lap, index = divmod(number - len(self.head), len(self.tracks))
        return self.head_steps[-1] + lap * self.steps[-1] + self.steps[index]

    def number_at(self, position_s: float) -> int:
        if position_s < self.head_steps[-1]:
            return max(0, bisect_right(self.head_steps, position_s) - 1)
        lap, rest = divmod(max(0.0, position_s - self.head_steps[-1]), self.steps[-1])
        return len(self.head) + int(lap) * len(self.tracks) + bisect_right(self.steps, rest) - 1

    def begin(self, piece: _Piece, number: int) -> datetime:
        return piece.begin + timedelta(seconds=self.position(number) - self.position(piece.first))

    def last(self, number: int) -> bool:
        """Whether nothing follows that track."""
        return not self.repeat and number >= len(self.head) + (self.lap_rest or len(self.tracks)) - 1

    def pieces(self, skips: Sequence[BedSkip]) -> list[_Piece]:
        """The bed cut where tracks were skipped."""
        found = [_Piece(0, self.segment.start)]
        for skip in sorted((one for one in skips if one.place == self.place), key=attrgetter("at")):
            piece, number = found[-1], skip.number
            if number < piece.first or self.last(number):
                continue
            begins, follows = self.begin(piece, number), self.begin(piece, number + 1)
            fade_s = min(self.cross_s, self.track(number + 1).duration_s / 4)
            # So near the end that the next would be cut within its fade-in: it changes by itself.
            too_late = self.segment.end - timedelta(seconds=2 * fade_s + 1.0)
            if begins < skip.at < min(follows, too_late):
                found.append(_Piece(number + 1, skip.at, skip, fade_s))
        return found


def _place(rundown: Rundown, segment: Segment) -> str:
    return f"{rundown.date.isoformat()}/{segment.daypart}@{segment.start:%H%M%S}"


def _segment_between(
    plan: Plan, rundown: Rundown, segment: Segment, start: datetime, end: datetime, skips: Sequence[BedSkip]
) -> Iterator[BedItem]:
    bed = _Bed.of(plan, rundown, segment, skips)
    if bed is None:
        return
    # The first track that can still be heard at ``start`` began at most one track's length before it.
    longest = max(track.duration_s for track in (*bed.head, *bed.tracks))
    pieces = bed.pieces(skips)
    for piece, following in zip(pieces, [*pieces[1:], None], strict=True):
        into_s = (start - piece.begin).total_seconds() - longest - 1
        number = max(piece.first, bed.number_at(bed.position(piece.first) + into_s))
        while following is None or number < following.first:
            if number and bed.last(number - 1):
                return
            begin = bed.begin(piece, number)
            if begin >= min(end, segment.end):
                # What follows a skip begins later still.
                return
            item = _item(plan, bed, number, begin)
            if piece.skip is not None and number == piece.first:
                item = replace(item, fade_in_s=piece.fade_s)
            if following is not None and following.skip is not None and number == following.first - 1:
                item = _left(item, following, following.skip)
            if item.end > start:
                yield item
            if item.end >= segment.end:
                # It lasts to the end: a track begun under it would be cut within the cross-fade, and the two, each
                # with the segment's fade, would add up to more than one.
                return
            number += 1


def _left(item: BedItem, following: _Piece, skip: BedSkip) -> BedItem:
    end = min(item.end, following.begin + timedelta(seconds=following.fade_s))
    return replace(
        item, end=end, fade_out_s=(end - following.begin).total_seconds(), left_early=skip.words
    )  # fmt: skip


@lru_cache(maxsize=256)
def _steps(durations: tuple[float, ...], cross_s: float) -> tuple[float, ...]:
    """Start of each track in one lap of the playlist, and at the end the lap's length."""
    starts = [0.0]
    for index, duration in enumerate(durations):
        following = durations[(index + 1) % len(durations)]
        starts.append(starts[-1] + duration - _cross(duration, following, cross_s))
    return tuple(starts)


def _cross(duration_s: float, following_s: float, cross_s: float) -> float:
    """Cross-fade between two tracks: shorter where a track is too short to bear it."""
    return min(cross_s, duration_s / 4, following_s / 4)


def _item(plan: Plan, bed: _Bed, number: int, begin: datetime) -> BedItem:
    segment, cross_s = bed.segment, bed.cross_s
    track, before, after = bed.track(number), bed.track(number - 1), bed.track(number + 1)
    end = begin + timedelta(seconds=track.duration_s)
    fade_out_s = 0.0 if bed.last(number) else _cross(track.duration_s, after.duration_s, cross_s)
    if end >= segment.end:
        end = segment.end
        fade_out_s = min(plan.station.sound.fade_out, (end - begin).total_seconds() / 2)
    recording = re.split(r"[\\/]", track.path)[-1]
    return BedItem(
        id=f"{bed.place}#{number}={recording[:16]}",
        track=track,
        playlist=segment.bed.playlist if segment.bed else "",
        daypart=segment.daypart,
        start=begin,
        end=end,
        gain_db=segment.gain_db if segment.gain_db is not None else -120.0,
        fade_in_s=_cross(before.duration_s, track.duration_s, cross_s) if number else 0.0,
        fade_out_s=fade_out_s,
    )

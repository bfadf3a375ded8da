"""The bed of a segment, linear like a radio station's: what sounds at which second follows from the start alone."""

from __future__ import annotations

import random
import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

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

    def offset_s(self, instant: datetime) -> float:
        """Seconds into the recording at an instant."""
        return (instant - self.start).total_seconds()


def track_order(plan: Plan, rundown: Rundown, segment: Segment) -> tuple[Track, ...]:
    """The playlist in the order of this date: as listed, or shuffled with the date and the daypart as seed."""
    if segment.bed is None:
        return ()
    playlist = plan.playlists.get(segment.bed.playlist)
    tracks = list(playlist.tracks) if playlist else []
    if segment.bed.order == "shuffled":
        random.Random(f"{rundown.date.isoformat()}/{segment.daypart}").shuffle(tracks)
    return tuple(tracks)


def bed_between(plan: Plan, rundown: Rundown, start: datetime, end: datetime) -> list[BedItem]:
    """Bed items that sound, or begin, between two instants; in order of their starts."""
    found: list[BedItem] = []
    for segment in rundown.segments:
        if segment.end > start and segment.start < end:
            found += _segment_between(plan, rundown, segment, start, end)
    return found


def bed_at(plan: Plan, rundown: Rundown, instant: datetime) -> list[BedItem]:
    """What should sound at an instant: nothing, one track, or two that cross-fade (the newer one last)."""
    items = bed_between(plan, rundown, instant, instant + timedelta(microseconds=1))
    return [item for item in items if item.start <= instant < item.end]


def _segment_between(
    plan: Plan, rundown: Rundown, segment: Segment, start: datetime, end: datetime
) -> Iterator[BedItem]:
    tracks = track_order(plan, rundown, segment)
    if not tracks or segment.bed is None:
        return
    cross_s = plan.station.sound.crossfade
    steps = _steps(tuple(track.duration_s for track in tracks), cross_s)
    lap_s = steps[-1]
    # The first track that can still be heard at ``start`` began at most one track's length before it.
    longest = max(track.duration_s for track in tracks)
    into = max(0.0, (start - segment.start).total_seconds() - longest - 1)
    lap, rest = divmod(into, lap_s)
    number = int(lap) * len(tracks) + bisect_right(steps, rest) - 1
    while True:
        lap_number, index = divmod(number, len(tracks))
        if lap_number and not segment.bed.repeat:
            return
        begin = segment.start + timedelta(seconds=lap_number * lap_s + steps[index])
        if begin >= min(end, segment.end):
            return
        item = _item(plan, rundown, segment, tracks, number, begin)
        if item.end > start:
            yield item
        if item.end >= segment.end:
            # It lasts to the end: a track begun under it would be cut within the cross-fade, and the two, each with
            # the segment's fade, would add up to more than one.
            return
        number += 1


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


def _item(
    plan: Plan, rundown: Rundown, segment: Segment, tracks: Sequence[Track], number: int, begin: datetime
) -> BedItem:
    cross_s = plan.station.sound.crossfade
    track = tracks[number % len(tracks)]
    before, after = tracks[(number - 1) % len(tracks)], tracks[(number + 1) % len(tracks)]
    end = begin + timedelta(seconds=track.duration_s)
    last = segment.bed is not None and not segment.bed.repeat and number == len(tracks) - 1
    fade_out_s = 0.0 if last else _cross(track.duration_s, after.duration_s, cross_s)
    if end >= segment.end:
        end = segment.end
        fade_out_s = min(plan.station.sound.fade_out, (end - begin).total_seconds() / 2)
    recording = re.split(r"[\\/]", track.path)[-1]
    place = f"{rundown.date.isoformat()}/{segment.daypart}@{segment.start:%H%M%S}"
    return BedItem(
        id=f"{place}#{number}={recording[:16]}",
        track=track,
        playlist=segment.bed.playlist if segment.bed else "",
        daypart=segment.daypart,
        start=begin,
        end=end,
        gain_db=segment.gain_db if segment.gain_db is not None else -120.0,
        fade_in_s=_cross(before.duration_s, track.duration_s, cross_s) if number else 0.0,
        fade_out_s=fade_out_s,
    )

"""The built-in music that airs where none of the plan's can: linear, so that a restart finds its second again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from broadcaster.plan.plan import Track
from broadcaster.rundown.bed import BedItem
from broadcaster.rundown.events import Segment

TITLE = "备用音乐 / fallback music"

PLAYLIST = "fallback"
"""Stands in the log where a playlist's name does."""

NOTE = "计划的音乐放不出来,播备用音乐 / the plan's music can't be heard, fallback music instead"

FADE_S = 1.0


def is_fallback(item: BedItem) -> bool:
    """Whether it is the built-in music that airs."""
    return item.track.title == TITLE


def fallback_items(
    on: date, segment: Segment, tracks: Sequence[Track], start: datetime, end: datetime
) -> list[BedItem]:  # fmt: skip
    """What of it sounds or begins between two instants in a segment; nothing without recordings."""
    lap_s = sum(track.duration_s for track in tracks)
    if lap_s <= 0.0:
        return []
    place = f"{on.isoformat()}/{segment.daypart}@{segment.start:%H%M%S}"
    laps = int(max(0.0, (start - segment.start).total_seconds()) // lap_s)
    begin, number = segment.start + timedelta(seconds=laps * lap_s), laps * len(tracks)
    items: list[BedItem] = []
    while begin < min(end, segment.end):
        track = tracks[number % len(tracks)]
        until = min(begin + timedelta(seconds=track.duration_s), segment.end)
        if until > start:
            cut = until == segment.end
            items.append(
                BedItem(
                    id=f"{place}#fallback-{number}",
                    track=track,
                    playlist=PLAYLIST,
                    daypart=segment.daypart,
                    start=begin,
                    end=until,
                    gain_db=segment.gain_db if segment.gain_db is not None else -120.0,
                    fade_in_s=0.0,
                    fade_out_s=min(FADE_S, (until - begin).total_seconds() / 2) if cut else 0.0,
                )
            )
        begin += timedelta(seconds=track.duration_s)
        number += 1
    return items

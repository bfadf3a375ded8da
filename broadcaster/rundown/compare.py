"""What differs between two rundowns of one date."""

from __future__ import annotations

from typing import Any

from broadcaster.rundown.document import iso
from broadcaster.rundown.events import Rundown, Segment, Spot


def changes(before: Rundown, after: Rundown) -> list[dict[str, Any]]:
    """Each segment and spot that is new, gone, or at another time or level; in order of time."""
    found = _segments(before, after) + _spots(before, after)
    return sorted(found, key=lambda change: str((change["after"] or change["before"])["start"]))


def _segments(before: Rundown, after: Rundown) -> list[dict[str, Any]]:
    def keyed(rundown: Rundown) -> dict[tuple[str, int], Segment]:
        seen: dict[str, int] = {}
        result = {}
        for segment in rundown.segments:
            seen[segment.daypart] = seen.get(segment.daypart, 0) + 1
            result[segment.daypart, seen[segment.daypart]] = segment
        return result

    def shown(rundown: Rundown, segment: Segment) -> dict[str, Any]:
        return {
            "start": iso(segment.start, rundown.tz),
            "end": iso(segment.end, rundown.tz),
            "playlist": segment.bed.playlist if segment.bed else None,
            "level": segment.level,
            "dial": segment.dial,
        }

    old = {key: (segment.title.zh, shown(before, segment)) for key, segment in keyed(before).items()}
    new = {key: (segment.title.zh, shown(after, segment)) for key, segment in keyed(after).items()}
    return [
        _change("segment", key[0], old.get(key), new.get(key)) for key in {**old, **new} if old.get(key) != new.get(key)
    ]


def _spots(before: Rundown, after: Rundown) -> list[dict[str, Any]]:
    def shown(rundown: Rundown, spot: Spot) -> dict[str, Any]:
        return {"start": iso(spot.at, rundown.tz), "end": iso(spot.end, rundown.tz), "ref": spot.ref}

    old = {spot.id: (spot.title.zh, shown(before, spot)) for spot in before.spots}
    new = {spot.id: (spot.title.zh, shown(after, spot)) for spot in after.spots}
    return [_change("spot", key, old.get(key), new.get(key)) for key in {**old, **new} if old.get(key) != new.get(key)]


def _change(
    what: str, name: str, old: tuple[str, dict[str, Any]] | None, new: tuple[str, dict[str, Any]] | None
) -> dict[str, Any]:
    kind = "added" if old is None else "removed" if new is None else "changed"
    title = (new or old or ("", {}))[0]
    return {
        "what": what,
        "change": kind,
        "name": name,
        "title": title,
        "before": old[1] if old else None,
        "after": new[1] if new else None,
    }

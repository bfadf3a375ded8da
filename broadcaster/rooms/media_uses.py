"""Where the programme uses a playlist or a script."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from broadcaster.plan.models import Calendar, Names, Programme, Station
from broadcaster.rooms.media_sheets import Use


def playlist_uses(name: str, programme: Programme | None, calendar: Calendar | None) -> tuple[Use, ...]:
    """Dayparts, and single dates, whose bed it is."""
    found = [
        Use("daypart", daypart.id, daypart.title)
        for daypart in (programme.dayparts if programme else ())
        if not isinstance(daypart.bed, str) and daypart.bed.playlist == name
    ]
    for on, entry in (calendar.dates if calendar else {}).items():
        if any(_bed_of(change) == name for change in dict(getattr(entry, "dayparts", None) or {}).values()):
            found.append(Use("date", on.isoformat(), Names(zh=on.isoformat())))
    return tuple({(use.kind, use.id): use for use in found}.values())


def _bed_of(change: Any) -> str:
    bed = getattr(change, "bed", None)
    return str(getattr(bed, "playlist", bed) or "")


def script_uses(name: str, programme: Programme | None, station: Station | None) -> tuple[Use, ...]:
    """Rules, rotations and the forecast that air a script."""
    return tuple(_script_uses(name, programme, station))


def _script_uses(name: str, programme: Programme | None, station: Station | None) -> Iterator[Use]:
    for rule in programme.spots if programme else ():
        if rule.script == name:
            yield Use("spot", rule.id, rule.title)
        if name in rule.followed_by:
            yield Use("follows", rule.id, rule.title)
    for key, rotation in (programme.rotations if programme else {}).items():
        if name in rotation.scripts:
            yield Use("rotation", key, rotation.title)
    if station is not None and station.weather is not None and station.weather.script == name:
        yield Use("weather", name, Names(zh="天气预报", en="Weather forecast"))

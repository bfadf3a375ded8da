"""Plans without audio for tests of the compiler: the starter kit's, and any that Hypothesis can think of."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, settings

from broadcaster.plan.load import read_plan
from broadcaster.plan.models import (
    BedRule,
    Calendar,
    DateEntry,
    Dial,
    Level,
    Levels,
    Names,
    Programme,
    Script,
    Sound,
    Station,
    Timing,
)
from broadcaster.plan.plan import Clip, Plan, Playlist, Track, clip_name
from broadcaster.publishing.publish import assemble
from broadcaster.rundown.bed import BedItem
from broadcaster.rundown.events import Notice, Rundown, Segment, Spot

ROOT = Path(__file__).resolve().parent.parent


def property_settings(examples: int) -> settings:
    """For the compiler's properties: repeatable in CI, and a failure prints what replays it."""
    return settings(
        max_examples=examples,
        deadline=None,
        print_blob=True,
        derandomize="CI" in os.environ,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )


# --- the starter kit


@cache
def starter_plan() -> Plan:
    """The starter kit's plan; clips last as long as their text suggests, tracks two to four minutes."""
    draft = read_plan(ROOT)
    assert draft.programme is not None and not draft.faults
    names = {daypart.bed.playlist for daypart in draft.programme.dayparts if isinstance(daypart.bed, BedRule)}
    playlists = {name: playlist(name, [123.4, 187.25, 240.0]) for name in names}
    clips = {
        clip_name(name, read): Clip(path=None, duration_s=round((len(script.text) / 4.5 + 3) * read, 2), key=name)
        for name, script in draft.scripts.items()
        for read in (1, 2, 3)
    }
    plan = assemble(draft, playlists, clips)
    assert plan is not None
    return plan


def on_date(plan: Plan, on: date, **entry: Any) -> Plan:
    """The plan with one date set in its calendar."""
    dates = {**plan.calendar.dates, on: DateEntry.model_validate(entry)}
    return plan.model_copy(update={"calendar": plan.calendar.model_copy(update={"dates": dates})})


def playlist(name: str, durations: list[float]) -> Playlist:
    """A playlist of tracks that last so long, in seconds."""
    return Playlist(
        id=name,
        tracks=tuple(
            Track(title=f"{name} {n}", file=f"{name}/{n}.wav", path=f"media/{name}-{n}.wav", duration_s=duration_s)
            for n, duration_s in enumerate(durations)
        ),
    )


def local(rundown: Rundown, instant: datetime, form: str = "%H:%M:%S") -> str:
    """An instant as the store's wall shows it."""
    return instant.astimezone(rundown.tz).strftime(form)


def shown(rundown: Rundown) -> list[tuple[str, str, str]]:
    """Segments as ``(from, to, playlist or "silence")``, to the minute."""

    def clock(instant: datetime) -> str:
        return local(rundown, instant, "%H:%M")

    return [(clock(one.start), clock(one.end), one.bed.playlist if one.bed else "silence") for one in rundown.segments]


def spots_of(rundown: Rundown, rule: str) -> list[tuple[str, str, int]]:
    """Spots of a rule as ``(at, ref, how often read)``."""
    return [(local(rundown, spot.at), spot.ref, spot.repeat) for spot in rundown.spots if spot.rule == rule]


# --- small plans


def small_plan(
    spots: list[dict[str, Any]],
    *,
    dayparts: list[dict[str, Any]] | None = None,
    lengths: dict[str, float] | None = None,
    rotations: dict[str, list[str]] | None = None,
    tracks: dict[str, list[float]] | None = None,
    timezone: str = "Asia/Shanghai",
    hours: tuple[str, str] = ("09:00", "18:00"),
    day_types: dict[str, Any] | None = None,
    separation: float = 1.0,
    sound: Sound | None = None,
) -> Plan:
    """A plan as its files would say it, with scripts that last as given; one daypart all day unless told otherwise."""
    lengths = lengths if lengths is not None else {"a": 20.0, "b": 20.0, "c": 20.0}
    tracks = tracks if tracks is not None else {"music": [200.0]}
    all_day = {"id": "music", "title": "m", "from": "00:00", "to": "24:00", "bed": "music", "level": "plain"}
    return Plan(
        version="1",
        station=Station(
            name=Names(zh="店"), timezone=timezone, country=None, separation=separation, sound=sound or Sound(),
            speech_level="plain",
        ),
        levels=Levels(dial=Dial(), levels={"plain": Level(title=Names(zh="平"), range=(20, 24))}),
        calendar=Calendar.model_validate(
            {"hours": {"open": hours[0], "close": hours[1]}, "day_types": day_types or {}}
        ),
        programme=Programme.model_validate(
            {
                "dayparts": dayparts if dayparts is not None else [all_day],
                "rotations": {name: {"title": name, "scripts": refs} for name, refs in (rotations or {}).items()},
                "spots": [{"title": spot.get("id", ""), **spot} for spot in spots],
            }
        ),
        scripts={name: Script(title=Names(zh=name), text=name) for name in lengths},
        playlists={name: playlist(name, durations) for name, durations in tracks.items()},
        clips={
            clip_name(name, read): Clip(path=None, duration_s=length * read, key=name)
            for name, length in lengths.items()
            for read in range(1, 4)
        },
    )  # fmt: skip


def notice(name: str, seconds: float, timing: Timing | None = None, rotation: str | None = None) -> Notice:
    """A notice that runs for ever."""
    clip = Clip(path=None, duration_s=seconds, key=name)
    return Notice(name, Names(zh=name), clip, date(2000, 1, 1), date(2100, 1, 1), timing=timing, rotation=rotation)


# --- what always holds


def overlaps(rundown: Rundown, separation_s: float) -> list[tuple[Spot, Spot]]:
    """Neighbours that sound together or too close to each other."""
    gap = timedelta(seconds=separation_s) - timedelta(microseconds=2)
    return [(a, b) for a, b in zip(rundown.spots, rundown.spots[1:], strict=False) if b.at < a.end + gap]


def out_of_order(rundown: Rundown) -> list[tuple[Segment, Segment]]:
    """Neighbouring segments that overlap, or are not in order."""
    return [(a, b) for a, b in zip(rundown.segments, rundown.segments[1:], strict=False) if b.start < a.end]


def loudness(item: BedItem, instant: datetime) -> float:
    """The amplitude, as a share of the item's own, that its fades allow at an instant.

    A fade-out starts from what the fade-in has reached, as the engine does it.
    """

    def rising(at_s: float) -> float:
        return min(at_s / item.fade_in_s, 1.0) if item.fade_in_s else 1.0

    at_s = item.offset_s(instant)
    left_s = (item.end - instant).total_seconds()
    if left_s >= item.fade_out_s:
        return rising(at_s)
    return rising(at_s + left_s - item.fade_out_s) * left_s / item.fade_out_s


def first_instant(tz: ZoneInfo, day: date, minute: int) -> datetime:
    """The first whole minute at which a wall of that zone shows that minute of the date, or a later one.

    This is what the compiler takes a local time for, found without any arithmetic of offsets.
    """
    wanted = datetime.combine(day, time()) + timedelta(minutes=minute)
    begin = wanted.replace(tzinfo=UTC) - timedelta(hours=15)
    minutes = (begin + timedelta(minutes=n) for n in range(30 * 60))
    return next(instant for instant in minutes if instant.astimezone(tz).replace(tzinfo=None) >= wanted)

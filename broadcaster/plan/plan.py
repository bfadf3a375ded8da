"""A plan fit for air: everything that the store decided, with the length of everything that sounds. Frozen."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from pydantic import Field

from broadcaster.plan.models import (
    Calendar,
    Level,
    Levels,
    Model,
    Names,
    Programme,
    Script,
    SpotRule,
    Station,
    Voices,
    Weather,
)

PLAN_FORMAT = 1
"""Raised when a stored plan of an older program could be misread."""


class Track(Model):
    """One recording of a playlist, prepared for air."""

    title: str
    file: str
    """As the plan names it: relative to the home folder where it lies within."""
    path: str
    """The prepared recording."""
    duration_s: float


class EarlierTracks(Model):
    """What a playlist held until it was changed."""

    tracks: tuple[Track, ...]
    until: datetime


class Playlist(Model):
    """The music that a bed draws on."""

    id: str
    tracks: tuple[Track, ...]
    earlier: tuple[EarlierTracks, ...] = ()
    """Oldest first: a bed that began under one of them goes over to the next behind the track that sounded then."""

    @property
    def duration_s(self) -> float:
        """Seconds of all tracks one after another, without cross-fades."""
        return sum(track.duration_s for track in self.tracks)


class Clip(Model):
    """A script as it airs: chime, readings and pauses in one prepared recording."""

    path: str | None
    """None while it is not rendered; then ``duration_s`` is an estimate."""
    duration_s: float
    key: str
    """Content hash of all that is heard."""


class TimelyClip(Model):
    """A script in other words for a while, such as the weather of these hours, rendered."""

    script: str
    read: int = 1
    clip: Clip
    since: datetime
    until: datetime
    """From then on it is out of date, and must not begin."""
    text: str = ""
    """What it says."""


class WeatherSpell(Model):
    """For a while the weather is of these kinds."""

    kinds: tuple[Weather, ...]
    since: datetime
    until: datetime


class Source(Model):
    """Where in the plan's files something stands, and who touched the file last."""

    file: str
    line: int | None = None
    changed_at: datetime | None = None
    changed_by: str | None = None

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


_NOWHERE = Source(file="")


def clip_name(script: str, read: int) -> str:
    """Name of the clip of a script that is read so often."""
    return f"{script}*{read}"


class Plan(Model):
    """The whole plan. ``version`` is a content hash: two plans with the same one sound the same."""

    format: int = PLAN_FORMAT
    version: str
    station: Station
    levels: Levels
    calendar: Calendar
    programme: Programme
    scripts: dict[str, Script]
    voices: Voices = Field(default_factory=Voices)
    playlists: dict[str, Playlist] = Field(default_factory=dict)
    clips: dict[str, Clip] = Field(default_factory=dict)
    sources: dict[str, Source] = Field(default_factory=dict)
    """``daypart:<index>``, ``spot:<id>``, ``script:<id>``, ``date:<date>`` and so on."""

    timely: tuple[TimelyClip, ...] = ()
    """Stand for the scripts' own clips while they hold; of two for one script the later in this list."""
    weather: tuple[WeatherSpell, ...] = ()
    """For the rules that hold in some weather only."""

    def source(self, name: str) -> Source:
        """Where a thing stands; an empty source where unknown."""
        return self.sources.get(name) or _NOWHERE

    def level(self, name: str) -> Level | None:
        """The level of that name."""
        return self.levels.levels.get(name)

    def gain_db(self, dial: float) -> float:
        """Gain for a number of the house dial, in dB, never above 0; full silence for a number outside the table."""
        gain = self.levels.dial.gain_db(dial)
        return min(gain, 0.0) if gain is not None else -120.0

    def reading(self, rule: SpotRule, script: str) -> int:
        """How often a script is read under a rule."""
        return rule.read or self.scripts[script].read


def scripts_of(rule: SpotRule, programme: Programme) -> Iterator[str]:
    """Every script that a rule may air."""
    if rule.script is not None:
        yield rule.script
    elif rule.rotation in programme.rotations:
        yield from programme.rotations[rule.rotation].scripts
    yield from rule.followed_by


__all__ = [
    "PLAN_FORMAT", "Clip", "EarlierTracks", "Names", "Plan", "Playlist", "Source", "TimelyClip", "Track",
    "WeatherSpell", "clip_name", "scripts_of",
]  # fmt: skip

"""The plan as its files say it: station, levels, calendar, programme, scripts. Frozen; unknown entries are faults.

The models of ``station.yaml`` and ``voices.yaml`` stand in modules of their own, and can be had from here too.
"""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from broadcaster.plan.date_models import Bed, BedRule, DaypartChange, SpotChange, short_bed
from broadcaster.plan.model_base import Decibels, Identifier, Model, Names, Title, listed
from broadcaster.plan.station_models import Ducking, NoticeRules, Page, Sound, Station, WeatherSource
from broadcaster.plan.times import ClockTime, Length, MomentField, parse_length
from broadcaster.plan.voice_models import USUAL_SPEED, Pitch, Speed, Voices, VoiceSetting

__all__ = [
    "PRIORITIES",
    "USUAL_SPEED",
    "Bed",
    "BedRule",
    "Calendar",
    "DateEntry",
    "DayCondition",
    "DayType",
    "Daypart",
    "DaypartChange",
    "Decibels",
    "Dial",
    "Ducking",
    "Hours",
    "HoursChange",
    "Identifier",
    "Lateness",
    "LatenessField",
    "Level",
    "Levels",
    "Loop",
    "Model",
    "Names",
    "NoticeRules",
    "Page",
    "Pitch",
    "Priority",
    "Programme",
    "Rotation",
    "Script",
    "Sound",
    "Speed",
    "SpotChange",
    "SpotRule",
    "Station",
    "Timing",
    "Title",
    "VoiceSetting",
    "Voices",
    "Weather",
    "WeatherSource",
    "Window",
]

Priority = Literal["emergency", "live", "urgent", "scheduled", "rotation"]
"""What goes before what, highest first; the fire input stands above and the bed below."""

PRIORITIES: tuple[Priority, ...] = ("emergency", "live", "urgent", "scheduled", "rotation")

Weather = Literal["rain", "snow", "wind", "heat", "cold", "fog", "haze", "storm"]
"""Kinds of bad weather that a rule may wait for."""

# --- levels.yaml -----------------------------------------------------------------------------------------------


class Dial(Model):
    """What the numbers of the house dial mean: a scale, or a table measured by ear."""

    zero: float = 20.0
    """The number that is 0 dB."""
    step: Annotated[Decibels, Field(gt=0, le=10)] = 1.0
    """Decibels from one number to the next."""
    larger_is: Literal["quieter", "louder"] = "quieter"
    table: dict[float, Decibels] | None = None
    """Number -> dB; between its entries straight lines. Stands instead of the scale."""

    def gain_db(self, number: float) -> float | None:
        """Gain for a number of the dial, in dB; None outside the table."""
        if self.table is None:
            steps = number - self.zero
            return round((-steps if self.larger_is == "quieter" else steps) * self.step, 3) + 0.0
        known = sorted(self.table.items())
        for (low, low_db), (high, high_db) in pairwise(known):
            if low <= number <= high:
                return low_db + (high_db - low_db) * (number - low) / (high - low)
        return self.table.get(number)


class Level(Model):
    """A name for how loud: the range that staff may choose from, and the number used unattended."""

    title: Title
    range: Annotated[tuple[float, float], Field(description="two numbers of the dial, in either order")]
    nominal: float | None = None
    """Used unattended; the middle of the range unless given."""

    @property
    def low(self) -> float:
        """The smaller number of the range."""
        return min(self.range)

    @property
    def high(self) -> float:
        """The larger number of the range."""
        return max(self.range)

    @property
    def dial(self) -> float:
        """The number used unattended."""
        return (self.low + self.high) / 2 if self.nominal is None else self.nominal


class Levels(Model):
    """``config/levels.yaml``."""

    dial: Dial = Dial()
    levels: dict[Identifier, Level]


# --- calendar.yaml ---------------------------------------------------------------------------------------------


class HoursChange(Model):
    """What a day type or a date does to the store's hours."""

    open: ClockTime | None = None
    close: ClockTime | None = None
    close_later: Length | None = None
    """Closing this much later. Of several day types with one, the latest counts; they do not add up."""


class DayType(HoursChange):
    """A kind of day. The store's own types rank above ``event`` unless ``above`` says above which other."""

    title: Title | None = None
    above: str | None = None


class DateEntry(HoursChange):
    """One date's own setting: wins over everything else."""

    add: Annotated[tuple[str, ...], BeforeValidator(listed)] = ()
    remove: Annotated[tuple[str, ...], BeforeValidator(listed)] = ()
    spots: dict[str, SpotChange] = Field(default_factory=dict)
    """Rule -> left out, or other times, on this date only."""
    dayparts: dict[str, DaypartChange] = Field(default_factory=dict)
    """Daypart -> other times, bed or level, on this date only."""
    note: str = ""
    by: str = ""
    """Who set it."""


class Hours(Model):
    """When the store opens and closes on days in general."""

    open: ClockTime
    close: ClockTime


class Calendar(Model):
    """``config/calendar.yaml``."""

    hours: Hours
    day_types: dict[Identifier, DayType] = Field(default_factory=dict)
    dates: dict[date, DateEntry] = Field(default_factory=dict)


# --- programme.yaml --------------------------------------------------------------------------------------------


class DayCondition(Model):
    """On which days something holds: any of ``days`` (all days if none is named), and none of ``except``."""

    days: Annotated[tuple[str, ...], BeforeValidator(listed)] = ()
    unless: Annotated[tuple[str, ...], BeforeValidator(listed), Field(alias="except")] = ()

    def holds(self, types: frozenset[str] | set[str]) -> bool:
        """Whether it holds on a day that carries these types."""
        return (not self.days or not types.isdisjoint(self.days)) and types.isdisjoint(self.unless)


class Daypart(DayCondition):
    """A named stretch of the day. Of several with one id that hold on a day, the day's highest type decides."""

    id: Identifier
    title: Title
    start: MomentField = Field(alias="from")
    end: MomentField = Field(alias="to")
    bed: Bed
    level: str | None = None
    dial: float | None = None
    """A number inside the level's range, instead of its nominal one."""

    @model_validator(mode="before")
    @classmethod
    def _bed_forms(cls, values: Any) -> Any:
        return short_bed(values)


class Window(Model):
    """A stretch of the day that a spot must lie in wholly."""

    start: MomentField = Field(alias="from")
    end: MomentField = Field(alias="to")


class Lateness(Model):
    """What becomes of a spot that could not start on time."""

    rule: Literal["join", "late_by", "skip", "make_good"]
    late_by_s: float | None = None

    def as_json(self) -> dict[str, Any]:
        """``{"late_by_s": 120}``, or ``{"join": true}`` and so on."""
        return {"late_by_s": self.late_by_s} if self.rule == "late_by" else {self.rule: True}


def _parse_lateness(value: Any) -> Any:
    if isinstance(value, str) and value in ("join", "skip", "make_good"):
        return {"rule": value}
    if isinstance(value, dict | Lateness):
        return value
    return {"rule": "late_by", "late_by_s": parse_length(value)}


LatenessField = Annotated[Lateness, BeforeValidator(_parse_lateness)]


class Loop(Model):
    """One after another within the windows, with a gap of bed between."""

    gap: Length


class Timing(DayCondition):
    """When something is aired: exactly one of ``at``, ``every`` (in windows) and ``loop`` (in windows)."""

    at: Annotated[tuple[MomentField, ...], BeforeValidator(listed)] = ()
    every: Annotated[Length, Field(ge=1)] | None = None
    loop: Loop | None = None
    windows: Annotated[tuple[Window, ...], BeforeValidator(listed)] = ()
    priority: Priority = "scheduled"
    lateness: LatenessField = Lateness(rule="late_by", late_by_s=120.0)
    move_by: Length = 900.0
    """How far a conflict may move it, in seconds; farther, and it is dropped with a warning."""
    read: Annotated[int, Field(ge=1, le=20)] | None = None
    """How often it is read, instead of the script's own number."""
    bed: Literal["duck", "stop"] = "duck"
    """Whether the bed goes down or falls silent under it."""
    level: str | None = None

    @model_validator(mode="after")
    def _one_timing(self) -> Timing:
        if sum((bool(self.at), self.every is not None, self.loop is not None)) != 1:
            raise PydanticCustomError("not_one_of", "exactly one of at, every, loop", {"names": "at, every, loop"})
        if not self.at and not self.windows:
            raise PydanticCustomError("windows_missing", "every and loop need windows")
        return self


class SpotRule(Timing):
    """When one script, or the next of a rotation, is aired, and what follows it directly."""

    id: Identifier
    title: Title
    script: str | None = None
    rotation: str | None = None
    followed_by: Annotated[tuple[str, ...], BeforeValidator(listed)] = ()
    """Scripts aired right after, as spots of their own that move along with it."""
    place: Length | None = None
    """The longest that it may take, followers included."""
    weather: Annotated[tuple[Weather, ...], BeforeValidator(listed)] = ()
    """Only while the weather is of one of these kinds."""

    @model_validator(mode="after")
    def _one_source(self) -> SpotRule:
        if (self.script is None) == (self.rotation is None):
            raise PydanticCustomError("not_one_of", "either script or rotation", {"names": "script, rotation"})
        return self


class Rotation(Model):
    """Scripts, and with them approved notices, that take turns."""

    title: Title
    scripts: tuple[str, ...] = ()


class Programme(Model):
    """``config/programme.yaml``."""

    dayparts: tuple[Daypart, ...]
    rotations: dict[Identifier, Rotation] = Field(default_factory=dict)
    spots: tuple[SpotRule, ...] = ()


# --- announcements/*.yaml --------------------------------------------------------------------------------------


class Script(Model):
    """A standing text of the store; its id is the file's name."""

    title: Title
    text: str = ""
    recording: str | None = None
    """Audio made by people, relative to ``announcements/``, instead of a voice."""
    voice: str | None = None
    """A name in ``config/voices.yaml``, or a speech engine's own id of a voice."""
    speed: Speed | None = None
    """Instead of the voice's."""
    rate: Annotated[int, Field(ge=80, le=450)] | None = None
    """Words a minute as espeak counts them; what ``speed`` was before there were several engines."""
    chime: str | None = None
    """Name of a file in ``announcements/chimes/``, without its ending."""
    read: Annotated[int, Field(ge=1, le=20)] = 1
    pause: Annotated[Length, Field(le=60)] = 1.5
    """Seconds between two readings."""
    level: str | None = None

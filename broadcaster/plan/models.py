"""The plan as its files say it: station, levels, calendar, programme, scripts. Frozen; unknown entries are faults."""

from __future__ import annotations

import re
from datetime import date
from itertools import pairwise
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag, field_validator, model_validator
from pydantic_core import PydanticCustomError

from broadcaster.plan.public_days import known_country
from broadcaster.plan.times import ClockTime, Length, MomentField, parse_length

Priority = Literal["emergency", "live", "urgent", "scheduled", "rotation"]
"""The ladder from DESIGN.md, highest first; the fire input stands above and the bed below."""

PRIORITIES: tuple[Priority, ...] = ("emergency", "live", "urgent", "scheduled", "rotation")

Weather = Literal["rain", "snow", "wind", "heat", "cold", "fog", "haze", "storm"]
"""Kinds of bad weather that a rule may wait for."""

Identifier = Annotated[str, Field(pattern=r"^[a-z0-9]+(?:-[a-z0-9]+)*$")]


class Model(BaseModel):
    """Base of all plan models."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, allow_inf_nan=False)


def _parse_title(value: Any) -> Any:
    return {"zh": value, "en": value} if isinstance(value, str) else value


class Names(Model):
    """A title in the languages of the house."""

    zh: str
    en: str = ""

    def text(self, language: str = "zh") -> str:
        """The title in a language, Chinese where there is no other."""
        return (self.en or self.zh) if language == "en" else self.zh


Title = Annotated[Names, BeforeValidator(_parse_title)]


def _parse_gain(value: Any) -> Any:
    if isinstance(value, str):
        match = re.fullmatch(r"([+-]?\d+(?:\.\d+)?)\s*(?:dB)?", value.strip(), re.IGNORECASE)
        if match is None:
            raise PydanticCustomError("bad_gain", "not a number of decibels")
        return float(match[1])
    return value


Decibels = Annotated[float, BeforeValidator(_parse_gain)]


def _listed(value: Any) -> Any:
    return value if isinstance(value, list | tuple) else [value]


# --- station.yaml ----------------------------------------------------------------------------------------------


class Ducking(Model):
    """How the bed gives way to a spot: ``by`` dB, down within ``attack`` s before it, back within ``release`` s."""

    by: Annotated[Decibels, Field(ge=0, le=60)] = 14.0
    attack: Length = 0.6
    release: Length = 1.5


class Sound(Model):
    """Where the sound goes and how pieces of it join."""

    output: str = "default"
    """Device of the platform's sound system; ``default`` is the one chosen there."""
    crossfade: Annotated[Length, Field(le=15)] = 2.0
    """Seconds over which one track of a bed gives way to the next; linear in amplitude, so never louder than one."""
    fade_out: Annotated[Length, Field(le=15)] = 1.5
    """Seconds over which a daypart's bed fades before the daypart ends."""
    duck: Ducking = Ducking()


class Page(Model):
    """Where the page listens."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 8080


def _known_timezone(value: Any) -> Any:
    if value not in available_timezones():
        raise PydanticCustomError("bad_timezone", "no such time zone")
    return value


def _known_country(value: Any) -> Any:
    text = str(value).strip()
    if text.lower() == "none":
        return None
    if not known_country(text.upper()):
        raise PydanticCustomError("bad_country", "unknown to the holiday library")
    return text.upper()


class WeatherSource(Model):
    """Where the weather forecast comes from, and how old it may get."""

    provider: Literal["open-meteo", "qweather"] = "open-meteo"
    place: Title
    """The town, as it is said on air."""
    latitude: Annotated[float, Field(ge=-90, le=90)]
    longitude: Annotated[float, Field(ge=-180, le=180)]
    key: str | None = None
    host: str | None = None
    """QWeather's API host of the account."""
    url: str | None = None
    """Instead of the provider's own address: a mirror."""
    older_than: Annotated[Length, Field(ge=600)] = 10_800.0
    """Seconds after which a forecast is no longer said."""
    refresh: Annotated[Length, Field(ge=300)] = 1800.0
    """Seconds from one fetching to the next."""
    script: str = "weather"
    """The script that the forecast stands for."""

    @model_validator(mode="after")
    def _qweather_needs_an_account(self) -> WeatherSource:
        if self.provider == "qweather" and not (self.key and (self.host or self.url)):
            raise PydanticCustomError("account_missing", "qweather 要写 key 和 host / qweather needs key and host")
        return self


class NoticeRules(Model):
    """How the store handles what staff submit."""

    vendor_approvals: Annotated[int, Field(ge=1, le=5)] = 1
    """How many different people must approve a vendor's notice."""


class Station(Model):
    """The store itself: ``config/station.yaml``."""

    name: Title
    timezone: Annotated[str, BeforeValidator(_known_timezone)]
    country: Annotated[str | None, BeforeValidator(_known_country)] = None
    zone: Identifier = "main"
    speech_level: str = "speech"
    """Level of spots that name none."""
    voice: str = "zh"
    """Voice of scripts that name none."""
    separation: Length = 1.0
    """Least silence, in seconds, between two spots."""
    sound: Sound = Sound()
    page: Page = Page()
    weather: WeatherSource | None = None
    """No forecast unless given."""
    notices: NoticeRules = NoticeRules()

    @property
    def tz(self) -> ZoneInfo:
        """The store's time zone."""
        return ZoneInfo(self.timezone)


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

    add: Annotated[tuple[str, ...], BeforeValidator(_listed)] = ()
    remove: Annotated[tuple[str, ...], BeforeValidator(_listed)] = ()
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
    day_types: dict[Identifier, DayType] = {}
    dates: dict[date, DateEntry] = {}


# --- programme.yaml --------------------------------------------------------------------------------------------


class DayCondition(Model):
    """On which days something holds: any of ``days`` (all days if none is named), and none of ``except``."""

    days: Annotated[tuple[str, ...], BeforeValidator(_listed)] = ()
    unless: Annotated[tuple[str, ...], BeforeValidator(_listed), Field(alias="except")] = ()

    def holds(self, types: frozenset[str] | set[str]) -> bool:
        """Whether it holds on a day that carries these types."""
        return (not self.days or not types.isdisjoint(self.days)) and types.isdisjoint(self.unless)


class BedRule(Model):
    """The music under a daypart."""

    playlist: str
    order: Literal["listed", "shuffled"] = "listed"
    repeat: bool = True


def _bed_form(value: Any) -> str:
    return "silence" if value == "silence" else "music"


#: A plain union would report the faults of both forms.
Bed = Annotated[
    Annotated[Literal["silence"], Tag("silence")] | Annotated[BedRule, Tag("music")], Discriminator(_bed_form)
]


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
        # ``bed: light`` is short for ``bed: {playlist: light}``.
        if isinstance(values, dict) and isinstance(values.get("bed"), str) and values["bed"] != "silence":
            return {**values, "bed": {"playlist": values["bed"]}}
        return values


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

    at: Annotated[tuple[MomentField, ...], BeforeValidator(_listed)] = ()
    every: Annotated[Length, Field(ge=1)] | None = None
    loop: Loop | None = None
    windows: Annotated[tuple[Window, ...], BeforeValidator(_listed)] = ()
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
    followed_by: Annotated[tuple[str, ...], BeforeValidator(_listed)] = ()
    """Scripts aired right after, as spots of their own that move along with it."""
    place: Length | None = None
    """The longest that it may take, followers included."""
    weather: Annotated[tuple[Weather, ...], BeforeValidator(_listed)] = ()
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
    rotations: dict[Identifier, Rotation] = {}
    spots: tuple[SpotRule, ...] = ()


# --- voices.yaml ----------------------------------------------------------------------------------------------

USUAL_SPEED = 0.9
"""In a hall that echoes, slower is understood better: a recogniser misheard the fewer syllables."""

Speed = Annotated[float, Field(ge=0.5, le=2.0)]
Pitch = Annotated[float, Field(ge=-6.0, le=6.0)]


class VoiceSetting(Model):
    """A voice of the house: who speaks, and how."""

    title: Title | None = None
    engine: Literal["auto", "neural", "pyttsx3"] = "auto"
    """``auto`` is the best engine that can speak."""
    voice: str | None = None
    """The engine's own id of a voice; its best for the language unless given."""
    language: Annotated[str, Field(pattern=r"^[a-z]{2}$")] = "zh"
    speed: Speed = USUAL_SPEED
    """1 is the voice's natural pace."""
    pitch: Pitch = 0.0
    """Semitones above the voice's own."""


def _usual_voices() -> dict[str, VoiceSetting]:
    return {"zh": VoiceSetting(), "en": VoiceSetting(language="en")}


class Voices(Model):
    """``config/voices.yaml``, which may be missing: ``zh`` and ``en`` are there all the same."""

    voices: dict[Identifier, VoiceSetting] = Field(default_factory=_usual_voices)

    @field_validator("voices")
    @classmethod
    def _with_usual(cls, voices: dict[str, VoiceSetting]) -> dict[str, VoiceSetting]:
        return {**_usual_voices(), **voices}


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

"""``config/station.yaml`` as it says: the store, its sound, its page, where the weather comes from."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from broadcaster.plan.model_base import Decibels, Identifier, Model, Title
from broadcaster.plan.public_days import known_country
from broadcaster.plan.times import Length
from broadcaster.plan.unattended_models import (
    AirCheck,
    Alerts,
    BackupPlan,
    ClockTrust,
    Ear,
    EmergencyMessage,
    FireInput,
    LivePage,
    Retention,
    Standby,
    Upkeep,
)


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


_HOST_NAME = r"^[^\s/:@\[\]]+$"


class Page(Model):
    """Where the page listens, by which names it is asked for, and what it shows without a log-in."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 8080
    names: tuple[Annotated[str, Field(min_length=1, max_length=253, pattern=_HOST_NAME)], ...] = ()
    """Public names of this machine, such as one that a reverse proxy has; others are refused."""
    behind_proxy: Annotated[int, Field(ge=0, le=5)] = 0
    """Reverse proxies between browsers and the page: what so many of them say of who asks is believed."""
    looking: Literal["open", "login"] = "open"
    """Whether what is on air is shown without a log-in."""
    screen: Literal["open", "login"] = "open"
    """The same for the text that the store's screens show."""
    upload_mb: Annotated[int, Field(ge=1, le=4000)] = 300
    """The largest recording that can be sent, in MB. Takes hold at the next start."""


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
    ear: Ear = Ear()
    alerts: Alerts = Alerts()
    emergencies: dict[Identifier, EmergencyMessage] = Field(default_factory=dict)
    """The prepared messages, by their ids."""
    fire: FireInput | None = None
    live: LivePage = LivePage()
    air_check: AirCheck = AirCheck()
    upkeep: Upkeep = Upkeep()
    retention: Retention = Retention()
    backup: BackupPlan = BackupPlan()
    standby: Standby | None = None
    clock: ClockTrust = ClockTrust()

    @property
    def tz(self) -> ZoneInfo:
        """The store's time zone."""
        return ZoneInfo(self.timezone)

"""Keeps the forecast: fetches it ahead, remembers it over a restart, and lets go of it when it is too old.

It has no thread and reads no clock: whoever looks after the house calls :meth:`WeatherKeeper.look`. A forecast is said
on the date on which it was fetched, and no longer than its limit; else there is none, and the neutral text stands.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from broadcaster.errors import WeatherError
from broadcaster.plan.models import WeatherSource
from broadcaster.plan.plan import WeatherSpell
from broadcaster.settings import write_whole
from broadcaster.weather.forecast import Forecast, spells
from broadcaster.weather.open_meteo import OpenMeteo
from broadcaster.weather.provider import TIMEOUT_S, Place, Provider
from broadcaster.weather.qweather import QWeather
from broadcaster.weather.sentence import sentence

log = logging.getLogger(__name__)

_BACK_OFF = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 5, 10, 20))
"""After the first failure, the second, and so on; then as often as without failures."""
_AHEAD = timedelta(minutes=5)
"""A forecast fetched later than now by more than this was fetched before the clock was set back."""
_PARTS = (time(12), time(18))


@dataclass(frozen=True, slots=True)
class Outlook:
    """What can be said of the weather now."""

    script: str
    """The script that ``text`` stands for."""
    text: str | None
    """None: the script's own words stand."""
    since: datetime
    until: datetime
    """Then the text is out of date: another part of the day, another day, or the limit. Look again before."""
    spells: tuple[WeatherSpell, ...]
    """Until the forecast is too old, or the day ends."""
    fetched_at: datetime
    source: str


@dataclass(frozen=True, slots=True)
class WeatherHealth:
    """How it goes, for the status."""

    ok: bool
    zh: str
    en: str
    fetched_at: datetime | None
    error: str | None


class _Kept(BaseModel):
    """``var/weather.json``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: int = 1
    place: str
    fetched_at: AwareDatetime
    forecast: Forecast


def text_for(now: datetime, forecast: Forecast | None, fetched_at: datetime | None, limit: timedelta) -> str | None:
    """What to say at ``now`` (aware, in the store's time zone), or None where the neutral text has to stand.

    None without a forecast, when it was fetched longer ago than ``limit``, on another date, or in the future.
    """
    if forecast is None or fetched_at is None or not _usable(now, fetched_at, limit):
        return None
    return sentence(forecast, now)


def _usable(now: datetime, fetched_at: datetime, limit: timedelta) -> bool:
    fetched_here = fetched_at.astimezone(now.tzinfo)
    return -_AHEAD <= now - fetched_at <= limit and fetched_here.date() == now.date()


def make_provider(settings: WeatherSource, timeout_s: float = TIMEOUT_S) -> Provider:
    """The provider that the settings name."""
    if settings.provider == "qweather":
        return QWeather(settings.key or "", settings.host or "", settings.url, timeout_s)
    return OpenMeteo(settings.key, settings.url, timeout_s)


class WeatherKeeper:
    """One store's weather. Not for several threads at once; ``outlook`` and ``health`` may be read from any."""

    def __init__(self, settings: WeatherSource, tz: ZoneInfo, file: Path, provider: Provider | None = None) -> None:
        self._settings = settings
        self._tz = tz
        self._file = file
        self._provider = provider or make_provider(settings)
        self._place = Place(settings.place.zh, settings.latitude, settings.longitude, tz)
        self._limit = timedelta(seconds=settings.older_than)
        self._kept: _Kept | None = self._remembered()
        self._asked_at: datetime | None = None
        self._failures = 0
        self._error: str | None = None

    def look(self, now: datetime) -> Outlook | None:
        """Fetch if it is time to (this blocks, for some seconds where the network is bad), and say what holds now.

        Never raises for the network's or the provider's sake.
        """
        if self._due(now):
            self._fetch(now)
        return self.outlook(now)

    def outlook(self, now: datetime) -> Outlook | None:
        """What holds now, without asking anybody. None: nothing is known of this day."""
        local = now.astimezone(self._tz)
        kept = self._kept
        if kept is None or not _usable(local, kept.fetched_at, self._limit):
            return None
        midnight = datetime.combine(local.date() + timedelta(days=1), time(0), self._tz)
        stale = min(kept.fetched_at + self._limit, midnight)
        parts = (datetime.combine(local.date(), clock, self._tz) for clock in _PARTS)
        return Outlook(
            script=self._settings.script,
            text=text_for(local, kept.forecast, kept.fetched_at, self._limit),
            since=local,
            until=min((part for part in (*parts, stale) if part > local), default=stale),
            spells=spells(kept.forecast, local, stale),
            fetched_at=kept.fetched_at,
            source=kept.forecast.source,
        )

    def health(self, now: datetime) -> WeatherHealth:
        """How it goes, in words."""
        kept, error = self._kept, self._error
        fetched_at = kept.fetched_at if kept else None
        usable = kept is not None and _usable(now.astimezone(self._tz), kept.fetched_at, self._limit)
        if kept is not None and usable:
            minutes = max(0, round((now - kept.fetched_at).total_seconds() / 60))
            zh = f"天气预报来自{kept.forecast.source},{minutes} 分钟前取得"
            en = f"Forecast from {kept.forecast.source}, fetched {minutes} min ago"
        else:
            zh, en = "没有可用的天气预报,播报中性提示", "No usable forecast; the neutral text stands"
        if error is not None:
            zh, en = f"{zh};最近一次没有取到:{error}", f"{en}; the last try failed: {error}"
        return WeatherHealth(ok=usable and error is None, zh=zh, en=en, fetched_at=fetched_at, error=error)

    def _due(self, now: datetime) -> bool:
        if self._asked_at is None or now < self._asked_at:
            # At the start, what is remembered may be fresh enough; after a step back of the clock nothing is sure.
            fresh = self._asked_at is None and self._kept is not None
            return not (fresh and self._kept is not None and self._young(now, self._kept))
        if self._failures:
            wait = _BACK_OFF[min(self._failures, len(_BACK_OFF)) - 1]
            return now - self._asked_at >= wait
        return self._kept is None or not self._young(now, self._kept)

    def _young(self, now: datetime, kept: _Kept) -> bool:
        refresh = timedelta(seconds=min(self._settings.refresh, self._settings.older_than / 2))
        return now - kept.fetched_at < refresh and _usable(now.astimezone(self._tz), kept.fetched_at, self._limit)

    def _fetch(self, now: datetime) -> None:
        self._asked_at = now
        try:
            forecast = self._provider.fetch(self._place)
        except WeatherError as error:
            self._failures += 1
            self._error = str(error)
            log.warning("weather: %s", error)
            return
        self._failures, self._error = 0, None
        self._kept = _Kept(place=self._place_key(), fetched_at=now, forecast=forecast)
        self._remember(self._kept)

    def _place_key(self) -> str:
        here = self._place
        return f"{self._provider.name} {here.name} {here.latitude:.4f},{here.longitude:.4f} {here.tz.key}"

    def _remember(self, kept: _Kept) -> None:
        try:
            write_whole(self._file, kept.model_dump_json(), durable=False)
        except OSError as error:
            log.warning("weather: %s can't be written: %s", self._file, error)

    def _remembered(self) -> _Kept | None:
        try:
            kept = _Kept.model_validate_json(self._file.read_bytes())
        except (OSError, ValidationError):
            return None
        return kept if kept.version == 1 and kept.place == self._place_key() else None

"""Open-Meteo (open-meteo.com): no key for trials; a business asks with a key of its own, at another host.

Data under CC BY 4.0, so it is named as the source. Weather codes are WMO 4677 as Open-Meteo documents them; air
quality comes from its second service, and a forecast without it is still a forecast.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from pydantic import BaseModel, model_validator

from broadcaster.errors import WeatherError
from broadcaster.weather.forecast import Day, Forecast, Hour, beaufort, china_aqi
from broadcaster.weather.provider import TIMEOUT_S, Place, ask
from broadcaster.weather.skies import Sky, summed

FREE, PAID = "https://api.open-meteo.com", "https://customer-api.open-meteo.com"
FREE_AIR, PAID_AIR = "https://air-quality-api.open-meteo.com", "https://customer-air-quality-api.open-meteo.com"

_HOURLY = ("temperature_2m", "weather_code", "wind_speed_10m", "wind_gusts_10m")
_DAILY = ("temperature_2m_max", "temperature_2m_min", "wind_speed_10m_max", "wind_gusts_10m_max",
          "wind_direction_10m_dominant")  # fmt: skip
_DAYS = 3

_CODES: dict[int, Sky] = {
    0: "clear", 1: "clear", 2: "cloudy", 3: "overcast", 45: "fog", 48: "fog",
    51: "drizzle", 53: "light-rain", 55: "light-rain", 56: "freezing-rain", 57: "freezing-rain",
    61: "light-rain", 63: "rain", 65: "heavy-rain", 66: "freezing-rain", 67: "freezing-rain",
    71: "light-snow", 73: "snow", 75: "heavy-snow", 77: "light-snow",
    80: "shower", 81: "shower", 82: "heavy-rain", 85: "light-snow", 86: "heavy-snow",
    95: "thunder", 96: "hail", 99: "hail",
}  # fmt: skip
_WINDS = ("北风", "东北风", "东风", "东南风", "南风", "西南风", "西风", "西北风")

Numbers = tuple[float | None, ...]


class _Table(BaseModel):
    """Columns of one length."""

    @model_validator(mode="after")
    def _even(self) -> _Table:
        lengths = {len(column) for column in self.__dict__.values() if isinstance(column, tuple)}
        if len(lengths) > 1:
            raise ValueError("columns of different lengths")
        return self


class _Hourly(_Table):
    time: tuple[datetime, ...]
    temperature_2m: Numbers
    weather_code: Numbers
    wind_speed_10m: Numbers
    wind_gusts_10m: Numbers


class _Daily(_Table):
    time: tuple[date, ...]
    temperature_2m_max: Numbers
    temperature_2m_min: Numbers
    wind_speed_10m_max: Numbers
    wind_gusts_10m_max: Numbers
    wind_direction_10m_dominant: Numbers


class _Weather(BaseModel):
    hourly: _Hourly
    daily: _Daily


class _AirHourly(_Table):
    time: tuple[datetime, ...]
    pm2_5: Numbers
    pm10: Numbers


class _Air(BaseModel):
    hourly: _AirHourly


class OpenMeteo:
    """Asks Open-Meteo. ``url`` stands instead of its hosts, for both services."""

    name = "open-meteo"

    def __init__(self, key: str | None = None, url: str | None = None, timeout_s: float = TIMEOUT_S) -> None:
        self._key = {"apikey": key} if key else {}
        self._url = url.rstrip("/") if url else (PAID if key else FREE)
        self._air_url = url.rstrip("/") if url else (PAID_AIR if key else FREE_AIR)
        self._timeout_s = timeout_s

    def fetch(self, place: Place) -> Forecast:
        """See :class:`~broadcaster.weather.provider.Provider`."""
        asked = {
            "latitude": f"{place.latitude:.4f}",
            "longitude": f"{place.longitude:.4f}",
            "timezone": place.tz.key,
            "forecast_days": str(_DAYS),
        } | self._key
        wanted = {"hourly": ",".join(_HOURLY), "daily": ",".join(_DAILY), "wind_speed_unit": "ms"}
        weather = ask(f"{self._url}/v1/forecast", asked | wanted, _Weather, timeout_s=self._timeout_s)
        hours = _hours(weather.hourly, place.tz)
        days = _days(weather.daily, hours, self._air(asked), place.tz)
        if not any(day.high is not None or day.sky is not None for day in days):
            raise WeatherError(f"{self.name}: 回答里没有预报 / the answer holds no forecast")
        return Forecast(source="Open-Meteo", place=place.name, days=days, hours=hours)

    def _air(self, asked: dict[str, str]) -> dict[date, int]:
        try:
            url = f"{self._air_url}/v1/air-quality"
            air = ask(url, asked | {"hourly": "pm2_5,pm10"}, _Air, timeout_s=self._timeout_s).hourly
        except WeatherError:
            return {}
        found: dict[date, int] = {}
        for day in {at.date() for at in air.time}:
            rows = [number for number, at in enumerate(air.time) if at.date() == day]
            index = china_aqi(_mean(air.pm2_5, rows), _mean(air.pm10, rows))
            if index is not None:
                found[day] = index
        return found


def _mean(values: Numbers, rows: Sequence[int]) -> float | None:
    known = [value for row in rows if (value := values[row]) is not None]
    return sum(known) / len(known) if known else None


def _hours(table: _Hourly, tz: ZoneInfo) -> tuple[Hour, ...]:
    return tuple(
        Hour(
            at=at.replace(tzinfo=tz),
            sky=None if code is None else _CODES.get(int(code)),
            celsius=celsius,
            force=_force(wind),
            gust=_force(gust),
        )
        for at, celsius, code, wind, gust in zip(
            table.time,
            table.temperature_2m,
            table.weather_code,
            table.wind_speed_10m,
            table.wind_gusts_10m,
            strict=True,
        )
    )


def _days(table: _Daily, hours: Sequence[Hour], air: dict[date, int], tz: ZoneInfo) -> tuple[Day, ...]:
    days = []
    for number, day in enumerate(table.time):
        light, dark = (datetime.combine(day, time(hour), tz) for hour in (8, 20))
        force = _force(table.wind_speed_10m_max[number])
        direction = table.wind_direction_10m_dominant[number]
        days.append(
            Day(
                day=day,
                sky=_sky(hours, light, dark),
                night_sky=_sky(hours, dark, light + timedelta(days=1)),
                high=table.temperature_2m_max[number],
                low=table.temperature_2m_min[number],
                wind_from="" if direction is None else _WINDS[round(direction / 45) % 8],
                force=None if force is None else (max(0, force - 1), force),
                gust=_force(table.wind_gusts_10m_max[number]),
                aqi=air.get(day),
            )
        )
    return tuple(days)


def _sky(hours: Sequence[Hour], start: datetime, end: datetime) -> Sky | None:
    return summed([hour.sky for hour in hours if start <= hour.at < end and hour.sky is not None])


def _force(metres_per_second: float | None) -> int | None:
    return None if metres_per_second is None else beaufort(metres_per_second)

"""A forecast as the store needs it, the same from every provider; ``var/weather.json`` keeps it as it is."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta

from pydantic import AwareDatetime, BaseModel, ConfigDict

from broadcaster.plan.models import Weather
from broadcaster.plan.plan import WeatherSpell
from broadcaster.weather.skies import SKIES, Sky

HEAT_C = 35.0
"""From here China's weather service speaks of a hot day (高温日)."""
COLD_C = 0.0
STRONG_FORCE = 6
"""Beaufort number from which wind is told of; for gusts it is two more (大风)."""
STRONG_GUST = 8
FOUL_AQI = 150
"""Above it the air is at least moderately polluted (中度污染, HJ 633)."""

_DAY_FROM, _DAY_TO = time(8), time(20)
_BEAUFORT_MS = (0.3, 1.6, 3.4, 5.5, 8.0, 10.8, 13.9, 17.2, 20.8, 24.5, 28.5, 32.7)
_IAQI = (0, 50, 100, 150, 200, 300, 400, 500)
_PM2_5 = (0, 35, 75, 115, 150, 250, 350, 500)
_PM10 = (0, 50, 150, 250, 350, 420, 500, 600)


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Hour(_Frozen):
    """An hour from ``at`` on."""

    at: AwareDatetime
    sky: Sky | None = None
    celsius: float | None = None
    force: int | None = None
    """Wind, Beaufort."""
    gust: int | None = None
    """Gusts, Beaufort."""


class Day(_Frozen):
    """A date: daytime is 08:00 to 20:00, its night the twelve hours after."""

    day: date
    sky: Sky | None = None
    night_sky: Sky | None = None
    high: float | None = None
    """Celsius."""
    low: float | None = None
    wind_from: str = ""
    """``东北风``; empty where it turns or nobody knows."""
    force: tuple[int, int] | None = None
    """Least and greatest wind of the day, Beaufort."""
    gust: int | None = None
    aqi: int | None = None
    """Air quality index by China's HJ 633, 0 to 500."""


class Forecast(_Frozen):
    """What a provider said."""

    source: str
    """Name of the provider, as it wants to be named."""
    place: str
    days: tuple[Day, ...]
    hours: tuple[Hour, ...] = ()

    def day(self, day: date) -> Day | None:
        """What is said of a date."""
        return next((entry for entry in self.days if entry.day == day), None)

    def between(self, start: datetime, end: datetime) -> tuple[Hour, ...]:
        """The hours that begin in a stretch of time."""
        return tuple(hour for hour in self.hours if start <= hour.at < end)


def beaufort(metres_per_second: float) -> int:
    """Wind force 0 to 12, by the bounds of the World Meteorological Organization."""
    return bisect_right(_BEAUFORT_MS, metres_per_second)


def china_aqi(pm2_5: float | None, pm10: float | None) -> int | None:
    """Air quality index from daily means in µg/m³: the larger part index of HJ 633-2012; None without either."""
    parts = [_part_index(value, bounds) for value, bounds in ((pm2_5, _PM2_5), (pm10, _PM10)) if value is not None]
    return max(parts, default=None)


def _part_index(value: float, bounds: Sequence[int]) -> int:
    value = min(max(value, 0.0), float(bounds[-1]))
    step = min(bisect_right(bounds, value), len(bounds) - 1)
    low, high = bounds[step - 1], bounds[step]
    exact = _IAQI[step - 1] + (_IAQI[step] - _IAQI[step - 1]) * (value - low) / (high - low)
    # HJ 633 rounds up; the hair keeps floating point from making 50.0000001 a 51.
    return int(exact + 1 - 1e-9)


def spells(forecast: Forecast, start: datetime, end: datetime) -> tuple[WeatherSpell, ...]:
    """Weather that the programme may depend on, from ``start`` to ``end`` (aware): a stretch for each kind.

    From the hours where there are some, else from daytime and night.
    """
    pieces = list(_hourly(forecast)) or list(_halves(forecast, start))
    found: list[WeatherSpell] = []
    kinds = sorted({kind for _, _, held in pieces for kind in held})
    for kind in kinds:
        stretches = ((since, until) for since, until, held in pieces if kind in held)
        for since, until in _joined(stretches):
            since, until = max(since, start), min(until, end)
            if since < until:
                found.append(WeatherSpell(kinds=(kind,), since=since, until=until))
    return tuple(sorted(found, key=lambda spell: (spell.since, spell.kinds)))


_Piece = tuple[datetime, datetime, frozenset[Weather]]


def _hourly(forecast: Forecast) -> Iterator[_Piece]:
    for hour in forecast.hours:
        day = forecast.day(hour.at.date())
        foul = day is not None and day.aqi is not None and day.aqi > FOUL_AQI
        yield (
            hour.at,
            hour.at + timedelta(hours=1),
            kinds_of(hour.sky, hour.celsius, hour.celsius, hour.force, hour.gust, foul),
        )


def _halves(forecast: Forecast, start: datetime) -> Iterator[_Piece]:
    for day in forecast.days:
        light = datetime.combine(day.day, _DAY_FROM, start.tzinfo)
        dark = datetime.combine(day.day, _DAY_TO, start.tzinfo)
        foul = day.aqi is not None and day.aqi > FOUL_AQI
        force = day.force[1] if day.force else None
        yield light, dark, kinds_of(day.sky, day.high, None, force, day.gust, foul)
        yield dark, light + timedelta(days=1), kinds_of(day.night_sky, None, day.low, force, day.gust, foul)


def kinds_of(
    sky: Sky | None, high: float | None, low: float | None, force: int | None, gust: int | None, foul: bool
) -> frozenset[Weather]:
    """What kinds of weather some values make; temperatures in Celsius, winds in Beaufort."""
    kinds: set[Weather] = set(SKIES[sky].kinds) if sky is not None else set()
    if high is not None and high >= HEAT_C:
        kinds.add("heat")
    if low is not None and low <= COLD_C:
        kinds.add("cold")
    if (force is not None and force >= STRONG_FORCE) or (gust is not None and gust >= STRONG_GUST):
        kinds.add("wind")
    if foul:
        kinds.add("haze")
    return frozenset(kinds)


def _joined(stretches: Iterable[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    joined: list[tuple[datetime, datetime]] = []
    for since, until in sorted(stretches):
        if joined and since <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(until, joined[-1][1])
        else:
            joined.append((since, until))
    return joined

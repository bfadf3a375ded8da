"""QWeather, 和风天气 (dev.qweather.com): needs a key and the account's own API host.

Values come as texts. Icon numbers tell the sky. Hours and air quality are asked for besides; a forecast of days alone
is still a forecast.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any, TypeVar

from pydantic import AwareDatetime, BaseModel, BeforeValidator

from broadcaster.errors import WeatherError
from broadcaster.weather.forecast import Day, Forecast, Hour
from broadcaster.weather.provider import TIMEOUT_S, Place, ask
from broadcaster.weather.skies import Sky

_SKIES: dict[Sky, tuple[int, ...]] = {
    "clear": (100, 102, 150, 152), "cloudy": (101, 103, 151, 153), "overcast": (104, 154),
    "shower": (300, 350), "heavy-rain": (301, 307, 315, 351), "thunder": (302, 303), "hail": (304,),
    "light-rain": (305, 314, 399), "rain": (306,), "drizzle": (309,),
    "rainstorm": (308, 310, 311, 312, 316, 317, 318), "freezing-rain": (313,),
    "light-snow": (400, 407, 457, 499), "snow": (401, 408), "heavy-snow": (402, 409), "snowstorm": (403, 410),
    "sleet": (404, 405, 406, 456), "fog": (500, 501, 509, 510, 514, 515), "haze": (502, 511, 512, 513),
    "dust": (503, 504, 507, 508),
}  # fmt: skip
_BY_ICON = {icon: sky for sky, icons in _SKIES.items() for icon in icons}
_CHINA = "cn-mee"
"""China's own index; others may be listed beside it."""


def _number(value: Any) -> Any:
    return None if value in ("", None) else value


Number = Annotated[float | None, BeforeValidator(_number)]
Icon = Annotated[int | None, BeforeValidator(_number)]


class _Status(BaseModel):
    code: str = "200"
    """The same numbers as HTTP's; 200 may come with another code inside."""


_S = TypeVar("_S", bound=_Status)


class _DailyRow(BaseModel):
    fxDate: date
    tempMax: Number
    tempMin: Number
    iconDay: Icon = None
    iconNight: Icon = None
    windDirDay: str | None = None
    windScaleDay: str | None = None


class _Daily(_Status):
    daily: tuple[_DailyRow, ...] = ()


class _HourlyRow(BaseModel):
    fxTime: AwareDatetime
    temp: Number = None
    icon: Icon = None
    windScale: str | None = None


class _Hourly(_Status):
    hourly: tuple[_HourlyRow, ...] = ()


class _Index(BaseModel):
    code: str = ""
    aqi: Number = None


class _Air(BaseModel):
    indexes: tuple[_Index, ...] = ()


class QWeather:
    """Asks QWeather at an account's ``host``. ``url`` stands instead of ``https://host``."""

    name = "qweather"

    def __init__(self, key: str, host: str = "", url: str | None = None, timeout_s: float = TIMEOUT_S) -> None:
        self._headers = {"X-QW-Api-Key": key}
        self._url = (url or f"https://{host}").rstrip("/")
        self._timeout_s = timeout_s

    def fetch(self, place: Place) -> Forecast:
        """See :class:`~broadcaster.weather.provider.Provider`."""
        asked = {"location": f"{place.longitude:.2f},{place.latitude:.2f}", "lang": "zh", "unit": "m"}
        rows = self._asked("/v7/weather/3d", asked, _Daily).daily
        if not rows:
            raise WeatherError(f"{self.name}: 回答里没有预报 / the answer holds no forecast")
        hours = self._hours(asked, place)
        index = self._air(place)
        days = tuple(_day(row, index if number == 0 else None) for number, row in enumerate(rows))
        return Forecast(source="和风天气", place=place.name, days=days, hours=hours)

    def _asked(self, path: str, params: dict[str, str], answer: type[_S]) -> _S:
        found = ask(f"{self._url}{path}", params, answer, headers=self._headers, timeout_s=self._timeout_s)
        if found.code != "200":
            raise WeatherError(f"{self.name}: 服务器回答代码 / the server answered with code {found.code}")
        return found

    def _hours(self, asked: dict[str, str], place: Place) -> tuple[Hour, ...]:
        try:
            rows = self._asked("/v7/weather/24h", asked, _Hourly).hourly
        except WeatherError:
            return ()
        return tuple(
            Hour(
                at=row.fxTime.astimezone(place.tz),
                sky=_sky(row.icon),
                celsius=row.temp,
                force=forces[1] if (forces := _forces(row.windScale)) else None,
            )
            for row in rows
        )

    def _air(self, place: Place) -> int | None:
        url = f"{self._url}/airquality/v1/current/{place.latitude:.2f}/{place.longitude:.2f}"
        try:
            indexes = ask(url, {}, _Air, headers=self._headers, timeout_s=self._timeout_s).indexes
        except WeatherError:
            return None
        found = next((index.aqi for index in indexes if index.code == _CHINA), None)
        return None if found is None else round(found)


def _day(row: _DailyRow, aqi: int | None) -> Day:
    direction = row.windDirDay or ""
    return Day(
        day=row.fxDate,
        sky=_sky(row.iconDay),
        night_sky=_sky(row.iconNight),
        high=row.tempMax,
        low=row.tempMin,
        wind_from=direction if direction.endswith("风") and "无" not in direction and "旋转" not in direction else "",
        force=_forces(row.windScaleDay),
        aqi=aqi,
    )


def _sky(icon: int | None) -> Sky | None:
    return None if icon is None else _BY_ICON.get(icon)


def _forces(scale: str | None) -> tuple[int, int] | None:
    """``3-4`` or ``3`` as least and greatest Beaufort number."""
    numbers = [int(number) for number in re.findall(r"\d+", scale or "")]
    return (numbers[0], numbers[-1]) if numbers else None

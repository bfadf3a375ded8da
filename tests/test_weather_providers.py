"""Both providers against a local server: documented answers, and everything that can go wrong on the way."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from broadcaster.errors import WeatherError
from broadcaster.weather.forecast import Forecast
from broadcaster.weather.open_meteo import OpenMeteo
from broadcaster.weather.provider import Provider
from broadcaster.weather.qweather import QWeather
from tests.weather_kit import HANGZHOU, OPEN_METEO, QWEATHER, TZ, Reply, Service, changed, recorded, reply, served

SATURDAY = date(2026, 11, 28)
MAIN = {"open-meteo": "/v1/forecast", "qweather": "/v7/weather/3d"}
GOOD = {"open-meteo": OPEN_METEO, "qweather": QWEATHER}
BOTH = pytest.mark.parametrize("name", sorted(MAIN))


def provider(name: str, service: Service, timeout_s: float = 5.0) -> Provider:
    if name == "qweather":
        return QWeather("secret-key", url=service.url, timeout_s=timeout_s)
    return OpenMeteo(url=service.url, timeout_s=timeout_s)


def fetched(name: str, **replies: Reply) -> Forecast:
    with served(GOOD[name] | {MAIN[name] if path == "main" else path: found for path, found in replies.items()}) as at:
        return provider(name, at).fetch(HANGZHOU)


def refused(name: str, answer: Reply, timeout_s: float = 5.0) -> str:
    with served(GOOD[name] | {MAIN[name]: answer}) as at, pytest.raises(WeatherError) as caught:
        provider(name, at, timeout_s).fetch(HANGZHOU)
    return str(caught.value)


def test_open_meteo() -> None:
    found = fetched("open-meteo")
    day = found.day(SATURDAY)
    assert day is not None and (day.sky, day.night_sky) == ("light-rain", "rain")
    assert (day.high, day.low, day.wind_from, day.aqi) == (13.2, 4.8, "东北风", 71)
    assert day.force == (2, 3) and day.gust == 5
    assert len(found.hours) == 72 and found.hours[9].at == datetime(2026, 11, 28, 9, tzinfo=TZ)


def test_qweather() -> None:
    found = fetched("qweather")
    day = found.day(SATURDAY)
    assert day is not None and (day.sky, day.night_sky) == ("cloudy", "light-rain")
    assert (day.high, day.low, day.wind_from, day.force, day.aqi) == (13, 6, "东北风", (3, 4), 68)
    tomorrow = found.day(SATURDAY + timedelta(days=1))
    assert tomorrow is not None and tomorrow.aqi is None
    assert len(found.hours) == 24 and found.hours[0].at.utcoffset() == timedelta(hours=8)


def test_what_is_asked_for() -> None:
    with served(OPEN_METEO) as at:
        OpenMeteo(key="k", url=at.url).fetch(HANGZHOU)
        _, query, _ = at.asked[0]
        assert query["latitude"] == ["30.2500"] and query["timezone"] == ["Asia/Shanghai"] and query["apikey"] == ["k"]
    with served(QWEATHER) as at:
        provider("qweather", at).fetch(HANGZHOU)
        _, query, headers = at.asked[0]
        assert query["location"] == ["120.15,30.25"] and headers["X-QW-Api-Key"] == "secret-key"


@BOTH
def test_a_forecast_without_its_extras_is_still_one(name: str) -> None:
    only = {path: (found if path == MAIN[name] else reply({}, 500)) for path, found in GOOD[name].items()}
    with served(only) as at:
        day = provider(name, at).fetch(HANGZHOU).day(SATURDAY)
    assert day is not None and day.high is not None and day.aqi is None


@BOTH
@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (reply({}, 500), "HTTP 500"),
        (reply({}, 404), "HTTP 404"),
        (reply({}, 429), "请求次数"),
        (reply(recorded("qweather-401.json"), 401), "check your key"),
        (reply(recorded("open-meteo-error.json"), 400), "Latitude must be in range"),
        (Reply(b"<html>Welcome to the hotel's network</html>"), "看不懂"),
        (Reply(b""), "看不懂"),
        (Reply(b"\xff\xfe\x00garbage"), "看不懂"),
        (reply([]), "看不懂"),
        (Reply(b'{"code": "200", "daily": [', promised=4000), "连接不上"),
        (Reply(b'{"code": "200", "daily": ['), "看不懂"),
    ],
)
def test_bad_answers(name: str, answer: Reply, words: str) -> None:
    told = refused(name, answer)
    assert words in told and "127.0.0.1" in told and "secret-key" not in told


@BOTH
def test_an_answer_that_never_comes(name: str) -> None:
    assert "超时" in refused(name, Reply(b"{}", waits=True), timeout_s=0.2)


@BOTH
def test_nobody_listens(name: str) -> None:
    with served({}) as at:
        pass
    with pytest.raises(WeatherError, match="连接不上"):
        provider(name, at).fetch(HANGZHOU)


def test_an_endless_answer() -> None:
    assert "太长" in refused("open-meteo", Reply(b" " * 3_000_000))


@pytest.mark.parametrize("code", ["401", "404", "402"])
def test_qweather_tells_errors_inside_200(code: str) -> None:
    assert code in refused("qweather", reply({"code": code}))


def test_a_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with served(OPEN_METEO) as at:
        monkeypatch.setenv("HTTP_PROXY", at.url)
        monkeypatch.setenv("http_proxy", at.url)
        assert OpenMeteo(url="http://weather.invalid").fetch(HANGZHOU).day(SATURDAY) is not None
        assert at.asked[0][2]["Host"] == "weather.invalid"


def test_no_days_is_no_forecast() -> None:
    assert "没有预报" in refused("qweather", reply({"code": "200", "daily": []}))


def _without(*keys: str) -> Any:
    def change(content: Any) -> None:
        for key in keys[:-1]:
            content = content[key]
        del content[keys[-1]]

    return change


@pytest.mark.parametrize("keys", [("hourly",), ("daily",), ("hourly", "weather_code"), ("daily", "temperature_2m_max")])
def test_open_meteo_with_fields_missing(keys: tuple[str, ...]) -> None:
    told = refused("open-meteo", changed("open-meteo-forecast.json", _without(*keys)))
    assert ".".join(keys) in told


def test_open_meteo_with_columns_of_different_lengths() -> None:
    answer = changed("open-meteo-forecast.json", lambda content: content["hourly"]["weather_code"].pop())
    assert "different lengths" in refused("open-meteo", answer)


def _nulls(content: Any) -> None:
    for table in ("hourly", "daily"):
        for name, column in content[table].items():
            if name != "time":
                content[table][name] = [None] * len(column)


def test_open_meteo_with_nothing_but_nulls() -> None:
    assert "没有预报" in refused("open-meteo", changed("open-meteo-forecast.json", _nulls))


def test_open_meteo_with_some_nulls() -> None:
    def some(content: Any) -> None:
        content["hourly"]["weather_code"][9:12] = [None] * 3
        content["daily"]["wind_direction_10m_dominant"][0] = None

    day = fetched("open-meteo", main=changed("open-meteo-forecast.json", some)).day(SATURDAY)
    assert day is not None and day.sky == "light-rain" and day.wind_from == ""


def test_qweather_with_empty_texts() -> None:
    def empty(content: Any) -> None:
        content["daily"][0].update(tempMax="", windScaleDay="", windDirDay="无持续风向", iconNight="999")

    day = fetched("qweather", main=changed("qweather-3d.json", empty)).day(SATURDAY)
    assert day is not None and (day.high, day.force, day.wind_from, day.night_sky) == (None, None, "", None)


def test_qweather_with_words_for_numbers() -> None:
    def wrong(content: Any) -> None:
        content["daily"][0]["tempMax"] = "很热"

    assert "daily.0.tempMax" in refused("qweather", changed("qweather-3d.json", wrong))

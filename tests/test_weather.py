"""The forecast in words, its spells, and the keeper that never says yesterday's weather."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from broadcaster.errors import WeatherError
from broadcaster.plan.models import WeatherSource
from broadcaster.weather.forecast import Day, Forecast, Hour, beaufort, china_aqi, spells
from broadcaster.weather.keeper import WeatherKeeper, make_provider, text_for
from broadcaster.weather.open_meteo import OpenMeteo
from broadcaster.weather.qweather import QWeather
from broadcaster.weather.sentence import sentence
from broadcaster.weather.skies import SKIES, Sky, summed
from tests.weather_kit import HANGZHOU, OPEN_METEO, QWEATHER, TZ, Reply, Service, recorded, reply, served

SATURDAY = date(2026, 11, 28)
TEN = datetime(2026, 11, 28, 10, 0, tzinfo=TZ)
HOUR = timedelta(hours=1)
LIMIT = timedelta(hours=3)


def day(day: date = SATURDAY, **values: Any) -> Day:
    usual: dict[str, Any] = {"sky": "cloudy", "night_sky": "cloudy", "high": 15.0, "low": 8.0}
    return Day.model_validate({"day": day, **usual, **values})


def said(now: datetime = TEN, tomorrow: Day | None = None, **values: Any) -> str:
    days = (day(**values), tomorrow) if tomorrow else (day(**values),)
    found = sentence(Forecast(source="test", place="杭州", days=days), now)
    assert found is not None
    return found


def settings(url: str, **changes: Any) -> WeatherSource:
    entries: dict[str, Any] = {"place": "杭州", "latitude": 30.25, "longitude": 120.15, "url": url}
    return WeatherSource.model_validate(entries | changes)


def keeper(service: Service, tmp_path: Path, **changes: Any) -> WeatherKeeper:
    source = settings(service.url, **changes)
    timed = make_provider(source, timeout_s=0.3)
    return WeatherKeeper(source, TZ, tmp_path / "weather.json", timed)


# --- words ---


def test_a_day_in_words() -> None:
    text = said(sky="cloudy", night_sky="light-rain", wind_from="东北风", force=(3, 4), aqi=68)
    assert "今天白天到夜间多云转小雨,最高气温15度,夜间最低气温8度,东北风3到4级。空气质量良。" in text
    assert "夜间有雨" in text and "杭州" in text and text.startswith(("各位", "亲爱的", "顾客"))


def test_the_recorded_day_in_words() -> None:
    with served(OPEN_METEO) as at:
        text = sentence(OpenMeteo(url=at.url).fetch(HANGZHOU), TEN)
    assert text is not None and "小雨转中雨" in text and "最高气温13度" in text and "雨伞" in text


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"sky": "light-rain"}, "带好雨伞"),
        ({"night_sky": "shower"}, "夜间有雨"),
        ({"sky": "thunder"}, "返程时间"),
        ({"night_sky": "rainstorm"}, "预计有暴雨"),
        ({"sky": "snow"}, "雪天路滑"),
        ({"sky": "sleet"}, "雪天路滑"),
        ({"sky": "fog"}, "打开雾灯"),
        ({"sky": "dust"}, "沙尘"),
        ({"high": 37.0, "low": 28.0}, "防暑降温"),
        ({"high": 3.0, "low": -4.0}, "防寒保暖"),
        ({"high": 3.0, "low": -4.0}, "零下4度"),
        ({"high": 22.0, "low": 8.0}, "昼夜温差较大"),
        ({"force": (5, 6), "wind_from": "北风"}, "风力较大"),
        ({"force": (2, 3), "gust": 8}, "阵风8级"),
        ({"aqi": 120}, "轻度污染"),
        ({"aqi": 180}, "戴好口罩"),
        ({"sky": "clear", "night_sky": "clear"}, "天气晴好"),
        ({"force": (0, 1)}, "微风"),
        ({"low": 0.2, "high": 5.0}, "最低气温0度"),
        ({"low": -0.2, "high": 5.0}, "最低气温0度"),
    ],
)
def test_advice(values: dict[str, Any], words: str) -> None:
    assert words in said(**values)


@pytest.mark.parametrize("words", ["雨", "雪", "雾", "防暑", "防寒", "口罩", "风力较大", "温差", "下降"])
def test_no_needless_advice(words: str) -> None:
    assert words not in said(force=(2, 3), aqi=60)


def test_a_fall_of_temperature_is_told_the_day_before() -> None:
    assert "明天气温下降明显,最高气温只有5度" in said(tomorrow=day(SATURDAY + timedelta(days=1), high=5.0))


def test_advice_stays_short() -> None:
    text = said(sky="thunder", night_sky="snow", high=37.0, low=-3.0, force=(7, 8), aqi=400)
    assert text.count("请您") <= 4 and len(text) < 230


def test_the_time_of_day_changes_the_words_and_nothing_else_does() -> None:
    hours = tuple(Hour(at=datetime(2026, 11, 28, hour, tzinfo=TZ), sky="rain", celsius=12) for hour in range(12, 18))
    forecast = Forecast(source="t", place="杭州", days=(day(),), hours=hours)
    morning, noon, evening = (sentence(forecast, TEN.replace(hour=hour)) or "" for hour in (10, 12, 18))
    assert "上午好" in morning and "今天下午到夜间中雨" in noon and "今天晚上多云" in evening
    assert sentence(forecast, TEN + HOUR) == morning
    assert sentence(forecast, TEN + 7 * HOUR) == noon


def test_words_vary_from_day_to_day() -> None:
    texts = set()
    for offset in range(6):
        when = TEN + timedelta(days=offset)
        texts.add(sentence(Forecast(source="t", place="杭州", days=(day(when.date()),)), when))
    assert len(texts) >= 3


@pytest.mark.parametrize("values", [{"sky": None}, {"high": None, "low": None}])
def test_too_little_is_not_said(values: dict[str, Any]) -> None:
    assert sentence(Forecast(source="t", place="杭州", days=(day(**values),)), TEN) is None


maybe = st.none() | st.floats(-40, 45)
skies = st.none() | st.sampled_from(sorted(SKIES))


@given(skies, skies, maybe, maybe, st.none() | st.integers(0, 12), st.none() | st.integers(0, 500), st.integers(0, 23))
def test_any_forecast_can_be_said(
    sky: Sky | None,
    night: Sky | None,
    high: float | None,
    low: float | None,
    force: int | None,
    aqi: int | None,
    at: int,
) -> None:
    days = (day(sky=sky, night_sky=night, high=high, low=low, force=None if force is None else (0, force), aqi=aqi),)
    text = sentence(Forecast(source="t", place="杭州", days=days), TEN.replace(hour=at))
    assert text is None or (
        text[-1] in "!。" and not any(bad in text for bad in ("None", "-", "nan", ",,", "。。", ",。"))
    )


# --- measures ---


@pytest.mark.parametrize(("speed", "force"), [(0, 0), (0.3, 1), (3.3, 2), (5.5, 4), (10.7, 5), (10.8, 6), (40, 12)])
def test_beaufort(speed: float, force: int) -> None:
    assert beaufort(speed) == force


@pytest.mark.parametrize(
    ("pm2_5", "pm10", "index"),
    [(35, None, 50), (75, None, 100), (115, 100, 150), (35.5, None, 51), (None, 250, 150), (0, 0, 0), (900, None, 500),
     (None, None, None)],
)  # fmt: skip
def test_air_quality_index(pm2_5: float | None, pm10: float | None, index: int | None) -> None:
    assert china_aqi(pm2_5, pm10) == index


def test_one_odd_hour_is_no_weather_but_a_storm_is() -> None:
    dull: list[Sky] = ["cloudy"] * 8
    assert summed([*dull, "light-rain"]) == "cloudy"
    assert summed([*dull, "light-rain", "light-rain"]) == "light-rain"
    assert summed([*dull, "thunder"]) == "thunder"
    assert summed([]) is None


# --- spells ---


def _hours(*skies: Sky, celsius: float = 12.0, **values: Any) -> tuple[Hour, ...]:
    return tuple(Hour(at=TEN + number * HOUR, sky=sky, celsius=celsius, **values) for number, sky in enumerate(skies))


def _spells(hours: tuple[Hour, ...], *days: Day) -> list[tuple[str, int, int]]:
    found = spells(Forecast(source="t", place="杭州", days=days, hours=hours), TEN, TEN + 10 * HOUR)
    return [(spell.kinds[0], (spell.since - TEN) // HOUR, (spell.until - TEN) // HOUR) for spell in found]


def test_spells_from_hours() -> None:
    assert _spells(_hours("cloudy", "rain", "shower", "cloudy", "thunder")) == [
        ("rain", 1, 3), ("rain", 4, 5), ("storm", 4, 5),
    ]  # fmt: skip
    assert _spells(_hours("clear", "clear", celsius=36)) == [("heat", 0, 2)]
    assert _spells(_hours("clear", celsius=-1)) == [("cold", 0, 1)]
    assert _spells(_hours("clear", gust=8)) == [("wind", 0, 1)]
    assert _spells(_hours("clear"), day(aqi=180)) == [("haze", 0, 1)]


def test_spells_without_hours_are_day_and_night() -> None:
    assert _spells((), day(sky="light-rain")) == [("rain", 0, 10)]
    assert _spells((), day(night_sky="fog")) == []


# --- how long it holds ---


FORECAST = Forecast(source="t", place="杭州", days=(day(), day(SATURDAY + timedelta(days=1))))


@pytest.mark.parametrize(
    ("age", "holds"),
    [(timedelta(), True), (LIMIT, True), (LIMIT + timedelta(seconds=1), False), (timedelta(minutes=-1), True),
     (timedelta(hours=-1), False)],
)  # fmt: skip
def test_the_limit(age: timedelta, holds: bool) -> None:
    assert (text_for(TEN, FORECAST, TEN - age, LIMIT) is not None) == holds


def test_never_yesterdays() -> None:
    midnight = TEN.replace(hour=0) + timedelta(days=1)
    before, after = midnight - timedelta(minutes=1), midnight + timedelta(minutes=1)
    assert text_for(before, FORECAST, before, LIMIT) is not None
    assert text_for(after, FORECAST, before, LIMIT) is None
    assert text_for(after, FORECAST, after, LIMIT) is not None
    assert text_for(TEN, None, None, LIMIT) is None


def test_another_day_is_not_said() -> None:
    far = TEN + timedelta(days=9)
    assert text_for(far, FORECAST, far, LIMIT) is None


# --- the keeper ---


def test_it_fetches_refreshes_and_tells(tmp_path: Path) -> None:
    with served(OPEN_METEO) as at:
        kept = keeper(at, tmp_path)
        outlook = kept.look(TEN)
        assert outlook is not None and outlook.text and "杭州" in outlook.text and outlook.script == "weather"
        assert outlook.until == TEN.replace(hour=12) and outlook.fetched_at == TEN
        assert [spell.kinds for spell in outlook.spells] == []
        kept.look(TEN + timedelta(minutes=29))
        assert at.count("/v1/forecast") == 1
        kept.look(TEN + timedelta(minutes=30))
        assert at.count("/v1/forecast") == 2
        now = TEN + timedelta(minutes=31)
        assert kept.health(now).ok and "Open-Meteo,1 分钟前" in kept.health(now).zh


def test_spells_end_with_the_forecasts_age(tmp_path: Path) -> None:
    with served(OPEN_METEO) as at:
        outlook = keeper(at, tmp_path).look(TEN.replace(hour=17))
    assert outlook is not None
    (rain,) = outlook.spells
    assert (rain.kinds, rain.since.hour, rain.until.hour) == (("rain",), 18, 20)


def test_a_dead_network_and_the_way_back(tmp_path: Path) -> None:
    with served(OPEN_METEO) as at:
        kept = keeper(at, tmp_path)
        assert kept.look(TEN)
        at.replies["/v1/forecast"] = reply({}, 503)
        now = TEN + timedelta(hours=2)
        assert kept.look(now) is not None
        assert not kept.health(now).ok and "HTTP 503" in kept.health(now).zh and "HTTP 503" in kept.health(now).en
        now = TEN + timedelta(hours=3, minutes=1)
        assert kept.look(now) is None
        assert "中性" in kept.health(now).zh
        at.replies = dict(OPEN_METEO)
        assert kept.look(now + timedelta(minutes=20)) is not None
        assert kept.health(now + timedelta(minutes=20)).ok


def test_it_backs_off(tmp_path: Path) -> None:
    with served({}) as at:
        kept = keeper(at, tmp_path)
        for minute in range(60):
            assert kept.look(TEN + timedelta(minutes=minute)) is None
        # At once, then after 1, 2, 5, 10, 20 and again 20 more minutes.
        assert at.count("/v1/forecast") == 7


def test_a_slow_provider_is_an_error_like_any_other(tmp_path: Path) -> None:
    with served(OPEN_METEO | {"/v1/forecast": Reply(b"", waits=True)}) as at:
        kept = keeper(at, tmp_path)
        assert kept.look(TEN) is None
        assert "超时" in kept.health(TEN).zh


def test_past_midnight_the_old_day_is_dropped_at_once(tmp_path: Path) -> None:
    with served(OPEN_METEO) as at:
        kept = keeper(at, tmp_path)
        late = TEN.replace(hour=23, minute=50)
        outlook = kept.look(late)
        assert outlook is not None and outlook.until == late.replace(hour=0, minute=0) + timedelta(days=1)
        at.replies = {}
        assert kept.look(late + timedelta(minutes=11)) is None
        at.replies = dict(OPEN_METEO)
        after = kept.look(late + timedelta(minutes=13))
        assert after is not None and after.fetched_at.astimezone(TZ).date() == SATURDAY + timedelta(days=1)


def test_a_clock_set_back_makes_it_look_again(tmp_path: Path) -> None:
    with served(OPEN_METEO) as at:
        kept = keeper(at, tmp_path)
        kept.look(TEN)
        at.replies = {}
        assert kept.look(TEN - HOUR) is None
        assert at.count("/v1/forecast") == 2


def test_it_remembers_over_a_restart(tmp_path: Path) -> None:
    with served(OPEN_METEO) as at:
        first = keeper(at, tmp_path).look(TEN)
        at.replies = {}
        again = keeper(at, tmp_path).look(TEN + timedelta(minutes=10))
        assert first is not None and again is not None and again.text == first.text
        assert at.count("/v1/forecast") == 1
        assert keeper(at, tmp_path).look(TEN + timedelta(hours=4)) is None
        assert keeper(at, tmp_path).look(TEN + timedelta(days=1)) is None


@pytest.mark.parametrize("changes", [{"latitude": 31.2}, {"place": "上海"}, {"longitude": 121.5}])
def test_another_place_is_not_this_place(tmp_path: Path, changes: dict[str, Any]) -> None:
    with served(OPEN_METEO) as at:
        keeper(at, tmp_path).look(TEN)
        at.replies = {}
        assert keeper(at, tmp_path, **changes).look(TEN + timedelta(minutes=1)) is None


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"version": 1}', b"\xff\xfe"])
def test_a_damaged_memory_is_forgotten(tmp_path: Path, damage: bytes) -> None:
    (tmp_path / "weather.json").write_bytes(damage)
    with served(OPEN_METEO) as at:
        assert keeper(at, tmp_path).look(TEN) is not None
    assert json.loads((tmp_path / "weather.json").read_text(encoding="utf-8"))["version"] == 1


def test_a_memory_that_can_not_be_written_costs_nothing(tmp_path: Path) -> None:
    (tmp_path / "weather.json").mkdir()
    with served(OPEN_METEO) as at:
        assert keeper(at, tmp_path).look(TEN) is not None


def test_qweather_through_the_keeper(tmp_path: Path) -> None:
    with served(QWEATHER) as at:
        kept = keeper(at, tmp_path, provider="qweather", key="secret-key")
        outlook = kept.look(TEN)
        assert outlook is not None and outlook.source == "和风天气" and "多云转小雨" in (outlook.text or "")
        at.replies = {"/v7/weather/3d": reply(recorded("qweather-401.json"), 401)}
        kept.look(TEN + HOUR)
        assert "密钥" in kept.health(TEN + HOUR).zh and "secret-key" not in kept.health(TEN + HOUR).zh


def test_settings() -> None:
    with pytest.raises(ValidationError, match="qweather"):
        settings("", provider="qweather")
    source = settings("http://x", older_than="2 h", refresh="20 min", key="k", provider="qweather")
    assert (source.older_than, source.refresh) == (7200, 1200)
    assert isinstance(make_provider(source), QWeather)


def test_a_provider_that_fails_names_the_host() -> None:
    with served({}) as at, pytest.raises(WeatherError, match=r"127\.0\.0\.1"):
        OpenMeteo(url=at.url).fetch(HANGZHOU)

"""A forecast in the words of a store's announcer, with advice. Pure, and the same forecast gives the same words.

Numbers stay digits: the voice's normaliser reads them. Wording varies from day to day, not from look to look.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from broadcaster.weather.forecast import COLD_C, HEAT_C, STRONG_FORCE, STRONG_GUST, Day, Forecast, kinds_of
from broadcaster.weather.skies import SKIES, Sky, summed

_NOON, _EVENING, _NIGHT = 12, 18, 20
_MOST_ADVICE = 3
_WIDE_C = 12.0
"""Difference of day and night from which people are told to dress for both."""
_DROP_C = 8.0
"""Fall of the highest temperature from today to tomorrow that is told today."""

_GREETINGS = {
    "今天": ("各位顾客,上午好!", "亲爱的顾客朋友,上午好!", "顾客朋友们,上午好!"),
    "今天下午": ("各位顾客,下午好!", "亲爱的顾客朋友,下午好!", "顾客朋友们,下午好!"),
    "今天晚上": ("各位顾客,晚上好!", "亲爱的顾客朋友,晚上好!", "顾客朋友们,晚上好!"),
}
_OPENINGS = ("现在为您播报{place}天气预报。", "下面是{place}的天气情况。", "为您播报{place}今天的天气。")
_ENDINGS = ("祝您购物愉快!", "祝您度过愉快的一天!", "感谢您的光临,祝您购物愉快!")


@dataclass(frozen=True, slots=True)
class _Ahead:
    """What lies ahead of a moment, as far as it is told."""

    name: str
    """``今天``, ``今天下午`` or ``今天晚上``."""
    sky: Sky | None
    later: Sky | None
    """The night's."""
    high: float | None
    low: float | None
    day: Day
    tomorrow: Day | None


def sentence(forecast: Forecast, now: datetime) -> str | None:
    """The forecast for the rest of ``now``'s day (aware, local); None where it says too little of that day.

    The words stay the same within morning, afternoon and evening.
    """
    day = forecast.day(now.date())
    if day is None:
        return None
    ahead = _ahead(forecast, day, now)
    if ahead.sky is None or (ahead.high is None and ahead.low is None):
        return None
    turn = now.date().toordinal()
    greetings = _GREETINGS[ahead.name]
    parts = [
        greetings[turn % len(greetings)],
        _OPENINGS[turn % len(_OPENINGS)].format(place=forecast.place) if forecast.place else "现在为您播报天气预报。",
        _facts(ahead),
        *[f"{advice}。" for advice in list(_advice(ahead))[:_MOST_ADVICE]],
        _ENDINGS[turn // 3 % len(_ENDINGS)] if ahead.name != "今天晚上" else "祝您购物愉快!",
    ]
    return "".join(part for part in parts if part)


def _ahead(forecast: Forecast, day: Day, now: datetime) -> _Ahead:
    def clock(hour: int, days: int = 0) -> datetime:
        return datetime.combine(day.day + timedelta(days=days), time(hour), now.tzinfo)

    name, start = "今天", 8
    if now.hour >= _EVENING:
        name, start = "今天晚上", _EVENING
    elif now.hour >= _NOON:
        name, start = "今天下午", _NOON
    light = forecast.between(clock(start), clock(_NIGHT))
    rest = forecast.between(clock(start), clock(8, 1))
    known = [hour.celsius for hour in rest if hour.celsius is not None]
    whole = (
        len(known) >= len(rest) > 0 and (clock(8, 1) - rest[-1].at) <= timedelta(hours=1) and rest[0].at <= clock(start)
    )
    sky = summed([hour.sky for hour in light if hour.sky is not None]) if name != "今天" else None
    later = day.night_sky
    if name == "今天晚上":
        sky, later = later or sky, None
    # The lowest of the calendar day lies in the small hours that are over; people ask for tonight's.
    low = min(known) if whole else day.low
    high = max(known) if whole and name != "今天" else day.high
    return _Ahead(name, sky or day.sky, later, high, low, day, forecast.day(day.day + timedelta(days=1)))


def _facts(ahead: _Ahead) -> str:
    span = {"今天": "今天白天到夜间", "今天下午": "今天下午到夜间", "今天晚上": "今天晚上"}[ahead.name]
    facts = [span + _skies(ahead), _temperatures(ahead)]
    if wind := _wind(ahead.day):
        facts.append(wind)
    text = ",".join(fact for fact in facts if fact) + "。"
    if ahead.day.aqi is not None:
        text += f"空气质量{_air(ahead.day.aqi)}。"
    return text


def _skies(ahead: _Ahead) -> str:
    assert ahead.sky is not None
    now = SKIES[ahead.sky].zh
    later = SKIES[ahead.later].zh if ahead.later is not None else now
    return now if now == later else f"{now}转{later}"


def _temperatures(ahead: _Ahead) -> str:
    high, low = ahead.high, ahead.low
    if ahead.name == "今天晚上":
        return f"最低气温{_degrees(low)}" if low is not None else ""
    if high is None or low is None:
        return f"最高气温{_degrees(high)}" if high is not None else f"最低气温{_degrees(low or 0.0)}"
    return f"最高气温{_degrees(high)},夜间最低气温{_degrees(low)}"


def _degrees(celsius: float) -> str:
    whole = round(celsius)
    return f"零下{-whole}度" if whole < 0 else f"{whole}度"


def _wind(day: Day) -> str:
    if day.force is None:
        return ""
    least, most = day.force
    if most <= 2:
        return "微风"
    span = f"{max(least, 1)}到{most}级" if least < most else f"{most}级"
    gust = f",阵风{day.gust}级" if day.gust is not None and day.gust >= max(STRONG_GUST, most + 2) else ""
    return f"{day.wind_from or '风力'}{span}{gust}"


def _air(aqi: int) -> str:
    for bound, name in ((50, "优"), (100, "良"), (150, "轻度污染"), (200, "中度污染"), (300, "重度污染")):
        if aqi <= bound:
            return name
    return "严重污染"


def _advice(ahead: _Ahead) -> Iterator[str]:
    """What to mind, the weightiest first."""
    yield from _storm_and_wet(ahead)
    yield from _warm_and_cold(ahead)
    yield from _wind_and_air(ahead)
    kinds = _kinds(ahead)
    if ahead.high is not None and ahead.low is not None and ahead.high - ahead.low >= _WIDE_C:
        yield "昼夜温差较大,请您适时增减衣物"
    if not kinds and ahead.sky == "clear":
        yield "天气晴好,适合出行,也欢迎您在店里慢慢挑选"


def _kinds(ahead: _Ahead) -> frozenset[str]:
    skies: set[str] = set()
    for sky in (ahead.sky, ahead.later):
        if sky is not None:
            skies |= SKIES[sky].kinds
    force = ahead.day.force[1] if ahead.day.force else None
    return frozenset(skies | kinds_of(None, ahead.high, ahead.low, force, ahead.day.gust, False))


def _storm_and_wet(ahead: _Ahead) -> Iterator[str]:
    skies = [sky for sky in (ahead.sky, ahead.later) if sky is not None]
    told = {kind for sky in skies for kind in SKIES[sky].kinds}
    now = SKIES[skies[0]].kinds
    if "storm" in told:
        names = "、".join(dict.fromkeys(SKIES[sky].zh for sky in skies if "storm" in SKIES[sky].kinds))
        yield f"预计有{names},请您合理安排返程时间,雷雨大风时不要在树下和广告牌下停留"
    if "snow" in told:
        yield "雪天路滑,请您小心慢行,驾车的顾客请减速慢行,进店前请轻轻跺去鞋上的雪"
    elif "rain" in now:
        yield "外出请您带好雨伞,商场出入口地面湿滑,请小心慢行,雨伞请放进门口备好的伞套"
    elif "rain" in told:
        yield "夜间有雨,晚些回家的顾客请带好雨伞,路上慢行"
    if "fog" in told:
        yield "有雾时能见度不好,驾车的顾客请打开雾灯,减速慢行"


def _warm_and_cold(ahead: _Ahead) -> Iterator[str]:
    if ahead.high is not None and ahead.high >= HEAT_C:
        yield "天气炎热,请您多喝水,注意防暑降温,不要把老人和孩子单独留在车里"
    elif ahead.low is not None and ahead.low <= COLD_C:
        yield "天气寒冷,请您注意防寒保暖,路面可能结冰,出行请当心"
    tomorrow = ahead.tomorrow
    if tomorrow is not None and tomorrow.high is not None and ahead.day.high is not None:
        fall = ahead.day.high - tomorrow.high
        if fall >= _DROP_C:
            yield f"明天气温下降明显,最高气温只有{_degrees(tomorrow.high)},请您及时添衣"


def _wind_and_air(ahead: _Ahead) -> Iterator[str]:
    day = ahead.day
    strong = day.force is not None and day.force[1] >= STRONG_FORCE
    if strong or (day.gust is not None and day.gust >= STRONG_GUST):
        yield "风力较大,搬运板材、玻璃等大件物品时请注意安全"
    if "dust" in (ahead.sky, ahead.later):
        yield "有沙尘天气,外出请戴好口罩,关好车窗"
    elif day.aqi is not None and day.aqi > 150:
        yield "空气污染较重,外出请戴好口罩,老人和孩子请减少户外活动"
    elif day.aqi is not None and day.aqi > 100:
        yield "空气质量不佳,有呼吸道疾病的顾客请减少户外活动"

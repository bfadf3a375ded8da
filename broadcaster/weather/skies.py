"""What the sky may look like, in the words of Chinese forecasts, and what follows from it for a store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from broadcaster.plan.models import Weather

Sky = Literal[
    "clear", "cloudy", "overcast", "haze", "dust", "fog", "drizzle", "shower", "light-rain", "rain", "heavy-rain",
    "rainstorm", "freezing-rain", "sleet", "light-snow", "snow", "heavy-snow", "snowstorm", "thunder", "hail",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class SkyFacts:
    """How a sky is called, and what it means."""

    zh: str
    kinds: frozenset[Weather]
    rank: int
    """How much it matters to people on their way: of several, the higher is told."""


def _facts(zh: str, rank: int, *kinds: Weather) -> SkyFacts:
    return SkyFacts(zh, frozenset(kinds), rank)


SKIES: dict[Sky, SkyFacts] = {
    "clear": _facts("晴", 0),
    "cloudy": _facts("多云", 1),
    "overcast": _facts("阴", 2),
    "haze": _facts("霾", 10, "haze"),
    "dust": _facts("扬沙", 12, "haze"),
    "fog": _facts("有雾", 11, "fog"),
    "drizzle": _facts("毛毛雨", 20, "rain"),
    "shower": _facts("阵雨", 22, "rain"),
    "light-rain": _facts("小雨", 21, "rain"),
    "rain": _facts("中雨", 23, "rain"),
    "heavy-rain": _facts("大雨", 24, "rain"),
    "rainstorm": _facts("暴雨", 40, "rain", "storm"),
    "freezing-rain": _facts("冻雨", 33, "rain", "cold"),
    "sleet": _facts("雨夹雪", 30, "rain", "snow"),
    "light-snow": _facts("小雪", 31, "snow"),
    "snow": _facts("中雪", 32, "snow"),
    "heavy-snow": _facts("大雪", 34, "snow"),
    "snowstorm": _facts("暴雪", 41, "snow", "storm"),
    "thunder": _facts("雷阵雨", 35, "rain", "storm"),
    "hail": _facts("雷阵雨伴有冰雹", 42, "rain", "storm"),
}

_TOLD_FROM = 10
"""Rank from which a sky is told though it does not last: an hour of sun more or less is no news, rain is."""


def summed(skies: Sequence[Sky]) -> Sky | None:
    """One sky for several hours: the second worst where it matters (a single odd hour does not), else the middle one.

    A single hour of a storm counts.
    """
    if not skies:
        return None
    ranked = sorted(skies, key=lambda sky: SKIES[sky].rank)
    if "storm" in SKIES[ranked[-1]].kinds:
        return ranked[-1]
    second = ranked[-2] if len(ranked) > 1 else ranked[-1]
    if SKIES[second].rank >= _TOLD_FROM:
        return second
    return ranked[len(ranked) // 2]

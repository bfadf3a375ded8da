"""What is plotted, in words and numbers: the plots of a period, as the child that draws them takes them."""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from itertools import accumulate
from unicodedata import east_asian_width

from broadcaster.plan.models import Names
from broadcaster.trends.causes import CAUSES
from broadcaster.trends.figures import SHARES, VOICES, Trends, present_shares
from broadcaster.trends.job import CHARTS, Chart, Form, Series

PLOT_FORMAT = 1
"""Raised when the same chart is drawn otherwise: what is kept of it is then drawn anew."""
MOST_VENDORS = 12
NAME_WIDTH = 28
"""Of a vendor's name in a plot, in columns: a Chinese character takes two."""

TITLES: Mapping[str, Names] = {
    "air": Names(zh="播出时间构成(每周)", en="What the air is made of, by week"),
    "missed": Names(zh="没有完整播出的条数与原因(每周)", en="Items missed or cut short, by week and cause"),
    "loudness": Names(zh="实测响度(每周平均与范围)", en="Loudness as heard, mean and range by week"),
    "vendors": Names(zh="各厂商通知(整个期间)", en="Notices by vendor, whole period"),
    "planned": Names(zh="按计划完整播出的比例(每周)", en="Items aired wholly as planned, by week"),
}
"""Of the plots, in their order."""


def charts_of(trends: Trends, language: str) -> dict[str, Chart]:
    """The plots of a period in a language, by name."""
    found = dict(_charts(trends, language))
    assert list(found) == list(TITLES)
    return found


def key_of(charts: Mapping[str, Chart], form: Form) -> str:
    """Stands for exactly these plots."""
    told = f"{PLOT_FORMAT} {form} ".encode() + CHARTS.dump_json(charts)
    return hashlib.sha256(told).hexdigest()[:24]


def _charts(trends: Trends, language: str) -> Iterator[tuple[str, Chart]]:
    def say(names: Names) -> str:
        return names.text(language)

    weeks = trends.weeks
    labels = [f"{week.first:%m-%d}" for week in weeks]
    if weeks and weeks[0].first.year != weeks[-1].first.year:
        labels = [f"{week.first:%y-%m-%d}" for week in weeks]
    empty = say(Names(zh="这段时间没有记录", en="Nothing is recorded of this period"))
    titles = {name: say(title) for name, title in TITLES.items()}
    yield "air", Chart(
        "stack", titles["air"], "%", labels,
        [
            Series(
                say(SHARES[kind]), [round(100 * week.share(kind), 2) for week in weeks], look=list(SHARES).index(kind)
            )
            for kind in present_shares(trends)
        ],
        top=100, empty=empty,
    )  # fmt: skip
    causes = [cause for cause in CAUSES if cause in trends.total.missed]
    yield "missed", Chart(
        "stack", titles["missed"], say(Names(zh="条", en="items")), labels,
        [
            Series(say(CAUSES[cause]), [week.missed.get(cause, 0) for week in weeks], look=list(CAUSES).index(cause))
            for cause in causes
        ],
        empty=say(Names(zh="没有缺播", en="Nothing was missed")) if trends.total.due else empty,
    )  # fmt: skip
    yield "loudness", Chart(
        "lines", titles["loudness"], "LUFS", labels,
        [_loudness(trends, voice, say(words)) for voice, words in VOICES.items() if voice in trends.total.loudness],
        reference=trends.reference_lufs,
        reference_words=say(Names(zh="基准", en="reference")) + f" {trends.reference_lufs:g}".replace("-", "\u2212"),
        empty=say(Names(zh="没有测到响度(没有监听)", en="No loudness was measured: nothing listens")),
    )  # fmt: skip
    vendors = trends.vendors[:MOST_VENDORS]
    yield "vendors", Chart(
        "bars", titles["vendors"], say(Names(zh="次", en="airings")), [_short(one.name) for one in vendors],
        [
            Series(say(Names(zh="完整播出并听到", en="wholly aired and heard")), [one.heard for one in vendors]),
            Series(say(Names(zh="其余", en="others")), [one.due - one.heard for one in vendors], look=1),
        ] if vendors else [],
        empty=say(Names(zh="这段时间没有厂商通知", en="No vendor's notices in this period")),
    )  # fmt: skip
    yield "planned", Chart(
        "lines", titles["planned"], "%", labels,
        [Series("", [None if week.as_planned is None else round(100 * week.as_planned, 2) for week in weeks])]
        if trends.total.due else [],
        top=100, empty=empty,
    )  # fmt: skip


def _short(name: str) -> str:
    """A vendor's name as far as there is room beside the plot; the table has the whole."""
    room = list(accumulate(2 if east_asian_width(char) in "WF" else 1 for char in name))
    return name if not room or room[-1] <= NAME_WIDTH else f"{name[: bisect_right(room, NAME_WIDTH - 2)]}…"


def _loudness(trends: Trends, voice: str, words: str) -> Series:
    found = [week.loudness.get(voice) for week in trends.weeks]
    return Series(
        words, [one.mean if one else None for one in found], [one.low if one else None for one in found],
        [one.high if one else None for one in found], look=list(VOICES).index(voice),
    )  # fmt: skip

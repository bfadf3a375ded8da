"""The trends in tables: what stands under each plot on the page, and on paper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from broadcaster.paper import Column, Heading, Paper, Part, Picture, Table, Text
from broadcaster.plan.models import Names
from broadcaster.trends.causes import CAUSES
from broadcaster.trends.charts import TITLES
from broadcaster.trends.figures import SHARES, VOICES, Trends, Week, present_shares

PLOT_MM = 175.0


@dataclass(frozen=True, slots=True)
class Grid:
    """One table of figures. The first column names the row."""

    name: str
    """Of the plot that it belongs to."""
    title: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    note: str = ""


_NOTES: Mapping[str, Names] = {
    "air": Names(
        zh="按播音时间算;人声下面的垫乐算人声。“没有记录”是节目时间里日志没有内容的部分。",
        en="Of programme time; music under speech counts as speech. “Not recorded” is programme time of which the "
        "log has nothing.",
    ),
    "missed": Names(zh="跳过、失败和只播出一部分的条目。", en="Items skipped, failed, or aired in part."),
    "loudness": Names(
        zh="在输出端测得。平均为能量平均;基准是录音统一到的响度,各时段音量在此之下。",
        en="Measured at the output. The mean is that of the energies; recordings are brought to the reference, and "
        "each level's gain comes on top.",
    ),
}


def grids(trends: Trends, language: str) -> list[Grid]:
    """The tables, in the plots' order."""

    def say(zh: str, en: str) -> str:
        return Names(zh=zh, en=en).text(language)

    weeks, total = trends.weeks, trends.total
    week, whole, count = say("周(起始)", "Week from"), say("合计", "Total"), say("天数", "Days")
    kinds = list(present_shares(trends))
    causes = [cause for cause in CAUSES if cause in total.missed]
    voices = [voice for voice in VOICES if voice in total.loudness]
    found = {
        "air": (
            [week, count, say("小时", "Hours"), *(f"{SHARES[kind].text(language)} %" for kind in kinds)],
            [[name, str(one.days), f"{one.total_s / 3600:.1f}", *(f"{100 * one.share(kind):.1f}" for kind in kinds)]
             for name, one in _named(weeks, total, whole)],
        ),
        "missed": (
            [week, *(CAUSES[cause].text(language) for cause in causes), whole],
            [[name, *(str(one.missed.get(cause, 0)) for cause in causes), str(sum(one.missed.values()))]
             for name, one in _named(weeks, total, whole)],
        ),
        "loudness": (
            [week, *(head for voice in voices for head in (
                f"{VOICES[voice].text(language)} LUFS", say("最轻", "Quietest"), say("最响", "Loudest")))],
            [[name, *(cell for voice in voices for cell in _loudness(one, voice))]
             for name, one in _named(weeks, total, whole)],
        ),
        "vendors": (
            [say("厂商", "Vendor"), say("日志中", "In the log"), say("完整播出并听到", "Wholly aired and heard")],
            [[one.name, str(one.due), str(one.heard)] for one in trends.vendors],
        ),
        "planned": (
            [week, say("应播", "Due"), say("完整播出", "Wholly aired"), "%"],
            [[name, str(one.due), str(one.aired), _down(one)]
             for name, one in _named(weeks, total, whole)],
        ),
    }  # fmt: skip
    return [
        Grid(name, title.text(language), *found[name], note=_NOTES[name].text(language) if name in _NOTES else "")
        for name, title in TITLES.items()
    ]


def paper(trends: Trends, pictures: Mapping[str, bytes], language: str, store: str, made: str) -> Paper:
    """The trends on paper: each plot with its table. ``made`` says when and by whom."""
    parts: list[Part] = []
    if not trends.weeks:
        parts.append(Text(Names(zh="这段时间没有记录。", en="Nothing is recorded of this period.").text(language)))
    if trends.missing:
        count = len(trends.missing)
        words = Names(zh=f"还有 {count} 天没有汇总,不在内。", en=f"Not summed up yet and left out: {count} days.")
        parts.append(Text(words.text(language)))
    for grid in grids(trends, language) if trends.weeks else ():
        parts.append(Heading(grid.title))
        if grid.name in pictures:
            parts.append(Picture(pictures[grid.name], PLOT_MM))
        if grid.note:
            parts.append(Text(grid.note, small=True))
        if grid.rows:
            columns = [Column(grid.heads[0]), *(Column(head, align="right") for head in grid.heads[1:])]
            parts.append(Table(columns, grid.rows))
    title = Names(zh="播音趋势", en="Trends of the broadcast").text(language)
    return Paper(f"{store} {title}".strip(), [f"{trends.first} – {trends.last}", made], parts, foot=title)


def _named(weeks: Sequence[Week], total: Week, whole: str) -> list[tuple[str, Week]]:
    return [*((week.first.isoformat(), week) for week in weeks), (whole, total)]


def _down(week: Week) -> str:
    # Rounded down, as in the day book: what is not all must not read as all.
    hundredths = week.aired * 10_000 // week.due if week.due else 0
    return f"{hundredths // 100}.{hundredths % 100:02}" if week.due else ""


def _loudness(week: Week, voice: str) -> tuple[str, str, str]:
    found = week.loudness.get(voice)
    return (f"{found.mean:.1f}", f"{found.low:.1f}", f"{found.high:.1f}") if found else ("", "", "")

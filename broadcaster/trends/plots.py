"""The child that plots: a job as JSON on standard input, pictures in the folder that it names.

Readable in black and white and by the colour-blind: every area has its hatch, every line its marker and its name beside
it. The colours are those of Okabe and Ito (Color Universal Design, 2008).
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from broadcaster.priority import go_last
from broadcaster.trends.job import JOB, Chart, Job, Series

COLOURS = ("#56B4E9", "#E69F00", "#009E73", "#CC79A7", "#0072B2", "#FFFFFF", "#D55E00", "#BBBBBB", "#F0E442", "#8C6D31")
HATCHES = ("", "///", "xx", "...", "\\\\\\", "", "++", "oo", "--", "||")
LINES = ("#0072B2", "#D55E00", "#009E73", "#CC79A7")
MARKERS = ("o", "s", "^", "D")
DASHES = ("-", "--", "-.", ":")
WIDTH_IN, HEIGHT_IN = 9.0, 3.5
DPI = 200
MOST_LABELS = 14
"""More weeks than these are not all named."""
FEW_BARS = 20
"""So many bars have room for numbers."""
FALLBACKS = [
    "Noto Sans CJK SC",
    "Source Han Sans SC",
    "Microsoft YaHei",
    "SimHei",
    "PingFang SC",
    "WenQuanYi Micro Hei",
]


def draw(job: Job) -> None:
    """Draw all of a job. Importing the library takes most of the time."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import font_manager

    found = [_named(Path(font), font_manager) for font in job.fonts if Path(font).is_file()]
    # One that is not there would be looked for, and missed, at each letter.
    known = {one.name for one in font_manager.fontManager.ttflist}
    found += [name for name in FALLBACKS if name in known]
    mpl.rcParams.update({
        "font.family": [*dict.fromkeys(found), "sans-serif"], "font.size": 10, "svg.fonttype": "none",
        "svg.hashsalt": "broadcaster", "hatch.linewidth": 0.6, "axes.spines.top": False, "axes.spines.right": False,
        "axes.unicode_minus": True,
        # A vendor's name is no formula, whatever signs are in it.
        "text.parse_math": False,
    })  # fmt: skip
    for name, chart in job.charts.items():
        _draw_one(chart, Path(job.folder) / f"{name}.{job.form}", job.form)


def _named(font: Path, font_manager: Any) -> str:
    font_manager.fontManager.addfont(str(font))
    return str(font_manager.FontProperties(fname=str(font)).get_name())


def _draw_one(chart: Chart, target: Path, form: str) -> None:
    from matplotlib.figure import Figure

    rows = len(chart.labels)
    height = max(1.6, 0.8 + 0.42 * rows) if chart.kind == "bars" and chart.series else HEIGHT_IN
    figure = Figure(figsize=(WIDTH_IN, height if chart.series else 1.2), layout="constrained")
    axes = figure.add_subplot()
    if not chart.series:
        axes.axis("off")
        axes.text(0.5, 0.5, chart.empty, ha="center", va="center", fontsize=12)
    else:
        {"stack": _stack, "bars": _bars, "lines": _lines}[chart.kind](axes, chart)
    # Without a date the same figures make the same file.
    figure.savefig(target, format=form, dpi=DPI, metadata={"Date": None} if form == "svg" else None)


def _stack(axes: Any, chart: Chart) -> None:
    places = range(len(chart.labels))
    base = [0.0] * len(chart.labels)
    for one in chart.series:
        values = [value or 0.0 for value in one.values]
        axes.bar(places, values, 0.86, bottom=base, label=one.name, **_filled(one.look))
        if chart.top is not None and len(chart.labels) <= FEW_BARS:
            _name_parts(axes, base, values, chart.top)
        base = [low + value for low, value in zip(base, values, strict=True)]
    if chart.top is None and len(chart.labels) <= FEW_BARS:
        for place, total in zip(places, base, strict=True):
            axes.text(place, total, f" {total:g}", ha="center", va="bottom", fontsize=9)
    _finish(axes, chart)
    # In the order in which they lie on each other.
    handles, names = axes.get_legend_handles_labels()
    axes.legend(
        handles[::-1], names[::-1], loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False, handlelength=2.2,
        handleheight=1.3,
    )  # fmt: skip


def _name_parts(axes: Any, base: Sequence[float], values: Sequence[float], top: float) -> None:
    """Write into each part that has the room how large it is."""
    plain = {"facecolor": "#FFFFFF", "edgecolor": "none", "pad": 0.8}
    for place, (low, value) in enumerate(zip(base, values, strict=True)):
        if value >= top * 0.05:
            axes.text(place, low + value / 2, f"{value:.0f}", ha="center", va="center", fontsize=8.5, bbox=plain)


def _bars(axes: Any, chart: Chart) -> None:
    places = range(len(chart.labels))
    base = [0.0] * len(chart.labels)
    for one in chart.series:
        values = [value or 0.0 for value in one.values]
        axes.barh(places, values, 0.7, left=base, label=one.name, **_filled(one.look))
        base = [low + value for low, value in zip(base, values, strict=True)]
    for place, total in enumerate(base):
        told = f"{chart.series[0].values[place] or 0:g}"
        axes.text(total, place, f" {told}" if told == f"{total:g}" else f" {told} / {total:g}", va="center", fontsize=9)
    axes.set_yticks(list(places), list(chart.labels))
    axes.invert_yaxis()
    axes.set_xlabel(chart.unit)
    axes.margins(x=0.1)
    axes.legend(loc="lower center", bbox_to_anchor=(0.4, 1.0), ncols=2, frameon=False)


def _lines(axes: Any, chart: Chart) -> None:
    places = list(range(len(chart.labels)))
    for one in chart.series:
        number = one.look % len(LINES)
        colour = LINES[number]
        values = [float("nan") if value is None else value for value in one.values]
        if one.low:
            low, high = ([float("nan") if value is None else value for value in row] for row in (one.low, one.high))
            axes.fill_between(
                places, low, high, facecolor=colour, alpha=0.13, edgecolor=colour, linewidth=0.8,
                linestyle=DASHES[number], hatch=("", "...")[number % 2],
            )  # fmt: skip
        axes.plot(
            places, values, color=colour, marker=MARKERS[number], linestyle=DASHES[number], linewidth=1.8,
            markersize=5 if len(places) <= 60 else 2.5,
        )  # fmt: skip
        _name_line(axes, one, colour)
        if len(chart.series) == 1 and len(places) <= FEW_BARS:
            for place, value in zip(places, one.values, strict=True):
                if value is not None:
                    axes.annotate(
                        f"{value:.1f}", (place, value), (0, -14), textcoords="offset points", ha="center", fontsize=9
                    )
    if chart.reference is not None:
        axes.axhline(chart.reference, color="#000000", linewidth=1, linestyle=(0, (1, 2)))
        at = axes.get_yaxis_transform()
        axes.text(0.005, chart.reference, chart.reference_words, transform=at, va="bottom", fontsize=9)
    _finish(axes, chart)
    if chart.top is not None:
        known = [value for one in chart.series for value in one.values if value is not None]
        room = max(2.0, (chart.top - min(known)) * 0.35)
        axes.set_ylim(max(0.0, min(known) - room), chart.top + (chart.top - min(known) + room) * 0.06)


def _name_line(axes: Any, one: Series, colour: str) -> None:
    known = [(place, value) for place, value in enumerate(one.values) if value is not None]
    if known and one.name:
        axes.annotate(
            one.name, known[-1], (8, 0), textcoords="offset points", va="center", color=colour, fontweight="bold",
            annotation_clip=False,
        )  # fmt: skip


def _finish(axes: Any, chart: Chart) -> None:
    count = len(chart.labels)
    step = max(1, -(-count // MOST_LABELS))
    shown = range(0, count, step)
    axes.set_xticks(list(shown), [chart.labels[place] for place in shown], rotation=0 if count <= 10 else 30)
    axes.set_ylabel(chart.unit, rotation=0, ha="right", va="top", y=1.0)
    axes.set_xlim(-0.6, count - 0.4)
    axes.yaxis.grid(True, color="#000000", alpha=0.18, linewidth=0.6)
    axes.set_axisbelow(True)
    if chart.kind == "stack" and chart.top is not None:
        axes.set_ylim(0, chart.top)
    elif chart.kind == "stack":
        axes.yaxis.get_major_locator().set_params(integer=True)


def _filled(number: int) -> Mapping[str, Any]:
    return {
        "facecolor": COLOURS[number % len(COLOURS)], "hatch": HATCHES[number % len(HATCHES)], "edgecolor": "#222222",
        "linewidth": 0.6,
    }  # fmt: skip


def main(arguments: Sequence[str] = ()) -> int:
    """Draw the job on standard input."""
    del arguments
    go_last()
    draw(JOB.validate_json(sys.stdin.buffer.read()))
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Marking a date: the file stays as it was but for the mark, and the rundown changes by nothing but the mark."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from broadcaster.plan.calendar import day_of
from broadcaster.plan.days import DayMark, marked
from tests.plan_kit import CALENDAR, WEEKDAY, WEEKEND, marked_calendar, plan_with, rundown_with, text_of, times

EVENT = DayMark(add=("event",), by="anna")
CLEAR = DayMark(clear=True)
NATURAL = frozenset({"weekend"})

HOURS = 'hours: {open: "09:30", close: "17:30"}'
ONE = "dates:\n  2026-12-12: {add: [event]}\n"
STYLES = {
    "starter": text_of(CALENDAR),
    "nothing yet": f"{HOURS}\n",
    "comments": f"# 一\n{HOURS}\ndates:\n  # 年会\n  2026-12-12: {{add: [event]}} # 二\n\n# 末\n",
    "windows": f"{HOURS} # 甲\n\n{ONE}".replace("\n", "\r\n"),
    "byte order mark": f"\ufeff{HOURS}\n{ONE}",
    "long line": f"{HOURS}\ndates:\n  2026-12-12: {{add: [event], note: {'很长的备注 ' * 30}end}}\n",
    "indented by four": f"hours:\n    open: 09:30\n    close: 17:30\n{ONE.replace('  ', '    ')}",
    "date in lines": f"{HOURS}\ndates:\n  2026-12-12:\n    add:\n      - event\n    note: x\n",
    "something after": f"{HOURS}\n{ONE}\n# 之后\nday_types:\n  event: {{close_later: 30 min}}  # 晚\n",
    "quoted": f'{HOURS}\ndates:\n  "2026-12-12": {{add: event}}\n',
    "no end of line": f"{HOURS}\n{ONE}".rstrip(),
}


@pytest.mark.parametrize("style", STYLES.values(), ids=STYLES)
def test_a_mark_taken_back_leaves_the_file_byte_for_byte(style: str) -> None:
    with_mark = marked(style, WEEKEND, EVENT, NATURAL)
    assert with_mark != style
    back = marked(with_mark, WEEKEND, CLEAR, NATURAL)
    assert back.replace("dates: {}\n", "" if "dates" not in style else "dates: {}\n") == style


@pytest.mark.parametrize("style", STYLES.values(), ids=STYLES)
def test_a_mark_adds_lines_and_touches_none(style: str) -> None:
    before, after = style.splitlines(), marked(style, WEEKEND, EVENT, NATURAL).splitlines()
    assert [line for line in before if line not in after and line != "dates: {}"] == []
    assert "2026-11-28: {add: [event], by: anna}" in [line.strip() for line in after]


def entry(*marks: DayMark, natural: frozenset[str] = NATURAL) -> str:
    """The line of the date after those marks, one after another."""
    text = text_of(CALENDAR)
    for mark in marks:
        text = marked(text, WEEKEND, mark, natural)
    return next((line.strip() for line in text.splitlines() if line.startswith("  2026-11-28")), "")


@pytest.mark.parametrize(
    ("marks", "line"),
    [
        ([EVENT, EVENT], "2026-11-28: {add: [event], by: anna}"),
        ([EVENT, DayMark(remove=("event",))], ""),
        ([DayMark(remove=("weekend",))], "2026-11-28: {remove: [weekend]}"),
        ([DayMark(remove=("weekend",)), DayMark(add=("weekend",))], ""),
        ([DayMark(remove=("holiday",))], ""),
        ([DayMark(add=("weekend",))], ""),
        ([DayMark(add=("event", "holiday"))], "2026-11-28: {add: [event, holiday]}"),
        ([DayMark(close="21:00", note="跨年: 晚关门 #1")], '2026-11-28: {close: "21:00", note: "跨年: 晚关门 #1"}'),
        ([EVENT, DayMark(close="16:00")], '2026-11-28: {add: [event], by: anna, close: "16:00"}'),
        ([EVENT, DayMark(close="16:00", clear=True)], '2026-11-28: {close: "16:00"}'),
        ([DayMark(close="16:00"), DayMark(close="19:00")], '2026-11-28: {close: "19:00"}'),
        ([DayMark(note="nothing but a note")], ""),
    ],
)
def test_marks_add_up(marks: list[DayMark], line: str) -> None:
    assert entry(*marks) == line


def test_a_closing_replaces_a_shift_set_by_hand(tmp_path: Path) -> None:
    text = text_of(CALENDAR).replace("dates: {}", "dates:\n  2026-11-28: {close_later: 1 h}")
    assert '2026-11-28: {close: "19:00"}' in marked(text, WEEKEND, DayMark(close="19:00"), NATURAL)


def test_a_marked_file_says_what_was_meant() -> None:
    text = marked(text_of(CALENDAR), WEEKEND, DayMark(add=("event",), remove=("weekend",), close="21:00"), NATURAL)
    day = day_of(plan_with({CALENDAR: text}), WEEKEND)
    assert (day.types, day.close_s) == (("event",), 21 * 3600)


# --- closing early or late on one date


def closing(on: date, clock: str, types: str = "") -> dict[str, str]:
    return marked_calendar(on, f'{{close: "{clock}", add: [{types}]}}')


@pytest.mark.parametrize(
    ("clock", "last"),
    [
        ("21:00", ["afternoon-music 15:30–20:55", "send-off 20:55–21:00"]),
        ("16:00", ["afternoon-music 15:30–15:55", "send-off 15:55–16:00"]),
        ("15:35", ["promo-afternoon 14:00–15:30", "send-off 15:30–15:35"]),
        ("15:30", ["promo-afternoon 14:00–15:25", "send-off 15:25–15:30"]),
        ("14:00", ["midday-music 11:30–13:55", "send-off 13:55–14:00"]),
        ("12:00", ["midday-music 11:30–11:55", "send-off 11:55–12:00"]),
    ],
)
@pytest.mark.parametrize("types", ["", "event", "holiday", "event, holiday"])
def test_closing_early_or_late_ends_the_day_there(clock: str, last: list[str], types: str) -> None:
    rundown = rundown_with(WEEKDAY, closing(WEEKDAY, clock, types))
    found = [f"{segment.daypart} {times(rundown, segment.daypart)[0]}" for segment in rundown.segments]
    assert found[-2:] == last
    assert rundown.faults == ()
    assert all(spot.at < rundown.segments[-1].end for spot in rundown.spots)


@pytest.mark.parametrize("clock", ["21:00", "16:00", "14:00", "12:00"])
def test_what_lies_before_an_early_close_stays_as_it_is(clock: str) -> None:
    usual, early = rundown_with(WEEKDAY), rundown_with(WEEKDAY, closing(WEEKDAY, clock))
    until = min(usual.segments[-1].start, early.segments[-1].start)
    same = [spot for spot in usual.spots if spot.end <= until]
    assert [spot for spot in early.spots if spot.end <= until] == same
    segments = [segment for segment in usual.segments if segment.end < until]
    assert list(early.segments[: len(segments)]) == segments


def test_a_late_close_moves_nothing_but_the_end() -> None:
    usual, late = rundown_with(WEEKDAY), rundown_with(WEEKDAY, closing(WEEKDAY, "21:00"))
    assert usual.spots == late.spots
    assert usual.segments[:-2] == late.segments[:-2]

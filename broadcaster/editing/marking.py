"""Marks of dates as a person means them, made into what the calendar's file says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from broadcaster.editing.models import DayMark
from broadcaster.errors import UsageError
from broadcaster.plan.calendar import ranking, resolve_day
from broadcaster.plan.days import entry_with, marked
from broadcaster.plan.faults import did_you_mean
from broadcaster.plan.models import Calendar, DateEntry
from broadcaster.plan.plan import Plan
from broadcaster.plan.times import DAY_S, clock_text, is_clock


def make_sense(plan: Plan, mark: DayMark) -> None:
    """``UsageError`` where a mark names what there is not, or contradicts itself."""
    known = ranking(plan.calendar)
    for name in (*mark.add, *mark.remove):
        if name not in known:
            hint_zh, hint_en = did_you_mean(name, known)
            raise UsageError(f"没有日类型 “{name}”。{hint_zh} / no day type “{name}”. {hint_en}")
    if both := ", ".join(name for name in mark.add if name in mark.remove):
        raise UsageError(f"“{both}”不能同时加上又去掉 / “{both}” can't be added and removed at once")
    for clock in (mark.open, mark.close):
        if clock is not None and not is_clock(clock):
            raise UsageError(f"“{clock}”不是钟点,写成 18:30 / “{clock}” is not a time of day; write 18:30")
    if mark.close is not None and mark.later_min is not None:
        raise UsageError("打烊时间和推迟几分钟只能写一样 / give a closing time or minutes, not both")
    rules, dayparts = [rule.id for rule in plan.programme.spots], [one.id for one in plan.programme.dayparts]
    for name in mark.spots:
        if mark.spots[name] is not None and name not in rules:
            hint_zh, hint_en = did_you_mean(name, rules)
            raise UsageError(f"没有插播规则 “{name}”。{hint_zh} / no rule of spots “{name}”. {hint_en}")
    for name in mark.dayparts:
        if mark.dayparts[name] is not None and name not in dayparts:
            hint_zh, hint_en = did_you_mean(name, dayparts)
            raise UsageError(f"没有时段 “{name}”。{hint_zh} / no daypart “{name}”. {hint_en}")


def with_mark(text: str, plan: Plan, on: date, mark: DayMark) -> str:
    """The calendar's text with a date marked. ``plan`` is the one of that text."""
    natural = natural_types(plan.calendar, plan.station.country, on)
    return marked(text, on, settled(plan, on, mark), natural)


def natural_types(calendar: Calendar, country: str | None, on: date) -> frozenset[str]:
    """The types that a date has without its own setting."""
    return resolve_day(calendar.model_copy(update={"dates": {}}), country, on).type_set


def settled(plan: Plan, on: date, mark: DayMark) -> DayMark:
    """The mark with a closing so many minutes later as the time of day that this is."""
    if not mark.later_min:
        return replace(mark, later_min=None)
    # The day as it will be with the rest of the mark: an event day closes later by itself.
    before = plan.calendar.dates.get(on)
    said = before.model_dump(mode="json", exclude_defaults=True, by_alias=True) if before else {}
    natural = natural_types(plan.calendar, plan.station.country, on)
    entry = DateEntry.model_validate(entry_with(said, replace(mark, later_min=None), natural))
    calendar = plan.calendar.model_copy(update={"dates": {**plan.calendar.dates, on: entry}})
    close_s = resolve_day(calendar, plan.station.country, on).close_s + mark.later_min * 60
    if not 0 < close_s <= DAY_S:
        raise UsageError(f"打烊会落在 {on} 之外,请写明几点 / closing would fall outside {on}; give a time of day")
    return replace(mark, close=clock_text(close_s), later_min=None)


def mark_words(dates: list[date], mark: DayMark) -> str:
    """What a mark does, for the list of versions."""
    span = dates[0].isoformat() if len(dates) == 1 else f"{dates[0].isoformat()} … {dates[-1].isoformat()}"
    parts = ["清除 / clear"] if mark.clear else []
    parts += [f"+{name}" for name in mark.add] + [f"−{name}" for name in mark.remove]
    if mark.usual_hours:
        parts.append("平日营业时间 / usual hours")
    if mark.open:
        parts.append(f"开门 / open {mark.open}")
    if mark.close:
        parts.append(f"打烊 / close {mark.close}")
    if mark.later_min:
        parts.append(f"打烊 / close {mark.later_min:+d} min")
    for group in (mark.spots, mark.dayparts):
        for name, value in group.items():
            shown = "照旧 / as usual" if value is None else "不播 / skip" if value == "skip" else value
            parts.append(f"{name}: {shown if isinstance(shown, str) else '改 / changed'}")
    return f"{span}: {', '.join(parts)}" + (f" ({mark.note})" if mark.note else "")


def all_dates(on: date | Sequence[date]) -> list[date]:
    """Each once, in order. ``UsageError`` for none, or too many."""
    dates = [on] if isinstance(on, date) else list(dict.fromkeys(on))
    if not 0 < len(dates) <= 400:
        raise UsageError("请选 1 到 400 个日期 / choose 1 to 400 dates")
    return sorted(dates)


def mark_detail(mark: DayMark) -> dict[str, object]:
    """A mark for the audit trail."""
    return {
        "add": list(mark.add), "remove": list(mark.remove), "open": mark.open, "close": mark.close,
        "later_min": mark.later_min, "clear": mark.clear, "usual_hours": mark.usual_hours, "note": mark.note,
        "spots": dict(mark.spots), "dayparts": dict(mark.dayparts),
    }  # fmt: skip

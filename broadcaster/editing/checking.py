"""Tries texts of the plan without writing them: faults in words, at their entries, and what becomes of dates."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from broadcaster.editing.models import DayEffect, Path, Told
from broadcaster.plan.faults import Fault
from broadcaster.plan.plan import Plan
from broadcaster.plan.times import clock_text
from broadcaster.rundown.compare import changes
from broadcaster.rundown.compiler import compile_rundown
from broadcaster.rundown.document import rundown_document
from broadcaster.rundown.events import Rundown

if TYPE_CHECKING:
    from broadcaster.publishing.almanac import Almanac

_STEP = re.compile(r"\[(\d+)\]|([^.\[]+)")


def told(faults: Iterable[Fault], rules: Sequence[str], known: Iterable[Fault] = ()) -> tuple[Told, ...]:
    """Faults in words. ``rules`` are the ids of the programme's rules in order, ``known`` what was there before."""
    before = {sign(fault) for fault in known}
    return tuple(_told(fault, rules, sign(fault) in before) for fault in faults)


def sign(fault: Fault) -> object:
    """The same for one fault before and after an edit that only moves it."""
    params = {name: repr(value) for name, value in fault.params.items() if name not in ("date", "other")}
    field = re.sub(r"\[\d+\]", "[]", fault.field)
    return fault.code, fault.file, field, repr(fault.value), tuple(sorted(params.items()))


def _told(fault: Fault, rules: Sequence[str], known: bool) -> Told:
    one = fault.as_json()
    return Told(
        severity=one["severity"],
        code=fault.code,
        blocking=fault.blocking and not fault.warning,
        file=one["file"],
        line=one["line"],
        field=one["field"],
        path=entry_path(fault, rules),
        value=one["value"],
        message=one["message"],
        message_en=one["message_en"],
        remedy=one["remedy"],
        remedy_en=one["remedy_en"],
        known=known,
    )


def entry_path(fault: Fault, rules: Sequence[str]) -> Path:
    """The entry of its file that a fault is about, as a path."""
    if fault.field.startswith("dates."):
        # A date's name has no dots, and those of rules and dayparts have none either.
        return tuple(fault.field.split("."))
    path: list[str | int] = [int(digits) if digits else name for digits, name in _STEP.findall(fault.field)]
    if path and fault.file == "config/programme.yaml" and path[0] in rules:
        # What is compiled names a rule by its id.
        return "spots", rules.index(str(path[0])), *path[1:]
    return tuple(path)


def effect(before: Plan, after: Plan, on: date, almanac: Almanac | None) -> DayEffect:
    """What becomes of a date, with the notices of the moment."""
    was, now = _rundown(before, on, almanac), _rundown(after, on, almanac)
    return DayEffect(
        date=on,
        day_types=now.day.types,
        day_types_before=was.day.types,
        hours=(clock_text(now.day.open_s), clock_text(now.day.close_s)),
        hours_before=(clock_text(was.day.open_s), clock_text(was.day.close_s)),
        changes=changes(was, now),
        rundown=rundown_document(after, now),
    )


def effects(before: Plan, after: Plan, dates: Iterable[date], almanac: Almanac | None) -> Mapping[date, DayEffect]:
    """Of several dates, each once, in their order."""
    return {on: effect(before, after, on, almanac) for on in dict.fromkeys(dates)}


def _rundown(plan: Plan, on: date, almanac: Almanac | None) -> Rundown:
    if almanac is None:
        return compile_rundown(plan, (), on)
    return almanac.compile(plan, on, almanac.notices(on))

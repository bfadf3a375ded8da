"""The programme as a single date has it: what the calendar changes for that date only."""

from __future__ import annotations

from datetime import date
from typing import Any

from broadcaster.plan.models import DateEntry, Daypart, DaypartChange, SpotChange, SpotRule
from broadcaster.plan.plan import Plan


def plan_on(plan: Plan, on: date) -> Plan:
    """The plan with the date's own settings of dayparts and spots worked in; the plan itself where there are none.

    Dayparts keep their numbers, and rules their ids. What a date says of a rule or daypart that is gone says nothing.
    """
    entry = plan.calendar.dates.get(on)
    if entry is None or not (entry.spots or entry.dayparts):
        return plan
    programme = plan.programme.model_copy(
        update={
            "dayparts": tuple(_daypart(one, entry.dayparts.get(one.id)) for one in plan.programme.dayparts),
            "spots": tuple(spot for one in plan.programme.spots if (spot := _spot(one, entry)) is not None),
        }
    )
    return plan.model_copy(update={"programme": programme})


def _daypart(daypart: Daypart, change: DaypartChange | None) -> Daypart:
    if change is None:
        return daypart
    update: dict[str, Any] = {
        name: value for name in ("start", "end", "bed", "level", "dial") if (value := getattr(change, name)) is not None
    }
    if change.level is not None and change.dial is None:
        # A number of another level means nothing in this one.
        update["dial"] = None
    return daypart.model_copy(update=update)


def _spot(rule: SpotRule, entry: DateEntry) -> SpotRule | None:
    change: SpotChange | None = entry.spots.get(rule.id)
    if change is None:
        return rule
    if change.skip:
        return None
    if not change.at:
        return rule
    # Asked for on this very date: on which days it airs otherwise does not matter.
    return rule.model_copy(
        update={"at": change.at, "every": None, "loop": None, "windows": (), "days": (), "unless": ()}
    )


def only_here(plan: Plan, on: date, daypart: str | None, rule: str | None) -> list[tuple[str, str]]:
    """What the date sets for a daypart and a rule, as pairs of a group in the calendar and a name."""
    entry = plan.calendar.dates.get(on)
    if entry is None:
        return []
    found = [("dayparts", daypart)] if daypart in entry.dayparts else []
    found += [("spots", rule)] if rule in entry.spots else []
    return [(group, name) for group, name in found if name is not None]

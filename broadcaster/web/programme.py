"""The programme's page: the day as a timeline that is edited in the browser, tried out and published by the API."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, Response, jsonify, render_template, request
from pydantic import ValidationError

from broadcaster.errors import BroadcasterError
from broadcaster.plan.calendar import EVENT, Day, ranking, resolve_day, type_title
from broadcaster.plan.models import PRIORITIES, Calendar, DateEntry, Hours, Names, Station, Weather
from broadcaster.web.auth import needs, unattended, whoever
from broadcaster.web.i18n import gettext as _
from broadcaster.web.i18n import language
from broadcaster.web.offices import COMMANDERS, LOOKERS, current_offices
from broadcaster.web.parse import parse_day
from broadcaster.web.plan_api import plan_room
from broadcaster.web.view import current_station

programme = Blueprint("programme", __name__)

#: How far ahead a date of each kind is looked for, in days: a year and some, so that each holiday comes by.
AHEAD = 400
WEATHER: tuple[Weather, ...] = ("rain", "snow", "storm", "wind", "fog", "haze", "heat", "cold")


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of day, and a date that shows it."""

    name: str
    title: Names
    on: date
    pretended: bool = False
    """Whether no such day is in the calendar: the date is shown as if it were one."""


@programme.get("/programme")
@needs(*LOOKERS)
def show() -> str:
    """The day as it stands in the plan's files. Everything else is asked of the API."""
    plan = plan_room().open()
    calendar, country = _calendar(plan.calendar), _country(plan.station)
    today = current_station().today()
    kinds = kinds_of(calendar, country, today)
    chosen = next((kind for kind in kinds if kind.name == request.args.get("kind")), None)
    asked = parse_day(request.args["date"]) if request.args.get("date") else None
    on = asked or (chosen.on if chosen else today)
    return render_template(
        "programme.html",
        plan=plan,
        kinds=kinds,
        language=language(),
        today=today,
        on=on,
        pretended=chosen is not None and chosen.pretended and asked is None and chosen.name,
        chosen=chosen.name if chosen and asked is None else "",
        editable=whoever().role in COMMANDERS,
        rundown=_rundown(on),
        people={account.name: account.display for account in current_offices().accounts.list()},
        choices=_choices(plan, calendar),
    )


@programme.get("/programme/day")
@needs(*LOOKERS)
@unattended
def part_day() -> Response:
    """A date's types and hours; with ``kind``, as if it carried that type too."""
    plan = plan_room().open()
    on, kind = parse_day(request.args.get("date", "")), request.args.get("kind", "")
    calendar = _calendar(plan.calendar)
    if kind in ranking(calendar):
        calendar = _pretend(calendar, on, kind)
    day = resolve_day(calendar, _country(plan.station), on)
    return jsonify(_day_document(calendar, day))


def _rundown(on: date) -> Mapping[str, Any] | None:
    """What a reader without scripts sees; None when the plan on air can't tell."""
    try:
        return current_station().rundown(on)
    except BroadcasterError:
        return None


def kinds_of(calendar: Calendar, country: str | None, today: date) -> tuple[Kind, ...]:
    """Each kind of day with its next date; a kind without a date ahead is shown by the next plain day."""
    dates: dict[str, date] = {}
    for ahead in range(AHEAD):
        on = today + timedelta(days=ahead)
        types = resolve_day(calendar, country, on).types
        if types:
            dates.setdefault(types[0], on)
    found = []
    for name in ranking(calendar):
        title = type_title(calendar, name)
        if name in dates:
            found.append(Kind(name, title, dates[name]))
        elif name == EVENT or name in calendar.day_types:
            found.append(Kind(name, title, min(dates.values(), default=today), pretended=True))
    return tuple(found)


def _pretend(calendar: Calendar, on: date, kind: str) -> Calendar:
    entry = calendar.dates.get(on, DateEntry())
    entry = entry.model_copy(update={"add": tuple(dict.fromkeys((*entry.add, kind)))})
    return calendar.model_copy(update={"dates": {**calendar.dates, on: entry}})


def _day_document(calendar: Calendar, day: Day) -> dict[str, Any]:
    return {
        "date": day.date.isoformat(),
        "types": list(day.types),
        "titles": [type_title(calendar, name).text(language()) for name in day.types],
        "open_s": day.open_s,
        "close_s": day.close_s,
    }


def _calendar(content: Mapping[str, Any]) -> Calendar:
    try:
        return Calendar.model_validate(content)
    except ValidationError:
        # A calendar with a fault: the day can be looked at all the same, and the check tells what is wrong.
        return Calendar(hours=Hours.model_validate({"open": "09:30", "close": "17:30"}))


def _country(content: Mapping[str, Any]) -> str | None:
    try:
        return Station.model_validate(content).country
    except ValidationError:
        return None


def _title(title: Any, name: str) -> str:
    """A title of the files, which may be a text or one for each language, in the request's language."""
    if isinstance(title, Mapping):
        return str(title.get(language()) or title.get("zh") or title.get("en") or name)
    return str(title or name)


def _named(section: Any) -> list[tuple[str, str]]:
    if not isinstance(section, Mapping):
        return []
    return [(str(name), _title(one.get("title") if isinstance(one, Mapping) else None, name))
            for name, one in section.items()]  # fmt: skip


def _playlists(dayparts: Any) -> Iterable[str]:
    for daypart in dayparts if isinstance(dayparts, list) else ():
        bed = daypart.get("bed") if isinstance(daypart, Mapping) else None
        name = bed.get("playlist") if isinstance(bed, Mapping) else bed
        if isinstance(name, str) and name != "silence":
            yield name
    media = current_offices().media
    if media is not None:
        yield from (sheet.id for sheet in media.playlists())


def _choices(plan: Any, calendar: Calendar) -> dict[str, list[tuple[str, str]]]:
    """What the forms may name, each id with its words."""
    return {
        "levels": _named(plan.levels.get("levels")),
        "scripts": _named(plan.scripts),
        "rotations": _named(plan.programme.get("rotations")),
        "playlists": [(name, name) for name in dict.fromkeys(_playlists(plan.programme.get("dayparts")))],
        "day_types": [(name, type_title(calendar, name).text(language())) for name in ranking(calendar)],
        "weather": [(name, _weather_words()[name]) for name in WEATHER],
        "priorities": [(name, _priority_words()[name]) for name in PRIORITIES],
    }  # fmt: skip


def _weather_words() -> dict[str, str]:
    return {
        "rain": _("Rain"), "snow": _("Snow"), "storm": _("Thunderstorm"), "wind": _("Strong wind"), "fog": _("Fog"),
        "haze": _("Haze"), "heat": _("Heat"), "cold": _("Cold"),
    }  # fmt: skip


def _priority_words() -> dict[str, str]:
    return {
        "emergency": _("Emergency: before everything"),
        "live": _("Live microphone"),
        "urgent": _("Urgent: before what is planned"),
        "scheduled": _("Planned (usual)"),
        "rotation": _("In turn: gives way to what is planned"),
    }

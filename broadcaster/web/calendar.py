"""The calendar: what kind of day each date is, its hours, and what is changed for it alone."""

from __future__ import annotations

from calendar import Calendar
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound, ServiceUnavailable
from werkzeug.wrappers import Response as Answer

from broadcaster.editing.models import PlanRefused
from broadcaster.errors import BroadcasterError, Conflict, PlanError, UsageError
from broadcaster.web.auth import me, needs, where, whoever
from broadcaster.web.calendar_form import LATER, MOST_DATES, Asked, asked_by, dates_of
from broadcaster.web.calendar_words import hours_words, kind_letter, moment_words, one_off_lines, weekday_words
from broadcaster.web.i18n import gettext as _
from broadcaster.web.offices import COMMANDERS, LOOKERS, PlanRoom, current_offices
from broadcaster.web.parse import YEARS, parse_day, whole
from broadcaster.web.plan_api import hold_to_role
from broadcaster.web.view import current_station
from broadcaster.web.words import said

if TYPE_CHECKING:
    from broadcaster.rooms.calendar_room import CalendarDay, CalendarOffice, DayKind

calendar = Blueprint("calendar", __name__)

_WEEKS = Calendar(firstweekday=0)

calendar.app_template_filter("moment_words")(moment_words)


@calendar.get("/calendar")
@needs(*LOOKERS)
def month() -> str:
    """One month, and at its side the date that was chosen."""
    chosen = request.args.get("date", "")
    on = parse_day(chosen) if chosen else None
    text = request.args.get("month", "")
    first = parse_day(f"{text}-01") if text else (on or current_station().today()).replace(day=1)
    weeks = _WEEKS.monthdatescalendar(first.year, first.month)
    context = _common([date for week in weeks for date in week])
    return render_template(
        "calendar.html",
        first=first,
        weeks=weeks,
        before=_shifted(first, -1),
        after=_shifted(first, 1),
        done=_done(),
        panel=_panel(dates_of(chosen, request.args.get("to", ""))) if on else None,
        **context,
    )


@calendar.get("/calendar/<int:year>")
@needs(*LOOKERS)
def year(year: int) -> str:
    """A whole year."""
    if year not in YEARS:
        raise NotFound
    months = [(date(year, number, 1), _WEEKS.monthdatescalendar(year, number)) for number in range(1, 13)]
    shown = [on for _first, weeks in months for week in weeks for on in week if on.year == year]
    return render_template(
        "calendar_year.html",
        year=year,
        months=months,
        years=YEARS,
        arranged=calendar_office().arranged(year),
        **_common(shown),
    )


@calendar.get("/calendar/day/<text>")
@needs(*LOOKERS)
def panel(text: str) -> str | Answer:
    """What a date, or some dates, are, and the form that changes them."""
    dates = dates_of(parse_day(text).isoformat(), request.args.get("to", ""))
    if not request.headers.get("HX-Request"):
        return redirect(url_for("calendar.month", date=dates[0].isoformat(), to=request.args.get("to") or None))
    return render_template("calendar_panel.html", **_panel(dates))


@calendar.post("/calendar/try")
@needs(*COMMANDERS)
def try_out() -> str:
    """What a filled form would change. Nothing is written."""
    try:
        asked = _asked()
        trial = _plan().try_day(asked.dates, asked.mark)
    except UsageError as error:
        return render_template("calendar_effect.html", trial=None, words=said(error))
    return render_template("calendar_effect.html", trial=trial, kinds=_kinds())


@calendar.post("/calendar/mark")
@needs(*COMMANDERS)
def mark() -> Answer | tuple[str, int]:
    """Change some dates, or show first what would change."""
    dates = dates_of(request.form.get("first", ""), request.form.get("last", ""))
    try:
        asked = _asked()
        if request.form.get("deed") == "try":
            trial = _plan().try_day(asked.dates, asked.mark)
            return _page(dates, trial=trial), 200
        tag = request.form.get("tag", "")
        version = _plan().mark_day(asked.dates, asked.mark, who=whoever().name, where=where(), tag=tag)
    except PlanRefused as error:
        return _page(dates, told=error.told), 422
    except Conflict as error:
        return _page(dates, words=str(error)), 409
    except (UsageError, PlanError) as error:
        return _page(dates, words=str(error)), 422
    if version.held_back:
        words = _("Written, but a fault elsewhere keeps it off the air: %(fault)s")
        flash(words % {"fault": version.held_back[0].words}, "warning")
    elif version.preparing:
        flash(_("Saved. It is being made ready, and on air in a few seconds."))
    else:
        flash(_("Saved, and it holds from now on."))
    return redirect(
        url_for("calendar.month", date=dates[0].isoformat(), to=_to(dates), done=version.id), code=303
    )  # fmt: skip


@calendar.post("/calendar/undo/<int:number>")
@needs(*COMMANDERS)
def undo(number: int) -> Answer:
    """Take a change back, if nothing touched the same since."""
    back = url_for("calendar.month", date=request.form.get("date") or None)
    try:
        if request.form.get("date"):
            parse_day(request.form["date"])
        version = _plan().version(number)
        if version is None:
            raise NotFound
        hold_to_role(version.changed)
        _plan().undo(number, who=whoever().name, where=where())
    except (UsageError, PlanError) as error:
        flash(said(error), "error")
    else:
        flash(_("Taken back: it is as it was before."))
    return redirect(back, code=303)


@calendar.post("/calendar/tidy")
@needs(*COMMANDERS)
def tidy() -> Answer:
    """Take out what was set for dates that are long past."""
    version = _plan().tidy(who=whoever().name, where=where())
    flash(_("Long past settings are taken out.") if version else _("There is nothing long past to take out."))
    return redirect(url_for("calendar.month", done=version.id if version else None), code=303)


def calendar_office() -> CalendarOffice:
    """Who knows the days."""
    found = current_offices().calendar
    if found is None:
        raise ServiceUnavailable
    return found


def _plan() -> PlanRoom:
    room = current_offices().plan
    if room is None:
        raise ServiceUnavailable
    return room


def _kinds() -> dict[str, DayKind]:
    return {kind.id: kind for kind in calendar_office().kinds()}


def _asked() -> Asked:
    kinds = [kind.id for kind in calendar_office().kinds() if not kind.natural]
    return asked_by(request.form, kinds, whoever().display)


def _common(dates: Sequence[date]) -> dict[str, Any]:
    office = calendar_office()
    known: dict[date, CalendarDay] = {day.date: day for day in office.days(min(dates), max(dates))}
    return {
        "days": known,
        "kinds": _kinds(),
        "usual": office.usual_hours(),
        "today": current_station().today(),
        "may_mark": _may_mark(),
        "letter": kind_letter,
        "hours_words": hours_words,
        "weekday_words": weekday_words,
    }


def _may_mark() -> bool:
    account = me()
    return account is not None and account.role in COMMANDERS and current_offices().plan is not None


def _panel(dates: tuple[date, ...], **more: Any) -> dict[str, Any]:
    office = calendar_office()
    one = len(dates) == 1
    return {
        "dates": dates,
        "one": one,
        "shown": office.days(dates[0], dates[-1]),
        "one_offs": office.one_offs(dates[0]) if one else None,
        "kinds": _kinds(),
        "usual": office.usual_hours(),
        "today": current_station().today(),
        "may_mark": _may_mark(),
        "later": LATER,
        "most": MOST_DATES,
        "form": request.form,
        "tag": _plan().tag() if _may_mark() else "",
        "opened": any(value and name.startswith(("spot-", "part-")) for name, value in request.form.items()),
        "weekday_words": weekday_words,
        "hours_words": hours_words,
        "letter": kind_letter,
        "one_off_lines": one_off_lines,
        **more,
    }


def _page(dates: tuple[date, ...], **more: Any) -> str:
    """The whole page again with what was filled in, for a browser that posts the form itself."""
    first = dates[0].replace(day=1)
    weeks = _WEEKS.monthdatescalendar(first.year, first.month)
    return render_template(
        "calendar.html", first=first, weeks=weeks, before=_shifted(first, -1), after=_shifted(first, 1), done=None,
        panel=_panel(dates, **more), **_common([on for week in weeks for on in week]),
    )  # fmt: skip


def _to(dates: Sequence[date]) -> str | None:
    return dates[-1].isoformat() if len(dates) > 1 else None


def _shifted(first: date, months: int) -> date | None:
    number = first.year * 12 + first.month - 1 + months
    return date(number // 12, number % 12 + 1, 1) if number // 12 in YEARS else None


def _done() -> Any:
    """The change that was just made, if it is the newest: it can be taken back at a click."""
    number = request.args.get("done", type=whole)
    room = current_offices().plan
    if number is None or room is None or not _may_mark():
        return None
    try:
        return room.version(number)
    except BroadcasterError:
        return None

"""Reports: what was broadcast on a date, what a vendor got, what was said; on the page and as tables for Excel."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.exceptions import ServiceUnavailable
from werkzeug.wrappers import Response as Answer

from broadcaster.errors import BroadcasterError
from broadcaster.web.auth import needs
from broadcaster.web.i18n import gettext as _
from broadcaster.web.i18n import language
from broadcaster.web.offices import LOOKERS, current_offices
from broadcaster.web.parse import parse_day, whole
from broadcaster.web.report_words import kind_options, outcome_options, row_words
from broadcaster.web.view import current_station

if TYPE_CHECKING:
    from broadcaster.reports.room import ReportOffice

reports = Blueprint("reports", __name__)

USUAL_DAYS = 30
CSV = "text/csv; charset=utf-8"
FORMS = {
    "csv": CSV,
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}


@reports.get("/reports")
@needs(*LOOKERS)
def shelf() -> str:
    """All reports, and where to begin."""
    today = current_station().today()
    return render_template(
        "reports.html", today=today, logged=office().logged(), archived=office().archived_until(),
        vendors=office().vendors.list(), first=today - timedelta(days=USUAL_DAYS - 1),
        days=[today - timedelta(days=number) for number in range(7)],
    )  # fmt: skip


@reports.get("/reports/day")
@needs(*LOOKERS)
def pick_day() -> Answer:
    """The date chosen in a form."""
    return redirect(url_for("reports.day", text=parse_day(request.args.get("date", "")).isoformat()))


@reports.get("/reports/day/<text>")
@needs(*LOOKERS)
def day(text: str) -> str:
    """The as-run log of a date, page by page."""
    on, wanted = parse_day(text), _wanted()
    report = office().day(on, wanted, request.args.get("offset", 0, type=whole))
    return render_template(
        "report_day.html",
        report=report,
        on=on,
        wanted=wanted,
        asked={"q" if name == "text" else name: value for name, value in wanted.items() if value},
        missing=_missing(on),
        before=on - timedelta(days=1),
        after=on + timedelta(days=1),
        vendors=office().vendors.list(),
        kinds=kind_options(),
        outcomes=outcome_options(),
        **row_words(),
    )


@reports.get("/reports/day/<text>.csv")
@needs(*LOOKERS)
def day_csv(text: str) -> Response:
    """The same as a table."""
    on = parse_day(text)
    pieces = office().day_csv(on, _wanted())
    return _file((piece.encode() for piece in pieces), "csv", f"asrun-{on.isoformat()}")


@reports.get("/reports/vendor")
@needs(*LOOKERS)
def pick_vendor() -> Answer:
    """The vendor and dates chosen in a form."""
    asked = request.args
    target = url_for("reports.vendor", vendor=asked.get("vendor", "") or "-")
    first, last = (parse_day(asked.get(name, "")).isoformat() for name in ("from", "to"))
    return redirect(f"{target}?from={first}&to={last}")


@reports.get("/reports/vendor/<vendor>")
@needs(*LOOKERS)
def vendor(vendor: str) -> str:
    """What a vendor was promised and got in a period."""
    first, last = period()
    report = office().vendor(vendor, first, last, request.args.get("offset", 0, type=whole))
    rotations = current_offices().choices().rotations
    return render_template("report_vendor.html", report=report, rotations=rotations, **_usual_periods(), **row_words())


@reports.get("/reports/vendor/<vendor>.<any(csv, xlsx, pdf):form>")
@needs(*LOOKERS)
def vendor_file(vendor: str, form: str) -> Response:
    """The same as a file."""
    first, last = period()
    pieces = office().vendor_file(form, vendor, first, last)
    return _file(pieces, form, f"{vendor}-{first.isoformat()}-{last.isoformat()}")


@reports.get("/reports/vendors")
@needs(*LOOKERS)
def vendors() -> str:
    """All vendors of a period in one list."""
    first, last = period()
    return render_template(
        "report_vendors.html", bills=office().vendors_in(first, last), first=first, last=last, **_usual_periods()
    )  # fmt: skip


@reports.get("/reports/vendors.<any(csv, xlsx, pdf):form>")
@needs(*LOOKERS)
def vendors_file(form: str) -> Response:
    """The same as a file."""
    first, last = period()
    return _file(office().vendor_file(form, None, first, last), form, f"vendors-{first.isoformat()}-{last.isoformat()}")


@reports.get("/reports/texts")
@needs(*LOOKERS)
def pick_texts() -> Answer:
    """The date chosen in a form."""
    return redirect(url_for("reports.texts", text=parse_day(request.args.get("date", "")).isoformat()))


@reports.get("/reports/texts/<text>")
@needs(*LOOKERS)
def texts(text: str) -> str:
    """What was to be heard on a date, word for word."""
    on = parse_day(text)
    found = office().texts(on)
    search = request.args.get("q", "").strip()
    shown = [one for one in found if search.lower() in f"{one.title}\n{one.text}\n{one.spoken}".lower()]
    return render_template(
        "report_texts.html", on=on, texts=shown, all=len(found), q=search, before=on - timedelta(days=1),
        after=on + timedelta(days=1), people={one.name: one.display for one in current_offices().accounts.list()},
    )  # fmt: skip


def office() -> ReportOffice:
    """The reports' office of this app."""
    found = current_offices().reports
    if found is None:
        raise ServiceUnavailable
    return found


def period() -> tuple[date, date]:
    """The dates asked for; the last thirty days unless given. Raises ``UsageError`` for what is no date."""
    given = request.args.get("to", "")
    last = parse_day(given) if given else current_station().today()
    given = request.args.get("from", "")
    return (parse_day(given) if given else last - timedelta(days=USUAL_DAYS - 1)), last


def _wanted() -> dict[str, str]:
    # In addresses the words are ``q``: ``text`` there is the date.
    asked = {"kind": "kind", "became": "became", "vendor": "vendor", "text": "q"}
    return {name: request.args.get(key, "").strip()[:100] for name, key in asked.items()}


def _missing(on: date) -> int | None:
    """Spots of the plan of which the log says nothing though their date is over; None if nobody can tell."""
    if on >= current_station().today():
        return None
    try:
        planned = {spot["id"] for spot in current_station().rundown(on)["spots"]}
    except BroadcasterError:
        return None
    known = office().known_spots(on)
    # Where the log has spots of another plan, the present one can't tell what is missing.
    return len(planned - known) if known <= planned else None


def _usual_periods() -> dict[str, Any]:
    """The months that are asked for most."""
    this = current_station().today().replace(day=1)
    following = (this + timedelta(days=31)).replace(day=1)
    last = (this - timedelta(days=1)).replace(day=1)
    return {"this_month": (this, following - timedelta(days=1)), "last_month": (last, this - timedelta(days=1))}


def _file(pieces: Iterable[bytes], form: str, name: str) -> Response:
    response = Response(pieces, content_type=FORMS[form])
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    return response


@reports.app_template_filter("fee_words")
def fee_words(contract: Any) -> str:
    """What a contract costs."""
    kinds = {"per_airing": _("each airing"), "per_day": _("each day"), "flat": _("altogether")}
    return f"{money(contract.fee_cents)} · {kinds.get(contract.fee_kind, contract.fee_kind)}"


@reports.app_template_filter("money")
def money(cents: int) -> str:
    """``12.50``, of 1250 hundredths: never by way of a float."""
    return f"{cents // 100}.{cents % 100:02}"


@reports.app_template_filter("vendor_name")
def vendor_name(vendor: Any) -> str:
    """In the request's language, Chinese where there is no other."""
    return str((vendor.name_en if language() == "en" else "") or vendor.name_zh)


@reports.app_template_filter("standing_word")
def standing_word(standing: str) -> str:
    """What an entry is worth as proof, and how it was heard."""
    return {
        "ear": _("by the ear"), "player": _("by the player's word"), "unheard": _("listened for, not heard"),
        "unsaid": _("nobody listened"), "short": _("too short to count"), "open": _("On air"),
    }.get(standing, "")  # fmt: skip

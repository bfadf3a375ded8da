"""A clock that is not believed after a start: somebody says that the time is right."""

from __future__ import annotations

from flask import Blueprint, Response, flash, jsonify, redirect, url_for
from werkzeug.wrappers import Response as Answer

from broadcaster.web.auth import needs, where, whoever
from broadcaster.web.contract_clock import TRUSTERS
from broadcaster.web.i18n import gettext as _
from broadcaster.web.offices import ClockOffice, current_offices, present

clock = Blueprint("clock", __name__)
clock_api = Blueprint("clock_api", __name__, url_prefix="/api/v1/clock")


@clock.post("/clock/trust")
@needs(*TRUSTERS)
def trust() -> Answer:
    """From the page of alerts."""
    if office().confirm(whoever().name, where()):
        flash(_("The time is taken as right: the programme goes on from it."))
    else:
        flash(_("Nobody doubts the time."))
    return redirect(url_for("alerts.show"), 303)


@clock_api.post("/trust")
@needs(*TRUSTERS)
def trust_api() -> Response:
    """See :class:`broadcaster.web.contract_clock.ClockState`."""
    changed = office().confirm(whoever().name, where())
    return jsonify({"trusted": True, "changed": changed})


def office() -> ClockOffice:
    """Who holds the clock against what is known."""
    return present(current_offices().clock)

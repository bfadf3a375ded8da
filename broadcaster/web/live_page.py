"""Speaking live: the page on which somebody speaks into the house from a browser's microphone."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, render_template

from broadcaster.web.auth import needs
from broadcaster.web.calls_api import calls
from broadcaster.web.emergency import shown
from broadcaster.web.offices import COMMANDERS
from broadcaster.web.security import HEADERS

live_page = Blueprint("live_page", __name__)


@live_page.get("/live")
@needs(*COMMANDERS)
def page() -> Response:
    """The one page that may ask for the microphone."""
    office = calls()
    held = office.emergency()
    answer = make_response(render_template("live.html", held=held, fire=office.fire_state(), shown=shown))
    policy = HEADERS["Permissions-Policy"].replace("microphone=()", "microphone=(self)")
    answer.headers["Permissions-Policy"] = policy
    return answer

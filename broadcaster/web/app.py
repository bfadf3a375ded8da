"""The web application."""

from __future__ import annotations

from typing import Any

from flask import Flask, request

from broadcaster.web import i18n, problems, security, words
from broadcaster.web.api import api
from broadcaster.web.pages import pages
from broadcaster.web.view import EXTENSION, StationView, current_station

#: Nothing may be sent to these routes; whoever sends a body gets 413 before it is read.
MAX_BODY_BYTES = 64 * 1024


def create_app(station: StationView) -> Flask:
    """The page and the API of a station. Serve it with any WSGI server; views only read the station."""
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
    app.json.sort_keys = False  # type: ignore[attr-defined]  # the default provider has it
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.extensions[EXTENSION] = station
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(
        clock=words.clock,
        clock_short=words.clock_short,
        duration=words.length,
        day_type_word=words.day_type_word,
        gain=words.gain,
        kind_word=words.kind_word,
        number=words.number,
        state_word=words.state_word,
        title=i18n.title_of,
        width_of=words.width,
    )
    app.context_processor(_common)
    i18n.init_app(app)
    security.init_app(app)
    problems.init_app(app)
    app.register_blueprint(api)
    app.register_blueprint(pages)
    return app


def _common() -> dict[str, Any]:
    station = current_station()
    language = i18n.language()
    return {
        "station_name": station.name.get(language) or station.name.get(i18n.DEFAULT, ""),
        "station_timezone": station.timezone,
        "html_lang": i18n.html_lang(),
        "other_language": i18n.other_language(),
        "here": request.path,
    }

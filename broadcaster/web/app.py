"""The web application."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from flask import Flask, request
from jinja2 import Environment, pass_context
from jinja2.filters import FILTERS
from jinja2.runtime import Context
from werkzeug.routing import IntegerConverter, Map

from broadcaster.web import auth, body_limits, i18n, look, moment, notice_words, offices, problems, security, words
from broadcaster.web import vitals as vitals_page
from broadcaster.web.accounts import accounts
from broadcaster.web.air import air
from broadcaster.web.air_api import air_api
from broadcaster.web.alert_settings import alert_settings
from broadcaster.web.alerts import alerts, alerts_api
from broadcaster.web.api import api
from broadcaster.web.audit import audit
from broadcaster.web.calendar import calendar
from broadcaster.web.calendar_api import calendar_api
from broadcaster.web.calls_api import calls_api
from broadcaster.web.clock import clock, clock_api
from broadcaster.web.day_book import day_book
from broadcaster.web.day_page import days
from broadcaster.web.emergency import emergency
from broadcaster.web.forms import forms
from broadcaster.web.hearing import EXTENSION as HEARING
from broadcaster.web.hearing import Hearing, hearing
from broadcaster.web.lexicon import lexicon
from broadcaster.web.listen import listen
from broadcaster.web.listen_api import listen_api
from broadcaster.web.live_page import live_page
from broadcaster.web.media_api import media_api
from broadcaster.web.notices import notices
from broadcaster.web.notices_api import notices_api
from broadcaster.web.offices import Offices
from broadcaster.web.pages import pages
from broadcaster.web.people import people
from broadcaster.web.people_api import people_api
from broadcaster.web.plan_api import plan_api
from broadcaster.web.playlists import playlists
from broadcaster.web.programme import programme
from broadcaster.web.programme_versions import programme_versions
from broadcaster.web.reports import reports
from broadcaster.web.reports_api import reports_api
from broadcaster.web.screen import screen
from broadcaster.web.scripts import scripts
from broadcaster.web.settings import settings
from broadcaster.web.settings_api import settings_api
from broadcaster.web.trends import trends
from broadcaster.web.trends_api import trends_api
from broadcaster.web.uploads import uploads
from broadcaster.web.vendors import vendors
from broadcaster.web.view import EXTENSION, StationView, current_station
from broadcaster.web.why import why


class WholeNumber(IntegerConverter):
    """A number in an address, small enough for every database and for JavaScript; a larger one is nothing's."""

    def __init__(self, map: Map, **how: Any) -> None:
        super().__init__(map, **{"max": 2**53, **how})


def create_app(station: StationView, office: Offices | None = None) -> Flask:
    """The page and the API of a station. Serve it with any WSGI server.

    Without offices the page only shows the station, and nobody can log in.
    """
    app = Flask(__name__)
    app.url_map.converters["int"] = WholeNumber
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
    body_limits.init_app(app)
    security.init_app(app)
    problems.init_app(app)
    moment.init_app(app)
    vitals_page.init_app(app)
    app.register_blueprint(vitals_page.vitals)
    app.register_blueprint(api)
    app.register_blueprint(pages)
    app.register_blueprint(days)
    app.register_blueprint(screen)
    app.register_blueprint(why)
    look.init_app(app)
    if office is not None:
        _open_offices(app, office)
    _ask_filters_each_time(app.jinja_env)
    return app


def _ask_filters_each_time(templates: Environment) -> None:
    """Else ``"urgent" | priority_word`` stays in the language of whoever asked first: Jinja works constants out once.

    What takes the context, it does not.
    """

    def each_time(word: Callable[..., Any]) -> Callable[..., Any]:
        @pass_context
        def asked(_context: Context, *given: Any, **named: Any) -> Any:
            return word(*given, **named)

        return asked

    for name, word in templates.filters.items():
        if FILTERS.get(name) is not word and not hasattr(word, "jinja_pass_arg"):
            templates.filters[name] = each_time(word)


def _open_offices(app: Flask, office: Offices) -> None:
    app.extensions[offices.EXTENSION] = replace(office, choices=offices.once_a_request(office.choices))
    app.extensions[HEARING] = Hearing()
    app.jinja_env.filters.update(
        air_words=notice_words.air_words,
        chime_options=notice_words.chime_options,
        deed_word=notice_words.deed_word,
        doubt_word=notice_words.doubt_word,
        instant_words=words.date_clock,
        label=notice_words.label_of,
        notice_state=notice_words.notice_state,
        pause_words=notice_words.pause_words,
        person=notice_words.person,
        priority_options=notice_words.priority_options,
        priority_word=notice_words.priority_word,
        read_options=notice_words.read_options,
        role_options=notice_words.role_options,
        state_today=notice_words.state_today,
        role_word=notice_words.role_word,
        state_option=notice_words.state_option,
        when_words=notice_words.when_words,
    )

    auth.init_app(app)
    for blueprint in (
        accounts, people, people_api, notices, forms, lexicon, hearing, notices_api, air, air_api, calls_api, settings,
        settings_api, alerts, alerts_api, alert_settings, plan_api, programme, programme_versions, scripts, playlists,
        uploads, media_api, calendar, calendar_api, reports, reports_api, trends, trends_api, vendors, audit, listen,
        listen_api, emergency, live_page, clock, clock_api, day_book,
    ):  # fmt: skip
        app.register_blueprint(blueprint)


def _common() -> dict[str, Any]:
    station = current_station()
    language = i18n.language()
    return {
        "station_name": station.name.get(language) or station.name.get(i18n.DEFAULT, ""),
        "station_timezone": station.timezone,
        "html_lang": i18n.html_lang(),
        "other_language": i18n.other_language(),
        "here": request.path,
        "offices": offices.has_offices(),
        "me": auth.me(),
        "writers": offices.WRITERS,
        "submitters": offices.SUBMITTERS,
    }

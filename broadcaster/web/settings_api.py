"""The API of voices, weather, calibration, backups and kept texts: parse, ask once, answer."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from flask import Blueprint, Response, abort, jsonify, send_file

from broadcaster.plan.models import WeatherSource
from broadcaster.web.auth import needs, where, whoever
from broadcaster.web.contract_settings import CARETAKERS, BackupAsked, TestSound, backup_document
from broadcaster.web.notices_api import body
from broadcaster.web.offices import ADMINISTRATORS, LOOKERS, current_offices
from broadcaster.web.parse import parse_day
from broadcaster.web.reports import office as reports
from broadcaster.web.view import current_zone

if TYPE_CHECKING:
    from broadcaster.web.offices import Settings

settings_api = Blueprint("settings_api", __name__, url_prefix="/api/v1")


@settings_api.get("/engines")
@needs(*LOOKERS)
def engines() -> Response:
    """The speech engines."""
    return jsonify({
        "engines": [
            {
                "name": one.name, "missing": one.missing,
                "voices": [{"id": voice, "language": language} for voice, language in one.voices],
            }
            for one in _caretaker().engines()
        ]
    })  # fmt: skip


@settings_api.get("/voices/<voice>/sample")
@needs(*LOOKERS)
def sample(voice: str) -> Response:
    """A sentence in a voice."""
    return send_file(_caretaker().sample(voice), mimetype="audio/wav", max_age=0)


@settings_api.post("/weather/try")
@needs(*ADMINISTRATORS)
def try_weather() -> Response:
    """Ask for the weather now."""
    tried = _caretaker().try_weather(body(WeatherSource))
    return jsonify({"text": tried.text, "trouble": tried.trouble_zh, "trouble_en": tried.trouble_en})


@settings_api.post("/air/test-sound")
@needs(*CARETAKERS)
def test_sound() -> tuple[Response, int]:
    """The calibration sound, now."""
    asked = body(TestSound)
    desk = current_offices().air
    if desk is None:
        abort(404)
    one = desk.test_sound(asked.gain_db, by=whoever().name, where=where())
    zone = current_zone()
    until = one.until.astimezone(zone).isoformat() if one.until else None
    return jsonify({"id": one.id, "since": one.since.astimezone(zone).isoformat(), "until": until}), 201


@settings_api.get("/backups")
@needs(*ADMINISTRATORS)
def backups() -> Response:
    """Backups on this machine."""
    return jsonify({"backups": [backup_document(one) for one in _caretaker().backups()]})


@settings_api.post("/backups")
@needs(*ADMINISTRATORS)
def make_backup() -> tuple[Response, int]:
    """Make one now."""
    name = _caretaker().make_backup(music=body(BackupAsked).music, who=whoever().name, where=where())
    made = next(one for one in _caretaker().backups() if one.name == name)
    return jsonify(backup_document(made)), 201


@settings_api.get("/backups/<name>")
@needs(*ADMINISTRATORS)
def backup_file(name: str) -> Response:
    """The file."""
    path = _caretaker().backup_file(name, who=whoever().name, where=where())
    return send_file(path, mimetype="application/zip", as_attachment=True, download_name=f"broadcaster-{name}")


@settings_api.get("/reports/texts/<date>")
@needs(*LOOKERS)
def texts(date: str) -> Response:
    """Texts of a date, as spoken."""
    on = parse_day(date)
    found = [{key: value for key, value in asdict(one).items() if key != "key"} for one in reports().texts(on)]
    return jsonify({"date": on.isoformat(), "texts": found})


def _caretaker() -> Settings:
    found = current_offices().settings
    if found is None:
        abort(404)
    return found

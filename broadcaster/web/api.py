"""The API: parse, ask the station once, answer."""

from __future__ import annotations

from flask import Blueprint, Response, json, jsonify

from broadcaster.web.auth import unattended
from broadcaster.web.moment import current_moment
from broadcaster.web.openapi import describe
from broadcaster.web.parse import parse_day, parse_local_time
from broadcaster.web.view import current_station, current_zone, sees_names

api = Blueprint("api", __name__)


#: How many milliseconds ago an answer was true.
AGE = "Age-Ms"


@api.get("/api/v1/status")
@unattended
def status() -> Response:
    """The station at this moment: made once for all who ask in the same second, and told how old it is."""
    station = current_station()
    told = current_moment().get(("status", sees_names()), lambda: json.dumps(station.status()).encode())
    answer = Response(told.value, mimetype="application/json")
    answer.headers[AGE] = str(round(told.age_s * 1000))
    return answer


@api.get("/api/v1/rundown/<date>")
def rundown(date: str) -> Response:
    """What should air on a date."""
    return jsonify(current_station().rundown(parse_day(date)))


@api.get("/api/v1/asrun/<date>")
def asrun(date: str) -> Response:
    """What was broadcast on a date."""
    return jsonify(current_station().asrun(parse_day(date)))


@api.get("/api/v1/why/<local_time>")
def why(local_time: str) -> Response:
    """What should be, or was, on air at a second, and why."""
    station = current_station()
    return jsonify(station.why(parse_local_time(local_time, current_zone(), station.today())))


@api.get("/api/v1/check")
def check() -> Response:
    """Faults and warnings of the plan files."""
    return jsonify(current_station().check())


@api.get("/api/openapi.json")
def openapi() -> Response:
    """The description of this API."""
    return jsonify(describe())

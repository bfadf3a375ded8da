"""The API of the desk's hand on the air: parse, ask once, answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, jsonify

from broadcaster.web.air import desk
from broadcaster.web.auth import needs, where, whoever
from broadcaster.web.contract_air import Minutes, Play, Skip, Stop, Trim
from broadcaster.web.moment import current_moment
from broadcaster.web.notices_api import body
from broadcaster.web.offices import COMMANDERS, LOOKERS
from broadcaster.web.view import current_zone

if TYPE_CHECKING:
    from datetime import datetime

    from broadcaster.playout.interventions import Intervention

#: Of what is kept of a deed, what is for the program alone.
PRIVATE = ("path", "key", "shown")

air_api = Blueprint("air_api", __name__, url_prefix="/api/v1/air")


@air_api.get("/interventions")
@needs(*LOOKERS)
def holding() -> Response:
    """What holds now."""
    return jsonify({"interventions": [document(held) for held in desk().holding()]})


@air_api.delete("/interventions/<int:number>")
@needs(*COMMANDERS)
def end(number: int) -> Response:
    """Take it back."""
    held = desk().end(number, by=whoever().name, where=where())
    current_moment().stir()
    return jsonify(document(held))


@air_api.post("/skip")
@needs(*COMMANDERS)
def skip() -> tuple[Response, int]:
    """End what sounds, or leave out what comes."""
    asked = body(Skip)
    return _made(desk().skip(asked.what, asked.target, by=whoever().name, where=where()))


@air_api.post("/pause")
@needs(*COMMANDERS)
def pause() -> tuple[Response, int]:
    """Pause the bed."""
    asked = body(Minutes)
    return _made(desk().pause(asked.minutes, by=whoever().name, where=where(), reason=asked.reason))


@air_api.post("/mute")
@needs(*COMMANDERS)
def mute() -> tuple[Response, int]:
    """Nothing is heard."""
    asked = body(Minutes)
    return _made(desk().mute(asked.minutes, by=whoever().name, where=where(), reason=asked.reason))


@air_api.post("/stop")
@needs(*COMMANDERS)
def stop() -> tuple[Response, int]:
    """Stop everything."""
    return _made(desk().stop(body(Stop).reason, by=whoever().name, where=where()))


@air_api.post("/trim")
@needs(*COMMANDERS)
def trim() -> tuple[Response, int]:
    """Set a level for the rest of the day."""
    asked = body(Trim)
    return _made(desk().trim(asked.level, asked.dial, by=whoever().name, where=where()))


@air_api.post("/play")
@needs(*COMMANDERS)
def play() -> tuple[Response, int]:
    """Play a script or a notice now."""
    asked = body(Play)
    return _made(desk().play(asked.kind, asked.ref, by=whoever().name, where=where()))


def document(held: Intervention) -> dict[str, Any]:
    """As :class:`broadcaster.web.contract.Intervention` describes it."""
    return {
        "id": held.id,
        "kind": held.kind,
        "target": held.target,
        "params": {name: value for name, value in held.params.items() if name not in PRIVATE},
        "title": str(held.params.get("title_zh") or held.target or ""),
        "title_en": str(held.params.get("title_en") or held.target or ""),
        "since": _iso(held.since),
        "until": _iso(held.until),
        "ended_at": _iso(held.ended_at),
        "who": held.shown,
        "account": held.who,
        "reason": held.reason,
    }


def _iso(instant: datetime | None) -> str | None:
    return None if instant is None else instant.astimezone(current_zone()).isoformat(timespec="milliseconds")


def _made(held: Intervention) -> tuple[Response, int]:
    current_moment().stir()
    return jsonify(document(held)), 201

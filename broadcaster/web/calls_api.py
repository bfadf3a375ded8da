"""The API of emergencies, the fire contact and live pages: parse, ask once, answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, jsonify, request

from broadcaster.errors import NotRunning
from broadcaster.web.auth import needs, uncounted, where, whoever
from broadcaster.web.contract_calls import CallSent, EndSent, FireSent, LiveSent
from broadcaster.web.moment import current_moment
from broadcaster.web.notices_api import body
from broadcaster.web.offices import ADMINISTRATORS, COMMANDERS, LOOKERS, Calls, current_offices
from broadcaster.web.parse import parse_number
from broadcaster.web.view import local_iso

if TYPE_CHECKING:
    from broadcaster.calls.models import FireState, Prepared
    from broadcaster.playout.interventions import Intervention

calls_api = Blueprint("calls_api", __name__, url_prefix="/api/v1")

RATE_HZ = 48_000
PIECE_S = 0.1


def calls() -> Calls:
    """The calls. ``NotRunning`` where this page has none."""
    found = current_offices().calls
    if found is None:
        raise NotRunning("这里没有应急广播和喊话 / there are no emergencies and live pages here")
    return found


@calls_api.get("/emergencies")
@needs(*LOOKERS)
def emergencies() -> Response:
    """What can be called, and what is."""
    return jsonify(state())


@calls_api.post("/emergency")
@needs(*LOOKERS)
def begin() -> tuple[Response, int]:
    """Anybody with an account may save lives."""
    asked = body(CallSent)
    made = calls().call(asked.message, asked.reason, by=whoever().name, where=where())
    current_moment().stir()
    return jsonify(call_document(made)), 201


@calls_api.post("/emergency/end")
@needs(*LOOKERS)
def end() -> Response:
    """It is over."""
    made = calls().end(body(EndSent).reason, by=whoever().name, where=where())
    current_moment().stir()
    return jsonify(call_document(made))


@calls_api.post("/fire")
@needs(*ADMINISTRATORS)
def fire() -> Response:
    """Another program tells what the building's alarm says."""
    told = calls().fire(body(FireSent).closed, "push", by=whoever().name, where=where())
    current_moment().stir()
    return jsonify(fire_document(told))


@calls_api.post("/live")
@needs(*COMMANDERS)
def live_begin() -> tuple[Response, int]:
    """Begin to speak."""
    body(LiveSent)
    begun = calls().live_begin(by=whoever().name, where=where())
    current_moment().stir()
    told = {
        "id": begun.id, "speak_in_s": round(begun.speak_in_s, 3), "longest_s": begun.longest_s, "rate_hz": RATE_HZ,
        "format": "s16le", "piece_s": PIECE_S,
    }  # fmt: skip
    return jsonify(told), 201


@calls_api.post("/live/<int:number>/chunk")
@needs(*COMMANDERS)
@uncounted
def live_chunk(number: int) -> Response:
    """A piece of what is said."""
    piece = parse_number(request.args.get("n", ""))
    waiting_s = calls().live_chunk(number, int(piece), request.get_data(cache=False), by=whoever().name)
    return jsonify({"waiting_s": round(waiting_s, 3)})


@calls_api.post("/live/<int:number>/end")
@needs(*COMMANDERS)
def live_end(number: int) -> tuple[str, int]:
    """Speaking is over."""
    calls().live_end(number, by=whoever().name, where=where())
    current_moment().stir()
    return "", 204


def state() -> dict[str, Any]:
    """As :class:`broadcaster.web.contract_calls.Emergencies` describes it; also what a page shows."""
    office = calls()
    now = office.calls()
    emergency = office.emergency()
    live = next((one for one in now if one.kind == "live"), None)
    return {
        "messages": [_message(one) for one in office.emergencies()],
        "emergency": call_document(emergency) if emergency is not None else None,
        "live": call_document(live) if live is not None else None,
        "fire": fire_document(office.fire_state()),
    }


def _message(one: Prepared) -> dict[str, Any]:
    return {
        "id": one.id,
        "title": one.title.zh,
        "title_en": one.title.text("en"),
        "languages": list(one.languages),
        "scripts": list(one.scripts),
        "texts": list(one.texts),
        "ready": one.ready,
        "missing": list(one.missing),
        "round_s": round(one.round_s, 1),
    }


def call_document(one: Intervention) -> dict[str, Any]:
    """As :class:`broadcaster.web.contract_calls.Call` describes it."""
    return {
        "id": one.id,
        "kind": one.kind,
        "message": one.target,
        "title": str(one.params.get("title_zh") or one.target or ""),
        "title_en": str(one.params.get("title_en") or one.target or ""),
        "since": local_iso(one.since, "milliseconds"),
        "ended_at": local_iso(one.ended_at, "milliseconds") if one.ended_at is not None else None,
        "who": one.shown,
        "account": one.who,
        "reason": one.reason,
        "fire": bool(one.params.get("fire")),
    }


def fire_document(told: FireState) -> dict[str, Any]:
    """As :class:`broadcaster.web.contract_calls.Fire` describes it."""
    return {"closed": told.closed, "readable": told.readable, "fitted": told.fitted, "trouble": told.trouble}

"""The OpenAPI 3.1 description, made from the contract's models and one table of routes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from broadcaster.notices.models import NoticeDraft
from broadcaster.web import contract
from broadcaster.web import contract_notices as office
from broadcaster.web.problems import MEDIA_TYPE

#: Of the API, not of the program: grows when a document changes its meaning.
VERSION = "1.1"


@dataclass(frozen=True, slots=True)
class Route:
    """One deed of the API."""

    path: str
    summary: str
    answer: type[BaseModel]
    parameter: tuple[str, str, str] | None = None
    """Name, description and example of the parameter in the path."""
    method: str = "get"
    body: type[BaseModel] | None = None
    query: tuple[tuple[str, str], ...] = ()
    """Names and descriptions of what may follow the question mark."""
    made: bool = False
    """Whether it answers 201, with the new one's address."""
    login: bool = False


_DATE = ("date", "Date of the station, YYYY-MM-DD", "2026-11-28")
_TIME = (
    "local_time",
    "The station's wall time, YYYY-MM-DDTHH:MM:SS; HH:MM alone means today; with an offset, that instant",
    "2026-11-28T09:42:00",
)
_NUMBER = ("number", "Number of a notice", "1")
_FORM = ("name", "Id of a form", "lost-child")
_WORD = ("word", "Word of an entry", "TATA")
_NOTICE = "/api/v1/notices/{number}"
_SEARCH = (
    ("state", "only notices in this state"),
    ("vendor", "only this vendor's"),
    ("q", "words in title or text"),
    ("limit", "at most so many, up to 200"),
    ("before", "read on: what the last answer said"),
)

ROUTES = (
    Route("/api/v1/status", "On air now, what comes next, health", contract.Status),
    Route("/api/v1/rundown/{date}", "What should air on a date", contract.Rundown, _DATE),
    Route("/api/v1/asrun/{date}", "What was broadcast on a date", contract.AsRun, _DATE),
    Route("/api/v1/why/{local_time}", "What is on air at a second, and which rule chose it", contract.Why, _TIME),
    Route("/api/v1/check", "Faults and warnings of the plan files", contract.Check),
    Route("/healthz", "Whether the station can play; 503 with the same body when it can't", contract.Healthz),
    Route("/api/v1/notices", "Notices, newest first", office.Notices, query=_SEARCH, login=True),
    Route("/api/v1/notices", "Submit a notice", office.Notice, None, "post", NoticeDraft, made=True, login=True),
    Route(_NOTICE, "One notice", office.Notice, _NUMBER, login=True),
    Route(_NOTICE, "A new version of a notice", office.Notice, _NUMBER, "put", office.NewVersion, login=True),
    Route(f"{_NOTICE}/approve", "Approve a version", office.Notice, _NUMBER, "post", office.Deed, login=True),
    Route(f"{_NOTICE}/reject", "Reject a version", office.Notice, _NUMBER, "post", office.Rejection, login=True),
    Route(f"{_NOTICE}/withdraw", "Off the air", office.Notice, _NUMBER, "post", office.Withdrawal, login=True),
    Route("/api/v1/preview", "How a draft is read and heard", office.Preview, None, "post", NoticeDraft, login=True),
    Route("/api/v1/lexicon", "The store's own readings", office.Lexicon),
    Route("/api/v1/lexicon", "Set a reading", office.Lexicon, None, "put", office.Correction, login=True),
    Route("/api/v1/lexicon/{word}", "Take a reading out", office.Lexicon, _WORD, "delete", login=True),
    Route("/api/v1/forms", "The ready-made forms", office.Forms),
    Route("/api/v1/forms/{name}", "Submit a form", office.Notice, _FORM, "post", office.Filling, made=True, login=True),
)


@cache
def describe() -> dict[str, Any]:
    """The description as a JSON object. Shared: don't change it."""
    answers = {route.answer for route in ROUTES} | {contract.Problem}
    bodies = {route.body for route in ROUTES if route.body}
    _, schemas = models_json_schema(
        [(model, "serialization") for model in sorted(answers, key=lambda model: model.__name__)]
        + [(model, "validation") for model in sorted(bodies, key=lambda model: model.__name__)],
        ref_template="#/components/schemas/{model}",
    )
    paths: dict[str, Any] = {}
    for route in ROUTES:
        paths.setdefault(route.path, {})[route.method] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Store broadcaster",
            "version": VERSION,
            "description": "What should be, is, and was on air; notices and readings. Instants carry an offset; "
            "durations are seconds.",
        },
        "paths": paths,
        "components": {
            "schemas": schemas["$defs"],
            "securitySchemes": {
                "basic": {"type": "http", "scheme": "basic", "description": "Name and password of an account"},
                "session": {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": "broadcaster",
                    "description": "A browser's log-in; what changes something needs the header X-CSRFToken too",
                },
            },
        },
    }


def _operation(route: Route) -> dict[str, Any]:
    answer = _content("application/json", route.answer)
    responses: dict[str, Any] = {"201" if route.made else "200": {"description": route.summary, "content": answer}}
    if route.path == "/healthz":
        responses["503"] = {"description": "The engine is lost", "content": answer}
    else:
        responses["default"] = {
            "description": "A problem (RFC 9457)",
            "content": _content(MEDIA_TYPE, contract.Problem),
        }
    operation: dict[str, Any] = {"operationId": _name(route), "summary": route.summary, "responses": responses}
    parameters = [*_path_parameter(route), *map(_query_parameter, route.query)]
    if parameters:
        operation["parameters"] = parameters
    if route.body:
        operation["requestBody"] = {"required": True, "content": _content("application/json", route.body)}
    if route.login:
        operation["security"] = [{"basic": []}, {"session": []}]
    return operation


def _name(route: Route) -> str:
    words = [part for part in route.path.removeprefix("/api/v1").split("/") if part and not part.startswith("{")]
    if route.method == "get":
        return words[0] if not route.login or not route.parameter else "_".join(("one", *words))
    return "_".join((route.method, *words))


def _path_parameter(route: Route) -> list[dict[str, Any]]:
    if not route.parameter:
        return []
    name, description, example = route.parameter
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "description": description,
            "schema": {"type": "string"},
            "example": example,
        }
    ]


def _query_parameter(parameter: tuple[str, str]) -> dict[str, Any]:
    name, description = parameter
    return {"name": name, "in": "query", "description": description, "schema": {"type": "string"}}


def _content(media_type: str, model: type[BaseModel]) -> dict[str, Any]:
    return {media_type: {"schema": {"$ref": f"#/components/schemas/{model.__name__}"}}}

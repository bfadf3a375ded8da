"""The OpenAPI 3.1 description, made from the contract's models and one table of routes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from broadcaster.web import contract
from broadcaster.web.problems import MEDIA_TYPE

#: Of the API, not of the program: grows when a document changes its meaning.
VERSION = "1.0"


@dataclass(frozen=True, slots=True)
class Route:
    """One GET of the API."""

    path: str
    summary: str
    answer: type[BaseModel]
    parameter: tuple[str, str, str] | None = None
    """Name, description and example of the parameter in the path."""


_DATE = ("date", "Date of the station, YYYY-MM-DD", "2026-11-28")
_TIME = (
    "local_time",
    "The station's wall time, YYYY-MM-DDTHH:MM:SS; HH:MM alone means today; with an offset, that instant",
    "2026-11-28T09:42:00",
)

ROUTES = (
    Route("/api/v1/status", "On air now, what comes next, health", contract.Status),
    Route("/api/v1/rundown/{date}", "What should air on a date", contract.Rundown, _DATE),
    Route("/api/v1/asrun/{date}", "What was broadcast on a date", contract.AsRun, _DATE),
    Route("/api/v1/why/{local_time}", "What is on air at a second, and which rule chose it", contract.Why, _TIME),
    Route("/api/v1/check", "Faults and warnings of the plan files", contract.Check),
    Route("/healthz", "Whether the station can play; 503 with the same body when it can't", contract.Healthz),
)


@cache
def describe() -> dict[str, Any]:
    """The description as a JSON object. Shared: don't change it."""
    models = {route.answer for route in ROUTES} | {contract.Problem}
    _, schemas = models_json_schema(
        [(model, "serialization") for model in sorted(models, key=lambda model: model.__name__)],
        ref_template="#/components/schemas/{model}",
    )
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Store broadcaster",
            "version": VERSION,
            "description": "What should be, is, and was on air. Instants carry an offset; durations are seconds.",
        },
        "paths": {route.path: {"get": _operation(route)} for route in ROUTES},
        "components": {"schemas": schemas["$defs"]},
    }


def _operation(route: Route) -> dict[str, Any]:
    answer = _content("application/json", route.answer)
    responses = {"200": {"description": route.summary, "content": answer}}
    if route.path == "/healthz":
        responses["503"] = {"description": "The engine is lost", "content": answer}
    else:
        responses["default"] = {
            "description": "A problem (RFC 9457)",
            "content": _content(MEDIA_TYPE, contract.Problem),
        }
    operation: dict[str, Any] = {
        "operationId": route.path.removeprefix("/api/v1").split("/")[1],
        "summary": route.summary,
        "responses": responses,
    }
    if route.parameter:
        name, description, example = route.parameter
        operation["parameters"] = [
            {
                "name": name,
                "in": "path",
                "required": True,
                "description": description,
                "schema": {"type": "string"},
                "example": example,
            }
        ]
    return operation


def _content(media_type: str, model: type[BaseModel]) -> dict[str, Any]:
    return {media_type: {"schema": {"$ref": f"#/components/schemas/{model.__name__}"}}}

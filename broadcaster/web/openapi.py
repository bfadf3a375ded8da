"""The OpenAPI 3.1 description, made from the routes that each part of the API tells of itself."""

from __future__ import annotations

from functools import cache
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from broadcaster.web import (
    contract,
    contract_air,
    contract_alerts,
    contract_calendar,
    contract_calls,
    contract_clock,
    contract_day_book,
    contract_listen,
    contract_media,
    contract_notices,
    contract_people,
    contract_plan,
    contract_reports,
    contract_settings,
    contract_station,
    contract_trends,
)
from broadcaster.web.problems import MEDIA_TYPE
from broadcaster.web.route import Parameter, Route, may_be_left_out

#: Of the API, not of the program: grows when a document changes its meaning.
VERSION = "1.2"

ROUTES: tuple[Route, ...] = (
    *contract_station.ROUTES,
    *contract_notices.ROUTES,
    *contract_air.ROUTES,
    *contract_alerts.ROUTES,
    *contract_media.ROUTES,
    *contract_people.ROUTES,
    *contract_plan.ROUTES,
    *contract_calendar.ROUTES,
    *contract_calls.ROUTES,
    *contract_clock.ROUTES,
    *contract_day_book.ROUTES,
    *contract_reports.ROUTES,
    *contract_trends.ROUTES,
    *contract_listen.ROUTES,
    *contract_settings.ROUTES,
)


@cache
def describe() -> dict[str, Any]:
    """The description as a JSON object. Shared: don't change it."""
    answers = {route.answer for route in ROUTES if route.answer} | {contract.Problem}
    bodies = {route.body for route in ROUTES if route.body}
    names, schemas = models_json_schema(
        [(model, "serialization") for model in sorted(answers, key=_path)]
        + [(model, "validation") for model in sorted(bodies, key=_path)],
        ref_template="#/components/schemas/{model}",
    )
    paths: dict[str, Any] = {}
    for route in ROUTES:
        paths.setdefault(route.path, {})[route.method] = _operation(route, names)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Store broadcaster",
            "version": VERSION,
            "description": "What should be, is, and was on air, and everything that the page does. Instants carry an "
            "offset; durations are seconds.",
        },
        "paths": paths,
        "components": {
            "schemas": schemas["$defs"],
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "description": "A token of an account (/account)"},
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


def _path(model: type[BaseModel]) -> str:
    return f"{model.__module__}.{model.__qualname__}"


def _operation(route: Route, names: Any) -> dict[str, Any]:
    responses: dict[str, Any] = {str(_status(route)): _success(route, names)}
    if route.path == "/healthz":
        responses["503"] = {**responses["200"], "description": "Something that the air needs does not work"}
    else:
        problem = _content(MEDIA_TYPE, names[contract.Problem, "serialization"])
        responses["default"] = {"description": "A problem (RFC 9457)", "content": problem}
    operation: dict[str, Any] = {"operationId": _name(route), "summary": route.summary, "responses": responses}
    parameters = [_parameter(one, "path") for one in route.parameters]
    parameters += [_parameter(one, "query") for one in route.query]
    if parameters:
        operation["parameters"] = parameters
    if route.upload:
        form = {"type": "object", "required": ["file"], "properties": {"file": {"type": "string", "format": "binary"}}}
        operation["requestBody"] = {"required": True, "content": {"multipart/form-data": {"schema": form}}}
    elif route.sends:
        operation["requestBody"] = {"required": True, "content": {route.sends: {}}}
    elif route.body:
        content = _content("application/json", names[route.body, "validation"])
        operation["requestBody"] = {"required": not may_be_left_out(route.method, route.body), "content": content}
    if route.roles is not None:
        operation["security"] = [{"token": []}, {"basic": []}, {"session": []}]
        operation["description"] = f"For accounts of: {', '.join(route.roles)}."
    return operation


def _status(route: Route) -> int:
    bare = route.answer is None and route.media_type == "application/json" and route.status == 200
    return 204 if bare else route.status


def _success(route: Route, names: Any) -> dict[str, Any]:
    if route.answer is not None:
        content = _content(route.media_type, names[route.answer, "serialization"])
    elif _status(route) == 204:
        return {"description": route.summary}
    else:
        content = {route.media_type: {}}
    return {"description": route.summary, "content": content}


def _name(route: Route) -> str:
    """Unique: the method and the path in words."""
    words = [part.strip("{}") for part in route.path.removeprefix("/api/v1").split("/") if part]
    return "_".join((route.method, *words)).replace(".", "_").replace("-", "_")


def _parameter(parameter: Parameter, where: str) -> dict[str, Any]:
    found = {
        "name": parameter.name,
        "in": where,
        "required": where == "path",
        "description": parameter.description,
        "schema": dict(parameter.schema),
    }
    return found if parameter.example is None else {**found, "example": parameter.example}


def _content(media_type: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {media_type: {"schema": schema}}

"""What a route of the API takes and answers: the source of its OpenAPI description."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

TEXT: Mapping[str, Any] = {"type": "string"}
WHOLE: Mapping[str, Any] = {"type": "integer", "minimum": 0, "maximum": 2**53}
DATE: Mapping[str, Any] = {"type": "string", "format": "date"}


def may_be_left_out(method: str, body: type[BaseModel]) -> bool:
    """Whether a request need not bring its document: a deed of which nothing must be said."""
    return method.lower() == "post" and not any(one.is_required() for one in body.model_fields.values())


@dataclass(frozen=True, slots=True)
class Parameter:
    """A part of the path, or what may follow the question mark. ``schema`` is JSON Schema."""

    name: str
    description: str
    schema: Mapping[str, Any] = field(default_factory=lambda: TEXT)
    example: Any = None


@dataclass(frozen=True, slots=True)
class Route:
    """One deed of the API."""

    path: str
    """With its parameters in braces: ``/api/v1/notices/{number}``."""
    summary: str
    answer: type[BaseModel] | None = None
    """None answers 204, or ``media_type`` where that is given."""
    method: str = "get"
    parameters: tuple[Parameter, ...] = ()
    """Every one in the path, in its order."""
    query: tuple[Parameter, ...] = ()
    body: type[BaseModel] | None = None
    status: int = 200
    """Of success: 201 for something made, 202 for something begun."""
    roles: tuple[str, ...] | None = None
    """Who may; None is everybody, without a log-in."""
    media_type: str = "application/json"
    """Of the answer."""
    sends: str = ""
    """Media type of a body that is no document."""
    upload: bool = False
    """The body is a form with one ``file``."""

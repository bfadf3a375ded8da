"""Errors: RFC 9457 problem documents below ``/api``, a page in plain words everywhere else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Flask, Response, json, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import (
    Forbidden,
    HTTPException,
    InternalServerError,
    RequestEntityTooLarge,
    TooManyRequests,
    UnsupportedMediaType,
)

from broadcaster.editing.models import PlanRefused
from broadcaster.errors import BroadcasterError, Conflict, NoticeError, NotRunning, TooOften, UsageError
from broadcaster.web.i18n import gettext as _
from broadcaster.web.security import StrangeHost

MEDIA_TYPE = "application/problem+json"


class FieldFaults(UsageError):
    """Something sent to the API is no draft. ``fields`` says why, by the field's name."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        self.fields = dict(fields)
        super().__init__("; ".join(f"{name}: {words}" if name else words for name, words in fields.items()))


def init_app(app: Flask) -> None:
    """Catch what routing and views raise. Errors without a known cause are logged by Flask before they come here."""

    @app.errorhandler(HTTPException)
    def refused(error: HTTPException) -> Response:
        known = error.original_exception if isinstance(error, InternalServerError) else None
        return _answer(error, known)

    @app.errorhandler(BroadcasterError)
    def failed(error: BroadcasterError) -> Response:
        plain = isinstance(error, UsageError) and not isinstance(error, Conflict | TooOften)
        status = 404 if plain and not _is_api() else _status(error)
        if status == 500:
            app.logger.error("%s %s: %s", request.method, request.path, error)
        response = HTTPException(str(error))
        response.code = status
        return _answer(response, error)


def _status(error: BroadcasterError) -> int:
    if isinstance(error, FieldFaults | PlanRefused):
        return 422
    if isinstance(error, NoticeError | Conflict):
        return 409
    if isinstance(error, TooOften):
        return 429
    if isinstance(error, UsageError):
        return 400
    return 503 if isinstance(error, NotRunning) else 500


def _is_api() -> bool:
    return request.path.startswith("/api/") or request.path == "/metrics"


def _own_words(error: HTTPException) -> str:
    """What a reader should know of a refusal, beyond its name."""
    if isinstance(error, CSRFError):
        return _("The page was open for too long, or in another session. Go back, load it anew, and send it again.")
    if isinstance(error, RequestEntityTooLarge):
        return _("What was sent is too large.")
    if isinstance(error, UnsupportedMediaType):
        return _("Send JSON, with the header Content-Type: application/json.")
    if isinstance(error, TooManyRequests | StrangeHost):
        return error.description or ""
    if isinstance(error, Forbidden) and error.description != Forbidden.description:
        return error.description or ""
    return _("Your account may not do this.") if error.code == 403 else ""


def _answer(error: HTTPException, cause: BaseException | None) -> Response:
    status = error.code or 500
    response = make_response("", status)
    for name, value in error.get_headers(request.environ):
        if name.lower() not in ("content-type", "content-length"):  # keeps Allow of a 405
            response.headers[name] = value
    if isinstance(cause, TooOften):
        response.headers["Retry-After"] = str(int(cause.wait_s) + 1)
    # An error nobody foresaw may carry anything in its text: it goes to the log, not to the reader.
    detail = str(cause) if isinstance(cause, BroadcasterError) else _own_words(error)
    if _is_api():
        problem: dict[str, Any] = {
            "type": "about:blank",
            "title": error.name,
            "status": status,
            "detail": detail or error.description or "",
            "instance": request.path,
        }
        # What the error tells beyond words, such as who was quicker.
        problem |= getattr(cause, "members", {})
        if isinstance(cause, FieldFaults):
            problem["errors"] = [{"field": name, "detail": words} for name, words in cause.fields.items()]
        response.set_data(json.dumps(problem))
        response.content_type = MEDIA_TYPE
    else:
        response.set_data(render_template("error.html", status=status, detail=detail))
        response.content_type = "text/html; charset=utf-8"
    return response

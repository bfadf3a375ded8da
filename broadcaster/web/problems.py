"""Errors: RFC 9457 problem documents below ``/api``, a page in plain words everywhere else."""

from __future__ import annotations

from flask import Flask, Response, json, make_response, render_template, request
from werkzeug.exceptions import HTTPException, InternalServerError

from broadcaster.errors import BroadcasterError, NotRunning, UsageError

MEDIA_TYPE = "application/problem+json"


def init_app(app: Flask) -> None:
    """Catch what routing and views raise. Errors without a known cause are logged by Flask before they come here."""

    @app.errorhandler(HTTPException)
    def refused(error: HTTPException) -> Response:
        known = error.original_exception if isinstance(error, InternalServerError) else None
        return _answer(error, known)

    @app.errorhandler(BroadcasterError)
    def failed(error: BroadcasterError) -> Response:
        status = 404 if isinstance(error, UsageError) and not _is_api() else _status(error)
        if status == 500:
            app.logger.error("%s %s: %s", request.method, request.path, error)
        response = HTTPException(str(error))
        response.code = status
        return _answer(response, error)


def _status(error: BroadcasterError) -> int:
    if isinstance(error, UsageError):
        return 400
    return 503 if isinstance(error, NotRunning) else 500


def _is_api() -> bool:
    return request.path.startswith("/api/")


def _answer(error: HTTPException, cause: BaseException | None) -> Response:
    status = error.code or 500
    response = make_response("", status)
    for name, value in error.get_headers(request.environ):
        if name.lower() not in ("content-type", "content-length"):  # keeps Allow of a 405
            response.headers[name] = value
    # An error nobody foresaw may carry anything in its text: it goes to the log, not to the reader.
    detail = str(cause) if isinstance(cause, BroadcasterError) else (error.description or "")
    if _is_api():
        problem = {
            "type": "about:blank",
            "title": error.name,
            "status": status,
            "detail": detail,
            "instance": request.path,
        }
        response.set_data(json.dumps(problem))
        response.content_type = MEDIA_TYPE
    else:
        own = detail if isinstance(cause, BroadcasterError) else ""
        response.set_data(render_template("error.html", status=status, detail=own))
        response.content_type = "text/html; charset=utf-8"
    return response

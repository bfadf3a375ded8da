"""How much a request may carry: little, but for the few that bring a recording and come from who may send one.

The server asks before it takes the body in, so that what is too large for who sends it is never stored.
"""

from __future__ import annotations

from typing import Any

from flask import Flask, request

from broadcaster.web import auth
from broadcaster.web.offices import COMMANDERS, SUBMITTERS, current_offices, has_offices

#: A form with its text; whoever sends more gets 413 before it is read.
MAX_BODY_BYTES = 64 * 1024
#: Of a form that carries a recording of a notice: ten minutes of uncompressed stereo.
NOTICE_BYTES = 110 * 1024 * 1024
#: What a form weighs besides its file.
FORM_BYTES = 64 * 1024
NOTICES = ("notices.new", "notices.edit", "notices.part_preview")
MEDIA = ("uploads.send", "uploads.send_page", "media_api.send")


def init_app(app: Flask) -> None:
    """Hold every request to its limit, whatever server brings it."""
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES

    @app.before_request
    def allow_uploads() -> None:
        if request.endpoint in NOTICES or request.endpoint in MEDIA:
            request.max_content_length = _limit()


def body_limit(app: Flask, environ: dict[str, Any]) -> int:
    """The most bytes that the request with these headers may carry, judged before its body is there."""
    with app.request_context(environ):
        return _limit()


def _limit() -> int:
    account = auth.me() if has_offices() else None
    if account is None:
        return MAX_BODY_BYTES
    if request.endpoint in NOTICES and account.role in SUBMITTERS:
        return NOTICE_BYTES
    media = current_offices().media
    if request.endpoint in MEDIA and media is not None and account.role in COMMANDERS:
        return media.upload_bytes + FORM_BYTES
    return MAX_BODY_BYTES

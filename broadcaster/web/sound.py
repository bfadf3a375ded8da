"""Answers that are sound: cuts of the record, with the parts of them that a player asks for."""

from __future__ import annotations

import io

from flask import Response, current_app, request
from werkzeug.wsgi import wrap_file

from broadcaster.air_check.record import Cut
from broadcaster.errors import UsageError
from broadcaster.web.view import current_zone

MP3 = "audio/mpeg"
MOST_AT_ONCE = 4_000_000
"""Bytes of one answer to a player that asks for a part: what the server takes off our hands at once, so that a player
that stands still holds none of its threads."""


class CutFile(io.RawIOBase):
    """A cut as a file, for servers that send files by themselves."""

    def __init__(self, cut: Cut) -> None:
        self._cut = cut
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._cut.size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def tell(self) -> int:
        return self._at

    def read(self, size: int | None = -1) -> bytes:
        end = self._cut.size if size is None or size < 0 else self._at + size
        data = b"".join(self._cut.read(self._at, end))
        self._at += len(data)
        return data


def cut_answer(cut: Cut, *, file_name: str = "") -> Response:
    """The cut as MP3. ``UsageError`` where nothing at all was recorded. ``Recorded-From`` is when its first sample was
    heard; where nothing was recorded within it, it is silent."""
    if cut.start is None:
        raise UsageError("这段时间没有录音 / nothing was recorded then")
    asked = request.range
    part = asked.range_for_length(cut.size) if asked is not None and asked.units == "bytes" else None
    if asked is not None and part is None:
        answer = Response(status=416, headers={"Content-Range": f"bytes */{cut.size}"})
    elif part is not None:
        begin, end = part[0], min(part[1], part[0] + MOST_AT_ONCE)
        answer = current_app.response_class(cut.read(begin, end), 206, mimetype=MP3)
        answer.headers["Content-Range"] = f"bytes {begin}-{end - 1}/{cut.size}"
        answer.content_length = end - begin
    else:
        body = wrap_file(request.environ, CutFile(cut))  # type: ignore[arg-type]  # a file in all that is asked of it
        answer = current_app.response_class(body, mimetype=MP3, direct_passthrough=True)
        answer.content_length = cut.size
    answer.headers["Accept-Ranges"] = "bytes"
    answer.headers["Recorded-From"] = cut.start.astimezone(current_zone()).isoformat(timespec="milliseconds")
    if file_name:
        answer.headers["Content-Disposition"] = f'attachment; filename="{file_name}"'
    return answer

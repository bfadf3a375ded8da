"""The web server under the page: waitress, told how much each request may carry before it takes its body in.

Large bodies are put down on the home folder's own disk, never in memory and never on a small temporary one.
"""

from __future__ import annotations

import io
import logging
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Flask
from waitress.adjustments import Adjustments
from waitress.buffers import FileBasedBuffer
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.server import BaseWSGIServer, create_server

from broadcaster.errors import BroadcasterError
from broadcaster.web.body_limits import MAX_BODY_BYTES, body_limit

log = logging.getLogger(__name__)

MOST_LINES = 450
"""Open lines at a time: what ``select`` can watch on Windows is 512."""
IDLE_S = 60
"""A line on which nothing comes or goes is closed after so many seconds."""
_HEADERS = {"CONTENT_TYPE", "CONTENT_LENGTH"}

LimitOf = Callable[[dict[str, Any]], int]


def open_server(app: Flask, *, host: str, port: int, threads: int, folder: Path) -> Any:
    """A server of waitress that listens; ``run`` and ``close`` it. Raises ``OSError`` and ``ValueError``.

    ``folder`` is where bodies are put down while they arrive; they vanish by themselves.
    """
    folder.mkdir(parents=True, exist_ok=True)

    class Parser(_Parser):
        limit_of = staticmethod(lambda environ: body_limit(app, environ))
        bodies = folder

    class Channel(HTTPChannel):  # type: ignore[misc]  # waitress has no types
        parser_class = Parser

    sockets: dict[int, Any] = {}
    server = create_server(
        app, map=sockets, host=host, port=port, threads=threads, ident=None, max_request_body_size=1 << 40,
        # Twenty open pages keep six lines each; a hundred, as is usual, would shut the others out.
        connection_limit=MOST_LINES, channel_timeout=IDLE_S, cleanup_interval=10,
        # Kept: they tell that a proxy asks, and how many of them count is the application's to say.
        clear_untrusted_proxy_headers=False,
    )  # fmt: skip
    # A name may stand for several addresses; each has a listener of its own.
    for listener in sockets.values():
        if isinstance(listener, BaseWSGIServer):
            listener.channel_class = Channel
    return server


class _Parser(HTTPRequestParser):  # type: ignore[misc]  # waitress has no types
    """Sets the request's own limit when its headers are there."""

    adj: Any
    limit_of: LimitOf
    bodies: Path

    def parse_header(self, header_plus: bytes) -> None:
        super().parse_header(header_plus)
        if self.body_rcv is None or (not self.chunked and self.content_length <= MAX_BODY_BYTES):
            return
        most = self._most()
        self.adj = _limited(self.adj, most)
        if self.chunked or self.content_length <= most:
            self.body_rcv.buf = _Body(self.bodies)

    def _most(self) -> int:
        try:
            return max(MAX_BODY_BYTES, self.limit_of(self._environ())) + 1
        except BroadcasterError as error:
            log.warning("can't tell who sends %s: %s", self.path, error)
        except Exception:  # the server's outermost turn: a request that nobody foresaw gets the small limit
            log.exception("judging a request's size failed")
        return MAX_BODY_BYTES + 1

    def _environ(self) -> dict[str, Any]:
        environ = {f"HTTP_{name}" if name not in _HEADERS else name: value for name, value in self.headers.items()}
        return {
            **environ,
            "REQUEST_METHOD": self.command,
            "SCRIPT_NAME": "",
            "PATH_INFO": self.path,
            "QUERY_STRING": self.query,
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": f"HTTP/{self.version}",
            "REMOTE_ADDR": "",
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": self.url_scheme,
            "wsgi.input": io.BytesIO(),
            "wsgi.errors": io.StringIO(),
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }


class _Body(FileBasedBuffer):  # type: ignore[misc]  # waitress has no types
    """A body on disk, gone with the request: also of a sender who goes away, whom waitress just forgets."""

    def __init__(self, folder: Path) -> None:
        super().__init__(tempfile.TemporaryFile(dir=folder))  # noqa: SIM115

    def newfile(self) -> Any:
        raise NotImplementedError  # nothing prunes the body of a request

    def __del__(self) -> None:
        self.close()


def _limited(adj: Adjustments, most: int) -> Adjustments:
    """The server's settings with another size of body."""
    limited = Adjustments.__new__(Adjustments)
    limited.__dict__.update(adj.__dict__)
    limited.max_request_body_size = most
    return limited

"""Whom the program calls: a server that takes what it is told, and can fall silent in the middle of it."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from broadcaster.clock import monotonic


@dataclass(frozen=True, slots=True)
class Told:
    """One message that arrived, and when (monotonic)."""

    at: float
    title: str
    words: str


@dataclass
class Phone:
    """Whom the program calls: ``port`` on this machine, and all that arrived so far."""

    port: int = 0
    told: list[Told] = field(default_factory=list)
    beats: list[float] = field(default_factory=list)
    """When the heartbeat was heard."""
    hanging: threading.Event = field(default_factory=threading.Event)
    """While it is set nobody gets an answer, and what is said counts as not heard."""

    def since(self, at: float) -> list[Told]:
        """What was told from an instant on."""
        return [one for one in list(self.told) if one.at >= at]


@contextmanager
def phone() -> Iterator[Phone]:
    """A webhook that takes alerts as JSON at any path, and a heartbeat at ``/beat``."""
    one = Phone()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            at = monotonic()
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if self._hung():
                return
            if self.path == "/beat":
                one.beats.append(at)
            else:
                with contextlib.suppress(ValueError):
                    content: dict[str, Any] = json.loads(body)
                    one.told.append(Told(at, str(content.get("title", "")), str(content.get("message", ""))))
            self.send_response(200)
            self.end_headers()

        def do_GET(self) -> None:
            if self._hung():
                return
            one.beats.append(monotonic())
            self.send_response(200)
            self.end_headers()

        def _hung(self) -> bool:
            hung = one.hanging.is_set()
            while one.hanging.is_set():
                time.sleep(0.1)
            return hung

        def log_message(self, format: str, *words: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    one.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), name="phone", daemon=True)
    thread.start()
    try:
        yield one
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)

"""A local HTTP server that answers as the weather services do, or as they should not."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from unittest.mock import patch
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

from broadcaster.weather.provider import Place

DATA = Path(__file__).parent / "data" / "weather"
TZ = ZoneInfo("Asia/Shanghai")
HANGZHOU = Place("杭州", 30.25, 120.15, TZ)


@dataclass(frozen=True)
class Reply:
    """What the server says to one path."""

    body: bytes
    status: int = 200
    waits: bool = False
    """Says nothing until the server is closed."""
    promised: int | None = None
    """Length in the header, where it is not the body's: the answer breaks off."""


@dataclass
class Service:
    """The running server: what it will say, and what it was asked."""

    url: str
    replies: dict[str, Reply]
    asked: list[tuple[str, dict[str, list[str]], dict[str, str]]] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)

    def count(self, path: str) -> int:
        """How often a path was asked for."""
        return sum(asked == path for asked, _, _ in self.asked)


def recorded(name: str) -> Any:
    """A file of ``tests/data/weather``."""
    return json.loads((DATA / name).read_text(encoding="utf-8"))


def reply(content: Any, status: int = 200) -> Reply:
    """JSON as an answer."""
    return Reply(json.dumps(content, ensure_ascii=False).encode(), status)


def changed(name: str, change: Callable[[Any], Any]) -> Reply:
    """A file's content after a change in place."""
    content = recorded(name)
    change(content)
    return reply(content)


OPEN_METEO = {
    "/v1/forecast": reply(recorded("open-meteo-forecast.json")),
    "/v1/air-quality": reply(recorded("open-meteo-air.json")),
}
QWEATHER = {
    "/v7/weather/3d": reply(recorded("qweather-3d.json")),
    "/v7/weather/24h": reply(recorded("qweather-24h.json")),
    "/airquality/v1/current/30.25/120.15": reply(recorded("qweather-air.json")),
}


@contextmanager
def served(replies: dict[str, Reply]) -> Iterator[Service]:
    """A server on a free port of this machine for as long as the block lasts."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            service.asked.append((parts.path, parse_qs(parts.query), dict(self.headers)))
            found = service.replies.get(parts.path, reply({"error": "no such path"}, 404))
            if found.waits:
                service.closing.wait(30)
            self.send_response(found.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(found.body) if found.promised is None else found.promised))
            self.end_headers()
            self.wfile.write(found.body)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    service = Service(f"http://127.0.0.1:{server.server_address[1]}", dict(replies))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        with patch.dict(os.environ, {"NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}):
            yield service
    finally:
        service.closing.set()
        server.shutdown()
        thread.join()
        server.server_close()

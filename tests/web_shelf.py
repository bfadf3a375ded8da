"""A small web server of files that can behave badly: for tests of downloads."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class WebShelf:
    """Serves ``files`` by name. ``cut_after`` breaks each answer off; ``status`` answers so instead."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files = files
        self.cut_after: int | None = None
        self.status: int | None = None
        self.ranges = True
        self.stall: threading.Event | None = None
        self.asked: list[tuple[str, str | None]] = []
        """Paths, or whole addresses when asked as a proxy; each with its range."""
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def serve(self) -> None:
        self._server.serve_forever(0.05)

    def close(self) -> None:
        if self.stall:
            self.stall.set()
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        shelf = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                shelf.asked.append((self.path, self.headers.get("Range")))
                content = shelf.files.get(self.path.rpartition("/")[2])
                if shelf.status or content is None:
                    self.send_error(shelf.status or 404)
                    return
                start = int((self.headers.get("Range") or "bytes=0-").removeprefix("bytes=").rstrip("-"))
                start = start if shelf.ranges else 0
                self.send_response(206 if start else 200)
                if start:
                    self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
                self.send_header("Content-Length", str(len(content) - start))
                self.end_headers()
                self.wfile.write(content[start:][: shelf.cut_after])
                self.wfile.flush()
                if shelf.stall:
                    shelf.stall.wait(30)
                self.close_connection = True

            def log_message(self, *_: Any) -> None:
                return

        return Handler


@contextmanager
def web_shelf(files: dict[str, bytes]) -> Iterator[WebShelf]:
    """A running shelf on this machine."""
    shelf = WebShelf(files)
    thread = threading.Thread(target=shelf.serve, daemon=True)
    thread.start()
    try:
        yield shelf
    finally:
        shelf.close()
        thread.join(5)

"""Who asks the page: visitors of every page, and open first pages that follow the air as their script does."""

from __future__ import annotations

import http.client
import json
import re
import threading
import time
from collections import defaultdict
from datetime import datetime
from multiprocessing.synchronize import Event
from typing import Any
from urllib.parse import urlencode

from broadcaster.clock import monotonic

POLL_S = 1.0
SETTLE_S = 3.0
"""As in ``web/static/live.js``."""


class Visitor:
    """A browser of one person, with a connection that it keeps."""

    def __init__(self, port: int, cookie: str = "") -> None:
        self._port = port
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.cookie = cookie

    def get(self, path: str) -> tuple[int, bytes, float]:
        """Status, body, and how many milliseconds it took until all of it was there; of a table, its first bytes."""
        begun = monotonic()
        try:
            answer = self._ask(path)
        except http.client.RemoteDisconnected:
            # Nobody asked for a while, and the server hung up: a browser dials again without a word.
            answer = self._ask(path)
        body = answer.read(64)
        first_ms = (monotonic() - begun) * 1000
        body += answer.read()
        all_ms = (monotonic() - begun) * 1000
        return answer.status, body, first_ms if path.partition("?")[0].endswith(".csv") else all_ms

    def _ask(self, path: str) -> http.client.HTTPResponse:
        self._connection.request("GET", path, headers={"Cookie": self.cookie, "Accept-Language": "zh-CN"})
        return self._connection.getresponse()

    def log_in(self, name: str, password: str) -> None:
        """Through the page's form. ``AssertionError`` if it is refused."""
        self._connection.request("GET", "/login")
        answer = self._connection.getresponse()
        page = answer.read().decode()
        token = re.search(r'name="csrf_token" value="([^"]+)"', page)
        assert token is not None, page[:500]
        form = urlencode({"name": name, "password": password, "csrf_token": token[1]})
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": _cookie_of(answer)}
        self._connection.request("POST", "/login", form, headers)
        answer = self._connection.getresponse()
        answer.read()
        assert answer.status in (302, 303), answer.status
        self.cookie = _cookie_of(answer)

    def close(self) -> None:
        """Hang up."""
        self._connection.close()


def _cookie_of(answer: http.client.HTTPResponse) -> str:
    return "; ".join(one.partition(";")[0] for one in answer.headers.get_all("Set-Cookie", []))


def keep_open(port: int, cookies: list[str], stop: Event, told: Any) -> None:
    """Open first pages, one for each cookie, until ``stop``; puts {address: milliseconds of each answer} into ``told``.

    For a process of its own: what the asking costs is not the daemon's.
    """
    took: defaultdict[str, list[float]] = defaultdict(list)
    pages = [
        threading.Thread(target=_follow, args=(port, cookie, number / len(cookies), stop, took))
        for number, cookie in enumerate(cookies)
    ]
    for page in pages:
        page.start()
    for page in pages:
        page.join()
    told.put(dict(took))


def _follow(port: int, cookie: str, later_s: float, stop: Event, took: defaultdict[str, list[float]]) -> None:
    # People do not open their pages at the same instant.
    time.sleep(later_s * POLL_S)
    visitor = Visitor(port, cookie)
    live_key = day_key = ""
    settle_at = 0.0

    def ask(path: str) -> bytes:
        status, body, spent_ms = visitor.get(path)
        assert status == 200, f"{path}: {status}"
        took[f"open page {path}"].append(spent_ms)
        return body

    while not stop.is_set():
        begun = monotonic()
        status = json.loads(ask("/api/v1/status"))
        if (key := _live_key(status)) != live_key:
            ask("/part/live")
            live_key = key
        settles = settle_at > 0 and monotonic() > settle_at
        if (key := _day_key(status)) != day_key or settles:
            ask("/part/today")
            settle_at, day_key = (0.0, key) if settles else (monotonic() + SETTLE_S, key)
        stop.wait(max(0.0, POLL_S - (monotonic() - begun)))
    visitor.close()


def _live_key(status: dict[str, Any]) -> str:
    """What makes the page fetch its live part anew."""
    air = {**status["on_air"], "offset_s": None, "rms_dbfs": status["on_air"].get("rms_dbfs") is None}
    air |= {"peak_dbfs": None, "meter_ahead": None, "bed_depth_db": None}
    health = {name: value for name, value in status["health"].items() if name not in ("disk_free_mb", "dead_air_s")}
    rest = {name: value for name, value in status.items() if name != "now"}
    return json.dumps({**rest, "on_air": air, "health": health})


def _day_key(status: dict[str, Any]) -> str:
    """What makes it fetch the day anew."""
    air, now = status["on_air"], datetime.fromisoformat(status["now"])
    spot, track = air.get("spot") or {}, air.get("track") or {}
    held = [one["id"] for one in status.get("interventions", ())]
    return json.dumps([f"{now:%Y-%m-%d %H:%M}", status["plan"], spot.get("id"), track.get("started_at"), held])

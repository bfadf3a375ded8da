"""A small store with emergencies and a chime for live pages: bed, spot and messages are tones that tell themselves."""

from __future__ import annotations

import base64
import json
import threading
import time
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np

from broadcaster.clock import monotonic
from broadcaster.store.database import open_database
from broadcaster.store.users import Users
from tests.lab import signals
from tests.lab.analysis import tone_level_db
from tests.lab.take import Take
from tests.live_kit import STATION, Daemon, Store, all_day, wait

BED_HZ, SPOT_HZ, ZH_HZ, EN_HZ, DRILL_HZ, CHIME_HZ, VOICE_HZ = 400.0, 700.0, 1100.0, 1700.0, 2300.0, 3100.0, 1300.0
PASSWORD = "secret-word-1"
MESSAGES = """
emergencies:
  evacuate: {title: {zh: 疏散, en: Evacuate}, scripts: [evacuate-zh, evacuate-en], pause: 0.5 s}
  drill: {title: {zh: 演习, en: Drill}, scripts: [drill], pause: 0.5 s}
live: {longest: 8 s, chime: chime}
"""


def lay_out(root: Path, programme: str = "", more: str = "") -> Store:
    """The store with its sound prepared; wang may command, li may only look."""
    store = Store(root)
    store.lay_out(programme or all_day("{playlist: tones}"))
    store.write("config/station.yaml", STATION + MESSAGES + more)
    signals.sine(root / "playlists/tones/one.wav", BED_HZ, 300)
    signals.sine(root / "announcements/chimes/chime.wav", CHIME_HZ, 1.2)
    for name, hz, seconds in (("call", SPOT_HZ, 6), ("evacuate-zh", ZH_HZ, 2), ("evacuate-en", EN_HZ, 2),
                              ("drill", DRILL_HZ, 2)):  # fmt: skip
        signals.sine(root / f"announcements/{name}.wav", hz, seconds)
        store.write(f"announcements/{name}.yaml", f"title: {name}\nrecording: {name}.wav\n")
    store.prepare()
    database = open_database(root / "var" / "broadcaster.db")
    users = Users(database)
    for name, role in (("wang", "announcer"), ("li", "supervisor"), ("zhao", "manager")):
        users.add(name, name, role, PASSWORD)
    database.dispose()
    return store


class Hands:
    """People at the API of a running daemon."""

    def __init__(self, daemon: Daemon) -> None:
        self.daemon = daemon

    def ask(self, method: str, path: str, body: Any = None, who: str = "wang") -> Any:
        """The answer's document; ``HTTPError`` for a refusal."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(f"http://127.0.0.1:{self.daemon.port}/api/v1{path}", raw, method=method)
        request.add_header("Authorization", "Basic " + base64.b64encode(f"{who}:{PASSWORD}".encode()).decode())
        kind = "application/octet-stream" if isinstance(body, bytes) else "application/json"
        request.add_header("Content-Type", kind)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.loads(answer.read() or b"null")

    def refused(self, method: str, path: str, body: Any = None, who: str = "wang") -> int:
        """The status of a refusal."""
        try:
            self.ask(method, path, body, who)
        except urllib.error.HTTPError as error:
            return error.code
        return 200

    def call(self, message: str = "evacuate", who: str = "li") -> float:
        """Call a message; the monotonic instant before it was asked."""
        asked = monotonic()
        self.ask("POST", "/emergency", {"message": message, "reason": "试验"}, who)
        return asked

    def end(self, who: str = "li") -> float:
        """End it; the same."""
        asked = monotonic()
        self.ask("POST", "/emergency/end", {}, who)
        return asked

    @property
    def air(self) -> dict[str, Any]:
        """What is on air."""
        status: dict[str, Any] = wait(self.daemon.status, 15, "the status")
        found: dict[str, Any] = status["on_air"]
        return found

    @property
    def now(self) -> str:
        """The station's time."""
        status: dict[str, Any] = wait(self.daemon.status, 15, "the status")
        return str(status["now"])

    def speak(self, number: int, samples: np.ndarray, piece_s: float = 0.1, *, pace: float = 1.0) -> float:
        """Send a voice in pieces as a microphone would; the monotonic instant of the first."""
        count = round(piece_s * 48_000)
        pcm = np.round(np.clip(samples, -1, 1) * 32_767).astype("<i2")
        begun = monotonic()
        for n, at in enumerate(range(0, len(pcm), count)):
            time.sleep(max(0.0, begun + (n + 1) * piece_s * pace - monotonic()))
            self.ask("POST", f"/live/{number}/chunk?n={n}", pcm[at : at + count].tobytes())
        return begun


def tones(take: Take) -> dict[str, float]:
    """Level of each of the store's tones, in dBFS."""
    named = {"bed": BED_HZ, "spot": SPOT_HZ, "zh": ZH_HZ, "en": EN_HZ, "drill": DRILL_HZ, "chime": CHIME_HZ,
             "voice": VOICE_HZ}  # fmt: skip
    return {name: tone_level_db(take, hz) for name, hz in named.items()}


def first_of(take: Take, hz: float, after: float, over_db: float = -45.0, step_s: float = 0.01) -> float | None:
    """The instant at which a tone can first be told, to a window of 20 ms."""
    at = after
    while at + 0.02 < take.end:
        if tone_level_db(take.slice(at, at + 0.02), hz) > over_db:
            return at
        at += step_s
    return None


class Box:
    """A contact in the network, in the test's hand."""

    def __init__(self) -> None:
        self.answer = b"0"
        box = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.end_headers()
                self.wfile.write(box.answer)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """It is gone."""
        self.server.shutdown()
        self.server.server_close()

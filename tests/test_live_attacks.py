"""Attacks on the running daemon while music is recorded: they fail, nothing fills up, and nobody in the store hears."""

from __future__ import annotations

import base64
import contextlib
import http.client
import io
import json
import socket
import struct
import zipfile
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import numpy as np
import psutil
import pytest

from broadcaster.clock import monotonic
from broadcaster.settings import Home
from broadcaster.store.database import open_database
from broadcaster.store.users import Users
from tests.lab import signals
from tests.lab.analysis import envelope_db
from tests.lab.recorder import Recorder
from tests.lab.sink import NullSink
from tests.live_kit import STATION, Daemon, Store, all_day, running, wait
from tests.media_kit import song_bytes

pytestmark = [pytest.mark.audio, pytest.mark.beside, pytest.mark.slow]

BEGIN = ("--at", "2026-11-28T00:00:01")
"""The tone's first seconds: it is longer than all tests together, and no joint comes between."""
PASSWORD = "secret-word-1"
LIMIT_MB = 8
TWO_GB = 2_000_000_000
TONE_HZ = 1000.0
WINDOW_S = 0.002
"""Two whole waves of the tone, so that every window is as loud as any other, wherever it begins."""
NAMES = [
    "../../../evil.flac", "/etc/evil.flac", "C:\\Windows\\evil.flac", "..\\..\\evil.flac", "a\0b.flac", "CON.flac",
    "x" * 300 + ".flac", "\u202ecalf.exe.flac", "$(reboot).flac", "<b onclick=a>.flac",
]  # fmt: skip


@dataclass
class OnAir:
    """The daemon with a tone on air, somebody's token, and the recording."""

    daemon: Daemon
    recorder: Recorder
    token: str

    @property
    def root(self) -> Path:
        return self.daemon.root

    def line(self, limit_s: float = 30.0) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.daemon.port, timeout=limit_s)

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, bytes, dict[str, str]]:
        """One request on a connection of its own."""
        line = self.line()
        with contextlib.closing(line):
            line.request(method, path, body, headers)
            answer = line.getresponse()
            return answer.status, answer.read(), dict(answer.getheaders())

    def send(self, content: bytes, name: str) -> dict[str, Any]:
        """Upload as the announcer and wait for the verdict."""
        status, told, _ = self.ask("POST", f"{UPLOADS}?name={quote(name)}", content, **self.announcer)
        if status != 202:
            return {"state": f"{status}", "reason": told.decode()}
        where = f"/api/v1/uploads/{json.loads(told)['id']}"

        def verdict() -> dict[str, Any] | None:
            found: dict[str, Any] = json.loads(self.ask("GET", where, **self.announcer)[1])
            return found if found["state"] != "checking" else None

        found: dict[str, Any] = wait(verdict, 60, f"the verdict on {name}")
        return found

    @property
    def announcer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    def weighs(self) -> float:
        """Megabytes of the home folder."""
        sizes = [path.stat().st_size for path in self.root.rglob("*") if path.is_file()]
        return sum(sizes) / 1e6

    def memory(self) -> float:
        """Megabytes of the daemon and what it started, the engine aside."""
        assert self.daemon.process is not None
        return float(psutil.Process(self.daemon.process.pid).memory_info().rss / 1e6)

    @contextlib.contextmanager
    def undisturbed(self) -> Iterator[None]:
        """What happens in here is not heard, fills neither disk nor memory, and the page answers afterwards."""
        begun, disk, memory = monotonic(), self.weighs(), self.memory()
        yield
        self.recorder.wait_until(monotonic() + 0.3, timeout=20)
        take = self.recorder.wait_until(begun + 1, timeout=20).slice(begun, monotonic() - 0.2)
        levels = envelope_db(take, WINDOW_S)
        assert len(levels) > 100
        assert holes(levels) == [], self.daemon.console[-3000:]
        assert self.weighs() - disk < 3 * LIMIT_MB
        assert self.memory() - memory < 100
        status, page, _ = self.ask("GET", "/")
        assert status == 200, page.decode()[:2000] + self.daemon.console[-3000:]
        assert list((self.root / "var" / "incoming").iterdir()) == []


UPLOADS = "/api/v1/playlists/hum/uploads"


@pytest.fixture(scope="module")
def air(tmp_path_factory: pytest.TempPathFactory, null_sink: NullSink) -> Iterator[OnAir]:
    store = Store(tmp_path_factory.mktemp("attacked") / "home")
    store.lay_out(all_day("{playlist: tone}"))
    store.write("config/station.yaml", f"{STATION}page: {{upload_mb: {LIMIT_MB}}}\n")
    signals.sine(store.root / "playlists/tone/one.wav", TONE_HZ, 240)
    (store.root / "playlists/hum").mkdir()
    signals.sine(store.root / "playlists/hum/one.wav", 400, 2)
    store.prepare()
    database = open_database(Home(store.root).database)
    users = Users(database)
    account = users.add("wanglan", "王兰", "announcer", PASSWORD)
    secret, _ = users.tokens.make(account.id, "attack")
    database.dispose()
    if not null_sink.running:
        null_sink.restart()
    with Recorder(null_sink) as recorder, running(store.root, null_sink, *BEGIN) as daemon:
        daemon.ready()
        one = OnAir(daemon, recorder, secret)
        # Its threads and pages are there, its first crossfade is over.
        wait(lambda: _steady(recorder), 20, "the tone")
        for _ in range(5):
            one.ask("GET", "/")
        yield one


def holes(levels: np.ndarray[Any, np.dtype[np.float64]]) -> list[str]:
    """Stretches that are not as loud as the rest."""
    off = np.concatenate(([False], np.abs(levels - np.median(levels)) >= 0.5, [False]))
    edges = np.flatnonzero(off[1:] != off[:-1]).reshape(-1, 2)
    return [f"{end - begin} windows from {begin * WINDOW_S:.3f} s on of {len(levels) * WINDOW_S:.1f} s, "
            f"{levels[begin:end].min():.1f} to {levels[begin:end].max():.1f} dB" for begin, end in edges]  # fmt: skip


def _steady(recorder: Recorder) -> bool:
    now = monotonic()
    take = recorder.wait_until(now, timeout=10).slice(now - 1.0, now)
    levels = envelope_db(take, WINDOW_S)
    return bool(len(levels) and levels.min() > -60 and np.ptp(levels) < 0.2)


def test_two_gigabytes_never_arrive(air: OnAir) -> None:
    """Told beforehand: refused by the header. In pieces of no told length: cut off at the limit."""
    sent = 0

    def endless() -> Iterator[bytes]:
        nonlocal sent
        while sent < TWO_GB:
            sent += 1 << 20
            yield bytes(1 << 20)

    with air.undisturbed():
        for who in ({}, air.announcer):
            for length in ({"Content-Length": str(TWO_GB)}, {}):
                sent = 0
                with contextlib.closing(air.line()) as line, contextlib.suppress(OSError):
                    # Either it reads the refusal, or finds the line cut while it sends.
                    line.request("POST", f"{UPLOADS}?name=a.flac", endless(), {**who, **length})
                    assert line.getresponse().status == 413
                assert sent < 40_000_000, (bool(who), length)
        assert list((air.root / "playlists/hum").iterdir()) == [air.root / "playlists/hum/one.wav"]


def test_what_only_looks_like_music_is_refused(air: OnAir, tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("zeros", bytes(200_000_000))
    header = struct.pack("<4sI4s4sIHHIIHH4sI", b"RIFF", 0xFFFFFFF0, b"WAVE", b"fmt ", 16, 1, 2, 44_100, 176_400, 4, 16,
                         b"data", 0xFFFFFF00)  # fmt: skip
    good = bytearray(song_bytes(seconds=1.0, folder=tmp_path / "sent"))
    # 36 bits of STREAMINFO, at byte 21 and a half: ten hours of samples.
    good[21:26] = ((int.from_bytes(good[21:26]) >> 36 << 36) | 10 * 3600 * 44_100).to_bytes(5)
    with air.undisturbed():
        for name, content in {
            "bomb.flac": packed.getvalue(), "long.wav": header + bytes(1_000_000), "long.flac": bytes(good),
            "text.mp3": b"#!/bin/sh\nreboot\n" * 100,
            "empty.ogg": b"", "noise.mp3": np.random.default_rng(1).bytes(50_000),
        }.items():  # fmt: skip
            assert air.send(content, name)["state"] in ("refused", "422", "400"), name


def test_names_of_files_lead_nowhere(air: OnAir, tmp_path: Path) -> None:
    """Good music under bad names comes in under a good name or not at all, and nowhere else."""
    beside = {path for path in air.root.parent.rglob("*") if air.root not in path.parents}
    with air.undisturbed():
        for number, name in enumerate(NAMES):
            content = song_bytes(f"{number}.flac", 300.0 + 50 * number, 2.0, folder=tmp_path / "sent")
            assert air.send(content, name)["state"] in ("kept", "refused", "422", "400"), name
    assert {path for path in air.root.parent.rglob("*") if air.root not in path.parents} == beside
    kept = [path for path in air.root.rglob("*.flac") if "var" not in path.relative_to(air.root).parts]
    assert {path.parent for path in kept} == {air.root / "playlists/hum"}
    for path in kept:
        assert len(path.name) < 200 and not set(path.name) & set('\0/\\<>:"|?*\u202e'), path.name
        assert path.stem.upper() != "CON"


def test_a_thousand_wrong_passwords(air: OnAir) -> None:
    """Most are not even looked at; and whoever has a log-in is not kept out."""

    def guess(number: int) -> int:
        status, _, _ = air.ask(
            "GET", "/api/v1/account", Authorization=f"Basic {_basic('wanglan', f'guess-{number}')}"
        )  # fmt: skip
        return status

    with air.undisturbed(), ThreadPoolExecutor(8) as crowd:
        became = Counter(crowd.map(guess, range(1000)))
        assert set(became) == {401, 429} and became[401] < 40, became
        assert air.ask("GET", "/api/v1/account", **air.announcer)[0] == 200


def _basic(name: str, password: str) -> str:
    return base64.b64encode(f"{name}:{password}".encode()).decode()


def test_lines_that_say_nothing_keep_nobody_out(air: OnAir) -> None:
    """More of them than the server would serve at a time, each in the middle of its header or of its body."""
    heads = [b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ", b"POST /login HTTP/1.1\r\nHost: localhost\r\n"
             b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 60000\r\n\r\nname="]  # fmt: skip
    with air.undisturbed(), contextlib.ExitStack() as lines:
        for number in range(150):
            line = lines.enter_context(socket.create_connection(("127.0.0.1", air.daemon.port), timeout=10))
            line.sendall(heads[number % 2])
        for path in ("/", "/api/v1/status", "/login"):
            assert air.ask("GET", path)[0] == 200


def test_two_hundred_at_once_are_answered(air: OnAir) -> None:
    paths = ["/", "/api/v1/status", "/api/v1/rundown/2026-11-28", "/screen", "/part/live"]
    with air.undisturbed(), ThreadPoolExecutor(50) as crowd:
        answers = list(crowd.map(lambda number: air.ask("GET", paths[number % len(paths)])[0], range(200)))
        assert Counter(answers) == {200: 200}


def test_another_sites_page_does_nothing_on_air(air: OnAir) -> None:
    """With the announcer's own cookie: without its token, with a wrong one, and with a right one from elsewhere."""
    # From another address of the machine: the guesser's is held back.
    _, page, headers = _from("127.0.0.7", air, "GET", "/login")
    crumb = page.decode().split('name="csrf_token" value="')[1].split('"')[0]
    form = {"name": "wanglan", "password": PASSWORD, "csrf_token": crumb}
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    cookie = headers["Set-Cookie"].split(";")[0]
    status, _, headers = _from("127.0.0.7", air, "POST", "/login", urlencode(form), Cookie=cookie, **kind)
    assert status in (302, 303)
    cookie = headers["Set-Cookie"].split(";")[0]
    _, own, headers = _from("127.0.0.7", air, "GET", "/account", Cookie=cookie)
    cookie = headers["Set-Cookie"].split(";")[0]  # the token's other half is in it
    crumb = own.decode().split('name="csrf_token" value="')[1].split('"')[0]
    with air.undisturbed():
        for sent, more in (
            ({}, {}),
            ({"csrf_token": "made-up"}, {}),
            ({"csrf_token": crumb}, {"Origin": "https://evil.example"}),
            ({"csrf_token": crumb}, {"Origin": "null"}),
        ):
            for path in ("/air/stop", "/air/mute", "/air/pause"):
                body = urlencode({**sent, "minutes": "5", "reason": "x"})
                assert _from("127.0.0.7", air, "POST", path, body, Cookie=cookie, **more, **kind)[0] == 400
        assert (air.daemon.status() or {})["interventions"] == []
    # The same with all that belongs to it works, and is heard: what was refused was refused for its reason.
    body = urlencode({"csrf_token": crumb, "minutes": "5"})
    assert _from("127.0.0.7", air, "POST", "/air/mute", body, Cookie=cookie, **kind)[0] in (200, 302, 303)
    wait(lambda: (air.daemon.status() or {})["interventions"], 5, "the mute that the announcer asked for")


def _from(address: str, air: OnAir, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, bytes, Any]:
    line = http.client.HTTPConnection("127.0.0.1", air.daemon.port, timeout=30, source_address=(address, 0))
    with contextlib.closing(line):
        line.request(method, path, body, headers)
        answer = line.getresponse()
        return answer.status, answer.read(), dict(answer.getheaders())

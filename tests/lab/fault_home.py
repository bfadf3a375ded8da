"""The store in which faults are injected: a bed that is a clock, a spot every half minute, a phone for its alerts."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import threading
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from broadcaster.clock import monotonic
from broadcaster.store.database import open_database
from broadcaster.store.users import Users
from tests.lab import signals, sweep
from tests.lab.sink import NullSink
from tests.live_kit import LEVELS, STATION, Daemon, Store, all_day

SPOT_EVERY_S = 30
SPOT_S = 4.0
LATE_BY_S = 3.0
PASSWORD = "secret-word-1"
PROGRAMME = (
    all_day("{playlist: tones}")
    + f"spots:\n  - {{id: call, title: 呼叫, script: call, every: {SPOT_EVERY_S} s, move_by: 1 s, "
    + f"lateness: {LATE_BY_S:g} s,\n     windows: [{{from: '00:00', to: '24:00'}}]}}\n"
)


def lay_out(root: Path, phone_port: int = 0, more: str = "") -> Store:
    """The plan with everything prepared, and people: ``li`` submits, ``wang`` approves. ``more``: station.yaml."""
    store = Store(root)
    store.lay_out(PROGRAMME)
    alerts = ""
    if phone_port:
        target = f"{{url: 'json://127.0.0.1:{phone_port}/tell', least: notice, language: en}}"
        alerts = f"alerts: {{to: [{target}], heartbeat: {{url: 'http://127.0.0.1:{phone_port}/beat', every: 10 s}}}}\n"
    store.write("config/station.yaml", STATION + alerts + more)
    store.write("config/levels.yaml", LEVELS)
    sweep.write_tracks(root / "playlists/tones")
    signals.sine(root / "announcements/call.wav", sweep.SPOT_HZ, SPOT_S)
    store.write("announcements/call.yaml", "title: 呼叫\nrecording: call.wav\n")
    stand_in_music(root)
    store.prepare()
    database = open_database(root / "var/broadcaster.db")
    users = Users(database)
    users.add("li", "李", "promo", PASSWORD)
    users.add("wang", "王", "manager", PASSWORD)
    database.dispose()
    return store


def stand_in_music(root: Path) -> None:
    """Something short in place of the built-in fallback music, which takes long to be composed."""
    for number in (1, 2):
        signals.ruler(root / f"var/fallback/{number}.wav", 20, db=-20, seed=number)


def ask(port: int, who: str, method: str, path: str, body: Any = None, timeout_s: float = 20.0) -> Any:
    """What the API of a daemon answers one of its people. Raises ``OSError`` where it refuses or is not there."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"http://127.0.0.1:{port}/api/v1{path}", data, method=method)
    request.add_header("Authorization", "Basic " + base64.b64encode(f"{who}:{PASSWORD}".encode()).decode())
    request.add_header("Content-Type", "application/json")
    with urllib.request.urlopen(request, timeout=timeout_s) as answer:
        return json.load(answer)


class LabSink(NullSink):
    """A sound server as a machine has it: programs play to whatever device is the default one."""

    def __init__(self, extra: Mapping[str, str] | None = None) -> None:
        super().__init__()
        self.extra = dict(extra or {})

    @property
    def env(self) -> dict[str, str]:
        chosen = ("PULSE_SINK", "PULSE_SOURCE")
        return {name: value for name, value in super().env.items() if name not in chosen} | self.extra


class Supervisor:
    """Starts the daemon again whenever it ends, as a service manager does."""

    def __init__(self, daemon: Daemon, pause_s: float = 0.1) -> None:
        self.daemon = daemon
        self.starts: list[float] = []
        self.pause_s = pause_s
        self._held = threading.Event()
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="supervisor", daemon=True)
        self._thread.start()

    @contextmanager
    def holding(self) -> Iterator[None]:
        """The daemon is not started again within this."""
        self._held.set()
        try:
            yield
        finally:
            self._held.clear()

    def close(self) -> None:
        """The daemon is left alone, and ended."""
        self._ending.set()
        self._thread.join(10)
        self.daemon.stop()

    def _run(self) -> None:
        while not self._ending.wait(0.02):
            process = self.daemon.process
            if self._held.is_set() or process is None or process.poll() is None:
                continue
            if self._ending.wait(self.pause_s) or self._held.is_set():
                continue
            self.starts.append(monotonic())
            self.daemon.start()


@contextmanager
def supervised(root: Path, sink: NullSink, *arguments: str) -> Iterator[Supervisor]:
    """The daemon under a supervisor, ended whatever happens."""
    supervisor = Supervisor(Daemon(root, sink, *arguments))
    try:
        yield supervisor
    finally:
        supervisor.close()


def file_end(path: Path) -> int:
    """The size of a file, 0 if there is none."""
    with contextlib.suppress(OSError):
        return path.stat().st_size
    return 0


def read_from(path: Path, position: int) -> str:
    """What was appended to a file since; a rotated one is read from its beginning."""
    with contextlib.suppress(OSError), path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        file.seek(position if size >= position else 0)
        return file.read().decode("utf-8", "replace")
    return ""

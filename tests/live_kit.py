"""A small store for tests with real sound: a home folder, the real daemon on it, and what was heard."""

from __future__ import annotations

import contextlib
import json
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil

from broadcaster.clock import monotonic
from broadcaster.publishing.publish import Publisher
from tests.lab.sink import NullSink

STATION = """
name: {zh: 试验店, en: Test store}
timezone: UTC
country: none
sound: {crossfade: 1 s, fade_out: 1 s, duck: {by: 14 dB, attack: 0.4 s, release: 0.6 s}}
"""
LEVELS = """
levels:
  full: {title: 满, range: [20, 20]}
  welcome: {title: 迎宾, range: [24, 21]}
  english: {title: 英文, range: [24, 27]}
  light: {title: 轻, range: [24, 24]}
  speech: {title: 人声, range: [20, 23], nominal: 21}
"""
CALENDAR = """
hours: {open: "00:00", close: "24:00"}
"""


def wait(condition: Callable[[], Any], limit_s: float, what: str) -> Any:
    """What the condition says once it says something; an error at the deadline."""
    deadline = monotonic() + limit_s
    while monotonic() < deadline:
        if answer := condition():
            return answer
        time.sleep(0.02)
    raise AssertionError(f"{what}: not within {limit_s:g} s")


def to_mono(wall_s: float) -> float:
    """The monotonic instant of a wall instant given in seconds of the epoch."""
    return monotonic() + wall_s - time.time()


def hms(wall_s: float) -> str:
    """Time of day in UTC."""
    return datetime.fromtimestamp(wall_s, UTC).strftime("%H:%M:%S")


@dataclass
class Store:
    """A home folder with a plan around now."""

    root: Path
    files: dict[str, str] = field(default_factory=dict)

    def write(self, name: str, text: str) -> None:
        """One file of the plan."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def lay_out(self, programme: str) -> None:
        """The standing files and this programme."""
        self.write("config/station.yaml", STATION)
        self.write("config/levels.yaml", LEVELS)
        self.write("config/calendar.yaml", CALENDAR)
        self.write("config/programme.yaml", programme)
        (self.root / "playlists").mkdir(exist_ok=True)
        (self.root / "announcements").mkdir(exist_ok=True)

    def programme(self, text: str) -> None:
        """Another programme: its times are best set when all audio is prepared."""
        self.write("config/programme.yaml", text)

    def prepare(self) -> dict[str, Path]:
        """Prepare all audio; the prepared recording of each track and script by name. Faults are errors."""
        publisher = Publisher(self.root)
        publication = publisher.publish(datetime.now(UTC).date())
        publisher.close()
        assert publication.fit and publication.plan is not None, [str(fault) for fault in publication.faults]
        plan = publication.plan
        found = {Path(t.file).name: Path(t.path) for p in plan.playlists.values() for t in p.tracks}
        return found | {name: Path(clip.path) for name, clip in plan.clips.items() if clip.path}


def all_day(bed: str, level: str = "light") -> str:
    """A programme with one daypart all day."""
    return f"dayparts:\n  - {{id: all-day, title: 全天, from: '00:00', to: '24:00', bed: {bed}, level: {level}}}\n"


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Daemon:
    """The real daemon in its own process."""

    def __init__(self, root: Path, sink: NullSink, *arguments: str) -> None:
        self.root = root
        self._sink = sink
        self._arguments = arguments
        self.port = free_port()
        self.started_at = 0.0
        self.process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self, *arguments: str) -> None:
        """Start it (again)."""
        command = [sys.executable, "-m", "broadcaster", "--home", str(self.root), "run", "--port", str(self.port)]
        (self.root / "var").mkdir(exist_ok=True)
        self.started_at = monotonic()
        with (self.root / "var" / "console.txt").open("ab") as console:
            self.process = subprocess.Popen(
                [*command, *(arguments or self._arguments)],
                env=self._sink.child_env,
                stdout=console,
                stderr=console,
            )

    @property
    def console(self) -> str:
        """What it printed."""
        return (self.root / "var" / "console.txt").read_text(encoding="utf-8", errors="replace")

    @property
    def engine_pid(self) -> int:
        """The present engine's process."""
        return int((self.root / "var" / "run" / "engine.pid").read_text())

    def status(self) -> dict[str, Any] | None:
        """The status, or None while it does not answer. It may be some tenths of a second old."""
        found = self._ask_status()
        return found[0] if found else None

    def _ask_status(self) -> tuple[dict[str, Any], float] | None:
        """The status and its age in seconds: open pages share one answer for a moment."""
        address = f"http://127.0.0.1:{self.port}/api/v1/status"
        with contextlib.suppress(OSError, ValueError), urllib.request.urlopen(address, timeout=2) as answer:
            return json.load(answer), float(answer.headers.get("Age-Ms") or 0) / 1000
        return None

    def ready(self, limit_s: float = 30.0) -> dict[str, Any]:
        """Wait until a plan is on air and the engine plays; the status then."""

        def plays() -> dict[str, Any] | None:
            status = self.status()
            good = status and status["health"]["engine"] == "ok" and status["plan"]["version"]
            return status if good else None

        try:
            found: dict[str, Any] = wait(plays, limit_s, "the daemon on air")
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.console[-3000:]}") from None
        return found

    def clock_offset(self) -> float:
        """Station time less monotonic time, in seconds, to about a millisecond."""
        readings = []
        for _ in range(12):
            before = monotonic()
            found = self._ask_status()
            after = monotonic()
            if found:
                now = datetime.fromisoformat(found[0]["now"]).timestamp() + found[1]
                readings.append((after - before, now - (before + after) / 2))
        return min(readings)[1]

    def kill(self) -> None:
        """SIGKILL, as a crash."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        """End it in order, or else at once."""
        if self.process is None or self.process.poll() is not None:
            return
        with contextlib.suppress(psutil.Error):
            psutil.Process(self.process.pid).resume()
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.kill()


@contextlib.contextmanager
def running(root: Path, sink: NullSink, *arguments: str) -> Iterator[Daemon]:
    """The daemon, ended whatever happens."""
    daemon = Daemon(root, sink, *arguments)
    try:
        yield daemon
    finally:
        daemon.stop()


def dayparts(start_s: float, lengths: Sequence[tuple[str, str, float]]) -> str:
    """Dayparts one after another from a whole second on: (bed, level, seconds) each."""
    text, at = "dayparts:\n", start_s
    for index, (bed, level, seconds) in enumerate(lengths):
        text += (
            f"  - {{id: part-{index}, title: 第{index}段, from: '{hms(at)}', to: '{hms(at + seconds)}', "
            f"bed: {bed}, level: {level}}}\n"
        )
        at += seconds
    return text


def next_whole_second(ahead_s: float) -> float:
    """A whole second of the wall clock, at least so far ahead; not across midnight."""
    at = float(int(time.time() + ahead_s) + 1)
    day_end = datetime.fromtimestamp(at, UTC).replace(hour=0, minute=0, second=0) + timedelta(days=1)
    if day_end.timestamp() - at < 120:
        # A plan that must fit before midnight would not: rather wait for the new day than fail once a day.
        wait(lambda: datetime.now(UTC) > day_end, 130, "the new day")
        return next_whole_second(ahead_s)
    return at

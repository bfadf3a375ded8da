"""A day at real pace: the starter's mall on the real daemon, recorded all the time, looked at every minute.

``python -m bench.soak --out FOLDER [--hours 24] [--timezone America/New_York] [--expect weather]`` writes a line a
minute to ``soak.csv``: memory of daemon, engine, ear and all other children (RSS, MB), CPU, threads, open files, the
page's answering times, dead air as the status tells it, open alerts, seconds of sound that were missing by the
recording, disk; and each hour ``summary.json``: growth against the first hour, all that was missing, every alert.
``--expect`` names alerts that are true (a machine without a network has no weather).
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import json
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from broadcaster.clock import monotonic
from tests.lab.fault_home import LabSink, Supervisor, supervised
from tests.lab.sink import RATE, SINK
from tests.mall_kit import add_people, prepared_mall

MINUTE_S, HOUR_S = 60.0, 3600.0
BLOCK_S = 0.1
SILENT_DB = -60.0
GAP_S = 2.0
"""Shorter silences are a breath between sentences or a joint of two dayparts."""
EDGE_S = 2.5
"""So near to a planned silence, or to a spot that stops the bed, silence is a fade."""
MODULES = {"engine": "broadcaster.engine", "ear": "broadcaster.ear"}


class Listener:
    """Knows when it was silent, from the sink's monitor, block by block; keeps no sound."""

    def __init__(self, sink: LabSink) -> None:
        words = ["parec", f"--device={SINK}.monitor", "--format=float32le", f"--rate={RATE}", "--channels=2", "--raw"]
        self._child = subprocess.Popen(
            [*words, "--latency-msec=100"], env=sink.child_env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        self._gaps: deque[tuple[float, float]] = deque()
        self._since: float | None = None
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="listener", daemon=True)
        self._thread.start()

    def gaps(self) -> list[tuple[float, float]]:
        """Silences since the last call, as seconds of the epoch; one that goes on is cut here."""
        with self._lock:
            found, now = list(self._gaps), time.time()
            self._gaps.clear()
            if self._since is not None:
                found.append((self._since, now))
                self._since = now
            return found

    def close(self) -> None:
        self._child.terminate()
        self._thread.join(5)

    def _run(self) -> None:
        assert self._child.stdout is not None
        size = round(BLOCK_S * RATE) * 8
        while block := self._child.stdout.read(size):
            level = float(np.sqrt(np.mean(np.square(np.frombuffer(block[: len(block) // 4 * 4], np.float32)))))
            silent = level < 10 ** (SILENT_DB / 20)
            end = time.time()
            with self._lock:
                if silent and self._since is None:
                    self._since = end - BLOCK_S
                elif not silent and self._since is not None:
                    self._gaps.append((self._since, end - BLOCK_S))
                    self._since = None


@dataclass
class Soak:
    """What came of it so far."""

    hours: float
    expected: set[str]
    rows: list[dict[str, Any]] = field(default_factory=list)
    missing: list[tuple[str, float]] = field(default_factory=list)
    """When sound was missing (UTC), and for how many seconds."""
    alerts: dict[str, list[str]] = field(default_factory=dict)
    """Code of each alert that was not expected, with the minutes (UTC) at which it was open."""
    unanswered: int = 0
    """Minutes in which the page did not answer."""

    def summary(self) -> dict[str, Any]:
        """Growth against the first hour, in percent: the medians of its second half and of the last half hour."""
        found: dict[str, Any] = {
            "minutes": len(self.rows), "restarts": self.rows[-1]["restarts"] if self.rows else 0,
            "missing_s": round(sum(seconds for _, seconds in self.missing), 1), "missing": self.missing[-200:],
            "false_alerts": {code: [len(at), *at[:5]] for code, at in self.alerts.items()},
            "page_unanswered": self.unanswered,
        }  # fmt: skip
        for name in ("daemon_mb", "engine_mb", "ear_mb", "children_mb", "page_ms", "status_ms"):
            first, last = (self._median(name, rows) for rows in (self.rows[30:60] or self.rows, self.rows[-30:]))
            found[name] = {"first_hour": first, "last": last, "max": max((row[name] for row in self.rows), default=0)}
            if first:
                found[name]["growth_percent"] = round(100 * (last / first - 1), 1)
        return found

    @staticmethod
    def _median(name: str, rows: Sequence[dict[str, Any]]) -> float:
        values = [row[name] for row in rows if row[name]]
        return round(float(np.median(values)), 1) if values else 0.0


def unplanned(gaps: Sequence[tuple[float, float]], quiet: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """What of the silences was not planned; all in seconds of the epoch."""
    found = list(gaps)
    for begin, end in quiet:
        cut = []
        for a, b in found:
            cut += [(a, min(b, begin)), (max(a, end), b)] if a < end and b > begin else [(a, b)]
        found = [(a, b) for a, b in cut if b > a]
    return [(a, b) for a, b in found if b - a >= GAP_S]


def quiet_times(rundown: dict[str, Any]) -> list[tuple[float, float]]:
    """When nothing need sound on a date: outside of the programme, in planned silence, while a spot stops the bed."""

    def at(text: str) -> float:
        return datetime.fromisoformat(text).timestamp()

    sounding = [
        (at(one["start"]) + EDGE_S, at(one["end"]) - EDGE_S)
        for one in rundown["segments"]
        if one["bed"]["kind"] != "silence"
    ]
    start = datetime.fromisoformat(rundown["segments"][0]["start"]) if rundown["segments"] else datetime.now(UTC)
    midnight = start.replace(hour=0, minute=0, second=0, microsecond=0).timestamp()
    quiet, edge = [], midnight
    for begin, end in sorted(sounding):
        quiet.append((edge, begin))
        edge = end
    quiet.append((edge, midnight + 86400))
    spots = [(at(one["at"]) - EDGE_S, at(one["at"]) + one["duration_s"] + EDGE_S) for one in rundown["spots"]]
    return [*quiet, *spots]


def ask(port: int, path: str) -> tuple[Any, float]:
    """An answer's body, and how long it took in milliseconds. Raises ``OSError``."""
    begun = monotonic()
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=20) as answer:
        body = answer.read()
        kind = answer.headers.get("Content-Type", "")
    return (json.loads(body) if "json" in kind else body), round(1000 * (monotonic() - begun), 1)


def look(soak: Soak, root: Path, supervisor: Supervisor, gaps: Sequence[tuple[float, float]]) -> dict[str, Any]:
    """One minute's line."""
    now = datetime.now(UTC)
    row: dict[str, Any] = {"at": now.isoformat(timespec="seconds"), "restarts": len(supervisor.starts)}
    row |= weigh(supervisor)
    row |= {"page_ms": 0.0, "status_ms": 0.0, "dead_air_s": "", "ear": "", "engine": "", "alerts": ""}
    port = supervisor.daemon.port
    quiet: list[tuple[float, float]] = []
    try:
        _, row["page_ms"] = ask(port, "/")
        status, row["status_ms"] = ask(port, "/api/v1/status")
        today = datetime.fromisoformat(status["now"]).date()
        for day in (today - timedelta(days=1), today):
            quiet += quiet_times(ask(port, f"/api/v1/rundown/{day}")[0])
    except (OSError, ValueError, KeyError) as error:
        soak.unanswered += 1
        row["alerts"] = f"no answer: {error}"
    else:
        health = status["health"]
        row |= {"dead_air_s": health["dead_air_s"], "ear": health["ear"], "engine": health["engine"]}
        codes = sorted({alert["code"] for alert in health["alerts"]})
        row["alerts"] = " ".join(codes)
        for code in set(codes) - soak.expected:
            soak.alerts.setdefault(code, []).append(row["at"])
        holes = unplanned(gaps, quiet)
        soak.missing += [
            (datetime.fromtimestamp(a, UTC).isoformat(timespec="seconds"), round(b - a, 1)) for a, b in holes
        ]
        row["missing_s"] = round(sum(b - a for a, b in holes), 1)
    row.setdefault("missing_s", "")
    row["disk_mb"] = round(sum(path.stat().st_size for path in _files(root / "var")) / 1e6)
    return row


def weigh(supervisor: Supervisor) -> dict[str, Any]:
    """Memory of the daemon's processes, its CPU seconds so far, threads and open files."""
    found: dict[str, Any] = {"daemon_mb": 0.0, "engine_mb": 0.0, "ear_mb": 0.0, "children_mb": 0.0, "cpu_s": 0.0}
    found |= {"threads": 0, "files": 0}
    process = supervisor.daemon.process
    with contextlib.suppress(psutil.Error):
        daemon = psutil.Process(process.pid if process else 0)
        times = daemon.cpu_times()
        found["daemon_mb"] = round(daemon.memory_info().rss / 1e6, 1)
        found |= {"cpu_s": round(times.user + times.system, 1), "threads": daemon.num_threads()}
        found["files"] = len(daemon.open_files())
        for child in daemon.children(recursive=True):
            with contextlib.suppress(psutil.Error):
                words = child.cmdline()
                name = next((name for name, module in MODULES.items() if module in words), "children")
                found[f"{name}_mb"] = round(found[f"{name}_mb"] + child.memory_info().rss / 1e6, 1)
    return found


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def lay_out(root: Path, timezone: str) -> None:
    """The starter's mall in a time zone in which the store is open."""
    prepared_mall(root)
    path = root / "config/station.yaml"
    text, count = re.subn(r"(?m)^timezone:.*$", f"timezone: {timezone}", path.read_text("utf-8"))
    assert count == 1
    path.write_text(text, encoding="utf-8")
    add_people(root)


def run(folder: Path, soak: Soak, timezone: str) -> None:
    """Until the hours are over."""
    root = folder / "home"
    lay_out(root, timezone)
    ends = monotonic() + soak.hours * HOUR_S
    with contextlib.ExitStack() as parts:
        sink = parts.enter_context(LabSink())
        supervisor = parts.enter_context(supervised(root, sink))
        supervisor.daemon.ready(600)
        listener = Listener(sink)
        parts.callback(listener.close)
        file = parts.enter_context((folder / "soak.csv").open("w", newline="", encoding="utf-8"))
        writer: csv.DictWriter[str] | None = None
        due = monotonic() + MINUTE_S
        while due < ends:
            time.sleep(max(due - monotonic(), 0.0))
            due += MINUTE_S
            row = look(soak, root, supervisor, listener.gaps())
            soak.rows.append(row)
            if writer is None:
                writer = csv.DictWriter(file, list(row))
                writer.writeheader()
            writer.writerow(row)
            file.flush()
            (folder / "summary.json").write_text(json.dumps(soak.summary(), indent=1, ensure_ascii=False))
    print(json.dumps(soak.summary(), indent=1, ensure_ascii=False), flush=True)


def main() -> int:
    """0 if no sound was missing, no alert was false, and nothing had grown by more than a tenth."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--hours", type=float, default=24.0)
    parser.add_argument("--timezone", default="UTC")
    parser.add_argument("--expect", nargs="*", default=["weather"])
    options = parser.parse_args()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(2))
    options.out.mkdir(parents=True, exist_ok=True)
    soak = Soak(options.hours, set(options.expect))
    run(options.out, soak, options.timezone)
    found = soak.summary()
    grown = [name for name in ("daemon_mb", "engine_mb") if found[name].get("growth_percent", 0) > 10]
    return 0 if not (soak.missing or soak.alerts or grown) else 1


if __name__ == "__main__":
    sys.exit(main())

"""How exactly spots and bed tracks start: the real daemon, recorded through a null sink.

``python -m bench.starts [--spots 100]``: a spot every three seconds over silence, then a new daypart every three
seconds; each first sample against its planned instant. The recorder's own dating is good to about a millisecond.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np

from broadcaster.clock import monotonic
from tests.lab import signals
from tests.lab.analysis import onset
from tests.lab.recorder import Recorder
from tests.lab.sink import NullSink
from tests.live_kit import Store, all_day, dayparts, next_whole_second, running, to_mono

EVERY_S = 3


def spots(root: Path, sink: NullSink, count: int) -> list[float]:
    """Start errors of spots, in milliseconds."""
    store = Store(root)
    store.lay_out(
        all_day("silence")
        + f"spots:\n  - {{id: beep, title: beep, script: beep, every: {EVERY_S} s, lateness: 1 s, move_by: 0 s,\n"
        + "     windows: [{from: '00:00', to: '24:00'}]}\n"
    )
    signals.sine(root / "announcements/beep.wav", 1000, 1.0)
    store.write("announcements/beep.yaml", "title: beep\nrecording: beep.wav\n")
    store.prepare()
    with running(root, sink) as daemon:
        daemon.ready()
        first = (int(time.time()) // EVERY_S + 4) * EVERY_S
        return _errors(sink, [float(first + number * EVERY_S) for number in range(count)])


def beds(root: Path, sink: NullSink, count: int) -> list[float]:
    """Start errors of the first tracks of dayparts, in milliseconds."""
    store = Store(root)
    store.lay_out(all_day("{playlist: hum}"))
    signals.sine(root / "playlists/hum/one.wav", 1000, 20)
    store.prepare()
    start = next_whole_second(8)
    parts = [(("{playlist: hum}", "silence")[number % 2], "light", 1.5 + number % 2) for number in range(count * 2)]
    whole = [(bed, level, 1.0 if bed == "silence" else 2.0) for bed, level, _ in parts]
    store.programme(dayparts(start, whole))
    with running(root, sink) as daemon:
        daemon.ready()
        return _errors(sink, [start + number * 3.0 for number in range(count)])


def _errors(sink: NullSink, planned: list[float]) -> list[float]:
    found = []
    with Recorder(sink) as recorder:
        recorder.wait_for(lambda take: take.duration > 0.5, 10)
        for wall in planned:
            due = to_mono(wall)
            if due < monotonic() + 0.7:
                continue
            take = recorder.wait_until(due + 0.6, timeout=10)
            heard = onset(take.slice(due - 0.5, due + 0.6), due - 0.5, -50)
            found.append(float("inf") if heard is None else (heard - due) * 1000)
    return found


def show(what: str, errors: list[float], limit_ms: float) -> None:
    """One line of figures."""
    values = np.array(errors)
    size = np.abs(values)
    inside = int((size <= limit_ms).sum())
    print(
        f"{what}: {len(values)} starts, error ms: median {np.median(values):+.2f}, p95 {np.percentile(size, 95):.2f}, "
        f"p99 {np.percentile(size, 99):.2f}, max {size.max():.2f}; within {limit_ms:g} ms: {inside}/{len(values)}",
        flush=True,
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--spots", type=int, default=100)
    parser.add_argument("--beds", type=int, default=30)
    options = parser.parse_args()
    with NullSink() as sink:
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            show("spots", spots(Path(folder), sink, options.spots), 10)
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            show("bed tracks", beds(Path(folder), sink, options.beds), 30)


if __name__ == "__main__":
    main()

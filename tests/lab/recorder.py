"""Records what a null sink plays, from its monitor, with a date for every sample."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Callable
from functools import partial
from types import TracebackType
from typing import Self

import numpy as np

from broadcaster.clock import monotonic
from tests.lab.dating import Dating
from tests.lab.sink import RATE, SINK, LabError, NullSink
from tests.lab.take import Samples, Take

_FRAME = 8
_COMMAND = [
    "parec",
    "--format=float32le",
    f"--rate={RATE}",
    "--channels=2",
    "--raw",
]


class Recorder:
    """Records from entry to exit, on a thread of its own, about 23 MB a minute.

    When the server dies the recorder takes it up again as soon as it is back; the time between is recorded as
    silence of the right length, which arrives when the server is back. The first some 50 ms after that may be missed:
    let ``wait_until`` return once before something sounds. A frozen server gives no samples; those rendered late
    after a thaw are dated as if
    they had been in time, which is what the sink's own clock says.

    The recorder's latency is also the length of the block in which the sink renders, and players' starts fall on the
    bounds of blocks: with 5 ms starts come 2.5 ms later in the mean than with a fine grain.
    """

    def __init__(self, sink: NullSink, latency_ms: int = 2, device: str = SINK) -> None:
        self._sink = sink
        self._command = [*_COMMAND, f"--device={device}.monitor", f"--latency-msec={latency_ms}"]
        self._changed = threading.Condition()
        self._buffer: Samples = np.zeros((RATE * 30, 2), np.float32)
        self._count = 0
        self._dating = Dating(RATE)
        self._closing = threading.Event()
        self._child: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        try:
            self.wait_for(lambda take: take.duration >= 0.25, timeout=10)
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Recording ends; what was taken stays valid."""
        self._closing.set()
        with self._changed:
            if self._child is not None:
                self._child.terminate()
        self._thread.join(10)

    def take(self, since: float | None = None) -> Take:
        """All that was heard so far, or from a monotonic instant on. Costs nothing: the samples are not copied.

        The dates of the last second may still move by a fraction of a millisecond in later takes.
        ``LabError`` before the first sample.
        """
        with self._changed:
            samples = self._buffer[: self._count]
            index, mono = self._dating.knots()
        if not len(index):
            raise LabError("nothing was recorded yet")
        samples.flags.writeable = False
        whole = Take(samples, RATE, index, mono)
        return whole if since is None else whole.cut(whole.index(since), len(samples))

    def wait_until(self, mono: float, timeout: float | None = None) -> Take:
        """Waits until all up to a monotonic instant has arrived, and gives it.

        ``LabError`` if that takes until ``timeout`` seconds from now (default: 10 s after the instant).
        """
        limit = max(mono - monotonic(), 0) + 10 if timeout is None else timeout
        take = self.wait_for(lambda heard: heard.end >= mono, limit)
        return take.cut(0, take.index(mono))

    def wait_for(self, predicate: Callable[[Take], bool], timeout: float, since: float | None = None) -> Take:
        """The first take for which the predicate holds, asked anew each time something has arrived.

        The predicate sees what was heard from ``since`` on. ``LabError`` after ``timeout`` seconds.
        """
        deadline = monotonic() + timeout
        while True:
            with self._changed:
                before = self._count
                known = before > 0
            if known and predicate(take := self.take(since)):
                return take
            if monotonic() >= deadline:
                raise LabError(f"not heard within {timeout:g} s; {before / RATE:.1f} s were recorded in all")
            with self._changed:
                # In portions of 20 ms, so that a costly predicate does not starve the thread that dates the sound.
                left = min(0.25, max(0.0, deadline - monotonic()))
                self._changed.wait_for(partial(self._has, before + RATE // 50), left)

    def _has(self, count: int) -> bool:
        return self._count >= count

    def _run(self) -> None:
        while not self._closing.wait(0.01):
            if not self._sink.reachable:
                continue
            with self._changed:
                if self._closing.is_set():
                    return
                child = self._child = subprocess.Popen(
                    self._command,
                    bufsize=0,
                    env=self._sink.child_env,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                )
            with child:
                self._listen(child)
                child.kill()

    def _listen(self, child: subprocess.Popen[bytes]) -> None:
        assert child.stdout is not None
        pipe = child.stdout.fileno()
        rest = b""
        first = True
        while chunk := os.read(pipe, 1 << 18):
            arrival = monotonic()
            data = rest + chunk
            whole = len(data) - len(data) % _FRAME
            rest = data[whole:]
            with self._changed:
                if first:
                    self._begin_stream(arrival)
                    first = False
                self._dating.add(self._count, arrival)
                self._append(np.frombuffer(data[:whole], np.float32).reshape(-1, 2))
                self._changed.notify_all()

    def _begin_stream(self, arrival: float) -> None:
        if self._count:
            index, mono = self._dating.knots()
            gap = arrival - Take(self._buffer[: self._count], RATE, index, mono).end
            self._append(np.zeros((max(round(gap * RATE), 0), 2), np.float32))
        self._dating.begin(self._count)

    def _append(self, samples: Samples) -> None:
        end = self._count + len(samples)
        if end > len(self._buffer):
            # A new buffer: takes that look at the old one stay as they are.
            grown = np.zeros((max(end, 2 * len(self._buffer)), 2), np.float32)
            grown[: self._count] = self._buffer[: self._count]
            self._buffer = grown
        self._buffer[self._count : end] = samples
        self._count = end

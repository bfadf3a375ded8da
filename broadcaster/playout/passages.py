"""How loud the prepared recordings are from second to second, so that a quiet passage is not taken for a fault.

The conductor asks and never waits: recordings are read on a thread of this module's own, once each.
"""

from __future__ import annotations

import logging
import math
import queue
import threading
import time
import wave
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

log = logging.getLogger(__name__)

STEP_S = 0.5

SILENT_FILE_DBFS = -55.0
"""A recording softer than this, before any gain of ours, is silent at that place."""

KEPT = 200
"""Recordings whose levels are remembered, about 4 kB each."""

STRIDE = 7
"""Every so many samples are looked at: enough for a level, and it takes a tenth of the time."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A place in a recording."""

    level_dbfs: float
    """RMS of the half second."""
    silent_s: float
    """Length of the silent stretch of the recording that the place lies in; 0 where it sounds."""


class Passages:
    """May be asked from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: OrderedDict[str, tuple[float, ...]] = OrderedDict()
        self._asked: set[str] = set()
        self._queue: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    def at(self, path: str, offset_s: float) -> Passage | None:
        """The place in a recording; None until it was read, and where it can't be."""
        with self._lock:
            levels = self._known.get(path)
            if levels is None:
                self._ask(path)
                return None
            self._known.move_to_end(path)
        return passage(levels, offset_s)

    def know(self, path: str, levels: tuple[float, ...]) -> None:
        """A recording has these levels, half a second each."""
        with self._lock:
            self._known[path] = levels
            self._asked.discard(path)
            while len(self._known) > KEPT:
                self._known.popitem(last=False)

    def _ask(self, path: str) -> None:
        if path in self._asked:
            return
        self._asked.add(path)
        self._queue.put(path)
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="passages", daemon=True)
            self._thread.start()

    def _work(self) -> None:
        while True:
            path = self._queue.get()
            try:
                levels = read_levels(Path(path))
            except (OSError, EOFError, wave.Error, ValueError) as error:
                # Asked again when it is to air again; meanwhile it counts as sounding all the time.
                log.info("the level of %s can't be read: %s", path, error)
                levels = ()
            self.know(path, levels)


def passage(levels: tuple[float, ...], offset_s: float) -> Passage | None:
    """The place in a recording of these levels; None outside of it."""
    here = int(offset_s / STEP_S)
    if not 0 <= here < len(levels):
        return None
    if levels[here] >= SILENT_FILE_DBFS:
        return Passage(levels[here], 0.0)
    first = last = here
    while first > 0 and levels[first - 1] < SILENT_FILE_DBFS:
        first -= 1
    while last + 1 < len(levels) and levels[last + 1] < SILENT_FILE_DBFS:
        last += 1
    return Passage(levels[here], (last - first + 1) * STEP_S)


def read_levels(path: Path) -> tuple[float, ...]:
    """RMS in dBFS of each half second of a 16-bit WAV. Raises ``OSError``, ``EOFError``, ``wave.Error``."""
    import numpy as np  # not wanted before the sound is back after a start

    levels = []
    with wave.open(str(path), "rb") as file:
        if file.getsampwidth() != 2:
            raise wave.Error(f"{path} has {8 * file.getsampwidth()} bits, not 16")
        count, channels = round(file.getframerate() * STEP_S), file.getnchannels()
        while raw := file.readframes(count):
            samples = np.frombuffer(raw[: len(raw) // (2 * channels) * 2 * channels], "<i2")[::STRIDE]
            power = float(np.mean(np.square(samples.astype(np.float32) / 32768.0))) if len(samples) else 0.0
            levels.append(10 * math.log10(max(power, 1e-12)))
            # The conductor must not wait for this.
            time.sleep(0.0005)
    return tuple(levels)

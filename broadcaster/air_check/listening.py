"""Listening in: the record of the air as it grows, frame by frame, to a few listeners at a time.

A listener holds one of the page's threads, so there are few of them, and each ends by itself after a while: a browser
that still listens asks again.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime
from io import FileIO
from pathlib import Path

from broadcaster.air_check.record import FRAME_S, frame_bytes, kbps_of, start_of
from broadcaster.clock import monotonic
from broadcaster.errors import NotRunning, TooOften

MOST_LISTENERS = 4
SESSION_S = 900.0
BACK_S = 1.0
"""A listener begins so far back: a player wants something in hand before it begins."""
TURN_S = 0.1
SILENT_S = 8.0
"""When nothing more was written for so long the listener is sent home."""

Latest = Callable[[datetime | None], Path | None]


class Listening:
    """Who listens in. May be shared by threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: set[Tail] = set()
        self.closing = threading.Event()

    @property
    def count(self) -> int:
        """How many listen."""
        return len(self._open)

    def open(self, latest: Latest, *, fresh_s: float) -> Tail:
        """One more listener. ``NotRunning``, ``TooOften``."""
        with self._lock:
            if len(self._open) >= MOST_LISTENERS:
                raise TooOften(
                    f"已有 {MOST_LISTENERS} 个人在监听,请稍后再试 / {MOST_LISTENERS} listen in already, try later", 30.0
                )
            tail = Tail(latest, self)
            self._open.add(tail)
        try:
            tail.begin(fresh_s)
        except BaseException:
            tail.close()
            raise
        return tail

    def close(self) -> None:
        """Everybody is sent home."""
        self.closing.set()

    def left(self, tail: Tail) -> None:
        """One listener less."""
        with self._lock:
            self._open.discard(tail)


class Tail:
    """An iterator over MP3 frames as they are written. For one thread."""

    def __init__(self, latest: Latest, listening: Listening) -> None:
        self._latest = latest
        self._listening = listening
        self._file: FileIO | None = None
        self._start: datetime | None = None
        self._kbps = 0
        self._until = monotonic() + SESSION_S
        self._closed = False
        self._rest = b""

    def begin(self, fresh_s: float) -> None:
        """Find the end of what is being written. ``NotRunning`` when nothing was for ``fresh_s`` seconds."""
        path = self._latest(None)
        if path is None or not self._opened(path) or self._file is None:
            raise NotRunning("现在听不到输出:没有在录音 / the output can't be heard: nothing is being recorded")
        size, frame = self._file.seek(0, 2), frame_bytes(self._kbps)
        ends_at = monotonic() + fresh_s
        while self._file.seek(0, 2) == size:
            # A file may have been full just then: that another was begun says as much as that it grows.
            following = self._latest(self._start)
            if following is not None and self._opened(following):
                size, frame = 0, frame_bytes(self._kbps)
                break
            if monotonic() > ends_at or self._listening.closing.wait(TURN_S / 2):
                raise NotRunning("现在听不到输出:录音停了 / the output can't be heard: the recording has stopped")
        self._file.seek(max(0, size // frame - round(BACK_S / FRAME_S)) * frame)

    def __iter__(self) -> Tail:
        return self

    def __next__(self) -> bytes:
        """The next frames; waits for them."""
        silent_until = monotonic() + SILENT_S
        while (
            not self._closed and not self._listening.closing.is_set() and monotonic() < min(silent_until, self._until)
        ):
            if frames := self._more():
                return frames
            self._listening.closing.wait(TURN_S)
        self.close()
        raise StopIteration

    def close(self) -> None:
        """Stop listening; another may."""
        self._closed = True
        self._listening.left(self)
        if self._file is not None:
            self._file.close()
            self._file = None

    def _more(self) -> bytes:
        if frames := self._read():
            return frames
        following = self._latest(self._start)
        if following is None:
            return b""
        # The former file may have grown until the next one was begun; what is left then is half a frame.
        if frames := self._read():
            return frames
        self._opened(following)
        return b""

    def _read(self) -> bytes:
        frame = frame_bytes(self._kbps)
        data = self._rest + (self._file.read(1 << 16) or b"" if self._file else b"")
        whole = len(data) // frame * frame
        self._rest = data[whole:]
        return data[:whole]

    def _opened(self, path: Path) -> bool:
        try:
            file = FileIO(path, "rb")
            kbps = kbps_of(file.read(4))
            file.seek(0)
        except OSError:
            return False
        if kbps is None:
            file.close()
            return False
        if self._file is not None:
            self._file.close()
        self._file, self._start, self._kbps, self._rest = file, start_of(path.name), kbps, b""
        return True

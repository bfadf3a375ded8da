"""One person speaking: pieces of sound come in out of step, and go out as one even stream to the engine, and to a file.

The stream is bare 16-bit mono samples at 48 kHz over TCP on this machine, in blocks of 20 ms at the clock's pace; where
nothing came in time it holds silence, so that the player never has to wait.
"""

from __future__ import annotations

import logging
import queue
import socket
import threading
import wave
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np

from broadcaster.calls.live_level import BLOCK, LiveLevel, Mono
from broadcaster.clock import monotonic
from broadcaster.media.recording import RATE_HZ

log = logging.getLogger(__name__)

BLOCK_S = BLOCK / RATE_HZ
PRIME_S = 0.1
"""So much must have come in before it is let out: pieces come unevenly."""

GAP_S = 0.3
"""A piece that is missing while later ones are there is waited for so long."""

LATE_S = 0.5
"""With more than this in wait, pauses of the speaker are shortened until it is heard in time again."""

MOST_S = 8.0
"""More than this is not kept: whoever sends it is no microphone."""

GONE_S = 3.0
"""A speaker from whom nothing came for so long is gone."""

NO_ENGINE_S = 6.0
SOFT = 10 ** (-42 / 20)
TAIL_BLOCKS = 5
DRAIN_S = 0.25
"""What was sent last is heard about so much later."""

WRITE_BLOCKS = 25


class LiveStream:
    """Runs a thread from :meth:`start` on. At the end it calls ``over`` with why, or nothing where it just ended.

    Raises ``OSError`` when this machine gives no address to listen at.
    """

    def __init__(self, chime: Mono, longest_s: float, recording: Path, over: Callable[[str], None]) -> None:
        self._chime = chime
        self._longest_s = longest_s
        self._over = over
        self._lock = threading.Lock()
        self._pieces: dict[int, tuple[float, Mono]] = {}
        self._next = 0
        self._waiting: Mono = np.zeros(0, np.float32)
        self._primed = False
        self._last_came: float | None = None
        self._speaks_since: float | None = None
        self._ended = False
        self._cut = threading.Event()
        self._reason = ""
        self._tail = TAIL_BLOCKS
        self._level = LiveLevel()
        self._file = _Recording(recording)
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._socket.settimeout(0.1)
        self.address = f"tcp://127.0.0.1:{self._socket.getsockname()[1]}"
        self._thread = threading.Thread(target=self._run, name="live", daemon=True)

    def start(self) -> None:
        """Let the engine come for it."""
        self._thread.start()

    # --- what comes in

    def put(self, n: int, samples: bytes) -> float:
        """The n-th piece; the seconds that wait to be heard. One that came before, or too late, is left out."""
        piece = np.frombuffer(samples[: len(samples) // 2 * 2], dtype="<i2").astype(np.float32) / 32_768.0
        with self._lock:
            now = monotonic()
            self._last_came = now
            if n >= self._next and len(self._waiting) < MOST_S * RATE_HZ and len(self._pieces) < 100:
                self._pieces[n] = (now, piece)
            self._join(now)
            return len(self._waiting) / RATE_HZ

    def _join(self, now: float) -> None:
        while self._pieces:
            if self._next not in self._pieces:
                if now - min(came for came, _ in self._pieces.values()) < GAP_S and not self._ended:
                    return
                self._next = min(self._pieces)
            self._waiting = np.concatenate((self._waiting, self._pieces.pop(self._next)[1]))
            self._next += 1

    def end(self, reason: str = "") -> None:
        """No more comes; what is there is still sent."""
        with self._lock:
            if not self._ended:
                self._ended, self._reason = True, reason

    def cut(self, reason: str) -> None:
        """Over at once."""
        self.end(reason)
        self._cut.set()

    @property
    def ended(self) -> bool:
        """Whether nothing more is taken."""
        return self._ended

    # --- what goes out

    def _run(self) -> None:
        try:
            self._serve()
        except Exception:
            # The outermost turn of this thread: whoever holds the air must be told that it is free.
            log.exception("the live page broke off")
            self._reason = self._reason or "出错中断 / it broke off"
        finally:
            self._socket.close()
            self._file.close()
            self._over(self._reason)

    def _serve(self) -> None:
        since, due = monotonic(), 0.0
        line: socket.socket | None = None
        try:
            while not self._cut.is_set():
                if line is None:
                    line = self._accept()
                    due = monotonic()
                    if line is None:
                        if due - since > NO_ENGINE_S:
                            self._reason = self._reason or "播放引擎没有接上 / the engine did not come for it"
                            return
                        continue
                block = self._block(monotonic())
                if block is None:
                    break
                try:
                    line.sendall(np.clip(np.rint(block * 32_768.0), -32_768, 32_767).astype("<i2").tobytes())
                except OSError as error:
                    log.warning("the engine left the live page: %s", error)
                    line.close()
                    line, since = None, monotonic()
                    continue
                due = max(due + BLOCK_S, monotonic() - PRIME_S)
                self._cut.wait(max(0.0, due - monotonic()))
            if line is not None and not self._cut.is_set():
                line.shutdown(socket.SHUT_WR)
                self._cut.wait(DRAIN_S)
        finally:
            if line is not None:
                with suppress(OSError):
                    line.close()

    def _accept(self) -> socket.socket | None:
        try:
            line, _ = self._socket.accept()
        except TimeoutError:
            return None
        line.settimeout(2.0)
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return line

    def _block(self, now: float) -> Mono | None:
        """The next 20 ms; None when all was sent."""
        if len(self._chime):
            block, self._chime = self._chime[:BLOCK], self._chime[BLOCK:]
            return np.pad(block, (0, BLOCK - len(block)))
        if self._speaks_since is None:
            self._speaks_since = now
        self._look_at_time(now, self._speaks_since)
        taken = self._take(now)
        if taken is None:
            if self._ended:
                self._tail -= 1
                if self._tail < 0:
                    return None
            taken = np.zeros(BLOCK, np.float32)
        made = self._level.process(taken)
        self._file.put(made)
        return made

    def _look_at_time(self, now: float, since: float) -> None:
        if now - since > self._longest_s:
            self.end("到了最长时间 / the longest time was reached")
        elif now - max(self._last_came or since, since) > GONE_S:
            self.end("三秒没有声音传来 / nothing came for three seconds")

    def _take(self, now: float) -> Mono | None:
        with self._lock:
            self._join(now)
            if len(self._waiting) < BLOCK or (
                not self._primed and not self._ended and len(self._waiting) < PRIME_S * RATE_HZ
            ):
                self._primed = False
                return None
            self._primed = True
            if len(self._waiting) > LATE_S * RATE_HZ and np.abs(self._waiting[:BLOCK]).max() < SOFT:
                self._waiting = self._waiting[BLOCK:]
            block, self._waiting = self._waiting[:BLOCK], self._waiting[BLOCK:]
            return np.pad(block, (0, BLOCK - len(block)))


class _Recording:
    """What was said, in a file whose header is right twice a second. Written on a thread of its own: disks may wait."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._blocks: queue.SimpleQueue[Mono | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    def put(self, block: Mono) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._write, name="live-file", daemon=True)
            self._thread.start()
        self._blocks.put(block)

    def close(self) -> None:
        self._blocks.put(None)
        if self._thread is not None:
            self._thread.join(5.0)

    def _write(self) -> None:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with wave.open(str(self._path), "wb") as file:
                file.setparams((1, 2, RATE_HZ, 0, "NONE", ""))
                held: list[Mono] = []
                while (block := self._blocks.get()) is not None:
                    held.append(block)
                    if len(held) >= WRITE_BLOCKS:
                        file.writeframes(_pcm(held))
                        held.clear()
                if held:
                    file.writeframes(_pcm(held))
        except (OSError, wave.Error) as error:
            # It is heard all the same.
            log.error("the live page is not recorded to %s: %s", self._path, error)


def _pcm(blocks: list[Mono]) -> bytes:
    return bytes(np.clip(np.rint(np.concatenate(blocks) * 32_768.0), -32_768, 32_767).astype("<i2"))

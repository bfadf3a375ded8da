"""The conductor's side of the engine process: starts it, talks to it, notices when it hangs, and replaces it."""

from __future__ import annotations

import contextlib
import logging
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, Protocol

from broadcaster.child_log import open_child_log
from broadcaster.clock import monotonic
from broadcaster.decisions import decided
from broadcaster.errors import EngineGone
from broadcaster.playout.engine_words import EngineFlood, events, log_floods
from broadcaster.playout.outputs import DEFAULT
from broadcaster.playout.protocol import Beat, Command, Complaint, Event, Hello, Quit, encode

log = logging.getLogger(__name__)

HELLO_LIMIT_S = 8.0
"""A new engine that does not answer by then is replaced."""

BEAT_LIMIT_S = 0.7
"""An engine that is silent for longer hangs: it beats ten times a second from the thread that calls the player."""

SETTLED_S = 20.0
"""An engine that lived so long is not one that dies at every start (a frozen sound server makes such)."""

LOOK_S = 10.0
"""So often the size of its standard error is looked at."""


class Engine(Protocol):
    """What the conductor needs of an engine; also played by the tests' fake."""

    @property
    def ready(self) -> bool:
        """Whether it takes commands."""
        ...

    def send(self, command: Command) -> None:
        """Hand over a command. Raises ``EngineGone``."""
        ...

    @property
    def rss_mb(self) -> float:
        """Memory that it holds, by its own word."""
        ...

    @property
    def device(self) -> str:
        """The output's name that engines started from now on play to; ``default`` is the system's."""
        ...

    def play_to(self, device: str) -> None:
        """From the next replacement on."""
        ...

    def watch(self, grace: bool) -> bool:
        """Replace the process if it died or hangs; True if that happened. ``grace``: we were not run ourselves."""
        ...

    def replace(self, reason: str) -> None:
        """End the process and start a new one."""
        ...

    def close(self) -> None:
        """End the process for good."""
        ...


Deliver = Callable[[int, Event], None]
"""Takes the number of the engine process (from 1) and what it said."""


class EngineProcess:
    """One engine process after another. Events come from reader threads by ``deliver``."""

    def __init__(
        self,
        deliver: Deliver,
        log_file: Path,
        arguments: Sequence[str] = (),
        pid_file: Path | None = None,
        mono: Callable[[], float] = monotonic,
        device: str = DEFAULT,
    ) -> None:
        self._deliver = deliver
        self._log_file = log_file
        self._arguments = tuple(arguments)
        self._pid_file = pid_file
        self._process: subprocess.Popen[bytes] | None = None
        self._mono = mono
        self._greeted = 0
        """The latest process that said hello."""
        self._seen = self._born = mono()
        self._not_before = 0.0
        self._pause_s = 0.0
        self.generation = 1
        self.device = device
        self.rss_mb = 0.0
        self._over = ""
        """Why the present process is to be replaced, by the word of its reader."""
        self._start()

    @property
    def ready(self) -> bool:
        return self._process is not None and self._greeted == self.generation

    @property
    def pid(self) -> int | None:
        """Of the present process."""
        return self._process.pid if self._process else None

    def play_to(self, device: str) -> None:
        self.device = device

    def _start(self) -> None:
        self._seen = self._born = self._mono()
        self._over, self.rss_mb = "", 0.0
        device = () if self.device == DEFAULT else ("--device", self.device)
        with open_child_log(self._log_file) as errors:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "broadcaster.engine", *self._arguments, *device],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
            )
        assert self._process.stdout is not None
        reader = threading.Thread(
            target=self._read, args=(self.generation, self._process.stdout), name="engine-reader", daemon=True
        )
        reader.start()
        self._tell_pid(self._process.pid)

    def _tell_pid(self, pid: int) -> None:
        try:
            if self._pid_file is not None:
                self._pid_file.write_text(str(pid), encoding="ascii")
        except OSError as error:
            # Only a daemon that is killed while the disk is full leaves an engine that its successor can't find.
            log.warning("%s can't be written: %s", self._pid_file, error)

    def _read(self, generation: int, pipe: IO[bytes]) -> None:
        reason = "its pipe was closed"
        try:
            self._read_events(generation, pipe)
        except EngineFlood as error:
            reason = f"it floods its pipe: {error}"
        except (OSError, ValueError):
            # Closed under the reader when the process is replaced.
            pass
        if generation == self.generation:
            # A word wakes the conductor, which need not wait for its next turn to see that the engine is gone.
            self._over = reason
            self._deliver(generation, Complaint(reason))

    def _read_events(self, generation: int, pipe: IO[bytes]) -> None:
        look_at = self._mono() + LOOK_S
        for event in events(pipe, self._mono, lambda error: log.warning("engine: %s", error)):
            if generation != self.generation:
                return
            self._seen = self._mono()
            if isinstance(event, Hello):
                self._greeted = generation
            if isinstance(event, Beat):
                self.rss_mb = event.rss_mb
                if self._seen > look_at:
                    look_at = self._seen + LOOK_S
                    if log_floods(self._log_file):
                        raise EngineFlood("it fills its log")
            else:
                self._deliver(generation, event)

    def send(self, command: Command) -> None:
        if self._process is None or self._process.stdin is None:
            raise EngineGone("the engine is not running")
        try:
            self._process.stdin.write(encode(command))
            self._process.stdin.flush()
        except (OSError, ValueError) as error:
            raise EngineGone(f"the engine's pipe broke: {error}") from error

    def watch(self, grace: bool) -> bool:
        now = self._mono()
        if grace:
            # We were stopped ourselves; what the engine said meanwhile still waits in the pipe.
            self._seen = now
        if self._process is None:
            if now >= self._not_before:
                self._start()
            return False
        if self._process.poll() is not None:
            self.replace(f"it ended with status {self._process.returncode}")
            return True
        if self._over:
            self.replace(self._over)
            return True
        if now - self._seen > (BEAT_LIMIT_S if self.ready else HELLO_LIMIT_S):
            self.replace(f"no beat for {now - self._seen:.1f} s")
            return True
        return False

    def replace(self, reason: str) -> None:
        decided("engine-replaced", generation=self.generation, reason=reason, device=self.device, rss_mb=self.rss_mb)
        self._end()
        # A new engine at once; only one that keeps dying is held back, so that it does not eat the machine.
        now = self._mono()
        if now - self._born > SETTLED_S:
            self._pause_s = 0.0
        self._not_before = now + self._pause_s
        held = self._pause_s > 0.0
        self._pause_s = min(5.0, self._pause_s * 2 + 0.1)
        if not held:
            self._start()

    def _end(self) -> None:
        process, self._process = self._process, None
        # From here on, what it said and was not heard yet counts for nothing, also while no other is there.
        self.generation += 1
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                # What was still to be written went with the process.
                with contextlib.suppress(OSError):
                    pipe.close()

    def close(self) -> None:
        try:
            self.send(Quit())
            if self._process is not None:
                self._process.wait(timeout=1.0)
        except (EngineGone, subprocess.TimeoutExpired):
            pass
        self._end()
        if self._pid_file is not None:
            self._pid_file.unlink(missing_ok=True)

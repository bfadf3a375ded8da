"""One engine process, its pipes, and the thread that reads what it says."""

from __future__ import annotations

import contextlib
import logging
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import psutil

from broadcaster.child_log import open_child_log
from broadcaster.errors import EngineGone
from broadcaster.playout.engine_words import EngineFlood, events, log_floods
from broadcaster.playout.protocol import Beat, Command, Complaint, Event, Hello, encode
from broadcaster.priority import go_first

log = logging.getLogger(__name__)

WORK_LOOK_S = 1.0
WORK_LEAST_S = 0.02
"""One that used so many seconds of the processor since the last look is on its way."""

WORK_HOLDS_S = 4.0
"""On an overloaded machine it may get none of it for so long."""

LOOK_S = 10.0
"""So often the size of its standard error is looked at."""

END_LIMIT_S = 1.0
"""A killed process that waits for a disk or a device is not waited for."""


class EngineChild:
    """``hear`` is given what it says, on the reader's thread; beats only move :attr:`seen`."""

    def __init__(
        self, number: int, arguments: Sequence[str], log_file: Path, mono: Callable[[], float],
        hear: Callable[[EngineChild, Event], None],
    ) -> None:  # fmt: skip
        self.number = number
        self._log_file = log_file
        self._mono = mono
        self._hear = hear
        self.born = self.seen = mono()
        """When it was started, and when it last said something."""
        self.hello: Hello | None = None
        self.rss_mb = 0.0
        self._looked_at = self._worked_at = self.born
        self._worked_s = 0.0
        self.over = ""
        """Why it is to be replaced, by the word of its reader."""
        self._ending = False
        with open_child_log(log_file) as errors:
            self._process = subprocess.Popen(
                [*self.command, *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
            )
        # Now, not once it runs: on a busy PC most of its start is importing.
        go_first(self._process.pid)
        threading.Thread(target=self._read, name="engine-reader", daemon=True).start()

    @property
    def command(self) -> list[str]:
        """What is run, less its arguments."""
        return [sys.executable, "-m", "broadcaster.engine"]

    @property
    def pid(self) -> int:
        """Of the process."""
        return self._process.pid

    def works(self, now: float) -> bool:
        """Whether it used the processor lately. To be asked again and again, by one thread."""
        if now - self._looked_at >= WORK_LOOK_S:
            self._looked_at = now
            cpu_s = self._cpu_s()
            if cpu_s - self._worked_s >= WORK_LEAST_S:
                self._worked_s, self._worked_at = cpu_s, now
        return now - self._worked_at < WORK_HOLDS_S

    def _cpu_s(self) -> float:
        try:
            times = psutil.Process(self._process.pid).cpu_times()
        except psutil.Error:
            return 0.0
        return float(times.user + times.system)

    def trouble(self) -> str:
        """Why it can't go on; empty while it can."""
        if self._process.poll() is not None:
            return f"it ended with status {self._process.returncode}"
        return self.over

    def send(self, command: Command) -> None:
        """Hand over a command. Raises ``EngineGone``."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(encode(command))
            self._process.stdin.flush()
        except (OSError, ValueError) as error:
            raise EngineGone(f"the engine's pipe broke: {error}") from error

    def _read(self) -> None:
        reason = "its pipe was closed"
        try:
            self._read_events()
        except EngineFlood as error:
            reason = f"it floods: {error}"
        except (OSError, ValueError):
            # Closed under the reader when the process is replaced.
            pass
        if not self._ending:
            # A word wakes the conductor, which need not wait for its next turn to see that the engine is gone.
            self.over = reason
            self._hear(self, Complaint(reason))

    def _read_events(self) -> None:
        assert self._process.stdout is not None
        look_at = self._mono() + LOOK_S
        for event in events(self._process.stdout, self._mono, lambda error: log.warning("engine: %s", error)):
            if self._ending:
                return
            self.seen = self._mono()
            if isinstance(event, Hello):
                self.hello = event
            if isinstance(event, Beat):
                self.rss_mb = event.rss_mb
                if self.seen > look_at:
                    look_at = self.seen + LOOK_S
                    if log_floods(self._log_file):
                        raise EngineFlood("its log has no end")
            else:
                self._hear(self, event)

    def wait(self, limit_s: float) -> None:
        """For its end, but no longer."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=limit_s)

    def end(self) -> None:
        """Kill it; nothing that it said and was not heard yet counts any more."""
        self._ending = True
        self._process.kill()
        self.wait(END_LIMIT_S)
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                # What was still to be written went with the process.
                with contextlib.suppress(OSError):
                    pipe.close()

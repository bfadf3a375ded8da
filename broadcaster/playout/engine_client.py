"""The conductor's side of the engine process: starts it, talks to it, notices when it hangs, and replaces it.

A second engine waits beside the first, started and silent: to replace one takes a third of a second, and not the
second or two that a busy PC needs to start a process.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from broadcaster.clock import monotonic
from broadcaster.decisions import decided
from broadcaster.errors import EngineGone
from broadcaster.playout.engine_child import EngineChild
from broadcaster.playout.outputs import DEFAULT
from broadcaster.playout.patience import Patience
from broadcaster.playout.protocol import Command, Event, Quit

log = logging.getLogger(__name__)

HELLO_LIMIT_S = 8.0
"""A new engine that does not answer by then is replaced; each time in a row it is given twice as long."""

HELLO_MOST_S = 60.0
"""So long it is given at most, and whenever it is seen to use the processor."""

BEAT_LIMIT_S = 0.7
"""An engine that is silent for longer hangs: it beats five times a second from the thread that calls the player."""

SETTLED_S = 6.0
"""An engine that lived so long is not one that dies at every start (a frozen sound server makes such)."""

SPARE_AFTER_S = 5.0
"""An engine that lived so long is given a spare one; before that the machine has other things to do."""

SPARE_AGAIN_S = 30.0
"""After a spare one that failed, the next is started so much later."""

SPARE_LIMIT_S = 3.0
"""Silent for longer, the spare engine is no good; it has all the time in the world."""


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
    def silent_s(self) -> float:
        """Seconds since it last said anything; 0 while there is none."""
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
        self._mono = mono
        self._count = 0
        self._child: EngineChild | None = None
        self._spare: EngineChild | None = None
        self._spare_not_before = 0.0
        self._ended_born = mono()
        self._not_before = 0.0
        self._pause_s = 0.0
        self._patience = Patience()
        self._speechless = 0
        """New engines in a row that never said hello in time."""
        self.device = device
        self._take(self._start())

    @property
    def generation(self) -> int:
        """Number of the present process; no process has it while there is none."""
        return self._child.number if self._child is not None else -1

    @property
    def ready(self) -> bool:
        return self._child is not None and self._child.hello is not None

    @property
    def rss_mb(self) -> float:
        return self._child.rss_mb if self._child is not None else 0.0

    @property
    def silent_s(self) -> float:
        return self._mono() - self._child.seen if self._child is not None else 0.0

    @property
    def pid(self) -> int | None:
        """Of the present process."""
        return self._child.pid if self._child is not None else None

    def play_to(self, device: str) -> None:
        if device != self.device:
            self.device = device
            self._end_spare(0.0)

    def _start(self) -> EngineChild:
        self._count += 1
        device = () if self.device == DEFAULT else ("--device", self.device)
        return EngineChild(self._count, (*self._arguments, *device), self._log_file, self._mono, self._hear)

    def _hear(self, child: EngineChild, event: Event) -> None:
        """On a reader's thread. What the spare one says waits until it is taken, except that it is there."""
        if child is not self._spare:
            self._deliver(child.number, event)

    def _take(self, child: EngineChild) -> None:
        self._child = child
        try:
            if self._pid_file is not None:
                self._pid_file.write_text(str(child.pid), encoding="ascii")
        except OSError as error:
            # Only a daemon that is killed while the disk is full leaves an engine that its successor can't find.
            log.warning("%s can't be written: %s", self._pid_file, error)

    def send(self, command: Command) -> None:
        if self._child is None:
            raise EngineGone("the engine is not running")
        self._child.send(command)

    def watch(self, grace: bool) -> bool:
        now = self._mono()
        if grace:
            # We were stopped ourselves; what the engines said meanwhile still waits in the pipe.
            for child in (self._child, self._spare):
                if child is not None:
                    child.seen = now
        if self._child is None:
            if now >= self._not_before:
                self._take(self._start())
            return False
        silent_s = now - self._child.seen
        trouble = self._child.trouble()
        if self.ready:
            self._speechless = 0
        if not trouble:
            trouble = self._too_late(self._child, silent_s, now)
        if trouble:
            self.replace(trouble)
            return True
        self._see_to_spare(self._child, now)
        return False

    def _too_late(self, child: EngineChild, silent_s: float, now: float) -> str:
        if child.hello is not None:
            if silent_s <= BEAT_LIMIT_S * self._patience.factor(now):
                return ""
            self._patience.given_up(now)
            return f"no beat for {silent_s:.1f} s"
        limit_s = min(HELLO_LIMIT_S * 2.0**self._speechless, HELLO_MOST_S)
        works = child.works(now)
        if silent_s <= limit_s or (works and silent_s <= HELLO_MOST_S):
            return ""
        self._speechless = min(self._speechless + 1, 8)
        return f"no hello for {silent_s:.1f} s"

    def _see_to_spare(self, child: EngineChild, now: float) -> None:
        spare = self._spare
        if spare is None:
            if self.ready and now - child.born > SPARE_AFTER_S and now >= self._spare_not_before:
                self._spare = self._start()
        elif spare.trouble() or now - spare.seen > (SPARE_LIMIT_S if spare.hello else HELLO_MOST_S):
            log.warning("the spare engine is no good: %s", spare.trouble() or "no beat")
            self._end_spare(SPARE_AGAIN_S)

    def _end_spare(self, pause_s: float) -> None:
        spare, self._spare = self._spare, None
        self._spare_not_before = self._mono() + pause_s
        if spare is not None:
            spare.end()

    def replace(self, reason: str) -> None:
        decided("engine-replaced", generation=self.generation, reason=reason, device=self.device, rss_mb=self.rss_mb)
        self._end()
        now = self._mono()
        spare, self._spare = self._spare, None
        if spare is not None and spare.hello is not None and not spare.trouble() and now - spare.seen < BEAT_LIMIT_S:
            self._take(spare)
            self._deliver(spare.number, spare.hello)
            return
        if spare is not None:
            spare.end()
        # A new engine at once; only one that keeps dying is held back, so that it does not eat the machine.
        if now - self._ended_born > SETTLED_S:
            self._pause_s = 0.0
        self._not_before = now + self._pause_s
        held = self._pause_s > 0.0
        self._pause_s = min(5.0, self._pause_s * 2 + 0.1)
        if not held:
            self._take(self._start())

    def _end(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            self._ended_born = child.born
            child.end()

    def close(self) -> None:
        self._end_spare(0.0)
        try:
            self.send(Quit())
            if self._child is not None:
                self._child.wait(1.0)
        except EngineGone:
            pass
        self._end()
        if self._pid_file is not None:
            self._pid_file.unlink(missing_ok=True)

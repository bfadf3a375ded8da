"""The conductor's thread and its queue."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable

from broadcaster.clock import monotonic
from broadcaster.playout.conductor import Conductor
from broadcaster.playout.on_air import OnAir

log = logging.getLogger(__name__)

TURN_S = 0.25
"""Longest time between two turns."""


HASTY_S = 0.05
"""The same while something should begin to sound and does not yet."""


class ConductorLoop:
    """Runs the conductor; :meth:`put` takes jobs from any thread."""

    def __init__(self) -> None:
        self._jobs: queue.SimpleQueue[Callable[[Conductor], None]] = queue.SimpleQueue()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._conductor: Conductor | None = None
        self.turned_at = float("-inf")
        """When a turn last came to its end, on the monotonic clock."""

    def on_air(self) -> OnAir | None:
        """What is on air, as last seen; None before the start."""
        return self._conductor.on_air if self._conductor else None

    def put(self, job: Callable[[Conductor], None]) -> None:
        """Have something done on the conductor's thread, soon, and a turn after it."""
        self._jobs.put(job)

    def start(self, conductor: Conductor) -> None:
        """Begin."""
        self._conductor = conductor
        self._thread = threading.Thread(target=self._run, args=(conductor,), name="conductor")
        self._thread.start()

    def _run(self, conductor: Conductor) -> None:
        while not self._stop.is_set():
            if self._safely(Conductor.turn, conductor):
                self.turned_at = monotonic()
            try:
                job = self._jobs.get(timeout=HASTY_S if conductor.hasty else TURN_S)
            except queue.Empty:
                continue
            self._safely(job, conductor)
            self._finish_jobs(conductor)
        self._finish_jobs(conductor)

    def _finish_jobs(self, conductor: Conductor) -> None:
        while not self._jobs.empty():
            self._safely(self._jobs.get(), conductor)

    @staticmethod
    def _safely(job: Callable[[Conductor], None], conductor: Conductor) -> bool:
        try:
            job(conductor)
            return True
        except Exception:
            # The outermost turn: whatever went wrong once, the next turn compares anew and goes on, and what the
            # others put into the queue (another plan, perhaps) is done all the same.
            log.exception("the conductor's turn failed")
            return False

    def stop(self) -> None:
        """End after the present turn."""
        self._stop.set()
        self.put(lambda conductor: None)
        if self._thread is not None:
            self._thread.join(timeout=5.0)

"""A child process kept ready between jobs: loading its libraries takes longer than finishing an announcement."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock, Timer
from weakref import finalize

from broadcaster.media.bench import Bench

IDLE_S = 120.0


class SpareBench:
    """Lends out benches of ``make`` and keeps one of them for ``idle_s`` after its last job. Safe from several threads.

    When nobody holds this any more, the child ends.
    """

    def __init__(self, make: Callable[[], Bench], idle_s: float = IDLE_S) -> None:
        self._make = make
        self._kept = _Kept()
        self._idle_s = idle_s
        finalize(self, self._kept.close)

    @contextmanager
    def lent(self) -> Iterator[Bench]:
        """A bench for one thread; the kept one if it is free."""
        bench = self._kept.take() or self._make()
        try:
            yield bench
        except BaseException:
            # Whatever it was, the next job shall not find it in the middle of this one.
            bench.close()
            raise
        self._kept.put(bench, self._idle_s)

    def close(self) -> None:
        """End the kept child."""
        self._kept.close()


class _Kept:
    def __init__(self) -> None:
        self._lock = Lock()
        self._bench: Bench | None = None
        self._timer: Timer | None = None

    def take(self) -> Bench | None:
        with self._lock:
            bench, self._bench = self._bench, None
            self._still()
            return bench

    def put(self, bench: Bench, idle_s: float) -> None:
        with self._lock:
            if self._bench is not None:
                bench.close()
                return
            self._bench = bench
            self._timer = Timer(idle_s, self.close)
            self._timer.daemon = True
            self._timer.start()

    def close(self) -> None:
        bench = self.take()
        if bench is not None:
            bench.close()

    def _still(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

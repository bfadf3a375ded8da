"""What is asked of a player: to play a show by processes that can be weighed and killed."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

import psutil

from bench.peers.recordings import Show
from broadcaster.clock import monotonic
from tests.lab.sink import NullSink


@dataclass(frozen=True, slots=True)
class Weight:
    """Memory of a program's processes together, in MB. What they share counts in each (RSS) or once (PSS)."""

    rss: float
    pss: float
    uss: float
    count: int
    """Processes."""


class Cast:
    """A player's processes. Ended, with all their children, on exit."""

    def __init__(self) -> None:
        self.started_at = monotonic()
        self._open: list[subprocess.Popen[bytes]] = []
        self._gone_s = 0.0
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def launch(self, command: Sequence[str | Path], env: Mapping[str, str], log: Path) -> subprocess.Popen[bytes]:
        """Start a process of this player, in a session of its own."""
        with log.open("ab") as out:
            process = subprocess.Popen(
                [str(word) for word in command],
                env=dict(env),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        with self._lock:
            self._open.append(process)
        return process

    def at(self, due: Sequence[float], act: Callable[[], None]) -> None:
        """A timer as exact as can be: ``act`` at each wall instant that is still to come. Cron is later than this."""

        def run() -> None:
            for wall in due:
                wait_s = wall - time.time()
                if wait_s < 0:
                    continue
                if self._closing.wait(max(wait_s - 0.02, 0.0)):
                    return
                time.sleep(max(wall - time.time(), 0.0))
                act()

        thread = threading.Thread(target=run, daemon=True)
        self._threads.append(thread)
        thread.start()

    def reap(self, process: subprocess.Popen[bytes]) -> None:
        """Wait for a process to end by itself, and keep what it used; call on a thread of its own."""
        try:
            _, status, usage = os.wait4(process.pid, 0)
        except ChildProcessError:
            return  # ended by ``close``
        with self._lock:
            process.returncode = os.waitstatus_to_exitcode(status)
            if process in self._open:
                self._open.remove(process)
            self._gone_s += usage.ru_utime + usage.ru_stime

    def processes(self) -> list[psutil.Process]:
        """All that live, children and children's children included."""
        found: dict[int, psutil.Process] = {}
        with self._lock:
            roots = [process.pid for process in self._open if process.returncode is None]
        for pid in roots:
            with contextlib.suppress(psutil.Error):
                root = psutil.Process(pid)
                for one in (root, *root.children(recursive=True)):
                    found[one.pid] = one
        return list(found.values())

    def used_s(self) -> float:
        """CPU seconds so far, of processes that ended too."""
        total = self._gone_s
        for one in self.processes():
            with contextlib.suppress(psutil.Error):
                times = one.cpu_times()
                total += times.user + times.system + times.children_user + times.children_system
        return total

    def weight(self) -> Weight:
        """Memory now."""
        return weigh(self.processes())

    @property
    def root(self) -> int:
        """The process that was started first: the program, or the loop around it."""
        return self._open[0].pid

    def playing(self) -> int:
        """The process whose death silences the bed."""
        return self.root

    def close(self) -> None:
        """End everything at once."""
        self._closing.set()
        for thread in self._threads:
            thread.join(5)
        with self._lock:
            left, self._open = self._open, []
        for process in left:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            with contextlib.suppress(ChildProcessError):
                process.wait(10)


class Player(Protocol):
    """One way to play a show."""

    name: str
    how: str
    """How it was set up, for the notes under the table."""

    @property
    def title(self) -> str:
        """With its version."""
        ...

    def missing(self) -> str:
        """What has to be installed first; empty if all is there."""
        ...

    def play(self, show: Show, sink: NullSink, folder: Path, *, again: bool = False) -> Cast:
        """Start it. ``again``: under a loop that starts it again when it ends, as a supervisor would."""
        ...


def weigh(processes: Sequence[psutil.Process]) -> Weight:
    """Memory of processes that live."""
    rss = pss = uss = 0.0
    count = 0
    for one in processes:
        with contextlib.suppress(psutil.Error):
            memory = one.memory_full_info()
            rss, pss, uss, count = rss + memory.rss, pss + memory.pss, uss + memory.uss, count + 1
    return Weight(rss / 1e6, pss / 1e6, uss / 1e6, count)


def again_and_again(command: Sequence[str | Path]) -> list[str]:
    """The shell's loop around a command; its first argument is the program."""
    return ["bash", "-c", 'while true; do "$@"; done', "loop", *(str(word) for word in command)]


def version_of(command: Sequence[str], fallback: str) -> str:
    """The first line that a program says of its version."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return fallback
    return (done.stdout.splitlines() or [fallback])[0]

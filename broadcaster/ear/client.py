"""The daemon's side of the ear's process: starts it, talks to it, notices when it hangs, and replaces it."""

from __future__ import annotations

import contextlib
import logging
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any

from broadcaster.child_log import open_child_log
from broadcaster.clock import monotonic
from broadcaster.decisions import decided
from broadcaster.ear.messages import (
    LONGEST_LINE,
    Expect,
    KeepVolume,
    Listen,
    Order,
    PartOrder,
    PartSays,
    State,
    Told,
    decode_told,
    encode,
)
from broadcaster.errors import ProtocolError

log = logging.getLogger(__name__)

HELLO_LIMIT_S = 10.0
"""A new process that says nothing by then is replaced: on a busy PC its imports take some seconds."""

SILENT_LIMIT_S = 2.0
"""A process that says nothing for so long hangs: it says ten things a second."""

SETTLED_S = 20.0
PAUSE_S = 0.5
LONGEST_PAUSE_S = 5.0

END_LIMIT_S = 1.0

LOOK_MOST_S = 0.5
"""No more than this is counted from one look to the next: for longer the daemon itself was not run."""

PartHandler = Callable[[Mapping[str, Any]], None]


class EarClient:
    """One process of the ear after another; orders are remembered, and given to each anew.

    :meth:`look` is called several times a second from one thread; all else may be called from any.
    """

    def __init__(self, take: Callable[[Told], None], log_file: Path, mono: Callable[[], float] = monotonic) -> None:
        self._take = take
        self._log_file = log_file
        self._mono = mono
        self._lock = threading.Lock()
        self._standing: dict[str, Order] = {}
        self._parts: dict[str, PartHandler] = {}
        self._process: subprocess.Popen[bytes] | None = None
        self._generation = 0
        self._quiet_s = self._looked = self._born = 0.0
        self._greeted = False
        self._not_before = 0.0
        self._pause_s = 0.0

    @property
    def pid(self) -> int | None:
        """Of the present process."""
        process = self._process
        return process.pid if process is not None else None

    # --- orders

    def listen(self, order: Listen) -> None:
        """Listen to this output from now on."""
        self._stand("listen", order)

    def expect(self, order: Expect) -> None:
        """This is what should sound now."""
        self._stand("expect", order)

    def keep_volume(self, order: KeepVolume) -> None:
        """Whether the system's volume is set back."""
        self._stand("volume", order)

    def order(self, part: str, values: Mapping[str, Any]) -> None:
        """An order to a part of the process, such as ``air-check``: see :mod:`broadcaster.ear.sinks`."""
        self._stand(f"part:{part}", PartOrder(part, dict(values)))

    def on_part(self, part: str, handler: PartHandler) -> None:
        """``handler`` gets what the part says, on the reader's thread."""
        self._parts[part] = handler

    def _stand(self, name: str, order: Order) -> None:
        with self._lock:
            if self._standing.get(name) != order:
                self._standing[name] = order
                self._send(order)

    def _send(self, order: Order) -> None:
        if self._process is None or self._process.stdin is None:
            return
        # A broken pipe shows at the next look, and the next process is told everything anew.
        with contextlib.suppress(OSError, ValueError):
            self._process.stdin.write(encode(order))
            self._process.stdin.flush()

    # --- the process

    def look(self) -> None:
        """Start the process, or replace it if it died or hangs."""
        now = self._mono()
        self._quiet_s += min(now - self._looked, LOOK_MOST_S)
        self._looked = now
        process = self._process
        if process is None:
            if now >= self._not_before:
                self._start(now)
        elif process.poll() is not None:
            self._replace(now, f"it ended with status {process.returncode}")
        elif self._quiet_s > (SILENT_LIMIT_S if self._greeted else HELLO_LIMIT_S):
            self._replace(now, f"it said nothing for {self._quiet_s:.1f} s")

    def _start(self, now: float) -> None:
        self._born = now
        self._quiet_s = 0.0
        self._greeted = False
        with self._lock:
            listen = self._standing.get("listen")
            arguments = ["--device", listen.device] if isinstance(listen, Listen) else []
            with open_child_log(self._log_file) as errors:
                self._process = subprocess.Popen(
                    [sys.executable, "-m", "broadcaster.ear", *arguments],
                    stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors,
                )  # fmt: skip
            self._generation += 1
            for order in self._standing.values():
                self._send(order)
            pipe = self._process.stdout
            assert pipe is not None
            reader = (self._generation, pipe)
        threading.Thread(target=self._read, args=reader, name="ear-reader", daemon=True).start()

    def _read(self, generation: int, pipe: IO[bytes]) -> None:
        # Closed under the reader when the process is replaced.
        with contextlib.suppress(OSError, ValueError):
            while line := pipe.readline(LONGEST_LINE):
                if generation != self._generation:
                    return
                try:
                    told = decode_told(line)
                except ProtocolError as error:
                    log.warning("ear: %s", error)
                    continue
                self._quiet_s, self._greeted = 0.0, True
                try:
                    self._pass_on(told)
                except Exception:
                    # The outermost turn: one message that somebody could not take must not make the ear deaf.
                    log.exception("the ear's word was not taken")

    def _pass_on(self, told: Told) -> None:
        if not isinstance(told, PartSays):
            self._take(told)
        elif told.part in self._parts:
            self._parts[told.part](told.values)

    def _replace(self, now: float, reason: str) -> None:
        decided("ear-replaced", pid=self.pid, reason=reason)
        self._end()
        self._take(State("lost", reason=f"监听进程更换 / the ear's process was replaced: {reason}"))
        if now - self._born > SETTLED_S:
            self._pause_s = 0.0
        self._not_before = now + self._pause_s
        self._pause_s = min(LONGEST_PAUSE_S, max(PAUSE_S, self._pause_s * 2))

    def _end(self) -> None:
        with self._lock:
            process, self._process = self._process, None
            self._generation += 1
        if process is None:
            return
        process.kill()
        # One that waits for a device in the kernel is not waited for: nobody would start the next.
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=END_LIMIT_S)
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()

    def close(self, within_s: float = 2.0) -> None:
        """End the process: it writes what is pending, for no longer than ``within_s`` seconds."""
        with self._lock:
            process = self._process
            if process is not None and process.stdin is not None:
                with contextlib.suppress(OSError):
                    process.stdin.close()
        if process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=within_s)
        self._end()

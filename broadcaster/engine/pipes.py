"""The engine's two pipes. The conductor's end of them is its life line: when either breaks, the engine is gone at once.

``os._exit`` and not an orderly end: an engine whose daemon died would keep speaking with nobody to stop it, and
closing players can hang. The sound server drops the streams of a process that is gone.
"""

from __future__ import annotations

import os
import sys
import threading
from queue import SimpleQueue
from typing import BinaryIO

from broadcaster.engine.loop import Inbox
from broadcaster.errors import ProtocolError
from broadcaster.playout.protocol import Beat, Complaint, Event, decode_command, encode

BACKLOG = 200
"""Events that wait for a conductor that doesn't read; beyond this, beats are left out."""


def claim_stdout() -> int:
    """Take standard output for the events; whatever a library prints goes to standard error from here on.

    Returns a file descriptor of the real standard output.
    """
    events = os.dup(1)
    if sys.platform == "win32":
        import msvcrt

        msvcrt.setmode(events, os.O_BINARY)
    sys.stdout.flush()
    os.dup2(2, 1)
    return events


class Outbox:
    """Writes events from a thread of its own, so that a full pipe never holds up playout."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._queue: SimpleQueue[Event | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._write, name="events", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def put(self, event: Event) -> None:
        """Queue an event; never waits."""
        if isinstance(event, Beat) and self._queue.qsize() > BACKLOG:
            return
        self._queue.put(event)

    def finish(self, within_s: float) -> None:
        """Write what is queued, for no longer than ``within_s`` seconds."""
        self._queue.put(None)
        self._thread.join(within_s)

    def _write(self) -> None:
        while (event := self._queue.get()) is not None:
            line = encode(event)
            try:
                while line:
                    line = line[os.write(self._fd, line) :]
            except OSError:
                os._exit(0)


def read_commands(stdin: BinaryIO, inbox: Inbox) -> None:
    """Bring each line to the inbox, until the other end is gone; then so is this process. Body of the reader thread."""
    try:
        for line in stdin:
            try:
                inbox.put(decode_command(line))
            except ProtocolError as error:
                inbox.put(Complaint(str(error)))
    except OSError:
        pass
    finally:
        os._exit(0)

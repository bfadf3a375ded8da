"""The ear's two pipes. When either breaks, the daemon is gone, and so is the ear."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import BinaryIO

from broadcaster.ear.messages import Block, Order, Told, decode_order, encode
from broadcaster.errors import ProtocolError

BACKLOG = 600
"""Messages that wait for a daemon that doesn't read; beyond this, blocks are left out."""


class Outbox:
    """Writes from a thread of its own, so that a full pipe never holds up the ear."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._queue: SimpleQueue[Told] = SimpleQueue()
        self._thread = threading.Thread(target=self._write, name="told", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def put(self, message: Told) -> None:
        """Queue a message; never waits."""
        if isinstance(message, Block) and self._queue.qsize() > BACKLOG:
            return
        self._queue.put(message)

    def _write(self) -> None:
        while True:
            line = encode(self._queue.get())
            try:
                while line:
                    line = line[os.write(self._fd, line) :]
            except OSError:
                os._exit(0)


def read_orders(stdin: BinaryIO, take: Callable[[Order], None], complain: Callable[[str], None]) -> None:
    """Hand over each order until the other end is gone. Body of the reader thread."""
    try:
        for line in stdin:
            try:
                take(decode_order(line))
            except ProtocolError as error:
                complain(str(error))
    except OSError:
        return

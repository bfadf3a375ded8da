"""What comes out of an engine's pipe, line by line and within bounds: one that spams must neither fill the memory nor
keep the conductor busy."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

from broadcaster.errors import EngineError, ProtocolError
from broadcaster.playout.protocol import Event, decode_event

LONGEST_LINE = 32_000
"""Bytes. The longest message, a beat with some decks, has a few hundred."""

MOST_LINES = 2000
"""In a second. An engine beats ten times a second, and says a few words for each deck."""

MOST_BAD = 50
"""Lines of one engine that are no message."""

LOG_BYTES = 15_000_000
"""What is kept of an engine's standard error (:mod:`broadcaster.child_log`); far beyond it is spam."""


class EngineFlood(EngineError):
    """It says more than any engine has to say."""


def events(pipe: IO[bytes], mono: Callable[[], float], complain: Callable[[ProtocolError], None]) -> Iterator[Event]:
    """Each message until the pipe is closed. Raises ``EngineFlood``."""
    bad = 0
    for line in _lines(pipe, mono):
        try:
            yield decode_event(line)
        except ProtocolError as error:
            bad += 1
            if bad > MOST_BAD:
                raise EngineFlood(f"{bad} of its lines were no messages") from error
            complain(error)


def _lines(pipe: IO[bytes], mono: Callable[[], float]) -> Iterator[bytes]:
    rest, since, count = b"", mono(), 0
    descriptor = pipe.fileno()
    while chunk := os.read(descriptor, 65_536):
        *lines, rest = (rest + chunk).split(b"\n")
        if len(rest) > LONGEST_LINE or any(len(line) > LONGEST_LINE for line in lines):
            raise EngineFlood(f"a line of more than {LONGEST_LINE} bytes")
        if mono() - since > 1.0:
            since, count = mono(), 0
        count += len(lines)
        # Words that waited while we were not run ourselves come all at once, some hundreds of them: no flood.
        if count > MOST_LINES:
            raise EngineFlood(f"more than {MOST_LINES} lines a second")
        yield from lines


def log_floods(path: Path) -> bool:
    """Whether its standard error has grown beyond what any engine has to say."""
    try:
        return path.stat().st_size > LOG_BYTES
    except OSError:
        return False

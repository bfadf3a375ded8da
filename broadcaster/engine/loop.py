"""The playout thread's loop: messages in, turns of the mixer, and exact waits between them."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from queue import Empty, SimpleQueue

from broadcaster.clock import monotonic
from broadcaster.engine.channel import Channel
from broadcaster.engine.deck import Signal
from broadcaster.engine.mixer import Mixer
from broadcaster.playout.protocol import Command, Complaint, Event

STALL_S = 0.45
"""A loop that turns so much later than it meant to was held from outside, or a call hung. The output plays on for as
long (measured with PulseAudio): a shorter gap can't be heard."""

_COARSE_S = 0.020 if sys.platform == "win32" else 0.0
"""Waits on a queue end up to a tick late on Windows (15.6 ms); ``time.sleep`` does not since Python 3.11."""
_NAP_S = 0.005

Message = Command | Complaint | tuple[Channel, Signal]
Inbox = SimpleQueue[Message]


def uptime() -> float:
    """Seconds that also run while the machine sleeps, unlike Linux's monotonic clock."""
    if sys.platform == "linux":
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    return monotonic()


def wait(inbox: Inbox, until: float) -> Message | None:
    """The next message, or None at ``until`` (seconds, monotonic)."""
    while (left := until - monotonic()) > 0.0:
        try:
            if left > _COARSE_S:
                return inbox.get(timeout=left - _COARSE_S)
            return inbox.get_nowait()
        except Empty:
            if _COARSE_S:
                time.sleep(max(0.0, min(until - monotonic(), _NAP_S)))
    try:
        return inbox.get_nowait()
    except Empty:
        return None


def run(mixer: Mixer, inbox: Inbox, emit: Callable[[Event], None]) -> None:
    """Keep the mixer turning until it was told to quit."""
    last = uptime()
    until = mixer.turn()
    while not mixer.leaving:
        meant = max(0.0, until - monotonic())
        message = wait(inbox, until)
        gap, last = uptime() - last, uptime()
        if gap - meant > STALL_S:
            mixer.held(gap)
        if isinstance(message, Complaint):
            emit(message)
        elif isinstance(message, tuple):
            mixer.heard(*message)
        elif message is not None:
            mixer.obey(message)
        if message is None or inbox.empty() or monotonic() >= until:
            until = mixer.turn()

"""The daemon as a service: tells when it is on air, and gives a sign of life while the conductor turns."""

from __future__ import annotations

import contextlib

from broadcaster.clock import monotonic
from broadcaster.ops.sd_notify import ServiceManager
from broadcaster.playout.loop import ConductorLoop

FRESH_S = 5.0
"""A conductor turns four times a second; one that did not for so long hangs."""


def open_service(manager: ServiceManager, loop: ConductorLoop, parts: contextlib.ExitStack) -> None:
    """Everything runs; the end is told when ``parts`` are closed."""
    manager.tell("READY=1", "STATUS=播音中 on air")
    manager.feed(lambda: turns(loop))
    parts.callback(manager.close)


def turns(loop: ConductorLoop) -> bool:
    """Whether the conductor's turns come, and come to their end."""
    return monotonic() - loop.turned_at < FRESH_S

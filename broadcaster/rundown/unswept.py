"""No sweep of Python's cyclic collector while a day is compiled.

A day is some ten thousand small values that all live until it is done. None of them refers back to what holds it, so
there is nothing for the collector to find; yet their number alone makes it look through them a dozen times a day, and
every now and then through all that the process holds. That was a quarter of the time of a year with 1,000 notices.
"""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_lock = threading.Lock()
_inside = 0
_swept_before = False


@contextmanager
def unswept() -> Iterator[None]:
    """The collector rests until the last of all threads that are inside has left; one that was off stays off."""
    global _inside, _swept_before
    with _lock:
        if not _inside:
            _swept_before = gc.isenabled()
            gc.disable()
        _inside += 1
    try:
        yield
    finally:
        with _lock:
            _inside -= 1
            if not _inside and _swept_before:
                gc.enable()

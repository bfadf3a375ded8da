"""How the process asks the system for memory."""

from __future__ import annotations

import ctypes
import sys
from contextlib import suppress

ARENAS = 2
ARENA_MAX = -8
"""``M_ARENA_MAX`` of glibc's malloc.h."""


def share_arenas() -> None:
    """Let all threads of this process share two heaps. To be called before there are threads.

    glibc gives each of the first threads (eight a core) a heap of its own, and what one page left free in one is of no
    use to the next page in another: the daemon with its forty threads held half as much again after some minutes of
    pages. They take turns at Python's own lock anyway. Where there is no such setting, nothing is done.
    """
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).mallopt(ARENA_MAX, ARENAS)

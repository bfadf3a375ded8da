"""What goes before other programs on a busy PC, where the system lets us."""

from __future__ import annotations

import sys
from contextlib import suppress

import psutil


def go_first(pid: int | None = None) -> None:
    """Raise a process's priority, by default our own. An ordinary user may not; then all is as the PC is busy."""
    if sys.platform == "win32":
        wanted = psutil.HIGH_PRIORITY_CLASS
    else:
        wanted = -10
    with suppress(psutil.Error, OSError):
        psutil.Process(pid).nice(wanted)


def go_last() -> None:
    """Lower our own priority as far as it goes: what we do can wait for everything else."""
    if sys.platform == "win32":
        wanted = psutil.IDLE_PRIORITY_CLASS
    else:
        wanted = 19
    with suppress(psutil.Error, OSError):
        psutil.Process().nice(wanted)

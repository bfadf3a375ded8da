"""What goes before other programs on a busy PC, where the system lets us.

psutil is imported on Windows alone: the engine, which is to be small and quick to start, has no other use for it.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress


def go_first(pid: int | None = None) -> None:
    """Raise a process's priority, by default our own. An ordinary user may not; then all is as the PC is busy."""
    if sys.platform == "win32":
        import psutil

        with suppress(psutil.Error, OSError):
            psutil.Process(pid).nice(psutil.HIGH_PRIORITY_CLASS)
    else:
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, pid or 0, -10)


def go_last() -> None:
    """Lower our own priority as far as it goes: what we do can wait for everything else."""
    if sys.platform == "win32":
        import psutil

        with suppress(psutil.Error, OSError):
            psutil.Process().nice(psutil.IDLE_PRIORITY_CLASS)
    else:
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, 0, 19)

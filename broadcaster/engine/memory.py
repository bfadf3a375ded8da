"""How much memory this process holds."""

from __future__ import annotations

import sys
from collections.abc import Callable


def resident_mb() -> Callable[[], float]:
    """Tells the resident size in MB. Without psutil where /proc says it: that library is a fifteenth of the engine."""
    if sys.platform == "linux":
        import resource

        page = resource.getpagesize()

        def by_proc() -> float:
            # proc(5): the second number of statm is the resident size, in pages.
            with open("/proc/self/statm", "rb") as file:
                return int(file.read().split()[1]) * page / 1e6

        return by_proc
    import psutil

    process = psutil.Process()
    return lambda: float(process.memory_info().rss) / 1e6

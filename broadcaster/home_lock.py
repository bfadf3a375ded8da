"""The lock of a home folder: one daemon at a time, and none while its database or files are exchanged."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from filelock import FileLock, Timeout

from broadcaster.errors import AlreadyRunning
from broadcaster.settings import Home

RUNS = "播音程序正在运行,请先停下 / a daemon runs on this home; stop it first"


@contextlib.contextmanager
def held(home: Home, refusal: str = RUNS) -> Iterator[None]:
    """Hold it, or raise ``AlreadyRunning`` at once with ``refusal``, in Chinese and English."""
    home.run.mkdir(parents=True, exist_ok=True)
    lock = FileLock(home.run / "daemon.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise AlreadyRunning(f"{home.root}: {refusal}") from None
    try:
        yield
    finally:
        lock.release()

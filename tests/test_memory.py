"""The daemon's threads share their heaps."""

from __future__ import annotations

import subprocess
import sys

import pytest

from broadcaster.memory import ARENAS

#: Every thread allocates while all others live; malloc then tells its heaps.
THREADS = """
import ctypes, sys, threading
from broadcaster.memory import share_arenas
if sys.argv[1] == "shared":
    share_arenas()
libc = ctypes.CDLL(None)
libc.malloc.restype, libc.malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
gate = threading.Barrier(12)
def body():
    gate.wait()
    libc.malloc(100_000)
    gate.wait()
threads = [threading.Thread(target=body) for _ in range(12)]
[one.start() for one in threads]
[one.join() for one in threads]
libc.fdopen.restype, libc.malloc_info.argtypes = ctypes.c_void_p, [ctypes.c_int, ctypes.c_void_p]
out = libc.fdopen(1, b"w")
libc.malloc_info(0, out)
libc.fflush(None)
"""


def heaps(how: str) -> int:
    ran = subprocess.run([sys.executable, "-c", THREADS, how], capture_output=True, text=True, check=True, timeout=60)
    return ran.stdout.count("<heap nr=")


@pytest.mark.skipif(sys.platform != "linux", reason="glibc's")
def test_threads_share_their_heaps() -> None:
    assert heaps("shared") <= ARENAS < heaps("as it comes")

"""Whether the machine's clock follows the network's time, as the system itself says."""

from __future__ import annotations

import ctypes
import re
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from broadcaster.clock import monotonic

KEPT_S = 60.0
LIMIT_S = 5.0
"""``w32tm`` asks a service, which may hang."""

Sync = Literal["synchronized", "unsynchronized", "unknown"]


@dataclass(frozen=True, slots=True)
class TimeSync:
    """What the system says of its clock. ``source`` is who was asked, or what the clock follows where that is told."""

    state: Sync
    source: str
    offset_s: float | None = None
    """Local time less the network's, in seconds, as last measured."""


UNKNOWN = TimeSync("unknown", "")


class Asker:
    """Asks in a thread of its own and keeps the answer for ``kept_s``: :meth:`state` never waits."""

    def __init__(self, ask: Callable[[], TimeSync], kept_s: float = KEPT_S) -> None:
        self._ask = ask
        self._kept_s = kept_s
        self._lock = threading.Lock()
        self._last = UNKNOWN
        self._asked_at: float | None = None
        self._asking: threading.Thread | None = None

    def state(self) -> TimeSync:
        """The last answer; ``unknown`` until there is one."""
        with self._lock:
            due = self._asked_at is None or monotonic() - self._asked_at >= self._kept_s
            if due and self._asking is None:
                self._asking = threading.Thread(target=self._run, name="time-sync", daemon=True)
                self._asking.start()
            return self._last

    def join(self) -> None:
        """Wait for the answer that is being asked for."""
        asking = self._asking
        if asking is not None:
            asking.join()

    def _run(self) -> None:
        try:
            found = self._ask()
        except (OSError, ValueError, AttributeError) as error:
            found = TimeSync("unknown", str(error))
        with self._lock:
            self._last, self._asked_at, self._asking = found, monotonic(), None


def ask() -> TimeSync:
    """Ask the system now: up to :data:`LIMIT_S` seconds on Windows, microseconds elsewhere."""
    if sys.platform == "win32":
        return _ask_windows()
    return _ask_kernel()


_asker = Asker(ask)


def state() -> TimeSync:
    """The system's word of at most a minute ago. Any thread; never waits."""
    return _asker.state()


# --- Linux: the kernel's own account, which every NTP client keeps (adjtimex(2)).

_STA_UNSYNC = 0x0040
_STA_NANO = 0x2000
_TIME_ERROR = 5


class _Timex(ctypes.Structure):
    """``struct timex`` of ``<sys/timex.h>``; what follows the fields read here is left as room."""

    _fields_ = [
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("room", ctypes.c_long * 32),
    ]


def _ask_kernel() -> TimeSync:
    library = ctypes.CDLL(None, use_errno=True)
    told = _Timex()
    result = library.adjtimex(ctypes.byref(told))
    if result < 0:
        return TimeSync("unknown", f"adjtimex: errno {ctypes.get_errno()}")
    return judged(result, told.status, told.offset, _follows())


def judged(result: int, status: int, offset: int, follows: str) -> TimeSync:
    """From what ``adjtimex`` returned and filled in."""
    if result == _TIME_ERROR or status & _STA_UNSYNC:
        # Some clients (on virtual machines) never tell the kernel; systemd's leaves a mark of its own.
        if Path("/run/systemd/timesync/synchronized").exists():
            return TimeSync("synchronized", follows or "systemd-timesyncd")
        return TimeSync("unsynchronized", follows or "kernel")
    # What is left of a correction that the kernel works off: the clock is behind by a positive one.
    return TimeSync("synchronized", follows or "kernel", -offset / (1e9 if status & _STA_NANO else 1e6))


def _follows() -> str:
    for place, name in (
        ("/run/chrony/chronyd.pid", "chrony"),
        ("/run/chronyd.pid", "chrony"),
        ("/run/ntpd.pid", "ntpd"),
        ("/run/systemd/timesync", "systemd-timesyncd"),
    ):
        if Path(place).exists():
            return name
    return ""


# --- Windows. The words are translated with the system, the numbers and the order of the lines are not.


def _ask_windows() -> TimeSync:
    try:
        answer = subprocess.run(
            ["w32tm", "/query", "/status", "/verbose"], capture_output=True, timeout=LIMIT_S, check=False,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return TimeSync("unknown", f"w32tm did not answer within {LIMIT_S:.0f} s")
    if answer.returncode != 0:
        # The service rests unless the PC is in a domain or was told to follow a server.
        return TimeSync("unsynchronized", "w32time")
    return read_w32tm(answer.stdout.decode(_code_page(), "replace"))


def _code_page() -> str:
    # Of a console, not of the desktop. Looked up by name, for the checker knows it on Windows only.
    return f"cp{getattr(ctypes, 'windll').kernel32.GetOEMCP()}"  # noqa: B009


_LEAP_UNSYNCHRONIZED = 3


def read_w32tm(text: str) -> TimeSync:
    """From ``w32tm /query /status /verbose``, in whatever language.

    The first line is the leap indicator (3: not synchronized), the second the stratum (0 or 16: no source); a clock
    that was never set names ``Local CMOS Clock``. The phase offset is the first value in seconds with a sign or
    point after the line of the poll interval.
    """
    rows = text.replace("：", ":").splitlines()
    lines = [line.partition(":")[2].strip() for line in rows if ":" in line]
    if len(lines) < 2:
        return TimeSync("unknown", "w32tm")
    leap, stratum = (_number(line) for line in lines[:2])
    if leap is None:
        return TimeSync("unknown", "w32tm")
    source = lines[7].partition(",")[0] if len(lines) > 7 else ""
    offset = re.search(r"^[^:\n]*:\s*([+-]?\d+\.\d+)\s*s\s*$", "\n".join(rows[9:]), re.MULTILINE)
    if leap == _LEAP_UNSYNCHRONIZED or stratum in (0, 16) or "CMOS" in source:
        return TimeSync("unsynchronized", source or "w32time")
    return TimeSync("synchronized", source or "w32time", float(offset[1]) if offset else None)


def _number(text: str) -> int | None:
    match = re.match(r"\d+", text)
    return int(match[0]) if match else None

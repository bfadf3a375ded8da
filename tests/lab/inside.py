"""Faults that come from inside one of the program's processes, without a line of them in the program.

:func:`hooked` gives an environment in which Python runs :func:`arm` at the start of each process (by a
``sitecustomize`` of the laboratory). A file named after a fault in the laboratory's folder sets it off:

* ``leak``: the engine whose pid the file tells takes 8 MB more each tenth of a second, up to ``LEAK_MB``;
* ``spam``: the same engine fills its pipe to the daemon with lines that mean nothing, while the file is there;
* ``clock``: wall time, as the whole program reads it, is off by so many seconds as the file says.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

FOLDER = "FAULT_LAB"
LOOK_EVERY_S = 0.1
LEAK_MB = 400
_HOOK = "import os\nif os.environ.get('FAULT_LAB'):\n    from tests.lab import inside\n    inside.arm()\n"


def hooked(folder: Path) -> Mapping[str, str]:
    """What a child needs in its environment to have its faults set off by files in ``folder``."""
    hook = folder / "hook"
    hook.mkdir(parents=True, exist_ok=True)
    (hook / "sitecustomize.py").write_text(_HOOK, encoding="ascii")
    root = Path(__file__).parents[2]
    return {FOLDER: str(folder), "PYTHONPATH": os.pathsep.join((str(hook), str(root)))}


def arm() -> None:
    """Make ready for the faults that this process can have."""
    folder, words = Path(os.environ[FOLDER]), sys.orig_argv
    if "broadcaster.engine" in words:
        # The engine takes standard output for itself before it says anything; what is written must go there.
        pipe = os.dup(1)
        threading.Thread(target=_misbehave, args=(folder, pipe), name="fault", daemon=True).start()
    elif "run" in words:
        _bend_the_clock(folder / "clock")


def _misbehave(folder: Path, pipe: int) -> None:
    hoard: list[bytearray] = []
    while True:
        time.sleep(LOOK_EVERY_S)
        if _number(folder / "leak") == os.getpid() and 8 * len(hoard) < LEAK_MB:
            hoard.append(bytearray(os.urandom(1024) * 8192))
        while _number(folder / "spam") == os.getpid():
            try:
                os.write(pipe, b'{"event": "nonsense", "words": "' + b"x" * 4000 + b'"}\n' + b"\xff\xfe{{{\n" * 50)
            except OSError:
                return


def _bend_the_clock(file: Path) -> None:
    from broadcaster.clock import SystemClock

    def now(_clock: SystemClock) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=_number(file))

    setattr(SystemClock, "now", now)  # noqa: B010 - not to be seen by the type checker


def _number(file: Path) -> float:
    try:
        return float(file.read_text(encoding="ascii") or 0)
    except (OSError, ValueError):
        return 0.0

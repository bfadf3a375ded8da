"""Has the built-in music prepared once, in the background, and hands it to the conductor."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
import wave
from collections.abc import Callable

import psutil

from broadcaster.plan.plan import Track
from broadcaster.playout.fallback import TITLE
from broadcaster.settings import Home

log = logging.getLogger(__name__)

NOT_BEFORE_S = 120.0
"""Making it takes the processor for half a minute: the start has other things to do first."""

AGAIN_S = 3600.0
LIMIT_S = 900.0


def prepared(home: Home) -> tuple[Track, ...]:
    """What there is of it."""
    found = []
    for path in sorted((home.var / "fallback").glob("[0-9]*.wav")):
        try:
            with wave.open(str(path), "rb") as file:
                length_s = file.getnframes() / file.getframerate()
        except (OSError, EOFError, wave.Error) as error:
            log.warning("fallback music %s can't be read: %s", path, error)
            continue
        if length_s > 1.0:
            file_name = f"fallback/{path.name}"
            found.append(Track(title=TITLE, file=file_name, path=str(path), duration_s=length_s))
    return tuple(found)


class FallbackMusic:
    """A thread that looks once, makes what is missing, and tells."""

    def __init__(
        self, home: Home, take: Callable[[tuple[Track, ...]], None], not_before_s: float = NOT_BEFORE_S
    ) -> None:
        self._home = home
        self._take = take
        self._not_before_s = not_before_s
        self._stop = threading.Event()
        self._child: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Hand over what is there; make the rest later."""
        if found := prepared(self._home):
            self._take(found)
        threading.Thread(target=self._work, name="fallback-music", daemon=True).start()

    def stop(self) -> None:
        """End; a piece half made is made anew at the next start."""
        self._stop.set()
        if self._child is not None and self._child.poll() is None:
            self._child.kill()

    def _work(self) -> None:
        wait_s = self._not_before_s
        while not prepared(self._home):
            if self._stop.wait(wait_s):
                return
            wait_s = AGAIN_S
            try:
                self._make()
            except (OSError, subprocess.SubprocessError, psutil.Error) as error:
                log.warning("the fallback music can't be made: %s", error)
            if found := prepared(self._home):
                log.info("the fallback music is ready: %d pieces", len(found))
                self._take(found)

    def _make(self) -> None:
        command = [sys.executable, "-m", "broadcaster.starter", "--fallback", "--home", str(self._home.root)]
        self._child = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        if sys.platform == "win32":
            lowest = psutil.IDLE_PRIORITY_CLASS
        else:
            lowest = 19
        psutil.Process(self._child.pid).nice(lowest)
        status = self._child.wait(LIMIT_S)
        if status and not self._stop.is_set():
            log.warning("the fallback music can't be made: exit status %d", status)

"""The command line's way to the calls: a small file in ``var/run/calls``, looked for ten times a second.

It needs neither page nor log-in nor database, so an emergency can be called from the PC itself when those are down;
whoever can write into the store's folder can do everything else to it as well.
"""

from __future__ import annotations

import getpass
import json
import logging
import os
import secrets
import threading
import time
from pathlib import Path
from typing import Any

from broadcaster.actors import CLI
from broadcaster.calls.desk import CallDesk
from broadcaster.errors import BroadcasterError, NotRunning, UsageError
from broadcaster.settings import Home

log = logging.getLogger(__name__)

LOOK_S = 0.1
ANSWER_LIMIT_S = 6.0
STALE_S = 20.0
"""What was asked longer ago is not done: it was asked of a daemon that did not run."""


def _folder(home: Home) -> Path:
    return home.run / "calls"


class CallSpool:
    """Runs a thread from :meth:`start` on."""

    def __init__(self, home: Home, desk: CallDesk) -> None:
        self._folder = _folder(home)
        self._desk = desk
        self._stop = threading.Event()

    def start(self) -> None:
        """Begin to look."""
        threading.Thread(target=self._run, name="call-spool", daemon=True).start()

    def stop(self) -> None:
        """Look no more."""
        self._stop.set()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._folder.mkdir(parents=True, exist_ok=True)
                for path in sorted(self._folder.glob("*.ask")):
                    self._do(path)
            except Exception:
                # The outermost turn of this thread: the next asking may be a good one.
                log.exception("looking for calls of the command line failed")
            self._stop.wait(LOOK_S)

    def _do(self, path: Path) -> None:
        try:
            asked = json.loads(path.read_text(encoding="utf-8"))
            fresh = abs(time.time() - float(asked["at"])) < STALE_S
        finally:
            # What can't be understood now never will be, and must not stand before those that come after it.
            path.unlink(missing_ok=True)
        if not fresh:
            return
        try:
            told = {"ok": True, "text": self._carry_out(asked)}
        except BroadcasterError as error:
            told = {"ok": False, "text": str(error), "usage": isinstance(error, UsageError)}
        answer = path.with_suffix(".answer")
        fresh_answer = path.with_suffix(".new")
        fresh_answer.write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
        fresh_answer.replace(answer)

    def _carry_out(self, asked: dict[str, Any]) -> str:
        who, reason = f"{CLI}{asked['who']}", str(asked.get("reason", ""))
        if asked["deed"] == "end":
            one = self._desk.end(reason, by=who, where="cli")
            return f"应急广播已结束 / the emergency has ended: {one.params.get('title_zh')}"
        one = self._desk.call(str(asked["message"]), reason, by=who, where="cli")
        return f"正在循环播放 / it is on air, over and over: {one.params.get('title_zh')}"


def ask_calls(home: Home, deed: str, *, message: str = "", reason: str = "") -> str:
    """Have the running daemon call, or end, an emergency; what it answered. Raises ``NotRunning``, ``UsageError``."""
    if not (home.run / "daemon.lock").exists() or not _folder(home).is_dir():
        raise NotRunning(f"{home.root}: 播音程序没有在运行 / the daemon is not running; start it with: broadcaster run")
    path = _folder(home) / f"{secrets.token_hex(8)}.ask"
    asked = {"deed": deed, "message": message, "reason": reason, "who": _user(), "at": time.time()}
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(asked, ensure_ascii=False), encoding="utf-8")
    fresh.replace(path)
    answer = path.with_suffix(".answer")
    deadline = time.monotonic() + ANSWER_LIMIT_S
    while not answer.exists():
        if time.monotonic() > deadline:
            path.unlink(missing_ok=True)
            raise NotRunning(f"{home.root}: 播音程序没有回答 / the daemon does not answer; is it running?")
        time.sleep(0.02)
    told = json.loads(answer.read_text(encoding="utf-8"))
    answer.unlink(missing_ok=True)
    if not told["ok"]:
        raise UsageError(told["text"]) if told.get("usage") else BroadcasterError(told["text"])
    return str(told["text"])


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return str(os.getpid())

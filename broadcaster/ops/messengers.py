"""Sends letters by a child process, with a time limit that holds whatever the other side does."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal

from broadcaster.media.bench import child_environment, creation_flags

COMMAND = (sys.executable, "-m", "broadcaster.ops.messenger")
MessageKind = Literal["info", "success", "warning", "failure"]
"""As Apprise calls it; a target may show it as a colour, or hand it on as ``type``."""
LIMIT_S = 40.0
"""From the child's start; whoever has not answered by then is tried again later."""


@dataclass(frozen=True, slots=True)
class Message:
    """One letter, ready to go. ``mark`` stands for the address in answers."""

    mark: str
    url: str
    title: str
    body: str
    kind: MessageKind = "info"

    def __repr__(self) -> str:
        return f"Message({self.mark}, {self.title!r})"


@dataclass(frozen=True, slots=True)
class Answer:
    """How it went: ``zh`` and ``en`` say why not, empty when it was taken."""

    mark: str
    zh: str = ""
    en: str = ""

    @property
    def ok(self) -> bool:
        """Whether the other side took it."""
        return not self.zh


LATE = ("对方一直没有应答", "no answer in time")


def send(
    messages: Sequence[Message], told: Callable[[Answer], None], *, limit_s: float = LIMIT_S,
    command: Sequence[str] = COMMAND,
) -> None:  # fmt: skip
    """Send all, and tell of each exactly once, as soon as it is known; returns within ``limit_s`` or a little more.

    The targets don't wait for each other. Addresses are neither logged nor on a command line.
    """
    waiting = {message.mark for message in messages}

    def answer(one: Answer) -> None:
        if one.mark in waiting:
            waiting.discard(one.mark)
            told(one)

    trouble = LATE
    try:
        complaint = _run(messages, answer, limit_s, command)
        if complaint:
            trouble = (f"发送程序出错:{complaint}", f"the sending program failed: {complaint}")
    except OSError as error:
        trouble = (f"发送程序起不来:{error}", f"the sending program can't be started: {error}")
    for mark in sorted(waiting):
        answer(Answer(mark, *trouble))


def _run(
    messages: Sequence[Message], answer: Callable[[Answer], None], limit_s: float, command: Sequence[str]
) -> str:  # fmt: skip
    job = json.dumps({"letters": [_job(message) for message in messages]}).encode()
    child = subprocess.Popen(
        list(command), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env=child_environment(), creationflags=creation_flags(),
    )  # fmt: skip
    ended = threading.Event()

    def end() -> None:
        ended.set()
        child.kill()

    limit = threading.Timer(limit_s, end)
    limit.daemon = True
    limit.start()
    assert child.stdin is not None and child.stdout is not None and child.stderr is not None
    errors: list[bytes] = []
    reader = threading.Thread(target=lambda: errors.append(child.stderr.read()), daemon=True)  # type: ignore[union-attr]
    reader.start()
    try:
        with suppress(OSError):
            child.stdin.write(job)
            child.stdin.close()
        for line in child.stdout:
            with suppress(ValueError, KeyError, TypeError):
                said = json.loads(line)
                answer(Answer(str(said["mark"]), str(said["zh"]), str(said["en"])))
    finally:
        limit.cancel()
        child.kill()
        code = child.wait()
        reader.join(1)
        child.stdout.close()
        child.stderr.close()
    if ended.is_set() or code == 0:
        return ""
    # The name of the error alone: its text may quote an address.
    lines = b"".join(errors).decode(errors="replace").strip().splitlines()
    return lines[-1].partition(":")[0][:80] if lines else f"{code}"


def _job(message: Message) -> dict[str, Any]:
    return {
        "mark": message.mark, "url": message.url, "title": message.title, "body": message.body,
        "kind": message.kind,
    }  # fmt: skip

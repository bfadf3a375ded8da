"""One child process of the voice worker, from the daemon's side."""

from __future__ import annotations

import json
import queue
import subprocess
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from threading import Lock, Thread
from typing import IO, Any

from broadcaster.clock import monotonic
from broadcaster.errors import VoiceError, VoiceTimeout
from broadcaster.media.bench import child_environment, creation_flags

STRIKES = 3
TIRED_S = 600.0
"""After three failures in a row the engine is left alone for this long."""

_JOIN_S = 5.0


class _Process:
    """A started child with the threads that read it; they also reap it, so that none is left a zombie."""

    def __init__(self, command: Sequence[str]) -> None:
        self.lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self.words: deque[str] = deque(maxlen=5)
        self.fresh = True
        self.popen = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=child_environment(),
            creationflags=creation_flags(),
        )
        assert self.popen.stdout is not None and self.popen.stderr is not None
        self._readers = [
            Thread(target=self._read_lines, args=(self.popen.stdout,), name="voice answers", daemon=True),
            Thread(target=self._read_words, args=(self.popen.stderr,), name="voice words", daemon=True),
        ]
        for reader in self._readers:
            reader.start()

    def send(self, job: dict[str, Any]) -> None:
        """Raises ``OSError`` when the child is gone."""
        assert self.popen.stdin is not None
        self.popen.stdin.write(json.dumps(job).encode() + b"\n")
        self.popen.stdin.flush()

    def end(self) -> int:
        """End it whatever it does; its exit status."""
        self.popen.kill()
        status = self.popen.wait()
        assert self.popen.stdin is not None
        with suppress(OSError):  # a job that could not be delivered is still in its buffer
            self.popen.stdin.close()
        for reader in self._readers:
            reader.join(_JOIN_S)
        return status

    def _read_lines(self, pipe: IO[bytes]) -> None:
        with pipe:
            for line in pipe:
                self.lines.put(line)
        self.popen.wait()
        self.lines.put(b"")

    def _read_words(self, pipe: IO[bytes]) -> None:
        with pipe:
            for line in pipe:
                if text := line.decode("utf-8", "replace").strip():
                    self.words.append(text)


class WorkerChild:
    """Started at its first job, kept for the next, replaced after it hung or died. Safe from several threads.

    ``start_s`` is what a child just started may take longer: it loads a model, perhaps from a slow disk. One that
    ``tires`` is left alone for a while after three failures in a row.
    """

    def __init__(self, name: str, command: Sequence[str], start_s: float, *, tires: bool) -> None:
        self._name = name
        self._command = list(command)
        self._start_s = start_s
        self._tires = tires
        self._turn = Lock()
        self._guard = Lock()
        self._process: _Process | None = None
        self._closed = False
        self._number = 0
        self._strikes = 0
        self._tired_until = float("-inf")

    @property
    def pid(self) -> int | None:
        """Of the child, while there is one."""
        process = self._process
        return process.popen.pid if process and process.popen.poll() is None else None

    def tired(self) -> str | None:
        """Why it is left alone for now, or None."""
        left_s = self._tired_until - monotonic()
        if left_s <= 0:
            return None
        minutes = max(1, round(left_s / 60))
        return (
            f"{self._name} 连续 {STRIKES} 次失败,{minutes} 分钟后再试 / "
            f"it failed {STRIKES} times in a row and is tried again in {minutes} min"
        )

    def do(self, job: dict[str, Any], timeout_s: float) -> dict[str, Any]:
        """What the child answers; jobs of several threads go one after another, each with the whole time limit.

        Raises ``VoiceTimeout`` when it takes longer, and ``VoiceError`` when the job is refused or the child dies of
        it. Either way the next job is done by a child that works.
        """
        with self._turn:
            if why := self.tired():
                raise VoiceError(why)
            answer = self._ask(job, timeout_s)
            if answer is None:  # it had just left, being idle
                answer = self._ask(job, timeout_s)
        if answer is None:
            raise self._failed(VoiceError(f"{self._name} ended without an answer; repair the installation"))
        if "error" in answer:
            refusal = VoiceError(f"{self._name}: {answer['error']}")
            raise self._failed(refusal) if answer.get("broken") else refusal
        return answer

    def succeeded(self) -> None:
        """The last answer was good: failures are counted anew."""
        self._strikes = 0

    def failed(self) -> None:
        """The last answer was not: three in a row, and it is left alone for a while."""
        self._strikes += 1
        if self._tires and self._strikes >= STRIKES:
            self._strikes, self._tired_until = 0, monotonic() + TIRED_S

    def close(self) -> None:
        """End the child for good, whatever it does; a job under way raises ``VoiceError``."""
        with self._guard:
            self._closed = True
            process, self._process = self._process, None
        if process is not None:
            process.end()

    def _failed(self, error: VoiceError) -> VoiceError:
        self.failed()
        return error

    def _ask(self, job: dict[str, Any], timeout_s: float) -> dict[str, Any] | None:
        process = self._running()
        limit_s = timeout_s + (self._start_s if process.fresh else 0.0)
        self._number += 1
        try:
            process.send({"id": self._number, **job})
            line = process.lines.get(timeout=limit_s)
        except OSError:
            line = b""
            with suppress(subprocess.TimeoutExpired):  # it is going; its own status is what to tell
                process.popen.wait(1.0)
        except queue.Empty:
            self._drop(process)
            raise self._failed(
                VoiceTimeout(f"{self._name} did not finish within {limit_s:g} s and was ended")
            ) from None
        answer = _parse(line, self._number)
        if answer is not None:
            process.fresh = False
            return answer
        status = self._drop(process)
        if self._closed:
            raise VoiceError(f"{self._name} was stopped")
        if line:
            raise self._failed(VoiceError(f"{self._name} answered with something else ({line[:80]!r}) and was ended"))
        if status == 0 and not process.fresh:
            return None
        words = process.words[-1] if process.words else "no last words"
        raise self._failed(VoiceError(f"{self._name} died (exit status {status}: {words})"))

    def _running(self) -> _Process:
        with self._guard:
            if self._closed:
                raise VoiceError(f"{self._name} was stopped")
            if self._process is not None and self._process.popen.poll() is None:
                return self._process
            gone, self._process = self._process, None
            if gone is not None:
                gone.end()
            try:
                self._process = _Process(self._command)
            except OSError as error:
                raise VoiceError(f"{self._name} can't be started ({error}); repair the installation") from error
            return self._process

    def _drop(self, process: _Process) -> int:
        with self._guard:
            if self._process is process:
                self._process = None
        return process.end()


def _parse(line: bytes, number: int) -> dict[str, Any] | None:
    try:
        answer = json.loads(line)
    except ValueError:
        return None
    return answer if isinstance(answer, dict) and answer.get("id") == number else None

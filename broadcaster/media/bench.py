"""The daemon's side of the child process that decodes, measures and writes recordings."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from threading import Thread
from types import TracebackType
from typing import IO, Any, Self

import broadcaster
from broadcaster.errors import MediaError

WORKER = (sys.executable, "-m", "broadcaster.media.worker")


def child_environment() -> dict[str, str]:
    """The environment for our children: they find this package, speak UTF-8, and keep to one core each."""
    package = str(Path(broadcaster.__file__).parent.parent)
    path = os.pathsep.join(part for part in (package, os.environ.get("PYTHONPATH")) if part)
    return {**os.environ, "PYTHONPATH": path, "PYTHONUTF8": "1", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


def creation_flags() -> int:
    """Flags for ``subprocess.Popen``: on Windows no console window, and less priority than what airs."""
    if sys.platform == "win32":
        return subprocess.CREATE_NO_WINDOW | subprocess.BELOW_NORMAL_PRIORITY_CLASS
    return 0


class Bench:
    """One child process, started at the first job, kept for the next, and replaced after it hung or died.

    To be used by one thread at a time. Leaving it as a context manager ends the child.
    """

    def __init__(self, command: Sequence[str] = WORKER) -> None:
        self._command = list(command)
        self._process: subprocess.Popen[bytes] | None = None
        self._lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._last_words: deque[str] = deque(maxlen=5)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def pid(self) -> int | None:
        """Of the child, while there is one."""
        return self._process.pid if self._process else None

    def do(self, job: dict[str, Any], timeout_s: float) -> dict[str, Any]:
        """What the child answers to the job.

        Raises ``MediaError`` with the reason and the remedy, without a file's name, when the job is refused, the
        child dies of it, or it takes longer than ``timeout_s``; the child is then ended.
        """
        process = self._process or self._start()
        assert process.stdin is not None
        try:
            process.stdin.write(json.dumps(job).encode() + b"\n")
            process.stdin.flush()
            line = self._lines.get(timeout=timeout_s)
        except queue.Empty:
            self.close()
            raise MediaError(
                f"the decoder did not finish within {timeout_s:g} s and was ended; "
                "try to play the file elsewhere, and convert it to FLAC or WAV"
            ) from None
        except OSError:
            line = b""
        answer = _parse(line)
        if answer is None:
            self.close()
            words = self._last_words[-1] if self._last_words else "no last words"
            raise MediaError(
                f"the decoder died of it (exit status {process.returncode}: {words}); convert the file to FLAC or WAV"
            )
        if "error" in answer:
            raise MediaError(str(answer["error"]))
        return answer

    def warm(self, timeout_s: float = 30.0) -> None:
        """Have the child ready for its first job. What goes wrong shows at that job."""
        with suppress(MediaError):
            self.do({"job": "warm"}, timeout_s)

    def close(self) -> None:
        """End the child, if there is one, whatever it does."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        if process.stdin is not None:
            with suppress(OSError):  # a job that could not be delivered is still in its buffer
                process.stdin.close()

    def _start(self) -> subprocess.Popen[bytes]:
        try:
            process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=child_environment(),
                creationflags=creation_flags(),
            )
        except OSError as error:
            raise MediaError(
                f"the decoder {self._command[0]} can't be started ({error}); repair the installation"
            ) from error
        assert process.stdout is not None and process.stderr is not None
        self._lines, self._last_words = queue.SimpleQueue(), deque(maxlen=5)
        Thread(target=_read_lines, args=(process.stdout, self._lines), daemon=True).start()
        Thread(target=_read_words, args=(process.stderr, self._last_words), daemon=True).start()
        self._process = process
        return process


def _parse(line: bytes) -> dict[str, Any] | None:
    try:
        answer = json.loads(line)
    except ValueError:
        return None
    return answer if isinstance(answer, dict) else None


def _read_lines(pipe: IO[bytes], lines: queue.SimpleQueue[bytes]) -> None:
    with pipe:
        for line in pipe:
            lines.put(line)
    lines.put(b"")


def _read_words(pipe: IO[bytes], words: deque[str]) -> None:
    with pipe:
        for line in pipe:
            if text := line.decode("utf-8", "replace").strip():
                words.append(text)

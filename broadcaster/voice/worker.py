"""The child process that reads texts and speaks phrases: ``python -m broadcaster.voice.worker``.

One JSON object a line: a job with its ``id`` on standard input, an answer with the same ``id`` on standard output.
Dictionaries and the model are loaded at the first job that needs them, and given back by leaving: after ten idle
minutes, or at once when standard input closes, which means that the parent is gone.
"""

from __future__ import annotations

import errno
import json
import os
import queue
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Thread
from typing import IO, TYPE_CHECKING, Any

import psutil

from broadcaster.errors import VoiceError
from broadcaster.voice.float_wav import write_float_wav
from broadcaster.voice.wire import phrase_from_json, reading_to_json

if TYPE_CHECKING:
    from broadcaster.voice.neural.mouth import Mouth
    from broadcaster.voice.reading.lexicon import Lexicon

IDLE_S = 600.0
_NICE = 10


class Worker:
    """What the process holds between jobs."""

    def __init__(self) -> None:
        self._mouth: Mouth | None = None
        self._loaded: tuple[str, int] | None = None
        self._lexicon: Lexicon | None = None
        self._lexicon_of: tuple[object, ...] | None = None
        self._jobs: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
            "read": self._read,
            "speak": self._speak,
            "load": self._load,
        }

    def answer(self, job: dict[str, Any]) -> dict[str, Any]:
        """Do one job. Never raises: what goes wrong is the answer, in words for people."""
        try:
            return self._jobs[job["job"]](job)
        except VoiceError as error:
            return {"error": str(error)}
        except OSError as error:
            return {"error": _explain(error)}
        except Exception as error:  # the loop's outermost turn: one text must not end the others' worker
            return {"error": f"it failed ({type(error).__name__}: {error})", "broken": True}

    def _read(self, job: dict[str, Any]) -> dict[str, Any]:
        from broadcaster.voice.reading.read import read

        reading = read(str(job["text"]), self._lexicon_at(job["lexicon"]), language=str(job["language"]))
        return {"reading": reading_to_json(reading)}

    def _lexicon_at(self, path: str | None) -> Lexicon:
        from broadcaster.voice.reading.lexicon import Lexicon

        of = (path, *_stamp(path))
        if self._lexicon is None or self._lexicon_of != of:
            self._lexicon, self._lexicon_of = Lexicon.load(Path(path) if path else None)[0], of
        return self._lexicon

    def _load(self, job: dict[str, Any]) -> dict[str, Any]:
        """Load what the coming jobs need: the model, or with no folder the dictionaries."""
        if job["folder"] is not None:
            self._mouth_in(job["folder"])
            return {}
        return {"spoken": self._read({"text": "好", "lexicon": job["lexicon"], "language": "zh"})["reading"]["spoken"]}

    def _mouth_in(self, folder: str) -> Mouth:
        from broadcaster.voice.neural.kinds import KOKORO
        from broadcaster.voice.neural.mouth import Mouth

        model = Path(folder) / KOKORO.model
        of = (folder, model.stat().st_mtime_ns)
        if self._mouth is None or self._loaded != of:
            self._mouth, self._loaded = Mouth(KOKORO, Path(folder)), of
        return self._mouth

    def _speak(self, job: dict[str, Any]) -> dict[str, Any]:
        mouth = self._mouth_in(job["folder"])
        samples = mouth.speak(phrase_from_json(job["phrase"]), str(job["voice"]), float(job["speed"]))
        write_float_wav(Path(job["out"]), samples.astype("<f4").tobytes(), mouth.kind.rate_hz)
        return {"seconds": len(samples) / mouth.kind.rate_hz}


def _stamp(path: str | None) -> tuple[int, int]:
    """What tells that a file has changed; a missing one has a stamp as well."""
    try:
        found = Path(path or "").stat()
    except OSError:
        return -1, -1
    return found.st_mtime_ns, found.st_size


def _explain(error: OSError) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return "the disk is full; make room"
    if isinstance(error, PermissionError):
        return f"{error.filename or 'it'} may not be read or written by this user; change its permissions"
    return f"{error}; check the disk"


def yield_to_the_air() -> None:
    """Lower priority than what airs."""
    try:
        if sys.platform == "win32":
            psutil.Process().nice(psutil.BELOW_NORMAL_PRIORITY_CLASS)
        else:
            os.nice(_NICE)
    except (psutil.Error, OSError):
        return  # it is slower for others then, not wrong


def main() -> None:
    # Libraries print on standard output, which belongs to the answers.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    # Ctrl-C in a terminal reaches all processes; the parent ends us in its own order.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    yield_to_the_air()
    jobs: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    Thread(target=_listen, args=(sys.stdin.buffer, jobs), daemon=True).start()
    worker = Worker()
    while True:
        try:
            job = json.loads(jobs.get(timeout=IDLE_S))
        except queue.Empty:
            os._exit(0)
        answer = {"id": job["id"], **worker.answer(job)}
        answers.write(json.dumps(answer).encode() + b"\n")
        answers.flush()


def _listen(pipe: IO[bytes], jobs: queue.SimpleQueue[bytes]) -> None:
    for line in pipe:
        jobs.put(line)
    os._exit(0)


if __name__ == "__main__":
    main()

"""The child process that decodes, measures and writes: ``python -m broadcaster.media.worker``.

One JSON object a line: a job on standard input, ``{"key": ...}`` or ``{"error": reason and remedy}`` on standard
output. A closed standard input means that the parent is gone; then this leaves at once, whatever it is doing.
"""

from __future__ import annotations

import errno
import json
import os
import queue
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Thread
from typing import IO, Any

from broadcaster.errors import MediaError

_NICE = 10


def _prepare(job: dict[str, Any]) -> str:
    from broadcaster.media.prepare import prepare
    from broadcaster.media.recording import Limits
    from broadcaster.media.shelf import Shelf

    limits = Limits(float(job["shortest_s"]), float(job["longest_s"]))
    shelf, work = Shelf(Path(job["shelf"])), Path(job["work"])
    return prepare(Path(job["source"]), shelf, work, float(job["keep_free_mb"]), limits)


def _finish(job: dict[str, Any]) -> str:
    from broadcaster.media.finish import finish
    from broadcaster.media.shelf import Shelf

    return finish(job, Shelf(Path(job["shelf"])), Path(job["work"]))


def _warm(job: dict[str, Any]) -> str:
    """Loads the libraries while there is time: they take longer than finishing a short announcement."""
    import broadcaster.media.finish

    return broadcaster.media.finish.__name__


_JOBS: dict[str, Callable[[dict[str, Any]], str]] = {"prepare": _prepare, "finish": _finish, "warm": _warm}


def answer(job: dict[str, Any]) -> dict[str, Any]:
    """Do one job. Never raises: what goes wrong is the answer, in words for people."""
    try:
        return {"key": _JOBS[job["job"]](job)}
    except MediaError as error:
        return {"error": str(error)}
    except OSError as error:
        return {"error": _explain(error)}
    except Exception as error:  # the loop's outermost turn: one file must not end the others' worker
        return {"error": f"preparing it failed ({type(error).__name__}: {error}); convert it to FLAC or WAV"}


def _explain(error: OSError) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "the disk is full; make room"
    if isinstance(error, PermissionError):
        return f"{error.filename or 'it'} may not be read or written by this user; change its permissions"
    if isinstance(error, FileNotFoundError):
        return "it is not there any more; put it back, or take it out of the plan"
    return f"{error}; check the disk"


def main() -> None:
    # Libraries print on standard output, which belongs to the answers.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    if sys.platform != "win32":
        os.nice(_NICE)
    jobs: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    Thread(target=_read, args=(sys.stdin.buffer, jobs), daemon=True).start()
    while True:
        result = answer(json.loads(jobs.get()))
        answers.write(json.dumps(result).encode() + b"\n")
        answers.flush()


def _read(pipe: IO[bytes], jobs: queue.SimpleQueue[bytes]) -> None:
    for line in pipe:
        jobs.put(line)
    os._exit(0)


if __name__ == "__main__":
    main()

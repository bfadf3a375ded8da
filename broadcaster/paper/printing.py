"""A document becomes a PDF, in a child process of little priority: a long one takes seconds of one core."""

from __future__ import annotations

import subprocess
import sys
import threading

from broadcaster.errors import PaperError, TooOften
from broadcaster.media.bench import child_environment, creation_flags
from broadcaster.paper.parts import PAPER, Paper

TIMEOUT_S = 120.0
"""No document takes that long; one that does is given up."""
AT_ONCE = 2
"""So many documents are drawn side by side; who waits longer than ``WAIT_S`` for a turn is asked to come back."""
WAIT_S = 20.0
_turns = threading.BoundedSemaphore(AT_ONCE)
WORKER = (sys.executable, "-m", "broadcaster.paper")


def pdf(paper: Paper) -> bytes:
    """The document as PDF, with the Chinese letters that it uses inside. Raises ``PaperError``, ``TooOften``."""
    job = PAPER.dump_json(paper)
    if not _turns.acquire(timeout=WAIT_S):
        raise TooOften("正在做别的 PDF,请稍后再来 / other PDFs are being made, come back in a moment", WAIT_S)
    try:
        return _drawn(paper.title, job)
    finally:
        _turns.release()


def _drawn(title: str, job: bytes) -> bytes:
    try:
        done = subprocess.run(
            WORKER, input=job, capture_output=True, timeout=TIMEOUT_S, check=False, env=child_environment(),
            creationflags=creation_flags(),
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        raise PaperError(f"“{title}”没有做成 PDF / no PDF could be made ({error})") from error
    if done.returncode != 0:
        words = done.stderr.decode("utf-8", "replace").strip().splitlines() or [f"status {done.returncode}"]
        raise PaperError(f"“{title}”没有做成 PDF / no PDF could be made ({words[-1][:300]})")
    return done.stdout

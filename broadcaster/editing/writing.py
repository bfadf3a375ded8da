"""Writes several plan files as one: under a lock, and so that a crash in between is made good by whoever comes next.

What is to be written is first put down in ``var/plan/publishing.json``, on disk. Then the files are exchanged, each at
once, then the version is noted in the database, then the slip is thrown away. Whoever finds a slip finishes the work:
files that are still as they were get their new text, a file that somebody changed since is left to them.
"""

from __future__ import annotations

import contextlib
import json
import logging
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from broadcaster.editing.texts import hashed
from broadcaster.errors import BroadcasterError
from broadcaster.settings import Home, write_whole

log = logging.getLogger(__name__)

WAIT_S = 10.0
STALE_S = 5.0
"""A slip older than this is not being worked on."""


@dataclass(frozen=True, slots=True)
class Slip:
    """A publication under way. ``None`` as a text: the file is deleted; as what was there before: it is new."""

    texts: Mapping[str, str | None]
    before: Mapping[str, str | None]
    """Path -> hash of what was there."""
    who: str
    how: str
    words: str
    where: str
    deed: str
    """Of the audit trail: ``plan.publish`` and so on."""
    detail: Mapping[str, object]


@contextlib.contextmanager
def held(home: Home) -> Iterator[None]:
    """Keep other threads and processes from editing. ``BroadcasterError`` when somebody does so for too long."""
    path = home.var / "plan" / "edit.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path, timeout=WAIT_S)
    try:
        lock.acquire()
    except Timeout:
        raise BroadcasterError("别人正在发布,请稍后再试 / somebody is publishing at the moment; try again") from None
    try:
        yield
    finally:
        lock.release()


def slip_path(home: Home) -> Path:
    """Where a publication under way is put down."""
    return home.var / "plan" / "publishing.json"


def under_way(home: Home) -> bool:
    """Whether files are being exchanged at this moment: what is read now may be half of a publication."""
    try:
        return time.time() - slip_path(home).stat().st_mtime < STALE_S
    except OSError:
        return False


def put_down(home: Home, slip: Slip) -> None:
    """Put a publication down before its first file is written."""
    write_whole(slip_path(home), json.dumps(asdict(slip), ensure_ascii=True))


def found(home: Home) -> Slip | None:
    """A publication that was not finished."""
    try:
        return Slip(**json.loads(slip_path(home).read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError) as error:
        log.error("%s can't be read and is thrown away: %s", slip_path(home), error)
        done(home)
        return None


def done(home: Home) -> None:
    """Throw the slip away."""
    slip_path(home).unlink(missing_ok=True)


def write(home: Home, slip: Slip) -> None:
    """Exchange the files of a slip. What is there already stays, and so does what somebody else wrote since."""
    for file, text in slip.texts.items():
        path = home.root / file
        now = _hash_of(path)
        if now != slip.before.get(file):
            if text is None or now != hashed(text):
                log.warning("%s was changed meanwhile and is left as it is", file)
            continue
        try:
            if text is None:
                path.unlink(missing_ok=True)
            elif now != hashed(text):
                write_whole(path, text)
        except OSError as error:
            raise BroadcasterError(f"{file} 写不进去:{error} / can't be written: {error}") from error


def _hash_of(path: Path) -> str | None:
    try:
        return hashed(path.read_bytes().decode("utf-8", errors="backslashreplace"))
    except OSError:
        return None

"""Writes several plan files as one: under a lock, and so that a crash in between is made good by whoever comes next.

What is to be written is first put down in ``var/plan/publishing.json``, on disk. Then the files are exchanged, each at
once, then the version is noted in the database, then the slip is thrown away. Whoever finds a slip that nobody works on
finishes the work: files that are still as they were get their new text, a file that somebody changed since is left to
them. Whether somebody works on it, the lock tells; no clock is asked, for clocks are set.
"""

from __future__ import annotations

import contextlib
import json
import logging
from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from filelock import FileLock, Timeout

from broadcaster.editing.texts import hashed
from broadcaster.errors import BroadcasterError
from broadcaster.settings import Home, write_whole

log = logging.getLogger(__name__)

WAIT_S = 10.0


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
    lock = _lock(home)
    try:
        lock.acquire(timeout=WAIT_S)
    except Timeout:
        raise BroadcasterError("别人正在发布,请稍后再试 / somebody is publishing at the moment; try again") from None
    try:
        yield
    finally:
        lock.release()


def _lock(home: Home) -> FileLock:
    path = home.var / "plan" / "edit.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    return FileLock(path)


def slip_path(home: Home) -> Path:
    """Where a publication under way is put down."""
    return home.var / "plan" / "publishing.json"


def under_way(home: Home) -> bool:
    """Whether files are still to be exchanged: what is read now may be half of a publication."""
    try:
        slip = _read(home)
    except FileNotFoundError:
        return False
    except (OSError, ValueError, TypeError):
        # It is being exchanged itself, or :func:`finished` throws it away.
        return True
    return any(
        (now := _hash_of(home.root / file)) == slip.before.get(file) and now != _wanted(text)
        for file, text in slip.texts.items()
    )


def finished(home: Home) -> bool:
    """Exchange what a crash left over; False while somebody is at it. The slip stays for whoever notes the version.

    ``BroadcasterError`` where a file can't be written.
    """
    if not slip_path(home).exists():
        return True
    lock = _lock(home)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return False
    try:
        slip = found(home)
        if slip is not None:
            write(home, slip)
        return True
    finally:
        lock.release()


def put_down(home: Home, slip: Slip) -> None:
    """Put a publication down before its first file is written."""
    write_whole(slip_path(home), json.dumps(asdict(slip), ensure_ascii=True))


def found(home: Home) -> Slip | None:
    """A publication that was not finished. Under the lock."""
    try:
        return _read(home)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError) as error:
        log.error("%s can't be read and is thrown away: %s", slip_path(home), error)
        done(home)
        return None


def _read(home: Home) -> Slip:
    return Slip(**json.loads(slip_path(home).read_text(encoding="utf-8")))


def done(home: Home) -> None:
    """Throw the slip away."""
    slip_path(home).unlink(missing_ok=True)


def touched(home: Home, slip: Slip) -> list[str]:
    """Files that are neither as they were nor as they are meant to be: somebody else wrote them."""
    return [
        file for file, text in slip.texts.items()
        if _hash_of(home.root / file) not in (slip.before.get(file), _wanted(text))
    ]  # fmt: skip


def write(home: Home, slip: Slip) -> list[str]:
    """Exchange the files of a slip. What is there already stays, and so does what somebody else wrote since: those
    files are told. ``BroadcasterError`` where one can't be written.
    """
    left = []
    for file, text in slip.texts.items():
        path = home.root / file
        now = _hash_of(path)
        if now == _wanted(text):
            continue
        if now != slip.before.get(file):
            log.warning("%s was changed meanwhile and is left as it is", file)
            left.append(file)
            continue
        try:
            if text is None:
                path.unlink(missing_ok=True)
            else:
                write_whole(path, text)
        except OSError as error:
            raise BroadcasterError(f"{file} 写不进去:{error} / can't be written: {error}") from error
    return left


def take_back(home: Home, slip: Slip, before: Mapping[str, str], left: Collection[str] = ()) -> None:
    """Give the files of a slip the texts ``before`` again, but for those ``left`` to others. A crash in between is
    finished like any other.
    """
    mine = [file for file in slip.texts if file not in left and _hash_of(home.root / file) == _wanted(slip.texts[file])]
    back = replace(
        slip, texts={file: before.get(file) for file in mine},
        before={file: _wanted(slip.texts[file]) for file in mine},
    )  # fmt: skip
    put_down(home, back)
    write(home, back)
    done(home)


def _wanted(text: str | None) -> str | None:
    return None if text is None else hashed(text)


def _hash_of(path: Path) -> str | None:
    try:
        return hashed(path.read_bytes().decode("utf-8", errors="backslashreplace"))
    except OSError:
        return None

"""What can be done without when the disk runs low, oldest first. Nothing here that people made or decided."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from broadcaster.settings import Home

GRACE_S = 86_400.0
"""What was made so lately is perhaps for a plan or a notice that is only just being written."""
COPIES_KEPT = 3
"""Of the database's copies from before its tables were changed."""
_ROTATED = re.compile(r"\.\d+$")


@dataclass(frozen=True, slots=True)
class Spare:
    """Files that go together, and how many bytes that frees."""

    paths: tuple[Path, ...]
    bytes: int
    at: float
    """When the newest was written, in seconds of the epoch."""


def phrases(home: Home) -> list[Spare]:
    """Single phrases as an engine spoke them: only wanted to speak a changed text sooner."""
    return _by_age(_each((home.media / "phrases").glob("*.wav")))


def recordings(home: Home, pinned: Collection[str], *, grace_s: float = GRACE_S) -> list[Spare]:
    """Prepared recordings that nothing counts on; they are made again when something does."""
    latest = time.time() - grace_s
    found = []
    for wav in home.media.glob("*.wav"):
        if wav.stem in pinned:
            continue
        # The sidecar goes first: without it the recording counts as absent.
        found += [one for one in _each([wav], beside=wav.with_suffix(".json")) if one.at < latest]
    return _by_age(found)


def leftovers(home: Home) -> list[Spare]:
    """What was broken off: work of a killed process, bodies of requests, halves of files."""
    latest = time.time() - GRACE_S
    places = (*home.media.glob("work-*"), *(home.var / "incoming").glob("*"), *home.media.glob("*.part"))
    return [one for one in _each(places) if one.at < latest]


def logs(home: Home) -> list[Spare]:
    """Log files that were put aside; those that are written to stay."""
    return _by_age(_each(path for path in home.logs.glob("*") if _ROTATED.search(path.name)))


def copies(home: Home) -> list[Spare]:
    """Copies of the database from before its tables were changed, but for the newest."""
    found = _by_age(_each((home.var / "backups").glob("database-*.db")))
    return found[:-COPIES_KEPT]


def spoken(home: Home, today: date, days: int) -> list[Spare]:
    """Recordings of live pages from before the last ``days``; each day's in a folder of its date."""
    found: list[Spare] = []
    for folder in (home.var / "live").glob("????-??-??"):
        with suppress(ValueError):
            if date.fromisoformat(folder.name) < today - timedelta(days=days):
                found += _each([folder])
    return _by_age(found)


def delete(spares: Iterable[Spare], enough: Callable[[int], bool] = lambda freed: False) -> tuple[int, int]:
    """Delete one after another until ``enough`` of the bytes freed; how many went, and how many bytes."""
    count = freed = 0
    for spare in spares:
        if enough(freed):
            break
        if _deleted(spare):
            count, freed = count + 1, freed + spare.bytes
    return count, freed


def _deleted(spare: Spare) -> bool:
    try:
        for path in spare.paths:
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
    except OSError:
        # It is being played (Windows), or the disk refuses: the next one may go.
        return False
    return True


def _each(paths: Iterable[Path], beside: Path | None = None) -> Iterator[Spare]:
    for path in paths:
        with suppress(OSError):
            found = path.stat()
            inside = size_of(path) if path.is_dir() else 0
            all_of_it = (beside, path) if beside is not None else (path,)
            yield Spare(all_of_it, found.st_size + inside, found.st_mtime)


def size_of(folder: Path) -> int:
    """Bytes of all files in a folder."""
    return sum(_size(path) for path in folder.rglob("*"))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _by_age(spares: Iterable[Spare]) -> list[Spare]:
    return sorted(spares, key=lambda one: one.at)

"""The files that child processes write their errors to: kept small, whatever a child has to say."""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path
from typing import IO

log = logging.getLogger(__name__)

MOST_BYTES = 5_000_000
FILES = 3


def open_child_log(path: Path) -> IO[bytes]:
    """For the standard error of a new child, which only ever adds to it; what is too long is put aside first.

    A disk that takes nothing must not keep the child from starting: it then says what it has to say to nobody.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if _size(path) > MOST_BYTES:
            _shift(path)
            path.replace(_older(path, 1))
        return path.open("ab")
    except OSError as error:
        log.warning("%s can't be written: %s", path, error)
        return Path(os.devnull).open("ab")


def cut(path: Path) -> bool:
    """Put aside what a running child wrote when it is too long; True if it was. Raises ``OSError``.

    The file stays, for the child holds it open; what it writes between the copy and the cut is lost. Nothing is done
    on Windows, where a child would go on behind a gap of the same length; there it is put aside at the next start.
    """
    if sys.platform == "win32" or _size(path) <= MOST_BYTES:
        return False
    _shift(path)
    with path.open("rb") as source, _older(path, 1).open("wb") as target:
        source.seek(-MOST_BYTES, os.SEEK_END)
        while block := source.read(1 << 16):
            target.write(block)
            if target.tell() >= MOST_BYTES:
                break
    os.truncate(path, 0)
    return True


def _shift(path: Path) -> None:
    for number in range(FILES - 1, 0, -1):
        if _older(path, number).exists():
            _older(path, number).replace(_older(path, number + 1))


def _older(path: Path, number: int) -> Path:
    return path.with_name(f"{path.name}.{number}")


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0

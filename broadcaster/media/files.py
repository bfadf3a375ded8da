"""Files that are whole or not there, also after a power cut."""

from __future__ import annotations

import hashlib
import json
import os
import sys
import uuid
from functools import lru_cache
from pathlib import Path
from typing import Any


def write_json(path: Path, value: Any) -> None:
    """Replace the file by ``value`` as JSON in one step. Raises ``OSError``."""
    temp = path.with_name(f"{path.name}.{uuid.uuid4().hex[:8]}.part")
    try:
        with temp.open("w", encoding="utf-8", newline="\n") as stream:
            json.dump(value, stream, ensure_ascii=False, separators=(",", ":"))
            stream.flush()
            os.fsync(stream.fileno())
        settle(temp, path)
    finally:
        temp.unlink(missing_ok=True)


def settle(temp: Path, final: Path) -> None:
    """Put a file that was written and synced in its place, replacing what is there. Raises ``OSError``."""
    temp.replace(final)
    if sys.platform != "win32":  # Windows can't open a folder to sync it; NTFS journals the rename
        folder = os.open(final.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def content_hash(path: str | Path, seed: str = "") -> str:
    """SHA-256, in hexadecimal, of ``seed`` and the file's bytes. Raises ``OSError``."""
    digest = hashlib.sha256(seed.encode())
    with open(path, "rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def known_hash(path: Path) -> str:
    """The file's :func:`content_hash`, read again only after its size or time changed. Raises ``OSError``."""
    found = path.stat()
    return _hash_of(path, found.st_size, found.st_mtime_ns)


@lru_cache(maxsize=512)
def _hash_of(path: Path, size: int, mtime_ns: int) -> str:
    del size, mtime_ns  # they are there to miss the cache when the file has changed
    return content_hash(path)

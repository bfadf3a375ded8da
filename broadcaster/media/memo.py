"""Remembers which content a file had, so that a known file needs no reading."""

from __future__ import annotations

import json
import os
from pathlib import Path
from threading import Lock

from broadcaster.media.files import write_json


class Memo:
    """Maps (path, size, modification time) to the content's key, kept in one JSON file.

    Damage and lost entries cost a second reading of the recording, nothing more; so two processes may share the
    file, and the later writer keeps the other's entries as far as it has seen them.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._entries: dict[str, tuple[int, int, str]] = {}
        self._seen = -1
        self._lock = Lock()

    def get(self, path: Path, found: os.stat_result) -> str | None:
        """The key of the file as ``stat`` found it, or None if it is new or has changed."""
        with self._lock:
            self._refresh()
            entry = self._entries.get(_name(path))
        return entry[2] if entry and entry[:2] == (found.st_size, found.st_mtime_ns) else None

    def put(self, path: Path, found: os.stat_result, key: str) -> None:
        """Remember, on disk too. Raises ``OSError``."""
        with self._lock:
            self._refresh()
            self._entries[_name(path)] = (found.st_size, found.st_mtime_ns, key)
            write_json(self._path, {"version": 1, "files": self._entries})
            self._seen = self._path.stat().st_mtime_ns

    def move(self, before: Path, after: Path) -> None:
        """Remember a file by its new name, where it lies already, and forget the old one. Raises ``OSError``."""
        found = after.stat()
        with self._lock:
            self._refresh()
            entry = self._entries.pop(_name(before), None)
            if entry is not None and entry[:2] == (found.st_size, found.st_mtime_ns):
                self._entries[_name(after)] = entry
            write_json(self._path, {"version": 1, "files": self._entries})
            self._seen = self._path.stat().st_mtime_ns

    def _refresh(self) -> None:
        try:
            stamp = self._path.stat().st_mtime_ns
            if stamp == self._seen:
                return
            files = json.loads(self._path.read_text("utf-8"))["files"]
            fresh = {str(name): (int(size), int(mtime), str(key)) for name, (size, mtime, key) in files.items()}
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return
        self._seen = stamp
        self._entries = {**self._entries, **fresh}


def known_within(file: Path, folder: Path) -> list[str]:
    """Keys of the files below a folder that a memo in ``file`` knows, whether or not they are there."""
    inside = _name(folder) + os.sep
    try:
        files = json.loads(file.read_text("utf-8"))["files"]
        return [str(key) for name, (_, _, key) in files.items() if name.startswith(inside)]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return []


def _name(path: Path) -> str:
    return os.path.normcase(path.absolute())

"""Measures recordings in the background, for pages that show how loud and how long they are."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterable
from pathlib import Path

from broadcaster.errors import MediaError
from broadcaster.media.library import Library
from broadcaster.media.reasons import in_chinese, plain
from broadcaster.media.recording import Recording

_Mark = tuple[int, int]


class Measuring:
    """May be shared by threads. One file at a time, so that what airs is not disturbed."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._waiting: queue.SimpleQueue[Path | None] = queue.SimpleQueue()
        self._asked: set[Path] = set()
        self._faults: dict[Path, tuple[_Mark, tuple[str, str]]] = {}
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._closed = False

    def known(self, path: Path) -> Recording | None:
        """How it sounds, if that is known."""
        return self._library.cached(path)

    def fault(self, path: Path) -> tuple[str, str] | None:
        """Why it can't be played, in Chinese and English, if that is known."""
        found = self._faults.get(path)
        return found[1] if found and found[0] == _mark(path) else None

    def want(self, paths: Iterable[Path]) -> None:
        """Have these measured, unless they are or can't be."""
        with self._lock:
            if self._closed:
                return
            for path in paths:
                if path not in self._asked:
                    self._asked.add(path)
                    self._waiting.put(path)
            if self._thread is None and self._asked:
                self._thread = threading.Thread(target=self._work, name="measuring", daemon=True)
                self._thread.start()

    def close(self) -> None:
        """End the thread after the file at hand."""
        with self._lock:
            self._closed = True
            self._waiting.put(None)

    def _work(self) -> None:
        with self._library.bench() as bench:
            while (path := self._waiting.get()) is not None and not self._closed:
                mark = _mark(path)
                try:
                    self._library.prepare_on(bench, path)
                    self._faults.pop(path, None)
                except MediaError as error:
                    text = plain(str(error), str(path))
                    self._faults[path] = (mark, (in_chinese(text), text))
                with self._lock:
                    self._asked.discard(path)


def _mark(path: Path) -> _Mark:
    try:
        found = path.stat()
    except (OSError, ValueError):
        return (-1, -1)
    return (found.st_size, found.st_mtime_ns)

"""The cache's folder: ``<key>.wav`` and beside it ``<key>.json`` with what was measured."""

from __future__ import annotations

import json
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Lock
from typing import Any

from broadcaster.media.files import content_hash, settle, write_json
from broadcaster.media.recording import Recording
from broadcaster.media.verifying import HASH

_WORK = "work-"
_STALE_S = 86_400.0


class Shelf:
    """Finished recordings by key. What is damaged or half there counts as absent; safe from several threads."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()
        self._known: dict[str, tuple[Recording, int]] = {}
        self._lock = Lock()

    def wav(self, key: str) -> Path:
        return self.folder / f"{key}.wav"

    def sidecar(self, key: str) -> Path:
        return self.folder / f"{key}.json"

    def get(self, key: str, source: str) -> Recording | None:
        """The recording of that key, named after ``source``, or None. Reads a small file the first time only."""
        with self._lock:
            known = self._known.get(key) or self._read(key)
        try:
            if known is None or self.wav(key).stat().st_size != known[1]:
                return None
        except OSError:
            return None
        with self._lock:
            self._known[key] = known
        return replace(known[0], source=source)

    def _read(self, key: str) -> tuple[Recording, int] | None:
        try:
            facts = json.loads(self.sidecar(key).read_text("utf-8"))
            recording = Recording(
                source="",
                path=str(self.wav(key)),
                duration_s=float(facts["duration_s"]),
                loudness_lufs=float(facts["loudness_lufs"]),
                true_peak_db=float(facts["true_peak_db"]),
                gain_db=float(facts["gain_db"]),
                key=key,
            )
            return recording, int(facts["bytes"])
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def put(self, key: str, temp: Path, facts: dict[str, Any]) -> None:
        """Take in a WAV that was written and synced on the same file system. Raises ``OSError``."""
        size, digest = temp.stat().st_size, content_hash(temp)
        try:
            settle(temp, self.wav(key))
        except PermissionError:
            # On Windows a recording that is on air can't be replaced; the same key has the same content.
            if not self.wav(key).exists() or self.wav(key).stat().st_size != size:
                raise
        write_json(self.sidecar(key), {**facts, "bytes": size, HASH: digest})

    @contextmanager
    def work(self) -> Iterator[Path]:
        """A folder for one job on the cache's own file system, gone afterwards. Raises ``OSError``."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._sweep()
        folder = Path(tempfile.mkdtemp(prefix=_WORK, dir=self.folder))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _sweep(self) -> None:
        """Remove what a killed daemon left behind."""
        for folder in self.folder.glob(f"{_WORK}*"):
            try:
                stale = time.time() - folder.stat().st_mtime > _STALE_S
            except OSError:
                continue
            if stale:
                shutil.rmtree(folder, ignore_errors=True)

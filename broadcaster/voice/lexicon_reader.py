"""The reader with the store's lexicon, in the voice worker."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from importlib import metadata, resources
from pathlib import Path
from threading import Lock

from broadcaster.voice.reading.lexicon import Lexicon, folded
from broadcaster.voice.reading.model import Reading
from broadcaster.voice.worker_client import VoiceWorker

_LIBRARIES = ("jieba", "pypinyin", "misaki", "cn2an", "wetext")
_SUFFIXES = (".py", ".csv")


class LexiconReader:
    """Reads in ``worker``, by the lexicon at ``path``, which may be missing and may change at any time."""

    def __init__(self, worker: VoiceWorker, path: Path) -> None:
        self._worker = worker
        self._path = path
        self._lock = Lock()
        self._loaded: tuple[int, int] | None = None
        self._lexicon: Lexicon | None = None

    def read(self, text: str, language: str) -> Reading:
        return self._worker.read(text, self._path, language)

    def mark(self, text: str) -> str:
        """Changes with the entries that are in this text, and with the program; not with any other entry."""
        hits = [(folded(hit.entry.word), hit.entry.reading) for hit in self._current().hits(text)]
        return hashlib.sha256(f"{reading_version()} {hits!r}".encode("utf-8", "replace")).hexdigest()

    def _current(self) -> Lexicon:
        try:
            stat = self._path.stat()
            seen = stat.st_size, stat.st_mtime_ns
        except OSError:
            seen = -1, -1
        with self._lock:
            if self._lexicon is None or seen != self._loaded:
                self._lexicon, self._loaded = Lexicon.load(self._path)[0], seen
            return self._lexicon


@lru_cache(maxsize=1)
def reading_version() -> str:
    """Hash of the rules by which texts are read: nobody has to remember to raise a number when one changes."""
    digest = hashlib.sha256()
    package = resources.files("broadcaster.voice.reading")
    for folder in (package, package / "data"):
        for file in sorted((one for one in folder.iterdir() if one.name.endswith(_SUFFIXES)), key=lambda one: one.name):
            digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    for name in _LIBRARIES:
        try:
            digest.update(f"{name} {metadata.version(name)}\n".encode())
        except metadata.PackageNotFoundError:
            continue
    return digest.hexdigest()

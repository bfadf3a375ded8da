"""Which finished recordings there are of an utterance, whoever spoke them and however it was read."""

from __future__ import annotations

import json
from pathlib import Path

from broadcaster.media.files import write_json


class Pins:
    """One small file an utterance. What can't be read counts as absent; the last writer wins."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def add(self, utterance: str, way: str, reading: str, key: str) -> None:
        """Remember the finished recording ``key``, spoken that way with that reading. Raises ``OSError``."""
        self._folder.mkdir(parents=True, exist_ok=True)
        kept = {place: name for place, name in self._read(utterance).items() if name != key}
        # The newest comes last; a place per way and reading, so that the file stays small.
        kept.pop(f"{way} {reading}", None)
        write_json(self._path(utterance), {**kept, f"{way} {reading}": key})

    def of(self, utterance: str, way: str, reading: str) -> str | None:
        """The recording spoken exactly that way."""
        return self._read(utterance).get(f"{way} {reading}")

    def any(self, utterance: str) -> list[str]:
        """All recordings of it, the newest first."""
        return list(reversed(self._read(utterance).values()))

    def _path(self, utterance: str) -> Path:
        return self._folder / f"{utterance}.json"

    def _read(self, utterance: str) -> dict[str, str]:
        try:
            found = json.loads(self._path(utterance).read_text("utf-8"))
            return {str(place): str(key) for place, key in found.items()}
        except (OSError, ValueError, AttributeError):
            return {}

"""Recordings that were taken out of a playlist: kept for a while, so that taking out can be undone."""

from __future__ import annotations

import json
import secrets
import shutil
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path

from broadcaster.media.files import write_json

KEPT = timedelta(days=30)
_FACTS = "facts.json"


@dataclass(frozen=True, slots=True)
class Kept:
    """One of them. ``line`` is what a list named it by, ``place`` where it stood there."""

    id: str
    playlist: str
    title: str
    file: str
    """Relative to the home folder."""
    who: str
    at: str
    """ISO 8601, with offset."""
    line: str = ""
    place: int = 0
    whole: bool = False
    """Whether it is a playlist as a whole."""
    moved: bool = True
    """Whether the file itself lies here; one that a list named stays where it is."""


class Bin:
    """A folder with one folder for each; safe from several threads as long as one of them changes it at a time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, facts: Kept, path: Path | None) -> Kept:
        """Take a file in, or only the facts. Raises ``OSError``."""
        kept = Kept(**{**asdict(facts), "id": secrets.token_hex(8)})
        folder = self._folder / kept.id
        folder.mkdir(parents=True)
        write_json(folder / _FACTS, asdict(kept))
        if path is not None:
            # Not ``replace``: the playlists may lie on another disk.
            shutil.move(path, folder / path.name)
        return kept

    def get(self, name: str) -> Kept | None:
        """One of them, if it is still there."""
        return next((one for one in self.all() if one.id == name), None)

    def all(self) -> list[Kept]:
        """The latest first."""
        found = []
        for facts in self._folder.glob(f"*/{_FACTS}"):
            try:
                found.append(Kept(**json.loads(facts.read_text("utf-8"))))
            except (OSError, ValueError, TypeError):
                continue
        return sorted(found, key=lambda one: one.at, reverse=True)

    def back(self, kept: Kept, target: Path | None) -> None:
        """Move the file to ``target``, which must not exist, and forget the facts. Raises ``OSError``."""
        folder = self._folder / kept.id
        if target is not None:
            held = next(path for path in folder.iterdir() if path.name != _FACTS)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(held, target)
        shutil.rmtree(folder, ignore_errors=True)

    def sweep(self, now: datetime) -> None:
        """Remove for good what was taken out long ago."""
        for one in self.all():
            if now - datetime.fromisoformat(one.at) > KEPT:
                shutil.rmtree(self._folder / one.id, ignore_errors=True)

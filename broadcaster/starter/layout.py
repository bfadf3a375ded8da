"""Lays out the starter kit: the plan of the store's programme, and music to play."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from broadcaster.errors import UsageError

FOLDERS = ("config", "announcements")


def kit_folder() -> Path:
    """Where the kit's text files are: inside an installed package, or at the top of a checkout."""
    inside = Path(__file__).parent / "files"
    return inside if inside.is_dir() else Path(__file__).parents[2]


def lay_out(directory: Path, *, music: bool, progress: Callable[[str], None]) -> Iterator[Path]:
    """Copy the kit into a folder; what is there already stays as it is. Yields each file made."""
    source = kit_folder()
    for folder in FOLDERS:
        if not (source / folder).is_dir():
            raise UsageError(f"the starter kit is missing from this installation ({source / folder})")
        for path in sorted((source / folder).rglob("*")):
            if path.suffix not in (".yaml", ".csv"):
                continue
            target = directory / path.relative_to(source)
            if not target.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, target)
                yield target
    (directory / "playlists").mkdir(parents=True, exist_ok=True)
    if music:
        from broadcaster.starter.fallback import make_fallback
        from broadcaster.starter.music import make_music

        yield from make_music(directory, progress=progress)
        yield from make_fallback(directory, progress=progress)

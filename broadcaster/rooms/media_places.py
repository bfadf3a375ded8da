"""Where an uploaded file may lie, what it may be called there, and what it must differ from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from broadcaster.errors import Conflict, UsageError
from broadcaster.media.file_names import same_name
from broadcaster.plan.playlists import IGNORED_SUFFIXES, PlaylistFiles
from broadcaster.rooms.playlist_editing import is_list
from broadcaster.rooms.sayings import CHIME_ENDINGS
from broadcaster.settings import Home

SONG_S, CHIME_S, SPEECH_S = 3600.0, 15.0, 600.0


@dataclass(frozen=True, slots=True)
class Place:
    """One of the folders that files can be sent to."""

    folder: Path
    longest_s: float
    others: tuple[Path, ...] = ()
    """What is there already, and may not come twice."""
    list_file: Path | None = None
    """The ``.m3u8`` that names what is in it."""
    endings: tuple[str, ...] = ()
    """The only ones that are looked at there; empty if any is."""
    by_stem: bool = False
    """Whether what lies there is called by its name without the ending."""


def place_of(home: Home, place: str, files: PlaylistFiles | None) -> Place:
    """The folder of a place: ``playlists/<id>`` with that playlist's files, ``chimes`` or ``recordings``."""
    announcements = home.root / "announcements"
    if files is not None:
        listed = is_list(files)
        folder = home.root / "playlists" / files.id
        list_file = home.root / files.file if listed else None
        return Place(folder, SONG_S, tuple(entry.path for entry in files.entries), list_file)
    if place == "chimes":
        folder = announcements / "chimes"
        return Place(folder, CHIME_S, tuple(folder.glob("*")), endings=CHIME_ENDINGS, by_stem=True)
    if place == "recordings":
        folder = announcements / "recordings"
        return Place(folder, SPEECH_S, tuple(folder.glob("*")))
    raise UsageError(f"不能传到 {place!r} / nothing can be sent to {place!r}")


def refuse_unfit(place: Place, name: str) -> None:
    """Raises ``UsageError`` or ``Conflict`` when a file of that name can't lie there."""
    ending = Path(name).suffix.lower()
    if place.endings and ending not in place.endings:
        told = " ".join(place.endings)
        raise UsageError(f"提示音只认 {told},请先转换 / a chime must be one of {told}: convert it first")
    if ending in IGNORED_SUFFIXES:
        raise UsageError(f"“{name}”的后缀不是录音的,请改名再传 / “{name}” is not named as a recording: rename it")
    # The folder may hold files that the list does not name.
    for path in place.folder.iterdir() if place.folder.is_dir() else ():
        clash = same_name(path.stem, Path(name).stem) if place.by_stem else same_name(path.name, name)
        if clash:
            raise Conflict(f"已经有同名的文件“{path.name}”,请改名再传 / there is a “{path.name}” already: rename it")

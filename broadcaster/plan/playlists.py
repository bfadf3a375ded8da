"""Playlists: a folder of audio files below ``playlists/``, or an ``.m3u8`` file there.

A folder's tracks play in the order of their names, unless a file ``order.m3u8`` in it gives another one. That file
never takes away or adds anything: what it names and is not there is passed over, and what it does not name comes last.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from broadcaster.plan.faults import Fault

#: Not audio, though often found beside it; everything else in a playlist's folder should play.
IGNORED_SUFFIXES = frozenset({
    ".txt", ".md", ".nfo", ".log", ".cue", ".lrc", ".ini", ".db", ".jpg", ".jpeg", ".png", ".gif", ".webp", ".pdf",
    ".m3u", ".m3u8", ".pls", ".yaml", ".tmp", ".part", ".crdownload",
})  # fmt: skip

ORDER_FILE = "order.m3u8"
"""Gives a folder's tracks their order and their titles."""

_NUMBER = re.compile(r"^\d{1,3}[\s._\-、]+")


@dataclass(frozen=True, slots=True)
class Entry:
    """One audio file of a playlist."""

    title: str
    file: str
    """As shown to people: relative to the home folder where it lies within."""
    path: Path
    line: int | None = None


@dataclass(frozen=True, slots=True)
class PlaylistFiles:
    """A playlist before its audio is looked at."""

    id: str
    file: str
    """The folder or the ``.m3u8``, relative to the home folder."""
    entries: tuple[Entry, ...]


def read_playlists(home: Path) -> tuple[dict[str, PlaylistFiles], list[Fault]]:
    """All playlists of a home folder, tracks in the order of their names or of the ``.m3u8``."""
    root = home / "playlists"
    found: dict[str, PlaylistFiles] = {}
    faults: list[Fault] = []
    for path in sorted(root.iterdir()) if root.is_dir() else ():
        if path.name.startswith("."):
            continue
        if path.is_dir():
            found.setdefault(path.name, PlaylistFiles(path.name, f"playlists/{path.name}", _folder(home, path)))
        elif path.suffix.lower() in (".m3u8", ".m3u"):
            entries, trouble = _m3u8(home, path)
            faults += trouble
            found[path.stem] = PlaylistFiles(path.stem, f"playlists/{path.name}", entries)
    return found, faults


def _folder(home: Path, folder: Path) -> tuple[Entry, ...]:
    paths = [
        path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith(".") and path.suffix.lower() not in IGNORED_SUFFIXES
    ]
    named = _order(folder)
    places = {name: (place, title) for place, (name, title) in enumerate(named)}

    def found(path: Path) -> tuple[int, str]:
        return places.get(plain_name(path.relative_to(folder).as_posix()), (len(named), ""))

    return tuple(
        Entry(found(path)[1] or track_title(path.stem), relative(home, path), path)
        for path in sorted(paths, key=lambda path: found(path)[0])
    )


def _order(folder: Path) -> list[tuple[str, str]]:
    """Names relative to the folder, each with its title. A file that can't be read gives no order, as if absent."""
    try:
        text = (folder / ORDER_FILE).read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return []
    return [(plain_name(line.replace("\\", "/").removeprefix("./")), title) for line, title, _number in m3u_lines(text)]


def plain_name(name: str) -> str:
    """A file's name as it is compared: some systems take an accented letter apart when they store it."""
    return unicodedata.normalize("NFC", legible(name))


def m3u_lines(text: str) -> Iterator[tuple[str, str, int]]:
    """Each file named in an ``.m3u8``, with its title (empty if it has none) and its line, from 1."""
    title = ""
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        if line.startswith("#EXTINF:"):
            title = line.partition(",")[2].strip()
        elif line and not line.startswith("#"):
            yield line, title, number
            title = ""


def _m3u8(home: Path, path: Path) -> tuple[tuple[Entry, ...], list[Fault]]:
    file = f"playlists/{path.name}"
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        return (), [Fault("file-unreadable", file, params={"reason": str(error)})]
    if "\0" in text:
        return (), [Fault("file-unreadable", file, params={"reason": "this is not UTF-8 text"})]
    entries: list[Entry] = []
    for line, title, number in m3u_lines(text):
        target = (path.parent / line.replace("\\", "/")).resolve()
        entries.append(Entry(title or track_title(target.stem), relative(home, target), target, number))
    return tuple(entries), []


def track_title(stem: str) -> str:
    """A file's name without the number that sorts it."""
    return legible(_NUMBER.sub("", stem) or stem)


def legible(name: str) -> str:
    """A file's name as text: on Linux it may hold bytes that are none, such as a name in GBK from an old archive."""
    return name.encode("utf-8", "replace").decode()


def relative(home: Path, path: Path) -> str:
    """The path relative to the home folder with ``/``, or as it is if it lies elsewhere."""
    try:
        return legible(path.resolve().relative_to(home.resolve()).as_posix())
    except ValueError:
        return legible(str(path))

"""Changes of a playlist's files: the order and the titles of its tracks, in the form in which people write them too.

A folder keeps both in its ``order.m3u8``, which is only there when it says something; its recordings are never
renamed, for one of them may be sounding. A list (``playlists/<id>.m3u8``) is rewritten, comments kept.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from broadcaster.plan.playlists import ORDER_FILE, Entry, PlaylistFiles, m3u_lines, track_title
from broadcaster.settings import write_whole

TITLE_MOST = 120
_KEY_CHARS = 12


@dataclass(frozen=True, slots=True)
class Keyed:
    """A track with the key that names it within its playlist, whatever its place."""

    key: str
    entry: Entry


def keyed(files: PlaylistFiles) -> tuple[Keyed, ...]:
    """The tracks with their keys; a file that is listed twice has two."""
    seen: dict[str, int] = {}
    found = []
    for entry in files.entries:
        key = hashlib.sha256(entry.file.encode()).hexdigest()[:_KEY_CHARS]
        seen[key] = seen.get(key, 0) + 1
        found.append(Keyed(key if seen[key] == 1 else f"{key}-{seen[key]}", entry))
    return tuple(found)


def tag_of(files: PlaylistFiles) -> str:
    """Changes with the tracks, their order and their titles."""
    text = "\n".join(f"{entry.file}\t{entry.title}" for entry in files.entries)
    return hashlib.sha256(f"{files.file}\n{text}".encode()).hexdigest()[:16]


def is_list(files: PlaylistFiles) -> bool:
    """Whether an ``.m3u8`` names the tracks, and not a folder holds them."""
    return files.file.lower().endswith((".m3u8", ".m3u"))


def clean_title(title: str) -> str:
    """A title on one line, without what can't be seen."""
    words = " ".join(title.split())
    return "".join(character for character in words if character.isprintable())[:TITLE_MOST].strip()


def write_order(home: Path, files: PlaylistFiles, tracks: Sequence[Keyed], titles: Mapping[str, str]) -> None:
    """Give a playlist these tracks in this order; ``titles`` by key stand for those of the entries.

    Tracks of a folder that are left out come last; those of a list are taken out of it. Raises ``OSError``.
    """
    if is_list(files):
        _write_list(home / files.file, tracks, files, titles)
    else:
        _write_folder(home / files.file, tracks, titles)


def _write_folder(folder: Path, tracks: Sequence[Keyed], titles: Mapping[str, str]) -> None:
    lines, named = ["#EXTM3U"], []
    usual = True
    for one in tracks:
        title = titles.get(one.key, one.entry.title)
        name = one.entry.path.relative_to(folder).as_posix()
        name = f"./{name}" if name.startswith("#") else name
        if title != track_title(one.entry.path.stem):
            lines.append(f"#EXTINF:-1,{title}")
            usual = False
        lines.append(name)
        named.append(one.entry.path)
    order = folder / ORDER_FILE
    if usual and named == sorted(named):
        order.unlink(missing_ok=True)
    else:
        write_whole(order, "\n".join([*lines, ""]))


def _write_list(path: Path, tracks: Sequence[Keyed], files: PlaylistFiles, titles: Mapping[str, str]) -> None:
    raw = path.read_bytes().decode("utf-8")
    mark, text = ("\ufeff", raw[1:]) if raw.startswith("\ufeff") else ("", raw)
    end = "\r\n" if "\r\n" in text else "\n"
    lines = text.splitlines()
    head, blocks, rest = _blocks(lines, [entry.line for entry in files.entries if entry.line])
    by_line = {entry.line: block for entry, block in zip(files.entries, blocks, strict=True)}
    written = list(head)
    for one in tracks:
        block = list(by_line[one.entry.line])
        if one.key in titles:
            block = [line for line in block if not line.strip().startswith("#EXTINF:")]
            block.insert(len(block) - 1, f"#EXTINF:-1,{titles[one.key]}")
        written += block
    write_whole(path, mark + end.join([*written, *rest, ""]))


def _blocks(lines: list[str], numbers: list[int]) -> tuple[list[str], list[list[str]], list[str]]:
    """The lines before the tracks, those of each track with the comments above it, and those after."""
    head = [line for line in lines[:1] if line.strip() == "#EXTM3U"]
    blocks, start = [], len(head)
    for number in numbers:
        blocks.append(lines[start:number])
        start = number
    return head, blocks, lines[start:]


def list_line(path: Path, track: Keyed) -> str:
    """What a list names a track by. Raises ``OSError``."""
    return path.read_bytes().decode("utf-8").splitlines()[(track.entry.line or 1) - 1].strip()


def add_to_list(path: Path, line: str, title: str = "", at: int | None = None) -> None:
    """Add a track to a list: before the one at place ``at``, else at its end. Raises ``OSError``."""
    raw = path.read_bytes().decode("utf-8")
    end = "\r\n" if "\r\n" in raw else "\n"
    lines = raw.splitlines()
    numbers = [number for _line, _title, number in m3u_lines(raw.removeprefix("\ufeff"))]
    place = len(lines) if at is None or at >= len(numbers) else (numbers[at - 1] if at > 0 else _after_head(lines))
    lines[place:place] = [*([f"#EXTINF:-1,{title}"] if title else []), line]
    write_whole(path, end.join([*lines, ""]))


def _after_head(lines: list[str]) -> int:
    return 1 if lines and lines[0].lstrip("\ufeff").strip() == "#EXTM3U" else 0


__all__ = [
    "TITLE_MOST", "Keyed", "add_to_list", "clean_title", "is_list", "keyed", "list_line", "tag_of", "write_order",
]  # fmt: skip

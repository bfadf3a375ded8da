"""Names of files that people send, made safe for every system that the folder may be copied to."""

from __future__ import annotations

import re
import unicodedata

MOST_BYTES = 120
"""Of a name in UTF-8; file systems end at 255, and a long path must still fit on Windows."""
_ENDING_MOST = 12
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)", re.IGNORECASE)
_FORBIDDEN = re.compile(r'[<>:"|?*\x00-\x1f\x7f]')


def safe_name(name: str, instead: str = "recording") -> str:
    """A plain file name: without folders, control and formatting characters, and names that Windows keeps to itself.

    ``instead`` stands for a name of which nothing is left.
    """
    # Sent by a browser or made up by anybody: only what follows the last separator of any system counts.
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    kept = "".join(character for character in last if unicodedata.category(character)[0] != "C")
    kept = _FORBIDDEN.sub("_", kept).strip().strip(".").strip()
    stem, ending = split(kept)
    stem = stem.strip(" .") or instead
    if _RESERVED.fullmatch(stem.partition(".")[0].strip()):
        stem = f"_{stem}"
    return _short(stem, MOST_BYTES - len(ending.encode())) + ending


def safe_folder(name: str) -> str:
    """A name for a folder, made safe as a file's is; empty if nothing is left of it."""
    kept = safe_name(name, "")
    stem, ending = split(kept)
    return f"{stem}{ending}".strip(" .")


def split(name: str) -> tuple[str, str]:
    """A name and its ending, with the dot; a long or odd ending belongs to the name."""
    stem, dot, ending = name.rpartition(".")
    if dot and stem and 0 < len(ending) <= _ENDING_MOST and ending.isascii() and ending.isalnum():
        return stem, f".{ending}"
    return name, ""


def same_name(name: str, other: str) -> bool:
    """Whether two names would be one file on some system: case and the parts of accented letters don't count."""
    return _folded(name) == _folded(other)


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def _short(stem: str, most: int) -> str:
    return stem.encode()[:most].decode(errors="ignore").rstrip(" .") if len(stem.encode()) > most else stem

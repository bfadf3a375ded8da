"""The texts of a home's plan files: which there are, what they say, and what tag stands for exactly these."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path

from broadcaster.errors import UsageError

STATION, VOICES = "config/station.yaml", "config/voices.yaml"
CONFIG = tuple(f"config/{name}.yaml" for name in ("station", "levels", "calendar", "programme", "voices"))
DESK = ("config/forms.yaml", "config/advertising-words.yaml")
"""Kept as versions with the rest, but of use to the notices' desk only."""

MOST_BYTES = 64 * 1024
"""That an edit may make of a text."""

_SCRIPT = re.compile(r"announcements/[a-z0-9]+(?:-[a-z0-9]+)*\.yaml")
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)", re.IGNORECASE)
"""Names that Windows keeps for devices."""


def check_name(file: str) -> None:
    """``UsageError`` unless a file is one that may be edited: the known ones of ``config/``, and scripts."""
    if file in CONFIG or file in DESK:
        return
    stem = file.removeprefix("announcements/").removesuffix(".yaml")
    if len(stem) <= 60 and _SCRIPT.fullmatch(file) and not _RESERVED.fullmatch(stem):
        return
    raise UsageError(
        f"“{file}”不是播音计划的文件:文稿的文件名只用小写字母、数字和连字符 / “{file}” is no file of the plan: "
        "a script's name has lower-case letters, digits and hyphens"
    )


def is_script(file: str) -> bool:
    """Whether a file is a script's."""
    return file.startswith("announcements/")


def read_texts(home: Path) -> dict[str, str]:
    """Path -> text of all files that there are. Line ends and byte order marks are kept."""
    found = [file for file in (*CONFIG, *DESK) if (home / file).is_file()]
    found += [f"announcements/{path.name}" for path in (home / "announcements").glob("*.yaml") if path.is_file()]
    texts = {}
    for file in sorted(found):
        try:
            # What is no UTF-8 is a fault of the file; its version is then only good for looking at.
            texts[file] = (home / file).read_bytes().decode("utf-8", errors="backslashreplace")
        except FileNotFoundError:
            continue
    return texts


def hashed(text: str) -> str:
    """Stands for a text."""
    return hashlib.sha256(text.encode("utf-8", errors="surrogatepass")).hexdigest()[:32]


def hashes(texts: Mapping[str, str]) -> dict[str, str]:
    """Path -> hash, in the order of the paths."""
    return {file: hashed(texts[file]) for file in sorted(texts)}


def digest(files: Mapping[str, str]) -> str:
    """Stands for a set of files by their hashes."""
    told = "".join(f"{file}\0{files[file]}\n" for file in sorted(files))
    return hashlib.sha256(told.encode()).hexdigest()[:12]

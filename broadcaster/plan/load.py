"""Reads the plan's files into a draft, with every fault that the files alone show."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from broadcaster.plan.faults import Fault
from broadcaster.plan.files import Document, Keys, read
from broadcaster.plan.models import Calendar, Levels, Model, Programme, Script, Station, Voices
from broadcaster.plan.plan import Source
from broadcaster.plan.playlists import PlaylistFiles, read_playlists
from broadcaster.plan.salvage import Salvage, salvage

VOICES, LEXICON = "config/voices.yaml", "config/lexicon.csv"
"""Files that may be missing."""

_M = TypeVar("_M", bound=Model)


@dataclass(slots=True)
class Draft:
    """What the files say, as far as it could be read: ``None`` where a file can't be; mended where it has faults."""

    home: Path
    instead: dict[str, str | None] = field(default_factory=dict)
    documents: dict[str, Document] = field(default_factory=dict)
    """By path relative to the home folder."""
    station: Station | None = None
    levels: Levels | None = None
    calendar: Calendar | None = None
    programme: Programme | None = None
    voices: Voices = field(default_factory=Voices)
    scripts: dict[str, Script] = field(default_factory=dict)
    broken_scripts: dict[str, Script | None] = field(default_factory=dict)
    """Scripts whose file is there but has faults, mended if possible: naming them is no further fault."""
    salvaged: dict[str, Salvage[Any]] = field(default_factory=dict)
    """Files that had to be mended to be looked at further."""
    playlists: dict[str, PlaylistFiles] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    digest: str = ""
    """Content hash of the text files and of the playlists' file names."""

    @property
    def whole(self) -> bool:
        """Whether no file of ``config/`` is missing or needed mending."""
        models = (self.station, self.levels, self.calendar, self.programme)
        return None not in models and not any(file.startswith("config/") for file in self.salvaged)

    def broken(self, name: str, group: str) -> set[Any]:
        """Entries of a group in ``config/<name>.yaml`` that are not what the file says."""
        salvaged = self.salvaged.get(f"config/{name}.yaml")
        return salvaged.broken(group) if salvaged else set()

    def invented(self, fault: Fault) -> bool:
        """Whether a fault only shows in what the mending of its file put there."""
        salvaged = self.salvaged.get(fault.file)
        return salvaged is not None and salvaged.invented(fault)

    def source(self, file: str, keys: Keys = ()) -> Source:
        """Where an entry stands, and who touched its file last."""
        document = self.documents.get(file)
        changed_at, changed_by = last_change(self.home / file)
        line = document.line(keys) if document else None
        return Source(file=file, line=line, changed_at=changed_at, changed_by=changed_by)


def read_plan(home: Path, instead: Mapping[str, str | None] | None = None) -> Draft:
    """Everything under ``config/``, ``playlists/`` and ``announcements/`` of a home folder.

    ``instead`` holds texts that stand for a file's content, by relative path: what an edit would make of the plan.
    None stands for a file that is gone.
    """
    draft = Draft(home, instead=dict(instead or {}))
    draft.station = _model(draft, "config/station.yaml", Station)
    draft.levels = _model(draft, "config/levels.yaml", Levels)
    draft.calendar = _model(draft, "config/calendar.yaml", Calendar)
    draft.programme = _model(draft, "config/programme.yaml", Programme)
    if draft.instead.get(VOICES) is not None or (VOICES not in draft.instead and (home / VOICES).exists()):
        draft.voices = _model(draft, VOICES, Voices) or Voices()
    for file in _script_files(draft):
        name = file.removeprefix("announcements/").removesuffix(".yaml")
        script = _model(draft, file, Script)
        if script is None or file in draft.salvaged:
            draft.broken_scripts[name] = script
        else:
            draft.scripts[name] = script
    draft.playlists, faults = read_playlists(home)
    draft.faults += faults
    draft.digest = _digest(draft)
    return draft


def _script_files(draft: Draft) -> list[str]:
    found = {f"announcements/{path.name}" for path in (draft.home / "announcements").glob("*.yaml")}
    for file, text in draft.instead.items():
        if file.startswith("announcements/"):
            (found.discard if text is None else found.add)(file)
    return sorted(found)


def fingerprint(home: Path) -> str:
    """A quick mark of all files of the plan by name, size and time: the same mark, nothing was touched."""
    digest = hashlib.sha256()
    for folder in ("config", "announcements", "playlists"):
        for root, folders, names in os.walk(home / folder, followlinks=True):
            folders.sort()
            for name in sorted(names):
                try:
                    stat = Path(root, name).stat()
                except OSError:
                    continue
                digest.update(f"{root}/{name}:{stat.st_size}:{stat.st_mtime_ns}\n".encode(errors="replace"))
    return digest.hexdigest()


def _model(draft: Draft, file: str, model: type[_M]) -> _M | None:
    if file in draft.instead and draft.instead[file] is None:
        draft.faults.append(Fault("file-missing", file))
        return None
    document, faults = read(draft.home / file, file, draft.instead.get(file))
    draft.faults += faults
    if document is None:
        return None
    draft.documents[file] = document
    found = salvage(document, model)
    draft.faults += found.faults
    if not found.whole:
        draft.salvaged[file] = found
    return found.model


def _digest(draft: Draft) -> str:
    digest = hashlib.sha256()
    for file in sorted(draft.documents):
        text = draft.instead.get(file)
        content = text.encode() if text is not None else (draft.home / file).read_bytes()
        digest.update(file.encode() + b"\0" + content + b"\0")
    if (draft.home / LEXICON).is_file():
        digest.update(LEXICON.encode() + b"\0" + (draft.home / LEXICON).read_bytes() + b"\0")
    for name in sorted(draft.playlists):
        for entry in draft.playlists[name].entries:
            digest.update(f"{name}\0{entry.path}\0".encode(errors="replace"))
    return digest.hexdigest()[:16]


def last_change(path: Path) -> tuple[datetime | None, str | None]:
    """When a file was last written, and whose it is; None where that can't be known."""
    try:
        stat = path.stat()
    except OSError:
        return None, None
    return datetime.fromtimestamp(stat.st_mtime, UTC), _owner(stat.st_uid)


def _owner(uid: int) -> str | None:
    # Windows has no owner number; the name stays unknown there until edits in the browser bring their author.
    if sys.platform == "win32":
        return None
    import pwd

    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)

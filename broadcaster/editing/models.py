"""What goes in and out of the plan room: edits, trials, versions, marks of a date, and why an edit was refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from broadcaster.errors import Conflict, PlanError
from broadcaster.plan.days import DayMark
from broadcaster.plan.faults import Fault

__all__ = [
    "Changed", "Comparison", "DayEffect", "DayMark", "Edit", "EntryChange", "FileChange", "How", "OpenPlan", "Path",
    "PlanConflict", "PlanRefused", "Told", "Trial", "Version",
]  # fmt: skip

How = Literal["page", "cli", "file"]
"""How a version came about: in the browser, by command, or by a hand on the file."""

Path = tuple[str | int, ...]
"""Where an entry stands in a file, as in JSON: names, and places in lists from 0."""


class Edit(BaseModel):
    """One change of one entry. Everything else in the file stays byte for byte.

    ``set`` puts a value in place of what is there, or adds the entry to its mapping; what is missing around it is
    made. ``insert`` puts an item into a list before the place named (the list's length: at its end). ``remove`` takes
    an entry out. With an empty path the whole file is meant: ``set`` with a text makes that its content, with a
    mapping makes a fresh file of it; ``remove`` deletes a script's file.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: str = Field(max_length=120)
    """Relative to the home folder, like ``config/programme.yaml`` or ``announcements/welcome.yaml``."""
    op: Literal["set", "remove", "insert"]
    path: Path = Field(default=(), max_length=12)
    value: Any = None

    def __str__(self) -> str:
        return f"{self.op} {self.file} {'/'.join(map(str, self.path))}"


@dataclass(frozen=True, slots=True)
class Version:
    """One state of the plan's files."""

    id: int
    at: datetime
    who: str
    how: How
    words: str
    """What its author says of it."""
    where: str
    """The address it came from."""
    files: Mapping[str, str]
    """Path -> hash of its text."""
    changed: tuple[str, ...]
    """Paths that differ from the version before."""
    preparing: bool = False
    """Whether it is still being made ready for air; only told of what was just published."""
    held_back: tuple[Told, ...] = ()
    """Faults that keep it off the air though it is written; only told of what was just published."""


@dataclass(frozen=True, slots=True)
class OpenPlan:
    """The files as they are now, to be edited. Contents are plain, as the files say."""

    tag: str
    """Stands for exactly these texts; hand it back with the edits."""
    version: int
    at: datetime
    """Of that version, as ``who`` and ``words``."""
    who: str
    how: How
    words: str
    programme: Mapping[str, Any]
    calendar: Mapping[str, Any]
    levels: Mapping[str, Any]
    station: Mapping[str, Any]
    voices: Mapping[str, Any]
    scripts: Mapping[str, Mapping[str, Any]]
    """By id: the name of the file."""
    faults: tuple[Told, ...] = ()
    """Of the files as they are; the plan on air is older if one of them blocks."""


@dataclass(frozen=True, slots=True)
class Told:
    """A fault or warning in words, with the entry that it concerns."""

    severity: Literal["fault", "warning"]
    code: str
    blocking: bool
    """Whether the plan can't go on air with it."""
    file: str | None
    line: int | None
    field: str | None
    """``dayparts[2].bed.playlist``."""
    path: Path
    """The same as the path of an :class:`Edit`; empty where no entry is to blame."""
    value: str | None
    message: str
    message_en: str
    remedy: str
    remedy_en: str
    known: bool = False
    """Whether it was there before the edits."""

    @property
    def words(self) -> str:
        """Message and remedy in both languages, in one line."""
        return f"{self.message} {self.remedy}".strip() + " / " + f"{self.message_en} {self.remedy_en}".strip()


@dataclass(frozen=True, slots=True)
class Changed:
    """What somebody else did since the plan was opened."""

    who: str
    at: datetime
    how: How
    words: str
    files: tuple[str, ...]
    version: int
    """The latest; it names ``who`` and ``words``."""
    entries: tuple[str, ...] = ()
    """Entries that both changed, such as ``config/programme.yaml: weather``; empty if the edits fit on top."""
    name: str = ""
    """By which people know ``who``."""


@dataclass(frozen=True, slots=True)
class DayEffect:
    """What becomes of a date."""

    date: date
    day_types: tuple[str, ...]
    day_types_before: tuple[str, ...]
    hours: tuple[str, str]
    """Opening and closing, ``HH:MM``."""
    hours_before: tuple[str, str]
    changes: Sequence[Mapping[str, Any]]
    """See :func:`broadcaster.rundown.compare.changes`."""
    rundown: Mapping[str, Any]
    """As of ``broadcaster rundown --json``, after the edits."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What edits would do. Nothing was written."""

    faults: tuple[Told, ...] = ()
    warnings: tuple[Told, ...] = ()
    days: Mapping[date, DayEffect] = field(default_factory=dict)
    conflict: Changed | None = None
    """Set where somebody else changed the files meanwhile; the trial is of the edits on top of theirs."""
    files: tuple[str, ...] = ()
    """Files that the edits change."""

    @property
    def fit(self) -> bool:
        """Whether it could be published: no blocking fault."""
        return not any(one.blocking for one in self.faults)


@dataclass(frozen=True, slots=True)
class EntryChange:
    """One entry that differs between two versions."""

    file: str
    path: Path
    label: str
    """The entry in words of the files: ``dayparts: weather: from``."""
    change: Literal["added", "removed", "changed"]
    before: Any = None
    after: Any = None


@dataclass(frozen=True, slots=True)
class FileChange:
    """One file that differs between two versions."""

    file: str
    lines: tuple[str, ...]
    """A unified diff without its two head lines: ``@@``, ``+``, ``-`` and blanks lead the lines."""
    entries: tuple[EntryChange, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What differs from one version to another."""

    before: Version
    after: Version
    files: tuple[FileChange, ...]


class PlanConflict(Conflict):
    """The files changed since they were opened, in entries that the edits touch or without leave to go on top."""

    def __init__(self, changed: Changed) -> None:
        self.changed = changed
        files = ", ".join(changed.files)
        touched = f",碰到同样的:{', '.join(changed.entries)}" if changed.entries else ""
        touched_en = f", touching the same: {', '.join(changed.entries)}" if changed.entries else ""
        at, name = f"{changed.at:%H:%M:%S}", changed.name or changed.who
        words = changed.words or "没有说明"
        super().__init__(
            f"{name} 在 {at} 改过 {files}({words}){touched},没有写入 / "
            f"{name} changed {files} at {at}{touched_en}; nothing was written"
        )

    @property
    def members(self) -> dict[str, Any]:
        """For the problem document."""
        one = self.changed
        told = {
            "who": one.who, "name": one.name or one.who, "at": one.at.isoformat(timespec="seconds"), "how": one.how,
            "words": one.words, "files": list(one.files), "version": one.version, "entries": list(one.entries),
        }  # fmt: skip
        return {"changed": told}


class PlanRefused(PlanError):
    """The plan would have faults that keep it off the air. ``told`` holds all of them, in words."""

    def __init__(self, faults: Sequence[Fault], told: Sequence[Told]) -> None:
        super().__init__(faults)
        self.told = tuple(told)

    @property
    def members(self) -> dict[str, Any]:
        """For the problem document."""
        from dataclasses import asdict

        return {"faults": [asdict(one) for one in self.told]}

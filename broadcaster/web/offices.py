"""What the page may ask for on behalf of a person: accounts, notices, readings, forms.

The daemon brings the real offices; without them the page only shows the station. Called from several threads.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Protocol, cast

from flask import current_app

if TYPE_CHECKING:
    from broadcaster.calendar_room import CalendarOffice
    from broadcaster.report_room import ReportOffice
    from datetime import date

    from broadcaster.editing.models import Comparison, DayMark, Edit, OpenPlan, Trial, Version
    from broadcaster.notices.desk import NoticeDesk
    from broadcaster.notices.forms import Form
    from broadcaster.notices.models import NoticeDraft
    from broadcaster.web.media_office import MediaRoom, ScriptRoom

EXTENSION = "offices"

#: What an account may be, in the order in which pages list them.
ROLES = ("announcer", "manager", "promo", "supervisor", "it")
APPROVERS = ("announcer", "manager")
#: Who may look at what is not open to everybody.
LOOKERS = ROLES
#: Who may submit notices.
SUBMITTERS = ("announcer", "promo", "manager", "it")
#: Who changes what airs: the air itself, programme, calendar, scripts, playlists, contracts.
COMMANDERS = ("announcer", "manager")
#: Who makes accounts and changes the station's settings. No announcer: two accounts could approve for one another.
ADMINISTRATORS = ("manager", "it")
#: Who may read the audit trail.
AUDITORS = ("manager", "it", "supervisor")
#: Who may change how words are read; a supervisor only looks and listens. Words of what is approved: approvers only.
WRITERS = ("announcer", "manager", "promo", "it")


class Account(Protocol):
    """A person who may do things."""

    @property
    def name(self) -> str: ...
    @property
    def display(self) -> str: ...
    @property
    def role(self) -> str: ...
    @property
    def active(self) -> bool: ...
    @property
    def session_stamp(self) -> str:
        """Changes with the password and when the account is switched off: sessions of an older stamp have ended."""
        ...


class Accounts(Protocol):
    """The accounts. ``UsageError`` in words for people when something asked for can't be.

    ``by`` is who does it (the account itself unless given) and ``where`` the address it was done from.
    """

    def add(self, name: str, display: str, role: str, password: str, *, by: str = "", where: str = "") -> Account: ...
    def check(self, name: str, password: str) -> Account | None:
        """The active account of this name if the password is right; takes as long when there is none."""
        ...

    def get(self, name: str) -> Account | None: ...
    def list(self) -> Sequence[Account]: ...
    def set_password(self, name: str, password: str, *, by: str = "", where: str = "") -> Account: ...
    def set_active(self, name: str, active: bool, *, by: str = "", where: str = "") -> Account: ...


class LexiconEntry(Protocol):
    """How a word is read."""

    @property
    def word(self) -> str: ...
    @property
    def reading(self) -> str:
        """Pinyin, or hanzi that sound like it."""
        ...

    @property
    def note(self) -> str: ...


class Voice(Protocol):
    """Readings, and how they sound. ``VoiceError`` when nothing can speak; ``UsageError`` for a bad reading."""

    def hear(self, draft: NoticeDraft) -> Path:
        """A WAV of it as it would air, chime and repeats included."""
        ...

    def lexicon(self) -> Sequence[LexiconEntry]:
        """The store's own entries, in the order of the file."""
        ...

    def correct_reading(self, word: str, saying: str, note: str, who: str) -> None:
        """Add or change an entry."""
        ...

    def forget_reading(self, word: str, who: str) -> None: ...

    def heard_in(self, word: str) -> str:
        """Title of something approved, or of a script, that holds the word; empty if nothing does."""
        ...


class PlanRoom(Protocol):
    """The plan's files and their versions. See ``broadcaster/plan_room.py``; ``who`` is an account's name.

    ``UsageError`` when what is asked makes no sense, ``PlanConflict`` when somebody else was quicker, ``PlanRefused``
    when the plan would have faults that keep it off the air.
    """

    def open(self) -> OpenPlan: ...
    def tag(self) -> str:
        """The tag that :meth:`open` would give now; quick, for polling."""
        ...

    def try_out(self, tag: str, edits: Sequence[Edit], dates: Sequence[date] = ()) -> Trial: ...
    def publish(
        self, tag: str, edits: Sequence[Edit], *, who: str, words: str = "", where: str = "", anyway: bool = False
    ) -> Version: ...
    def versions(self, limit: int = 50, before: int | None = None) -> Sequence[Version]:
        """Newest first; ``before`` an id, to read on."""
        ...

    def version(self, number: int) -> Version | None: ...
    def texts(self, number: int) -> Mapping[str, str]:
        """Path -> text of all files of a version."""
        ...

    def compare(self, a: int, b: int) -> Comparison: ...
    def try_restore(self, number: int, dates: Sequence[date] = ()) -> Trial: ...
    def restore(self, number: int, *, who: str, words: str = "", where: str = "") -> Version: ...
    def undo(self, number: int, *, who: str, where: str = "") -> Version:
        """Put back what was before a version, in the files that it changed, if nothing touched them since."""
        ...

    def try_day(self, on: date | Sequence[date], mark: DayMark) -> Trial: ...
    def mark_day(
        self, on: date | Sequence[date], mark: DayMark, *, who: str, where: str = "", words: str = ""
    ) -> Version: ...
    def tidy(self, *, who: str, where: str = "", older_days: int = 60) -> Version | None:
        """Take out settings of single dates that are long past; None if there are none."""
        ...


@dataclass(frozen=True, slots=True)
class Choices:
    """What a notice may name, each id with its title in the store's words."""

    rotations: Mapping[str, str] = field(default_factory=dict)
    vendors: Mapping[str, str] = field(default_factory=dict)
    voices: Mapping[str, str] = field(default_factory=dict)
    chimes: Mapping[str, str] = field(default_factory=dict)
    levels: Mapping[str, str] = field(default_factory=dict)
    day_types: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Offices:
    """Everything that needs an account."""

    accounts: Accounts
    notices: NoticeDesk
    voice: Voice
    secret: bytes
    """Signs sessions: 32 random bytes or more, kept between starts."""
    choices: Callable[[], Choices] = Choices
    forms: Callable[[], Mapping[str, Form]] = dict
    """Ready-made forms by id, in the order of their file."""
    keep_recording: Callable[[IO[bytes], str], str] | None = None
    """Keep an uploaded file; returns its name there. ``MediaError`` if it is no sound."""
    plan: PlanRoom | None = None
    media: MediaRoom | None = None
    scripts: ScriptRoom | None = None
    calendar: CalendarOffice | None = None
    reports: ReportOffice | None = None
    """As-run log, texts, audit trail, vendors and contracts."""


def current_offices() -> Offices:
    """The offices of the app that serves this request."""
    return cast(Offices, current_app.extensions[EXTENSION])


def has_offices() -> bool:
    """Whether this app has any: without, nobody can log in."""
    return EXTENSION in current_app.extensions

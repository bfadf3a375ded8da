"""What the page may ask for on behalf of a person: all its offices, those of air and people in modules of their own.

The daemon brings the real offices; without them the page only shows the station. Called from several threads.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Protocol, TypeVar, cast

from flask import abort, current_app, g, has_request_context, request

from broadcaster.plan.station_models import Page, WeatherSource
from broadcaster.web.office_air import AirDesk, AirRecord, Calls, ClockOffice, LiveSound
from broadcaster.web.office_people import (
    ADMINISTRATORS,
    APPROVERS,
    AUDITORS,
    COMMANDERS,
    LOOKERS,
    ROLES,
    SUBMITTERS,
    WRITERS,
    Account,
    Accounts,
    SessionBook,
    TokenBook,
)

if TYPE_CHECKING:
    from datetime import date

    from broadcaster.editing.models import Comparison, DayMark, Edit, OpenPlan, Trial, Version
    from broadcaster.notices.desk import NoticeDesk
    from broadcaster.notices.forms import Form
    from broadcaster.notices.models import NoticeDraft
    from broadcaster.ops.alert_book import Alert
    from broadcaster.ops.alert_keeper import TargetState
    from broadcaster.ops.backups import Record as BackupRecord
    from broadcaster.ops.messengers import Answer
    from broadcaster.plan.unattended_models import AlertTarget
    from broadcaster.reports.day_book_room import DayBookOffice
    from broadcaster.reports.room import ReportOffice
    from broadcaster.rooms.calendar_room import CalendarOffice
    from broadcaster.rooms.caretaking import Backup, EngineState, Tried
    from broadcaster.rooms.trends_room import TrendsOffice
    from broadcaster.station.vitals import Health
    from broadcaster.store.alerts import StoredAlert
    from broadcaster.web.media_office import MediaRoom, ScriptRoom

__all__ = [
    "ADMINISTRATORS",
    "APPROVERS",
    "AUDITORS",
    "COMMANDERS",
    "EXTENSION",
    "LOOKERS",
    "ROLES",
    "SUBMITTERS",
    "WRITERS",
    "Account",
    "Accounts",
    "AirDesk",
    "AirRecord",
    "AlertOffice",
    "Calls",
    "Choices",
    "ClockOffice",
    "DialRange",
    "LexiconEntry",
    "LiveSound",
    "Offices",
    "PlanRoom",
    "SessionBook",
    "Settings",
    "TokenBook",
    "Vitals",
    "Voice",
    "current_offices",
    "has_offices",
    "once_a_request",
    "page_rules",
]

EXTENSION = "offices"


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

    def correct_reading(self, word: str, saying: str, note: str, who: str, where: str) -> None:
        """Add or change an entry; ``where`` is the address, for the audit trail."""
        ...

    def forget_reading(self, word: str, who: str, where: str) -> None: ...

    def heard_in(self, word: str) -> str:
        """Title of what airs with that word and needs nobody's yes any more; empty if nothing does."""
        ...


class PlanRoom(Protocol):
    """The plan's files and their versions. See ``broadcaster/rooms/plan_room.py``; ``who`` is an account's name.

    ``UsageError`` when what is asked makes no sense, ``PlanConflict`` when somebody else was quicker, ``PlanRefused``
    when the plan would have faults that keep it off the air.
    """

    def open(self) -> OpenPlan: ...
    def as_of(self, tag: str) -> OpenPlan:
        """The files as they were when the tag was given out; without faults."""
        ...

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
        self, on: date | Sequence[date], mark: DayMark, *, who: str, where: str = "", words: str = "", tag: str = ""
    ) -> Version:
        """With a ``tag``, ``PlanConflict`` if one of the dates was marked since it was given out."""
        ...

    def tidy(self, *, who: str, where: str = "", older_days: int = 60) -> Version | None:
        """Take out settings of single dates that are long past; None if there are none."""
        ...


@dataclass(frozen=True, slots=True)
class DialRange:
    """What staff may choose from for a level, in numbers of the house dial."""

    low: float
    high: float
    usual: float
    """Used unattended."""
    larger_is_quieter: bool = True
    title: Mapping[str, str] = field(default_factory=dict)
    """``title`` and ``title_en``."""


@dataclass(frozen=True, slots=True)
class Choices:
    """What a notice may name, each id with its title in the request's language."""

    rotations: Mapping[str, str] = field(default_factory=dict)
    vendors: Mapping[str, str] = field(default_factory=dict)
    voices: Mapping[str, str] = field(default_factory=dict)
    chimes: Mapping[str, str] = field(default_factory=dict)
    levels: Mapping[str, str] = field(default_factory=dict)
    day_types: Mapping[str, str] = field(default_factory=dict)
    scripts: Mapping[str, str] = field(default_factory=dict)
    ranges: Mapping[str, DialRange] = field(default_factory=dict)
    """Of the levels."""


class Settings(Protocol):
    """What the settings need beside the plan. See ``broadcaster/rooms/caretaking.py``."""

    def engines(self) -> Sequence[EngineState]:
        """The speech engines, best first."""
        ...

    def sample(self, voice: str) -> Path:
        """A WAV of a sentence in a voice of the house. ``UsageError``, ``VoiceError``."""
        ...

    def try_weather(self, source: WeatherSource) -> Tried:
        """Ask the provider now; nothing is kept."""
        ...

    def backups(self) -> Sequence[Backup]:
        """Those on this machine, newest first."""
        ...

    def backup_record(self) -> BackupRecord:
        """What became of those that are made by themselves."""
        ...

    def make_backup(self, *, music: bool, who: str, where: str) -> str: ...
    def backup_file(self, name: str, *, who: str, where: str) -> Path: ...


class AlertOffice(Protocol):
    """What is wrong, who was told, and who knows. See ``broadcaster/ops/alert_keeper.py``."""

    def open(self) -> Sequence[Alert]:
        """The alerts that are not over, gravest first."""
        ...

    def unacknowledged(self) -> int:
        """How many of them nobody took note of."""
        ...

    def history(self, limit: int, before: int | None = None) -> Sequence[StoredAlert]:
        """Those that are over, newest first. ``StoreError``."""
        ...

    def acknowledge(self, number: int, *, by: str, where: str) -> bool:
        """Take note of one: it is not repeated. False if somebody did before. ``UsageError``."""
        ...

    def test(self, target: AlertTarget) -> Answer:
        """Really send a test; some seconds. ``TooOften`` while another runs."""
        ...

    def targets(self) -> Mapping[str, TargetState]:
        """How it goes with each target, by its mark."""
        ...


class Vitals(Protocol):
    """How the daemon is, for machines."""

    def health(self) -> Health:
        """Whether all works that the air needs."""
        ...

    def metrics(self) -> bytes:
        """Figures in Prometheus's text form."""
        ...


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
    book: DayBookOffice | None = None
    """A date as it is printed and kept."""
    trends: TrendsOffice | None = None
    """Weeks side by side."""
    air: AirDesk | None = None
    """The desk's hand on the air."""
    settings: Settings | None = None
    alerts: AlertOffice | None = None
    page: Callable[[], Page] = Page
    """``page`` of ``station.yaml``, as it is now."""
    calls: Calls | None = None
    """Emergencies and live pages; None where there is no air to go before."""
    clock: ClockOffice | None = None
    """None where the clock is always believed."""
    record: AirRecord | None = None
    """What was heard, and is heard now; None where nothing listens."""
    vitals: Vitals | None = None
    """What machines ask of this one."""
    setup_code: Callable[[], str | None] = lambda: None
    """What the first account is made with from another computer; None: only at the machine itself."""


def current_offices() -> Offices:
    """The offices of the app that serves this request."""
    return cast(Offices, current_app.extensions[EXTENSION])


_T = TypeVar("_T")


def present(office: _T | None) -> _T:
    """One of them, which this app may be without: then there is no such page."""
    if office is None:
        abort(404)
    return office


def once_a_request(choices: Callable[[], Choices]) -> Callable[[], Choices]:
    """Asked once for a page that only shows: a list of notices needs them for every line."""

    def known() -> Choices:
        if not has_request_context() or request.method not in ("GET", "HEAD"):
            return choices()
        if "choices" not in g:
            g.choices = choices()
        return cast(Choices, g.choices)

    return known


def page_rules() -> Page:
    """What ``station.yaml`` says of the page; as by default where nobody can log in."""
    return current_offices().page() if has_offices() else Page()


def has_offices() -> bool:
    """Whether this app has any: without, nobody can log in."""
    return EXTENSION in current_app.extensions

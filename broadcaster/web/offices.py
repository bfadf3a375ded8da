"""What the page may ask for on behalf of a person: accounts, notices, readings, forms.

The daemon brings the real offices; without them the page only shows the station. Called from several threads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Literal, Protocol, cast

from flask import current_app, g, has_request_context, request

from broadcaster.plan.station_models import Page, WeatherSource

if TYPE_CHECKING:
    from datetime import date, datetime

    from broadcaster.air_check_room import RecordedDay
    from broadcaster.air_record import Cut
    from broadcaster.calendar_room import CalendarOffice
    from broadcaster.call_models import FireState, Prepared
    from broadcaster.caretaking import Backup, EngineState, Tried
    from broadcaster.editing.models import Comparison, DayMark, Edit, OpenPlan, Trial, Version
    from broadcaster.live_page import Begun
    from broadcaster.notices.desk import NoticeDesk
    from broadcaster.notices.forms import Form
    from broadcaster.notices.models import NoticeDraft
    from broadcaster.ops.alert_book import Alert
    from broadcaster.ops.alert_keeper import TargetState
    from broadcaster.ops.backups import Record as BackupRecord
    from broadcaster.ops.messengers import Answer
    from broadcaster.plan.unattended_models import AlertTarget
    from broadcaster.playout.interventions import Intervention
    from broadcaster.report_room import ReportOffice
    from broadcaster.store.alerts import StoredAlert
    from broadcaster.store.sessions import Session
    from broadcaster.store.tokens import Token
    from broadcaster.vitals import Health
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
    def id(self) -> int: ...
    @property
    def name(self) -> str: ...
    @property
    def display(self) -> str: ...
    @property
    def role(self) -> str: ...
    @property
    def active(self) -> bool: ...
    @property
    def created_at(self) -> datetime: ...
    @property
    def must_change(self) -> bool:
        """Somebody else chose the password: nothing is done with it but choosing another."""
        ...

    @property
    def session_stamp(self) -> str:
        """Changes with the password, with the role, and when the account is switched off."""
        ...


class SessionBook(Protocol):
    """Log-ins of browsers; ``broadcaster/store/sessions.py``. ``user`` is an account's id."""

    def open(self, user: int, *, where: str = "", agent: str = "") -> str:
        """Begin one; returns the key for the cookie."""
        ...

    def find(self, key: str) -> tuple[Session, Account] | None: ...
    def see(self, session: Session) -> None: ...
    def of(self, user: int) -> Sequence[Session]: ...
    def seen(self) -> Mapping[int, datetime]: ...
    def end(self, user: int, number: int, *, by: str = "", where: str = "") -> None: ...
    def end_others(self, user: int, but: int | None, *, by: str = "", where: str = "") -> int: ...
    def knows(self, folded: str, where: str) -> bool: ...


class TokenBook(Protocol):
    """Log-ins of programs; ``broadcaster/store/tokens.py``. ``user`` is an account's id."""

    def make(
        self, user: int, name: str, expires_at: datetime | None = None, *, by: str = "", where: str = ""
    ) -> tuple[str, Token]:
        """A new one and its secret."""
        ...

    def find(self, secret: str) -> tuple[Token, Account] | None: ...
    def used(self, token: Token) -> None: ...
    def of(self, user: int) -> Sequence[Token]: ...
    def end(self, user: int, number: int, *, by: str = "", where: str = "") -> None: ...


class Accounts(Protocol):
    """The accounts. ``UsageError`` in words for people when something asked for can't be.

    ``by`` is who does it (the account itself unless given) and ``where`` the address it was done from.
    """

    @property
    def sessions(self) -> SessionBook: ...
    @property
    def tokens(self) -> TokenBook: ...
    def add(
        self, name: str, display: str, role: str, password: str, *, must_change: bool = False, first: bool = False,
        by: str = "", where: str = "",
    ) -> Account:  # fmt: skip
        """A new one; ``first`` only while there is none, else ``Conflict``."""
        ...

    def check(self, name: str, password: str) -> Account | None:
        """The active account of this name if the password is right; takes as long when there is none."""
        ...

    def get(self, name: str) -> Account | None: ...
    def list(self) -> Sequence[Account]: ...
    def set_password(
        self, name: str, password: str, *, must_change: bool = False, by: str = "", where: str = ""
    ) -> Account: ...
    def set_active(self, name: str, active: bool, *, by: str = "", where: str = "") -> Account:
        """``Conflict`` for the last who makes accounts."""
        ...

    def set_role(self, name: str, role: str, *, by: str = "", where: str = "") -> Account:
        """``Conflict`` for the last who makes accounts."""
        ...

    def set_display(self, name: str, display: str, *, by: str = "", where: str = "") -> Account: ...


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
    """The plan's files and their versions. See ``broadcaster/plan_room.py``; ``who`` is an account's name.

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


class AirDesk(Protocol):
    """The desk's hand on the air; ``broadcaster/air_desk.py``. ``by`` is an account's name, ``where`` an address.

    ``Conflict`` when that is not what sounds any more, ``TooOften`` for too many deeds, ``UsageError`` for a number
    out of range (its text names the range), ``NotRunning`` while no plan is on air. The same deed again by the same
    person within 2 s returns the first. All end by themselves.
    """

    def holding(self) -> Sequence[Intervention]:
        """What holds now, oldest first; skips of spots still to come included."""
        ...

    def skip(self, what: Literal["spot", "track"], target: str, *, by: str, where: str) -> Intervention:
        """End a spot (its id, sounding or still to come today) or a track (``track.id`` of the status)."""
        ...

    def pause(self, minutes: float, *, by: str, where: str, reason: str = "") -> Intervention:
        """The bed fades out and comes back by itself (at most 60 minutes); spots go on."""
        ...

    def mute(self, minutes: float, *, by: str, where: str, reason: str = "") -> Intervention:
        """Nothing is heard (at most 60 minutes); time and log run on."""
        ...

    def stop(self, reason: str, *, by: str, where: str) -> Intervention:
        """Everything stops within half a second, until ended or the next day's programme begins."""
        ...

    def trim(self, level: str, dial: float, *, by: str, where: str) -> Intervention:
        """Another number of the dial for a level, inside its range, until the end of the day."""
        ...

    def play(self, kind: Literal["script", "notice"], ref: str, *, by: str, where: str) -> Intervention:
        """A script, or an approved notice (``notice-12``), once, now, at the next free place. May have to render."""
        ...

    def test_sound(self, gain_db: float, *, by: str, where: str) -> Intervention:
        """The calibration sound once, now, instead of the bed, at this gain to the reference: -40 to 0 dB."""
        ...

    def count(self, by: str) -> None:
        """One more deed of another kind, such as a call from a form. ``TooOften``."""
        ...

    def refuse_unheard(self) -> None:
        """``Conflict`` while everything is stopped or muted: what is put on air now nobody would hear."""
        ...

    def end(self, number: int, *, by: str, where: str) -> Intervention:
        """Take a deed back, or let go of what it holds; ``Conflict`` when there is nothing left to take back."""
        ...


class ClockOffice(Protocol):
    """Whether the PC's clock is believed; ``broadcaster/clock_trust.py``."""

    def confirm(self, by: str, where: str = "") -> bool:
        """Somebody says that the time is right; False if nobody doubted it."""
        ...


class Calls(Protocol):
    """Emergencies, the building's fire alarm, and people who speak live; ``broadcaster/call_desk.py``.

    ``Conflict`` when it can't be now (its text says why), ``UsageError`` for what makes no sense, ``NotRunning`` while
    no plan is on air.
    """

    def emergencies(self) -> Sequence[Prepared]:
        """The prepared messages, in the order of the file."""
        ...

    def recordings(self, message: str) -> Sequence[Path]:
        """What is heard of a message, one file for each of its scripts; none where there is no recording."""
        ...

    def emergency(self) -> Intervention | None:
        """The emergency on air."""
        ...

    def calls(self) -> Sequence[Intervention]:
        """What holds now, oldest first: emergencies and whoever speaks."""
        ...

    def fire(self, closed: bool, source: str = "contact", *, by: str = ..., where: str = "") -> FireState:
        """What a source says of the building's fire alarm."""
        ...

    def fire_state(self) -> FireState: ...
    def call(self, message: str, reason: str, *, by: str, where: str) -> Intervention:
        """Everything else stops and the message is said over and over. The same again joins; another replaces it."""
        ...

    def end(self, reason: str = "", *, by: str, where: str) -> Intervention:
        """The emergency is over."""
        ...

    def live_begin(self, *, by: str, where: str) -> Begun:
        """Begin to speak: the chime sounds at once."""
        ...

    def live_chunk(self, number: int, n: int, samples: bytes, *, by: str) -> float:
        """The n-th piece: 16-bit mono at 48 kHz; the seconds that wait to be heard."""
        ...

    def live_end(self, number: int, *, by: str, where: str) -> None: ...


class LiveSound(Protocol):
    """The output as it is heard, MP3 frame by frame; to be closed by whoever asked for it."""

    def __iter__(self) -> Iterator[bytes]: ...
    def __next__(self) -> bytes: ...
    def close(self) -> None: ...


class AirRecord(Protocol):
    """The rolling recording of the air; ``broadcaster/air_check_room.py``."""

    def days(self) -> Sequence[date]:
        """The dates of which there is something, newest first."""
        ...

    def day(self, on: date) -> RecordedDay: ...
    def cut(self, start: datetime, end: datetime) -> Cut:
        """What was heard between two instants. ``UsageError`` for more than an hour."""
        ...

    def take(self, start: datetime, end: datetime, *, by: str, where: str) -> Cut:
        """The same for somebody who keeps it: it stands in the audit trail."""
        ...

    def listen(self) -> LiveSound:
        """What is heard now. ``NotRunning`` while the output can't be heard, ``TooOften`` while as many listen as
        may."""
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
    """What a notice may name, each id with its title in the store's words."""

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
    """What the settings need beside the plan. See ``broadcaster/caretaking.py``."""

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

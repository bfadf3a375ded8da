"""Offices for the page's tests: the voice reads without speaking, and everything else is the real thing."""

from __future__ import annotations

import hashlib
import re
import wave
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from broadcaster.clock import RehearsalClock
from broadcaster.errors import MediaError, UsageError
from broadcaster.notices.desk import Helpers, NoticeDesk
from broadcaster.notices.forms import load_forms
from broadcaster.notices.lint import LintContext, lint
from broadcaster.notices.models import NoticeDraft
from broadcaster.plan.plan import Plan
from broadcaster.rundown.compiler import compile_rundown
from broadcaster.rundown.events import Notice
from broadcaster.rundown.preview import Heard, heard_times
from broadcaster.store.database import open_database
from broadcaster.store.users import Users
from broadcaster.store.vendors import Vendors
from broadcaster.voice.reading.lexicon import Entry
from broadcaster.voice.reading.lexicon_file import put_entry, read_entries, remove_entry
from broadcaster.voice.reading.model import Doubt, Reading
from broadcaster.web.offices import Choices, Offices
from tests.notice_kit import HandClock
from tests.web_fakes import ROOT, ZONE, at, store_plan

PASSWORD = "correct-horse-9"
#: Who works in the store of the tests.
PEOPLE = (
    ("wanglan", "王兰", "announcer"),
    ("liqiang", "李强", "manager"),
    ("xiaomei", "小美", "promo"),
    ("laozhao", "老赵", "supervisor"),
    ("dashan", "大山", "it"),
)
CHOICES = Choices(
    rotations={"vendor-promos": "厂商促销信息循环"},
    vendors={"oppein": "欧派橱柜", "tata": "TATA木门"},
    voices={"zh": "女声", "zh-male": "男声"},
    chimes={"ding-dong": "叮咚"},
    levels={"speech": "人声"},
    day_types={"weekend": "双休", "event": "活动日"},
)


class QuietVoice:
    """Knows the readings of a few words, and makes a second of silence where it should speak."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file = folder / "lexicon.csv"
        self.trouble: Exception | None = None
        self.approved = ""

    def read(self, text: str, language: str = "zh") -> Reading:
        del language
        known = {entry.word: entry.reading for entry in self.lexicon()}
        doubts = [
            Doubt(code, word, text.index(word), text.index(word) + len(word), read_as, choices)
            for word, code, read_as, choices in (
                ("TATA", "unknown-word", "T A T A", ()),
                ("重", "polyphone", "zhòng", ("chóng",)),
            )
            if word in text and not any(word in entry for entry in known)
        ]
        spoken = text
        for word, reading in known.items():
            spoken = spoken.replace(word, reading)
        sounds = {"一": "yì", "重": "zhòng", "大": "dà"}
        pieces = tuple((character, sounds.get(character, "")) for character in spoken)
        return Reading(text, spoken, pieces, (), tuple(doubts))

    def hear(self, draft: NoticeDraft) -> Path:
        if self.trouble:
            raise self.trouble
        path = self._folder / f"{hashlib.sha256(draft.text.encode()).hexdigest()[:8]}.wav"
        with wave.open(str(path), "wb") as file:
            file.setparams((1, 2, 8000, 0, "NONE", ""))
            file.writeframes(bytes(16000))
        return path

    def lexicon(self) -> Sequence[Entry]:
        return read_entries(self._file)[0] if self._file.exists() else ()

    def correct_reading(self, word: str, saying: str, note: str, who: str, where: str) -> None:
        put_entry(self._file, Entry(word, saying, note))

    def heard_in(self, word: str) -> str:
        return self.approved if word in self.approved else ""

    def forget_reading(self, word: str, who: str, where: str) -> None:
        if not remove_entry(self._file, word):
            raise UsageError(f"读音表里没有 {word} / no entry {word}")


class StorePlanner:
    """Compiles the starter plan, as the daemon does its own."""

    def heard(self, on: date, before: Sequence[Notice], after: Sequence[Notice], ref: str) -> Heard:
        plan = _plan()
        return heard_times(compile_rundown(plan, before, on), compile_rundown(plan, after, on), ref)


@cache
def _plan() -> Plan:
    return store_plan()


@dataclass(frozen=True)
class House:
    """The offices, and what tests look at behind them."""

    offices: Offices
    users: Users
    desk: NoticeDesk
    voice: QuietVoice
    hours: HandClock
    """What log-ins go by."""


@cache
def _peopled(people: tuple[tuple[str, str, str], ...]) -> bytes:
    """A database file with these people: hashing their passwords takes long on purpose, so it is done once."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "people.db"
        database = open_database(path)
        for name, display, role in people:
            Users(database).add(name, display, role, PASSWORD)
        database.dispose()
        return path.read_bytes()


@contextmanager
def open_house(folder: Path, people: Sequence[tuple[str, str, str]] = PEOPLE) -> Iterator[House]:
    """Offices over a database in the folder, with these people in it."""
    (folder / "broadcaster.db").write_bytes(_peopled(tuple(people)))
    database = open_database(folder / "broadcaster.db")
    clock = RehearsalClock(at("10:37:40"))
    hours = HandClock(datetime.now(UTC))
    users, voice = Users(database, clock, hours), QuietVoice(folder)
    Vendors(database, clock).put("tata", "TATA木门", by="liqiang")
    lint_it = partial(lint, context=LintContext(at("10:37").date()))
    helpers = Helpers(
        read=voice.read,
        lint=lambda draft, _seconds: lint_it(draft),
        length=lambda draft, _reading: 12.0 * draft.read,
        planner=StorePlanner(),
    )
    desk = NoticeDesk(database, clock, lambda: ZONE, helpers)
    shelf = load_forms(ROOT)[0]

    def keep(upload: IO[bytes], name: str) -> str:
        content = upload.read()
        if not content.startswith(b"RIFF"):
            raise MediaError(f"{name}: 不是录音 / no sound")
        return hashlib.sha256(content).hexdigest() + ".wav"

    offices = Offices(users, desk, voice, b"x" * 32, choices=lambda: CHOICES, forms=lambda: shelf, keep_recording=keep)
    try:
        yield House(offices, users, desk, voice, hours)
    finally:
        database.dispose()


def token(client: FlaskClient, path: str, **request: Any) -> str:
    """The token of the first form of a page."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(path, **request).text)
    assert found, path
    return found[1]


def log_in(client: FlaskClient, name: str, *, password: str = PASSWORD, way: str = "") -> TestResponse:
    """Log in by the form."""
    form = {"csrf_token": token(client, "/login"), "name": name, "password": password, "next": way}
    return client.post("/login", data=form)

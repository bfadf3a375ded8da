"""What the page may do on behalf of people, put together from the daemon's parts."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO

from pydantic import ValidationError

from broadcaster.air_check.room import AirCheckRoom
from broadcaster.calls.desk import CallDesk
from broadcaster.clock import Clock
from broadcaster.clock_trust import ClockTrust
from broadcaster.errors import BroadcasterError, MediaError, StoreError
from broadcaster.media.library import Library
from broadcaster.notices.desk import NoticeDesk
from broadcaster.notices.forms import Form, load_forms
from broadcaster.notices.models import NoticeDraft
from broadcaster.ops.alert_keeper import AlertKeeper
from broadcaster.plan.calendar import ranking, type_title
from broadcaster.plan.files import read
from broadcaster.plan.load import LEXICON
from broadcaster.plan.models import Level, Names
from broadcaster.plan.station_models import Page
from broadcaster.publishing.plan_keeper import PlanKeeper
from broadcaster.reports.day_book_room import DayBookRoom
from broadcaster.reports.room import ReportRoom
from broadcaster.rooms.air_desk import AirDesk
from broadcaster.rooms.calendar_room import CalendarRoom
from broadcaster.rooms.caretaking import Caretaker
from broadcaster.rooms.media_room import RunningMedia
from broadcaster.rooms.plan_room import PlanRoom
from broadcaster.rooms.sayings import CHIME_ENDINGS, NAME_CHARS, notice_utterance
from broadcaster.rooms.script_room import RunningScripts
from broadcaster.rooms.trends_room import TrendsRoom
from broadcaster.settings import Home
from broadcaster.station.vitals import Vitals
from broadcaster.store.audit import AuditTrail
from broadcaster.store.users import Users
from broadcaster.store.vendors import Vendors
from broadcaster.voice.reading.lexicon import Entry, Lexicon
from broadcaster.voice.reading.lexicon_file import put_entry, read_entries, remove_entry
from broadcaster.voice.studio import Studio
from broadcaster.weather.wording import says_of_weather
from broadcaster.web.i18n import language
from broadcaster.web.offices import Choices, DialRange, Offices
from broadcaster.web.secret import load_secret, read_setup_code

UPLOAD_BYTES = 100_000_000


class VoiceOffice:
    """Readings and previews; corrections go into ``config/lexicon.csv``, which the plan's watch then sees."""

    def __init__(self, home: Home, keeper: PlanKeeper, studio: Studio, trail: AuditTrail, desk: NoticeDesk) -> None:
        self._home = home
        self._desk = desk
        self._plans = keeper
        self._studio = studio
        self._trail = trail

    def hear(self, draft: NoticeDraft) -> Path:
        """See :class:`broadcaster.web.offices.Voice`."""
        return Path(self._studio.render(notice_utterance(self._home, self._plans.plan, draft)).path)

    def lexicon(self) -> Sequence[Entry]:
        """See :class:`broadcaster.web.offices.Voice`."""
        return read_entries(self._home.root / LEXICON)[0]

    def correct_reading(self, word: str, saying: str, note: str, who: str, where: str) -> None:
        """See :class:`broadcaster.web.offices.Voice`."""
        entry, detail = Entry(word, saying, note), {"word": word, "reading": saying}
        self._change("lexicon.set", detail, who, where, lambda: put_entry(self._home.root / LEXICON, entry))

    def forget_reading(self, word: str, who: str, where: str) -> None:
        """See :class:`broadcaster.web.offices.Voice`."""
        self._change(
            "lexicon.remove", {"word": word}, who, where, lambda: remove_entry(self._home.root / LEXICON, word)
        )

    def heard_in(self, word: str) -> str:
        """See :class:`broadcaster.web.offices.Voice`."""
        one = Lexicon((Entry(word, word),))
        return next((title for title, text in self._agreed_texts(word) if one.affects(text)), "")

    def _agreed_texts(self, word: str) -> Iterator[tuple[str, str]]:
        """Title and text of all that airs without anybody being asked again."""
        plan = self._plans.plan
        if plan is not None:
            yield from ((script.title.zh, script.text) for script in plan.scripts.values())
            yield from ((script.title.zh, one.text) for one in plan.timely if (script := plan.scripts.get(one.script)))
            source = plan.station.weather
            # Not of today's words alone: nobody reads tomorrow's forecast before it is heard.
            if source is not None and says_of_weather(word, source.place.zh):
                yield "天气预报", word
        yield from ((record.draft.title, record.draft.text) for record in self._desk.agreed())
        for form in forms(self._home).values():
            if form.self_approve:
                yield from ((form.title.zh, text) for text in form.agreed_wording())

    def _change(
        self, what: str, detail: Mapping[str, str], who: str, where: str, change: Callable[[], object]
    ) -> None:  # fmt: skip
        try:
            change()
        except OSError as error:
            raise StoreError(f"{LEXICON} 写不进去 / can't be written: {error}") from error
        self._trail.record(who=who, what=what, detail=detail, where=where)


class Recordings:
    """Uploaded recordings, each under the hash of its content; what is no sound is refused."""

    def __init__(self, home: Home, library: Library) -> None:
        self._home = home
        self._library = library

    def keep(self, file: IO[bytes], name: str) -> str:
        """Keep an upload. Raises ``MediaError`` if it can't be played, is too large, or can't be written."""
        ending = Path(name).suffix.lower()[:10]
        if not ending.isascii() or not ending[1:].isalnum():
            ending = ""
        folder = self._home.recordings
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=folder, prefix=".new-") as work:
                fresh = Path(work) / f"upload{ending}"
                kept = self._copy(file, fresh, name)
                try:
                    self._library.prepare(fresh)
                except MediaError as error:
                    reason = str(error).replace(str(fresh), name)
                    raise MediaError(f"{name} 不能用作录音 / can't be used as a recording: {reason}") from error
                final = folder / f"{kept}{ending}"
                # Also where it is there already: it may have been changed.
                fresh.replace(final)
        except OSError as error:
            raise MediaError(f"{name} 存不下来,请检查磁盘 / can't be kept, check the disk: {error}") from error
        return final.name

    @staticmethod
    def _copy(file: IO[bytes], fresh: Path, name: str) -> str:
        digest, size = hashlib.sha256(), 0
        with fresh.open("wb") as out:
            while block := file.read(1 << 20):
                size += len(block)
                if size > UPLOAD_BYTES:
                    most_mb = UPLOAD_BYTES // 1_000_000
                    raise MediaError(f"{name} 太大,最多 {most_mb} MB / is too large: at most {most_mb} MB")
                digest.update(block)
                out.write(block)
        return digest.hexdigest()[:NAME_CHARS]


def choices(home: Home, keeper: PlanKeeper, vendors: Vendors, words: str = "zh") -> Choices:
    """What a notice may name at the moment, with titles in the language ``words``."""
    plan = keeper.plan

    def shown(title: Names) -> str:
        return title.text(words)

    try:
        known = {vendor.id: shown(Names(zh=vendor.name_zh, en=vendor.name_en)) for vendor in vendors.list()}
    except BroadcasterError:
        known = {}
    chimes = home.root / "announcements" / "chimes"
    found = {path.stem: path.stem for path in sorted(chimes.glob("*")) if path.suffix.lower() in CHIME_ENDINGS}
    if plan is None:
        return Choices(vendors=known, chimes=found)
    return Choices(
        rotations={name: shown(rotation.title) for name, rotation in plan.programme.rotations.items()},
        vendors=known,
        voices={name: shown(one.title or Names(zh=name)) for name, one in plan.voices.voices.items()},
        chimes=found,
        levels={name: shown(level.title) for name, level in plan.levels.levels.items()},
        day_types={name: shown(type_title(plan.calendar, name)) for name in ranking(plan.calendar)},
        scripts={name: shown(script.title) for name, script in plan.scripts.items()},
        ranges={name: _range(level, plan.levels.dial.larger_is) for name, level in plan.levels.levels.items()},
    )


def _range(level: Level, larger_is: str) -> DialRange:
    title = {"title": level.title.zh, "title_en": level.title.text("en")}
    return DialRange(level.low, level.high, level.dial, larger_is == "quieter", title)


def forms(home: Home) -> Mapping[str, Form]:
    """The ready-made forms; one with a fault is left out, and ``check`` tells."""
    return load_forms(home.root)[0]


def page_of(home: Home, keeper: PlanKeeper) -> Page:
    """``page`` of ``station.yaml``: of the plan on air; while there is none, as the file says."""
    if keeper.plan:
        return keeper.plan.station.page
    document, _ = read(home.root / "config" / "station.yaml", "config/station.yaml")
    try:
        return Page.model_validate((document.content if document else {}).get("page", {}))
    except ValidationError:
        # Somebody may have wanted it closed: better shut for an hour than open.
        return Page(looking="login", screen="login")


def open_offices(
    home: Home, clock: Clock, keeper: PlanKeeper, studio: Studio, library: Library, desk: NoticeDesk, users: Users,
    vendors: Vendors, trail: AuditTrail, *, media: RunningMedia | None = None, scripts: RunningScripts | None = None,
    air: AirDesk | None = None, reports: ReportRoom | None = None, plan: PlanRoom | None = None,
    alerts: AlertKeeper | None = None, calls: CallDesk | None = None, record: AirCheckRoom | None = None,
    vitals: Vitals | None = None, clock_trust: ClockTrust | None = None, book: DayBookRoom | None = None,
    trends: TrendsRoom | None = None,
) -> Offices:  # fmt: skip
    """Everything that needs an account."""
    recordings = Recordings(home, library)
    if clock_trust is not None:
        clock_trust.note = lambda by, where: trail.record(who=by, what="clock.trust", detail={}, where=where)
    return Offices(
        accounts=users,
        notices=desk,
        voice=VoiceOffice(home, keeper, studio, trail, desk),
        secret=load_secret(home.var / "page.key"),
        plan=plan,
        choices=lambda: choices(home, keeper, vendors, language()),
        forms=lambda: forms(home),
        keep_recording=recordings.keep,
        page=lambda: page_of(home, keeper),
        setup_code=lambda: read_setup_code(home.run / "setup-code"),
        media=media,
        scripts=scripts,
        vitals=vitals,
        settings=Caretaker(home, clock, keeper, studio, trail),
        air=air,
        alerts=alerts,
        calls=calls,
        record=record,
        clock=clock_trust,
        calendar=CalendarRoom(lambda: keeper.plan),
        reports=reports,
        trends=trends,
        book=book,
    )

"""A station in virtual time: real conductor, real log in a real database, real compiler; engine and clock are played.

:class:`World` runs it, kills it, starts it again, sets its clock; :class:`FakeEngine` remembers what was heard.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from broadcaster.asrun.entries import Entry
from broadcaster.asrun.log import AsRunLog
from broadcaster.plan.load import read_plan
from broadcaster.plan.models import Calendar, Levels, Names, Programme, Script, Station
from broadcaster.plan.plan import Clip, Plan, Playlist, Track, clip_name
from broadcaster.playout.air import Air
from broadcaster.playout.conductor import Conductor
from broadcaster.playout.journal import Journal
from broadcaster.playout.loop import TURN_S
from broadcaster.playout.protocol import SILENT_DB, Command
from broadcaster.publishing.almanac import Almanac
from broadcaster.publishing.publish import assemble
from broadcaster.recovery import AliveStamp, close_what_was_open
from broadcaster.rundown.bed import BedItem, bed_at
from broadcaster.rundown.events import Notice, Rundown
from broadcaster.rundown.unsaid import NOTHING_UNSAID, Unsaid
from broadcaster.settings import Home
from broadcaster.store.database import Database, open_database
from tests.fake_engine import FakeEngine, Faults, Sound, Tape
from tests.store_support import ROOT

ZONE = "main"

T = TypeVar("T")


class VirtualClock:
    """Both clocks, in the test's hand."""

    def __init__(self, at: datetime) -> None:
        self._mono = 1000.0
        self._wall_minus_mono = at.timestamp() - self._mono

    def now(self) -> datetime:
        return datetime.fromtimestamp(round(self._wall_minus_mono + self._mono, 6), UTC)

    def mono(self) -> float:
        return self._mono

    def go_to(self, mono: float) -> None:
        """Let time pass; it never runs back."""
        self._mono = max(self._mono, mono)

    def step(self, seconds: float) -> None:
        """Set the wall clock."""
        self._wall_minus_mono += seconds

    def mono_of(self, instant: datetime) -> float:
        """The monotonic instant of a wall instant, by the clock as it is set now."""
        return instant.timestamp() - self._wall_minus_mono

    def wall_of(self, mono: float) -> datetime:
        """The reverse."""
        return datetime.fromtimestamp(self._wall_minus_mono + mono, UTC)


class Killed(BaseException):
    """The daemon was killed in the middle of what it did; nothing of the program may catch this."""


class Fuse:
    """Burns down with every step that reaches the outside: a write to the log or a command to the engine."""

    def __init__(self) -> None:
        self.left: int | None = None

    def burn(self, _command: Command | None = None) -> None:
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                self.left = None
                raise Killed


class FusedLog(AsRunLog):
    """The real log; a kill can come right before and right after each write."""

    def __init__(self, database: Database, zone: str, fuse: Fuse) -> None:
        super().__init__(database, zone)
        self._fuse = fuse

    def arm_spot(self, **values: Any) -> bool:
        return self._fused(lambda: super(FusedLog, self).arm_spot(**values))

    def spot_started(self, *values: Any) -> bool:
        return self._fused(lambda: super(FusedLog, self).spot_started(*values))

    def spot_ended(self, *values: Any) -> bool:
        return self._fused(lambda: super(FusedLog, self).spot_ended(*values))

    def skip_spot(self, **values: Any) -> bool:
        return self._fused(lambda: super(FusedLog, self).skip_spot(**values))

    def skip_spots(self, *values: Any) -> int:
        return self._fused(lambda: super(FusedLog, self).skip_spots(*values))

    def _fused(self, write: Callable[[], T]) -> T:
        self._fuse.burn()
        result = write()
        self._fuse.burn()
        return result


class _Alive(AliveStamp):
    """The stamp without its file, which would be most of a day's cost."""

    def read(self) -> datetime | None:
        return self._last

    def _write(self, now: datetime) -> None:
        pass


LOG_WAIT_S = 30.0
"""The log is as good as instant in virtual time: what a turn wrote is there when it ends, however slow the disk is."""


class World:
    """One store's daemon with its engine and its ears."""

    def __init__(self, folder: Path, plan: Plan, at: datetime) -> None:
        self.clock = VirtualClock(at)
        self.tape = Tape()
        self.faults = Faults()
        self.fuse = Fuse()
        self.plan = plan
        self.since = at
        self.notices: tuple[Notice, ...] = ()
        self._home = Home(folder)
        self._home.run.mkdir(parents=True)
        self.faults.before_send = self.faults.after_send = self.fuse.burn
        self.each_turn: Callable[[], None] = lambda: None
        self.turn_s = TURN_S
        self._alive = _Alive(self._home, rehearsal=False)
        self.start()

    # --- the daemon's life

    def start(self) -> None:
        """What ``daemon.run`` does, as far as the air is concerned."""
        self.database = open_database(self._home.database)
        self.log = FusedLog(self.database, ZONE, self.fuse)
        alive = self._alive
        close_what_was_open(self.log, alive.read(), self.clock.now())
        self.almanac = Almanac(self.log, self.clock, self.notices_of, self.unsaid_of)
        self.engine = FakeEngine(self.clock.mono, self.tape, self.faults)
        self.conductor = Conductor(self.engine, Journal(self.log, wait_s=LOG_WAIT_S), self.clock, alive.stamp)
        self.before_air()
        self._next_turn = self.clock.mono()
        self.take(self.plan, min(self.since, self.clock.now()))

    def before_air(self) -> None:
        """What else a daemon has before its first plan."""

    def notices_of(self, on: date) -> tuple[Notice, ...]:
        """The approved notices of a date."""
        return self.notices

    def unsaid_of(self, on: date) -> Unsaid:
        """What of a date people silenced."""
        return NOTHING_UNSAID

    def take(self, plan: Plan, since: datetime | None = None) -> None:
        """A plan takes hold."""
        self.plan, self.since = plan, since or self.clock.now()
        almanac = self.almanac
        self.conductor.take_plan(Air(plan, self.since, lambda on: almanac.rundown(plan, on), almanac.notices))

    def notify(self, *notices: Notice) -> None:
        """The notices are these from now on."""
        self.notices = notices
        self.almanac.forget()
        self.take(self.plan, self.since)

    def kill(self) -> None:
        """The daemon is gone, and the engine with it."""
        self.fuse.left = None
        self.engine.close()
        self.database.dispose()

    def restart(self, after_s: float = 1.0) -> None:
        """Killed and started again."""
        self.kill()
        self.clock.go_to(self.clock.mono() + after_s)
        self.start()

    def pause(self, seconds: float) -> None:
        """The daemon is not run for a while; its engine is."""
        until = self.clock.mono() + seconds
        while (at := self.engine.next_happening()) <= until:
            self.clock.go_to(at)
            self.engine.run_to(at)
        self.clock.go_to(until)

    def run(self, seconds: float) -> None:
        """Let the station run."""
        self.run_to_mono(self.clock.mono() + seconds)

    def run_to(self, instant: datetime) -> None:
        """Let the station run up to a wall instant."""
        self.run_to_mono(self.clock.mono_of(instant))

    def run_to_mono(self, until: float) -> None:
        """Let the station run as :class:`broadcaster.playout.loop.ConductorLoop` does.

        At instants with events a turn comes before them as well: the engine's words may wait in the queue meanwhile.
        """
        while True:
            at = min(self._next_turn, self.engine.next_at(), until)
            self.clock.go_to(at)
            now = self.clock.mono()
            self.engine.run_to(now)
            events = self.engine.arrived(now)
            if events or now >= self._next_turn:
                self.conductor.turn()
                for event in events:
                    self.conductor.event(event)
                if events:
                    self.conductor.turn()
                self._next_turn = now + self.turn_s
                self.each_turn()
            if now >= until:
                return

    # --- what is known of it

    @property
    def now(self) -> datetime:
        return self.clock.now()

    def rundown(self, on: date) -> Rundown:
        return self.almanac.rundown(self.plan, on)

    def spot_entries(self, *days: date) -> dict[str, Entry]:
        """The log's spots by id; of the present date unless told."""
        days = days or (self.now.astimezone(self.plan.station.tz).date(),)
        return {name: entry for on in days for name, entry in self.log.spots_of(on).items()}

    def voice(self) -> list[Sound]:
        """All that was spoken."""
        return list(self.tape.of("voice"))

    def speaks(self) -> str | None:
        """The script on the voice bus right now."""
        sounds = self.tape.at("voice", self.clock.mono())
        return sounds[-1].path if sounds else None

    def bed(self) -> list[Sound]:
        """What of the bed sounds right now."""
        return self.tape.at("bed", self.clock.mono())

    def bed_faults(self, depth_db: float | None = None) -> list[str]:
        """How the bed that sounds differs from the one that the rundown names for this instant.

        ``depth_db`` is how far it should be down; None leaves gains aside, as while they move.
        """
        now, mono = self.now, self.clock.mono()
        day = self.rundown(now.astimezone(self.plan.station.tz).date())
        settled = timedelta(seconds=0.1)
        wanted = bed_at(self.plan, day, now)
        faults = []
        for item in wanted:
            if not item.start + settled < now < item.end - settled:
                continue
            here = [sound for sound in self.bed() if sound.path == item.track.path]
            off_s = [abs(sound.position(mono) - item.offset_s(now)) for sound in here]
            if not here or min(off_s) > 0.06:
                faults.append(f"{now}: {item.id} at {item.offset_s(now):.2f} s should sound, off by {off_s}")
            elif depth_db is not None and not fading(item, now):
                gain_db, meant_db = here[-1].gain_db(mono), max(item.gain_db + depth_db, SILENT_DB)
                if abs(gain_db - meant_db) > 0.01:
                    faults.append(f"{now}: {item.id} sounds at {gain_db:.2f} dB, not {meant_db:.2f}")
        names = {item.track.path for item in wanted}
        faults += [f"{now}: {sound.path} sounds" for sound in self.bed() if sound.path not in names]
        return faults


# --- plans


def local(text: str, on: str = "2026-11-24", timezone: str = "Asia/Shanghai") -> datetime:
    """A local time of a date as an instant; 2026-11-24 is a plain Tuesday."""
    from zoneinfo import ZoneInfo

    return datetime.fromisoformat(f"{on}T{text}").replace(tzinfo=ZoneInfo(timezone)).astimezone(UTC)


def playlist(name: str, *durations: float) -> Playlist:
    """A made-up playlist; its recordings are named after it."""
    tracks = [
        Track(title=name, file=f"{name}/{number}.wav", path=f"/media/{name}-{number}.wav", duration_s=length)
        for number, length in enumerate(durations)
    ]
    return Playlist(id=name, tracks=tuple(tracks))


@cache
def starter_plan() -> Plan:
    """The starter kit's programme with recordings of made-up lengths."""
    draft = read_plan(ROOT)
    assert not draft.faults
    music = {
        "staff-song": (61.3, 55.9),
        "welcome": (48.2, 71.5),
        "light": (183.4, 164.27, 201.9, 95.5),
        "english": (143.1, 188.8, 167.03),
        "send-off": (92.6,),
    }
    clips = {
        clip_name(name, read): Clip(path=f"/voice/{name}-{read}.wav", duration_s=8.37 + len(name) * read, key=name)
        for name, script in draft.scripts.items()
        for read in {1, 2, script.read}
    }
    plan = assemble(draft, {name: playlist(name, *lengths) for name, lengths in music.items()}, clips)
    assert plan is not None
    return plan


BED = {"id": "day", "title": "day", "from": "09:00", "to": "18:00", "bed": {"playlist": "music"}, "level": "soft"}


def small_plan(
    *spots: Mapping[str, Any],
    dayparts: Sequence[Mapping[str, Any]] = (BED,),
    music: Mapping[str, Sequence[float]] | None = None,
    timezone: str = "Asia/Shanghai",
    version: str = "1",
    texts: Mapping[str, str] | None = None,
    soft: float = 24.0,
) -> Plan:
    """A plan of a few spots, each with a script of its own: ``spot("a", "10:00:00", 20)``.

    ``texts`` gives a script another text than its own, which makes it another recording.
    """
    lengths = {str(one["id"]): float(one["length"]) for one in spots}
    rules = [{key: value for key, value in one.items() if key != "length"} for one in spots]
    words = {name: (texts or {}).get(name, name) for name in lengths}
    return Plan(
        version=version,
        station=Station(name=Names(zh="店"), timezone=timezone),
        levels=Levels.model_validate(
            {"levels": {"soft": {"title": "soft", "range": [soft, soft]}, "speech": {"title": "s", "range": [21, 21]}}}
        ),
        calendar=Calendar.model_validate({"hours": {"open": "09:30", "close": "18:00"}}),
        programme=Programme.model_validate({"dayparts": list(dayparts), "spots": rules}),
        scripts={name: Script(title=Names(zh=name), text=text) for name, text in words.items()},
        playlists={
            name: playlist(name, *durations) for name, durations in (music or {"music": (60.0, 45.5, 80.25)}).items()
        },
        clips={
            clip_name(name, 1): Clip(path=f"/voice/{text}.wav", duration_s=lengths[name], key=text)
            for name, text in words.items()
        },
    )


def spot(name: str, at: str | Sequence[str], length: float = 10.0, **more: Any) -> dict[str, Any]:
    """A spot for :func:`small_plan`."""
    return {"id": name, "title": name, "script": name, "at": at, "length": length, **more}


@contextmanager
def world(folder: Path, plan: Plan, at: datetime) -> Iterator[World]:
    """A running station; its database is closed afterwards."""
    one = World(folder, plan, at)
    try:
        yield one
    finally:
        one.kill()


def fading(item: BedItem, now: datetime) -> bool:
    """Whether a track fades in or out at an instant, or is just about to have done so."""
    into_s, left_s = (now - item.start).total_seconds(), (item.end - now).total_seconds()
    return into_s < item.fade_in_s + 0.1 or left_s < item.fade_out_s + 0.1


def after(instant: datetime, seconds: float) -> datetime:
    """An instant later than another."""
    return instant + timedelta(seconds=seconds)


@dataclass(frozen=True, slots=True)
class Heard:
    """Seconds of a recording that were heard."""

    start: float
    end: float


def heard(sounds: Sequence[Sound], path: str, until: float) -> list[Heard]:
    """What of a recording was heard, in seconds of the recording, in the order of hearing."""
    return [Heard(sound.offset_s, sound.position(min(sound.until, until))) for sound in sounds if sound.path == path]


def twice_s(pieces: Sequence[Heard]) -> float:
    """Seconds of a recording that were heard again."""
    reached, again = 0.0, 0.0
    for piece in pieces:
        again += max(0.0, min(reached, piece.end) - piece.start)
        reached = max(reached, piece.end)
    return again

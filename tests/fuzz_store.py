"""The whole store in this process for attacks on the API: the daemon's own parts, with an engine and a voice played.

Put together as ``broadcaster.daemon.run`` does it; requests come by WSGI. Whatever the engine would play is remembered
by :class:`tests.fake_engine.FakeEngine`, and speech is a hum.
"""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask

from broadcaster.air_check.room import AirCheckRoom
from broadcaster.alert_opening import open_alerts
from broadcaster.asrun.log import AsRunLog
from broadcaster.asrun.proof import Proof
from broadcaster.calls.opening import open_calls
from broadcaster.clock import RehearsalClock
from broadcaster.front_office import open_offices
from broadcaster.media.library import Library
from broadcaster.notices.desk import NoticeDesk
from broadcaster.notices.models import NoticeDraft
from broadcaster.plan.plan import Plan
from broadcaster.playout.air import Air
from broadcaster.playout.conductor import Conductor
from broadcaster.playout.journal import Journal
from broadcaster.playout.loop import ConductorLoop
from broadcaster.publishing.almanac import Almanac
from broadcaster.publishing.plan_keeper import PlanKeeper
from broadcaster.publishing.publish import Publisher
from broadcaster.reports.day_book_room import DayBookRoom
from broadcaster.reports.room import ReportRoom
from broadcaster.rooms.air_desk import AirDesk
from broadcaster.rooms.air_reach import Reach
from broadcaster.rooms.at_hand import AtHand, DeskFeed
from broadcaster.rooms.media_room import RunningMedia
from broadcaster.rooms.notice_helpers import PlanHelp
from broadcaster.rooms.notice_room import NoticeRoom
from broadcaster.rooms.plan_room import PlanRoom
from broadcaster.rooms.script_room import RunningScripts
from broadcaster.rooms.trends_room import TrendsRoom
from broadcaster.rooms.weather_room import WeatherRoom
from broadcaster.settings import Home
from broadcaster.station.running import RunningStation
from broadcaster.station.vitals import Vitals
from broadcaster.station.watch import StationWatch
from broadcaster.store.audit import AuditTrail
from broadcaster.store.database import open_database
from broadcaster.store.notices import Notices
from broadcaster.store.plan_versions import PlanVersions
from broadcaster.store.users import Users
from broadcaster.store.vendors import Vendors
from broadcaster.web.app import create_app
from tests.fake_engine import FakeEngine, Tape
from tests.live_kit import wait
from tests.media_kit import lay_out, song
from tests.voice_fakes import FakeSpeaker, studio_with, write_hum
from tests.web_fakes import DAY, ZONE, at
from tests.web_offices import PASSWORD, PEOPLE

TABLES = ("users", "tokens", "interventions", "plan_versions", "vendors", "contracts", "notices", "notice_revisions",
          "notice_approvals", "notice_renderings")  # fmt: skip
#: Columns that looking about changes: when a token was used, what somebody is called by themselves.
OF_NO_WEIGHT = {"users": {"display", "session_stamp"}, "tokens": {"used_at"}}
STEP_S = 0.1
TZ = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True)
class WholeStore:
    """What a test looks at."""

    app: Flask
    home: Home
    users: Users
    room: PlanRoom
    media: RunningMedia
    keeper: PlanKeeper
    loop: ConductorLoop
    air: AirDesk
    tape: Tape

    def rows(self) -> dict[str, list[tuple[Any, ...]]]:
        """The weighty tables as they are."""
        found: dict[str, list[tuple[Any, ...]]] = {}
        with sqlite3.connect(self.home.database) as reader:
            reader.row_factory = sqlite3.Row
            for table in TABLES:
                light = OF_NO_WEIGHT.get(table, set())
                rows = reader.execute(f'select * from "{table}" order by 1').fetchall()
                found[table] = [tuple(row[name] for name in row.keys() if name not in light) for row in rows]  # noqa: SIM118
        reader.close()
        return found

    def files(self) -> dict[str, str]:
        """Hash of every file of the plan, and of every file beside the home."""
        plan = [
            path for name in ("config", "playlists", "announcements") for path in (self.home.root / name).rglob("*")
        ]
        beside = [path for path in self.home.root.parent.rglob("*") if self.home.root not in path.parents]
        return {
            str(path.relative_to(self.home.root.parent)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in (*plan, *beside)
            if path.is_file()
        }


@contextmanager
def open_whole_store(folder: Path) -> Iterator[WholeStore]:
    """A store on a Saturday morning at 10:37, with its plan on air."""
    home = Home(lay_out(folder / "home"))
    # Its voices are not the stand-in's.
    voices = "voices: {calm: {title: {zh: 缓慢女声, en: Slow}}}\n"
    (home.root / "config" / "voices.yaml").write_text(voices, encoding="utf-8")
    chimes = home.root / "announcements" / "chimes"
    for path in (home.root / "playlists").glob("*/01 *.flac"):
        song(path, 400.0, 120.0, 8000)  # of ordinary length, so that a day has no more tracks than it has
    shutil.copyfile(chimes / "ding-dong.wav", chimes / "four-tone.wav")
    home.run.mkdir(parents=True, exist_ok=True)
    with ExitStack() as parts:
        yield _put_together(home, parts)


NO_PROCESS: Any = SimpleNamespace(generation=1, pid=None)
"""The played engine has none of its own."""


def _put_together(home: Home, parts: ExitStack) -> WholeStore:
    clock = RehearsalClock(at("10:37:40"))
    database = open_database(home.database)
    parts.callback(database.dispose)
    asrun, library = AsRunLog(database, "main"), Library(home.media)
    studio = studio_with(home.root / "var", FakeSpeaker(write=write_hum))
    parts.callback(studio.close)
    almanac = Almanac(asrun, clock, lambda on: (*desk.feed(on), *desk_feed.feed(on)))
    tape, loop = Tape(), ConductorLoop()
    engine = FakeEngine(clock.mono, tape)
    conductor = Conductor(engine, Journal(asrun), clock, lambda _now: None)

    def take(plan: Plan, since: Any) -> None:
        air = Air(plan, since, lambda on: almanac.rundown(plan, on), almanac.notices)
        loop.put(lambda conductor: conductor.take_plan(air))

    keeper = PlanKeeper(home, clock, take, rehearsal=True, studio=studio)
    users, trail, vendors = Users(database, clock), AuditTrail(database, clock), Vendors(database, clock)
    help_ = PlanHelp(
        home, lambda: keeper.plan, almanac, lambda: DAY, recording_s=lambda path: library.prepare(path).duration_s,
        knows_voice=studio.ladder.knows,
    )  # fmt: skip
    helpers = help_.helpers(read=studio.read, past=Proof(database, "main").settled)
    desk = NoticeDesk(database, clock, lambda: TZ, helpers, zone="main")
    desk_feed = DeskFeed(database, lambda: TZ, "main")
    reach = _reach(keeper, almanac, asrun, loop)
    air_desk = AirDesk(database, clock, reach, AtHand(home, clock, Notices(database), studio), zone="main")
    air_desk.load()
    calls = open_calls(home, database, clock, reach, loop, library, parts, zone="main")
    room = PlanRoom(
        home, PlanVersions(database, clock), clock, Publisher(home.root, studio=studio), keeper=keeper, almanac=almanac
    )
    keeper.on_change = room.notice
    loop.start(conductor)
    parts.callback(loop.stop)
    parts.callback(_ticking(loop, engine, clock))
    keeper.start()
    parts.callback(keeper.stop)
    _on_air(keeper, loop)
    # The files as they were found are the first version; what is sent later must not be taken for it.
    wait(lambda: not keeper.readying, 60, "all is ready")
    room.notice()
    notices = NoticeRoom(home, clock, keeper, almanac, desk, studio)
    weather = WeatherRoom(home, clock, keeper, studio, rehearsal=True)
    watch = StationWatch(home, clock, keeper, loop, notices, weather)
    alerts = open_alerts(home, clock, keeper, database, watch, (), parts, zone="main", rehearsal=True)
    station = RunningStation(
        home, clock, keeper, almanac, asrun, loop, air_desk, watch, alerts, rehearsal=True
    )  # fmt: skip
    media = RunningMedia(home, clock, library, trail, lambda: keeper.plan, keeper.look, upload_mb=5)
    media.start()
    parts.callback(media.stop)
    scripts = RunningScripts(home, clock, keeper, almanac, studio)
    reports = ReportRoom(database, clock, lambda: TZ, "main")
    book = DayBookRoom(database, clock, "main", lambda: keeper.plan, almanac)
    trends = TrendsRoom(database, clock, lambda: TZ, "main", home.var / "cache" / "trends")
    offices = open_offices(
        home, clock, keeper, studio, library, desk, users, vendors, trail, media=media, scripts=scripts, air=air_desk,
        reports=reports, book=book, trends=trends, plan=room, alerts=alerts, calls=calls,
        record=AirCheckRoom(home, clock, lambda: keeper.plan, trail, rehearsal=True),
        vitals=Vitals(home, clock, lambda: keeper.plan, loop, NO_PROCESS, asrun, database, watch, alerts),
    )  # fmt: skip
    _furnish(users, vendors, desk)
    app = create_app(station, offices)
    app.config["COUNT_POSTS"] = False
    return WholeStore(app, home, users, room, media, keeper, loop, air_desk, tape)


def _on_air(keeper: PlanKeeper, loop: ConductorLoop) -> None:
    """Wait for it. On a busy machine a recording may take too long once: the daemon looks again every minute."""
    for patience in (40, 40, 80, 80):
        with suppress(AssertionError):
            wait(lambda: keeper.plan is not None and loop.on_air() is not None, patience, "the plan on air")
            return
        keeper.look()
    raise AssertionError(f"no plan on air: {[str(fault) for fault in keeper.faults]}")


def _reach(keeper: PlanKeeper, almanac: Almanac, asrun: AsRunLog, loop: ConductorLoop) -> Reach:
    def recompile() -> None:
        almanac.forget()
        keeper.retake()

    return Reach(
        plan=lambda: keeper.plan,
        on_air=loop.on_air,
        rundown=almanac.rundown,
        became=asrun.spots_of,
        take=lambda hands: loop.put(lambda conductor: conductor.take_interventions(hands)),
        recompile=recompile,
        display=lambda name: name,
    )


def _ticking(loop: ConductorLoop, engine: FakeEngine, clock: RehearsalClock) -> Callable[[], None]:
    """Let the played engine live in real time; returns what ends it."""
    over = threading.Event()

    def pump(conductor: Conductor) -> None:
        engine.run_to(clock.mono())
        for event in engine.arrived(clock.mono()):
            conductor.event(event)

    def tick() -> None:
        while not over.wait(STEP_S):
            loop.put(pump)

    thread = threading.Thread(target=tick, daemon=True)
    thread.start()

    def end() -> None:
        over.set()
        thread.join(5)

    return end


def _furnish(users: Users, vendors: Vendors, desk: NoticeDesk) -> None:
    """People, vendors with a contract, notices in three states."""
    accounts = {name: users.add(name, display, role, PASSWORD) for name, display, role in PEOPLE}
    vendors.put("tata", "TATA木门", "TATA Doors", by="liqiang")
    vendors.contract("tata", "vendor-promos", 6, DAY, date(2026, 12, 20), by="liqiang")
    when: Mapping[str, Any] = {"at": ["10:45", "14:00"], "first": DAY.isoformat(), "last": "2026-12-01"}
    for number in range(4):
        text = f"各位顾客，{number + 1}号扶梯正在检修，请走东侧步梯。"
        draft = NoticeDraft.model_validate({"title": f"检修{number}", "text": text, "when": when})
        record = desk.submit(draft, accounts["xiaomei"], "192.168.1.31")
        if number == 1:
            desk.approve(record.id, 1, accounts["wanglan"])
        if number == 2:
            desk.reject(record.id, 1, accounts["wanglan"], "文字太短")


__all__ = ["PASSWORD", "PEOPLE", "ZONE", "WholeStore", "open_whole_store"]

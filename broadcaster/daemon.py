"""Builds the daemon's parts, starts them in order, and stops them in reverse."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import psutil

from broadcaster.alert_opening import open_alerts
from broadcaster.asrun.log import AsRunLog
from broadcaster.asrun.proof import Proof
from broadcaster.calls.opening import open_calls
from broadcaster.clock import Clock, RehearsalClock
from broadcaster.ear.air_check_opening import open_air_check
from broadcaster.ear.opening import open_ear
from broadcaster.explain_opening import open_explainer
from broadcaster.home_lock import held
from broadcaster.housekeeping import Housekeeping
from broadcaster.log_opening import open_history, open_log
from broadcaster.media.library import Library
from broadcaster.memory import share_arenas
from broadcaster.notices.desk import NoticeDesk
from broadcaster.ops.backups import open_backups
from broadcaster.ops.causes import Source
from broadcaster.ops.log_files import logging_to
from broadcaster.ops.sd_notify import ServiceManager
from broadcaster.ops.service_life import open_service
from broadcaster.ops.upkeep import open_upkeep
from broadcaster.plan.files import read
from broadcaster.plan.load import LEXICON
from broadcaster.plan.models import Names
from broadcaster.plan.plan import Plan
from broadcaster.playout.conductor import Conductor
from broadcaster.playout.engine_client import EngineProcess
from broadcaster.playout.journal import Journal
from broadcaster.playout.loop import ConductorLoop
from broadcaster.playout.protocol import Event
from broadcaster.publishing.almanac import Almanac
from broadcaster.publishing.plan_keeper import PlanKeeper
from broadcaster.publishing.publish import Publisher
from broadcaster.recovery import AliveStamp, close_what_was_open
from broadcaster.rooms.air_desk import AirDesk
from broadcaster.rooms.air_reach import Reach
from broadcaster.rooms.at_hand import AtHand, DeskFeed
from broadcaster.rooms.notice_helpers import PlanHelp
from broadcaster.rooms.notice_room import NoticeRoom
from broadcaster.rooms.plan_room import PlanRoom
from broadcaster.rooms.weather_room import WeatherRoom
from broadcaster.settings import Home
from broadcaster.sound_causes import SoundCauses
from broadcaster.sound_opening import open_clock_trust, open_fallback, wanted_output
from broadcaster.standby.opening import clock_of, gate_of, open_standby, standby_rules
from broadcaster.station.running import RunningStation
from broadcaster.station.watch import StationWatch
from broadcaster.store.audit import AuditTrail
from broadcaster.store.database import Database, open_database
from broadcaster.store.notices import Notices
from broadcaster.store.plan_versions import PlanVersions
from broadcaster.store.users import Users
from broadcaster.store.vendors import Vendors
from broadcaster.voice.build import build_studio
from broadcaster.voice.reading.model import Reading
from broadcaster.voice.studio import Studio

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Options:
    """How the daemon was asked to run. ``at`` makes it a rehearsal; host and port stand before the plan's."""

    at: datetime | None = None
    host: str | None = None
    port: int | None = None


ALREADY = "播音程序已在运行,同一套文件只能开一个 / a daemon already runs on this home; stop it first"


class Stop:
    """Set by a signal, waited for by the main thread."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def install(self) -> None:
        """Have Ctrl-C and the service manager end the daemon in order."""
        names = ("SIGINT", "SIGTERM", "SIGBREAK")
        for number in (getattr(signal, name) for name in names if hasattr(signal, name)):
            signal.signal(number, lambda *_: self._event.set())

    def wait(self) -> None:
        """Until asked to stop. In short turns: on Windows an endless wait would not let a signal through."""
        while not self._event.wait(0.5):
            pass


def run(home: Home, options: Options, stop: Stop) -> None:
    """Run until ``stop``. Raises ``AlreadyRunning`` when another daemon holds the home."""
    share_arenas()
    home.run.mkdir(parents=True, exist_ok=True)
    # Before any child is started, which must not speak in our name.
    manager = ServiceManager()
    with contextlib.ExitStack() as parts:
        parts.enter_context(held(home, ALREADY))
        parts.enter_context(logging_to(home))
        (home.run / "daemon.json").unlink(missing_ok=True)
        _end_orphan(home)
        pair = standby_rules(home) if options.at is None else None
        clock: Clock = RehearsalClock(options.at) if options.at else clock_of(pair)
        loop = ConductorLoop()
        engine = _start_engine(home, loop, parts)
        alive = AliveStamp(home, rehearsal=options.at is not None)
        database, tables = open_log(home, clock, alive, rehearsal=options.at is not None)
        parts.callback(database.dispose)
        zone = _zone(home)
        asrun = AsRunLog(database, zone)
        trust = open_clock_trust(home, clock, alive, asrun, parts, rehearsal=options.at is not None)
        close_what_was_open(asrun, alive.read(), trust.past())
        office = open_database(database.path or home.database)
        parts.callback(office.dispose)
        library = Library(home.media)
        studio = build_studio(home.media, home.voices, home.root / LEXICON, library=library)
        parts.callback(studio.close)
        history = open_history(home, asrun, zone, parts) if options.at else asrun
        almanac = Almanac(
            history, clock, lambda on: (*desk.feed(on), *desk_feed.feed(on)), lambda on: desk_feed.unsaid(on)
        )
        journal = Journal(asrun)
        journal.withheld = lambda: not trust.trusted
        # The last sign of life is what the clock is held against: one that is not believed must not replace it.
        conductor = Conductor(
            engine, journal, clock, lambda now: alive.stamp(now) if trust.trusted else None, gate_of(pair)
        )

        def take(plan: Plan, since: datetime) -> None:
            air = trust.air(plan, since, lambda on: almanac.rundown(plan, on), almanac.notices)
            # Compiled here, so that the conductor need not wait for it.
            air.warm(clock.now())
            loop.put(lambda conductor: conductor.take_plan(air))

        keeper = PlanKeeper(home, clock, take, rehearsal=options.at is not None, studio=studio)
        desk = _desk(home, office, clock, keeper, almanac, history, studio, library, zone)
        desk_feed = DeskFeed(office, lambda: keeper.plan.station.tz if keeper.plan else ZoneInfo("UTC"), zone)
        air_desk = _air_desk(home, office, clock, keeper, almanac, asrun, loop, studio, zone)
        # Before the first plan: what was silent by hand stays so from the first moment.
        air_desk.load()
        calls = open_calls(home, office, clock, air_desk.reach, loop, library, parts, zone=zone)
        plan_room = PlanRoom(
            home, PlanVersions(office, clock), clock, Publisher(home.root, studio=studio), keeper=keeper,
            almanac=almanac, name_of=_names(office, clock),
        )  # fmt: skip
        keeper.on_change = plan_room.notice
        loop.start(conductor)
        parts.callback(loop.stop)
        standby = open_standby(home, clock, pair, office, zone, loop, keeper, almanac, air_desk, calls, parts)
        # Stopped first, so that nothing new is put on air while what is there is written down.
        parts.callback(lambda: loop.put(lambda conductor: conductor.close("程序停止 / the program was stopped")))
        ear = open_ear(home, clock, loop, keeper, asrun, parts)
        record = open_air_check(
            home, clock, lambda: keeper.plan, AuditTrail(office, clock), ear.client, parts,
            rehearsal=options.at is not None,
        )  # fmt: skip
        trust.on_trust = keeper.time_believed
        trust.wait_s = lambda: keeper.plan.station.clock.wait if keeper.plan else 0.0
        keeper.start()
        parts.callback(keeper.stop)
        trust.start()
        open_fallback(home, loop, parts)
        notices = NoticeRoom(home, clock, keeper, almanac, desk, studio)
        weather = WeatherRoom(home, clock, keeper, studio, rehearsal=options.at is not None)
        for room in (notices, weather):
            room.start()
            parts.callback(room.stop)
        upkeep = open_upkeep(home, clock, keeper, almanac, office, parts, rehearsal=options.at is not None, zone=zone)
        upkeep.air = record
        housekeeping = Housekeeping(clock, loop, keeper, almanac, (upkeep.look, tables.look))
        housekeeping.start()
        parts.callback(housekeeping.stop)
        backups = open_backups(home, clock, keeper, AuditTrail(office, clock), parts, rehearsal=options.at is not None)
        watch = StationWatch(home, clock, keeper, loop, notices, weather)
        sources: list[Source] = [
            calls,
            ear,
            record,
            upkeep,
            tables,
            SoundCauses(loop.on_air, trust),
            backups,
            *filter(None, [standby]),
        ]
        alerts = open_alerts(
            home, clock, keeper, office, watch, sources, parts,
            zone=zone, rehearsal=options.at is not None, host=options.host, port=options.port,
            has_air=lambda: (air := loop.on_air()) is None or air.gate == "open",
        )  # fmt: skip
        explainer = open_explainer(
            home, clock, almanac, asrun, office, Publisher(home.root, studio=studio), _names(office, clock),
            lambda: air_desk.interventions,
        )  # fmt: skip
        station = RunningStation(
            home, clock, keeper, almanac, asrun, loop, air_desk, watch, alerts, rehearsal=options.at is not None,
            clock_trusted=lambda: trust.trusted, explainer=explainer,
        )  # fmt: skip
        # The sound is back by now; all that is only wanted by the page is imported after it.
        from broadcaster.front_office import open_offices, page_of
        from broadcaster.ops.archive import Archive
        from broadcaster.page_opening import serve_page
        from broadcaster.reports.day_book_room import DayBookRoom
        from broadcaster.reports.room import ReportRoom
        from broadcaster.rooms.media_room import RunningMedia
        from broadcaster.rooms.script_room import RunningScripts
        from broadcaster.rooms.trends_room import TrendsRoom
        from broadcaster.station.vitals import Vitals

        media = RunningMedia(
            home, clock, library, AuditTrail(office, clock), lambda: keeper.plan, keeper.look,
            upload_mb=page_of(home, keeper).upload_mb,
        )  # fmt: skip
        media.start()
        parts.callback(media.stop)
        reports = ReportRoom(
            office, clock, lambda: _tz(keeper), zone, Archive(home),
            lambda: keeper.plan.station.name if keeper.plan else None, lambda: _rotations(keeper),
        )  # fmt: skip
        vitals = Vitals(home, clock, lambda: keeper.plan, loop, engine, asrun, database, watch, alerts)
        book = DayBookRoom(office, clock, zone, lambda: keeper.plan, almanac, explainer.plans, Archive(home))
        upkeep.sums.unrecorded = book.unrecorded
        offices = open_offices(
            home, clock, keeper, studio, library, desk, Users(office, clock), Vendors(office, clock),
            AuditTrail(office, clock), media=media, scripts=RunningScripts(home, clock, keeper, almanac, studio),
            air=air_desk, reports=reports, plan=plan_room, calls=calls,
            alerts=alerts, record=record, vitals=vitals, clock_trust=trust,
            trends=TrendsRoom(
                office, clock, lambda: _tz(keeper), zone, home.var / "cache" / "trends", book.unrecorded
            ),
            book=book,
        )  # fmt: skip
        page = page_of(home, keeper)
        told = {"pid": os.getpid(), "rehearsal": options.at is not None}
        serve_page(home, station, offices, page, options.host or page.host, options.port or page.port, told, parts)
        open_service(manager, loop, parts)
        stop.wait()
        log.info("stopping")


def _tz(keeper: PlanKeeper) -> ZoneInfo:
    return keeper.plan.station.tz if keeper.plan else ZoneInfo("UTC")


def _rotations(keeper: PlanKeeper) -> dict[str, Names]:
    plan = keeper.plan
    return {name: one.title for name, one in plan.programme.rotations.items()} if plan else {}


def _desk(
    home: Home, office: Database, clock: Clock, keeper: PlanKeeper, almanac: Almanac, history: AsRunLog, studio: Studio,
    library: Library, zone: str,
) -> NoticeDesk:  # fmt: skip
    def tz() -> ZoneInfo:
        return _tz(keeper)

    def today() -> date:
        return clock.now().astimezone(tz()).date()

    def recording_s(path: Path) -> float:
        return library.prepare(path).duration_s

    help_ = PlanHelp(
        home, lambda: keeper.plan, almanac, today,
        recording_s=recording_s, knows_voice=studio.ladder.knows, now=clock.now,
    )  # fmt: skip

    def read(text: str, language: str) -> Reading:
        # Who looks at a preview will want it spoken: by the time it is approved, the voice is there.
        studio.warm()
        return studio.read(text, language)

    settled = Proof(history.database, zone).settled
    return NoticeDesk(office, clock, tz, help_.helpers(read=read, past=settled), zone=zone)


def _names(office: Database, clock: Clock) -> Callable[[str], str]:
    """By what name people know an account."""
    return Users(office, clock).display


def _air_desk(
    home: Home, office: Database, clock: Clock, keeper: PlanKeeper, almanac: Almanac, asrun: AsRunLog,
    loop: ConductorLoop, studio: Studio, zone: str,
) -> AirDesk:  # fmt: skip
    def recompile() -> None:
        almanac.forget()
        keeper.retake()

    reach = Reach(
        plan=lambda: keeper.plan,
        on_air=loop.on_air,
        rundown=almanac.rundown,
        became=asrun.spots_of,
        take=lambda hands: loop.put(lambda conductor: conductor.take_interventions(hands)),
        recompile=recompile,
        display=_names(office, clock),
        preparing=lambda: keeper.readying,
        failed=lambda: keeper.failed,
    )
    return AirDesk(office, clock, reach, AtHand(home, clock, Notices(office), studio), zone=zone)


def _zone(home: Home) -> str:
    """The zone's name, needed before the plan is read; a change of it takes hold at the next start."""
    document, _ = read(home.root / "config" / "station.yaml", "config/station.yaml")
    return str(document.content.get("zone", "main")) if document else "main"


def _end_orphan(home: Home) -> None:
    """An engine whose daemon was killed ends by itself; one that was stopped as well can't, and must not wake up."""
    try:
        pid = int((home.run / "engine.pid").read_text(encoding="ascii"))
        process = psutil.Process(pid)
        if "broadcaster.engine" in " ".join(process.cmdline()):
            log.warning("ending the engine of an earlier daemon, pid %d", pid)
            process.kill()
            process.wait(timeout=3)
    except (OSError, ValueError, psutil.Error):
        return


def _start_engine(home: Home, loop: ConductorLoop, parts: contextlib.ExitStack) -> EngineProcess:
    def deliver(generation: int, event: Event) -> None:
        def tell(conductor: Conductor) -> None:
            # What an engine said before it was replaced says nothing about the present one.
            if generation == engine.generation:
                conductor.event(event)

        loop.put(tell)

    engine = EngineProcess(
        deliver, home.logs / "engine.log", pid_file=home.run / "engine.pid", device=wanted_output(home)
    )  # fmt: skip
    parts.callback(engine.close)
    return engine

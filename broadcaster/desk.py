"""What the commands ask without a running daemon: straight from the files and the log."""

from __future__ import annotations

import getpass
import json
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from broadcaster.asrun.day_book import DayBook
from broadcaster.asrun.log import AsRunLog
from broadcaster.asrun.proof import Proof
from broadcaster.asrun.report import to_document, write_csv
from broadcaster.clock import SystemClock
from broadcaster.editing.marking import make_sense
from broadcaster.editing.models import Told
from broadcaster.errors import PlanError, UsageError
from broadcaster.explain_opening import open_explainer
from broadcaster.notices.desk import NoticeDesk
from broadcaster.ops.archive import Archive
from broadcaster.plan.days import DayMark
from broadcaster.plan.faults import Fault
from broadcaster.plan.files import read
from broadcaster.plan.models import Station
from broadcaster.plan.plan import Plan
from broadcaster.plan.salvage import Salvage, salvage
from broadcaster.publishing.almanac import Almanac
from broadcaster.publishing.publish import Progress, Publication, Publisher
from broadcaster.reports.day_book_room import DayBookRoom
from broadcaster.reports.explaining import Explainer
from broadcaster.reports.plan_then import PlansThen
from broadcaster.rooms.at_hand import DeskFeed
from broadcaster.rooms.notice_helpers import PlanHelp
from broadcaster.rooms.plan_room import PlanRoom
from broadcaster.rundown.document import rundown_document, told
from broadcaster.settings import Home
from broadcaster.store.database import Database, open_database
from broadcaster.store.plan_versions import PlanVersions
from broadcaster.store.users import Users

STATION = "config/station.yaml"


class Desk:
    """Reads the plan once, on first need."""

    def __init__(self, home: Home, *, render: bool, progress: Progress) -> None:
        self._home = home
        self._render = render
        self._progress = progress
        self._clock = SystemClock()
        self._publisher = Publisher(home.root)
        self._publication: Publication | None = None
        self._databases: list[Database] = []

    def close(self) -> None:
        """Let go of the database, and of whoever speaks."""
        self._publisher.close()
        for database in self._databases:
            database.dispose()

    @property
    def timezone(self) -> ZoneInfo:
        """The store's time zone."""
        found = self._station()
        if found.model is None or ("timezone",) in found.made:
            raise PlanError(found.faults)
        return found.model.tz

    def _station(self) -> Salvage[Station]:
        document, faults = read(self._home.root / STATION, STATION)
        return salvage(document, Station) if document is not None else Salvage(None, faults)

    def today(self) -> date:
        """The store's date."""
        return self._clock.now().astimezone(self.timezone).date()

    def _published(self) -> Publication:
        if self._publication is None:
            self._publication = self._publisher.publish(self._date(), render=self._render, progress=self._progress)
        return self._publication

    def _date(self) -> date:
        """Today, of a station that may not be readable."""
        station = self._station().model
        return self._clock.now().astimezone(station.tz if station else None).date()

    def first_look(self) -> tuple[tuple[Fault, ...], int]:
        """Faults and warnings that can be told at once, and how many sounds are still to be prepared for the others.

        Until they are, lengths are guessed.
        """
        found = self._publisher.publish(self._date(), render=False)
        if found.plan is not None and not found.unready and all(one.tracks for one in found.plan.playlists.values()):
            self._publication = found
        return tuple(one for one in found.faults if one.code != "estimated"), len(found.unready)

    def faults(self) -> tuple[Fault, ...]:
        """The faults of the files."""
        return self._published().wrong

    def warnings(self) -> tuple[Fault, ...]:
        """The warnings of the files."""
        return self._published().warnings

    def _plan(self) -> Plan:
        publication = self._published()
        if publication.plan is None:
            raise PlanError(publication.wrong)
        return publication.plan

    def _log(self, path: Path) -> AsRunLog | None:
        if not path.exists():
            return None
        database = open_database(path)
        self._databases.append(database)
        station = self._station().model
        return AsRunLog(database, station.zone if station else "main")

    def _almanac(self, plan: Plan, log: AsRunLog | None) -> Almanac:
        """With the approved notices, where there is a database to know them from."""
        if log is None:
            return Almanac(None, self._clock)
        by_hand = DeskFeed(self._databases[-1], lambda: plan.station.tz, plan.station.zone)
        almanac = Almanac(log, self._clock, lambda on: (*desk.feed(on), *by_hand.feed(on)), by_hand.unsaid)
        help_ = PlanHelp(self._home, lambda: plan, almanac, self.today, now=self._clock.now)
        past = Proof(log.database, log.zone).settled
        desk = NoticeDesk(
            self._databases[-1], self._clock, lambda: plan.station.tz, help_.helpers(past=past),
            zone=plan.station.zone,
        )  # fmt: skip
        return almanac

    def rundown(self, on: date) -> dict[str, Any]:
        """As :class:`broadcaster.web.contract.Rundown`. Faults of the plan that touch every date are told too."""
        plan = self._plan()
        rundown = self._almanac(plan, self._log(self._home.database)).rundown(plan, on)
        document = rundown_document(plan, rundown)
        document["faults"] += [told(fault) for fault in self._published().standing if not fault.warning]
        return document

    def why(self, instant: Any) -> dict[str, Any]:
        """What should be, or was, on air at an instant, and why."""
        plan = self._plan()
        log = self._log(self._home.database)
        almanac = self._almanac(plan, log)
        if log is None:
            return Explainer(self._home, self._clock, almanac, None).why(plan, instant)
        database = self._databases[-1]
        names = Users(database, self._clock).display
        return open_explainer(self._home, self._clock, almanac, log, database, self._publisher, names).why(
            plan, instant
        )

    def asrun(self, on: date | None, *, rehearsal: bool, csv_file: Path | None) -> dict[str, Any]:
        """As :class:`broadcaster.web.contract.AsRun`. While a rehearsal runs, its log and its date are meant."""
        tz = self.timezone
        rehearsing = rehearsal or self._rehearsal_runs()
        log = self._log(self._home.rehearsal_database if rehearsing else self._home.database)
        day = on or self._rehearsal_day(tz, rehearsing) or self.today()
        entries = log.entries(day) if log else []
        if csv_file is not None:
            write_csv(csv_file, entries, tz)
        return to_document(day, entries, tz)

    def day_book(self, on: date | None) -> DayBook:
        """The day book of a date, today by default."""
        plan, log = self._plan(), self._log(self._home.database)
        if log is None:
            raise UsageError("还没有播过音,没有日志 / nothing was broadcast yet: there is no log")
        database = self._databases[-1]
        versions, users = PlanVersions(database, self._clock), Users(database, self._clock)
        plans = PlansThen(self._home, versions, self._publisher, users.display)
        almanac, archive = self._almanac(plan, log), Archive(self._home)
        room = DayBookRoom(database, self._clock, log.zone, lambda: plan, almanac, plans, archive)
        return room.book(on or self.today())

    def _rehearsal_runs(self) -> bool:
        try:
            return bool(json.loads((self._home.run / "daemon.json").read_text(encoding="utf-8")).get("rehearsal"))
        except (OSError, ValueError):
            return False

    def _rehearsal_day(self, tz: ZoneInfo, rehearsing: bool) -> date | None:
        from broadcaster.recovery import AliveStamp

        alive = AliveStamp(self._home, rehearsal=True).read() if rehearsing else None
        return alive.astimezone(tz).date() if alive else None

    def mark_day(
        self, on: date, *, add: tuple[str, ...], remove: tuple[str, ...], close: str | None, clear: bool, note: str
    ) -> dict[str, Any]:
        """Mark a date, unless the plan would get faults by it; what that changes."""
        plan = self._plan()
        if not self._published().whole:
            raise PlanError(self.faults())
        mark = DayMark(add, remove, close, clear, note)
        make_sense(plan, mark)
        room = self._plan_room()
        trial = room.try_day(on, mark)
        effect = trial.days.get(on)
        if effect is None:
            raise PlanError(self.faults())
        faults = [one for one in trial.faults if not one.known]
        if mark and not faults:
            room.mark_day(on, mark, who=getpass.getuser(), where="command line")
        return {
            "date": on.isoformat(),
            "written": bool(mark and not faults),
            "day_types": {"before": list(effect.day_types_before), "after": list(effect.day_types)},
            "hours": {
                "before": dict(zip(("open", "close"), effect.hours_before, strict=True)),
                "after": dict(zip(("open", "close"), effect.hours, strict=True)),
            },
            "changes": list(effect.changes),
            "faults": [_shown(one) for one in faults],
            "held_back_by": [_shown(one) for one in trial.faults if one.known and one.blocking],
            "rundown": dict(effect.rundown),
        }

    def _plan_room(self) -> PlanRoom:
        def database() -> Database:
            self._databases.append(open_database(self._home.database))
            return self._databases[-1]

        versions = PlanVersions(database, self._clock)
        return PlanRoom(self._home, versions, self._clock, self._publisher, how="cli")


def _shown(one: Told) -> dict[str, Any]:
    """As a fault's own ``as_json``."""
    document = asdict(one)
    return {name: document[name] for name in (
        "severity", "code", "file", "line", "field", "value", "message", "remedy", "message_en", "remedy_en"
    )}  # fmt: skip

"""What the commands ask without a running daemon: straight from the files and the log."""

from __future__ import annotations

import getpass
import json
import logging
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from broadcaster.almanac import Almanac
from broadcaster.asrun.log import AsRunLog
from broadcaster.asrun.report import to_document, write_csv
from broadcaster.clock import SystemClock
from broadcaster.errors import BroadcasterError, PlanError, UsageError
from broadcaster.explaining import why_document
from broadcaster.notice_helpers import PlanHelp
from broadcaster.notices.desk import NoticeDesk
from broadcaster.plan.calendar import day_of, ranking, resolve_day
from broadcaster.plan.days import CALENDAR, DayMark, marked
from broadcaster.plan.faults import Fault, did_you_mean
from broadcaster.plan.files import read
from broadcaster.plan.models import Station
from broadcaster.plan.plan import Plan
from broadcaster.plan.salvage import Salvage, salvage
from broadcaster.plan.times import clock_text, is_clock
from broadcaster.publish import Progress, Publication, Publisher
from broadcaster.rundown.compare import changes
from broadcaster.rundown.compiler import compile_rundown
from broadcaster.rundown.document import rundown_document, told
from broadcaster.settings import Home, write_whole
from broadcaster.store.audit import AuditTrail
from broadcaster.store.database import Database, open_database

STATION = "config/station.yaml"

log = logging.getLogger(__name__)


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
            station = self._station().model
            today = self._clock.now().astimezone(station.tz if station else None).date()
            self._publication = self._publisher.publish(today, render=self._render, progress=self._progress)
        return self._publication

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
        almanac = Almanac(log, self._clock, lambda on: desk.feed(on))
        help_ = PlanHelp(self._home, lambda: plan, almanac, self.today)
        desk = NoticeDesk(
            self._databases[-1], self._clock, lambda: plan.station.tz, help_.helpers(past=log.airings_since),
            zone=plan.station.zone,
        )  # fmt: skip
        return almanac

    def rundown(self, on: date) -> dict[str, Any]:
        """See DESIGN.md. Faults of the plan that touch every date are told too."""
        plan = self._plan()
        rundown = self._almanac(plan, self._log(self._home.database)).rundown(plan, on)
        document = rundown_document(plan, rundown)
        document["faults"] += [told(fault) for fault in self._published().standing if not fault.warning]
        return document

    def why(self, instant: Any) -> dict[str, Any]:
        """What should be, or was, on air at an instant, and why."""
        plan = self._plan()
        log = self._log(self._home.database)
        rundown = self._almanac(plan, log).rundown(plan, instant.astimezone(plan.station.tz).date())
        return why_document(plan, rundown, instant, log, now=self._clock.now())

    def asrun(self, on: date | None, *, rehearsal: bool, csv_file: Path | None) -> dict[str, Any]:
        """See DESIGN.md. While a rehearsal runs, its log and its date are meant."""
        tz = self.timezone
        rehearsing = rehearsal or self._rehearsal_runs()
        log = self._log(self._home.rehearsal_database if rehearsing else self._home.database)
        day = on or self._rehearsal_day(tz, rehearsing) or self.today()
        entries = log.entries(day) if log else []
        if csv_file is not None:
            write_csv(csv_file, entries, tz)
        return to_document(day, entries, tz)

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
        _make_sense(plan, add, remove, close)
        who = getpass.getuser()
        mark = DayMark(add, remove, close, clear, note, who)
        before = compile_rundown(plan, (), on)
        after_plan, faults, text = plan, [], ""
        blocked: list[Fault] = []
        if mark:
            natural = resolve_day(plan.calendar.model_copy(update={"dates": {}}), plan.station.country, on).type_set
            found = (self._home.root / CALENDAR).read_bytes()
            text = marked(found.decode(), on, mark, natural)
            publication = self._publisher.publish(on, progress=self._progress, instead={CALENDAR: text})
            known = {str(fault) for fault in self.faults()}
            blocked = [fault for fault in publication.wrong if fault.blocking and str(fault) in known]
            faults = [fault for fault in publication.wrong if str(fault) not in known]
            after_plan = publication.plan or plan
        after = compile_rundown(after_plan, (), on)
        faults += [fault for fault in after.faults if fault.blocking and fault not in faults]
        if mark and not faults:
            if (self._home.root / CALENDAR).read_bytes() != found:
                raise BroadcasterError(
                    f"{CALENDAR}: 刚刚被别人改过,没有写入,请再试一次 / changed meanwhile; nothing written, try again"
                )
            write_whole(self._home.root / CALENDAR, text)
            try:
                self._audit(who, on, mark)
            except BroadcasterError as error:
                log.warning("the audit trail can't be written: %s", error)
        day = day_of(after_plan, on)
        return {
            "date": on.isoformat(),
            "written": bool(mark and not faults),
            "day_types": {"before": list(before.day.types), "after": list(after.day.types)},
            "hours": {
                "before": {"open": clock_text(before.day.open_s), "close": clock_text(before.day.close_s)},
                "after": {"open": clock_text(day.open_s), "close": clock_text(day.close_s)},
            },
            "changes": changes(before, after),
            "faults": [fault.as_json() for fault in faults],
            "held_back_by": [fault.as_json() for fault in blocked],
            "rundown": rundown_document(after_plan, after),
        }

    def _audit(self, who: str, on: date, mark: DayMark) -> None:
        self._home.var.mkdir(parents=True, exist_ok=True)
        database = open_database(self._home.database)
        self._databases.append(database)
        detail = {
            "date": on.isoformat(), "add": list(mark.add), "remove": list(mark.remove),
            "close": mark.close, "clear": mark.clear, "note": mark.note,
        }  # fmt: skip
        AuditTrail(database, self._clock).record(who=who, what="day.mark", detail=detail, where="command line")


def _make_sense(plan: Plan, add: tuple[str, ...], remove: tuple[str, ...], close: str | None) -> None:
    known = ranking(plan.calendar)
    for name in (*add, *remove):
        if name not in known:
            hint_zh, hint_en = did_you_mean(name, known)
            raise UsageError(f"没有日类型 “{name}”。{hint_zh} / no day type “{name}”. {hint_en}")
    if both := ", ".join(name for name in add if name in remove):
        raise UsageError(f"“{both}”不能同时加上又去掉 / “{both}” can't be added and removed at once")
    if close is not None and not is_clock(close):
        raise UsageError(f"“{close}”不是钟点,写成 18:30 / “{close}” is not a time of day; write 18:30")

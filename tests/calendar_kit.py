"""A store with calendar, reports and vendors for the page's tests: the real thing but for the plan's files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from broadcaster.asrun.entries import Outcome
from broadcaster.asrun.log import AsRunLog
from broadcaster.clock import RehearsalClock
from broadcaster.editing.models import DayEffect, DayMark, Trial, Version
from broadcaster.plan.calendar import resolve_day
from broadcaster.plan.models import DateEntry
from broadcaster.plan.plan import Plan
from broadcaster.plan.times import clock_text
from broadcaster.publishing.almanac import Almanac
from broadcaster.reports.day_book_room import DayBookRoom
from broadcaster.reports.room import ReportRoom
from broadcaster.rooms.calendar_room import CalendarRoom
from broadcaster.rooms.trends_room import TrendsRoom
from broadcaster.store.database import Database, open_database
from broadcaster.store.kept_days import DayText, KeptDays
from broadcaster.web.offices import Offices
from tests.web_fakes import DAY, ZONE, at, store_plan
from tests.web_offices import House, open_house


class MemoryPlan:
    """Marks dates of a plan in memory, as the plan room marks them in the file."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.marks: list[tuple[tuple[date, ...], DayMark, str]] = []
        self.tags: list[str] = []
        self.raises: Exception | None = None
        self._before: dict[int, Plan] = {}

    def try_day(self, on: date | Sequence[date], mark: DayMark) -> Trial:
        dates = (on,) if isinstance(on, date) else tuple(on)
        after = self._marked(dates, mark)
        return Trial(days={one: self._effect(one, after) for one in dates})

    def mark_day(
        self, on: date | Sequence[date], mark: DayMark, *, who: str, where: str = "", words: str = "", tag: str = ""
    ) -> Version:
        self.tags.append(tag)
        if self.raises:
            raise self.raises
        dates = (on,) if isinstance(on, date) else tuple(on)
        self.marks.append((dates, mark, who))
        self._before[len(self.marks)] = self.plan
        self.plan = self._marked(dates, mark)
        found = self.version(len(self.marks))
        assert found
        return found

    def tag(self) -> str:
        return f"{len(self.marks)}-abc"

    def version(self, number: int) -> Version | None:
        if not 0 < number <= len(self.marks):
            return None
        return Version(number, at("10:37"), self.marks[number - 1][2], "page", "", "", {}, ("config/calendar.yaml",))

    def undo(self, number: int, *, who: str, where: str = "") -> Version:
        self.plan = self._before[number]
        found = self.version(number)
        assert found
        return found

    def tidy(self, *, who: str, where: str = "", older_days: int = 60) -> Version | None:
        return None

    def _marked(self, dates: Sequence[date], mark: DayMark) -> Plan:
        entries = dict(self.plan.calendar.dates)
        for one in dates:
            known = DateEntry() if mark.clear else entries.get(one, DateEntry())
            add = tuple(sorted({*known.add, *mark.add} - set(mark.remove)))
            values: dict[str, Any] = {"add": add, "remove": mark.remove, "note": mark.note or known.note, "by": mark.by}
            if mark.close:
                values["close"] = int(mark.close[:2]) * 3600 + int(mark.close[3:]) * 60
            if mark.later_min:
                values["close_later"] = mark.later_min * 60.0
            entries[one] = known.model_copy(update=values)
        calendar = self.plan.calendar.model_copy(update={"dates": entries})
        return self.plan.model_copy(update={"calendar": calendar})

    def _effect(self, on: date, after: Plan) -> DayEffect:
        country = self.plan.station.country
        one, two = (resolve_day(plan.calendar, country, on) for plan in (self.plan, after))
        hours = [(clock_text(day.open_s), clock_text(day.close_s)) for day in (one, two)]
        return DayEffect(on, two.types, one.types, hours[1], hours[0], (), {})


@dataclass(frozen=True)
class Store:
    """Everything that a test looks at."""

    offices: Offices
    plan: MemoryPlan
    database: Database
    house: House
    log: AsRunLog = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "log", AsRunLog(self.database, "main"))

    def aired(self, ref: str, on: date, clock: str, outcome: Outcome = Outcome.AIRED, reason: str = "") -> None:
        """Write that something was broadcast."""
        spot_id, planned = f"{on.isoformat()}/{ref}/{clock}", at(clock, on)
        about: Mapping[str, Any] = {
            "date": on,
            "spot_id": spot_id,
            "kind": "notice",
            "ref": ref,
            "title": f"通知{ref}",
        }
        if outcome in (Outcome.SKIPPED, Outcome.FAILED):
            self.log.skip_spot(**about, planned_at=planned, reason=reason)
            return
        self.log.arm_spot(**about, planned_at=planned, armed_at=planned)
        self.log.spot_started(spot_id, planned)
        self.log.spot_ended(spot_id, planned + timedelta(seconds=20), outcome, reason)


@contextmanager
def open_store(folder: Path) -> Iterator[Store]:
    """A store on a Saturday morning, with its calendar and reports."""
    with open_house(folder) as house:
        database = open_database(folder / "broadcaster.db")
        plan = MemoryPlan(store_plan())
        reports = ReportRoom(
            database,
            RehearsalClock(at("10:37:40")),
            lambda: ZONE,
            "main",
            store=lambda: plan.plan.station.name,
            rotations=lambda: {name: one.title for name, one in plan.plan.programme.rotations.items()},
        )
        clock = RehearsalClock(at("10:37:40"))
        almanac = Almanac(AsRunLog(database, "main"), clock)
        book = DayBookRoom(database, clock, "main", lambda: plan.plan, almanac)
        calendar = CalendarRoom(lambda: plan.plan)
        trends = TrendsRoom(database, RehearsalClock(at("10:37:40")), lambda: ZONE, "main", folder / "trends")
        rooms: dict[str, Any] = {"plan": plan, "calendar": calendar, "reports": reports, "book": book, "trends": trends}
        offices = replace(house.offices, **rooms)
        welcome = DayText("welcome", "k", "欢迎语", "欢迎您,9:30 开门。", "欢迎您,九点半开门。", "wanglan", "liqiang")
        KeptDays(database, "main").keep_texts(DAY, [welcome], at("09:00"))
        try:
            yield Store(offices, plan, database, house)
        finally:
            database.dispose()

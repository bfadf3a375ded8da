"""The notices' desk and the accounts of a home, for a command: on the same database as a running daemon."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from broadcaster.asrun.log import AsRunLog
from broadcaster.asrun.proof import Proof
from broadcaster.clock import SystemClock
from broadcaster.errors import PlanError
from broadcaster.notices.desk import Helpers, NoticeDesk
from broadcaster.ops.archive import Archive
from broadcaster.plan.load import read_plan
from broadcaster.plan.plan import Plan
from broadcaster.publishing.almanac import Almanac
from broadcaster.publishing.publish import Publisher
from broadcaster.reports.vendor_reports import VendorReports
from broadcaster.rooms.notice_helpers import PlanHelp
from broadcaster.settings import Home
from broadcaster.store.database import open_database
from broadcaster.store.users import Users
from broadcaster.store.vendors import Vendors


class Office:
    """Opens the database, and makes it where there is none.

    With ``plan`` the desk knows what the plan says: times, remarks, names. With ``voice`` it also reads texts as the
    voice will. Raises ``PlanError`` if the store's settings can't be read, ``StoreError`` as of ``open_database``.
    """

    def __init__(self, home: Home, *, plan: bool = False, voice: bool = False) -> None:
        self._home = home
        self._clock = SystemClock()
        draft = read_plan(home.root)
        if draft.station is None:
            raise PlanError(draft.faults)
        self._station = draft.station
        self._rotations = draft.programme.rotations if draft.programme is not None else {}
        self._publisher = Publisher(home.root) if plan or voice else None
        self._plan: Plan | None = None
        self._wants_plan = plan
        home.var.mkdir(parents=True, exist_ok=True)
        self.database = open_database(home.database)
        self.users = Users(self.database, self._clock)
        self.vendors = Vendors(self.database, self._clock)
        log = AsRunLog(self.database, self._station.zone)
        self.desk = NoticeDesk(
            self.database, self._clock, self.tz, self._helpers(log, voice), zone=self._station.zone
        )  # fmt: skip

    def tz(self) -> ZoneInfo:
        """The store's time zone."""
        return self._station.tz

    @property
    def vendor_reports(self) -> VendorReports:
        """What vendors got."""
        station = self._station
        return VendorReports(
            self.database, self._clock, self.tz, station.zone, lambda: station.name, Archive(self._home),
            lambda: {name: one.title for name, one in self._rotations.items()},
        )  # fmt: skip

    def today(self) -> date:
        """The store's date."""
        return self._clock.now().astimezone(self.tz()).date()

    def close(self) -> None:
        """Let go of the database and of whoever speaks."""
        if self._publisher is not None:
            self._publisher.close()
        self.database.dispose()

    def _helpers(self, log: AsRunLog, voice: bool) -> Helpers:
        past = Proof(log.database, log.zone).settled
        if self._publisher is None:
            station = self._station
            return Helpers(vendor_approvals=lambda: station.notices.vendor_approvals, past=past)
        read = self._publisher.studio.read if voice else None
        help_ = PlanHelp(
            self._home,
            self._known_plan,
            Almanac(log, self._clock),
            self.today,
            knows_voice=self._publisher.studio.ladder.knows,
            now=self._clock.now,
        )
        return help_.helpers(read=read, past=past)

    def _known_plan(self) -> Plan | None:
        if self._plan is None and self._wants_plan and self._publisher is not None:
            self._plan = self._publisher.publish(self.today(), render=False).plan
        return self._plan

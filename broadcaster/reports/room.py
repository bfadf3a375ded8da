"""Reports: what was broadcast on a date, what a vendor got for its contract, what was said, and who did what."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from broadcaster.asrun.report import csv_pieces
from broadcaster.asrun.search import AsRunSearch, Page, Totals, Wanted
from broadcaster.clock import Clock
from broadcaster.errors import ArchiveError
from broadcaster.ops.archive import Archive
from broadcaster.plan.models import Names
from broadcaster.reports.vendor_files import vendor_file
from broadcaster.reports.vendor_reports import Bill, VendorReport, VendorReports
from broadcaster.store.audit import AuditEntry, AuditTrail
from broadcaster.store.database import Database
from broadcaster.store.kept_days import DayText, KeptDays
from broadcaster.store.vendors import Vendors

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DayReport:
    """What the log says of a date."""

    date: date
    totals: Totals
    page: Page
    archived: Sequence[str] = ()
    """Files of the archive with rows of this date, which are no longer in the log."""


class ReportOffice(Protocol):
    """What :class:`ReportRoom` does, for the page. ``UsageError`` for what makes no sense."""

    def day(self, on: date, wanted: Mapping[str, str], offset: int = 0) -> DayReport:
        """``wanted``: ``kind``, ``became``, ``vendor``, ``text`` as of :class:`Wanted`; unknown words find nothing."""
        ...

    def day_csv(self, on: date, wanted: Mapping[str, str]) -> Iterable[str]: ...
    def known_spots(self, on: date) -> set[str]:
        """Ids of the spots that the log says anything of."""
        ...

    def logged(self) -> tuple[date, date] | None:
        """The first and the last date in the log."""
        ...

    def archived_until(self) -> date | None:
        """The last date whose log is in the archive, or some of it; None while nothing is."""
        ...

    def vendor(self, vendor: str, first: date, last: date, offset: int = 0) -> VendorReport:
        """What a vendor was promised and got."""
        ...

    def vendors_in(self, first: date, last: date) -> Sequence[Bill]:
        """The same of all vendors."""
        ...

    def vendor_file(self, form: str, vendor: str | None, first: date, last: date) -> Iterable[bytes]:
        """As ``csv``, ``xlsx`` or ``pdf``, piece by piece; None: all vendors in one list."""
        ...

    def texts(self, on: date) -> Sequence[DayText]:
        """What was said on a date, as written and as spoken."""
        ...

    def audit(
        self, limit: int, *, before: int | None = None, who: str | None = None, what: str | None = None,
        first: date | None = None, last: date | None = None,
    ) -> Sequence[AuditEntry]: ...  # fmt: skip
    @property
    def vendors(self) -> Vendors:
        """Vendors and contracts."""
        ...


class ReportRoom:
    """Reads the database; may be shared by threads."""

    def __init__(
        self, database: Database, clock: Clock, tz: Callable[[], ZoneInfo], zone: str, archive: Archive | None = None,
        store: Callable[[], Names | None] = lambda: None, rotations: Callable[[], Mapping[str, Names]] = dict,
    ) -> None:  # fmt: skip
        self._archive = archive
        self._tz = tz
        self._search = AsRunSearch(database, zone)
        self._bills = VendorReports(database, clock, tz, zone, store, archive, rotations)
        self._kept = KeptDays(database, zone)
        self._trail = AuditTrail(database, clock)
        self._vendors = Vendors(database, clock)

    @property
    def vendors(self) -> Vendors:
        """See :class:`ReportOffice`."""
        return self._vendors

    def day(self, on: date, wanted: Mapping[str, str], offset: int = 0) -> DayReport:
        """See :class:`ReportOffice`."""
        page = self._search.page(on, Wanted(**wanted), offset)
        return DayReport(on, self._search.totals(on), page, tuple(self._files_of(on)))

    def archived_until(self) -> date | None:
        """See :class:`ReportOffice`."""
        try:
            return self._archive.until("asrun") if self._archive is not None else None
        except ArchiveError as error:
            log.warning("%s", error)
            return None

    def _files_of(self, on: date) -> Iterator[str]:
        try:
            yield from (one.name for one in (self._archive.of_date("asrun", on) if self._archive is not None else ()))
        except ArchiveError as error:
            log.warning("%s", error)

    def day_csv(self, on: date, wanted: Mapping[str, str]) -> Iterable[str]:
        """See :class:`ReportOffice`."""
        return csv_pieces(self._search.all(on, Wanted(**wanted)), self._tz())

    def known_spots(self, on: date) -> set[str]:
        """See :class:`ReportOffice`."""
        return self._search.spot_ids(on)

    def logged(self) -> tuple[date, date] | None:
        """See :class:`ReportOffice`."""
        return self._search.bounds()

    def vendor(self, vendor: str, first: date, last: date, offset: int = 0) -> VendorReport:
        """See :class:`ReportOffice`."""
        return self._bills.report(vendor, first, last, offset)

    def vendors_in(self, first: date, last: date) -> Sequence[Bill]:
        """See :class:`ReportOffice`."""
        return self._bills.everybody(first, last)

    def vendor_file(self, form: str, vendor: str | None, first: date, last: date) -> Iterable[bytes]:
        """See :class:`ReportOffice`."""
        return vendor_file(self._bills, form, vendor, first, last)

    def texts(self, on: date) -> Sequence[DayText]:
        """See :class:`ReportOffice`."""
        return self._kept.texts(on)

    def audit(
        self, limit: int, *, before: int | None = None, who: str | None = None, what: str | None = None,
        first: date | None = None, last: date | None = None,
    ) -> Sequence[AuditEntry]:  # fmt: skip
        """See :class:`ReportOffice`. Dates are the store's."""
        return self._trail.entries(
            limit, before=before, who=who, what=what,
            since=self._midnight(first) if first else None,
            until=self._midnight(last + timedelta(days=1)) if last else None,
        )  # fmt: skip

    def _midnight(self, on: date) -> datetime:
        return datetime(on.year, on.month, on.day, tzinfo=self._tz()).astimezone(UTC)

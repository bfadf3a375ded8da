"""Reports: what was broadcast on a date, what a vendor got for its contract, what was said, and who did what."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from broadcaster.asrun.entries import Entry
from broadcaster.asrun.proof import Proof, VendorDay, ledger
from broadcaster.asrun.report import OUTCOME_WORDS, csv_text, harmless, local_second
from broadcaster.asrun.search import AsRunSearch, Page, Totals, Wanted
from broadcaster.clock import Clock
from broadcaster.errors import UsageError
from broadcaster.store.audit import AuditEntry, AuditTrail
from broadcaster.store.database import Database
from broadcaster.store.kept_days import DayText, KeptDays
from broadcaster.store.vendors import Contract, Vendor, Vendors

MOST_DAYS = 400
"""Of a vendor's report."""


@dataclass(frozen=True, slots=True)
class DayReport:
    """What the log says of a date."""

    date: date
    totals: Totals
    page: Page


@dataclass(frozen=True, slots=True)
class VendorReport:
    """What a vendor was promised and got, from ``first`` to ``last``."""

    vendor: Vendor
    first: date
    last: date
    contracts: Sequence[Contract]
    days: Sequence[VendorDay]
    page: Page
    heard_s: float
    """Of the page's entries."""

    @property
    def contracted(self) -> int:
        """Airings promised, the running date included."""
        return sum(day.contracted for day in self.days)

    @property
    def sounded(self) -> int:
        """Airings that sounded, wholly or in part."""
        return sum(day.counts.sounded for day in self.days)

    @property
    def made_good(self) -> int:
        """Of those, so many made good what earlier days were short of."""
        return sum(day.made_good for day in self.days)

    @property
    def owed(self) -> int:
        """Short of at the end."""
        return self.days[-1].owed if self.days else 0


class ReportOffice(Protocol):
    """What :class:`ReportRoom` does, for the page. ``UsageError`` for what makes no sense."""

    def day(self, on: date, wanted: Mapping[str, str], offset: int = 0) -> DayReport:
        """``wanted``: ``kind``, ``became``, ``vendor``, ``text`` as of :class:`Wanted`; unknown words find nothing."""
        ...

    def day_csv(self, on: date, wanted: Mapping[str, str]) -> str: ...
    def known_spots(self, on: date) -> set[str]:
        """Ids of the spots that the log says anything of."""
        ...

    def logged(self) -> tuple[date, date] | None:
        """The first and the last date in the log."""
        ...

    def vendor(self, vendor: str, first: date, last: date, offset: int = 0) -> VendorReport: ...
    def vendor_csv(self, vendor: str, first: date, last: date) -> str: ...
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

    def __init__(self, database: Database, clock: Clock, tz: Callable[[], ZoneInfo], zone: str) -> None:
        self._clock = clock
        self._tz = tz
        self._search = AsRunSearch(database, zone)
        self._proof = Proof(database, zone)
        self._kept = KeptDays(database, zone)
        self._trail = AuditTrail(database, clock)
        self._vendors = Vendors(database, clock)

    @property
    def vendors(self) -> Vendors:
        """See :class:`ReportOffice`."""
        return self._vendors

    def day(self, on: date, wanted: Mapping[str, str], offset: int = 0) -> DayReport:
        """See :class:`ReportOffice`."""
        return DayReport(on, self._search.totals(on), self._search.page(on, Wanted(**wanted), offset))

    def day_csv(self, on: date, wanted: Mapping[str, str]) -> str:
        """See :class:`ReportOffice`."""
        return csv_text(self._search.all(on, Wanted(**wanted)), self._tz())

    def known_spots(self, on: date) -> set[str]:
        """See :class:`ReportOffice`."""
        return self._search.spot_ids(on)

    def logged(self) -> tuple[date, date] | None:
        """See :class:`ReportOffice`."""
        return self._search.bounds()

    def vendor(self, vendor: str, first: date, last: date, offset: int = 0) -> VendorReport:
        """See :class:`ReportOffice`."""
        who = self._known(vendor, first, last)
        facts = self._proof.facts(vendor, first, last)
        page = self._proof.page(vendor, first, last, offset)
        running = [one for one in facts.contracts if one.last >= first]
        days = ledger(facts, first, last, self._today(), self._tz())
        return VendorReport(who, first, last, running, days, page, sum(map(heard_s, page.entries)))

    def vendor_csv(self, vendor: str, first: date, last: date) -> str:
        """See :class:`ReportOffice`. Two tables: the dates, then every airing."""
        who, tz = self._known(vendor, first, last), self._tz()
        days = ledger(self._proof.facts(vendor, first, last), first, last, self._today(), tz)
        out = io.StringIO(newline="")
        out.write("\ufeff")
        rows = csv.writer(out)
        rows.writerow([harmless(f"{who.name_zh} {who.name_en}".strip()), who.id, first, last])
        rows.writerow(_DAY_HEADERS)
        rows.writerows(_day_row(day) for day in days)
        rows.writerow([])
        rows.writerow(_AIRING_HEADERS)
        rows.writerows(_airing_row(entry, tz) for entry in self._proof.all(vendor, first, last))
        return out.getvalue()

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

    def _known(self, vendor: str, first: date, last: date) -> Vendor:
        who = self._vendors.get(vendor)
        if who is None:
            raise UsageError(f"没有商户“{vendor}” / there is no vendor “{vendor}”")
        if not 0 <= (last - first).days < MOST_DAYS:
            raise UsageError(
                f"{first} 至 {last} 不行:先早后晚,最多 {MOST_DAYS} 天 / "
                f"{first} to {last} makes no sense: the earlier date first, at most {MOST_DAYS} days"
            )
        return who

    def _today(self) -> date:
        return self._clock.now().astimezone(self._tz()).date()

    def _midnight(self, on: date) -> datetime:
        return datetime(on.year, on.month, on.day, tzinfo=self._tz()).astimezone(UTC)


def heard_s(entry: Entry) -> float:
    """How long an entry sounded, in seconds; 0 for one that did not, or has no end yet."""
    begun = entry.heard_at or entry.commanded_at
    if begun is None or entry.ended_at is None:
        return 0.0
    return max(0.0, (entry.ended_at - begun).total_seconds())


_DAY_HEADERS = (
    "日期 Date", "应播 Contracted", "全播 Aired", "部分 Partial", "跳过 Skipped", "失败 Failed", "补播 Made good",
    "尚欠 Owed",
)  # fmt: skip
_AIRING_HEADERS = (
    "日期 Date", "计划时间 Planned", "开始 Began", "结束 Ended", "时长(秒) Length (s)", "标题 Title", "编号 Reference",
    "结果 Outcome", "原因 Reason",
)  # fmt: skip


def _day_row(day: VendorDay) -> list[str]:
    sums = day.counts
    counts = (day.contracted, sums.aired, sums.partial, sums.skipped, sums.failed, day.made_good, day.owed)
    return [day.date.isoformat(), *map(str, counts)]


def _airing_row(entry: Entry, tz: ZoneInfo) -> list[str]:
    length = heard_s(entry)
    return [
        entry.date.isoformat(),
        local_second(entry.planned_at, tz),
        local_second(entry.heard_at or entry.commanded_at, tz),
        local_second(entry.ended_at, tz),
        f"{length:.1f}" if length else "",
        harmless(entry.title),
        harmless(entry.ref),
        OUTCOME_WORDS[entry.outcome],
        harmless(entry.reason),
    ]

"""What vendors were promised and got for their contracts in a period: the sums behind page, tables and papers."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from broadcaster.asrun.counting import Standing
from broadcaster.asrun.entries import Entry
from broadcaster.asrun.fees import Fee, fees
from broadcaster.asrun.ledger import Facts, VendorDay, known_from, ledger
from broadcaster.asrun.proof import Judged, Proof
from broadcaster.asrun.search import Page
from broadcaster.clock import Clock
from broadcaster.errors import ArchiveError, UsageError
from broadcaster.ops.archive import Archive, Part
from broadcaster.plan.models import Names
from broadcaster.store.database import Database
from broadcaster.store.vendors import Contract, Vendor, Vendors

log = logging.getLogger(__name__)

MOST_DAYS = 400
"""Of a vendor's report."""


@dataclass(frozen=True, slots=True)
class Bill:
    """What a vendor was promised and got, from ``first`` to ``last``, and what it owes for it."""

    vendor: Vendor
    first: date
    last: date
    contracts: Sequence[Contract]
    """Those that touch the period."""
    days: Sequence[VendorDay]
    """Up to today."""
    fees: Sequence[Fee]

    @property
    def contracted(self) -> int:
        """Airings promised, the running date included."""
        return sum(day.contracted for day in self.days)

    @property
    def sounded(self) -> int:
        """Airings that sounded, wholly or in part, as the player has it."""
        return sum(day.counts.sounded for day in self.days)

    @property
    def ear(self) -> int:
        """Airings that count because the ear heard them."""
        return sum(day.counts.ear for day in self.days)

    @property
    def player(self) -> int:
        """Airings that count by the player's word: no ear heard the device."""
        return sum(day.counts.player for day in self.days)

    @property
    def counted(self) -> int:
        """Airings that count."""
        return self.ear + self.player

    @property
    def not_heard(self) -> int:
        """Airings commanded of which nobody says that they were heard."""
        return sum(day.counts.not_heard for day in self.days)

    @property
    def short(self) -> int:
        """Airings of which too little was heard."""
        return sum(day.counts.short for day in self.days)

    @property
    def made_good(self) -> int:
        """So many airings made good what earlier days were short of."""
        return sum(day.made_good for day in self.days)

    @property
    def owed(self) -> int:
        """Short of at the end."""
        return self.days[-1].owed if self.days else 0

    @property
    def lapsed(self) -> int:
        """Of what days were short of, so much was not made good in time: a matter for the office."""
        return sum(day.lapsed for day in self.days)

    @property
    def charged(self) -> int:
        """Airings that count and that a contract has a use for."""
        return sum(day.charged for day in self.days)

    @property
    def cents(self) -> int:
        """The sum of the fees, in hundredths."""
        return sum(fee.cents for fee in self.fees)


@dataclass(frozen=True, slots=True)
class VendorReport(Bill):
    """A bill with a page of its airings, the newest first."""

    page: Page
    standings: Mapping[int, Standing]
    """What the page's entries are worth, by their ids."""


class VendorReports:
    """Reads the database of one zone; may be shared by threads."""

    def __init__(
        self, database: Database, clock: Clock, tz: Callable[[], ZoneInfo], zone: str,
        store: Callable[[], Names | None] = lambda: None, archive: Archive | None = None,
        rotations: Callable[[], Mapping[str, Names]] = dict,
    ) -> None:  # fmt: skip
        """``store``: the store's name; None while there is no plan. ``rotations``: their titles, by id."""
        self._rotations = rotations
        self._archive = archive
        self._clock = clock
        self._store = store
        self.tz = tz
        self._proof = Proof(database, zone)
        self._vendors = Vendors(database, clock)

    def maker(self) -> str:
        """Who makes the report of what output, and when: a period that still runs has other sums tomorrow."""
        at = f"{self._clock.now().astimezone(self.tz()):%Y-%m-%d %H:%M}"
        name = self._store()
        told = (f"{name.zh} {name.en}".strip() if name else "", f"分区 zone {self._proof.zone}", f"制作于 made {at}")
        return " · ".join(part for part in told if part)

    def turns(self, rotation: str) -> str:
        """A rotation as files name it: by its title; one that is no more by its id."""
        title = self._rotations().get(rotation)
        return f"{title.zh} {title.en}".strip() if title else rotation

    def report(self, vendor: str, first: date, last: date, offset: int = 0) -> VendorReport:
        """Of one vendor. Raises ``UsageError`` for one that there is not, for a period that makes no sense, and for
        one of which the vendor's log is in the archive: sums of what is left would be wrong.
        """
        bill = self.bill(vendor, first, last)
        page = self._proof.page(vendor, first, last, offset)
        worth = {one.entry.id: one.standing for one in self._proof.judged(page.entries)}
        return VendorReport(
            bill.vendor, first, last, bill.contracts, bill.days, bill.fees, page=page, standings=worth
        )  # fmt: skip

    def bill(self, vendor: str, first: date, last: date) -> Bill:
        """The same without airings."""
        _check(first, last)
        found = self._vendors.get(vendor)
        if found is None:
            raise UsageError(f"没有商户“{vendor}” / there is no vendor “{vendor}”")
        return self._bill(found, self._proof.facts(vendor, first, last), first, last, self._archived())

    def everybody(self, first: date, last: date) -> list[Bill]:
        """Of all vendors, by their ids. Raises ``UsageError`` as of :meth:`report`."""
        _check(first, last)
        vendors = self._vendors.list()
        facts = self._proof.facts_of_all([one.id for one in vendors], first, last)
        archived = self._archived()
        return [self._bill(one, facts[one.id], first, last, archived) for one in vendors]

    def airings(self, vendor: str, first: date, last: date) -> Iterator[Judged]:
        """Every entry of a vendor's notices in order; read as they are wanted."""
        return self._proof.all(vendor, first, last)

    def count(self, vendor: str, first: date, last: date) -> int:
        """How many these are."""
        return self._proof.count(vendor, first, last)

    def _bill(self, vendor: Vendor, facts: Facts, first: date, last: date, archived: Sequence[Part]) -> Bill:
        tz = self.tz()
        today = self._clock.now().astimezone(tz).date()
        gone = _gone(facts, archived, today, known_from(first), last)
        files = {name for on, name in gone.items() if on >= first and any(_touches(one, on) for one in facts.contracts)}
        if files:
            raise UsageError(
                f"{vendor.id} 在 {first} 至 {last} 的播出日志已归档,算不出来,见 broadcaster archive show:"
                f"{'、'.join(sorted(files))} / the log of {vendor.id} from {first} to {last} is in the archive, "
                "where it can be read but not summed up"
            )
        # Of what was short before the period nobody knows any more: it is not taken for owed.
        facts = replace(facts, promised={**{on: {} for on in gone}, **facts.promised})
        days = ledger(facts, first, last, today, tz)
        charged = [one for one in fees(facts.contracts, days, tz) if one.contract.last >= first or one.cents]
        return Bill(vendor, first, last, [one for one in facts.contracts if one.last >= first], days, charged)

    def _archived(self) -> Sequence[Part]:
        try:
            return self._archive.parts("asrun") if self._archive is not None else ()
        except ArchiveError as error:
            log.warning("%s", error)
            return ()


def _gone(facts: Facts, archived: Sequence[Part], today: date, first: date, last: date) -> dict[date, str]:
    """Dates of which the vendor's log left the database, and the file where it is.

    What belongs to a contract that runs stays (:mod:`broadcaster.store.retiring`).
    """
    running = [one.first for one in facts.contracts if one.last >= today and one.ended_at is None]
    end = min(running, default=date.max)
    found = {}
    for part in archived:
        on = max(first, date.fromisoformat(part.first))
        while on <= min(last, date.fromisoformat(part.last)) and on < end:
            if on not in facts.promised:
                found[on] = part.name
            on += timedelta(days=1)
    return found


def _touches(one: Contract, on: date) -> bool:
    return one.first <= on <= one.last


def _check(first: date, last: date) -> None:
    if not 0 <= (last - first).days < MOST_DAYS:
        raise UsageError(
            f"{first} 至 {last} 不行:先早后晚,最多 {MOST_DAYS} 天 / "
            f"{first} to {last} makes no sense: the earlier date first, at most {MOST_DAYS} days"
        )


def heard_s(entry: Entry) -> float:
    """How long an entry sounded, in seconds; 0 for one that did not, or has no end yet."""
    begun = entry.heard_at or entry.commanded_at
    if begun is None or entry.ended_at is None:
        return 0.0
    return max(0.0, (entry.ended_at - begun).total_seconds())

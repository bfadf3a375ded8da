"""What was promised to a vendor, heard, made good and owed, day by day, and which of it each contract pays for. Pure.

Counted by rotation, since contracts are. An airing fills what its date promised first, then what earlier dates were
short of, the latest first; what airs beyond both is the house's gift. What a date was short of lapses when it has not
been made good within :data:`BACK_DAYS`: then it is a matter for the office. So a date's sums depend on nothing from
before these days, periods side by side add up, and what is owed is what the rundown makes good
(:func:`broadcaster.rundown.makegoods.balance` of the same days comes to the same).

What airs in a rotation without a contract, or takes no turns at all, is beside the contracts: listed, and neither
charged nor set against anything.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from broadcaster.store.vendors import Contract

BACK_DAYS = 35
"""So many days after a date, what it was short of is still made good."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Of the log, for one date: first as the log has it, then as it counts."""

    aired: int = 0
    partial: int = 0
    skipped: int = 0
    failed: int = 0
    ear: int = 0
    player: int = 0
    unheard: int = 0
    unsaid: int = 0
    short: int = 0

    @property
    def sounded(self) -> int:
        """Wholly or in part, as the player has it."""
        return self.aired + self.partial

    @property
    def counted(self) -> int:
        """Heard, by the ear or by the player's word."""
        return self.ear + self.player

    @property
    def not_heard(self) -> int:
        """Commanded, and nobody says that it was heard."""
        return self.unheard + self.unsaid


@dataclass(frozen=True, slots=True)
class VendorDay:
    """One date of a vendor."""

    date: dt.date
    contracted: int
    counts: Counts
    made_good: int
    """So many airings made good what earlier days were short of."""
    owed: int
    """Short of at the end of the date, earlier days included, but for what lapsed."""
    lapsed: int
    """Of what earlier days were short of, so much will no longer be made good from this date on."""
    over: bool
    """Whether the date is over: one that still runs owes nothing yet."""
    own: Mapping[int, int] = field(default_factory=dict)
    """Airings that count, of what the date promised, by number of the contract."""
    repaid: Mapping[int, int] = field(default_factory=dict)
    """Airings that count, of what earlier dates were short of, by number of the contract that was."""

    @property
    def charged(self) -> int:
        """Airings that count and that a contract has a use for."""
        return sum(self.own.values()) + sum(self.repaid.values())


@dataclass(frozen=True, slots=True)
class Heard:
    """Of one rotation on one date: airings that count, and those of which nobody says whether they were heard."""

    counted: int = 0
    unsaid: int = 0


@dataclass(frozen=True, slots=True)
class Ready:
    """A stretch for which a notice was ready to take turns: instants, and its first and last date."""

    rotation: str
    since: dt.datetime
    until: dt.datetime | None
    first: dt.date
    last: dt.date


@dataclass(frozen=True, slots=True)
class Facts:
    """What the sums are made of."""

    contracts: Sequence[Contract]
    """In the order in which they were made."""
    promised: Mapping[dt.date, Mapping[str, int]]
    """By date and rotation, where anything was kept of the date."""
    ready: Sequence[Ready]
    counts: Mapping[dt.date, Counts] = field(default_factory=dict)
    heard: Mapping[dt.date, Mapping[str, Heard]] = field(default_factory=dict)
    """By date and rotation."""


_UNHEARD = Heard()
_NOTHING: Mapping[str, Heard] = {}


@dataclass(slots=True)
class _Account:
    """Of one rotation: date and contract of each airing that earlier dates were short of, in their order."""

    debts: deque[tuple[dt.date, int | None]] = field(default_factory=deque)

    def lapse(self, on: dt.date) -> int:
        """Strike what is too old to be made good; returns how many airings that was."""
        oldest, lapsed = on - dt.timedelta(days=BACK_DAYS), 0
        while self.debts and self.debts[0][0] < oldest:
            self.debts.popleft()
            lapsed += 1
        return lapsed

    def air(
        self, on: dt.date, promised: Sequence[int | None], heard: Heard, over: bool, own: Counter[int],
        repaid: Counter[int],
    ) -> int:  # fmt: skip
        """Add the airings charged to ``own``, of the date's own promises, and ``repaid``, of older ones.

        Returns how many of the older are made good.
        """
        airings = [True] * heard.counted + [False] * heard.unsaid
        for contract, counts in zip(promised, airings, strict=False):
            if counts and contract is not None:
                own[contract] += 1
        made_good = 0
        for counts in airings[len(promised) :]:
            if not self.debts:
                break
            (_, contract), made_good = self.debts.pop(), made_good + 1
            if counts and contract is not None:
                repaid[contract] += 1
        if over:
            self.debts.extend((on, contract) for contract in promised[len(airings) :])
        return made_good


def ledger(facts: Facts, first: dt.date, last: dt.date, today: dt.date, tz: dt.tzinfo) -> list[VendorDay]:
    """The dates from ``first`` to ``last``, no later than ``today``. What an ended contract was short of stays owed."""
    rotations = {one.rotation for one in facts.contracts}
    rotations |= {name for day in facts.promised.values() for name in day}
    accounts = {name: _Account() for name in sorted(rotations)}
    ready: dict[str, list[Ready]] = {}
    for one in facts.ready:
        ready.setdefault(one.rotation, []).append(one)
    found = []
    for on in _dates(known_from(first), min(last, today)):
        own, repaid, made_good, lapsed, contracted = Counter[int](), Counter[int](), 0, 0, 0
        begins, ends = _bounds(on, tz)
        held = [one for one in facts.contracts if _holds(one, on, begins, ends)]
        for rotation, account in accounts.items():
            terms = [one for one in held if one.rotation == rotation]
            promised = _slots(_promised(facts, rotation, on, begins, terms, ready.get(rotation, ())), terms)
            heard = facts.heard.get(on, _NOTHING).get(rotation, _UNHEARD)
            lapsed += account.lapse(on)
            made_good += account.air(on, promised, heard, on < today, own, repaid)
            contracted += len(promised)
        if on >= first:
            owed = sum(len(account.debts) for account in accounts.values())
            counts = facts.counts.get(on, Counts())
            found.append(VendorDay(on, contracted, counts, made_good, owed, lapsed, on < today, own, repaid))
    return found


def known_from(first: dt.date) -> dt.date:
    """The first date that the sums of a period want to know of."""
    return first - dt.timedelta(days=BACK_DAYS + 1)


def _dates(first: dt.date, last: dt.date) -> Iterable[dt.date]:
    return (first + dt.timedelta(days=number) for number in range((last - first).days + 1))


@lru_cache(maxsize=2000)
def _bounds(on: dt.date, tz: dt.tzinfo) -> tuple[dt.datetime, dt.datetime]:
    """The midnights of a date, in UTC: to compare instants of different zones takes ten times as long."""
    midnights = (dt.datetime.combine(day, dt.time.min, tz) for day in (on, on + dt.timedelta(days=1)))
    begins, ends = (midnight.astimezone(dt.UTC) for midnight in midnights)
    return begins, ends


def _holds(one: Contract, on: dt.date, begins: dt.datetime, ends: dt.datetime) -> bool:
    """Whether a contract holds at any instant of a date."""
    return one.first <= on <= one.last and one.made_at < ends and (one.ended_at is None or one.ended_at > begins)


def _slots(promised: int, terms: Sequence[Contract]) -> list[int | None]:
    """The contract of each promised airing: the older contract's first, what is left over the last one's."""
    found: list[int | None] = []
    for one in terms:
        found += [one.id] * min(promised - len(found), one.per_day)
    return found + [terms[-1].id if terms else None] * (promised - len(found))


def _promised(
    facts: Facts, rotation: str, on: dt.date, begins: dt.datetime, terms: Sequence[Contract], ready: Sequence[Ready]
) -> int:  # fmt: skip
    """As the date's rundown had it; where nothing was kept of it, the full number if a notice was ready."""
    if on in facts.promised:
        return facts.promised[on].get(rotation, 0)
    agreed = sum(one.per_day for one in terms if one.made_at <= begins)
    if agreed and any(
        one.first <= on <= one.last and one.since <= begins and (one.until is None or one.until > begins)
        for one in ready
    ):
        return agreed
    return 0

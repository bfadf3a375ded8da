"""What was promised to a vendor, heard, made good and owed, day by day, and which of it each contract pays for. Pure.

Counted by rotation, since contracts are. An airing fills what its date promised first, then what earlier dates were
short of, the oldest first; what airs beyond both is the house's gift. What airs in a rotation without a contract, or
takes no turns at all, is beside the contracts: listed, and neither charged nor set against anything.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from broadcaster.store.vendors import Contract

BACK_DAYS = 35
"""What a day before that was short of is no longer made good; so far back the sums begin at least."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Of the log, for one date: first as the log has it, then as it counts."""

    aired: int = 0
    partial: int = 0
    skipped: int = 0
    failed: int = 0
    on_contract: int = 0
    """Of those that settle a promise, those that take turns in a rotation: others are beside the contract."""
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
    """Short of at the end of the date, earlier days included."""
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

    begin: dt.date
    """From here on everything is known."""
    contracts: Sequence[Contract]
    """In the order in which they were made."""
    promised: Mapping[dt.date, Mapping[str, int]]
    """By date and rotation, where anything was kept of the date."""
    ready: Sequence[Ready]
    counts: Mapping[dt.date, Counts] = field(default_factory=dict)
    heard: Mapping[dt.date, Mapping[str, Heard]] = field(default_factory=dict)
    """By date and rotation."""


@dataclass(slots=True)
class _Account:
    """Of one rotation: the contracts that earlier dates were short for, one for each airing, the oldest first."""

    debts: deque[int | None] = field(default_factory=deque)

    def day(self, promised: Sequence[int | None], heard: Heard, over: bool) -> tuple[Counter[int], Counter[int], int]:
        """Airings charged of the date's own and of older promises, and how many of the older are made good."""
        airings = [True] * heard.counted + [False] * heard.unsaid
        own, repaid = Counter[int](), Counter[int]()
        for contract, counts in zip(promised, airings, strict=False):
            if counts and contract is not None:
                own[contract] += 1
        made_good = 0
        for counts in airings[len(promised) :]:
            if not self.debts:
                break
            contract, made_good = self.debts.popleft(), made_good + 1
            if counts and contract is not None:
                repaid[contract] += 1
        if over:
            self.debts.extend(promised[len(airings) :])
        return own, repaid, made_good


def ledger(facts: Facts, first: dt.date, last: dt.date, today: dt.date, tz: dt.tzinfo) -> list[VendorDay]:
    """The dates from ``first`` to ``last``, no later than ``today``. What an ended contract was short of stays owed."""
    rotations = {one.rotation for one in facts.contracts}
    rotations |= {name for day in facts.promised.values() for name in day}
    accounts = {name: _Account() for name in sorted(rotations)}
    found = []
    for on in _dates(facts.begin, min(last, today)):
        own, repaid, made_good, contracted = Counter[int](), Counter[int](), 0, 0
        begins = dt.datetime.combine(on, dt.time.min, tz)
        ends = dt.datetime.combine(on + dt.timedelta(days=1), dt.time.min, tz)
        for rotation, account in accounts.items():
            terms = [one for one in facts.contracts if one.rotation == rotation and _holds(one, on, begins, ends)]
            promised = list(_slots(_promised(facts, rotation, on, begins, terms), terms))
            heard = facts.heard.get(on, {}).get(rotation, Heard())
            day_own, day_repaid, day_good = account.day(promised, heard, on < today)
            own, repaid, made_good = own + day_own, repaid + day_repaid, made_good + day_good
            contracted += len(promised)
        owed = sum(len(account.debts) for account in accounts.values())
        if on >= first:
            counts = facts.counts.get(on, Counts())
            found.append(VendorDay(on, contracted, counts, made_good, owed, on < today, own, repaid))
    return found


def _dates(first: dt.date, last: dt.date) -> Iterable[dt.date]:
    return (first + dt.timedelta(days=number) for number in range((last - first).days + 1))


def _holds(one: Contract, on: dt.date, begins: dt.datetime, ends: dt.datetime) -> bool:
    """Whether a contract holds at any instant of a date."""
    return one.first <= on <= one.last and one.made_at < ends and (one.ended_at is None or one.ended_at > begins)


def _slots(promised: int, terms: Sequence[Contract]) -> Iterator[int | None]:
    """The contract of each promised airing: the older contract's first, what is left over the last one's."""
    left = promised
    for one in terms:
        mine = min(left, one.per_day)
        yield from [one.id] * mine
        left -= mine
    yield from [terms[-1].id if terms else None] * left


def _promised(
    facts: Facts, rotation: str, on: dt.date, begins: dt.datetime, terms: Sequence[Contract]
) -> int:  # fmt: skip
    """As the date's rundown had it; where nothing was kept of it, the full number if a notice was ready."""
    if on in facts.promised:
        return facts.promised[on].get(rotation, 0)
    ready = any(
        one.rotation == rotation and one.first <= on <= one.last and one.since <= begins
        and (one.until is None or one.until > begins)
        for one in facts.ready
    )  # fmt: skip
    return sum(one.per_day for one in terms if ready and one.made_at <= begins)

"""What a vendor owes for a period, by its contracts: whole hundredths, never floats. Pure.

- ``per_airing``: for each airing that counts (:mod:`broadcaster.asrun.counting`) and that the contract has a use for,
  those that make good included, on the date on which they are heard. More than was contracted is a gift.
- ``per_day``: for each date on which at least one airing of the contract's own was heard. What makes good a day that
  was charged costs nothing more; a day without any airing costs nothing.
- ``flat``: once for the whole contract, whatever aired; what is owed is made good or talked over. A period bears
  the part that falls on it by days, up to today, so rounded that periods side by side add up to the fee to the cent. A
  contract that was ended early is charged for the days on which it held.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from broadcaster.asrun.ledger import VendorDay
from broadcaster.store.vendors import Contract


@dataclass(frozen=True, slots=True)
class Fee:
    """What one contract comes to in a period."""

    contract: Contract
    count: int
    """Airings, days with an airing, or days of the contract, as its kind of fee has it."""
    cents: int


def fees(contracts: Sequence[Contract], days: Sequence[VendorDay], tz: dt.tzinfo) -> list[Fee]:
    """Of every contract that touches the days, or of which they make something good."""
    found = []
    for one in contracts:
        own = sum(day.own.get(one.id, 0) for day in days)
        repaid = sum(day.repaid.get(one.id, 0) for day in days)
        if one.fee_kind == "per_airing":
            found.append(Fee(one, own + repaid, (own + repaid) * one.fee_cents))
        elif one.fee_kind == "per_day":
            count = sum(bool(day.own.get(one.id)) for day in days)
            found.append(Fee(one, count, count * one.fee_cents))
        else:
            found.append(_flat(one, days, tz))
    return found


def _flat(one: Contract, days: Sequence[VendorDay], tz: dt.tzinfo) -> Fee:
    # Ended at midnight, it did not hold on the date that began then.
    held_to = one.ended_at and (one.ended_at - dt.timedelta(microseconds=1)).astimezone(tz).date()
    last = min(one.last, held_to or one.last)
    begin, end = (max(one.first, days[0].date), min(last, days[-1].date)) if days else (one.first, one.first)
    count = (end - begin).days + 1
    if not days or count <= 0:
        return Fee(one, 0, 0)
    gone = (begin - one.first).days
    return Fee(one, count, _part(one, gone + count) - _part(one, gone))


def _part(one: Contract, gone: int) -> int:
    """Hundredths for the first days of a contract, a half rounded up."""
    whole = (one.last - one.first).days + 1
    return (2 * one.fee_cents * gone + whole) // (2 * whole)


def money(cents: int) -> str:
    """``12.50``, of 1250."""
    sign, whole = "-" if cents < 0 else "", abs(cents)
    return f"{sign}{whole // 100}.{whole % 100:02}"

"""What is owed to vendors: counted by vendor and rotation, since contracts are, and notices come and go."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta

from broadcaster.rundown.events import Notice
from broadcaster.rundown.makegoods import Delivery, owed
from broadcaster.store.vendors import Contract

Group = tuple[str, str]
"""Vendor and rotation."""

BACK_DAYS = 35
"""A debt that could not be made good within so many days is a matter for the office."""


def owed_on(
    day: date,
    contracted: Mapping[date, Mapping[Group, int]],
    heard: Mapping[date, Mapping[Group, int]],
) -> Mapping[Group, int]:
    """Make-goods of a date: what earlier days are short of.

    Of the day before, nothing is known when a date is first compiled: it counts as heard, with its own make-goods, so
    that a date comes out the same before and on it, and nothing is made good twice.
    """
    dates = sorted(one for one in contracted if one < day)
    due: Counter[str] = Counter()
    for on in [*dates[1:], day]:
        yesterday = on - timedelta(days=1)
        past = [
            Delivery(_name(group), one, count, heard.get(one, {}).get(group, 0))
            for one in dates
            if one < yesterday
            for group, count in contracted[one].items()
        ]
        past += [
            Delivery(_name(group), yesterday, count, count + due[_name(group)])
            for group, count in contracted.get(yesterday, {}).items()
        ]
        due = owed(past, on)
    groups = {_name(group): group for one in dates for group in contracted[one]}
    return {groups[name]: count for name, count in due.items() if count}


def _name(group: Group) -> str:
    return "\0".join(group)


def contracted_on(
    begins: datetime, contracts: Iterable[Contract], notices: Sequence[Notice], kept: Mapping[str, int] | None
) -> dict[Group, int]:
    """What contracts promised on a past date: as the rundown of it had it (``kept``, by notice), where that is known.

    Where it is not, since nothing ran on that day, it is the contract's full number for whoever had a notice ready
    before the date began at ``begins``: who brings none is owed none.
    """
    groups = {one.id: (one.vendor, one.rotation) for one in notices if one.vendor and one.rotation}
    found: dict[Group, int] = {}
    if kept is not None:
        for ref, count in kept.items():
            if ref in groups:
                vendor, rotation = groups[ref]
                found[vendor or "", rotation or ""] = found.get((vendor or "", rotation or ""), 0) + count
        return found
    ready = {groups[one.id] for one in notices if one.id in groups and one.since is not None and one.since <= begins}
    for contract in contracts:
        group = contract.vendor, contract.rotation
        if group in ready and contract.made_at <= begins and (contract.ended_at is None or contract.ended_at > begins):
            found[group] = found.get(group, 0) + contract.per_day
    return found

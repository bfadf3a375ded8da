"""A month of forty vendors, contracts of all sizes, outages: what is not heard is owed, and nobody is forgotten.

The month runs as the daemon runs it: a date is compiled on the day before, when that day is not over and counts as
planned; whatever was lost is known a day later. Everything goes through the compiler and the make-goods alone.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from broadcaster.plan.models import DayCondition
from broadcaster.plan.plan import Plan
from broadcaster.rundown.compiler import compile_rundown
from broadcaster.rundown.events import Airing, Notice, Rundown, Spot
from broadcaster.rundown.makegoods import Delivery, balance, owed
from tests.rundown_kit import notice, small_plan

FIRST = date(2026, 11, 2)
DAYS = 30
TZ = ZoneInfo("Asia/Shanghai")


@dataclass
class Month:
    """What was planned and heard, day by day."""

    notices: list[Notice] = field(default_factory=list)
    rundowns: list[Rundown] = field(default_factory=list)
    heard: list[list[Spot]] = field(default_factory=list)
    past: list[Delivery] = field(default_factory=list)


def deliveries(rundown: Rundown, heard: Mapping[str, int] | None = None) -> Iterator[Delivery]:
    """Of one date: its promises, and what was heard of each; of a date that is not over, all that is planned."""
    for promise in rundown.promises:
        count = promise.planned if heard is None else heard.get(promise.ref, 0)
        yield Delivery(promise.ref, rundown.date, promise.contracted, count)


def forty(dice: random.Random) -> list[Notice]:
    """Thirty under contract, ten by weight; some come late, some go early, one is never approved."""
    found = []
    for number in range(40):
        one = notice(f"n{number}", dice.randint(16, 40) / 2, rotation="vendor-promos")
        one = replace(one, vendor=f"v{number // 2 if number < 8 else number}")
        if number < 30:
            one = replace(one, per_day=dice.choice([1, 2, 2, 3, 4, 6]))
        else:
            one = replace(one, weight=dice.choice([0.5, 1.0, 1.0, 2.0]))
        if number % 5 == 1:
            one = replace(one, first=FIRST + timedelta(days=dice.randint(1, 9)))
        if number % 5 == 2:
            one = replace(one, last=FIRST + timedelta(days=dice.randint(20, 28)))
        if number % 10 == 3:
            since = datetime.combine(FIRST + timedelta(days=3), time(dice.randint(9, 14), 31), TZ)
            one = replace(one, since=since, until=since + timedelta(days=dice.randint(15, 20), hours=1))
        if number == 25:
            one = replace(one, days=DayCondition(days=("weekend",)))
        found.append(one)
    return found


def plan() -> Plan:
    windows = [{"from": "10:05", "to": "11:30"}, {"from": "14:00", "to": "15:30"}]
    rules: list[dict[str, Any]] = [
        {"id": "promos", "rotation": "vendor-promos", "loop": {"gap": "20 s"}, "windows": windows,
         "priority": "rotation"},
        {"id": "news", "script": "a", "every": "30 min", "windows": windows},
    ]  # fmt: skip
    return small_plan(rules, rotations={"vendor-promos": ["b"]})


@cache
def month() -> Month:
    dice = random.Random(20261102)
    run = Month(forty(dice))
    store = plan()
    for offset in range(DAYS):
        on = FIRST + timedelta(days=offset)
        # Of yesterday only the plan is known; of all days before it, what was heard.
        known = run.past + (list(deliveries(run.rundowns[-1])) if run.rundowns else [])
        debts = owed(known, on)
        history = [
            Airing(spot.ref, before.date)
            for before, spots in zip(run.rundowns[-8:-1], run.heard[-8:-1], strict=True)
            for spot in spots
        ]
        rundown = compile_rundown(store, [replace(one, owed=debts[one.id]) for one in run.notices], on, history)
        if run.rundowns:
            run.past += deliveries(run.rundowns[-1], Counter(spot.ref for spot in run.heard[-1]))
        run.rundowns.append(rundown)
        run.heard.append(survivors(rundown, dice))
    run.past += deliveries(run.rundowns[-1], Counter(spot.ref for spot in run.heard[-1]))
    return run


def survivors(rundown: Rundown, dice: random.Random) -> list[Spot]:
    """What is heard of a day: one spot of fifty is lost, and on some days all of half an hour or more."""
    lost_from = lost_to = datetime.combine(rundown.date, time(0), TZ)
    if dice.random() < 0.3:
        lost_from += timedelta(hours=10, minutes=dice.randint(0, 300))
        lost_to = lost_from + timedelta(minutes=dice.randint(10, 60))
    return [spot for spot in rundown.spots if not lost_from <= spot.at < lost_to and dice.random() > 0.02]


def test_every_count_is_kept_or_owed_in_the_end() -> None:
    run = month()
    contracted: Counter[str] = Counter()
    heard: Counter[str] = Counter()
    for one in run.past:
        contracted[one.ref] += one.contracted
        heard[one.ref] += one.heard
    short = balance(run.past, FIRST + timedelta(days=DAYS))
    assert len(contracted) == 30
    for ref, count in contracted.items():
        assert count - heard[ref] <= short[ref], ref
        assert abs(heard[ref] + short[ref] - count) <= 1, ref


def test_most_of_what_was_lost_was_made_good() -> None:
    run = month()
    planned = sum(len(rundown.spots) for rundown in run.rundowns)
    lost = planned - sum(len(spots) for spots in run.heard)
    short = balance(run.past, FIRST + timedelta(days=DAYS))
    running = {one.id for one in run.notices if one.last > FIRST + timedelta(days=DAYS) and one.until is None}
    assert lost > 100
    # Nobody who still runs is short of more than the last days' losses.
    assert all(count <= 6 for ref, count in short.items() if ref in running)


def test_each_day_keeps_its_contracts_to_within_one() -> None:
    for rundown in month().rundowns:
        for promise in rundown.promises:
            assert abs(promise.planned - promise.contracted - promise.owed) <= 1, (rundown.date, promise)


def test_nobody_starves() -> None:
    run = month()
    for one in run.notices:
        gap = 0
        for rundown, spots in zip(run.rundowns, run.heard, strict=True):
            runs = one.first <= rundown.date <= one.last and (one.days is None or one.days.holds(rundown.day.type_set))
            runs = runs and (one.since is None or one.since.date() < rundown.date)
            runs = runs and (one.until is None or rundown.date < one.until.date())
            gap = gap + 1 if runs and all(spot.ref != one.id for spot in spots) else 0
            assert gap <= 2, (one.id, rundown.date)


def test_nothing_expired_or_unapproved_is_heard_and_no_vendor_twice_in_a_row() -> None:
    run = month()
    by_id = {one.id: one for one in run.notices}
    for rundown, spots in zip(run.rundowns, run.heard, strict=True):
        for spot in spots:
            if (one := by_id.get(spot.ref)) is not None:
                assert one.first <= rundown.date <= one.last
                assert one.since is None or one.since <= spot.at
                assert one.until is None or spot.end <= one.until
        speakers = [spot.vendor or spot.ref for spot in rundown.spots if spot.rule == "promos"]
        assert all(a != b for a, b in pairwise(speakers))

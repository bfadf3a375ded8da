"""A year of rundowns of the starter programme, with notices running all year: ``python -m bench.rundown_year``.

Of the notices every second one joins the vendors' rotation. The others have their own timing, as staff would ask for
it: of four, two are aired at one fixed time, one at two, and one every 30 minutes within a window of two hours. Their
recordings last 5 to 60 s. Each day is compiled with the airings of the seven days before it, as the daemon does it.
Seconds are processor time of this process, the best of ``--rounds``; the plan itself is read only once.

Behind each number of notices but the first stands how the time grows from the one before: the exponent of its power
law, in which 1 is in step with the notices. ``room`` is what a day's rundown holds in memory.
"""

from __future__ import annotations

import argparse
import random
import time
import tracemalloc
from collections import deque
from collections.abc import Sequence
from datetime import date, timedelta
from itertools import chain
from math import log

from broadcaster.plan.models import Timing
from broadcaster.plan.plan import Plan
from broadcaster.rundown.compiler import compile_rundown
from broadcaster.rundown.events import Airing, Notice
from tests.rundown_kit import notice, starter_plan

FIRST = date(2026, 1, 1)
DAYS = 365
HISTORY_DAYS = 7
COUNTS = (10, 100, 1000)


def running(count: int) -> list[Notice]:
    """So many notices of the mix described above; the same ones every time."""
    dice = random.Random(count)
    return [_one(number, dice) for number in range(count)]


def _one(number: int, dice: random.Random) -> Notice:
    seconds = round(dice.uniform(5, 60), 2)
    if number % 2:
        return notice(f"n{number}", seconds, rotation="vendor-promos")
    minutes = [dice.randrange(9 * 60 + 45, 17 * 60) for _ in range(2)]
    clocks = [f"{minute // 60:02d}:{minute % 60:02d}" for minute in minutes]
    kind = number // 2 % 4
    if kind == 3:
        start = dice.choice((10, 11, 13, 14, 15))
        window = {"from": f"{start}:00", "to": f"{start + 2}:00"}
        return notice(f"n{number}", seconds, Timing.model_validate({"every": "30 min", "windows": window}))
    return notice(f"n{number}", seconds, Timing.model_validate({"at": clocks if kind == 2 else clocks[:1]}))


def compile_year(plan: Plan, notices: Sequence[Notice]) -> tuple[int, int]:
    """Spots aired and dropped in the year."""
    recent: deque[list[Airing]] = deque(maxlen=HISTORY_DAYS)
    aired = dropped = 0
    for offset in range(DAYS):
        on = FIRST + timedelta(days=offset)
        rundown = compile_rundown(plan, notices, on, chain.from_iterable(recent))
        recent.append([Airing(spot.ref, on) for spot in rundown.spots])
        aired += len(rundown.spots)
        dropped += len(rundown.dropped)
    return aired, dropped


def growth(before: tuple[int, float], after: tuple[int, float]) -> float:
    """The exponent from one pair of notices and seconds to a later one with more notices."""
    return log(after[1] / before[1]) / log(after[0] / before[0])


def room_kib(plan: Plan, notices: Sequence[Notice]) -> float:
    """What one more day's rundown holds, in KiB."""
    compile_rundown(plan, notices, FIRST)
    tracemalloc.start()
    try:
        rundown = compile_rundown(plan, notices, FIRST)
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    del rundown
    return held / 1024


def main() -> None:
    """Print a line for each number of notices."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--notices", type=int, nargs="*", default=COUNTS)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    plan = starter_plan()
    before: tuple[int, float] | None = None
    for count in arguments.notices:
        notices, seconds = running(count), []
        aired = dropped = 0
        for _ in range(arguments.rounds):
            begun = time.process_time()
            aired, dropped = compile_year(plan, notices)
            seconds.append(time.process_time() - begun)
        best = min(seconds)
        print(
            f"{count:5} notices: a year in {best:6.2f} s, {1000 * best / DAYS:6.2f} ms a day, "
            f"{aired / DAYS:6.1f} spots a day aired, {dropped / DAYS:7.1f} dropped, "
            f"room {room_kib(plan, notices):5.0f} KiB"
            + (f", growth {growth(before, (count, best)):.2f}" if before else ""),
            flush=True,
        )
        before = count, best


if __name__ == "__main__":
    main()

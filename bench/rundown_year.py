"""A year of rundowns of the starter programme, with notices running all year: ``python -m bench.rundown_year``.

Of the notices every second one joins the vendors' rotation. The others have their own timing, as staff would ask for
it: of four, two are aired at one fixed time, one at two, and one every 30 minutes within a window of two hours. Their
recordings last 5 to 60 s. Each day is compiled with the airings of the seven days before it, as the daemon does it.
Seconds are processor time of this process, the best of ``--rounds``; the plan itself is read only once.
"""

from __future__ import annotations

import argparse
import random
import time
from collections import deque
from collections.abc import Sequence
from datetime import date, timedelta

from broadcaster.plan.models import Timing
from broadcaster.plan.plan import Plan
from broadcaster.rundown.compiler import compile_rundown
from broadcaster.rundown.events import Airing, Notice
from tests.rundown_kit import notice, starter_plan

FIRST = date(2026, 1, 1)
DAYS = 365
HISTORY_DAYS = 7
COUNTS = (10, 200, 1000)


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
        rundown = compile_rundown(plan, notices, on, [airing for day in recent for airing in day])
        recent.append([Airing(spot.ref, on) for spot in rundown.spots])
        aired += len(rundown.spots)
        dropped += len(rundown.dropped)
    return aired, dropped


def main() -> None:
    """Print a line for each number of notices."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--notices", type=int, nargs="*", default=COUNTS)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    plan = starter_plan()
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
            f"{aired / DAYS:6.1f} spots a day aired, {dropped / DAYS:6.1f} dropped",
            flush=True,
        )


if __name__ == "__main__":
    main()

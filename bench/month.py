"""Thirty days in virtual time with faults: every planned spot has its one word in the log, nothing is heard twice.

``python -m bench.month [--days 30] [--seed N] [--faults 12]``: the starter's programme through the real compiler,
conductor, journal and SQLite; engine and clock are played (``tests/playout_kit``). Each day gets so many faults at
random instants: the daemon killed, the engine dying or hanging, recordings that break or don't open, a daemon that
stands still, a clock that is set. A table of days, then what was wrong; memory is measured after each day.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import psutil

from broadcaster.asrun.entries import Entry, Outcome
from broadcaster.clock import monotonic
from broadcaster.rundown.events import Spot
from tests.fake_engine import Sound
from tests.playout_kit import World, local, starter_plan

FIRST, OPEN, CLOSE = "2026-11-02", "09:10:00", "17:45:00"
TURN_S, NIGHT_TURN_S = 0.4, 30.0
"""By day below the conductor's ``PAUSE_LIMIT_S``: it would take each turn for a pause of its own, and excuse an engine
that hangs."""
STEPS_S = (-90.0, -20.0, 20.0, 90.0)
GROWTH_MB = 25.0
"""The process may grow by so much from the third day to the last."""


class Month:
    """The world, and the dice that hurt it."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.dice = random.Random(seed)
        self.world = World(folder / "home", starter_plan(), local(OPEN, FIRST))
        self.done: Counter[str] = Counter()
        self.stepped: list[datetime] = []
        self.paths = [track.path for one in self.world.plan.playlists.values() for track in one.tracks]

    def day(self, on: date, faults: int) -> list[str]:
        """One day of business, and the night after it; what was wrong with it."""
        world = self.world
        world.turn_s = TURN_S
        # What was heard of other days is of no more use, and would only fill the memory.
        world.tape.sounds = [sound for sound in world.tape.sounds if sound.until > world.clock.mono()]
        world.engine.sent.clear()
        self.stepped.clear()
        opens, closes = (local(at, on.isoformat()) for at in (OPEN, CLOSE))
        length = (closes - opens).total_seconds()
        for at in sorted(self.dice.uniform(600, length - 600) for _ in range(faults)):
            world.run_to(opens + timedelta(seconds=at))
            name = self.dice.choice(sorted(HURTS))
            self.done[name] += 1
            HURTS[name](self)
        world.run_to(closes)
        wrong = self.judge(on)
        world.turn_s = NIGHT_TURN_S
        world.run_to(local(OPEN, (on + timedelta(days=1)).isoformat()))
        return wrong

    def judge(self, on: date) -> list[str]:
        """Every spot of the day against log and tape."""
        world, wrong = self.world, []
        entries = world.spot_entries(on)
        planned = {spot.id: spot for spot in world.rundown(on).spots}
        wrong += [f"{name} was planned and is not in the log" for name in planned.keys() - entries.keys()]
        sounds = world.voice()
        for name, entry in entries.items():
            wrong += [f"{name}: {words}" for words in self._words(entry, planned.get(name), sounds)]
        for before, after in pairwise(sounds):
            if after.since < before.until - 0.001:
                wrong.append(f"{after.path} was spoken over {before.path} at {world.clock.wall_of(after.since)}")
        for sound in sounds:
            at = world.clock.wall_of(sound.since)
            if not any(
                one.commanded_at and abs((one.commanded_at - at).total_seconds()) < 700 for one in entries.values()
            ):
                wrong.append(f"{sound.path} sounded at {at} and nobody commanded it")
        return wrong + world.database.faults() + ([] if world.bed_faults() == [] else ["the bed is wrong at the end"])

    def _words(self, entry: Entry, spot: Spot | None, sounds: list[Sound]) -> list[str]:
        if entry.outcome is None:
            return ["no outcome"]
        if entry.outcome is not Outcome.AIRED and not entry.reason:
            return [f"{entry.outcome} without a reason"]
        if entry.commanded_at is None or spot is None or self._unsure(entry.commanded_at):
            return []
        mono = self.world.clock.mono_of(entry.commanded_at)
        here = [one for one in sounds if one.path == spot.path and mono - 1 < one.since < mono + spot.duration_s + 30]
        heard_s = sum(one.until - one.since for one in here)
        if entry.outcome is Outcome.AIRED and abs(heard_s - spot.duration_s) > 0.05:
            return [f"aired, and {heard_s:.2f} s of {spot.duration_s:.2f} s were heard"]
        if heard_s > spot.duration_s + 0.05:
            return [f"{heard_s:.2f} s of {spot.duration_s:.2f} s were heard"]
        return []

    def _unsure(self, at: datetime) -> bool:
        """Whether the clock was set on this day: wall instants before it don't tell monotonic ones any more."""
        return bool(self.stepped) and at < self.stepped[-1] + timedelta(seconds=120)

    def close(self) -> None:
        self.world.kill()


def kill_daemon(month: Month) -> None:
    month.world.restart(month.dice.uniform(0.5, 90.0))


def kill_in_the_middle(month: Month) -> None:
    """Before or after one of the next writes to the log or commands to the engine."""
    from tests.test_playout_kills import survive

    month.world.fuse.left = month.dice.randrange(10)
    survive(month.world, 120.0, month.dice.uniform(0.5, 5.0))
    month.world.fuse.left = None


def kill_engine(month: Month) -> None:
    month.world.engine.die()


def hang_engine(month: Month) -> None:
    month.world.engine.hang()


def break_recording(month: Month) -> None:
    """A song breaks off in the middle from now on for ten minutes."""
    path = month.dice.choice(month.paths)
    month.world.faults.breaks_at[path] = month.dice.uniform(1, 40)
    month.world.run(600)
    del month.world.faults.breaks_at[path]


def close_recording(month: Month) -> None:
    """A song can't be opened for ten minutes."""
    path = month.dice.choice(month.paths)
    month.world.faults.unloadable.add(path)
    month.world.run(600)
    month.world.faults.unloadable.discard(path)


def stand_still(month: Month) -> None:
    month.world.pause(month.dice.uniform(1.0, 60.0))


def set_clock(month: Month) -> None:
    month.world.clock.step(month.dice.choice(STEPS_S))
    month.stepped.append(month.world.now)


HURTS: dict[str, Callable[[Month], None]] = {
    "clock set": set_clock,
    "daemon killed": kill_daemon,
    "daemon killed in a write": kill_in_the_middle,
    "daemon stands still": stand_still,
    "engine dies": kill_engine,
    "engine hangs": hang_engine,
    "recording breaks off": break_recording,
    "recording can't be opened": close_recording,
}


def main() -> int:
    """0 if nothing was wrong."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--seed", type=int, default=time.time_ns() % 100_000)
    parser.add_argument("--faults", type=int, default=12, help="a day")
    options = parser.parse_args()
    begun, wrong, memory = monotonic(), [], []
    outcomes: Counter[str] = Counter()
    with tempfile.TemporaryDirectory(prefix="month-") as folder:
        month = Month(Path(folder), options.seed)
        print(f"seed {options.seed}: {options.days} days, {options.faults} faults a day", flush=True)
        for number in range(options.days):
            on = date.fromisoformat(FIRST) + timedelta(days=number)
            found = month.day(on, options.faults)
            wrong += found
            entries = month.world.spot_entries(on)
            outcomes.update(str(entry.outcome) for entry in entries.values())
            memory.append(psutil.Process().memory_info().rss / 1e6)
            print(f"{on}  {len(entries):4} spots  {len(found):3} wrong  {memory[-1]:6.1f} MB", flush=True)
            for line in found[:5]:
                print(f"    {line}", flush=True)
        month.close()
    growth = memory[-1] - memory[min(2, len(memory) - 1)]
    print(f"faults: {dict(sorted(month.done.items()))}\noutcomes: {dict(sorted(outcomes.items()))}")
    print(f"{len(wrong)} wrong; grown by {growth:.1f} MB since the third day; took {monotonic() - begun:.0f} s")
    return 0 if not wrong and growth < GROWTH_MB else 1


if __name__ == "__main__":
    sys.exit(main())

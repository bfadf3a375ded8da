"""How soon an emergency is heard, and how soon nothing else is: the real daemon, its API, a null sink.

``python -m bench.calls [--calls 100] [--seed N]``: from each state in turn, at random moments, somebody presses the
button; counted is from before the request until the first 20 ms in which the message can be told, and until the last
in which anything else can. Status 1 if the worst is above half a second. ``--frozen`` adds the engine stopped, which
has to be replaced by the spare one first, and ``--killed`` the daemon killed in the middle.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import psutil

from broadcaster.clock import monotonic
from tests.calls_kit import BED_HZ, SPOT_HZ, ZH_HZ, Hands, first_of, lay_out, tones
from tests.lab.analysis import tone_level_db
from tests.lab.recorder import Recorder
from tests.lab.sink import NullSink
from tests.lab.take import Take
from tests.live_kit import Daemon, Store, all_day, hms, running, wait

LIMIT_S = 0.5
STEP_S = 0.01
GONE_DB = -60.0

Times = list[tuple[float, float]]
"""For each call: seconds to the first sample of it, and to the last of anything else."""


def last_of_others(take: Take, asked: float) -> float:
    """Seconds after the call at which bed or spot could last be told."""
    last, at = 0.0, asked
    while at + 0.02 < min(take.end, asked + 2.0):
        window = take.slice(at, at + 0.02)
        # The message's own tone leaks into so short a window, by less than this.
        if max(tone_level_db(window, BED_HZ), tone_level_db(window, SPOT_HZ)) > max(
            GONE_DB, tone_level_db(window, ZH_HZ) - 25.0
        ):
            last = at + 0.02 - asked
        at += STEP_S
    return last


def first_after(take: Take, asked: float) -> float:
    """Seconds after the call at which the first window ends that has the message in it."""
    first = first_of(take, ZH_HZ, asked)
    return first + 0.02 - asked if first is not None else float("inf")


def press(hands: Hands, recorder: Recorder) -> tuple[float, float]:
    """Call, measure, and end."""
    asked = hands.call()
    take = recorder.wait_until(asked + 2.2, timeout=20)
    hands.end()
    return first_after(take, asked), last_of_others(take, asked)


def bed(hands: Hands) -> None:
    """The music alone."""
    wait(lambda: hands.air["track"] and not hands.air["spot"], 20, "the bed")


def spot(hands: Hands) -> None:
    """Somebody's announcement."""
    hands.ask("POST", "/air/play", {"kind": "script", "ref": "call"})
    wait(lambda: hands.air["spot"], 20, "the spot")


def muted(hands: Hands) -> None:
    """Silent by hand, for a while."""
    hands.ask("POST", "/air/mute", {"minutes": 5})


def paused(hands: Hands) -> None:
    """The music silent by hand."""
    hands.ask("POST", "/air/pause", {"minutes": 5})


def stopped(hands: Hands) -> None:
    """Everything stopped by hand."""
    hands.ask("POST", "/air/stop", {"reason": "bench"})


def nothing(hands: Hands) -> None:
    """As the programme has it."""


def calm(hands: Hands, sounds: bool) -> None:
    """Back to what the programme says."""
    for one in hands.ask("GET", "/air/interventions")["interventions"]:
        hands.refused("DELETE", f"/air/interventions/{one['id']}")
    wait(lambda: hands.air["call"] is None and (hands.air["track"] is not None) == sounds, 20, "calm")


def measure(
    hands: Hands, recorder: Recorder, states: Mapping[str, Callable[[Hands], None]], count: int, dice: random.Random,
    found: dict[str, Times], *, sounds: bool,
) -> None:  # fmt: skip
    """So many calls from each state."""
    for number in range(count):
        for name, bring in states.items():
            calm(hands, sounds)
            bring(hands)
            recorder.wait_until(monotonic() + 0.6 + dice.random())
            times = press(hands, recorder)
            found.setdefault(name, []).append(times)
            print(
                f"  {number + 1:3d} {name}: first {times[0] * 1000:.0f} ms, others {times[1] * 1000:.0f} ms", flush=True
            )


def quiet_programme() -> str:
    """Planned silence now, and nothing at all from some minutes ago until far later on another day type."""
    return all_day("silence")


def elsewhere() -> str:
    """A programme that is over for today, or has not begun."""
    at = (time.time() + 12 * 3600) % 86400
    start = min(max(at, 60.0), 86400 - 700.0)
    text = f"dayparts:\n  - {{id: far, title: 远, from: '{hms(start)[:5]}', to: '{hms(start + 600)[:5]}', "
    return text + "bed: {playlist: tones}, level: light}\n"


def show(found: dict[str, Times]) -> float:
    """The table; the worst of all."""
    print(f"{'state':<20} {'calls':>5}  first sample ms: median   p95 worst   others gone ms: median   p95 worst")
    every: Times = []
    for name, times in found.items():
        if name not in ("frozen engine", "daemon killed"):
            every += times
        print(_line(name, times))
    print(_line("all", every))
    return float(max(max(first, other) for first, other in every))


def _line(name: str, times: Times) -> str:
    first, others = (np.array(each) * 1000 for each in zip(*times, strict=True))
    shown = [f"{np.median(each):7.0f} {np.percentile(each, 95):5.0f} {each.max():5.0f}" for each in (first, others)]
    return f"{name:<20} {len(times):>5}                  {shown[0]}                   {shown[1]}"


def has_spare(hands: Hands) -> bool:
    """Whether a second engine stands by: it takes some seconds after the first was replaced."""
    assert hands.daemon.process is not None
    children = psutil.Process(hands.daemon.process.pid).children()
    return sum("broadcaster.engine" in one.cmdline() and time.time() - one.create_time() > 3.0 for one in children) == 2


def frozen(hands: Hands, recorder: Recorder) -> tuple[float, float]:
    """The engine was stopped: it must be replaced before anything is heard."""
    wait(lambda: has_spare(hands), 60, "the spare engine")
    os.kill(hands.daemon.engine_pid, signal.SIGSTOP)
    asked = hands.call()
    take = recorder.wait_until(asked + 4.0, timeout=20)
    hands.end()
    return first_after(take, asked), last_of_others(take, asked)


def killed(hands: Hands, daemon: Daemon, recorder: Recorder) -> tuple[float, float]:
    """The daemon is killed in the middle of it and started again at once."""
    hands.call()
    recorder.wait_for(lambda take: tones(take)["zh"] > -45, 10, since=monotonic())
    daemon.kill()
    begun = monotonic()
    daemon.start()
    take = recorder.wait_for(
        lambda take: take.end > begun + 0.3 and tones(take.slice(take.end - 0.2, take.end))["zh"] > -45, 60, since=begun
    )
    daemon.ready(60)
    hands.end()
    return take.end - begun, 0.0


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--calls", type=int, default=100)
    parser.add_argument("--seed", type=int, default=random.randrange(10_000))
    parser.add_argument("--frozen", type=int, default=3)
    parser.add_argument("--killed", type=int, default=3)
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    dice = random.Random(options.seed)
    each = max(1, -(-options.calls // 7))
    found: dict[str, Times] = {}
    sounding = {"bed": bed, "spot": spot, "muted": muted, "paused": paused, "stopped by hand": stopped}
    with NullSink() as sink, tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        store: Store = lay_out(Path(folder))
        with Recorder(sink) as recorder, running(Path(folder), sink) as daemon:
            hands = Hands(daemon)
            daemon.ready(60)
            measure(hands, recorder, sounding, each, dice, found, sounds=True)
            found["frozen engine"] = []
            for _ in range(options.frozen):
                calm(hands, True)
                found["frozen engine"].append(frozen(hands, recorder))
            found["daemon killed"] = []
            for _ in range(options.killed):
                calm(hands, True)
                found["daemon killed"].append(killed(hands, daemon, recorder))
            for name, programme in (("planned silence", quiet_programme()), ("outside programme", elsewhere())):
                store.programme(programme)
                calm(hands, False)
                measure(hands, recorder, {name: nothing}, each, dice, found, sounds=False)
    found = {name: times for name, times in found.items() if times}
    worst = show(found)
    print(f"worst of {sum(map(len, found.values()))}: {worst * 1000:.0f} ms (limit {LIMIT_S * 1000:.0f} ms)")
    return 0 if worst < LIMIT_S else 1


if __name__ == "__main__":
    sys.exit(main())

"""Faults of the world around: the clock is set, the network goes, the voice hangs."""

from __future__ import annotations

import contextlib
import random
import time
from datetime import UTC, datetime
from typing import Any

import psutil

from broadcaster.clock import monotonic
from tests.lab import fault_home, sweep
from tests.lab.fault_disk import mend_plan
from tests.lab.fault_process import DAEMON_S, ENGINE_S, children
from tests.lab.faults import ALERT_S, Fault, Lab
from tests.live_kit import wait

STEP_S = 2.0
"""Target: so soon after a step of the clock the air is that of the new time."""


def clock_on(lab: Lab, chance: random.Random) -> float:
    """The clock is set on by some minutes."""
    lab.set_clock(_step(chance))
    return monotonic()


def clock_back(lab: Lab, chance: random.Random) -> float:
    """The clock is set back by some minutes."""
    lab.set_clock(-_step(chance))
    return monotonic()


def dead_battery(lab: Lab, chance: random.Random) -> float:
    """After a power cut the PC believes that it is years ago; ten seconds later the network's time arrives."""
    with lab.supervisor.holding():
        daemon = psutil.Process(lab.daemon_pid)
        for one in (daemon, *daemon.children(recursive=True)):
            with contextlib.suppress(psutil.Error):
                one.kill()
        lab.set_clock(-20 * 365.25 * 86400)
    began = monotonic()
    if lab.wait_cause("clock-untrusted") is None:
        lab.notes.append(f"no alert clock-untrusted within {ALERT_S:g} s")
    time.sleep(3)
    silent = sum(block.judgement == "missing" for block in lab.blocks(monotonic() - 3)) / 10
    if silent > 0.5:
        lab.notes.append(f"{silent:.1f} of the last 3 s were silent, {monotonic() - began:.0f} s after the start")
    if any(block.spot for block in lab.blocks(began + 1)):
        lab.notes.append("a spot was aired by a clock that nobody trusts")
    lab.set_clock(0.0)
    mended = monotonic()
    # Twenty years are caught up with: that must not be heard.
    time.sleep(15)
    silent = sum(block.judgement == "missing" for block in lab.blocks(mended)) / 10
    if silent > DAEMON_S:
        lab.notes.append(f"{silent:.1f} of the 15 s after the clock was right were silent")
    return mended


def _step(chance: random.Random) -> float:
    """Some minutes, and never a whole number of laps, after which the music would be the same."""
    return chance.randrange(1, 15) * sweep.LAP_S + chance.uniform(15.0, 45.0)


def clock_right(lab: Lab) -> None:
    """As it should be."""
    lab.set_clock(0.0)


def lose_network(lab: Lab, chance: random.Random) -> float:
    """For twenty seconds nobody whom alerts and heartbeats are sent to answers, and there is an alert to tell."""
    lab.phone.hanging.set()
    path = lab.root / "config/programme.yaml"
    path.write_text(fault_home.PROGRAMME[:20], encoding="utf-8")
    time.sleep(20)
    if lab.daemon.status() is None:
        lab.notes.append("the page hangs with the network")
    released = monotonic()
    lab.phone.hanging.clear()
    with contextlib.suppress(AssertionError):
        wait(lambda: lab.phone.since(released), 90, "the alert after the network is back")
    if not lab.phone.since(released):
        lab.notes.append("what could not be told was not told when the network was back")
    return monotonic()


def network_back(lab: Lab) -> None:
    """As it was."""
    lab.phone.hanging.clear()
    mend_plan(lab)


def hang_voice(lab: Lab, chance: random.Random) -> float:
    """Every process that speaks is stopped as it appears, for ten seconds; the notice is spoken all the same."""
    today = datetime.now(UTC).date().isoformat()
    when = {"first": today, "last": today, "at": ["23:58"]}
    words = f"请第{chance.randrange(1000)}号顾客到服务台。"
    record = ask(lab, "li", "POST", "/notices", {"title": "寻人", "text": words, "when": when, "chime": None})
    ask(lab, "wang", "POST", f"/notices/{record['id']}/approve", {"revision": 1})
    stopped: set[int] = set()
    begun = monotonic()
    while monotonic() < begun + 10:
        for one in children(lab, "broadcaster.voice"):
            if one.pid not in stopped:
                with contextlib.suppress(psutil.Error):
                    one.suspend()
                    stopped.add(one.pid)
        time.sleep(0.05)
    if not stopped:
        lab.notes.append("nothing was there that speaks")

    def spoken() -> bool:
        return bool(ask(lab, "li", "GET", f"/notices/{record['id']}")["state"] == "ready")

    with contextlib.suppress(AssertionError):
        wait(spoken, 120, "the notice")
    print(f"{len(stopped)} voices stopped, spoken {spoken()} after {monotonic() - begun:.0f} s", flush=True)
    if not spoken():
        lab.notes.append("the notice was never spoken")
    for pid in stopped:
        with contextlib.suppress(psutil.Error):
            psutil.Process(pid).resume()
    return monotonic()


def ask(lab: Lab, who: str, method: str, path: str, body: Any = None) -> Any:
    """What the API answers a person. Raises ``OSError`` (``urllib.error``)."""
    return fault_home.ask(lab.daemon.port, who, method, path, body)


WORLD_FAULTS = (
    Fault("clock-set-on", clock_on, STEP_S, undo=clock_right, log=False),
    Fault("clock-set-back", clock_back, STEP_S, undo=clock_right, log=False),
    Fault("network-hangs", lose_network, ENGINE_S, missing_s=0.0, other_s=0.0, undo=network_back),
    Fault("voice-hangs", hang_voice, ENGINE_S, missing_s=0.0, other_s=0.0),
    Fault("clock-battery-dead", dead_battery, DAEMON_S, undo=clock_right, log=False),
)

"""Emergencies through the real daemon into a null sink: from every state it is heard at once, and nothing else is."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise

import psutil
import pytest

from broadcaster.clock import monotonic
from tests.calls_kit import EN_HZ, ZH_HZ, Hands, first_of, lay_out, tones
from tests.lab.analysis import rms_db
from tests.lab.recorder import Recorder
from tests.lab.sink import NullSink
from tests.live_kit import running, wait

pytestmark = [pytest.mark.audio, pytest.mark.slow]

SOON_S = 2.0
"""Far more than the promise of half a second, which bench.calls measures: here only that it comes by itself."""


@pytest.fixture(scope="module")
def hands(null_sink: NullSink, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hands]:
    root = tmp_path_factory.mktemp("calls")
    lay_out(root)
    with running(root, null_sink) as daemon:
        daemon.ready(60)
        yield Hands(daemon)


@pytest.fixture(autouse=True)
def calm(hands: Hands) -> Iterator[None]:
    """Each test begins and ends with the bed alone."""
    yield
    hands.refused("POST", "/emergency/end", {})
    for one in hands.ask("GET", "/air/interventions")["interventions"]:
        hands.refused("DELETE", f"/air/interventions/{one['id']}")
    wait(lambda: hands.air["call"] is None and hands.air["track"], 15, "the bed again")


def heard_alone(recorder: Recorder, asked: float) -> None:
    """The Chinese message is heard soon, and nothing besides it."""
    take = recorder.wait_until(asked + SOON_S, timeout=10)
    first = first_of(take, ZH_HZ, asked)
    assert first is not None and first - asked < SOON_S - 0.7
    now = tones(take.slice(first + 0.4, first + 0.7))
    assert now["zh"] > -45 and max(level for name, level in now.items() if name != "zh") < now["zh"] - 40


@pytest.mark.parametrize("state", ["bed", "spot", "mute", "pause", "stop"])
def test_it_is_heard_at_once_from_every_state_and_alone(hands: Hands, recorder: Recorder, state: str) -> None:
    if state == "spot":
        hands.ask("POST", "/air/play", {"kind": "script", "ref": "call"})
        wait(lambda: hands.air["spot"], 15, "the spot")
    elif state in ("mute", "pause"):
        hands.ask("POST", f"/air/{state}", {"minutes": 5})
    elif state == "stop":
        hands.ask("POST", "/air/stop", {"reason": "试验"})
    recorder.wait_until(monotonic() + 1)
    heard_alone(recorder, hands.call())


def test_it_goes_round_in_both_languages_until_it_is_ended_and_the_day_goes_on_at_its_second(
    hands: Hands, recorder: Recorder
) -> None:
    asked = hands.call()
    take = recorder.wait_until(asked + 9, timeout=20)
    heard = [first_of(take, hz, asked + at) for hz, at in ((ZH_HZ, 0.0), (EN_HZ, 0.0), (ZH_HZ, 3.5), (EN_HZ, 5.5))]
    gaps = [after - before for before, after in pairwise(heard) if before and after]
    assert gaps == pytest.approx([2.5, 2.5, 2.5], abs=0.15)
    ended = hands.end()
    take = recorder.wait_until(ended + 3, timeout=20)
    after = tones(take.slice(ended + 2, ended + 3))
    assert after["bed"] > -45 and after["zh"] < -70 and after["en"] < -70
    track = hands.air["track"]
    gone = datetime.fromisoformat(hands.now) - datetime.fromisoformat(track["started_at"])
    assert hands.air["offset_s"] == pytest.approx(gone.total_seconds(), abs=1.0)


def test_the_same_joins_another_replaces_and_all_is_in_log_and_trail(hands: Hands, recorder: Recorder) -> None:
    first = hands.ask("POST", "/emergency", {"message": "evacuate", "reason": "着火"})
    again = hands.ask("POST", "/emergency", {"message": "evacuate", "reason": "着火了"}, "zhao")
    assert again["id"] == first["id"] and again["who"] == "wang"
    asked = hands.call("drill")
    take = recorder.wait_until(asked + 1.5, timeout=10)
    now = tones(take.slice(asked + 0.9, asked + 1.2))
    assert now["drill"] > -45 and now["zh"] < now["drill"] - 40
    hands.end()
    day = hands.now[:10]
    lines = wait(
        lambda: [
            one for one in hands.ask("GET", f"/asrun/{day}")["entries"] if one["kind"] == "emergency"
            and one["ref"] == "drill" and one["outcome"]
        ], 10, "the message in the log",
    )  # fmt: skip
    assert "第 1 遍" in lines[-1]["title"]
    assert hands.refused("POST", "/emergency", {"message": "evacuate", "reason": " "}) == 400
    assert hands.refused("POST", "/emergency", {"message": "flood", "reason": "水"}) == 400


def test_it_outlives_its_engine_and_its_daemon(hands: Hands, recorder: Recorder) -> None:
    hands.call()
    recorder.wait_for(lambda take: tones(take)["zh"] > -45, 5, since=monotonic())
    killed = monotonic()
    psutil.Process(hands.daemon.engine_pid).kill()
    recorder.wait_for(lambda take: tones(take.slice(take.end - 0.3, take.end))["zh"] > -45, 10, since=killed + 0.4)
    hands.daemon.kill()
    again = monotonic()
    hands.daemon.start()
    take = recorder.wait_for(
        lambda take: tones(take.slice(take.end - 0.3, take.end))["zh"] > -45, 30, since=again + 0.3
    )
    print("after a kill of the daemon it is heard again after", round(take.end - again, 2), "s")
    assert max(tones(take.slice(again, take.end))["bed"], -100) < -70
    hands.daemon.ready(60)
    assert hands.air["call"]["kind"] == "emergency"


def test_it_is_replaced_by_another_engine_when_the_one_there_does_not_begin(hands: Hands, recorder: Recorder) -> None:
    pid = hands.daemon.engine_pid
    psutil.Process(pid).suspend()
    asked = hands.call()
    take = recorder.wait_until(asked + 3, timeout=10)
    first = first_of(take, ZH_HZ, asked)
    assert first is not None
    print("with a frozen engine it is heard after", round(first - asked, 2), "s")
    assert hands.daemon.engine_pid != pid


def test_the_command_line_needs_no_page(hands: Hands, recorder: Recorder) -> None:
    command = [sys.executable, "-m", "broadcaster", "--home", str(hands.daemon.root), "emergency"]
    done = subprocess.run([*command, "evacuate", "--reason", "试验"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert hands.ask("GET", "/emergencies")["emergency"]["account"].startswith("cli:")
    take = recorder.wait_until(monotonic() + 0.5)
    assert rms_db(take.slice(take.end - 0.3, take.end)) > -60 or tones(take)["zh"] > -60
    assert subprocess.run([*command, "end"], capture_output=True, text=True, timeout=60).returncode == 0
    assert subprocess.run([*command, "end"], capture_output=True, text=True, timeout=60).returncode == 2

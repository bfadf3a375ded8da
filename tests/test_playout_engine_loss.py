"""The engine dies, hangs or comes back: the air goes on at the right second, and nothing is said twice."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from broadcaster.asrun.entries import Outcome
from broadcaster.playout.engine_client import EngineProcess
from broadcaster.playout.protocol import Ended, Event, Failed, Hello, Load
from tests.playout_kit import heard, local, small_plan, spot, twice_s, world
from tests.test_playout_kills import EVERY_S, SPOTS, assert_told_and_heard_once, busy_plan

TEN = local("10:00:00")


def test_engines_that_die_or_hang_at_random_instants(tmp_path: Path) -> None:
    seed = random.randrange(10**6)
    print("seed", seed)
    dice = random.Random(seed)
    with world(tmp_path / "home", busy_plan(), TEN - timedelta(seconds=20)) as one:
        for _ in range(60):
            one.run(dice.uniform(1.0, 50.0))
            dice.choice([one.engine.die, one.engine.hang])()
            one.run(2.0)
            assert one.bed_faults() == []
        one.run_to(TEN + timedelta(seconds=EVERY_S * SPOTS / 2))
        assert_told_and_heard_once(one)


@pytest.mark.parametrize("into_s", [-5.5, -4.9, -0.5, -0.1, 0.05, 7.0, 18.5])
def test_around_a_spot_the_duck_and_the_rest_of_it_come_back(tmp_path: Path, into_s: float) -> None:
    with world(tmp_path / "home", small_plan(spot("a", "10:00:00", 20.0)), local("09:59:00")) as one:
        one.run_to(TEN + timedelta(seconds=into_s))
        one.engine.die()
        one.run(1.5)
        depth_db = -14.0 if 0.5 < into_s + 1.5 < 18 else None
        assert one.bed_faults(depth_db) == []
        one.run_to(TEN + timedelta(seconds=24))
        assert one.bed_faults(0.0) == []
        pieces = heard(one.voice(), "/voice/a.wav", one.clock.mono())
        assert twice_s(pieces) == 0.0
        assert pieces[-1].end == pytest.approx(20.0 if into_s < 18 else into_s)
        (entry,) = one.spot_entries().values()
        assert entry.outcome is (Outcome.PARTIAL if into_s > -0.4 else Outcome.AIRED)


def test_never_two_voices_though_the_engine_is_ready_before_its_hello_is_read(tmp_path: Path) -> None:
    with world(tmp_path / "home", small_plan(spot("a", "10:00:00", 20.0)), local("09:59:56")) as one:
        one.run(10)
        loads = [command for command in one.engine.sent if isinstance(command, Load) and command.bus == "voice"]
        assert len(loads) == 1
        assert len(one.tape.at("voice", one.clock.mono())) == 1


def test_what_an_old_engine_said_counts_for_nothing(tmp_path: Path) -> None:
    with world(tmp_path / "home", small_plan(spot("a", "10:00:00", 20.0)), local("09:59:30")) as one:
        one.run_to(TEN + timedelta(seconds=5))
        words: list[Event] = [Ended("voice-1", one.clock.mono(), True, 20.0), Failed("bed-1", "late word")]
        old = one.engine.generation
        one.engine.die()
        one.conductor.turn()
        # Said right before its end, read after it: the new process has another number.
        one.engine.outbox.extend((one.clock.mono(), old, word) for word in words)
        one.run(3)
        assert one.speaks() == "/voice/a.wav"
        assert one.bed_faults(-14.0) == []


def test_commands_wait_until_a_new_engine_said_hello(tmp_path: Path) -> None:
    with world(tmp_path / "home", small_plan(spot("a", "10:00:00", 20.0)), local("09:59:30")) as one:
        one.run(5)
        one.engine.die()
        one.conductor.turn()
        sent = len(one.engine.sent)
        one.run(0.2)
        one.take(small_plan(spot("a", "10:00:00", 20.0), soft=25.0))
        assert len(one.engine.sent) == sent
        one.run(2)
        assert one.bed_faults(0.0) == []


def _wait(ready: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not ready():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_an_engine_that_dies_at_every_start_is_held_back(tmp_path: Path) -> None:
    now = [100.0]
    client = EngineProcess(lambda number, event: None, tmp_path / "log", ["--no-such-option"], mono=lambda: now[0])
    pauses: list[float] = []
    for _ in range(4):
        _wait(lambda: client.pid is None or client.watch(grace=False))
        before = now[0]
        while client.pid is None:
            now[0] += 0.05
            client.watch(grace=False)
        pauses.append(round(now[0] - before, 2))
    client.close()
    assert pauses[0] == 0.0
    assert pauses[1] < pauses[2] < pauses[3]


def test_an_ended_process_is_not_ready_and_its_words_are_of_the_past(tmp_path: Path) -> None:
    said: list[tuple[int, Event]] = []
    client = EngineProcess(lambda number, event: said.append((number, event)), tmp_path / "log")
    try:
        _wait(lambda: client.ready)
        client.replace("test")
        assert not client.ready
        assert all(number != client.generation for number, _ in said)
        _wait(lambda: client.ready)
        assert isinstance(said[-1][1], Hello)
        assert said[-1][0] == client.generation
    finally:
        client.close()
    assert not client.ready

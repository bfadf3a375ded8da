"""How long what is late is waited for: briefly, but ever longer where one replacement follows the other."""

from __future__ import annotations

import sys
import time
from itertools import pairwise
from pathlib import Path

import pytest

from broadcaster.playout import engine_client
from broadcaster.playout.engine_child import EngineChild
from broadcaster.playout.engine_client import EngineProcess
from broadcaster.playout.patience import CALM_S, Patience


def test_the_limits_double_where_one_follows_the_other_and_come_back() -> None:
    one = Patience()
    factors = []
    for at in (0.0, 20.0, 40.0, 60.0, 80.0):
        one.given_up(at)
        factors.append(one.factor(at))
    assert factors == [1.0, 2.0, 4.0, 8.0, 8.0]
    assert [one.factor(80.0 + steps * CALM_S + 1) for steps in range(4)] == [8.0, 4.0, 2.0, 1.0]


def test_single_ones_far_apart_change_nothing() -> None:
    one = Patience()
    for at in range(0, 3600, 90):
        one.given_up(float(at))
        assert one.factor(float(at)) == 1.0


class _Slow(EngineChild):
    """A process that never says hello."""

    code = ""

    @property
    def command(self) -> list[str]:
        return [sys.executable, "-c", self.code]


def _numbers(monkeypatch: pytest.MonkeyPatch, folder: Path, code: str, seconds: float) -> list[float]:
    """When new engines were started (s), with limits a fortieth of the usual."""
    monkeypatch.setattr(_Slow, "code", code)
    monkeypatch.setattr(engine_client, "EngineChild", _Slow)
    monkeypatch.setattr(engine_client, "HELLO_LIMIT_S", 0.2)
    monkeypatch.setattr(engine_client, "HELLO_MOST_S", 20.0)
    engine = EngineProcess(lambda number, event: None, folder / "engine.log")
    begun, starts = time.monotonic(), [0.0]
    while time.monotonic() - begun < seconds:
        if engine.watch(grace=False):
            starts.append(time.monotonic() - begun)
        time.sleep(0.02)
    engine.close()
    return starts


def test_one_that_never_says_hello_is_given_longer_each_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("broadcaster.playout.engine_child.WORK_HOLDS_S", 0.0)
    starts = _numbers(monkeypatch, tmp_path, "import time; time.sleep(99)", 8.0)
    gaps = [later - earlier for earlier, later in pairwise(starts)]
    assert 3 <= len(gaps) <= 6 and all(later > 1.3 * earlier for earlier, later in pairwise(gaps))


def test_one_that_works_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(_numbers(monkeypatch, tmp_path, "while True: pass", 6.0)) == 1

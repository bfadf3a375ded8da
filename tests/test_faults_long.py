"""A taste of the long runs of ``bench/``: a few of the thousand kills, one of the thirty days, what a soak counts."""

from __future__ import annotations

import io
import os
import time
from datetime import date
from pathlib import Path

import pytest

from bench import kills, soak
from bench.month import FIRST, Month

SEED = int(os.environ.get("FAULT_SEED", str(time.time_ns() % 100_000)))


@pytest.mark.audio
@pytest.mark.slow
def test_nothing_acknowledged_is_lost_in_a_few_kills(tmp_path: Path) -> None:
    told = io.StringIO()
    assert kills.run(tmp_path, 5, SEED, told), told.getvalue()
    print(told.getvalue())


@pytest.mark.slow
def test_a_day_of_faults_is_told_to_the_last_spot(tmp_path: Path) -> None:
    print("seed", SEED)
    month = Month(tmp_path, SEED)
    try:
        assert month.day(date.fromisoformat(FIRST), 8) == []
    finally:
        month.close()


def test_a_soak_counts_the_silence_that_nobody_planned() -> None:
    quiet = [(0.0, 100.0), (150.0, 160.0), (200.0, 300.0)]
    assert soak.unplanned([(90.0, 101.0)], quiet) == []
    assert soak.unplanned([(90.0, 110.0), (148.5, 161.5)], quiet) == [(100.0, 110.0)]
    assert soak.unplanned([(120.0, 205.0)], quiet) == [(120.0, 150.0), (160.0, 200.0)]


def test_a_soak_sums_up_growth_silence_and_alerts() -> None:
    one = soak.Soak(1.0, {"weather"}, alerts={"silence": ["t"]}, missing=[("t", 3.0)])
    for minute in range(120):
        memory = {"daemon_mb": 100.0 + minute / 10, "engine_mb": 40.0, "ear_mb": 0.0, "children_mb": 0.0}
        one.rows.append({**memory, "page_ms": 9.0, "status_ms": 3.0, "restarts": 0})
    found = one.summary()
    assert found["daemon_mb"]["growth_percent"] == pytest.approx(5.8, abs=0.2)
    assert found["missing_s"] == 3.0 and found["false_alerts"] == {"silence": [1, "t"]}
    assert found["engine_mb"]["growth_percent"] == 0.0 and "growth_percent" not in found["ear_mb"]

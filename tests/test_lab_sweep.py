"""The laboratory's bed that is a clock: what it calls right, other and missing is so."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

from tests.lab import damaged, signals, sweep
from tests.lab.sink import RATE
from tests.lab.take import Take


@pytest.fixture(scope="module")
def lap(tmp_path_factory: pytest.TempPathFactory) -> signals.Signal:
    folder = tmp_path_factory.mktemp("tracks")
    sweep.write_tracks(folder)
    tracks = [signals.read_mono(path) for path in sorted(folder.iterdir())]
    return np.concatenate([track[: round(sweep.STEP_S * RATE)] for track in tracks])


def take(signal: signals.Signal) -> Take:
    samples = np.repeat(signal.astype(np.float32)[:, None], 2, axis=1)
    return Take(samples, RATE, np.array([0.0]), np.array([0.0]))


def judged(signal: signals.Signal, late_s: float = 0.0) -> dict[str, float]:
    blocks = sweep.judge(take(signal), lambda mono: mono + 1.5 + late_s)
    return {name: sweep.seconds(blocks, name) for name in ("right", "other", "missing")}


def test_the_right_second_is_right_and_another_is_not(lap: signals.Signal) -> None:
    heard = lap[round(1.5 * RATE) :]
    assert judged(heard)["right"] > 58
    assert judged(heard, late_s=3.0)["right"] < 8
    assert judged(0.1 * heard) == judged(heard)


def test_a_hole_is_missing_and_a_stranger_is_other(lap: signals.Signal) -> None:
    heard = lap[round(1.5 * RATE) : 20 * RATE].copy()
    heard[5 * RATE : 7 * RATE] = 0
    heard[10 * RATE : 13 * RATE] = signals.ruler_signal(3.0)
    found = judged(heard)
    assert found["missing"] == pytest.approx(2.0, abs=0.15)
    assert found["other"] == pytest.approx(3.0, abs=0.8)


def test_settled_says_from_when_on_it_is_right(lap: signals.Signal) -> None:
    heard = lap[round(1.5 * RATE) : 12 * RATE].copy()
    heard[2 * RATE : 4 * RATE] = 0
    blocks = sweep.judge(take(heard), lambda mono: mono + 1.5)
    assert sweep.settled(blocks, 3.0, 3.0) == pytest.approx(4.0, abs=0.11)
    assert sweep.settled(blocks, 3.0, 8.0) is None


def test_sound_is_back_when_it_stays(lap: signals.Signal) -> None:
    heard = lap[round(1.5 * RATE) : 12 * RATE].copy()
    heard[2 * RATE : 4 * RATE] = heard[5 * RATE : 6 * RATE] = 0
    blocks = sweep.judge(take(heard), lambda mono: mono + 1.5)
    assert sweep.sound_back(blocks, 1.0, 0.8) == pytest.approx(4.0, abs=0.11)
    assert sweep.sound_back(blocks, 1.0, 2.0) == pytest.approx(6.0, abs=0.11)
    assert sweep.sound_back(blocks, 1.0, 8.0) is None
    assert sweep.sound_back(blocks, 7.0, 2.0) == 7.0


def test_a_spot_is_known_over_the_lowered_bed(lap: signals.Signal) -> None:
    heard = 0.2 * lap[round(1.5 * RATE) : 6 * RATE]
    heard[RATE : 3 * RATE] += 0.2 * np.sin(2 * np.pi * sweep.SPOT_HZ / RATE * np.arange(2 * RATE))
    blocks = sweep.judge(take(heard), lambda mono: mono + 1.5)
    assert sum(block.spot for block in blocks) == pytest.approx(20, abs=1)
    assert all(block.judgement == "right" for block in blocks)


def test_damage_comes_in_every_format_and_is_the_same_for_a_seed(tmp_path: Path) -> None:
    for name in ("a", "b"):
        assert damaged.write_damaged(tmp_path / name, 72, random.Random(5)) == 72
    files = [path for path in sorted((tmp_path / "a").iterdir()) if path.is_file()]
    assert {path.suffix[1:] for path in files} == set(damaged.KINDS)
    known = [path for path in files if path.stem.endswith(("wav", "flac"))]
    assert known and all(path.read_bytes() == (tmp_path / "b" / path.name).read_bytes() for path in known)


def test_a_database_that_lost_something_is_found_out(tmp_path: Path) -> None:
    from bench.kills import Acknowledged, lost
    from broadcaster.store.database import open_database

    open_database(tmp_path / "a.db").dispose()
    had = Acknowledged(
        notices={1}, versions={2: "words"}, log={("s", "2026-11-22T10:00:00.000+00:00", "x"): (None, None)}
    )
    assert len(lost(tmp_path / "a.db", had)) == 3
    with (tmp_path / "a.db").open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * 9000)
    assert lost(tmp_path / "a.db", Acknowledged()) != []

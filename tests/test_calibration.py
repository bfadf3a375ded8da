"""The calibration sound: as loud as asked for, the same each time, instead of the bed, and only as loud as allowed."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
import soundfile

from broadcaster.asrun.entries import Outcome
from broadcaster.calibration_sound import LENGTH_S, calibration_sound
from broadcaster.errors import UsageError
from broadcaster.media.recording import REFERENCE_LUFS
from tests.desk_kit import WHO, desk_plan, desk_world
from tests.loudness_kit import measure
from tests.playout_kit import local

TEN = local("10:00:00")


@pytest.mark.parametrize("lufs", [-17.0, -22.5, -40.0])
def test_it_is_as_loud_as_asked_for(tmp_path: Path, lufs: float) -> None:
    samples, rate = soundfile.read(calibration_sound(tmp_path, lufs), dtype="float32", always_2d=True)
    loudness, peak = measure(samples)
    assert loudness == pytest.approx(lufs, abs=0.1) and peak < -1.5
    assert (rate, len(samples)) == (48_000, LENGTH_S * 48_000)


def test_it_is_the_same_each_time(tmp_path: Path) -> None:
    first = calibration_sound(tmp_path / "a", -20.0).read_bytes()
    assert calibration_sound(tmp_path / "b", -20.0).read_bytes() == first


def test_it_is_heard_at_its_own_gain_instead_of_the_bed(tmp_path: Path) -> None:
    with desk_world(tmp_path, desk_plan(), TEN + timedelta(minutes=5)) as one:
        one.run(5)
        one.desk.trim("speech", 23, **WHO)
        one.desk.test_sound(-6.0, **WHO)
        one.run(3)
        (path,) = one.audible("voice")
        (sound,) = one.tape.at("voice", one.clock.mono())
        samples, _ = soundfile.read(path, dtype="float32", always_2d=True)
        assert measure(samples)[0] + sound.gain_db(one.clock.mono()) == pytest.approx(REFERENCE_LUFS - 6, abs=0.2)
        assert one.audible("bed") == []
        one.run(10)
        assert one.audible("bed") and one.audible("voice") == []
        (entry,) = [entry for entry in one.spot_entries().values() if entry.ref == "calibration"]
        assert entry.outcome is Outcome.AIRED


@pytest.mark.parametrize("gain_db", [0.5, -41.0, float("nan")])
def test_never_louder_than_the_reference(tmp_path: Path, gain_db: float) -> None:
    with desk_world(tmp_path, desk_plan(), TEN) as one, pytest.raises(UsageError):
        one.desk.test_sound(gain_db, **WHO)

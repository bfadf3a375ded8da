"""Finishing: whatever comes in, it leaves at the reference and under the ceiling, without silence at its ends."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.signal import butter, sosfilt

from broadcaster.errors import MediaError
from broadcaster.media.loudness import true_peak_db
from broadcaster.media.resample import Samples
from broadcaster.media.speech import (
    at_reference,
    high_passed,
    limited,
    pitched,
    present,
    spoken_loudness,
    trimmed,
)
from tests.loudness_kit import measure
from tests.test_media_prepare import sound

RATE = 48_000


def speechlike(seed: int, seconds: float, level_db: float, peaks: int) -> Samples:
    """Syllables of band-limited noise with pauses, and a few hard clicks."""
    rng = np.random.default_rng(seed)
    count = round(seconds * RATE)
    low, high = sorted(rng.uniform(150, 5_000, 2))
    noise = sosfilt(butter(2, (low, max(high, low * 1.3)), "bandpass", fs=RATE, output="sos"), rng.normal(size=count))
    syllables = np.repeat(rng.uniform(0, 1, count // 9_600 + 1) ** 2, 9_600)[:count]
    mono = noise * syllables
    mono *= 10 ** (level_db / 20) / max(1e-9, np.sqrt(np.mean(mono**2)))
    mono[rng.integers(0, count, peaks)] += rng.choice([-0.9, 0.9], peaks)
    return np.repeat(mono[:, None], 2, axis=1).astype(np.float32)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
@given(st.integers(0, 2**31), st.floats(0.5, 6), st.floats(-36, -8), st.integers(0, 5))
def test_speech_of_any_kind_meets_reference_and_ceiling(seed: int, seconds: float, level: float, peaks: int) -> None:
    done, gain_db = at_reference(speechlike(seed, seconds, level, peaks))
    loudness, peak = measure(done)
    assert peak <= -1.5
    assert loudness == pytest.approx(-18, abs=0.5) or gain_db == 20


@settings(max_examples=30, deadline=None, derandomize=True)
@given(st.integers(0, 2**31), st.floats(0.45, 5), st.floats(-40, -6))
def test_both_meters_agree(seed: int, seconds: float, level: float) -> None:
    samples = speechlike(seed, seconds, level, 0)
    assert spoken_loudness(samples) == pytest.approx(measure(samples)[0], abs=0.1)


def test_what_is_shorter_than_a_gating_block_is_measured_as_well() -> None:
    short = sound(0.2, RATE)
    assert spoken_loudness(short) == pytest.approx(measure(short)[0], abs=0.1)
    assert spoken_loudness(np.zeros((100, 2), np.float32)) == -np.inf


def test_silence_is_no_announcement() -> None:
    with pytest.raises(MediaError, match="nothing to be heard"):
        at_reference(np.zeros((RATE, 2), np.float32))
    with pytest.raises(MediaError, match="nothing to be heard"):
        trimmed(np.zeros((RATE, 2), np.float32))


@pytest.mark.parametrize("peak", [0.5, 1.0, 3.0])
def test_the_limiter_holds_the_ceiling_and_leaves_the_rest(peak: float) -> None:
    samples = sound(2, RATE, level=0.2)
    samples[48_000:48_003] = peak
    done = limited(samples)
    assert true_peak_db(done) <= -1.5
    assert np.allclose(done[:40_000], samples[:40_000], atol=0.01)


def test_limiting_does_not_cost_loudness() -> None:
    samples = sound(3, RATE, level=0.1)
    samples[5_000::24_000] = 0.9
    done, gain_db = at_reference(samples)
    loudness, peak = measure(done)
    assert loudness == pytest.approx(-18, abs=0.5) and peak <= -1.5 and 4 < gain_db <= 20


def tone(hz: float, seconds: float = 1.0) -> Samples:
    wave = 0.1 * np.sin(2 * np.pi * hz * np.arange(round(seconds * RATE)) / RATE)
    return np.repeat(wave[:, None], 2, axis=1).astype(np.float32)


def gain_db(done: Samples, given: Samples) -> float:
    middle = slice(RATE // 4, -RATE // 4)
    return float(20 * np.log10(np.sqrt(np.mean(done[middle] ** 2)) / np.sqrt(np.mean(given[middle] ** 2))))


@pytest.mark.parametrize(("hz", "db"), [(200, 0.0), (500, 0.1), (2_000, 2.0), (6_000, 4.0), (12_000, 4.0)])
def test_consonants_are_lifted(hz: float, db: float) -> None:
    assert gain_db(present(tone(hz)), tone(hz)) == pytest.approx(db, abs=0.25)


def test_rumble_and_a_shifted_zero_are_gone() -> None:
    assert gain_db(high_passed(tone(30)), tone(30)) < -20
    assert gain_db(high_passed(tone(1_000)), tone(1_000)) == pytest.approx(0, abs=0.1)
    shifted = tone(1_000) + np.float32(0.2)
    assert abs(float(high_passed(shifted)[RATE // 4 : -RATE // 4].mean())) < 1e-4


@settings(max_examples=20, deadline=None, derandomize=True)
@given(st.floats(0, 1.5), st.floats(0, 1.5), st.floats(0.01, 0.5))
def test_silence_at_the_ends_goes(before: float, after: float, level: float) -> None:
    words = tone(440, 1.0) * np.float32(level / 0.1)
    pads = [np.zeros((round(seconds * RATE), 2), np.float32) for seconds in (before, after)]
    kept = trimmed(np.concatenate([pads[0], words, pads[1]]))
    assert len(words) - 960 <= len(kept) <= len(words) + round(0.13 * RATE)


@pytest.mark.parametrize("semitones", [-6.0, -1.5, 0.0, 2.0, 6.0])
def test_pitch_shortens_by_as_much_as_it_raises(semitones: float) -> None:
    moved = pitched(tone(440), semitones)
    assert len(moved) / RATE == pytest.approx(2 ** (-semitones / 12), abs=0.002)

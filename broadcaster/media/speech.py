"""Making spoken words fit to air: trimmed, without rumble, at the reference loudness under the peak ceiling."""

from __future__ import annotations

from fractions import Fraction
from math import cos, inf, pi, sin, sqrt

import numpy as np
import pyloudnorm
from scipy.ndimage import minimum_filter1d
from scipy.signal import butter, resample_poly, sosfilt, sosfiltfilt

from broadcaster.errors import MediaError
from broadcaster.media.loudness import UNDER_READ_DB, true_peak_db
from broadcaster.media.recording import CEILING_DBTP, MAX_GAIN_DB, RATE_HZ, REFERENCE_LUFS
from broadcaster.media.resample import Samples

_HIGH_PASS_HZ = 120.0
_PRESENCE_DB, _PRESENCE_HZ = 4.0, 2_000.0
"""In a simulated hall of a second's reverberation a recogniser misheard an eighth fewer syllables with it."""
_PITCH_STEPS = 200
"""The resampling's largest denominator: pitch is then right within 0.03 semitones."""
_FRAME = RATE_HZ // 100
_FLOOR_DB = -60.0
_BELOW_LOUDEST_DB = 45.0
HEAD_S, TAIL_S = 0.02, 0.08
"""Silence that stays at both ends of what was trimmed."""
_FADE_IN_S, _FADE_OUT_S = 0.005, 0.03
_LOOK_AHEAD = RATE_HZ // 50
_PASSES = 5
_NEAR_LU = 0.05
_AUDIBLE_LUFS = -60.0
_BLOCK_S = 0.4
_METER = pyloudnorm.Meter(RATE_HZ, block_size=_BLOCK_S)


def high_passed(samples: Samples) -> Samples:
    """Without what lies under 120 Hz: loudspeakers of a ceiling only suffer from it. Second order, no phase shift."""
    sos = butter(2, _HIGH_PASS_HZ, "highpass", fs=RATE_HZ, output="sos")
    return np.asarray(sosfiltfilt(sos, samples, axis=0), dtype=np.float32)


def present(samples: Samples) -> Samples:
    """With consonants lifted: a high shelf of +4 dB from 2 kHz.

    Biquad by R. Bristow-Johnson's Audio EQ Cookbook, shelf slope 1.
    """
    a = 10 ** (_PRESENCE_DB / 40)
    w = 2 * pi * _PRESENCE_HZ / RATE_HZ
    c, alpha = cos(w), sin(w) / 2 * sqrt(2)
    root = 2 * sqrt(a) * alpha
    b0, b1, b2 = a * (a + 1 + (a - 1) * c + root), -2 * a * (a - 1 + (a + 1) * c), a * (a + 1 + (a - 1) * c - root)
    a0, a1, a2 = a + 1 - (a - 1) * c + root, 2 * (a - 1 - (a + 1) * c), a + 1 - (a - 1) * c - root
    sos = np.array([[b0, b1, b2, a0, a1, a2]]) / a0
    return np.asarray(sosfilt(sos, samples, axis=0), dtype=np.float32)


def pitched(samples: Samples, semitones: float) -> Samples:
    """Higher by so much, and as much shorter: for that the engine has spoken slower."""
    if not semitones:
        return samples
    ratio = Fraction(2 ** (-semitones / 12)).limit_denominator(_PITCH_STEPS)
    return np.asarray(resample_poly(samples, ratio.numerator, ratio.denominator, axis=0), dtype=np.float32)


def spoken_loudness(samples: Samples) -> float:
    """Integrated loudness in LUFS, by pyloudnorm; -inf for silence.

    Speech is short, so the library may have all of it at once. Music may last hours: that is measured block by block
    by :mod:`broadcaster.media.loudness`, which pyloudnorm can't do; nor can it measure true peaks, so those come from
    there as well (fourfold oversampling by scipy). What is shorter than a gating block counts as followed by silence.
    """
    block = round(_BLOCK_S * RATE_HZ)
    # BS.1770 leaves a last block out that is not whole; pyloudnorm would count it, as if silence followed.
    whole = samples[: len(samples) - len(samples) % (block // 4)] if len(samples) > block else samples
    whole = np.pad(whole, ((0, max(0, block - len(whole))), (0, 0)))
    if not whole.any():
        return -inf
    return float(_METER.integrated_loudness(whole.astype(np.float64)))


def trimmed(samples: Samples) -> Samples:
    """Without silence at both ends, with short fades. Raises ``MediaError`` when nothing is left."""
    frames = len(samples) // _FRAME
    power = np.square(samples[: frames * _FRAME], dtype=np.float64).reshape(frames, -1).mean(axis=1)
    loudest = power.max(initial=0.0)
    floor = max(10 ** (_FLOOR_DB / 10), loudest * 10 ** (-_BELOW_LOUDEST_DB / 10))
    sounding = np.flatnonzero(power > floor)
    if not len(sounding):
        raise MediaError("there is nothing to be heard in it")
    first = max(0, int(sounding[0]) * _FRAME - round(HEAD_S * RATE_HZ))
    last = min(len(samples), (int(sounding[-1]) + 1) * _FRAME + round(TAIL_S * RATE_HZ))
    kept = samples[first:last].copy()
    fade_in, fade_out = (min(len(kept), round(length * RATE_HZ)) for length in (_FADE_IN_S, _FADE_OUT_S))
    kept[:fade_in] *= np.linspace(0, 1, fade_in, dtype=np.float32)[:, None]
    kept[len(kept) - fade_out :] *= np.linspace(1, 0, fade_out, dtype=np.float32)[:, None]
    return kept


def at_reference(samples: Samples) -> tuple[Samples, float]:
    """The words at -18 LUFS, their peaks limited to -1.5 dBTP; and the gain in dB before the limiting.

    Limiting takes loudness away, so the gain is raised until the reference is met, five times at most. Raises
    ``MediaError`` when there is nothing to be heard.
    """
    loudness = spoken_loudness(samples)
    if loudness < _AUDIBLE_LUFS:
        raise MediaError(
            f"there is nothing to be heard in it ({'silence' if loudness == -inf else f'{loudness:.0f} LUFS'})"
        )
    wanted_db = REFERENCE_LUFS - loudness
    for _ in range(_PASSES):
        gain_db = min(wanted_db, MAX_GAIN_DB)
        done = limited(samples * np.float32(10 ** (gain_db / 20)))
        missing = REFERENCE_LUFS - spoken_loudness(done)
        wanted_db = gain_db + missing
        if abs(missing) < _NEAR_LU or gain_db == MAX_GAIN_DB:
            break
    return done, gain_db


def differing(samples: Samples) -> Samples:
    """One channel where all are the same, as those of a speech engine: half the work for whoever looks at peaks."""
    same = all(np.array_equal(samples[:, 0], channel) for channel in samples.T[1:])
    return samples[:, :1] if same else samples


def limited(samples: Samples, ceiling_db: float = CEILING_DBTP) -> Samples:
    """Under the ceiling (dBTP), by a gain that begins to fall 20 ms before a peak and rises as slowly after it.

    The gain that each sample needs is spread by a running minimum and then smoothed over the same width: the smoothed
    gain is never above what any sample needs, and has no corner.
    """
    ceiling = 10 ** ((ceiling_db - UNDER_READ_DB) / 20)
    heard = differing(samples)
    peaks = np.abs(heard[:, 0])
    for channel in heard.T:
        between = np.abs(resample_poly(channel, 4, 1))
        for phase in range(4):
            np.maximum(peaks, between[phase : 4 * len(samples) : 4], out=peaks)
    # A peak between two samples shows with the first of them only; the second needs the gain as well.
    peaks = np.maximum(peaks, np.concatenate([[0.0], peaks[:-1]]))
    if peaks.max(initial=0.0) <= ceiling:
        return samples
    needed = np.minimum(1.0, ceiling / np.maximum(peaks, ceiling))
    width = 2 * _LOOK_AHEAD + 1
    lowest = minimum_filter1d(np.pad(needed, _LOOK_AHEAD, constant_values=1.0), width)
    window = np.hanning(width + 2)[1:-1]
    smooth = np.convolve(lowest, window / window.sum(), mode="valid")
    done = (samples * smooth[:, None]).astype(np.float32)
    over_db = true_peak_db(differing(done)) - ceiling_db + UNDER_READ_DB
    return done * np.float32(10 ** (-max(0.0, over_db) / 20))

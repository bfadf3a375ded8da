"""Making spoken words fit to air: trimmed, without rumble, at the reference loudness under the peak ceiling."""

from __future__ import annotations

from math import inf

import numpy as np
from scipy.ndimage import minimum_filter1d
from scipy.signal import butter, resample_poly, sosfiltfilt

from broadcaster.errors import MediaError
from broadcaster.media.loudness import UNDER_READ_DB, measure
from broadcaster.media.recording import CEILING_DBTP, MAX_GAIN_DB, RATE_HZ, REFERENCE_LUFS
from broadcaster.media.resample import Samples

_HIGH_PASS_HZ = 120.0
_FRAME = RATE_HZ // 100
_FLOOR_DB = -60.0
_BELOW_LOUDEST_DB = 45.0
_HEAD_S, _TAIL_S = 0.02, 0.08
_FADE_IN_S, _FADE_OUT_S = 0.005, 0.03
_LOOK_AHEAD = RATE_HZ // 50
_PASSES = 5
_NEAR_LU = 0.05
_AUDIBLE_LUFS = -60.0


def high_passed(samples: Samples) -> Samples:
    """Without what lies under 120 Hz: loudspeakers of a ceiling only suffer from it. Second order, no phase shift."""
    sos = butter(2, _HIGH_PASS_HZ, "highpass", fs=RATE_HZ, output="sos")
    return np.asarray(sosfiltfilt(sos, samples, axis=0), dtype=np.float32)


def trimmed(samples: Samples) -> Samples:
    """Without silence at both ends, with short fades. Raises ``MediaError`` when nothing is left."""
    frames = len(samples) // _FRAME
    power = np.square(samples[: frames * _FRAME], dtype=np.float64).reshape(frames, -1).mean(axis=1)
    loudest = power.max(initial=0.0)
    floor = max(10 ** (_FLOOR_DB / 10), loudest * 10 ** (-_BELOW_LOUDEST_DB / 10))
    sounding = np.flatnonzero(power > floor)
    if not len(sounding):
        raise MediaError("there is nothing to be heard in it")
    first = max(0, int(sounding[0]) * _FRAME - round(_HEAD_S * RATE_HZ))
    last = min(len(samples), (int(sounding[-1]) + 1) * _FRAME + round(_TAIL_S * RATE_HZ))
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
    loudness, _ = measure(samples)
    if loudness < _AUDIBLE_LUFS:
        raise MediaError(
            f"there is nothing to be heard in it ({'silence' if loudness == -inf else f'{loudness:.0f} LUFS'})"
        )
    wanted_db = REFERENCE_LUFS - loudness
    for _ in range(_PASSES):
        gain_db = min(wanted_db, MAX_GAIN_DB)
        done = limited(samples * np.float32(10 ** (gain_db / 20)))
        missing = REFERENCE_LUFS - measure(done)[0]
        wanted_db = gain_db + missing
        if abs(missing) < _NEAR_LU or gain_db == MAX_GAIN_DB:
            break
    return done, gain_db


def limited(samples: Samples, ceiling_db: float = CEILING_DBTP) -> Samples:
    """Under the ceiling (dBTP), by a gain that begins to fall 20 ms before a peak and rises as slowly after it.

    The gain that each sample needs is spread by a running minimum and then smoothed over the same width: the smoothed
    gain is never above what any sample needs, and has no corner.
    """
    ceiling = 10 ** ((ceiling_db - UNDER_READ_DB) / 20)
    between = np.abs(resample_poly(samples, 4, 1, axis=0)).max(axis=1)[: 4 * len(samples)]
    peaks = np.maximum(between.reshape(-1, 4).max(axis=1), np.abs(samples).max(axis=1))
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
    over_db = measure(done)[1] - ceiling_db + UNDER_READ_DB
    return done * np.float32(10 ** (-max(0.0, over_db) / 20))

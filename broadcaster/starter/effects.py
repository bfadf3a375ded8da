"""Room, loudness and the last touch on a finished mix. Signals are ``(2, n)`` unless said."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from scipy.fft import irfft, next_fast_len, rfft
from scipy.ndimage import minimum_filter1d, uniform_filter1d
from scipy.signal import butter, sosfilt

from broadcaster.starter.signal import RATE, Signal, decibel

_STEP = RATE // 10
_CHUNK = RATE * 10
# K-weighting at 48 kHz: the coefficients printed in ITU-R BS.1770-4, tables 1 and 2.
_K_WEIGHTING = np.array(
    [
        [1.53512485958697, -2.69169618940638, 1.19839281085285, 1.0, -1.69065929318241, 0.73248077421585],
        [1.0, -2.0, 1.0, 1.0, -1.99004745483398, 0.99007225036621],
    ]
)


def room(fall_s: float) -> Signal:
    """Response of a hall that falls by 60 dB within ``fall_s``, its highs sooner, different on both sides."""
    rng = np.random.default_rng(1)
    count = round(min(fall_s * 1.15, 3.0) * RATE)
    time = np.arange(count) / RATE
    out = np.zeros((2, count))
    for low, high, share in ((180, 600, 1.0), (600, 2_000, 0.85), (2_000, 4_500, 0.6), (4_500, 8_000, 0.35)):
        band = butter(2, (low, high), "bandpass", fs=RATE, output="sos")
        envelope = np.exp(-6.91 * time / (fall_s * share)) * share
        out += sosfilt(band, rng.standard_normal((2, count)), axis=1) * envelope
    out *= np.clip((time - 0.012) / 0.030, 0, 1)
    # Tones in the middle of the range keep their level on average, whatever the length of the fall.
    size = next_fast_len(count, real=True)
    power = np.abs(rfft(out, size, axis=1)[:, 200 * size // RATE : 2_000 * size // RATE]) ** 2
    return np.asarray(out / np.sqrt(power.mean()), dtype=np.float32)


def reverberate(wave: Signal, response: Signal) -> Signal:
    """The wave in the room, in place of itself (overlap-add, so that memory stays small)."""
    tail = response.shape[1]
    size = next_fast_len(_CHUNK + tail - 1, real=True)
    spectrum = rfft(response, size, axis=1)
    total = wave.shape[1]
    rest: Signal = np.zeros((2, tail - 1), np.float32)
    for start in range(0, total, _CHUNK):
        end = min(start + _CHUNK, total)
        wet = irfft(rfft(wave[:, start:end], size, axis=1) * spectrum, size, axis=1).astype(np.float32, copy=False)
        wet[:, : tail - 1] += rest
        wave[:, start:end] = wet[:, : end - start]
        rest = wet[:, end - start : end - start + tail - 1].copy()
    return wave


def energies(wave: Signal) -> npt.NDArray[np.float64]:
    """K-weighted power of each whole tenth of a second, summed over both sides (ITU-R BS.1770-4)."""
    state = np.zeros((2, 2, 2))
    found = []
    for start in range(0, wave.shape[1] - _STEP + 1, _CHUNK):
        weighted, state = sosfilt(_K_WEIGHTING, wave[:, start : start + _CHUNK].astype(np.float64), axis=1, zi=state)
        whole = weighted.shape[1] // _STEP * _STEP
        found.append((weighted[:, :whole].reshape(2, -1, _STEP) ** 2).mean(axis=2).sum(axis=0))
    return np.concatenate(found)


def _lufs(power: npt.NDArray[np.float64] | float) -> npt.NDArray[np.float64]:
    return np.asarray(-0.691 + 10 * np.log10(np.maximum(power, 1e-12)))


def windows(power: npt.NDArray[np.float64], steps: int) -> npt.NDArray[np.float64]:
    """Loudness in LUFS over ``steps`` tenths of a second, once a tenth: 4 is momentary, 30 is short-term."""
    sums = np.cumsum(np.concatenate([[0.0], power]))
    return _lufs((sums[steps:] - sums[:-steps]) / steps)


def integrated(power: npt.NDArray[np.float64]) -> float:
    """Integrated loudness in LUFS with both gates of BS.1770-4, from ``energies``."""
    steps = min(4, len(power))
    loudness = windows(power, steps)
    blocks = 10 ** ((loudness + 0.691) / 10)
    blocks = blocks[loudness > -70]
    if not len(blocks):
        return -math.inf
    gated = blocks[_lufs(blocks) > _lufs(float(blocks.mean())) - 10]
    return float(_lufs(float(gated.mean())))


def even_out(wave: Signal, power: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Ride the fader: bring each stretch of some seconds nearer to the median, in place; gives the new ``energies``."""
    if len(power) < 60:
        return power
    slow = _lufs(uniform_filter1d(power, 40, mode="nearest"))
    middle = float(np.median(slow))
    gain_db = np.clip((middle - slow) * 0.8, -6.0, 6.0)
    gain_db[-60:] = np.minimum(gain_db[-60:], gain_db[-60])
    gain_db = uniform_filter1d(gain_db, 30, mode="nearest")
    centers = (np.arange(len(power)) + 0.5) * _STEP
    for start in range(0, wave.shape[1], _CHUNK):
        part = wave[:, start : start + _CHUNK]
        curve = np.interp(np.arange(start, start + part.shape[1]), centers, gain_db)
        part *= (10 ** (curve / 20)).astype(np.float32)
    return np.asarray(power * 10 ** (gain_db / 10))


def limit(wave: Signal, ceiling_db: float) -> None:
    """Keep samples under the ceiling, in place, by a gain that looks 4 ms ahead and moves smoothly."""
    ceiling = decibel(ceiling_db)
    peak = np.maximum(np.abs(wave[0]), np.abs(wave[1]))
    if float(peak.max()) <= ceiling:
        return
    reach = RATE // 125 + 1
    for start in range(0, len(peak), _CHUNK):
        end = min(start + _CHUNK, len(peak))
        first = max(0, start - 2 * reach)
        need = np.minimum(1.0, ceiling / np.maximum(peak[first : end + 2 * reach], 1e-9))
        # A minimum wider than the average that follows: an average of values all low enough is low enough.
        gain = uniform_filter1d(minimum_filter1d(need, 2 * reach + 1, mode="nearest"), reach, mode="nearest")
        wave[:, start:end] *= gain[start - first : end - first]
    np.clip(wave, -ceiling, ceiling, out=wave)


def master(wave: Signal, loudness_lufs: float, ceiling_db: float) -> Signal:
    """Bring a mix to its loudness under its ceiling, in place; gives the same array.

    The limiter takes a little away, so loudness is measured once more behind it.
    """
    power = even_out(wave, energies(wave))
    wave *= np.float32(decibel(loudness_lufs - integrated(power)))
    limit(wave, ceiling_db)
    wave *= np.float32(min(1.0, decibel(loudness_lufs - integrated(energies(wave)))))
    return wave

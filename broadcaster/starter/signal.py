"""What all of the synthesis stands on: the sample rate, and sums of damped sines."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.signal import butter, sosfilt

RATE = 48_000
"""Samples a second."""

Signal = npt.NDArray[np.float32]
"""Samples: ``(n,)`` is mono, ``(2, n)`` is left and right."""

Curve = npt.NDArray[np.float64] | Sequence[float]

_BLOCK = 512


def hertz(pitch: float) -> float:
    """Frequency in Hz of a MIDI pitch in equal temperament, A4 (69) at 440 Hz."""
    return float(440.0 * 2.0 ** ((pitch - 69) / 12))


def decibel(value_db: float) -> float:
    """Amplitude factor of a level in dB."""
    return float(10.0 ** (value_db / 20))


def seconds(length_s: float) -> npt.NDArray[np.float64]:
    """Times of all samples of a stretch of ``length_s`` seconds."""
    return np.arange(round(length_s * RATE)) / RATE


def damped(hz: Curve, amplitude: Curve, decay_s: Curve, length_s: float, phase: Curve | None = None) -> Signal:
    """Sum of sines that each fall to 1/e within their ``decay_s``.

    A damped sine is exp(s·t) with complex s, and exp(s·(a+b)) = exp(s·a)·exp(s·b): so blocks times the samples in a
    block is one matrix product, which costs far less than a sine for each sample of each partial.
    """
    decay = np.asarray(decay_s, float)
    turn = np.zeros(len(decay)) if phase is None else np.asarray(phase, float)
    rate = (-1.0 / decay + 2j * math.pi * np.asarray(hz, float)) / RATE
    start = np.asarray(amplitude, float) * np.exp(1j * turn)
    out = np.zeros(round(length_s * RATE), np.float32)
    # After nine times its decay a sine is 78 dB down: short ones need not be carried to the end.
    short = 9 * decay < length_s / 3
    for chosen, count in ((short, len(out) // 3), (~short, len(out))):
        if chosen.any():
            out[:count] += _sum(rate[chosen], start[chosen], count)
    return out


def _sum(rate: npt.NDArray[np.complex128], start: npt.NDArray[np.complex128], count: int) -> Signal:
    blocks = np.arange(-(-count // _BLOCK)) * _BLOCK
    coarse = (np.exp(np.outer(blocks, rate)) * start).astype(np.complex64)
    fine = np.exp(np.outer(rate, np.arange(_BLOCK))).astype(np.complex64)
    wave = coarse.real @ fine.imag + coarse.imag @ fine.real
    return np.asarray(wave.reshape(-1)[:count], dtype=np.float32)


def noise(rng: np.random.Generator, length_s: float, low_hz: float, high_hz: float) -> Signal:
    """Noise of a band, with a peak of about 1."""
    sections = butter(2, (low_hz, high_hz), "bandpass", fs=RATE, output="sos")
    wave = sosfilt(sections, rng.standard_normal(round(length_s * RATE)))
    return np.asarray(wave / (np.abs(wave).max() + 1e-9), dtype=np.float32)


def soft_start(wave: Signal, rise_s: float) -> Signal:
    """The wave with its first ``rise_s`` seconds brought in along a raised cosine."""
    count = min(round(rise_s * RATE), wave.shape[-1])
    out = wave.copy()
    out[..., :count] *= (0.5 - 0.5 * np.cos(np.linspace(0, math.pi, count))).astype(np.float32)
    return out


def to_level(wave: Signal, level: float = 0.1) -> Signal:
    """The wave scaled so that its loudest 50 ms have an RMS of ``level``."""
    size = RATE // 20
    mono = wave if wave.ndim == 1 else wave.mean(axis=0)
    padded = np.pad(mono, (0, -len(mono) % size))
    loudest = float(np.sqrt((padded.reshape(-1, size) ** 2).mean(axis=1).max()))
    return np.asarray(wave * np.float32(level / (loudest + 1e-9)), dtype=np.float32)

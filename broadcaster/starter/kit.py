"""A quiet drum kit. Each stroke is a short mono wave; ``take`` 0..3 are four strokes that are not quite alike."""

from __future__ import annotations

import math

import numpy as np

from broadcaster.starter.signal import RATE, Signal, damped, noise, seconds, soft_start

STROKES = "ksrbhotcpm"
"""Letters of the strokes: kick, snare, rim, brush, hat, open hat, shaker, ride, clap, tambourine."""


def _faded(wave: Signal, decay_s: float, rise_s: float, level: float) -> Signal:
    shaped = wave * np.exp(-seconds(len(wave) / RATE) / decay_s)
    shaped = soft_start(shaped.astype(np.float32), rise_s)
    return np.asarray(shaped * np.float32(level / (np.abs(shaped).max() + 1e-9)), dtype=np.float32)


def _kick(rng: np.random.Generator) -> Signal:
    time = seconds(0.4)
    hz = 50 + 60 * np.exp(-time / 0.028)
    body = np.sin(2 * math.pi * np.cumsum(hz) / RATE)
    return _faded(
        (body + 0.04 * noise(rng, 0.4, 300, 2_000) * np.exp(-time / 0.006)).astype(np.float32), 0.10, 0.003, 0.5
    )


def _snare(rng: np.random.Generator) -> Signal:
    wires = _faded(noise(rng, 0.35, 900, 6_500), 0.075, 0.002, 0.30)
    shell = damped([188.0, 331.0], [0.30, 0.12], [0.06, 0.04], 0.35)
    return np.asarray(wires + soft_start(shell, 0.002), dtype=np.float32)


def _rim(rng: np.random.Generator) -> Signal:
    wood = damped([420.0, 1_130.0, 1_720.0], [0.5, 0.35, 0.30], [0.020, 0.016, 0.012], 0.15)
    return _faded(wood + 0.05 * noise(rng, 0.15, 1_000, 5_000), 0.05, 0.001, 0.35)


def _ride(rng: np.random.Generator) -> Signal:
    hz = np.geomspace(2_900, 9_500, 14) * rng.uniform(0.97, 1.03, 14)
    metal = damped(hz, rng.uniform(0.3, 1.0, 14), np.linspace(0.5, 0.12, 14), 1.2, rng.uniform(0, 6.28, 14))
    return _faded(metal + 0.5 * noise(rng, 1.2, 5_000, 12_000), 0.35, 0.003, 0.16)


def _clap(rng: np.random.Generator) -> Signal:
    wave = np.zeros(round(0.3 * RATE), np.float32)
    for delay_s in (0.0, 0.011, 0.021):
        burst = _faded(noise(rng, 0.25, 800, 4_000), 0.045, 0.002, 0.22)
        at = round(delay_s * RATE)
        wave[at : at + len(burst)] += burst[: len(wave) - at]
    return wave


def stroke(letter: str, take: int) -> Signal:
    """One stroke by its letter in ``STROKES``."""
    rng = np.random.default_rng((ord(letter), take))
    match letter:
        case "k":
            return _kick(rng)
        case "s":
            return _snare(rng)
        case "r":
            return _rim(rng)
        case "b":
            return _faded(noise(rng, 0.3, 700, 5_000), 0.085, 0.018, 0.26)
        case "h":
            return _faded(noise(rng, 0.15, 6_500, 12_500), 0.030, 0.002, 0.22)
        case "o":
            return _faded(noise(rng, 0.4, 6_000, 12_000), 0.12, 0.003, 0.18)
        case "t":
            return _faded(noise(rng, 0.14, 4_500, 10_000), 0.030, 0.016, 0.16)
        case "c":
            return _ride(rng)
        case "p":
            return _clap(rng)
        case "m":
            return _faded(noise(rng, 0.25, 5_500, 11_500), 0.055, 0.006, 0.22)
    raise ValueError(f"no stroke {letter!r}; there are {', '.join(STROKES)}")

"""Instruments that sound for as long as they are held: wind, strings and pads.

Each function takes a MIDI pitch and a touch (0..2) and gives several seconds, to be cut and released by the mix.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from broadcaster.starter.signal import RATE, Signal, damped, hertz, noise, seconds, soft_start, to_level

Times = npt.NDArray[np.float64]

_HELD_S = 7.0
_FOREVER_S = 1e6


def _harmonics(turn: Times, amplitude: Sequence[float]) -> npt.NDArray[np.float32]:
    """Σ aₙ·sin(n·turn), by sin(nθ) = 2·cosθ·sin((n-1)θ) - sin((n-2)θ)."""
    angle = np.remainder(turn, 2 * math.pi).astype(np.float32)
    before = np.zeros(len(turn), np.float32)
    now = np.sin(angle)
    twice = 2 * np.cos(angle)
    out = np.zeros(len(turn), np.float32)
    for level in amplitude:
        out += np.float32(level) * now
        before, now = now, twice * now - before
    return out


def _vibrato(time: Times, hz: float, cents: float, delay_s: float, phase: float) -> Times:
    """Factor on the frequency that grows in after ``delay_s``; linear in cents, as so few of them allow."""
    depth = cents * math.log(2) / 1200 * np.clip((time - delay_s) / 0.5, 0, 1)
    return np.asarray(1 + depth * np.sin(2 * math.pi * hz * time + phase), dtype=np.float64)


def flute(pitch: int, touch: int) -> Signal:
    """A wooden flute: few overtones, a breath, a late vibrato."""
    rng = np.random.default_rng(pitch)
    time = seconds(_HELD_S)
    wobble = _vibrato(time, 5.0 + 0.3 * rng.random(), 9, 0.25, 0)
    turn = 2 * math.pi * np.cumsum(hertz(pitch) * wobble) / RATE
    second = (0.22, 0.30, 0.38)[touch] * 2 ** (-(pitch - 70) / 18)
    tone = _harmonics(turn, (1.0, second, 0.4 * second, 0.12 * second))
    breath = noise(rng, _HELD_S, min(hertz(pitch), 2_000), min(hertz(pitch) * 2.5, 6_000))
    shaped = tone * (1 + 0.25 * np.exp(-time / 0.12)) * (1 + 20 * (wobble - 1)) + 0.015 * breath
    return to_level(soft_start(shaped.astype(np.float32), 0.045))


def clarinet(pitch: int, touch: int) -> Signal:
    """A clarinet in its low, round register: odd overtones first."""
    time = seconds(_HELD_S)
    turn = 2 * math.pi * np.cumsum(hertz(pitch) * _vibrato(time, 4.7, 4, 0.4, 0)) / RATE
    third = (0.22, 0.30, 0.38)[touch] * 2 ** (-(pitch - 64) / 14)
    tone = _harmonics(turn, (1.0, 0.04, third, 0.03, third * 0.4, 0.02, third * 0.15))
    return to_level(soft_start((tone * (1 + 0.15 * np.exp(-time / 0.2))).astype(np.float32), 0.04))


def _players(pitch: int, count: int, rise_s: float, cutoff_hz: float) -> Signal:
    """A section of strings on each side, each player with a tuning and a vibrato of his own."""
    base = hertz(pitch)
    order = np.arange(1, max(2, min(16, int(7_000 / base))) + 1)
    body = 1 + 0.5 * np.exp(-(((order * base - 500) / 300) ** 2)) + 0.3 * np.exp(-(((order * base - 1300) / 500) ** 2))
    amplitude = list(body / order * np.exp(-order * base / cutoff_hz))
    time = seconds(_HELD_S)
    sides = []
    for side in range(2):
        rng = np.random.default_rng((pitch, side))
        wave = np.zeros(len(time), np.float32)
        for _ in range(count):
            cents = rng.normal(0, 4)
            wobble = _vibrato(time, rng.uniform(4.6, 5.8), 7, 0.15, rng.uniform(0, 6.28))
            turn = 2 * math.pi * np.cumsum(base * 2 ** (cents / 1200) * wobble) / RATE + rng.uniform(0, 6.28)
            wave += _harmonics(turn, amplitude)
        sides.append(wave)
    return to_level(soft_start(np.stack(sides), rise_s))


def strings(pitch: int, touch: int) -> Signal:
    """A small string section, bowed softly, in stereo."""
    return _players(pitch, 2, (0.22, 0.16, 0.12)[touch], (1100.0, 1500.0, 1900.0)[touch])


def pad(pitch: int, touch: int) -> Signal:
    """A warm synthetic pad in stereo: detuned voices that beat slowly."""
    base = hertz(pitch)
    order = np.arange(1, max(2, min(10, int(4_000 / base))) + 1)
    amplitude = np.exp(-order * base / (500.0, 650.0, 850.0)[touch]) / order
    sides = []
    for side in range(2):
        rng = np.random.default_rng((pitch, side, 7))
        cents = np.array([-5.0, 0.0, 6.0]) + rng.normal(0, 0.8, 3)
        hz = (base * 2 ** (cents / 1200))[:, None] * order[None, :]
        level = np.tile(amplitude, (3, 1))
        turn = rng.uniform(0, 6.28, hz.size)
        sides.append(damped(hz.ravel(), level.ravel(), np.full(hz.size, _FOREVER_S), _HELD_S, turn))
    return to_level(soft_start(np.stack(sides), 0.35))

"""The two attention signals before spoken announcements."""

from __future__ import annotations

import numpy as np

from broadcaster.starter.effects import limit, master, reverberate, room
from broadcaster.starter.mix import CEILING_DB, LOUDNESS_LUFS
from broadcaster.starter.signal import RATE, Signal, damped, hertz, soft_start

_FADE_S = 0.45
_QUIET_S = 0.03


def ding_dong() -> Signal:
    """Two tones, a major third down; 2.2 s."""
    return _chime(((0.0, 76, 1.0), (0.55, 72, 1.0)), 2.2)


def four_tone() -> Signal:
    """Four tones of a major chord upwards; 2.6 s."""
    return _chime(((0.0, 67, 0.9), (0.34, 72, 0.92), (0.68, 76, 0.96), (1.02, 79, 1.0)), 2.6)


def _chime(strokes: tuple[tuple[float, int, float], ...], length_s: float) -> Signal:
    total = round(length_s * RATE)
    mono = np.zeros(total, np.float32)
    for at_s, pitch, level in strokes:
        start = round(at_s * RATE)
        mono[start:] += np.float32(level) * _bell(pitch, (total - start) / RATE)[: total - start]
    wet = reverberate(np.stack([mono, mono]), room(1.2))
    wave = np.stack([mono, mono]) + np.float32(0.22) * wet
    fade, quiet = round(_FADE_S * RATE), round(_QUIET_S * RATE)
    wave[:, total - fade - quiet : total - quiet] *= (np.cos(np.linspace(0, np.pi / 2, fade)) ** 2).astype(np.float32)
    wave[:, total - quiet :] = 0
    wave = master(wave, LOUDNESS_LUFS, CEILING_DB)
    limit(wave, CEILING_DB)
    return wave


def _bell(pitch: int, length_s: float) -> Signal:
    """A struck metal bar over a resonator: nearly a sine, with a short gleam at the start."""
    ratios = np.array([1.0, 2.0, 3.0, 4.2, 6.8])
    return soft_start(
        damped(hertz(pitch) * ratios, [1.0, 0.18, 0.12, 0.06, 0.025], [0.55, 0.35, 0.2, 0.12, 0.05], length_s), 0.004
    )

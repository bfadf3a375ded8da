"""Brings a speaker's voice to the level of everything that is spoken, as it comes in: too soft is raised, nothing is
ever louder than announcements are, and peaks stay under the ceiling. Pure: samples in, samples out, 20 ms later.

Loudness is K-weighted as in ITU-R BS.1770-4, of short windows, by their spectrum. The stream is one channel that both
loudspeaker channels repeat, so its loudness counts twice (+3.01 dB).
"""

from __future__ import annotations

from math import log10

import numpy as np
from numpy.typing import NDArray

from broadcaster.media.k_weighting import SECTIONS
from broadcaster.media.recording import CEILING_DBTP, MAX_GAIN_DB, RATE_HZ, REFERENCE_LUFS

Mono = NDArray[np.float32]

BLOCK = RATE_HZ // 50
"""Samples that are worked on at a time: 20 ms."""

_MOMENT = 10 * BLOCK
"""Loudness is judged over so much: shorter than a word, longer than a syllable's attack."""

_GATE_LUFS = -50.0
"""What comes in softer than this is the room, and says nothing of the voice."""

_BELOW_VOICE_LU = 12.0
_MOST_OVER_LU = 4.0
"""A moment may be so much louder than the voice on the whole: stressed words are, in every announcement too."""

_FIRST_LUFS = -28.0
"""How loud a voice is taken for until it was heard."""

_LEARN = 0.06
"""Share of each block of speech in the estimate of the voice's loudness: some 0.3 s."""

_FALL_DB = -20.0
_RISE_DB = 0.3
"""The most by which the gain rises from block to block: 15 dB a second."""

_TAPS = 24
_MARGIN_DB = 0.3


def _weights() -> NDArray[np.float64]:
    turn = np.exp(-2j * np.pi * np.fft.rfftfreq(_MOMENT))
    gain = np.ones(len(turn), dtype=np.complex128)
    for b0, b1, b2, a0, a1, a2 in SECTIONS:
        gain *= (b0 + b1 * turn + b2 * turn**2) / (a0 + a1 * turn + a2 * turn**2)
    # Parseval for a real signal: both halves of the spectrum, and the window's length twice.
    power: NDArray[np.float64] = 2.0 * np.abs(gain) ** 2 / float(_MOMENT) ** 2
    return power


def _between() -> list[NDArray[np.float64]]:
    """Filters that give the values a quarter, a half and three quarters after a sample."""
    places = np.arange(_TAPS) - _TAPS // 2 + 1
    window = 0.5 + 0.5 * np.cos(2 * np.pi * np.linspace(-0.5, 0.5, _TAPS))
    return [np.sinc(places - part) * window for part in (0.25, 0.5, 0.75)]


_WEIGHTS = _weights()
_BETWEEN = _between()


class LiveLevel:
    """One speaker's. Give it blocks of :data:`BLOCK` samples; each answer is the block before."""

    def __init__(self) -> None:
        self._moment: Mono = np.zeros(_MOMENT, np.float32)
        self._held: Mono = np.zeros(BLOCK, np.float32)
        self._held_needs = 1.0
        self._gain = _amplitude(REFERENCE_LUFS - _FIRST_LUFS)
        self._voice_lufs = _FIRST_LUFS

    def process(self, block: Mono) -> Mono:
        """The block before, at its level."""
        self._moment = np.concatenate((self._moment[BLOCK:], block))
        now_lufs = _loudness(self._moment)
        if now_lufs > _GATE_LUFS and now_lufs > self._voice_lufs - _BELOW_VOICE_LU:
            self._voice_lufs += _LEARN * (now_lufs - self._voice_lufs)
        elif now_lufs > _GATE_LUFS:
            # Speech by somebody much softer than before is learnt as well, only slower than its pauses last.
            self._voice_lufs += 0.1 * _LEARN * (now_lufs - self._voice_lufs)
        wanted_db = min(max(REFERENCE_LUFS - self._voice_lufs, _FALL_DB), MAX_GAIN_DB)
        wanted_db = min(wanted_db, REFERENCE_LUFS + _MOST_OVER_LU - now_lufs)
        needs = min(_amplitude(wanted_db), self._ceiling(block))
        # Between the ends of a block the gain runs straight, and both ends are right for the blocks on both sides.
        end = min(self._held_needs, needs, self._gain * _amplitude(_RISE_DB))
        made = self._held * np.linspace(self._gain, end, BLOCK, endpoint=False, dtype=np.float32)
        self._gain, self._held, self._held_needs = end, block, needs
        return made

    def _ceiling(self, block: Mono) -> float:
        around = np.concatenate((self._held[-_TAPS:], block))
        peak = float(np.abs(around).max(initial=0.0))
        for taps in _BETWEEN:
            peak = max(peak, float(np.abs(np.convolve(around, taps[::-1], mode="valid")).max(initial=0.0)))
        return _amplitude(CEILING_DBTP - _MARGIN_DB) / max(peak, 1e-9)


def _loudness(window: Mono) -> float:
    power = 2.0 * float(np.dot(_WEIGHTS, np.abs(np.fft.rfft(window)) ** 2))
    return -0.691 + 10.0 * log10(power) if power > 1e-12 else -120.0


def _amplitude(level_db: float) -> float:
    return float(10.0 ** (level_db / 20.0))

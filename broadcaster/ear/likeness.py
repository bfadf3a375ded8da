"""How alike two sounds are to listen to, by how the power in bands of frequency comes and goes."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from broadcaster.ear.alignment import Signal

FRAME = 256
HOP = 128
"""Samples at 8 kHz: 32 and 16 ms."""

BANDS = 12
LOWEST = 3
HIGHEST = 116
"""Bins of 31 Hz."""

PATCH = 31
"""Frames that are laid at one place: half a second."""

FLOOR = 1e-4
"""Of the mean power: below it nothing counts."""


def likeness(heard: Signal, known: Signal) -> float:
    """The mean over half seconds of ``heard`` of the highest correlation with any place of ``known``, -1..1."""
    patches, reference = _powers(heard), _powers(known)
    if len(patches) < PATCH or len(reference) < PATCH:
        return 0.0
    places = np.lib.stride_tricks.sliding_window_view(reference, (PATCH, reference.shape[1]))[:, 0]
    # Of each band what is above and below its own mean: the tilt of a spectrum is much the same in all music.
    spread = np.square(places).sum(axis=(1, 2)) - PATCH * np.square(places.mean(axis=1)).sum(axis=1)
    scale = np.sqrt(np.maximum(spread, 1e-9))
    found: list[float] = []
    for at in range(0, len(patches) - PATCH + 1, PATCH):
        patch = patches[at : at + PATCH] - patches[at : at + PATCH].mean(axis=0)
        size = float(np.sqrt(np.square(patch).sum()))
        found.append(float((np.einsum("tij,ij->t", places, patch) / (scale * max(size, 1e-9))).max()))
    return float(np.mean(found))


def _powers(signal: Signal) -> Signal:
    """The logarithm of the power in each frame and band."""
    if len(signal) < FRAME:
        return np.empty((0, BANDS))
    frames = np.lib.stride_tricks.sliding_window_view(signal, FRAME)[::HOP] * np.hanning(FRAME)
    spectrum = np.square(np.abs(np.fft.rfft(frames, axis=1)))
    edges = np.unique(np.round(np.geomspace(LOWEST, HIGHEST, BANDS + 1)).astype(int))
    bands = np.stack([spectrum[:, low:high].sum(axis=1) for low, high in pairwise(edges)], axis=1)
    return np.asarray(np.log10(bands + FLOOR * float(bands.mean()) + 1e-30))

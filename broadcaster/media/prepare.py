"""One recording, from the original to the form that airs. Runs in the worker only.

Two passes: the first decodes, brings to 48 kHz stereo and measures, into a file of float samples; the second applies
the gain that is then known. So memory does not grow with the length, and disk space is needed for 0.4 MB a second.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import inf
from pathlib import Path
from typing import Any

import numpy as np

from broadcaster.errors import MediaError
from broadcaster.media.decode import opened
from broadcaster.media.downmix import to_stereo
from broadcaster.media.files import content_hash
from broadcaster.media.loudness import UNDER_READ_DB, LoudnessMeter, PeakMeter
from broadcaster.media.recording import (
    CEILING_DBTP,
    CHANNELS,
    LONGEST_S,
    MAX_GAIN_DB,
    PREPARATION,
    RATE_HZ,
    REFERENCE_LUFS,
    SHORTEST_S,
    USUAL,
    Limits,
)
from broadcaster.media.resample import Resampler, Samples
from broadcaster.media.shelf import Shelf
from broadcaster.media.wav_file import need_space, write_wav

_AUDIBLE_LUFS = -60.0
_BLOCK = 1 << 18


def prepare(source: Path, shelf: Shelf, work: Path, keep_free_mb: float, limits: Limits = USUAL) -> str:
    """Put the recording on the shelf, unless its content is there already; returns its key.

    Nothing is put there that is outside the limits. Raises ``MediaError`` (without the file's name) and ``OSError``.
    """
    key = content_hash(source, seed=f"prepared {PREPARATION}\n")
    if shelf.get(key, str(source)) is None:
        raw = work / "samples.f32"
        loudness, peak = _measure(source, raw, work, keep_free_mb, limits)
        gain_db = min(REFERENCE_LUFS - loudness, CEILING_DBTP - UNDER_READ_DB - peak, MAX_GAIN_DB)
        wav = work / "prepared.wav"
        frames = write_wav(wav, _amplified(raw, gain_db))
        facts = facts_of(frames, loudness + gain_db, peak + gain_db, gain_db)
        shelf.put(key, wav, {**facts, "original": source.name})
    return key


def facts_of(frames: int, loudness_lufs: float, true_peak_db: float, gain_db: float) -> dict[str, Any]:
    """What the sidecar says about a prepared WAV."""
    return {
        "duration_s": frames / RATE_HZ,
        "loudness_lufs": round(loudness_lufs, 3),
        "true_peak_db": round(true_peak_db, 3),
        "gain_db": round(gain_db, 3),
    }


def stereo_48k(source: Path, work: Path, longest_s: float = LONGEST_S, keep_free_mb: float = 0.0) -> Iterator[Samples]:
    """The recording's samples as they air, before any gain. Raises as :func:`prepare`."""
    with opened(source, work, longest_s, keep_free_mb) as found:
        if found.claimed_s > longest_s:
            raise _too_long(longest_s)
        resampler = Resampler(found.rate_hz, RATE_HZ)
        for block in found.blocks:
            yield from resampler.push(to_stereo(block))
        yield from resampler.flush()


def _too_long(longest_s: float) -> MediaError:
    length = f"{longest_s / 3600:g} hours" if longest_s > 7200 else f"{longest_s / 60:g} minutes"
    return MediaError(f"it is longer than {length}; cut it into parts")


def _measure(source: Path, raw: Path, work: Path, keep_free_mb: float, limits: Limits) -> tuple[float, float]:
    meter, peak = LoudnessMeter(CHANNELS), PeakMeter()
    frames = 0
    with raw.open("wb") as stream:
        for block in _padded(stereo_48k(source, work, limits.longest_s, keep_free_mb), limits.shortest_s):
            meter.push(block)
            peak.push(block)
            stream.write(block.tobytes())
            need_space(work, keep_free_mb)
            frames += len(block)
            if frames > limits.longest_s * RATE_HZ:
                raise _too_long(limits.longest_s)
    loudness, true_peak = meter.integrated_lufs(), peak.dbtp()
    if loudness < _AUDIBLE_LUFS:
        heard = "silence" if loudness == -inf else f"{loudness:.0f} LUFS"
        raise MediaError(f"there is nothing to be heard in it ({heard}); replace it by the recording that was meant")
    return loudness, true_peak


def _padded(blocks: Iterator[Samples], shortest_s: float) -> Iterator[Samples]:
    frames = 0
    for block in blocks:
        frames += len(block)
        yield block
    if frames < shortest_s * RATE_HZ:
        raise MediaError(f"only {frames / RATE_HZ:.2f} s of sound can be decoded from it; copy or download it again")
    if frames < SHORTEST_S * RATE_HZ:
        yield np.zeros((round(SHORTEST_S * RATE_HZ) - frames, CHANNELS), np.float32)


def _amplified(raw: Path, gain_db: float) -> Iterator[Samples]:
    gain = np.float32(10 ** (gain_db / 20))
    with raw.open("rb") as stream:
        while data := stream.read(_BLOCK * CHANNELS * 4):
            yield np.frombuffer(data, np.float32).reshape(-1, CHANNELS) * gain

"""Writing the WAV that airs."""

from __future__ import annotations

import os
import shutil
import wave
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from broadcaster.errors import MediaError
from broadcaster.media.recording import CHANNELS, RATE_HZ, SILENT_TAIL_S
from broadcaster.media.resample import Samples


def write_wav(path: Path, blocks: Iterable[Samples]) -> int:
    """Write stereo blocks as 48 kHz 16-bit WAV, synced to disk, and ``SILENT_TAIL_S`` of silence behind them.

    Returns the frames without that. Raises ``OSError``.
    """
    frames = 0
    with path.open("wb") as stream:
        with wave.open(stream, "wb") as wav:
            wav.setnchannels(CHANNELS)
            wav.setsampwidth(2)
            wav.setframerate(RATE_HZ)
            for block in blocks:
                wav.writeframesraw(np.clip(np.rint(block * 32_768), -32_768, 32_767).astype("<i2").tobytes())
                frames += len(block)
            wav.writeframesraw(bytes(round(SILENT_TAIL_S * RATE_HZ) * CHANNELS * 2))
        stream.flush()
        os.fsync(stream.fileno())
    return frames


def need_space(folder: Path, keep_free_mb: float) -> None:
    """Raises ``MediaError`` when less than that is free: the last space belongs to the log and the database."""
    free_mb = shutil.disk_usage(folder).free / 1e6
    if free_mb < keep_free_mb:
        raise MediaError(
            f"the disk is full: {free_mb:.0f} MB free at {folder}, {keep_free_mb:.0f} MB must stay; make room there"
        )

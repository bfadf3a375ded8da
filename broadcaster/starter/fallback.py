"""The built-in music that airs when nothing else can be played: some of the starter's pieces, ready for the player."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import soundfile

from broadcaster.errors import MediaError
from broadcaster.starter.light import LIGHT
from broadcaster.starter.mix import render
from broadcaster.starter.signal import RATE, Signal

FOLDER = "var/fallback"

PIECES = {f"{number}.wav": piece for number, piece in enumerate(LIGHT[:2], 1)}


def make_fallback(home: Path, *, progress: Callable[[str], None] | None = None) -> list[Path]:
    """Write what is missing of it: WAV, 48 kHz, 16 bit, stereo, -18 LUFS. A file appears only when complete.

    Raises ``MediaError`` if one can't be written.
    """
    made = []
    for name, piece in PIECES.items():
        path = home / FOLDER / name
        if path.exists():
            continue
        _write(path, render(piece))
        made.append(path)
        if progress is not None:
            progress(path.relative_to(home).as_posix())
    return made


def _write(path: Path, wave: Signal) -> None:
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            samples = np.rint(wave.T * 32_767).astype(np.int16)
            soundfile.write(str(unfinished), samples, RATE, "PCM_16", format="WAV")
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)
    except (OSError, soundfile.LibsndfileError) as error:
        raise MediaError(f"can't write {path}: {error}") from error

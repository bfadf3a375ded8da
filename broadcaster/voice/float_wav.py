"""Mono WAV files of 32-bit floats: a voice may exceed full scale, and nothing may clip before the finishing.

The header is written here because the usual libraries hide it when a full disk takes only half of a file.
"""

from __future__ import annotations

import os
import struct
from pathlib import Path

_FLOAT = 3
"""WAVE_FORMAT_IEEE_FLOAT of Microsoft's mmreg.h."""
_HEADER = struct.Struct("<4sI4s4sIHHIIHHH4sII4sI")


def write_float_wav(path: Path, samples: bytes, rate_hz: int) -> None:
    """Write little-endian float samples, synced to disk. Raises ``OSError``."""
    header = _HEADER.pack(
        b"RIFF", _HEADER.size - 8 + len(samples), b"WAVE",
        b"fmt ", 18, _FLOAT, 1, rate_hz, rate_hz * 4, 4, 32, 0,
        b"fact", 4, len(samples) // 4,
        b"data", len(samples),
    )  # fmt: skip
    with path.open("wb") as stream:
        stream.write(header + samples)
        stream.flush()
        os.fsync(stream.fileno())

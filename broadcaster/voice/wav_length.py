"""How long a WAV lasts by its header, and whether all of it is there; for files of integers and of floats."""

from __future__ import annotations

import struct
from pathlib import Path

from broadcaster.errors import VoiceError

_CHUNK = struct.Struct("<4sI")
_FORMAT = struct.Struct("<HHIIHH")
"""Coding, channels, frames a second, bytes a second, bytes a frame, bits a sample (Microsoft's WAVEFORMAT)."""
_UNKNOWN = (0, 0xFFFFFFFF)
"""What engines that write into a pipe leave as the size of the samples: the rest of the file."""


def wav_length_s(path: Path) -> float:
    """Seconds of sound in the file. Raises ``VoiceError`` when it is no WAV, holds no sound, or ends too early."""
    try:
        size = path.stat().st_size
        with path.open("rb") as stream:
            riff = stream.read(12)
            if riff[:4] != b"RIFF" or riff[8:] != b"WAVE":
                raise VoiceError(f"it is no WAV, {size} bytes")
            frame = rate = 0
            while len(head := stream.read(_CHUNK.size)) == _CHUNK.size:
                name, length = _CHUNK.unpack(head)
                if name == b"fmt ":
                    _, _, rate, _, frame, _ = _FORMAT.unpack(stream.read(_FORMAT.size))
                    length -= _FORMAT.size
                elif name == b"data":
                    return _seconds(size - stream.tell(), length, frame, rate)
                stream.seek(length + length % 2, 1)
    except OSError as error:
        raise VoiceError(f"it can't be read: {error}") from error
    except struct.error as error:
        raise VoiceError(f"it ends within its header, {size} bytes") from error
    raise VoiceError(f"it ends before its sound, {size} bytes")


def _seconds(there: int, told: int, frame: int, rate: int) -> float:
    length = there if told in _UNKNOWN else told
    if length > there:
        raise VoiceError(f"it is cut off: {there} of {told} bytes of sound")
    if frame <= 0 or rate <= 0 or length < frame:
        raise VoiceError("it holds no sound")
    return length / frame / rate

"""Any recording as a stream of float samples. Runs in the worker only."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from broadcaster.errors import MediaError
from broadcaster.media.recording import LONGEST_S
from broadcaster.media.resample import Samples
from broadcaster.media.sniff import broken_off, not_audio

_BLOCK = 65_536
_LOUDEST = 64.0
"""+36 dBFS: no recording, but a damaged file of float samples."""
_TOLERANCE_S = 0.5
_TOLERANCE = 0.01
"""How far the length may stay behind the header's word: encoders' padding, and headers that round."""


@dataclass(slots=True)
class Source:
    """A recording that is being decoded."""

    rate_hz: int
    channels: int
    claimed_s: float
    """Length by the header; 0.0 when it does not tell."""
    blocks: Iterator[Samples]
    """Raises ``MediaError`` when the decoder gives up."""


@contextmanager
def opened(path: Path, work: Path, longest_s: float = LONGEST_S, keep_free_mb: float = 0.0) -> Iterator[Source]:
    """The decoded recording: by libsndfile where that can, else by libVLC into a file in ``work``.

    Decoding into a file ends after ``longest_s``, or when no more than ``keep_free_mb`` are left of the disk.

    Raises ``MediaError`` (without the file's name) and ``OSError``.
    """
    if kind := not_audio(path):
        raise MediaError(f"it is {kind}, not a recording; replace it by the recording that was meant")
    if broken_off(path):
        raise MediaError("it is broken off: its end is missing; copy or download it again")
    stream = _sndfile(path)
    claimed_s = 0.0
    if stream is None:
        from broadcaster.media.vlc_decode import to_wav

        claimed_s = to_wav(path, work, longest_s, keep_free_mb)
        stream = _sndfile(work / "decoded.wav")
    if stream is None:
        raise MediaError("no sound can be decoded from it; play it elsewhere, and convert it to FLAC or WAV")
    with stream:
        if not (4_000 <= stream.samplerate <= 768_000 and stream.channels <= 32):
            raise MediaError(
                f"its header is damaged ({stream.samplerate} Hz, {stream.channels} channels); copy it again"
            )
        claimed_s = claimed_s or stream.frames / stream.samplerate
        yield Source(stream.samplerate, stream.channels, claimed_s, _read(stream, claimed_s))


def _sndfile(path: Path) -> soundfile.SoundFile | None:
    try:
        return soundfile.SoundFile(path)
    except (soundfile.LibsndfileError, TypeError):  # TypeError: headerless formats, told by the name alone
        return None


def _read(stream: soundfile.SoundFile, claimed_s: float) -> Iterator[Samples]:
    taken = 0
    while True:
        try:
            block: Samples = stream.read(_BLOCK, dtype="float32", always_2d=True)
        except soundfile.LibsndfileError as error:
            raise MediaError(_short(taken / stream.samplerate, claimed_s)) from error
        if not len(block):
            break
        senseless = ~(np.abs(block) <= _LOUDEST).all(axis=1)  # a NaN compares as false, too
        if senseless.any():
            at_s = (taken + int(senseless.argmax())) / stream.samplerate
            raise MediaError(f"its samples are damaged at {at_s:.1f} s; copy or download it again")
        taken += len(block)
        yield block
    got_s = taken / stream.samplerate
    if got_s < claimed_s * (1 - _TOLERANCE) - _TOLERANCE_S:
        raise MediaError(_short(got_s, claimed_s))


def _short(got_s: float, claimed_s: float) -> str:
    return f"it is damaged or broken off: {got_s:.1f} s of {claimed_s:.1f} s can be decoded; copy or download it again"

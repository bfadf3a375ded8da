"""One announcement out of its parts: chime, words, pause, words again. Runs in the worker only."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from broadcaster.errors import MediaError
from broadcaster.media.loudness import true_peak_db
from broadcaster.media.prepare import facts_of, stereo_48k
from broadcaster.media.recording import CHANNELS, RATE_HZ, SHORTEST_S, SILENT_TAIL_S
from broadcaster.media.resample import Samples
from broadcaster.media.shelf import Shelf
from broadcaster.media.speech import (
    HEAD_S,
    TAIL_S,
    at_reference,
    differing,
    high_passed,
    limited,
    pitched,
    present,
    spoken_loudness,
    trimmed,
)
from broadcaster.media.wav_file import need_space, write_wav

AFTER_CHIME_S = 0.5
"""Between the chime's end and the first word."""

LONGEST_S = 900.0
"""An announcement that is longer is a mistake, and would hold up everything else."""


def finish(job: dict[str, Any], shelf: Shelf, work: Path) -> str:
    """Put the announcement on the shelf under the job's ``key``; returns that.

    The job names either ``phrases`` (a list of path of a WAV and seconds of silence after it, as a speech engine made
    them) with ``pitch`` (semitones), or ``words`` (path of a recording made by people); ``chime`` (path of a prepared
    recording, or None), ``repeat``, ``pause_s``, ``keep_free_mb`` and ``facts`` for the sidecar. Raises
    ``MediaError`` and ``OSError``.
    """
    need_space(work, float(job["keep_free_mb"]))
    words = trimmed(_joined(Path(job["words"]), work)) if "words" in job else _phrases(job, work)
    words, gain_db = at_reference(words)
    parts: list[Samples] = []
    if job["chime"]:
        parts += [_joined(Path(job["chime"]), work)[: -round(SILENT_TAIL_S * RATE_HZ)], _silence(AFTER_CHIME_S)]
    parts.append(words)
    for _ in range(int(job["repeat"]) - 1):
        parts += [_silence(float(job["pause_s"])), words]
    length_s = sum(map(len, parts)) / RATE_HZ
    if length_s > LONGEST_S:
        raise MediaError(f"it would last {length_s:.0f} s, more than {LONGEST_S:.0f} s; shorten it or repeat it less")
    parts.append(_silence(max(0.0, SHORTEST_S - length_s)))
    whole = limited(np.concatenate(parts))
    wav = work / "finished.wav"
    frames = write_wav(wav, [whole])
    key = str(job["key"])
    facts = facts_of(frames, spoken_loudness(whole), true_peak_db(differing(whole)), gain_db)
    shelf.put(key, wav, {**facts, **job["facts"]})
    return key


def _phrases(job: dict[str, Any], work: Path) -> Samples:
    """The phrases, each without the engine's own silence, with our pauses between them."""
    parts: list[Samples] = []
    for path, pause_s in job["phrases"]:
        # Without its mean first: a step at the beginning would ring through the filters.
        raw = _joined(Path(path), work)
        words = trimmed(present(high_passed(raw - raw.mean(axis=0))))
        parts += [pitched(words, float(job["pitch"])), _silence(max(0.0, float(pause_s) - HEAD_S - TAIL_S))]
    return np.concatenate(parts[:-1])


def _joined(path: Path, work: Path) -> Samples:
    blocks: list[Samples] = []
    frames = 0
    for block in stereo_48k(path, work):
        blocks.append(block)
        frames += len(block)
        if frames > LONGEST_S * RATE_HZ:
            raise MediaError(f"it is longer than {LONGEST_S:.0f} s, too long for an announcement; shorten it")
    if not frames:
        raise MediaError("there is nothing to be heard in it")
    return np.concatenate(blocks)


def _silence(seconds: float) -> Samples:
    return np.zeros((round(seconds * RATE_HZ), CHANNELS), np.float32)

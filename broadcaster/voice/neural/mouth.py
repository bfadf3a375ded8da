"""A phrase to samples: chunks, inference, trimming, joining."""

from __future__ import annotations

import logging
import subprocess
import sys
from pathlib import Path

import numpy as np

from broadcaster.errors import VoiceError
from broadcaster.media.bench import creation_flags
from broadcaster.voice.neural.kinds import Kind, voice_file
from broadcaster.voice.neural.model import UNBOUNDED, Model, Samples, read_voice
from broadcaster.voice.neural.phonemes import chunks
from broadcaster.voice.neural.vocabulary import numbers
from broadcaster.voice.reading.model import Phrase

TUNING = 1
"""Version of what is changed in the model."""
TUNING_S = 60.0
SLOWEST, FASTEST = 0.5, 2.0
_FRAME_S = 0.005
_QUIET_DB = -46.0
"""Below the loudest frame by more than this is the model's own silence; a soft consonant is not."""
_LEAD_S, _TAIL_S = 0.03, 0.06
_MARKS = ",.!?:;—…"
_BEFORE, _LAST, _AFTER = 1e6, 1e6, 1e6
"""Frames of 25 ms that the start, the last symbol of a text and the marks after it may last at speed 1: the model
gives them about 18, 30 and 10, nearly all of them silence, whatever the text is."""

log = logging.getLogger(__name__)


class Mouth:
    """A loaded model with its voices. To be used by one thread."""

    def __init__(self, kind: Kind, folder: Path) -> None:
        self.kind = kind
        self._folder = folder
        self._model = Model(quickest(folder / kind.model))
        self._voices: dict[str, Samples] = {}

    def speak(self, phrase: Phrase, voice: str, speed: float) -> Samples:
        """Mono samples at the kind's rate, without silence at the ends. Raises ``VoiceError``."""
        if not SLOWEST <= speed <= FASTEST:
            raise VoiceError(f"a speed of {speed:g} can't be spoken; take {SLOWEST:g} to {FASTEST:g}")
        styles = self._voice(voice)
        parts: list[Samples] = []
        pause_s = 0.0
        for chunk in chunks(phrase.tokens):
            if parts:
                parts.append(np.zeros(round(pause_s / speed * self.kind.rate_hz), dtype=np.float32))
            padded = numbers(chunk.symbols, self.kind.vocabulary)
            heard = self._model.speak(padded, styles, speed, bounds(chunk.symbols, speed))
            parts.append(trimmed(heard, self.kind.rate_hz))
            pause_s = chunk.pause_s
        return np.concatenate(parts)

    def _voice(self, name: str) -> Samples:
        if name not in self.kind.voices:
            raise VoiceError(f"there is no voice {name!r}; `broadcaster voices` lists those that are there")
        if name not in self._voices:
            self._voices[name] = read_voice(self._folder / voice_file(name))
        return self._voices[name]


def bounds(symbols: str, speed: float) -> list[float]:
    """The most frames that each of the padded symbols may last."""
    words = len(symbols.rstrip(_MARKS))
    longest = [UNBOUNDED] * (len(symbols) + 2)
    longest[0] = _BEFORE / speed
    if words:
        longest[words] = _LAST / speed
        longest[words + 1 :] = [_AFTER / speed] * (len(symbols) + 1 - words)
    return longest


def quickest(model: Path) -> Path:
    """The model made over to run faster, beside the published one; that itself where this can't be done."""
    tuned = model.with_name(f"{model.stem}.tuned-{TUNING}.onnx")
    try:
        if tuned.stat().st_mtime >= model.stat().st_mtime:
            return tuned
    except OSError:
        pass
    # In a process of its own: what it needs of memory is given back.
    command = [sys.executable, "-m", "broadcaster.voice.neural.tuned", str(model), str(tuned)]
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=TUNING_S, creationflags=creation_flags())
    except (OSError, subprocess.SubprocessError) as error:
        log.warning("the neural voice stays slower, its model could not be made over: %s", error)
        return model
    return tuned


def trimmed(samples: Samples, rate_hz: int) -> Samples:
    """Without the silence that the model puts at both ends (0.3 to 0.6 s). Raises ``VoiceError`` when nothing is left.

    The edges are faded over the kept margin, so that a join never clicks.
    """
    frame = round(_FRAME_S * rate_hz)
    whole = samples[: len(samples) // frame * frame].reshape(-1, frame)
    power = np.mean(np.square(whole, dtype=np.float64), axis=1) if len(whole) else np.zeros(1)
    if not np.isfinite(power).all() or power.max() < 1e-8:
        raise VoiceError("the neural voice gave silence; try another voice, or write the text another way")
    loud = np.flatnonzero(power > power.max() * 10 ** (_QUIET_DB / 10))
    lead, tail = round(_LEAD_S * rate_hz), round(_TAIL_S * rate_hz)
    start, end = max(0, loud[0] * frame - lead), min(len(samples), (loud[-1] + 1) * frame + tail)
    kept = samples[start:end].copy()
    rise = np.linspace(0, 1, min(lead // 2, len(kept)), dtype=np.float32)
    kept[: len(rise)] *= rise
    fall = np.linspace(1, 0, min(tail // 2, len(kept)), dtype=np.float32)
    kept[len(kept) - len(fall) :] *= fall
    return kept

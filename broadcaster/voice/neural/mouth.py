"""A phrase to samples: chunks, inference, trimming, joining."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from broadcaster.errors import VoiceError
from broadcaster.voice.neural.kinds import Kind, voice_file
from broadcaster.voice.neural.model import Model, Samples, read_voice
from broadcaster.voice.neural.phonemes import chunks
from broadcaster.voice.neural.tuning import quickest
from broadcaster.voice.neural.vocabulary import numbers
from broadcaster.voice.reading.model import Phrase

SLOWEST, FASTEST = 0.5, 2.0
_FRAME_S = 0.005
_QUIET_DB = -46.0
"""Below the loudest frame by more than this is the model's own silence; a soft consonant is not."""
_LEAD_S, _TAIL_S = 0.03, 0.06


class Mouth:
    """A loaded model with its voices. To be used by one thread."""

    def __init__(self, kind: Kind, folder: Path) -> None:
        self.kind = kind
        self._folder = folder
        self._model = _loaded(folder / kind.model)
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
            heard = self._model.speak(numbers(chunk.symbols, self.kind.vocabulary), styles, speed)
            parts.append(trimmed(heard, self.kind.rate_hz))
            pause_s = chunk.pause_s
        return np.concatenate(parts)

    def _voice(self, name: str) -> Samples:
        if name not in self.kind.voices:
            raise VoiceError(f"there is no voice {name!r}; `broadcaster voices` lists those that are there")
        if name not in self._voices:
            self._voices[name] = read_voice(self._folder / voice_file(name))
        return self._voices[name]


def _loaded(model: Path) -> Model:
    quick = quickest(model)
    try:
        return Model(quick)
    except VoiceError:
        if quick == model:
            raise
        # It is ours, and can be made again.
        quick.unlink(missing_ok=True)
        return Model(model)


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

"""Who turns a text into what the voices say."""

from __future__ import annotations

from typing import Protocol

from broadcaster.voice.reading.model import Phrase, Reading
from broadcaster.voice.text import speakable


class Reader(Protocol):
    """Reads texts: lexicon, numbers, sentences, pinyin. May be called from any thread."""

    def read(self, text: str, language: str) -> Reading:
        """What will be said. Raises ``VoiceError`` and ``VoiceTimeout``."""
        ...

    def mark(self, text: str) -> str:
        """Stands for how the text is read now: another mark, and it may be read differently. Quick; never raises."""
        ...


class PlainReader:
    """Leaves everything to the engine: the text in one piece, as it was written. Never fails."""

    def read(self, text: str, language: str) -> Reading:
        del language
        plain = speakable(text)
        return Reading(text, plain, ((plain, ""),), (Phrase((), 0.0, plain),), ())

    def mark(self, text: str) -> str:
        del text
        return "plain"

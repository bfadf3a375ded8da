"""What a speech engine has to do for us."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from broadcaster.voice.reading.model import Phrase


@dataclass(frozen=True, slots=True)
class Voice:
    """One voice of one speech engine."""

    id: str
    name: str
    language: str
    """As the engine calls it: ``cmn``, ``zh-CN``, ``en-us``."""
    engine: str


@dataclass(frozen=True, slots=True)
class Manner:
    """How something is said."""

    voice: str = "zh"
    """A language (``zh``, ``en``), ``zh-male``, or an engine's own id of a voice."""
    speed: float = 1.0
    """1 is the voice's natural pace; 0.9 takes a ninth longer."""
    pitch: float = 0.0
    """Semitones above the voice's own. Given by the finishing, not by the engine."""


USUAL = Manner()


class Speaker(Protocol):
    """A speech engine. Calls block; they may come from any thread, also several at once."""

    @property
    def name(self) -> str:
        """Of the engine; what ``--engine`` takes."""
        ...

    def missing(self) -> str | None:
        """None when it can speak now; else what it lacks, in words for people (中文 / English). May be asked often."""
        ...

    def voices(self) -> list[Voice]:
        """The voices there are. Raises ``VoiceError`` when the engine is not there."""
        ...

    def all_voices(self) -> list[Voice]:
        """Also those that could be had and are not there yet. Raises ``VoiceError`` when that can't be known."""
        ...

    def identity(self, voice: str) -> str:
        """Engine, model and voice as they are now: equal identities sound alike. Empty if that voice is missing."""
        ...

    def speak(self, phrase: Phrase, out: Path, manner: Manner) -> None:
        """Write the spoken phrase to ``out``, a WAV of any form: whole, or not at all.

        Follows ``manner.voice`` and ``manner.speed``; the pitch is left to the finishing. Raises ``VoiceError`` when
        it can't be spoken, ``VoiceTimeout`` when it takes too long.
        """
        ...

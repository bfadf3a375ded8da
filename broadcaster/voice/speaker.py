"""What a speech engine has to do for us."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Voice:
    """One voice of one speech engine."""

    id: str
    name: str
    language: str
    """As the engine calls it: ``cmn``, ``zh-CN``, ``en-us``."""
    engine: str


class Speaker(Protocol):
    """A speech engine. Calls block; they may come from any thread, also several at once."""

    @property
    def name(self) -> str:
        """Of the engine; what ``--engine`` takes."""
        ...

    def voices(self) -> list[Voice]:
        """The voices there are. Raises ``VoiceError`` when the engine is not there."""
        ...

    def speak(self, text: str, out: Path, voice: str, rate: int | None) -> None:
        """Write the spoken text to ``out``, a WAV of any form: whole, or not at all.

        ``voice`` is a language (``zh``, ``en``) or the id of a voice. Raises ``VoiceError`` when it can't be spoken,
        ``VoiceTimeout`` when it takes too long.
        """
        ...

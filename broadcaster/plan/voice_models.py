"""``config/voices.yaml`` as it says: the voices of the house."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator

from broadcaster.plan.model_base import Identifier, Model, Title

USUAL_SPEED = 0.9
"""In a hall that echoes, slower is understood better: a recogniser misheard the fewer syllables."""

Speed = Annotated[float, Field(ge=0.5, le=2.0)]
Pitch = Annotated[float, Field(ge=-6.0, le=6.0)]


class VoiceSetting(Model):
    """A voice of the house: who speaks, and how."""

    title: Title | None = None
    engine: Literal["auto", "neural", "pyttsx3"] = "auto"
    """``auto`` is the best engine that can speak."""
    voice: str | None = None
    """The engine's own id of a voice; its best for the language unless given."""
    language: Annotated[str, Field(pattern=r"^[a-z]{2}$")] = "zh"
    speed: Speed = USUAL_SPEED
    """1 is the voice's natural pace."""
    pitch: Pitch = 0.0
    """Semitones above the voice's own."""


def _usual_voices() -> dict[str, VoiceSetting]:
    return {"zh": VoiceSetting(), "en": VoiceSetting(language="en")}


class Voices(Model):
    """``config/voices.yaml``, which may be missing: ``zh`` and ``en`` are there all the same."""

    voices: dict[Identifier, VoiceSetting] = Field(default_factory=_usual_voices)

    @field_validator("voices")
    @classmethod
    def _with_usual(cls, voices: dict[str, VoiceSetting]) -> dict[str, VoiceSetting]:
        return {**_usual_voices(), **voices}

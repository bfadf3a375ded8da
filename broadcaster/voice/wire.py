"""Phrases and readings as JSON, between the daemon and the voice worker."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from broadcaster.voice.reading.model import Doubt, Phrase, Reading, Token


def phrase_to_json(phrase: Phrase) -> dict[str, Any]:
    """The phrase as plain values."""
    return asdict(phrase)


def phrase_from_json(values: Mapping[str, Any]) -> Phrase:
    """The phrase again. Raises ``KeyError`` or ``TypeError`` when it is none."""
    tokens = tuple(Token(**{**token, "pinyin": tuple(token["pinyin"])}) for token in values["tokens"])
    return Phrase(tokens, float(values["pause_s"]), str(values["plain"]))


def reading_to_json(reading: Reading) -> dict[str, Any]:
    """The reading as plain values."""
    return asdict(reading)


def reading_from_json(values: Mapping[str, Any]) -> Reading:
    """The reading again. Raises ``KeyError`` or ``TypeError`` when it is none."""
    return Reading(
        source=str(values["source"]),
        spoken=str(values["spoken"]),
        pinyin=tuple((str(piece), str(sound)) for piece, sound in values["pinyin"]),
        phrases=tuple(phrase_from_json(phrase) for phrase in values["phrases"]),
        doubts=tuple(Doubt(**{**doubt, "choices": tuple(doubt["choices"])}) for doubt in values["doubts"]),
    )

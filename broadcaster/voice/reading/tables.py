"""The tables that ship beside these modules: words, contexts, characters with several readings, surnames."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources


@dataclass(frozen=True, slots=True)
class Polyphone:
    """A character with several readings in use today."""

    alone: str
    """Its reading when no word and no context decides."""
    others: tuple[str, ...]
    doubtful: bool
    """Whether ``alone`` is a guess that the author should look at."""


@lru_cache(maxsize=1)
def words() -> dict[str, tuple[tuple[int, str], ...]]:
    """Words that decide a character's reading: its places in the word, and the syllable."""
    found: dict[str, dict[int, str]] = {}
    for character, syllable, listed in _rows("words.csv"):
        for word in listed.split():
            places = found.setdefault(word, {})
            for place, letter in enumerate(word):
                if letter == character:
                    places.setdefault(place, syllable)
    return {word: tuple(places.items()) for word, places in found.items()}


@lru_cache(maxsize=1)
def contexts() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Patterns that decide the reading of the last character of their first group, the strongest first."""
    return tuple((re.compile(pattern), syllable) for syllable, pattern in _rows("contexts.csv", cells=2))


@lru_cache(maxsize=1)
def polyphones() -> dict[str, Polyphone]:
    """Characters whose reading may be a guess."""
    rows = _rows("polyphones.csv")
    return {character: Polyphone(alone, tuple(others.split()), mark == "1") for character, alone, others, mark in rows}


@lru_cache(maxsize=1)
def surnames() -> dict[str, tuple[str, ...]]:
    """Surnames that are read otherwise than the same characters elsewhere."""
    return {name: tuple(reading.split()) for name, reading in _rows("surnames.csv")}


@lru_cache(maxsize=1)
def segments() -> tuple[str, ...]:
    """Words that the general dictionary does not know as such."""
    return tuple(word for row in _rows("segments.csv") for word in row[0].split())


def _rows(name: str, cells: int = 0) -> list[list[str]]:
    text = resources.files("broadcaster.voice.reading").joinpath("data", name).read_text(encoding="utf-8")
    lines = (line for line in text.splitlines() if line and not line.startswith("#"))
    return [line.split(",", cells - 1) for line in lines]

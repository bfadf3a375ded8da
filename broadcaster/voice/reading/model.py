"""What a text comes to when it is read aloud: phrases for the voice, pinyin and doubts for the author.

Plain frozen values without any vendor's types, so that the daemon can hold them without loading a dictionary.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Token:
    """The smallest thing a voice is asked to say, or to pause at."""

    text: str
    """As spoken: hanzi, one Latin word, or a pause mark such as ``,``; never a digit."""
    pinyin: tuple[str, ...] = ()
    """Syllables with tone numbers (``chong2``, neutral tone 5), one per hanzi; or those the lexicon gives a word."""
    phonemes: str = ""
    """For an English word: Kokoro's English phonemes; else empty."""
    kind: str = "hanzi"
    """``hanzi``, ``word``, ``letters`` or ``pause``."""
    sure: bool = True
    """False for a polyphone that was guessed and for a word that nothing knows."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """What one rendering speaks and the cache keeps: a sentence, or a part of a long one."""

    tokens: tuple[Token, ...]
    pause_s: float
    """Seconds of silence after it when another phrase follows."""
    plain: str
    """For engines that read text themselves: words with punctuation, lexicon and numbers applied."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something the author must look at before approval."""

    code: str
    """``unknown-word``, ``polyphone``, ``character``, ``number`` or ``rare-name``."""
    text: str
    """The word in the author's text."""
    start: int
    """Where it starts in the author's text, in characters."""
    end: int
    """Where it ends, exclusive."""
    read_as: str
    """Pinyin with tone marks, or how it will be said."""
    choices: tuple[str, ...] = ()
    """Other readings."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A whole text, ready for a voice and for the author's eyes."""

    source: str
    """The author's text."""
    spoken: str
    """What will be said, for people: lexicon and numbers applied."""
    pinyin: tuple[tuple[str, str], ...]
    """Pieces of ``spoken`` in order, each with its pinyin with tone marks, or an empty string."""
    phrases: tuple[Phrase, ...]
    doubts: tuple[Doubt, ...]

"""Words in Latin letters: from misaki's dictionary (Apache-2.0) as Kokoro's English sounds, or letter by letter.

Only the dictionary's data is used: misaki's own English front end needs spaCy and espeak.
A word is never dropped; one that nothing knows is read as well as it can be, and said to be unsure.
"""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from broadcaster.voice.reading.syllables import plain_syllables

# How Mandarin speakers say the letters, and hanzi that sound so for engines that read text themselves.
_LETTERS = {
    "A": ("ei1", "诶"), "B": ("bi4", "必"), "C": ("xi1", "西"), "D": ("di4", "弟"), "E": ("yi4", "易"),
    "F": ("ai4 fu5", "艾付"), "G": ("ji4", "季"), "H": ("ei1 chi5", "诶吃"), "I": ("ai4", "爱"), "J": ("zhei4", "这"),
    "K": ("kei4", "剋"), "L": ("ai4 le5", "艾乐"), "M": ("ai4 mu5", "艾姆"), "N": ("en1", "恩"), "O": ("ou1", "欧"),
    "P": ("pi4", "屁"), "Q": ("ke4 you1", "克优"), "R": ("a4 er5", "阿尔"), "S": ("ai4 si5", "艾斯"),
    "T": ("ti4", "替"), "U": ("you1", "优"), "V": ("wei1", "威"), "W": ("da2 bu5 liu5", "达不溜"),
    "X": ("ai4 ke5 si5", "艾克斯"), "Y": ("wai4", "外"), "Z": ("zei4", "贼"),
}  # fmt: skip
_CAMEL = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_LEAST_PART = 3
_SPELLED_CAPITALS = 3
"""Capitals up to this many may be letters (PVC) even where the dictionary has a word (DAY): the author is asked."""


@dataclass(frozen=True, slots=True)
class Said:
    """How a word, or a part of one, is said: by ``pinyin`` or by ``phonemes``."""

    text: str
    kind: str
    """``word`` or ``letters``."""
    pinyin: tuple[str, ...] = ()
    phonemes: str = ""
    plain: str = ""
    """For engines that read text themselves."""
    sure: bool = True


def say_word(word: str, *, language: str = "zh", model: bool = False) -> list[Said]:
    """How a word is said, part by part; nothing for letters that are not of the Latin alphabet (Þ).

    ``model``: a digit stands beside it, so that a few letters are a type's name.
    """
    letters = _ascii(word)
    if not letters.strip("'"):
        return []
    if len(letters) == 1:
        return [spelled(letters, language=language)]
    short = letters.isupper() and len(letters) <= _SPELLED_CAPITALS
    known = "" if short and (model or len(letters) < _LEAST_PART) else phonemes_of(letters)
    if known:
        return [Said(word, "word", phonemes=known, plain=word, sure=not short)]
    if short:
        return [spelled(letters, language=language, sure=model)]
    parts = _CAMEL.findall(letters)
    if len(parts) > 1 and "".join(parts) == letters and all(len(part) > 1 for part in parts):
        return [said for part in parts for said in say_word(part, language=language, model=model)]
    return [_guess(word, letters, language)]


def spelled(letters: str, *, language: str = "zh", sure: bool = True) -> Said:
    """The names of the letters, as a Mandarin or an English speaker says them."""
    named = [letter for letter in letters.upper() if letter in _LETTERS]
    if language != "zh":
        return Said(letters, "letters", phonemes=" ".join(_entry(letter) for letter in named), plain=letters, sure=sure)
    pinyin = tuple(syllable for letter in named for syllable in _LETTERS[letter][0].split())
    return Said(letters, "letters", pinyin, plain="".join(_LETTERS[letter][1] for letter in named), sure=sure)


@lru_cache(maxsize=4096)
def phonemes_of(word: str) -> str:
    """An English word in Kokoro's sounds; empty when the dictionary has neither it nor what it is derived from."""
    lower = word.lower()
    for form in (word, lower, lower.capitalize()):
        if len(form) > 1 or form in ("a", "I"):
            found = _entry(form)
            if found:
                return found
    return _derived(lower)


def _derived(word: str) -> str:
    stem = word.removesuffix("'s") if word.endswith("'s") else word.removesuffix("s")
    if stem == word or len(stem) < _LEAST_PART:
        return ""
    base = _entry(stem)
    if not base:
        return ""
    if base[-1] in "szʃʒʧʤ":
        return f"{base}ᵻz"
    return base + ("s" if base[-1] in "ptkfθ" else "z")


def _guess(word: str, letters: str, language: str) -> Said:
    """The best that can be done for a word that nothing knows: pinyin, two known words in one, else its letters."""
    lower = letters.lower()
    syllables = plain_syllables(lower) if language == "zh" and not letters.isupper() else None
    if syllables is not None and len(syllables) > 1:
        return Said(word, "word", tuple(f"{syllable}1" for syllable in syllables), plain=word, sure=False)
    for cut in range(len(lower) - _LEAST_PART, _LEAST_PART - 1, -1):
        parts = phonemes_of(lower[:cut]), phonemes_of(lower[cut:])
        if all(parts):
            return Said(word, "word", phonemes="".join(parts), plain=word, sure=False)
    return spelled(letters, language=language, sure=False)


def _ascii(word: str) -> str:
    apart = unicodedata.normalize("NFKD", word.replace("’", "'"))
    return "".join(
        character for character in apart if character.isascii() and (character.isalpha() or character == "'")
    )


def _entry(word: str) -> str:
    for book in _books():
        found = book.get(word)
        if isinstance(found, dict):
            found = found.get("DEFAULT") or next((sounds for sounds in found.values() if sounds), None)
        if isinstance(found, str):
            # Kokoro v1 has its own sign for a flapped t, and no glottal stop: misaki's en.py, at its end.
            return found.replace("ɾ", "T").replace("ʔ", "t")
    return ""


@lru_cache(maxsize=1)
def _books() -> tuple[dict[str, object], ...]:
    """The checked words, then the generated ones; loaded with the first word that needs them."""
    folder = resources.files("misaki").joinpath("data")
    return tuple(
        json.loads(folder.joinpath(name).read_text(encoding="utf-8")) for name in ("us_gold.json", "us_silver.json")
    )

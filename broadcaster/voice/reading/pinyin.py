"""Hanzi into pinyin: words by jieba, readings by pypinyin, and on top what both get wrong in a store.

Strongest first: what the lexicon says, a surname before a title, a word of ``words.csv``, a context of
``contexts.csv``, pypinyin's dictionary of phrases, the reading of the character alone (a guess for some).
Only the worker process imports this: the two dictionaries take about 145 MB and more than a second.
"""

from __future__ import annotations

import logging
import warnings
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, pairwise
from typing import Any

from broadcaster.voice.reading.sandhi import with_sandhi
from broadcaster.voice.reading.surnames import surname_readings
from broadcaster.voice.reading.syllables import syllables_of
from broadcaster.voice.reading.tables import contexts, polyphones, segments, words

_LONGEST_WORD = 8
_KNOWN = 20
"""How often jieba's corpus has a word for it to be one, rather than a name it happened to contain."""
_NUMERALS = frozenset("零一二三四五六七八九十百千万亿两幺")
"""jieba tears figures apart anywhere; their words are said in one go."""


@dataclass(frozen=True, slots=True)
class Syllable:
    """How one hanzi is read, and how sure that is."""

    sound: str
    """Numbered, or empty when nothing knows the character."""
    sure: bool = True
    choices: tuple[str, ...] = ()
    """Other readings, when it is a guess."""
    rare: bool = False
    """Outside the common character set (GB 2312): names, mostly."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a run, as it is spoken together."""

    text: str
    syllables: tuple[Syllable, ...]


def words_of(run: str, before: str, after: str, given: dict[int, str]) -> list[Word]:
    """The words of a run of hanzi. ``before`` and ``after`` are the text around it; ``given`` is what is settled."""
    pieces = _cut(run, given)
    overridden = dict(given)
    by_word = _by_word(run, pieces)
    names, around = _surnames(run, before, after, pieces), _by_context(run, before, after)
    for source in (names, by_word[True], around, by_word[False]):
        for place, sound in source.items():
            overridden.setdefault(place, sound)
    syllables = [syllable for piece in pieces for syllable in _by_dictionary(piece)]
    for place, sound in overridden.items():
        syllables[place] = Syllable(sound, rare=syllables[place].rare and place not in given)
    _soften(pieces, syllables, set(overridden))
    sounds = with_sandhi(run, [syllable.sound for syllable in syllables], set(overridden))
    spoken = [
        Syllable(sound, syllable.sure, syllable.choices, syllable.rare)
        for sound, syllable in zip(sounds, syllables, strict=True)
    ]
    found, at = [], 0
    for piece in pieces:
        found.append(Word(piece, tuple(spoken[at : at + len(piece)])))
        at += len(piece)
    return found


def one_word(text: str) -> list[Word]:
    """A name in hanzi, read by itself and as one word."""
    return [Word(text, tuple(syllable for word in words_of(text, "", "", {}) for syllable in word.syllables))]


def _by_word(run: str, pieces: list[str]) -> dict[bool, dict[int, str]]:
    """Readings decided by words of the table, the longest first: True for the words that jieba sees there too."""
    table = words()
    found: dict[bool, dict[int, str]] = {True: {}, False: {}}
    borders = _borders(pieces)
    for length in range(min(_LONGEST_WORD, len(run)), 0, -1):
        for start in range(len(run) - length + 1):
            seen = start in borders and start + length in borders
            for place, sound in table.get(run[start : start + length], ()):
                found[seen].setdefault(start + place, sound)
    return found


def _surnames(run: str, before: str, after: str, pieces: list[str]) -> dict[int, str]:
    """Surnames in the run, but none inside a known word (检查先生们)."""
    known: set[int] = set()
    at = 0
    for piece in pieces:
        if len(piece) > 1 and _jieba().dt.FREQ.get(piece, 0) >= _KNOWN:
            known.update(range(at, at + len(piece)))
        at += len(piece)
    around = surname_readings(before + run + after)
    places = {place - len(before): sound for place, sound in around.items()}
    return {place: sound for place, sound in places.items() if 0 <= place < len(run) and place not in known}


def _by_context(run: str, before: str, after: str) -> dict[int, str]:
    found: dict[int, str] = {}
    text = before[-12:] + run + after[:12]
    offset = len(before[-12:])
    for pattern, sound in contexts():
        for match in pattern.finditer(text):
            place = match.end(1) - 1 - offset
            if 0 <= place < len(run):
                found.setdefault(place, sound)
    return found


def _by_dictionary(word: str) -> list[Syllable]:
    """A word of jieba's, by pypinyin's phrases; the rest of it character by character."""
    found: list[Syllable] = []
    for part in _phrases(word):
        sounds = _sounds(part)
        known = len(part) > 1
        for character, sound in zip(part, sounds, strict=True):
            entry = polyphones().get(character)
            rare = not _common(character)
            if not known and entry is not None:
                choices = (*entry.others,) if entry.doubtful else ()
                found.append(Syllable(entry.alone, not entry.doubtful, choices, rare))
            else:
                found.append(Syllable(sound, rare=rare))
    return found


def _soften(pieces: list[str], syllables: list[Syllable], overridden: set[int]) -> None:
    """地 between an adverb of two characters or more and what is done so (慢慢地走) is the particle."""
    at = 0
    for number, piece in enumerate(pieces):
        follows = number + 1 < len(pieces)
        if piece == "地" and at not in overridden and number and len(pieces[number - 1]) >= 2 and follows:
            syllables[at] = Syllable("de5")
        at += len(piece)


def _common(character: str) -> bool:
    try:
        character.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


def _cut(run: str, given: dict[int, str]) -> list[str]:
    """jieba's words; figures, and what the lexicon reads, are never torn."""
    pieces: list[str] = []
    for piece in _jieba().lcut(run):
        if pieces and _NUMERALS.issuperset(piece) and _NUMERALS.issuperset(pieces[-1]):
            pieces[-1] += piece
        else:
            pieces.append(piece)
    if not given:
        return pieces
    places = sorted(border for border in _borders(pieces) if not (border in given and border - 1 in given))
    return [run[start:end] for start, end in pairwise(places)]


def _borders(pieces: list[str]) -> set[int]:
    """Where the pieces of a run begin and end."""
    return {0, *accumulate(len(piece) for piece in pieces)}


@lru_cache(maxsize=1)
def _jieba() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it imports pkg_resources, and has invalid escapes
        import jieba
    jieba.setLogLevel(logging.CRITICAL)  # else it tells on stderr that it loads its dictionary
    jieba.initialize()
    for word in segments():
        jieba.add_word(word)
    return jieba


@lru_cache(maxsize=4096)
def _phrases(word: str) -> tuple[str, ...]:
    from pypinyin.seg.mmseg import seg

    return tuple(seg.cut(word)) if len(word) > 1 else (word,)


@lru_cache(maxsize=8192)
def _sounds(part: str) -> tuple[str, ...]:
    from pypinyin import Style, pinyin

    found = pinyin(part, style=Style.TONE3, neutral_tone_with_five=True, errors=_unknown)
    return tuple((syllables_of(readings[0]) or ("",))[0] if readings[0] else "" for readings in found)


def _unknown(run: str) -> Any:
    """An empty reading for each character that pypinyin does not have; its own types know only one for all."""
    return [""] * len(run)


@lru_cache(maxsize=1024)
def stand_in(syllables: tuple[str, ...]) -> str:
    """Common hanzi that are read so, for engines that take no pinyin; empty when there is none."""
    found = [_hanzi_for().get(syllable) or _hanzi_for().get(syllable[:-1]) for syllable in syllables]
    return "" if None in found else "".join(hanzi for hanzi in found if hanzi)


@lru_cache(maxsize=1)
def _hanzi_for() -> dict[str, str]:
    """A hanzi of GB 2312's first level for each syllable with its tone, and without; those of one reading first."""
    from pypinyin.constants import PINYIN_DICT

    common = [_gb2312(first, second) for first in range(0xB0, 0xD8) for second in range(0xA1, 0xFF)]
    read = [(hanzi, PINYIN_DICT.get(ord(hanzi), "").split(",")) for hanzi in common if hanzi]
    found: dict[str, str] = {}
    for hanzi, readings in sorted(read, key=lambda one: len(one[1]) > 1):
        if sounds := syllables_of(readings[0]):
            found.setdefault(sounds[0], hanzi)
            found.setdefault(sounds[0][:-1], hanzi)
    return found


def _gb2312(first: int, second: int) -> str:
    return bytes((first, second)).decode("gb2312", "ignore")

"""How the store wants words to be read: its own file over the defaults that ship.

A lexicon is immutable and pure; reading and writing its file is in :mod:`broadcaster.voice.reading.lexicon_file`.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from broadcaster.voice.reading.syllables import syllables_of

if TYPE_CHECKING:
    from broadcaster.voice.reading.lexicon_file import LexiconFault

_HANZI = re.compile("[\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_LETTERS = re.compile(r"[A-Z](?: [A-Z])*")


def is_hanzi(character: str) -> bool:
    """Whether it is a Chinese character."""
    return _HANZI.match(character) is not None


def folded(text: str) -> str:
    """Lower case and half width, of the same length, so that positions hold in both."""
    return "".join(_folded(character) for character in text)


@lru_cache(maxsize=4096)
def _folded(character: str) -> str:
    half = unicodedata.normalize("NFKC", character)
    lower = (half if len(half) == 1 else character).lower()
    return lower if len(lower) == 1 else character


@dataclass(frozen=True, slots=True)
class Entry:
    """One word and how it is read: as other words, as pinyin, or letter by letter."""

    word: str
    reading: str
    note: str = ""

    @property
    def pinyin(self) -> tuple[str, ...]:
        """Numbered syllables, when the reading is pinyin; else empty."""
        return () if self.spelled else syllables_of(self.reading) or ()

    @property
    def spelled(self) -> bool:
        """Whether the reading is single capitals (``V I P``): say the letters."""
        return _LETTERS.fullmatch(self.reading) is not None

    @property
    def say_like(self) -> str:
        """The words to say instead, when the reading is neither pinyin nor letters; else empty."""
        return "" if self.spelled or self.pinyin else self.reading


@dataclass(frozen=True, slots=True)
class Hit:
    """An entry found in a text, at characters ``start`` to ``end`` (exclusive)."""

    start: int
    end: int
    entry: Entry


@dataclass(frozen=True)
class Lexicon:
    """Words with their readings; a later entry for a word replaces an earlier one."""

    entries: tuple[Entry, ...] = ()
    _by_first: dict[str, list[tuple[str, Entry]]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        latest = {folded(entry.word): entry for entry in self.entries}
        by_first: dict[str, list[tuple[str, Entry]]] = {}
        for word in sorted(latest, key=len, reverse=True):
            by_first.setdefault(word[:1], []).append((word, latest[word]))
        object.__setattr__(self, "entries", tuple(latest.values()))
        object.__setattr__(self, "_by_first", by_first)

    @classmethod
    def load(cls, path: Path | None) -> tuple[Lexicon, list[LexiconFault]]:
        """The store's file over the defaults, and everything wrong with the file; a faulty line is left out.

        A missing file is no fault: the defaults hold.
        """
        from broadcaster.voice.reading.lexicon_file import read_entries

        entries, faults = read_entries(path) if path is not None else ((), [])
        return cls((*builtin().entries, *entries)), faults

    def hits(self, text: str) -> list[Hit]:
        """Where its words stand: from the left, the longest first, never one over another.

        Letters match without regard to case and width, and only as whole words.
        """
        plain = folded(text)
        found: list[Hit] = []
        at = 0
        while at < len(plain):
            for word, entry in self._by_first.get(plain[at], ()):
                if plain.startswith(word, at) and _stands_alone(plain, at, at + len(word)):
                    found.append(Hit(at, at + len(word), entry))
                    at += len(word)
                    break
            else:
                at += 1
        return found

    def affects(self, text: str) -> bool:
        """Whether any of its words is in the text."""
        return bool(self.hits(text))


def _stands_alone(plain: str, start: int, end: int) -> bool:
    """Letters don't go on before or after it, nor digits where it ends in a digit."""
    return not (_joined(plain[start - 1 : start], plain[start]) or _joined(plain[end - 1], plain[end : end + 1]))


def _joined(left: str, right: str) -> bool:
    if not (left and right) or is_hanzi(left) or is_hanzi(right):
        return False
    return (left.isalpha() and right.isalpha()) or (left.isdigit() and right.isdigit())


@lru_cache(maxsize=1)
def builtin() -> Lexicon:
    """The defaults that ship with the program."""
    from broadcaster.voice.reading.lexicon_file import parse_entries

    text = resources.files("broadcaster.voice.reading").joinpath("data/lexicon.csv").read_text(encoding="utf-8")
    entries, faults = parse_entries(text, "lexicon.csv")
    if faults:
        raise AssertionError(f"the lexicon that ships has faults: {[str(fault) for fault in faults]}")
    return Lexicon(entries)

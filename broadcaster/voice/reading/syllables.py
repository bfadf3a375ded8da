"""Pinyin syllables: which there are, and their two spellings, with tone marks (chóng) and with numbers (chong2).

Everything here is the official scheme (汉语拼音方案); ``v`` stands for ü inside numbered syllables.
"""

from __future__ import annotations

import difflib
import re
import unicodedata

_TABLE = """
- a ai an ang ao e ei en eng er o ou
b a ai an ang ao ei en eng i ian iao ie in ing o u
p a ai an ang ao ei en eng i ian iao ie in ing o ou u
m a ai an ang ao e ei en eng i ian iao ie in ing iu o ou u
f a an ang ei en eng o ou u
d a ai an ang ao e ei en eng i ia ian iao ie ing iu ong ou u uan ui un uo
t a ai an ang ao e eng i ian iao ie ing ong ou u uan ui un uo
n a ai an ang ao e ei en eng i ian iang iao ie in ing iu ong ou u uan uo v ve
l a ai an ang ao e ei eng i ia ian iang iao ie in ing iu o ong ou u uan un uo v ve
g a ai an ang ao e ei en eng ong ou u ua uai uan uang ui un uo
k a ai an ang ao e ei en eng ong ou u ua uai uan uang ui un uo
h a ai an ang ao e ei en eng ong ou u ua uai uan uang ui un uo
j i ia ian iang iao ie in ing iong iu u uan ue un
q i ia ian iang iao ie in ing iong iu u uan ue un
x i ia ian iang iao ie in ing iong iu u uan ue un
zh a ai an ang ao e ei en eng i ong ou u ua uai uan uang ui un uo
ch a ai an ang ao e en eng i ong ou u ua uai uan uang ui un uo
sh a ai an ang ao e ei en eng i ou u ua uai uan uang ui un uo
r an ang ao e en eng i ong ou u ua uan ui un uo
z a ai an ang ao e ei en eng i ong ou u uan ui un uo
c a ai an ang ao e en eng i ong ou u uan ui un uo
s a ai an ang ao e en eng i ong ou u uan ui un uo
y a an ang ao e i in ing o ong ou u uan ue un
w a ai an ang ei en eng o u
"""

SYLLABLES = frozenset(
    initial.strip("-") + final
    for initial, *finals in (line.split() for line in _TABLE.split("\n") if line)
    for final in finals
)
"""Every syllable without its tone."""

_MARKS = {"\u0304": 1, "\u0301": 2, "\u030c": 3, "\u0300": 4}
_ON = {tone: mark for mark, tone in _MARKS.items()}
_SPACES = re.compile(r"[\s'’·\-]+")
_NUMBERED = re.compile(r"([a-zü:]+?)([0-5])")


def syllables_of(written: str) -> tuple[str, ...] | None:
    """``chóng qìng``, ``chong2 qing4``, ``chóngqìng`` or ``chong2qing4`` as numbered syllables.

    A syllable without a tone gets the neutral one, 5. None when it is not pinyin.
    """
    found: list[str] = []
    for part in _SPACES.split(written.strip().lower()):
        split = _split_numbered(part) if any(letter.isdigit() for letter in part) else _split_marked(part)
        if not split:
            return None
        found += split
    return tuple(found) or None


def marked(syllable: str) -> str:
    """``chong2`` as ``chóng``: the mark stands on a or e, on the o of ou, else on the last vowel."""
    letters, tone = syllable.rstrip("012345"), syllable[-1:]
    letters = letters.replace("v", "ü")
    mark = _ON.get(int(tone) if tone.isdigit() else 5)
    vowels = [place for place, letter in enumerate(letters) if letter in "aeiouü"]
    if mark is None or not vowels:
        return letters
    place = next((at for at in vowels if letters[at] in "ae"), None)
    if place is None:
        place = letters.find("ou") if "ou" in letters else vowels[-1]
    return unicodedata.normalize("NFC", f"{letters[: place + 1]}{mark}{letters[place + 1 :]}")


def marked_all(syllables: tuple[str, ...] | list[str]) -> str:
    """Syllables with tone marks and a space between."""
    return " ".join(marked(syllable) for syllable in syllables)


def close_to(written: str) -> str:
    """The spelling that was probably meant, with tones kept as they were written; empty when nothing is near."""
    meant: list[str] = []
    for part in _SPACES.split(written.strip().lower()):
        letters, tone = _plain(part)
        letters = letters.rstrip("0123456789")
        near = [letters] if letters in SYLLABLES else difflib.get_close_matches(letters, sorted(SYLLABLES), 1, 0.6)
        if not near:
            return ""
        number = part[-1] if part[-1:] in "12345" and part[-1:] else str(tone or 5)
        meant.append(marked(near[0] + number))
    return " ".join(meant)


def plain_syllables(letters: str) -> tuple[str, ...] | None:
    """Toneless letters in as few syllables as can be (``huawei``: hua, wei); None when they are not pinyin."""
    best: list[tuple[str, ...] | None] = [()]
    for end in range(1, len(letters) + 1):
        found: tuple[str, ...] | None = None
        for start in range(max(0, end - 6), end):
            before, piece = best[start], letters[start:end]
            if before is not None and piece in SYLLABLES and (found is None or len(before) + 1 < len(found)):
                found = (*before, piece)
        best.append(found)
    return best[-1] or None


def _split_numbered(part: str) -> list[str]:
    pieces = _NUMBERED.findall(part)
    if "".join(letters + tone for letters, tone in pieces) != part:
        return []
    plain = [(letters.replace("u:", "v").replace("ü", "v"), tone.replace("0", "5")) for letters, tone in pieces]
    return [letters + tone for letters, tone in plain] if all(letters in SYLLABLES for letters, _ in plain) else []


def _split_marked(part: str) -> list[str]:
    letters, _ = _plain(part)
    cut = plain_syllables(letters)
    if cut is None:
        return []
    tones = _tones_by_letter(part)
    found, at = [], 0
    for piece in cut:
        here = [tone for tone in tones[at : at + len(piece)] if tone]
        if len(here) > 1:
            return []
        found.append(f"{piece}{here[0] if here else 5}")
        at += len(piece)
    return found


def _plain(part: str) -> tuple[str, int]:
    """The letters without marks (ü as v), and the last tone among the marks."""
    letters = "".join(letter for letter, _ in _letters(part))
    tones = [tone for _, tone in _letters(part) if tone]
    return letters, tones[-1] if tones else 0


def _tones_by_letter(part: str) -> list[int]:
    return [tone for _, tone in _letters(part)]


def _letters(part: str) -> list[tuple[str, int]]:
    found: list[tuple[str, int]] = []
    for character in unicodedata.normalize("NFD", part):
        if character in _MARKS and found:
            found[-1] = found[-1][0], _MARKS[character]
        elif character == "\u0308" and found:
            found[-1] = "v", found[-1][1]
        elif unicodedata.combining(character) == 0:
            found.append((character, 0))
    return found

"""Phrases: sentences, and long sentences in parts that the voice can take in one breath.

The model's memory grows with the longest part, and beyond about 120 sounds it is neither faster nor better;
28 hanzi are about that many. Parts end at commas where there are any, and are as even as can be.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from broadcaster.voice.reading.model import Phrase, Token

SENTENCE_PAUSE_S = 0.45
CLAUSE_PAUSE_S = 0.22
BREATH_PAUSE_S = 0.08
"""Where a clause without a comma had to be cut."""
LONGEST = 28.0
"""Hanzi in a phrase, at most."""
_SYMBOLS_A_HANZI = 4.3
_ENDS = frozenset(".!?;…\n")


@dataclass(frozen=True, slots=True)
class Spoken:
    """A token, with what engines that read text themselves get for it."""

    token: Token
    plain: str


def phrases_of(spoken: Sequence[Spoken]) -> tuple[Phrase, ...]:
    """The phrases of a text, in order; what has nothing to say is left out."""
    found: list[Phrase] = []
    for sentence in _split(spoken, _ENDS):
        clauses = [part for clause in _split(sentence, frozenset(",:—")) for part in _breaths(clause)]
        parts = _even(clauses)
        found += [_phrase(part, last=part is parts[-1]) for part in parts]
    return tuple(phrase for phrase in found if any(token.kind != "pause" for token in phrase.tokens))


def _cost(part: Sequence[Spoken]) -> float:
    return sum(len(one.token.pinyin) or len(one.token.phonemes) / _SYMBOLS_A_HANZI for one in part)


def _split(spoken: Sequence[Spoken], marks: frozenset[str]) -> list[list[Spoken]]:
    """Parts, each with its mark at its end; marks without words go to the part before them."""
    parts: list[list[Spoken]] = []
    open_ = False
    for one in spoken:
        pause = one.token.kind == "pause"
        if not open_ and not (pause and parts):
            parts.append([])
            open_ = True
        parts[-1].append(one)
        if pause and one.token.text in marks:
            open_ = False
    return parts


def _breaths(clause: list[Spoken]) -> list[list[Spoken]]:
    """A clause that is too long, cut between words into even parts."""
    count = int(-(-_cost(clause) // LONGEST)) or 1
    share = _cost(clause) / count
    parts: list[list[Spoken]] = [[]]
    for one in clause:
        if parts[-1] and one.token.kind != "pause" and _full(parts[-1], one, share if len(parts) < count else LONGEST):
            parts.append([])
        parts[-1].append(one)
    return parts


def _full(part: list[Spoken], one: Spoken, share: float) -> bool:
    return _cost([*part, one]) - _cost([one]) / 2 > share or _cost([*part, one]) > LONGEST


def _even(clauses: list[list[Spoken]]) -> list[list[Spoken]]:
    """Neighbours joined into the fewest parts that fit, and of those ways the most even one."""
    best: list[tuple[int, float, int]] = [(0, 0.0, 0)]
    for end in range(1, len(clauses) + 1):
        ways: list[tuple[int, float, int]] = []
        cost = 0.0
        for start in range(end - 1, -1, -1):
            cost += _cost(clauses[start])
            if cost > LONGEST and start < end - 1:
                break
            ways.append((best[start][0] + 1, best[start][1] + cost * cost, start))
        best.append(min(ways))
    parts: list[list[Spoken]] = []
    end = len(clauses)
    while end:
        start = best[end][2]
        parts.append([one for clause in clauses[start:end] for one in clause])
        end = start
    return parts[::-1]


def _phrase(part: Sequence[Spoken], *, last: bool) -> Phrase:
    pause_s = CLAUSE_PAUSE_S if part[-1].token.kind == "pause" else BREATH_PAUSE_S
    if last:
        pause_s = SENTENCE_PAUSE_S
    return Phrase(tuple(one.token for one in part if one.token.text != "\n"), pause_s, _plain(part))


def _plain(part: Sequence[Spoken]) -> str:
    text = ""
    for one in part:
        apart = text[-1:].isascii() and text[-1:].isalnum() and one.plain[:1].isascii() and one.plain[:1].isalnum()
        text += f" {one.plain}" if apart else one.plain
    return text.strip()

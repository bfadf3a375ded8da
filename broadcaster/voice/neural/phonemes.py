"""A phrase as the model's symbols.

Mandarin syllables become IPA by misaki's table, then the tone letters become arrows: the notation in which Kokoro
v1.0 was trained (misaki's own front end writes the same). English words come with their symbols already.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from misaki.transcription import pinyin_to_ipa

from broadcaster.errors import VoiceError
from broadcaster.voice.reading.model import Token

LONGEST = 120
"""Symbols in one inference. Memory grows with it: 555 MB at 120, 800 at 240, 1,350 at 500 (measured)."""
CLAUSE_S = 0.22
WORD_S = 0.04

_RETONE = (("˧˩˧", "↓"), ("˧˥", "↗"), ("˥˩", "↘"), ("˥", "→"), ("ɻ̩", "ɨ"), ("ɹ̩", "ɨ"), ("\u032f", ""))
_MARKS = dict.fromkeys("、，", ",") | {
    "。": ".", "．": ".", "！": "!", "？": "?", "：": ":", "；": ";", "《": "“", "》": "”", "「": "“", "」": "”",
    "【": "“", "】": "”", "（": "(", "）": ")", "——": "—", "……": "…", "\n": ".",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Chunk:
    """What one inference speaks."""

    symbols: str
    pause_s: float
    """Seconds of silence after it when another chunk of the same phrase follows."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """Never cut: a syllable, a word of another language, or a mark."""

    symbols: str
    starts_word: bool = False
    mark: bool = False


@lru_cache(maxsize=4096)
def syllable(pinyin: str) -> str:
    """Symbols of one syllable with its tone number. Raises ``VoiceError`` when it is no syllable of Mandarin."""
    plain = pinyin.strip().lower().replace("u:", "ü")
    try:
        return _symbols(plain)
    except (ValueError, KeyError, IndexError, AssertionError) as error:
        # A syllable that took the r of 儿: "nar4", "r5".
        tone = plain[-1:] if plain[-1:].isdigit() else "5"
        stem = plain.rstrip("012345")
        if stem == "r":
            return _symbols(f"er{tone}")
        if len(stem) > 2 and stem.endswith("r"):
            return syllable(stem[:-1] + tone) + "ɻ"
        raise VoiceError(f"{pinyin!r} is no syllable of Mandarin; correct it in the lexicon") from error


def _symbols(pinyin: str) -> str:
    ipa = "".join(next(iter(pinyin_to_ipa(pinyin))))
    for written, meant in _RETONE:
        ipa = ipa.replace(written, meant)
    return ipa


def chunks(tokens: Sequence[Token], longest: int = LONGEST) -> list[Chunk]:
    """The phrase in as few pieces as the model takes, cut at marks where there are any, else between words.

    Raises ``VoiceError`` when a token has no reading: it must not be dropped in silence.
    """
    done: list[Chunk] = []
    held: list[_Piece] = []
    for piece in _pieces(tokens):
        held.append(piece)
        while len(_joined(held)) > longest - 1 and len(held) > 1:
            cut = _cut(held)
            done.append(_chunk(held[:cut], last=False))
            held = held[cut:]
    if any(not piece.mark for piece in held):
        done.append(_chunk(held, last=True))
    if not done:
        raise VoiceError("there is nothing to speak in this phrase")
    return done


def _pieces(tokens: Sequence[Token]) -> Iterator[_Piece]:
    heard = False
    for token in tokens:
        if token.kind == "pause":
            mark = _MARKS.get(token.text.strip(" "), token.text.strip(" "))
            if mark and heard:  # a mark before any word is no pause
                yield _Piece(mark[0], mark=True)
        elif token.phonemes:
            yield _Piece(token.phonemes, starts_word=True)
        elif token.pinyin:
            for place, pinyin in enumerate(token.pinyin):
                yield _Piece(syllable(pinyin), starts_word=place == 0)
        else:
            raise VoiceError(f"no reading is known for {token.text!r}; add it to the lexicon")
        heard = heard or token.kind != "pause"


def _joined(pieces: Sequence[_Piece]) -> str:
    text = ""
    for piece in pieces:
        text += f" {piece.symbols}" if text and piece.starts_word else piece.symbols
    return text


def _cut(pieces: Sequence[_Piece]) -> int:
    """How many of the pieces go first; the last one is what was too much."""
    last = len(pieces) - 1
    for place in range(last, last // 3, -1):
        if pieces[place - 1].mark:
            return place
    for place in range(last, 0, -1):
        if pieces[place].starts_word:
            return place
    return last


def _chunk(pieces: Sequence[_Piece], *, last: bool) -> Chunk:
    text = _joined(pieces)
    if last:
        return Chunk(text if pieces[-1].mark else f"{text}.", 0.0)
    if pieces[-1].mark:
        return Chunk(text, CLAUSE_S)
    return Chunk(f"{text},", WORD_S)  # the comma keeps the voice up: the sentence goes on

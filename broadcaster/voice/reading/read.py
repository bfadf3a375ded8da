"""A text into all that is known of how it will be said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from broadcaster.voice.reading.english_numbers import in_words
from broadcaster.voice.reading.lexicon import Hit, Lexicon
from broadcaster.voice.reading.model import Doubt, Phrase, Reading
from broadcaster.voice.reading.normalise import KEPT, Piece, normalised
from broadcaster.voice.reading.sentences import phrases_of
from broadcaster.voice.reading.tokens import hear
from broadcaster.voice.reading.trace import traced

_ASCII_MARKS = str.maketrans({"，": ", ", "：": ": ", "；": "; ", "。": ". ", "！": "! ", "？": "? ", "、": ", "})


def read(text: str, lexicon: Lexicon, *, language: str = "zh") -> Reading:
    """How a text will be said by a voice of that language, and what of it the author should look at.

    Any text will do; one without a word gives no phrase. Takes a few milliseconds a sentence, and more than a second
    for the first text, which loads the dictionaries.
    """
    zh = language.split("-")[0].lower() == "zh"
    hits = [hit for hit in lexicon.hits(text) if zh or hit.entry.spelled]
    pieces = normalised(text, keep=[(hit.start, hit.end) for hit in hits]) if zh else _english(text, hits)
    chars = traced(text, pieces, hits)
    heard = hear(text, chars, "zh" if zh else "en")
    doubts = [*heard.doubts, *_of_numbers(text, pieces)]
    phrases = phrases_of(heard.spoken)
    return Reading(
        source=text,
        spoken="".join(piece for piece, _ in heard.ruby),
        pinyin=tuple(heard.ruby),
        phrases=phrases if zh else tuple(_western(phrase) for phrase in phrases),
        doubts=tuple(sorted(doubts, key=lambda doubt: (doubt.start, doubt.end))),
    )


def _of_numbers(text: str, pieces: Sequence[Piece]) -> list[Doubt]:
    """What the normaliser was not sure of, and what it had to leave out."""
    found: list[Doubt] = []
    for piece in pieces:
        if piece.doubtful:
            code = "number" if piece.text else "character"
            written = text[piece.source_start : piece.source_end]
            found.append(Doubt(code, written, piece.source_start, piece.source_end, piece.text))
    return found


def _english(text: str, hits: Sequence[Hit]) -> list[Piece]:
    """English as it is, its figures in words; a piece for each word, so that origins are known."""
    pieces: list[Piece] = []
    at = 0
    for hit in hits:
        pieces += _words(text, at, hit.start)
        pieces.append(Piece(hit.start, hit.end, text[hit.start : hit.end], KEPT))
        at = hit.end
    return pieces + _words(text, at, len(text))


def _words(text: str, start: int, end: int) -> list[Piece]:
    pieces: list[Piece] = []
    at = start
    while at < end:
        stop = next((place for place in range(at + 1, end) if text[place] == " "), end)
        said = in_words(text[at:stop])
        pieces.append(Piece(at, stop, said, "" if said == text[at:stop] else "figures"))
        at = stop
    return pieces


def _western(phrase: Phrase) -> Phrase:
    return replace(phrase, plain=" ".join(phrase.plain.translate(_ASCII_MARKS).split()))

"""A text on its way from the author to the voice, that remembers where every character came from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from broadcaster.voice.reading.lexicon import Hit
from broadcaster.voice.reading.normalise import KEPT, Piece


@dataclass(frozen=True, slots=True)
class Char:
    """One character: where it comes from in the author's text, and the lexicon's word that it belongs to."""

    text: str
    start: int
    end: int
    hit: Hit | None = None


def traced(source: str, pieces: Sequence[Piece], hits: Sequence[Hit]) -> list[Char]:
    """The characters that will be said. ``hits`` are the stretches that the normaliser kept."""
    by_start = {hit.start: hit for hit in hits}
    chars: list[Char] = []
    for piece in pieces:
        hit = by_start.get(piece.source_start) if piece.rule == KEPT else None
        if hit is not None:
            chars += _of_hit(source, hit)
        else:
            chars += _of_piece(source[piece.source_start : piece.source_end], piece)
    return chars


def text_of(chars: Sequence[Char]) -> str:
    """The characters as text."""
    return "".join(char.text for char in chars)


def span_of(chars: Sequence[Char]) -> tuple[int, int]:
    """Where they stand in the author's text, ``end`` exclusive."""
    return min(char.start for char in chars), max(char.end for char in chars)


def _of_hit(source: str, hit: Hit) -> list[Char]:
    if hit.entry.say_like:
        return [Char(character, hit.start, hit.end, hit) for character in hit.entry.say_like]
    return [Char(source[place], place, place + 1, hit) for place in range(hit.start, hit.end)]


def _of_piece(written: str, piece: Piece) -> Iterator[Char]:
    """Each character with its own origin where the text was only cleaned; with the whole piece's where rewritten."""
    if piece.rule:
        yield from (Char(character, piece.source_start, piece.source_end) for character in piece.text)
        return
    at = 0
    for character in piece.text:
        place = at if len(written) == len(piece.text) else max(written.find(character, at), at)
        place = min(place, len(written) - 1)
        yield Char(character, piece.source_start + place, piece.source_start + place + 1)
        at = place + 1

"""Retail Mandarin into words: prices, dates, floors, telephone numbers and the rest, no digit left.

The store's own rules recognise what mall notices write; the kept library (wetext) is asked about formulas, foreign
money, speeds and comparing signs; what is left is read digit by digit and marked doubtful. That order was measured: of
the 735 written cases in ``tests/data``, punctuation aside, wetext alone says 414 as written (483 when 两 and 二, 到
and 至 count as one) and cn2an's own sentence reader 286. wetext mangles the most common things (第2件 becomes 第两件,
1-6楼 一减六楼, 0571-8888 a subtraction, 10,000 十,零零零, ¥1,299 一元,两百九十九), so it must not see them first.
Number words are cn2an's, traditional hanzi wetext's table.

Conventions, as announcers read: 至 for ranges; 两 before measure words and for the leading 2 of 百 千 万 亿, 二 in
dates, floors, ordinals, discounts and degrees; 幺 for 1 in telephone, room and plate numbers, which are said in the
groups people write; years and discounts of two digits one by one; B1层 is 负一层; prices drop zeros after the point.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from broadcaster.voice.reading.characters import Dropped, Prepared, is_latin, prepare
from broadcaster.voice.reading.dates import DATES, TIMES
from broadcaster.voice.reading.leftovers import LIBRARY, PLAIN, leftovers
from broadcaster.voice.reading.money import MONEY
from broadcaster.voice.reading.names import CODES, FESTIVALS, MODELS, ORDINALS
from broadcaster.voice.reading.phones import PHONES, PLATES
from broadcaster.voice.reading.places import PLACES
from broadcaster.voice.reading.rule import Claim, claims
from broadcaster.voice.reading.signs import MARKS, PAUSE, sign
from broadcaster.voice.reading.units import SIZES, TEMPERATURES, UNITS

RULES = (
    *PLATES, *PHONES, *FESTIVALS, *DATES, *TIMES, *MONEY, *SIZES, *TEMPERATURES, *LIBRARY, *PLACES, *CODES, *UNITS,
    *ORDINALS, *MODELS, *PLAIN,
)  # fmt: skip
"""In order of precedence: a stretch belongs to the first rule that reads it."""
KEPT = "kept"
DROPPED = "dropped"
DIGITS = "digits"


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the source and how it is said. Pieces follow one another through the whole source."""

    source_start: int
    source_end: int
    text: str
    rule: str
    """The rule that read it; ``""`` for text as written, ``kept``, ``dropped`` (nothing is said) or ``digits``."""
    doubtful: bool = False


def normalised(text: str, *, keep: Sequence[tuple[int, int]] = ()) -> tuple[Piece, ...]:
    """The text as it will be said, in pieces that together cover the source in order: hanzi, Latin words and
    punctuation, never a digit. Any text will do.

    ``keep`` names stretches of the source that stay exactly as they are, one piece each with rule ``kept``: words whose
    reading the lexicon gives. They are sorted and don't overlap.
    """
    kept = tuple((start, end) for start, end in keep if start < end)
    prepared = prepare(text, kept)
    claimed = sorted(_claimed(prepared, kept, text), key=lambda claim: claim.start)
    return tuple(_joined(list(_in_source(claimed, prepared, len(text)))))


def _claimed(prepared: Prepared, kept: tuple[tuple[int, int], ...], source: str) -> Iterator[Claim]:
    taken = bytearray(len(prepared.text))
    for start, end in kept:
        places = [i for i, at in enumerate(prepared.starts) if start <= at < end]
        if places:
            taken[places[0] : places[-1] + 1] = b"\x01" * len(places)
            yield Claim(places[0], places[-1] + 1, source[start:end], KEPT, False)
    if any(character.isdigit() for character in prepared.text) or "-" in prepared.text or "φ" in prepared.text:
        yield from claims(RULES, prepared.text, taken)
    elif any(mark in prepared.text for mark in "-~—/²"):
        yield from claims((*DATES, *TIMES, *UNITS), prepared.text, taken)
    yield from _unclaimed(prepared.text, taken)


def _unclaimed(text: str, taken: bytearray) -> Iterator[Claim]:
    """Text as written, with its signs; runs of digits that nobody claimed are read one by one."""
    at = 0
    while at < len(text):
        if taken[at]:
            at += 1
            continue
        end = at
        while end < len(text) and not taken[end]:
            end += 1
        done = at
        for start, stop, words, doubtful in leftovers(text[at:end]):
            yield from _as_written(text, done, at + start)
            yield Claim(at + start, at + stop, words, DIGITS, doubtful)
            done = at + stop
        yield from _as_written(text, done, end)
        at = end


def _as_written(text: str, start: int, end: int) -> Iterator[Claim]:
    for at in range(start, end):
        yield Claim(at, at + 1, sign(text, at), "", False)


def _in_source(claimed: list[Claim], prepared: Prepared, length: int) -> Iterator[Piece]:
    """Claims as pieces of the source; what was dropped between two of them becomes a piece that says nothing."""
    dropped = {one.start: one for one in prepared.dropped}
    done = 0
    for claim in claimed:
        start, end = max(prepared.starts[claim.start], done), prepared.ends[claim.end - 1]
        if end <= done and not claim.text:
            continue
        yield from _gap(done, start, dropped)
        yield Piece(start, max(end, start), claim.text, claim.rule, claim.doubtful)
        done = max(end, done)
    yield from _gap(done, length, dropped)


def _gap(start: int, end: int, dropped: dict[int, Dropped]) -> Iterator[Piece]:
    at = start
    while at < end:
        one = dropped.get(at)
        stop = min(one.end, end) if one else end
        yield Piece(at, stop, "", DROPPED, bool(one and one.doubtful))
        at = stop


def _joined(pieces: list[Piece]) -> Iterator[Piece]:
    """Pauses settled by what stands beside them, then plain neighbours made one."""
    spoken = _settled(pieces)
    last: Piece | None = None
    for piece in spoken:
        if last and last.rule == piece.rule == "":
            last = replace(last, source_end=piece.source_end, text=last.text + piece.text)
            continue
        if last:
            yield last
        last = piece
    if last:
        yield last


def _between_words(before: str, after: str) -> bool:
    return bool(before and after) and all(is_latin(side) or side == "&" for side in (before, after))


def _settled(pieces: list[Piece]) -> list[Piece]:
    settled: list[Piece] = []
    before = ""
    for at, piece in enumerate(pieces):
        text = piece.text
        if piece.rule == "" and text == PAUSE:
            after = next((other.text[0] for other in pieces[at + 1 :] if other.text and other.text != PAUSE), "")
            text = "，" if before and before not in MARKS and after and after not in MARKS else ""
        elif piece.rule == "" and text in ("！", "？", "，", "。", "；", "：", "、") and text == before:
            text = ""
        elif piece.rule == "" and text == " ":
            after = next((other.text[0] for other in pieces[at + 1 :] if other.text), "")
            text = " " if _between_words(before, after) else ""
        settled.append(piece if text is piece.text else replace(piece, text=text))
        before = text[-1] if text else before
    return settled

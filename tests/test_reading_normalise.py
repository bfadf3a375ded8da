"""Retail Mandarin as an announcer reads it: written cases, exact.

``normalise.tsv`` and ``normalise_notices.tsv`` were written before the rules; 521 of their 539 lines were right at the
first run. ``normalise_held.tsv`` and ``normalise_held2.tsv`` were written later and run unseen: 88 of 103, then, after
mending, 63 of 69 at their first runs.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from broadcaster.voice.reading.normalise import normalised
from tests.reading_kit import normalise

DATA = Path(__file__).parent / "data"


def cases() -> list[tuple[str, str]]:
    lines = [
        line
        for name in ("normalise", "normalise_notices", "normalise_held", "normalise_held2")
        for line in (DATA / f"{name}.tsv").read_text(encoding="utf-8").splitlines()
        if line and not line.startswith("# ")
    ]
    return [(source, said) for source, _, said in (line.partition("\t") for line in lines)]


@pytest.mark.parametrize(("source", "said"), cases(), ids=[source for source, _ in cases()])
def test_written_case(source: str, said: str) -> None:
    assert normalise(source) == said


def test_there_are_enough_cases() -> None:
    assert len(dict(cases())) >= 350


@pytest.mark.parametrize("said", sorted({said for _, said in cases()}))
def test_what_is_said_is_said_the_same_again(said: str) -> None:
    assert normalise(said) == said


def test_pieces_tell_which_part_of_the_source_became_what() -> None:
    pieces = normalised("原价1299元,😀3楼")
    assert [(piece.source_start, piece.source_end, piece.text, piece.rule) for piece in pieces] == [
        (0, 2, "原价", ""),
        (2, 7, "一千二百九十九元", "price"),
        (7, 8, "，", ""),
        (8, 9, "", "dropped"),
        (9, 11, "三楼", "floor"),
    ]


def test_what_the_lexicon_reads_stays_as_it_is() -> None:
    source = "请到7-11便利店3楼"
    pieces = normalised(source, keep=[(2, 6)])
    assert "".join(piece.text for piece in pieces) == "请到7-11便利店三楼"
    assert [piece.rule for piece in pieces if piece.source_start == 2] == ["kept"]


def test_a_kept_stretch_is_one_piece_even_with_signs_that_are_not_spoken() -> None:
    pieces = normalised("在★L&D★买2送1", keep=[(1, 6)])
    assert [(piece.text, piece.rule) for piece in pieces][1] == ("★L&D★", "kept")


def test_a_guess_is_marked_doubtful() -> None:
    assert [piece.text for piece in normalised("号头87654321") if piece.doubtful] == ["八七六五，四三二幺"]


def test_unreadable_letters_are_doubtful_and_ornaments_are_not() -> None:
    assert [piece.doubtful for piece in normalised("欢迎カ光临😀") if piece.rule == "dropped"] == [True, False]

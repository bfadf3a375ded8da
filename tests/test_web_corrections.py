"""A doubtful reading is corrected by an entry that changes no other word."""

from __future__ import annotations

import pytest

from broadcaster.voice.reading.lexicon import Entry, Lexicon, builtin
from broadcaster.voice.reading.lexicon_file import fault_of
from broadcaster.voice.reading.model import Doubt, Reading
from broadcaster.voice.reading.read import read
from broadcaster.web.corrections import corrections


def reading(text: str, *pieces: tuple[str, str]) -> Reading:
    at = text.index("重", 1)
    return Reading(text, text, pieces, (), (Doubt("polyphone", "重", at, at + 1, "zhòng", ("chóng",)),))


@pytest.mark.parametrize(
    ("text", "pieces", "word", "whole"),
    [
        ("到重装区", (("到", "dào"), ("重装", "zhòng zhuāng"), ("区", "qū")), "重装", "chóng zhuāng"),
        ("到重的", (("到", "dào"), ("重", "zhòng"), ("的", "de")), "重的", "chóng de"),
        ("到重。", (("到", "dào"), ("重", "zhòng"), ("。", "")), "到重", "dào chóng"),
        ("，重。", (("，", ""), ("重", "zhòng"), ("。", "")), "重", "chóng"),
        ("重要的重装", (("重要", "zhòng yào"), ("的", "de"), ("重装", "zhòng zhuāng")), "重装", "chóng zhuāng"),
        ("3重装", (("三", "sān"), ("重装", "zhòng zhuāng")), "重装", "chóng zhuāng"),
    ],
)
def test_a_character_is_corrected_with_its_neighbours(
    text: str, pieces: tuple[tuple[str, str], ...], word: str, whole: str
) -> None:
    (correction,) = corrections(reading(text, *pieces))
    assert (correction.word, correction.readings) == (word, (("chóng", whole),))


@pytest.mark.parametrize(
    "text", ["长的这款行不行", "请到重装区", "TATAX木门欢迎您", "这行人多", "还车请到A区3楼长的柜台"]
)
def test_what_is_offered_can_be_entered_and_settles_the_doubt(text: str) -> None:
    lexicon = builtin()
    for correction in corrections(read(text, lexicon)):
        for _choice, whole in correction.readings:
            assert correction.word in text
            assert fault_of(correction.word, whole) is None
            settled = Lexicon((Entry(correction.word, whole), *lexicon.entries))
            places = {(doubt.start, doubt.text) for doubt in read(text, settled).doubts}
            assert (correction.doubt.start, correction.doubt.text) not in places

"""A whole text read: what is said, what is shown, what the author is asked."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broadcaster.voice.reading.lexicon import Entry, Lexicon, builtin, is_hanzi
from broadcaster.voice.reading.model import Reading
from broadcaster.voice.reading.read import read
from broadcaster.voice.reading.sentences import LONGEST, SENTENCE_PAUSE_S

NOTICE = "各位顾客,TATA木门满1000减200,VIP会员另享8.8折!请到A区3楼咨询,电话0571-88886666。"


def _doubts(text: str, code: str) -> list[str]:
    return [doubt.text for doubt in read(text, builtin()).doubts if doubt.code == code]


def _sounds(reading: Reading) -> str:
    return " ".join(sound for phrase in reading.phrases for token in phrase.tokens for sound in token.pinyin)


def test_lexicon_numbers_and_letters_are_applied() -> None:
    reading = read(NOTICE, builtin())
    assert reading.spoken.startswith("各位顾客，塔塔木门满一千减")
    assert "VIP" in reading.spoken
    assert "八点八折" in reading.spoken
    assert reading.doubts == ()
    assert "TATA" not in "".join(phrase.plain for phrase in reading.phrases)


def test_the_ruby_is_the_spoken_text_with_tone_marks() -> None:
    reading = read("请到重庆路A区", builtin())
    assert "".join(piece for piece, _ in reading.pinyin) == reading.spoken
    assert ("重庆", "chóng qìng") in [(piece[:2], sound[:11].strip()) for piece, sound in reading.pinyin]
    assert ("A", "ēi") in reading.pinyin


@pytest.mark.parametrize("word", ["Qeelin", "HUGO", "Zwqx"])
def test_every_unknown_word_is_told_with_its_place(word: str) -> None:
    text = f"满100减5,{word}沙发八折"
    (doubt,) = read(text, builtin()).doubts
    assert (doubt.code, text[doubt.start : doubt.end]) == ("unknown-word", word)
    assert doubt.read_as


def test_other_doubts() -> None:
    assert _doubts("请㛃女士到服务台", "rare-name") == ["㛃"]
    assert _doubts("欢迎ようこそ", "character") == ["ようこそ"]
    assert _doubts("他行不行", "polyphone") or _doubts("这行", "polyphone")


def test_pinyin_of_the_lexicon() -> None:
    lexicon = Lexicon((Entry("KUKA", "kù kǎ"), Entry("单雄", "shàn xióng"), Entry("ABC", "A B C")))
    reading = read("KUKA沙发,单雄在ABC店", lexicon)
    assert _sounds(reading).startswith("ku4 ka3 sha1 fa1 shan4 xiong2")
    assert reading.doubts == ()
    assert ("KUKA", "kù kǎ") in reading.pinyin
    assert "单" not in reading.phrases[0].plain  # an engine that reads hanzi itself would say dan
    assert not any(letter.isascii() and letter.isalpha() for letter in reading.phrases[0].plain)


def test_a_changed_price_changes_one_phrase() -> None:
    text = "各位顾客请注意。地板每平方米{}元。欢迎到三楼选购。"
    old, new = (read(text.format(price), builtin()).phrases for price in (99, 89))
    assert [a == b for a, b in zip(old, new, strict=True)] == [True, False, True]


def test_sentences_and_pauses() -> None:
    first, second = read("第一句,有逗号。第二句", builtin()).phrases
    assert first.plain == "第一句，有逗号。"
    assert [token.text for token in first.tokens if token.kind == "pause"] == [",", "."]
    assert first.pause_s == second.pause_s == SENTENCE_PAUSE_S


def test_long_sentences_are_cut_evenly() -> None:
    phrases = read("请您看护好老人和孩子,保管好随身物品,依次排队,注意安全," * 3 + "谢谢。", builtin()).phrases
    costs = [sum(len(token.pinyin) for token in phrase.tokens) for phrase in phrases]
    assert max(costs) <= LONGEST
    assert min(costs) >= LONGEST / 3


def test_english_is_left_as_it_is() -> None:
    reading = read("Dear customers, we close at 21:30. IKEA & VIP.", builtin(), language="en")
    assert reading.phrases[0].plain == "Dear customers, we close at twenty one thirty."
    assert all(token.phonemes for phrase in reading.phrases for token in phrase.tokens if token.kind != "pause")
    assert [doubt.text for doubt in reading.doubts] == ["IKEA"]


_PIECES = st.sampled_from(
    ["各位顾客", "满1000减200", "TATA", "iPhone15", "，", "。", "！", " ", "\n", "重", "地", "一", "不", "儿", "3楼",
     "Qx", "é", "🎉", "㛃", "“", "”", "の", "&", "'", "L&D", "8.8折", "ÀB", "Ⅷ", "-", "/", "·", "１", "٣"]
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.lists(_PIECES, max_size=25).map("".join), st.text(max_size=40)), st.sampled_from(["zh", "en"]))
def test_any_text_can_be_read(text: str, language: str) -> None:
    reading = read(text, builtin(), language=language)
    assert "".join(piece for piece, _ in reading.pinyin) == reading.spoken
    for doubt in reading.doubts:
        assert text[doubt.start : doubt.end] == doubt.text != ""
    for phrase in reading.phrases:
        assert not any(character.isdigit() for character in phrase.plain if language == "zh")
        for token in phrase.tokens:
            assert token.kind == "pause" or token.pinyin or token.phonemes
            assert token.kind != "hanzi" or len(token.pinyin) == len(token.text)
    said = "".join(token.text for phrase in reading.phrases for token in phrase.tokens)
    told = {doubt.text for doubt in reading.doubts}
    if language == "zh":
        for character in reading.spoken:
            assert not is_hanzi(character) or character in said or any(character in text for text in told)

"""Words in Latin letters: in the dictionary, spelled, or guessed and told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.voice.reading.english import phonemes_of, say_word
from broadcaster.voice.reading.english_numbers import in_words

# The symbols that US voices of Kokoro v1 know (misaki, en.py, US_VOCAB), with the T that its flap becomes.
KNOWN = frozenset("AIOWYbdfhijklmnpstuvwzæðŋɑɔəɛɜɡɪɹʃʊʌʒʤʧˈˌθᵊᵻT ")


def test_known_words_get_phonemes() -> None:
    (said,) = say_word("coffee")
    assert (said.phonemes, said.sure) == ("kˈɔfi", True)
    assert phonemes_of("customers").endswith("z")


@pytest.mark.parametrize("word", ["SALE", "OPEN", "STYLE"])
def test_a_word_in_capitals_is_not_spelled(word: str) -> None:
    (said,) = say_word(word)
    assert (said.kind, said.sure) == ("word", True)


def test_short_capitals_are_letters_and_a_guess_unless_a_type() -> None:
    (said,) = say_word("MX")
    assert said.pinyin == ("ai4", "mu5", "ai4", "ke5", "si5")
    assert not said.sure
    assert say_word("MX", model=True)[0].sure
    assert say_word("A")[0].sure


def test_joined_words_are_parted() -> None:
    assert [(said.text, said.sure) for said in say_word("LivingArt")] == [("Living", True), ("Art", True)]
    assert not say_word("sofabrand")[0].sure
    assert say_word("sofabrand")[0].phonemes


def test_unknown_words_are_read_as_pinyin_if_they_can_be() -> None:
    (said,) = say_word("Huaxin")
    assert (said.pinyin, said.sure) == (("hua1", "xin1"), False)


def test_letters_of_an_english_voice() -> None:
    (said,) = say_word("VIP", language="en")
    assert said.pinyin == ()
    assert said.phonemes


@given(st.from_regex(r"[A-Za-zÀ-ÖØ-öø-ÿ]+(?:'[a-z]+)?", fullmatch=True), st.sampled_from(["zh", "en"]))
def test_no_word_is_dropped(word: str, language: str) -> None:
    for said in say_word(word, language=language):
        assert said.plain or not any(letter.isascii() for letter in word)
        assert said.pinyin or said.phonemes or not any("a" <= letter <= "z" for letter in word.lower())
        assert set(said.phonemes) <= KNOWN


@pytest.mark.parametrize(
    ("figures", "words"),
    [
        ("21:30", "twenty one thirty"), ("9:05", "nine oh five"), ("10:00", "ten o'clock"), ("50%", "fifty percent"),
        ("1,299", "one thousand two hundred and ninety nine"), ("2.5", "two point five"),
        ("0571", "zero five seven one"),
        ("13800138000", "one three eight zero zero one three eight zero zero zero"), ("3, 4", "three, four"),
    ],
)  # fmt: skip
def test_figures_in_english(figures: str, words: str) -> None:
    assert in_words(figures) == words


@given(st.text("0123456789:,.% a", max_size=20))
def test_no_figure_is_left(text: str) -> None:
    assert not any(character.isdigit() for character in in_words(text))

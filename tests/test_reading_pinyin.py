"""Which reading of a character is taken in sentences of a store."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from broadcaster.voice.reading.pinyin import stand_in, words_of
from broadcaster.voice.reading.sandhi import with_sandhi
from broadcaster.voice.reading.surnames import surname_readings
from broadcaster.voice.reading.syllables import close_to, marked, plain_syllables, syllables_of

_LINES = (Path(__file__).parent / "data" / "polyphones.tsv").read_text(encoding="utf-8").splitlines()
CASES = [tuple(line.split("\t")) for line in _LINES if line and not line.startswith("#")]


def _sounds(run: str) -> list[str]:
    return [syllable.sound for word in words_of(run, "", "", {}) for syllable in word.syllables]


@pytest.mark.parametrize(("sentence", "sound"), CASES)
def test_the_character_in_braces_is_read_so(sentence: str, sound: str) -> None:
    text = re.sub("[{}]", "", sentence)
    latin = len(re.match("[A-Z]*", text).group())  # type: ignore[union-attr]
    words = words_of(text[latin:], text[:latin], "", {})
    syllables = [syllable for word in words for syllable in word.syllables]
    assert syllables[sentence.index("{") - latin].sound == sound


def test_words_cover_the_run_and_figures_stay_together() -> None:
    words = words_of("请拨打幺三八零零幺三八零零零咨询", "", "", {})
    assert "".join(word.text for word in words) == "请拨打幺三八零零幺三八零零零咨询"
    assert "幺三八零零幺三八零零零" in [word.text for word in words]


def test_what_is_given_beats_everything_and_is_not_torn() -> None:
    words = words_of("重庆单先生", "", "", {0: "zhong4", 1: "qing4", 2: "dan1"})
    sounds = [syllable.sound for word in words for syllable in word.syllables]
    assert sounds[:3] == ["zhong4", "qing4", "dan1"]
    assert words[0].text == "重庆单"


@pytest.mark.parametrize("character", ["行", "长", "重", "乐"])
def test_a_polyphone_by_itself_is_a_guess_with_choices(character: str) -> None:
    syllable = words_of(character, "", "", {})[0].syllables[0]
    assert not syllable.sure
    assert syllable.choices


def test_common_words_are_no_guess() -> None:
    words = words_of("各位顾客请注意我们的活动已经开始了欢迎您和家人都来", "", "", {})
    assert all(syllable.sure for word in words for syllable in word.syllables)


def test_rare_and_unknown_characters_are_told() -> None:
    rare = words_of("赟", "", "", {})[0].syllables[0]
    assert rare.rare
    assert rare.sound == "yun1"
    assert words_of("\U0003134a", "", "", {})[0].syllables[0].sound == ""


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("请单女士到服务台", {1: "shan4"}),
        ("寻找穿红衣的解晓明小朋友", {6: "xie4"}),
        ("A区经理请注意", {}),
        ("购物清单先生", {}),
        ("请尉迟先生", {1: "yu4", 2: "chi2"}),
        ("请曾女士和任先生", {1: "zeng1", 5: "ren2"}),
    ],
)
def test_surnames_before_titles(text: str, places: dict[int, str]) -> None:
    assert surname_readings(text) == places


@pytest.mark.parametrize(
    ("hanzi", "written", "spoken"),
    [
        ("一件", "yi1 jian4", "yi2"), ("一起", "yi1 qi3", "yi4"), ("一楼", "yi1 lou2", "yi1"),
        ("一百", "yi1 bai3", "yi4"),
        ("不要", "bu4 yao4", "bu2"), ("不能", "bu4 neng2", "bu4"), ("一", "yi1", "yi1"), ("一个", "yi1 ge5", "yi2"),
    ],
)  # fmt: skip
def test_tones_of_one_and_not(hanzi: str, written: str, spoken: str) -> None:
    assert with_sandhi(hanzi, written.split(), set())[0] == spoken


def test_numbers_keep_the_first_tone_of_one() -> None:
    assert _sounds("第一件")[1] == "yi1"
    assert _sounds("二零二一年")[3] == "yi1"


@pytest.mark.parametrize("written", ["chóng qìng", "chong2 qing4", "chóngqìng", "chong2qing4", "Chóng Qìng"])
def test_spellings_of_pinyin(written: str) -> None:
    assert syllables_of(written) == ("chong2", "qing4")


@pytest.mark.parametrize(
    ("numbered", "with_mark"),
    [("lv4", "lǜ"), ("gui4", "guì"), ("liu2", "liú"), ("hao3", "hǎo"), ("dou1", "dōu"), ("de5", "de"), ("xue2", "xué")],
)
def test_tone_marks_there_and_back(numbered: str, with_mark: str) -> None:
    assert marked(numbered) == with_mark
    assert syllables_of(with_mark) == (numbered,)


@pytest.mark.parametrize("written", ["xyz", "hao6", "", "chóng!", "好", "ABC", "hhǎo"])
def test_what_is_no_pinyin(written: str) -> None:
    assert syllables_of(written) is None


def test_near_misses_and_plain_letters() -> None:
    assert close_to("chogn2 qing4") == "chóng qìng"
    assert close_to("????") == ""
    assert plain_syllables("huawei") == ("hua", "wei")
    assert plain_syllables("style") is None


def test_stand_ins_sound_the_same() -> None:
    hanzi = stand_in(("ku4", "shan4"))
    assert _sounds(hanzi) == ["ku4", "shan4"]

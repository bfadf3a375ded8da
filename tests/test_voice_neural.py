"""The neural voice: symbols, chunks, and what is heard."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st
from pypinyin.contrib.tone_convert import to_tone3
from pypinyin.pinyin_dict import pinyin_dict

from broadcaster.errors import VoiceError
from broadcaster.voice.neural.kinds import KOKORO, voice_file
from broadcaster.voice.neural.model import Model, read_voice
from broadcaster.voice.neural.mouth import Mouth, trimmed
from broadcaster.voice.neural.phonemes import LONGEST, chunks, syllable
from broadcaster.voice.neural.tuned import main as make_over
from broadcaster.voice.neural.tuning import quickest
from broadcaster.voice.neural.vocabulary import KOKORO_V1, numbers
from broadcaster.voice.neural_speaker import NeuralSpeaker
from broadcaster.voice.reading.model import Phrase, Token
from broadcaster.voice.speaker import Manner
from broadcaster.voice.worker_client import VoiceWorker, expected
from tests.voice_kit import COMMA, HELLO, LONG, STOP, word


@pytest.mark.parametrize(
    ("pinyin", "symbols"),
    [
        ("ma1", "ma→"), ("ma2", "ma↗"), ("ma3", "ma↓"), ("ma4", "ma↘"), ("ma5", "ma"), ("chong2", "ꭧʰʊ↗ŋ"),
        ("zhi1", "ꭧɨ→"), ("zi5", "ʦɨ"), ("lv4", "ly↘"), ("lü4", "ly↘"), ("er2", "ɚ↗"), ("r5", "ɚ"), ("hua1r", "xwa→ɻ"),
    ],
)  # fmt: skip
def test_syllables_are_written_as_the_model_learned_them(pinyin: str, symbols: str) -> None:
    if pinyin == "hua1r":
        pinyin = "huar1"
    assert syllable(pinyin) == symbols


def test_every_syllable_of_the_dictionary_has_a_sound() -> None:
    known = {to_tone3(one, neutral_tone_with_five=True) for value in pinyin_dict.values() for one in value.split(",")}
    assert len(known) > 1300
    for pinyin in known:
        assert len(numbers(syllable(pinyin), KOKORO_V1)) > 2


@pytest.mark.parametrize("wrong", ["", "xyz4", "重", "qq1"])
def test_what_is_no_syllable_is_told(wrong: str) -> None:
    with pytest.raises(VoiceError, match="no syllable of Mandarin"):
        syllable(wrong)


def test_a_sound_that_the_model_does_not_have_is_never_left_out() -> None:
    with pytest.raises(VoiceError, match="no sound 'g'"):
        numbers("bag", KOKORO_V1)


def test_words_stay_apart_and_marks_are_kept() -> None:
    tokens = (word("你好", "ni3 hao3"), COMMA, Token("show", phonemes="ʃˈO", kind="word"), STOP)
    assert [chunk.symbols for chunk in chunks(tokens)] == ["ni↓xau↓, ʃˈO."]


def test_a_phrase_without_a_mark_ends_like_a_sentence() -> None:
    assert chunks((word("好", "hao3"),))[0].symbols == "xau↓."


@pytest.mark.parametrize("tokens", [(), (COMMA, STOP)])
def test_a_phrase_without_words_is_refused(tokens: tuple[Token, ...]) -> None:
    with pytest.raises(VoiceError, match="nothing to speak"):
        chunks(tokens)


def test_a_word_without_a_reading_is_refused_not_dropped() -> None:
    with pytest.raises(VoiceError, match="'Häagen'"):
        chunks((word("好", "hao3"), Token("Häagen", kind="word", sure=False)))


SYLLABLES = st.lists(st.sampled_from(["zhuang1", "a1", "shi4", "de5", "xiong2"]), min_size=1, max_size=40)
TOKENS = st.lists(
    st.one_of(SYLLABLES.map(lambda found: Token("字" * len(found), tuple(found))), st.just(COMMA)),
    min_size=1,
    max_size=40,
)


@given(TOKENS, st.integers(40, LONGEST))
def test_nothing_is_lost_or_too_long_however_it_is_cut(tokens: list[Token], longest: int) -> None:
    spoken = "".join(syllable(pinyin) for token in tokens for pinyin in token.pinyin)
    if spoken:
        cut = chunks(tokens, longest)
        assert "".join(chunk.symbols for chunk in cut).translate({ord(mark): None for mark in " ,."}) == spoken
        assert all(0 < len(chunk.symbols) <= longest for chunk in cut)


def test_long_phrases_are_cut_at_marks() -> None:
    cut = chunks(LONG.tokens)
    assert len(cut) > 1 and all(chunk.symbols.endswith((",", ".")) and chunk.pause_s > 0.1 for chunk in cut[:-1])


def test_trimming_leaves_speech_and_no_click() -> None:
    rate = 24_000
    hum = np.sin(np.arange(rate) * 0.1).astype(np.float32)
    done = trimmed(np.concatenate([np.zeros(rate // 2, np.float32), hum, np.zeros(rate // 3, np.float32)]), rate)
    assert len(done) / rate == pytest.approx(1.09, abs=0.02)
    assert abs(done[0]) < 0.01 and abs(done[-1]) < 0.01


@pytest.mark.parametrize("samples", [np.zeros(0), np.zeros(9_000), np.full(9_000, np.nan)])
def test_silence_from_the_model_is_a_fault(samples: np.ndarray) -> None:
    with pytest.raises(VoiceError, match="silence"):
        trimmed(samples.astype(np.float32), 24_000)


# --- with the real model ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def speaker(neural_voices: Path) -> Iterator[NeuralSpeaker]:
    with VoiceWorker() as worker:
        yield NeuralSpeaker(neural_voices, worker)


def test_speaks_a_phrase_trimmed_and_unclipped(speaker: NeuralSpeaker, tmp_path: Path) -> None:
    speaker.speak(HELLO, tmp_path / "a.wav", Manner())
    samples, rate = soundfile.read(tmp_path / "a.wav", dtype="float32")
    assert rate == 24_000 and len(samples) / rate == pytest.approx(expected(HELLO), rel=0.5)
    assert soundfile.info(tmp_path / "a.wav").subtype == "FLOAT"
    loud = np.flatnonzero(np.abs(samples) > 0.02)
    assert loud[0] < 0.1 * rate and len(samples) - loud[-1] < 0.15 * rate
    assert [path.name for path in tmp_path.iterdir()] == ["a.wav"]


def test_the_same_phrase_sounds_the_same(speaker: NeuralSpeaker, tmp_path: Path) -> None:
    for name in "ab":
        speaker.speak(HELLO, tmp_path / name, Manner("zm_yunxi"))
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_speed_is_the_pace(speaker: NeuralSpeaker, tmp_path: Path) -> None:
    for speed in (0.7, 1.0, 1.4):
        speaker.speak(HELLO, tmp_path / f"{speed}", Manner(speed=speed))
    slow, own, fast = ((tmp_path / f"{speed}").stat().st_size for speed in (0.7, 1.0, 1.4))
    assert slow / own == pytest.approx(1 / 0.7, rel=0.15) and fast / own == pytest.approx(1 / 1.4, rel=0.15)


def test_long_phrases_are_joined(speaker: NeuralSpeaker, tmp_path: Path) -> None:
    speaker.speak(LONG, tmp_path / "a.wav", Manner())
    assert soundfile.info(tmp_path / "a.wav").duration == pytest.approx(expected(LONG), rel=0.4)


@pytest.mark.parametrize("voice", KOKORO.voices)
def test_every_voice_speaks(speaker: NeuralSpeaker, voice: str, tmp_path: Path) -> None:
    speaker.speak(HELLO, tmp_path / "a.wav", Manner(voice))
    assert 0.7 < soundfile.info(tmp_path / "a.wav").duration < 2.5


@pytest.mark.parametrize(
    ("manner", "reason"),
    [
        (Manner("tlh"), "no voice 'tlh'.*zf_xiaoyi"),
        (Manner("en"), "no voice 'en'"),
        (Manner(speed=9.0), "speed of 9"),
    ],
)
def test_what_it_cannot_do_is_told(speaker: NeuralSpeaker, manner: Manner, reason: str, tmp_path: Path) -> None:
    with pytest.raises(VoiceError, match=reason):
        speaker.speak(HELLO, tmp_path / "a.wav", manner)
    assert list(tmp_path.iterdir()) == []


def test_identities_tell_voices_apart(speaker: NeuralSpeaker) -> None:
    found = {name: speaker.identity(name) for name in ("zh", "zf_xiaoyi", "zm_yunxi", "zh-male", "tlh")}
    assert found["zh"] == found["zf_xiaoyi"] != found["zm_yunxi"] == found["zh-male"] != "" == found["tlh"]


def test_damaged_files_are_missing(neural_voices: Path, tmp_path: Path) -> None:
    for file in neural_voices.iterdir():
        if file.suffix in (".onnx", ".bin"):
            (tmp_path / file.name).symlink_to(file)
    with VoiceWorker() as worker:
        speaker = NeuralSpeaker(tmp_path, worker)
        assert speaker.missing() is None and len(speaker.voices()) == 8
        voice = tmp_path / "zf_xiaoyi.bin"
        content = bytearray(voice.read_bytes())
        content[1000] ^= 1
        voice.unlink()
        voice.write_bytes(content)
        assert "voices install" in (speaker.missing_voice("zf_xiaoyi") or "")
        assert speaker.missing() is None and speaker.identity("zh") == speaker.identity("zf_xiaoxiao")
        (tmp_path / KOKORO.model).unlink()
        assert KOKORO.model in (speaker.missing() or "") and speaker.identity("zh") == ""


def test_nothing_under_a_foreign_licence_and_nothing_heavy_comes_with_it() -> None:
    """GPL libraries never; the model's runtime and the dictionaries only in the worker."""
    program = "import broadcaster.voice.neural_speaker, sys; print([*sys.modules])"
    daemon = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    program = "import broadcaster.voice.neural.mouth, sys; print([*sys.modules])"
    child = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert not [name for name in ("onnxruntime", "jieba", "pypinyin", "misaki", "wetext") if f"'{name}'" in daemon]
    assert not [name for name in ("phonemizer", "espeakng_loader", "kokoro_onnx", "torch") if f"'{name}'" in child]


def test_a_phrase_of_english_words_is_spoken(speaker: NeuralSpeaker, tmp_path: Path) -> None:
    sale = Phrase((Token("sale", phonemes="sˈAl", kind="word"),), 0.45, "sale")
    speaker.speak(sale, tmp_path / "a.wav", Manner())
    assert soundfile.info(tmp_path / "a.wav").duration > 0.2


def test_the_faster_model_gives_the_same_samples_to_the_last_bit(neural_voices: Path, tmp_path: Path) -> None:
    published, tuned = neural_voices / KOKORO.model, tmp_path / "tuned.onnx"
    make_over(published, tuned)
    (chunk,) = chunks(HELLO.tokens)
    given = numbers(chunk.symbols, KOKORO.vocabulary), read_voice(neural_voices / voice_file("zf_xiaoyi")), 0.9
    as_published, as_tuned = (Model(path).speak(*given) for path in (published, tuned))
    assert len(as_published) > 10_000 and np.array_equal(as_published, as_tuned)


def test_a_damaged_faster_model_is_made_again(neural_voices: Path, tmp_path: Path) -> None:
    for file in neural_voices.glob("*"):
        if file.is_file() and "tuned" not in file.name:
            (tmp_path / file.name).symlink_to(file)
    tuned = quickest(tmp_path / KOKORO.model)
    tuned.write_bytes(b"no model")
    assert len(Mouth(KOKORO, tmp_path).speak(HELLO, "zf_xiaoyi", 1.0)) > 10_000
    assert not tuned.exists()

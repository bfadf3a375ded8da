"""Speech: one contract for every engine, and the finished announcement."""

from __future__ import annotations

import json
import subprocess
import sys
import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from broadcaster.errors import BroadcasterError, MediaError, UsageError, VoiceError, VoiceTimeout
from broadcaster.media.library import Library
from broadcaster.media.loudness import measure
from broadcaster.media.recording import Recording
from broadcaster.media.speech import at_reference, limited
from broadcaster.voice.choose import choose, usual_rate
from broadcaster.voice.estimate import estimate_s
from broadcaster.voice.platform_speaker import PlatformSpeaker
from broadcaster.voice.say import say, voices
from broadcaster.voice.speaker import Speaker, Voice
from broadcaster.voice.studio import Studio
from broadcaster.voice.text import shown, speakable
from broadcaster.voice.utterance import Utterance
from tests.test_media_prepare import heard, make, sound

WELCOME = "亲爱的顾客，欢迎光临本店，祝您购物愉快。"
_HANG = (sys.executable, "-c", "import time; time.sleep(600)")


class FakeSpeaker:
    """Hums a hanzi in a quarter of a second; can be told to fail."""

    name = "fake"

    def __init__(self, fault: BroadcasterError | None = None) -> None:
        self.fault = fault
        self.spoken: list[str] = []

    def voices(self) -> list[Voice]:
        return [Voice("fake/zh", "Fake", "cmn", self.name), Voice("fake/en", "Fake English", "en", self.name)]

    def speak(self, text: str, out: Path, voice: str, rate: int | None) -> None:
        clean = speakable(text)
        if self.fault:
            raise self.fault
        if voice not in ("zh", "en", "fake/zh", "fake/en"):
            raise VoiceError(f"no voice {voice!r} is installed")
        if not out.parent.is_dir():
            raise VoiceError(f"can't write {out}")
        self.spoken.append(clean)
        hum = sound(max(0.5, 0.25 * len(clean) * 140 / (rate or 140)), 16_000, 1)
        soundfile.write(out, np.concatenate([np.zeros((4_000, 1)), hum, np.zeros((8_000, 1))]), 16_000)


@pytest.fixture(params=[PlatformSpeaker, FakeSpeaker])
def speaker(request: pytest.FixtureRequest) -> Speaker:
    made: Speaker = request.param()
    return made


def length_s(path: Path) -> float:
    with wave.open(str(path), "rb") as wav:
        return wav.getnframes() / wav.getframerate()


class TestEverySpeaker:
    def test_speaks_into_a_wav_and_leaves_nothing_else(self, speaker: Speaker, tmp_path: Path) -> None:
        speaker.speak(WELCOME, tmp_path / "welcome.wav", "zh", None)
        assert 2 < length_s(tmp_path / "welcome.wav") < 12
        assert [path.name for path in tmp_path.iterdir()] == ["welcome.wav"]

    def test_speaks_slower_at_a_lower_rate(self, speaker: Speaker, tmp_path: Path) -> None:
        speaker.speak(WELCOME, tmp_path / "slow.wav", "zh", 100)
        speaker.speak(WELCOME, tmp_path / "fast.wav", "zh", 200)
        assert length_s(tmp_path / "slow.wav") > 1.2 * length_s(tmp_path / "fast.wav")

    @pytest.mark.parametrize("text", ["", "  \n", "。，！", "\0", "\ud800", "—…"])
    def test_refuses_what_has_no_words(self, speaker: Speaker, text: str, tmp_path: Path) -> None:
        with pytest.raises(VoiceError, match="nothing to speak"):
            speaker.speak(text, tmp_path / "none.wav", "zh", None)
        assert list(tmp_path.iterdir()) == []

    def test_speaks_around_what_breaks_engines(self, speaker: Speaker, tmp_path: Path) -> None:
        speaker.speak("欢迎\0光临\ud800，请进\x07", tmp_path / "a.wav", "zh", None)
        speaker.speak("欢迎光临，请进", tmp_path / "b.wav", "zh", None)
        assert length_s(tmp_path / "a.wav") == length_s(tmp_path / "b.wav")

    def test_refuses_a_voice_that_is_not_there(self, speaker: Speaker, tmp_path: Path) -> None:
        with pytest.raises(VoiceError, match="no voice 'xx/nobody'"):
            speaker.speak(WELCOME, tmp_path / "none.wav", "xx/nobody", None)
        assert list(tmp_path.iterdir()) == []

    def test_refuses_a_folder_that_is_not_there(self, speaker: Speaker, tmp_path: Path) -> None:
        with pytest.raises(VoiceError):
            speaker.speak(WELCOME, tmp_path / "gone" / "a.wav", "zh", None)

    def test_lists_voices_that_it_speaks(self, speaker: Speaker, tmp_path: Path) -> None:
        listed = [voice for voice in speaker.voices() if voice.language.startswith("en")]
        assert listed and {voice.engine for voice in listed} == {speaker.name}
        speaker.speak("welcome", tmp_path / "en.wav", listed[0].id, None)
        assert length_s(tmp_path / "en.wav") > 0.3


def test_a_hanging_engine_is_ended(tmp_path: Path) -> None:
    with pytest.raises(VoiceTimeout, match=r"within 0\.5 s"):
        PlatformSpeaker(0.5, _HANG).speak(WELCOME, tmp_path / "a.wav", "zh", None)


@pytest.mark.parametrize(
    ("program", "reason"),
    [
        ("import os; os.abort()", "died"),
        ("print('Audio saved')", "died"),
        ("print('{}')", "wrote no audio"),
        ("import json,sys; open(json.load(sys.stdin)['out'],'w'); print('{}')", "wrote no audio"),
        (
            "import json,sys,wave; w=wave.open(json.load(sys.stdin)['out'],'wb'); w.setparams((1,2,22050,0,'NONE',''));"
            "w.writeframes(bytes(22050)); w.close(); print('{}')",
            r"spoke only 0\.50 s",
        ),
    ],
)
def test_an_engine_that_only_says_it_spoke_is_not_believed(program: str, reason: str, tmp_path: Path) -> None:
    with pytest.raises(VoiceError, match=reason):
        PlatformSpeaker(20, [sys.executable, "-c", program]).speak(WELCOME, tmp_path / "a.wav", "zh", None)
    assert list(tmp_path.iterdir()) == []


def test_the_same_text_sounds_the_same_every_time(tmp_path: Path) -> None:
    """pyttsx3 by its own manual loses the rate in one of twenty renderings."""
    for count in range(20):
        PlatformSpeaker().speak(WELCOME, tmp_path / f"{count}.wav", "zh", None)
    assert len({path.read_bytes() for path in tmp_path.iterdir()}) == 1


def test_the_child_tells_that_a_file_cannot_be_written(tmp_path: Path) -> None:
    out = str(tmp_path / "gone" / "a.wav")
    job = {"job": "speak", "text": "welcome", "out": out, "voice": "en", "rate": None, "timeout_s": 20}
    child = [sys.executable, "-m", "broadcaster.voice.child"]
    done = subprocess.run(child, input=json.dumps(job).encode(), capture_output=True, timeout=20, check=True)
    assert out in json.loads(done.stdout)["error"]


@pytest.mark.parametrize("rate", [0, 79, 451])
def test_a_rate_that_no_engine_has_is_refused(rate: int, tmp_path: Path) -> None:
    with pytest.raises(VoiceError, match=f"rate of {rate}"):
        PlatformSpeaker().speak(WELCOME, tmp_path / "a.wav", "zh", rate)


SAPI = [
    Voice(r"HKEY\Tokens\TTS_MS_EN-US_DAVID_11.0", "Microsoft David Desktop - English (United States)", "en-US", "x"),
    Voice(r"HKEY\Tokens\TTS_MS_EN-US_ZIRA_11.0", "Microsoft Zira Desktop - English (United States)", "en-US", "x"),
    Voice(r"HKEY\Tokens\TTS_MS_ZH-CN_HUIHUI_11.0", "Microsoft Huihui Desktop - Chinese (Simplified)", "zh-CN", "x"),
]


@pytest.mark.parametrize(("wanted", "found"), [("zh", "HUIHUI"), ("en", "ZIRA"), (SAPI[0].id, "DAVID")])
def test_on_windows_a_voice_is_chosen_by_name(wanted: str, found: str) -> None:
    assert found in choose(SAPI, wanted, "sapi5").id
    assert found in choose(SAPI[::-1], wanted, "sapi5").id


def test_without_a_mandarin_voice_nothing_is_spoken_in_english() -> None:
    with pytest.raises(VoiceError, match="speech pack"):
        choose(SAPI[:2], "zh", "sapi5")
    with pytest.raises(VoiceError, match="espeak-ng"):
        choose([Voice("gmw/en-us", "English (America)", "en-us", "x")], "zh", "espeak")


def test_espeak_speaks_mandarin_by_its_pinyin_voice() -> None:
    installed = voices("pyttsx3")
    assert choose(installed, "zh", "espeak").id == "sit/cmn-latn-pinyin"
    assert choose(installed, "en", "espeak").language == "en-us"
    assert choose(installed, "fr", "espeak").language.startswith("fr")
    assert usual_rate("zh", "espeak") == 140


# --- the finished announcement ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def chime(tmp_path_factory: pytest.TempPathFactory) -> str:
    bell = sound(2, 48_000) * np.exp(-3 * np.arange(96_000) / 48_000)[:, None].astype(np.float32)
    return str(make(tmp_path_factory.mktemp("chime") / "bell.flac", bell, 48_000))


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    yield Studio(tmp_path / "voice", Library(tmp_path / "media"))


def test_a_notice_is_finished_to_the_reference(studio: Studio, chime: str) -> None:
    once = Utterance(text=WELCOME)
    twice = Utterance(text=WELCOME, chime=chime, repeat=2, pause_s=1.2)
    results = studio.render_all([once, twice])
    first, second = results[once], results[twice]
    assert isinstance(first, Recording) and isinstance(second, Recording)
    for recording in (first, second):
        loudness, peak = heard(recording)
        assert loudness == pytest.approx(-18, abs=0.5) and peak <= -1.5
    assert second.duration_s == pytest.approx(2 * first.duration_s + 1.2 + 2.0 + 0.5, abs=0.001)


def test_silence_is_where_it_belongs(studio: Studio, chime: str) -> None:
    samples, _ = soundfile.read(studio.render(Utterance(text="欢迎光临", chime=chime, repeat=2)).path)
    loud = np.abs(samples).max(axis=1) > 0.01
    edges = np.flatnonzero(loud)
    gaps = np.diff(edges) / 48_000
    assert edges[0] < 2_400 and len(samples) - edges[-1] < 9_600
    assert sum(0.5 <= gap < 1.4 for gap in gaps) == 1 and sum(1.5 <= gap < 1.7 for gap in gaps) == 1


def test_a_rendering_is_kept_and_found(studio: Studio, tmp_path: Path) -> None:
    utterance = Utterance(text="晚安")
    assert studio.cached(utterance) is None
    recording = studio.render(utterance)
    assert recording.source == f"voice:{recording.key}"
    again = Studio(tmp_path / "voice", Library(tmp_path / "media"), speaker=PlatformSpeaker(0.01, _HANG))
    assert again.cached(utterance) == recording == again.render(utterance)


def test_another_engine_renders_anew(studio: Studio, tmp_path: Path) -> None:
    studio.render(Utterance(text="晚安"))
    fake = FakeSpeaker()
    other = Studio(tmp_path / "voice", Library(tmp_path / "media"), speaker=fake)
    assert other.cached(Utterance(text="晚安")) is None
    other.render(Utterance(text="晚安"))
    assert fake.spoken == ["晚安"]


def test_the_key_follows_what_is_heard(tmp_path: Path, chime: str) -> None:
    copy = tmp_path / "renamed.flac"
    copy.write_bytes(Path(chime).read_bytes())
    base = Utterance(text="晚安", chime=chime)
    assert (
        base.key() == Utterance(text="晚安", chime=str(copy)).key() == Utterance("晚安", chime=chime, pause_s=9).key()
    )
    others = [
        Utterance(text="早安", chime=chime),
        Utterance(text="晚安"),
        Utterance(text="晚安", chime=chime, voice="en"),
        Utterance(text="晚安", chime=chime, rate=100),
        Utterance(text="晚安", chime=chime, repeat=2),
        Utterance(text="晚安", chime=chime, repeat=2, pause_s=2),
        Utterance(recording=chime),
    ]
    assert len({utterance.key() for utterance in [base, *others]}) == 8
    make(copy, sound(1))
    assert Utterance(text="晚安", chime=str(copy)).key() != base.key()


def test_people_s_recordings_reach_the_reference_as_well(studio: Studio, tmp_path: Path) -> None:
    peaky = np.concatenate([np.zeros((30_000, 1), np.float32), sound(3, channels=1, level=0.1)])
    peaky[60_000::30_000] = 0.8
    recording = studio.render(Utterance(recording=str(make(tmp_path / "manager.wav", peaky))))
    loudness, peak = heard(recording)
    assert loudness == pytest.approx(-18, abs=1) and peak <= -1.5
    assert recording.duration_s == pytest.approx(3, abs=0.15)


@pytest.mark.parametrize(
    ("utterance", "kind", "reason"),
    [
        (Utterance(), VoiceError, "nothing to speak"),
        (Utterance(text="好", voice="tlh"), VoiceError, "no voice 'tlh'"),
        (Utterance(text="好", chime="/no/bell.wav"), MediaError, r"/no/bell\.wav"),
        (Utterance(recording="/no/speech.wav"), MediaError, r"/no/speech\.wav"),
        (Utterance(recording=__file__), MediaError, "test_voice.*it is text"),
        (Utterance(text="好", repeat=0), VoiceError, "repeat 0"),
        (Utterance(text=WELCOME, repeat=500), VoiceError, "more than 900 s"),
    ],
)
def test_what_cannot_be_rendered_says_why(
    studio: Studio, utterance: Utterance, kind: type[BroadcasterError], reason: str
) -> None:
    assert studio.cached(utterance) is None
    with pytest.raises(kind, match=reason):
        studio.render(utterance)
    assert studio.cached(utterance) is None


def test_one_fault_does_not_hold_up_the_others(tmp_path: Path) -> None:
    bad, good = Utterance(text="!"), Utterance(text="欢迎光临")
    done: list[int] = []
    studio = Studio(tmp_path / "voice", Library(tmp_path / "media"), speaker=FakeSpeaker())
    results = studio.render_all([bad, good, bad], lambda count, _of, _utterance: done.append(count))
    assert [type(result) for result in results.values()] == [VoiceError, Recording] and done == [1, 2]


def test_a_slow_engine_is_a_timeout_for_the_studio(tmp_path: Path) -> None:
    fault = VoiceTimeout("too slow")
    studio = Studio(tmp_path / "voice", Library(tmp_path / "media"), speaker=FakeSpeaker(fault))
    with pytest.raises(VoiceTimeout):
        studio.render(Utterance(text="好"))
    assert list((tmp_path / "voice").iterdir()) == []


def test_say_writes_what_would_air(studio: Studio, tmp_path: Path) -> None:
    out = tmp_path / "said.wav"
    recording = say(WELCOME, out)
    assert out.read_bytes() == Path(studio.render(Utterance(text=WELCOME)).path).read_bytes()
    assert recording.path == str(out) and heard(recording)[0] == pytest.approx(-18, abs=0.5)


def test_say_refuses_an_unknown_engine_and_a_bad_place(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="'parrot'"):
        say("好", tmp_path / "a.wav", engine="parrot")
    with pytest.raises(VoiceError, match="name another file"):
        say("好", tmp_path / "none" / "a.wav")


@pytest.mark.parametrize("peak", [0.5, 1.0, 3.0])
def test_the_limiter_holds_the_ceiling_and_leaves_the_rest(peak: float) -> None:
    samples = sound(2, 48_000, level=0.2)
    samples[48_000:48_003] = peak
    done = limited(samples)
    assert measure(done)[1] <= -1.5
    assert np.allclose(done[:40_000], samples[:40_000], atol=0.01)


def test_limiting_does_not_cost_loudness() -> None:
    samples = sound(3, 48_000, level=0.1)
    samples[5_000::24_000] = 0.9
    done, gain_db = at_reference(samples)
    loudness, peak = measure(done)
    assert loudness == pytest.approx(-18, abs=0.5) and peak <= -1.5 and 4 < gain_db <= 20


@pytest.mark.parametrize(
    "text", [WELCOME, "请各位家长看管好自己的孩子，谢谢您的配合。", "今天是11月28日，全场满1000减200。"]
)
def test_the_estimate_is_near_what_is_spoken(text: str, tmp_path: Path) -> None:
    PlatformSpeaker().speak(text, tmp_path / "a.wav", "zh", None)
    assert estimate_s(text, 1, 1.5, chime=False) == pytest.approx(length_s(tmp_path / "a.wav"), rel=0.3)


def test_the_estimate_counts_repeats_and_the_chime() -> None:
    once = estimate_s(WELCOME, 1, 2, chime=False)
    assert estimate_s(WELCOME, 3, 2, chime=True) == pytest.approx(3 * once + 4 + 2.7)
    assert estimate_s("", 1, 0, chime=False) == 1


def test_messages_shorten_long_texts() -> None:
    assert len(shown("好" * 500)) < 50

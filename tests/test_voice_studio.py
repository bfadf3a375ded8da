"""The studio: announcements put together, kept, found again, and made anew where that is due."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from broadcaster.errors import BroadcasterError, MediaError, UsageError, VoiceError
from broadcaster.media.library import Library
from broadcaster.media.recording import Recording
from broadcaster.voice.ladder import Ladder
from broadcaster.voice.phrases import Phrases
from broadcaster.voice.platform_speaker import PlatformSpeaker
from broadcaster.voice.say import say
from broadcaster.voice.speaker import Manner
from broadcaster.voice.studio import Studio
from broadcaster.voice.utterance import Utterance
from tests.media_kit import sounding
from tests.test_media_prepare import heard, make, sound
from tests.voice_fakes import HANG, WELCOME, FakeSpeaker, SentenceReader, kept, phrase, studio_with

OFFER = "欢迎光临。今日特价99元。谢谢。"


@pytest.fixture(scope="module")
def chime(tmp_path_factory: pytest.TempPathFactory) -> str:
    bell = sound(2, 48_000) * np.exp(-3 * np.arange(96_000) / 48_000)[:, None].astype(np.float32)
    return str(make(tmp_path_factory.mktemp("chime") / "bell.flac", bell, 48_000))


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return studio_with(tmp_path, PlatformSpeaker())


@pytest.fixture
def fake(tmp_path: Path) -> FakeSpeaker:
    return FakeSpeaker()


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
    samples, _ = sounding(studio.render(Utterance(text="欢迎光临", chime=chime, repeat=2)))
    loud = np.abs(samples).max(axis=1) > 0.01
    edges = np.flatnonzero(loud)
    gaps = np.diff(edges) / 48_000
    assert edges[0] < 2_400 and len(samples) - edges[-1] < 9_600
    assert sum(0.5 <= gap < 1.4 for gap in gaps) == 1 and sum(1.5 <= gap < 1.7 for gap in gaps) == 1


def test_sentences_are_joined_with_their_pauses(fake: FakeSpeaker, tmp_path: Path) -> None:
    samples, _ = sounding(studio_with(tmp_path, fake, reader=SentenceReader()).render(Utterance(OFFER)))
    gaps = np.diff(np.flatnonzero(np.abs(samples).max(axis=1) > 0.01)) / 48_000
    assert sorted(gaps)[-2:] == pytest.approx([0.45, 0.45], abs=0.03)


def test_a_changed_price_costs_one_phrase(fake: FakeSpeaker, tmp_path: Path) -> None:
    studio = studio_with(tmp_path, fake, reader=SentenceReader())
    told: list[tuple[int, int, str]] = []
    studio.render(Utterance(OFFER), lambda done, of, one: told.append((done, of, one.plain)))
    assert [done for done, _, _ in told] == [1, 2, 3] and fake.spoken == [one for _, _, one in told]
    studio.render(Utterance(OFFER.replace("99", "88")))
    assert fake.spoken[3:] == ["今日特价88元。"]


def test_a_lexicon_entry_renders_only_what_it_touches(fake: FakeSpeaker, tmp_path: Path) -> None:
    reader = SentenceReader()
    studio = studio_with(tmp_path, fake, reader=reader)
    brand, other = Utterance("欢迎。IKEA在一楼。"), Utterance("晚安。")
    before = studio.render_all([brand, other])
    reader.lexicon["IKEA"] = "宜家"
    assert studio.cached(brand) is None and studio.cached(other) == before[other]
    assert studio.render(brand) != before[brand] and fake.spoken[-1] == "宜家在一楼。"
    assert len(fake.spoken) == 4


def test_a_rendering_is_kept_and_found(fake: FakeSpeaker, tmp_path: Path) -> None:
    utterance = Utterance(text="晚安")
    studio = studio_with(tmp_path, fake)
    assert studio.cached(utterance) is None
    recording = studio.render(utterance)
    assert recording.source == f"voice:{recording.key}"
    again = studio_with(tmp_path, FakeSpeaker())
    assert again.cached(utterance) == recording == again.render(utterance)


def test_what_an_engine_spoke_serves_while_it_is_gone(studio: Studio, tmp_path: Path) -> None:
    recording = studio.render(Utterance(text="晚安"))
    gone = studio_with(tmp_path, PlatformSpeaker(0.2, HANG))
    assert gone.cached(Utterance(text="晚安")) == recording == gone.render(Utterance(text="晚安"))


def test_another_model_renders_anew(fake: FakeSpeaker, tmp_path: Path) -> None:
    studio = studio_with(tmp_path, fake)
    first = studio.render(Utterance(text="晚安"))
    fake.version = "2"
    assert studio.cached(Utterance(text="晚安")) is None
    assert studio.render(Utterance(text="晚安")).key != first.key and len(fake.spoken) == 2


def test_the_key_follows_what_was_asked_for(tmp_path: Path, chime: str) -> None:
    copy = tmp_path / "renamed.flac"
    copy.write_bytes(Path(chime).read_bytes())
    base = Utterance(text="晚安", chime=chime)
    assert (
        base.key() == Utterance(text="晚安", chime=str(copy)).key() == Utterance("晚安", chime=chime, pause_s=9).key()
    )
    others = [
        Utterance(text="早安", chime=chime),
        Utterance(text="晚安"),
        Utterance(text="晚安", chime=chime, manner=Manner("en")),
        Utterance(text="晚安", chime=chime, manner=Manner(speed=0.8)),
        Utterance(text="晚安", chime=chime, manner=Manner(pitch=1)),
        Utterance(text="晚安", chime=chime, repeat=2),
        Utterance(text="晚安", chime=chime, repeat=2, pause_s=2),
        Utterance(recording=chime),
    ]
    assert len({utterance.key() for utterance in [base, *others]}) == 9
    make(copy, sound(1))
    assert Utterance(text="晚安", chime=str(copy)).key() != base.key()


def test_people_s_recordings_reach_the_reference_as_well(studio: Studio, tmp_path: Path) -> None:
    peaky = np.concatenate([np.zeros((30_000, 1), np.float32), sound(3, channels=1, level=0.1)])
    peaky[60_000::30_000] = 0.8
    utterance = Utterance(recording=str(make(tmp_path / "manager.wav", peaky)))
    recording = studio.render(utterance)
    loudness, peak = heard(recording)
    assert loudness == pytest.approx(-18, abs=0.5) and peak <= -1.5
    assert recording.duration_s == pytest.approx(3, abs=0.15)
    spoken = studio.about(recording)
    assert spoken is not None and spoken.engine is None and studio.compromise(utterance, recording) == ""


@pytest.mark.parametrize("semitones", [-3.0, 2.0])
def test_pitch_moves_the_tone_and_not_the_length(semitones: float, fake: FakeSpeaker, tmp_path: Path) -> None:
    studio = studio_with(tmp_path, fake)
    plain = studio.render(Utterance("欢迎光临本店"))
    moved = studio.render(Utterance("欢迎光临本店", manner=Manner(pitch=semitones)))
    assert moved.duration_s == pytest.approx(plain.duration_s, abs=0.1)
    tones = [tone_of(recording) for recording in (plain, moved)]
    assert 12 * np.log2(tones[1] / tones[0]) == pytest.approx(semitones, abs=0.1)


def tone_of(recording: Recording) -> float:
    samples, rate = sounding(recording)
    steady = samples[20_000:44_000, 0] * np.hanning(24_000)
    return float(np.argmax(np.abs(np.fft.rfft(steady, 480_000))) * rate / 480_000)


@pytest.mark.parametrize(
    ("utterance", "kind", "reason"),
    [
        (Utterance(), VoiceError, "nothing to speak"),
        (Utterance(text="好", manner=Manner("tlh")), VoiceError, "no voice 'tlh'"),
        (Utterance(text="好", manner=Manner(speed=9)), VoiceError, "speed of 9"),
        (Utterance(text="好", manner=Manner(pitch=12)), VoiceError, "pitch of 12"),
        (Utterance(text="好", engine="parrot"), UsageError, "'parrot'"),
        (Utterance(text="好", chime="/no/bell.wav"), MediaError, r"/no/bell\.wav"),
        (Utterance(recording="/no/speech.wav"), MediaError, r"/no/speech\.wav"),
        (Utterance(recording=__file__), MediaError, "test_voice.*it is text"),
        (Utterance(text="好", repeat=0), VoiceError, "repeat 0"),
        (Utterance(text=WELCOME, repeat=500), VoiceError, "more than 900 s"),
    ],
)
def test_what_cannot_be_rendered_says_why(
    fake: FakeSpeaker, tmp_path: Path, utterance: Utterance, kind: type[BroadcasterError], reason: str
) -> None:
    studio = studio_with(tmp_path, fake)
    assert studio.cached(utterance) is None
    with pytest.raises(kind, match=reason):
        studio.render(utterance)
    assert studio.cached(utterance) is None


def test_one_fault_does_not_hold_up_the_others(fake: FakeSpeaker, tmp_path: Path) -> None:
    bad, good = Utterance(text="!"), Utterance(text="欢迎光临")
    done: list[int] = []
    results = studio_with(tmp_path, fake).render_all([bad, good, bad], lambda count, _of, _one: done.append(count))
    assert [type(result) for result in results.values()] == [VoiceError, Recording] and done == [1, 2]


def test_say_writes_what_would_air(fake: FakeSpeaker, tmp_path: Path) -> None:
    out = tmp_path / "said.wav"
    studio = studio_with(tmp_path, fake)
    recording = say(studio, Utterance(text=WELCOME), out)
    assert out.read_bytes() == Path(studio.render(Utterance(text=WELCOME)).path).read_bytes()
    assert recording.path == str(out) and heard(recording)[0] == pytest.approx(-18, abs=0.5)


def test_say_refuses_a_bad_place(fake: FakeSpeaker, tmp_path: Path) -> None:
    with pytest.raises(VoiceError, match="name another file"):
        say(studio_with(tmp_path, fake), Utterance("好"), tmp_path / "none" / "a.wav")


def test_phrases_that_nobody_asks_for_go(fake: FakeSpeaker, tmp_path: Path) -> None:
    now = 1e9
    old, new, asked = phrase("旧"), phrase("新"), phrase("常用")
    for one in (old, asked):
        os.utime(Phrases(tmp_path).make(fake, "id", one, Manner(), tmp_path), (now, now))
    later = Phrases(tmp_path, now=lambda: now + 31 * 86_400)
    assert later.get("id", asked, Manner()) is not None
    later.make(fake, "id", new, Manner(), tmp_path)
    assert sorted(fake.spoken) == ["常用", "新", "旧"]
    assert later.get("id", old, Manner()) is None and later.get("id", asked, Manner()) is not None


def test_nothing_of_a_work_in_progress_stays(fake: FakeSpeaker, tmp_path: Path) -> None:
    studio = studio_with(tmp_path, fake)
    recording = studio.render(Utterance("晚安"))
    assert [name for name in kept(studio) if recording.key in name] == [f"{recording.key}.json", f"{recording.key}.wav"]
    assert len(kept(studio)) == 4


def test_many_previews_warm_the_voice_once(tmp_path: Path) -> None:
    warmed: list[str] = []
    library = Library(tmp_path / "media")
    studio = Studio(tmp_path, library, Ladder([FakeSpeaker()]), warming=lambda: warmed.append("once"))
    for _ in range(3):
        studio.warm()
    assert warmed == ["once"]

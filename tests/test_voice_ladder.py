"""The ladder of engines: whatever one of them does, the next one speaks, and nothing half is kept."""

from __future__ import annotations

import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from broadcaster.errors import VoiceError, VoiceTimeout
from broadcaster.voice.build import build_studio
from broadcaster.voice.ladder import REST_S, Ladder
from broadcaster.voice.platform_speaker import PlatformSpeaker
from broadcaster.voice.speaker import Manner
from broadcaster.voice.studio import Spoken, Studio
from broadcaster.voice.utterance import Utterance
from tests.test_media_prepare import heard
from tests.voice_fakes import (
    WELCOME,
    FakeSpeaker,
    SentenceReader,
    Time,
    kept,
    studio_with,
    write_half,
    write_noise,
    write_nothing,
    write_silence,
)

NOTICE = Utterance(text="欢迎光临。今日特价99元。")


def engine_of(studio: Studio, utterance: Utterance = NOTICE) -> str | None:
    spoken = studio.about(studio.render(utterance))
    assert spoken is not None
    return spoken.engine


def voiceful(program: str, timeout_s: float = 20) -> PlatformSpeaker:
    """An engine that has a voice; what it does when it is to speak is up to the program."""
    look = "import json,os,sys\njob=json.load(sys.stdin)\nif job['job']=='voices':\n"
    voices = " print(json.dumps({'driver':'espeak','voices':[['cmn','Mandarin','cmn']]})); sys.exit()\n"
    return PlatformSpeaker(timeout_s, [sys.executable, "-c", look + voices + program])


@pytest.mark.parametrize(
    ("program", "reason"),
    [
        ("import time; time.sleep(600)", "within 1.5 s"),
        ("os.abort()", "died"),
        ("sys.exit(3)", "exit status 3"),
        ("open(job['out'],'w'); print('{}')", "wrote no audio"),
        ("open(job['out'],'wb').write(b'RIFF'+bytes(8000)); print('{}')", "wrote no audio"),
        ("print('{}')", "wrote no audio"),
        ("print(json.dumps({'error': 'no such tongue'}))", "no such tongue"),
    ],
    ids=["hangs", "crashes", "leaves", "empty", "garbage", "none", "refuses"],
)
def test_the_next_engine_speaks(program: str, reason: str, tmp_path: Path) -> None:
    lower = FakeSpeaker()
    studio = studio_with(tmp_path, voiceful(program, 1.5 if "sleep" in program else 20), lower, reader=SentenceReader())
    recording = studio.render(NOTICE)
    spoken = studio.about(recording)
    assert spoken is not None and spoken.engine == "fake"
    assert reason in spoken.instead_of[0] and reason in studio.compromise(NOTICE, recording)
    assert lower.spoken == ["欢迎光临。", "今日特价99元。"]


@pytest.mark.parametrize("write", [write_nothing, write_noise, write_half, write_silence])
def test_what_is_no_good_never_stays(write: Callable[[Path], None], tmp_path: Path) -> None:
    bad = FakeSpeaker(write=write)
    studio = studio_with(tmp_path, bad)
    with pytest.raises(VoiceError):
        studio.render(NOTICE)
    assert kept(studio) == []
    bad.write = None
    assert engine_of(studio_with(tmp_path, bad)) == "fake"


def test_an_engine_that_speaks_silence_is_not_believed(tmp_path: Path) -> None:
    studio = studio_with(tmp_path, FakeSpeaker("upper", write=write_silence), FakeSpeaker("lower"))
    assert engine_of(studio) == "lower"
    assert "nothing to be heard" in studio.compromise(NOTICE, studio.render(NOTICE))


def test_voices_are_never_mixed_in_one_announcement(tmp_path: Path) -> None:
    class Tiring(FakeSpeaker):
        def speak(self, phrase, out, manner):  # type: ignore[no-untyped-def]
            if self.spoken:
                raise VoiceError("tired")
            super().speak(phrase, out, manner)

    lower = FakeSpeaker("lower")
    assert engine_of(studio_with(tmp_path, Tiring("upper"), lower, reader=SentenceReader())) == "lower"
    assert len(lower.spoken) == 2


def test_the_better_engine_is_tried_again_after_a_rest(tmp_path: Path) -> None:
    time, upper, lower = Time(), FakeSpeaker("upper", VoiceTimeout("too slow")), FakeSpeaker("lower")
    studio = studio_with(tmp_path, upper, lower, mono=time)
    first = studio.render(NOTICE)
    upper.fault = None
    assert studio.cached(NOTICE) == first == studio.render(NOTICE) and len(lower.spoken) == 1
    time.seconds = REST_S + 1
    assert studio.cached(NOTICE) is None
    assert engine_of(studio) == "upper" and studio.compromise(NOTICE, studio.render(NOTICE)) == ""


def test_an_engine_that_keeps_hanging_is_left_alone(tmp_path: Path) -> None:
    time, upper = Time(), FakeSpeaker("upper", VoiceTimeout("too slow"))
    studio = studio_with(tmp_path, upper, FakeSpeaker("lower"), mono=time)
    for number in range(3):
        studio.render(Utterance(f"第{number}条"))
    upper.fault = None
    assert engine_of(studio, Utterance("第四条")) == "lower"
    time.seconds = REST_S + 1
    assert engine_of(studio, Utterance("第五条")) == "upper"


def test_an_earlier_recording_is_the_last_rung(tmp_path: Path) -> None:
    engine, reader, time = FakeSpeaker(), SentenceReader(), Time()
    studio = studio_with(tmp_path, engine, reader=reader, mono=time)
    first = studio.render(NOTICE)
    reader.lexicon["特价"] = "特惠"
    engine.fault = VoiceError("no breath")
    assert studio.render(NOTICE) == first == studio.earlier(NOTICE)
    assert "no breath" in studio.compromise(NOTICE, first)
    with pytest.raises(VoiceError, match="no breath"):
        studio.render(Utterance("另一条"))
    engine.fault, time.seconds = None, REST_S + 1
    assert studio.render(NOTICE) != first and studio.compromise(NOTICE, studio.render(NOTICE)) == ""


def test_a_reader_that_fails_leaves_the_reading_to_the_platform(tmp_path: Path) -> None:
    reader, time = SentenceReader(), Time()
    reader.fault = VoiceTimeout("the reader hangs")
    upper, lower = FakeSpeaker("upper"), FakeSpeaker("lower")
    studio = studio_with(tmp_path, upper, lower, reader=reader, mono=time)
    assert engine_of(studio) == "lower" and lower.spoken == [NOTICE.text] and upper.spoken == []
    reader.fault, time.seconds = None, REST_S + 1
    assert engine_of(studio) == "upper"


def test_a_full_disk_leaves_the_earlier_recording(tmp_path: Path) -> None:
    studio = studio_with(tmp_path, FakeSpeaker("upper"), FakeSpeaker("lower"))
    first = studio.render(NOTICE)
    full = studio_with(tmp_path, engine := FakeSpeaker("upper"), other := FakeSpeaker("lower"), free_mb=1e9)
    engine.version = "2"
    assert full.render(NOTICE) == first and other.spoken == []
    assert "disk is full" in full.compromise(NOTICE, first)
    with pytest.raises(VoiceError, match="disk is full"):
        full.render(Utterance("另一条"))


def test_a_cache_that_is_no_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "voice").write_text("in the way")
    with pytest.raises(VoiceError, match=r"the cache .*check the disk"):
        studio_with(tmp_path, FakeSpeaker()).render(NOTICE)


@pytest.mark.parametrize("fault", [VoiceError("broken"), VoiceTimeout("too slow")])
def test_with_nobody_left_every_reason_is_told_once(fault: VoiceError, tmp_path: Path) -> None:
    studio = studio_with(tmp_path, FakeSpeaker("upper", fault), FakeSpeaker("lower", type(fault)("hoarse")))
    with pytest.raises(type(fault)) as caught:
        studio.render(NOTICE)
    assert str(caught.value) == f"{fault}; hoarse"
    assert kept(studio) == []


def test_an_engine_can_be_named(tmp_path: Path) -> None:
    studio = studio_with(tmp_path, FakeSpeaker("upper"), FakeSpeaker("lower"))
    assert engine_of(studio, Utterance(WELCOME, engine="lower")) == "lower"
    assert engine_of(studio, Utterance(WELCOME, engine="auto")) == "upper"
    with pytest.raises(VoiceError, match="hoarse"):
        studio_with(tmp_path, FakeSpeaker("upper", VoiceError("hoarse")), FakeSpeaker("lower")).render(
            Utterance("好", engine="upper")
        )


def test_an_engine_without_the_voice_speaks_by_the_language(tmp_path: Path) -> None:
    upper = FakeSpeaker("upper")
    studio = studio_with(tmp_path, upper, PlatformSpeaker())
    upper.lack = "no model"
    utterance = Utterance("欢迎光临", manner=Manner("fake/zh"))
    spoken = studio.about(studio.render(utterance))
    assert spoken == Spoken("pyttsx3", "zh", "欢迎光临", ("upper: no model",))
    assert studio.compromise(utterance, studio.render(utterance)) == ""
    upper.lack = None
    assert studio.cached(utterance) is None and engine_of(studio, utterance) == "upper"


def test_the_mark_changes_when_an_engine_comes(tmp_path: Path) -> None:
    speaker = FakeSpeaker()
    ladder = Ladder([speaker])
    before = ladder.mark()
    speaker.lack = "no model"
    assert ladder.mark() != before


def test_damaged_phrases_are_spoken_anew(tmp_path: Path) -> None:
    engine = FakeSpeaker()
    studio = studio_with(tmp_path, engine, reader=SentenceReader())
    studio.render(NOTICE)
    for path in (tmp_path / "voice" / "phrases").iterdir():
        path.write_bytes(path.read_bytes()[:1000])
    studio.render(Utterance(NOTICE.text, repeat=2))
    assert len(engine.spoken) == 4


def test_rendering_from_several_threads_gives_one_recording(tmp_path: Path) -> None:
    studio = studio_with(tmp_path, FakeSpeaker())
    with ThreadPoolExecutor(3) as pool:
        found = list(pool.map(studio.render, [NOTICE] * 3))
    assert len(set(found)) == 1


def test_a_disk_that_fills_up_while_it_is_spoken_leaves_nothing_half(tmp_path: Path) -> None:
    if sys.platform == "win32":
        pytest.skip("there is no limit on the size of a file there")
    import resource

    studio = studio_with(tmp_path, PlatformSpeaker(), reader=SentenceReader())
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, limits[1]))
    try:
        with pytest.raises(VoiceError):
            studio.render(NOTICE)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert kept(studio) == []
    assert engine_of(studio_with(tmp_path, PlatformSpeaker(), reader=SentenceReader())) == "pyttsx3"


def test_the_neural_voice_is_finished_like_any_other(neural_voices: Path, tmp_path: Path) -> None:
    lexicon = tmp_path / "lexicon.csv"
    offer = Utterance("IKEA沙发只要999元。谢谢。", manner=Manner(speed=0.9))
    studio = build_studio(tmp_path / "voice", neural_voices, lexicon)
    recording = studio.render(offer)
    spoken = studio.about(recording)
    studio.close()
    assert spoken is not None and (spoken.engine, spoken.instead_of) == ("neural", ())
    assert "九百九十九" in spoken.text
    loudness, peak = heard(recording)
    assert loudness == pytest.approx(-18, abs=0.5) and peak <= -1.5
    gone = build_studio(tmp_path / "voice", tmp_path / "nowhere", lexicon)
    assert gone.cached(offer) == recording
    lexicon.write_text("词,读法\nIKEA,宜家家居\n", encoding="utf-8")
    assert gone.cached(offer) is None
    gone.close()

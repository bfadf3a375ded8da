"""Voices and readings in the plan: who speaks a script, what is told of the files, and what a change costs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from broadcaster.errors import VoiceError
from broadcaster.plan.models import Voices, VoiceSetting
from broadcaster.publishing.casting import cast, lexicon_faults
from broadcaster.publishing.publish import Publication, Publisher
from broadcaster.voice.speaker import Manner
from tests.plan_kit import TODAY, lay_out_files
from tests.voice_fakes import FakeSpeaker, SentenceReader, Time, studio_with

FILE = "announcements/welcome-speech.yaml"
SCRIPT = "title: 欢迎语\ntext: 欢迎光临。IKEA在一楼。\n"


@pytest.mark.parametrize(
    ("name", "given", "manner", "language"),
    [
        ("zh", {}, Manner("zh", 0.9), "zh"),
        ("en", {}, Manner("en", 0.9), "en"),
        ("calm", {}, Manner("zf_xiaoyi", 0.8, -1), "zh"),
        ("calm", {"speed": 1.1, "pitch": 2}, Manner("zf_xiaoyi", 1.1, 2), "zh"),
        ("zm_yunxi", {}, Manner("zm_yunxi", 0.9), "zh"),
        ("gmw/en-us", {}, Manner("gmw/en-us", 0.9), "en"),
        ("fr", {}, Manner("fr", 0.9), "fr"),
        ("zh", {"rate": 155}, Manner("zh", 1.0), "zh"),
        ("zh", {"rate": 155, "speed": 0.7}, Manner("zh", 0.7), "zh"),
        ("zh", {"rate": 450}, Manner("zh", 2.0), "zh"),
    ],
)
def test_names_become_manners(name: str, given: dict[str, float], manner: Manner, language: str) -> None:
    house = Voices(voices={"calm": VoiceSetting(voice="zf_xiaoyi", speed=0.8, pitch=-1)})
    chosen = cast(house, name, **given)  # type: ignore[arg-type]
    assert (chosen.manner, chosen.language, chosen.engine) == (manner, language, None)


def test_a_voice_may_name_its_engine() -> None:
    assert cast(Voices(voices={"old": VoiceSetting(engine="pyttsx3")}), "old").engine == "pyttsx3"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = lay_out_files(tmp_path / "home")
    for path in (home / "announcements").glob("*.yaml"):
        path.unlink()
    (home / FILE).write_text(SCRIPT, encoding="utf-8")
    for name in ("lexicon.csv", "voices.yaml"):
        (home / "config" / name).unlink(missing_ok=True)
    return home


def published(home: Path, publisher: Publisher) -> Publication:
    """Everything about voices: the rest of this home's plan is broken on purpose."""
    found = publisher.publish(TODAY)
    assert found.plan is not None
    return found


def test_a_lower_voice_is_told_and_looked_at_again(home: Path, tmp_path: Path) -> None:
    upper, time = FakeSpeaker("upper", VoiceError("no breath")), Time()
    publisher = Publisher(home, studio=studio_with(tmp_path, upper, FakeSpeaker("lower"), mono=time))
    found = published(home, publisher)
    (fault,) = [fault for fault in found.warnings if fault.code == "other-voice"]
    assert (fault.file, fault.line) == (FILE, 2) and "no breath" in fault.message("en") and not fault.blocking
    assert found.provisional and found.plan and found.plan.clips["welcome-speech*1"].path
    upper.fault, time.seconds = None, 1000
    again = published(home, publisher)
    assert again.plan and again.plan.clips != found.plan.clips
    assert "other-voice" not in {fault.code for fault in again.faults}


def test_a_lexicon_that_changes_renders_its_scripts_anew(home: Path, tmp_path: Path) -> None:
    reader, speaker = SentenceReader(), FakeSpeaker()
    (home / "announcements" / "good-night.yaml").write_text("title: 晚安\ntext: 晚安。\n", encoding="utf-8")
    publisher = Publisher(home, studio=studio_with(tmp_path, speaker, reader=reader))
    before = published(home, publisher).plan
    reader.lexicon["IKEA"] = "宜家"
    after = published(home, publisher).plan
    assert before and after
    changed = [name for name, clip in after.clips.items() if clip != before.clips[name]]
    assert changed == ["welcome-speech*1"] and len(speaker.spoken) == 4


def test_without_rendering_the_earlier_recording_counts(home: Path, tmp_path: Path) -> None:
    reader = SentenceReader()
    publisher = Publisher(home, studio=studio_with(tmp_path, FakeSpeaker(), reader=reader))
    before = published(home, publisher).plan
    reader.lexicon["IKEA"] = "宜家"
    looked = publisher.publish(TODAY, render=False).plan
    assert before and looked and looked.clips == before.clips


def test_a_lexicon_s_faults_are_told_with_their_lines(home: Path, tmp_path: Path) -> None:
    path = home / "config" / "lexicon.csv"
    path.write_text("词,读法,备注\nIKEA,宜家,\n重庆,chong2 qinng4,\n", encoding="utf-8")
    (fault,) = lexicon_faults(path)
    assert (fault.code, fault.file, fault.line) == ("bad-lexicon", "config/lexicon.csv", 3)
    assert not fault.blocking and "重庆" in fault.message("zh") and "pinyin" in fault.message("en")
    publisher = Publisher(home, studio=studio_with(tmp_path, FakeSpeaker()))
    assert fault in publisher.publish(TODAY, render=False).faults


def test_the_plan_s_version_follows_voices_and_lexicon(home: Path, tmp_path: Path) -> None:
    publisher = Publisher(home, studio=studio_with(tmp_path, FakeSpeaker()))
    versions = set()
    for file, text in (("voices.yaml", None), ("voices.yaml", "voices: {}\n"), ("lexicon.csv", "词,读法\nIKEA,宜家\n")):
        path = home / "config" / file
        path.unlink(missing_ok=True) if text is None else path.write_text(text, encoding="utf-8")
        plan = publisher.publish(TODAY, render=False).plan
        assert plan is not None
        versions.add(plan.version)
    assert len(versions) == 3


HEAVY = ("jieba", "pypinyin", "onnxruntime", "wetext", "kaldifst", "cn2an", "misaki", "pyttsx3", "pyloudnorm", "vlc")


@pytest.mark.parametrize("module", ["broadcaster.daemon", "broadcaster.voice.build"])
def test_the_daemon_never_loads_what_belongs_to_its_children(module: str) -> None:
    program = f"import sys, {module}; print([name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "[]"

"""The voice worker and what it survives."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread

import psutil
import pytest

from broadcaster.errors import VoiceError, VoiceTimeout
from broadcaster.voice import worker as worker_module
from broadcaster.voice import worker_child
from broadcaster.voice.float_wav import write_float_wav
from broadcaster.voice.reading.model import Doubt, Reading
from broadcaster.voice.wav_length import wav_length_s
from broadcaster.voice.wire import phrase_from_json, phrase_to_json, reading_from_json, reading_to_json
from broadcaster.voice.worker import Worker
from broadcaster.voice.worker_client import VoiceWorker
from tests.voice_kit import HELLO

# A worker that answers each job by the lines below, whose first job fails and whose later starts do not:
# the first start leaves a mark.
_PROGRAM = """
import json, os, sys, time
from pathlib import Path
from broadcaster.voice.float_wav import write_float_wav
mark, fault = Path(sys.argv[1]), sys.argv[2]
for line in sys.stdin:
    job = json.loads(line)
    say = lambda **more: print(json.dumps({"id": job["id"], **more}), flush=True)
    broken = fault == "always" or len(mark.read_text() if mark.exists() else "") < 1
    mark.write_text("x")
    out = Path(job.get("out", "."))
    whole = lambda: write_float_wav(out, bytes(96_000 * 2), 24_000)
    if not broken: whole(); say(seconds=2.0)
    elif fault in ("hang", "always"): time.sleep(600)
    elif fault == "die": os.abort()
    elif fault == "leave": sys.exit(3)
    elif fault == "garbage": print("Audio saved", flush=True)
    elif fault == "number": print(json.dumps({"id": 77}), flush=True)
    elif fault == "nothing": say(seconds=2.0)
    elif fault == "empty": out.write_bytes(b""); say(seconds=2.0)
    elif fault == "text": out.write_text("no audio" * 99); say(seconds=2.0)
    elif fault == "cut": whole(); os.truncate(out, 20_000); say(seconds=2.0)
    elif fault == "short": write_float_wav(out, bytes(400), 24_000); say(seconds=2.0)
    elif fault == "refuse": say(error="the disk is full; make room")
"""

Broken = Callable[[str], VoiceWorker]


@pytest.fixture
def broken(tmp_path: Path) -> Iterator[Broken]:
    made: list[VoiceWorker] = []

    def make(fault: str) -> VoiceWorker:
        command = [sys.executable, "-c", _PROGRAM, str(tmp_path / "mark"), fault]
        made.append(VoiceWorker(command, patience_s=0.3, start_s=3.0))
        return made[-1]

    yield make
    for worker in made:
        worker.close()


def children() -> set[int]:
    return {child.pid for child in psutil.Process().children(recursive=True)}


@pytest.fixture
def no_child_left() -> Iterator[None]:
    """Neither alive nor a zombie."""
    before = children()
    yield
    deadline = time.monotonic() + 10
    while children() - before and time.monotonic() < deadline:
        time.sleep(0.02)
    assert children() - before == set()


@pytest.mark.usefixtures("no_child_left")
@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("die", "died"), ("leave", "exit status 3"), ("garbage", "Audio saved"), ("number", "something else"),
        ("nothing", "can't be read"), ("empty", "0 bytes"), ("text", "no WAV"), ("cut", "cut off"),
        ("short", "only 0.00 s"), ("refuse", "disk is full"),
    ],
)  # fmt: skip
def test_a_fault_is_told_and_the_next_job_works(broken: Broken, fault: str, reason: str, tmp_path: Path) -> None:
    out = tmp_path / "air" / "a.wav"
    out.parent.mkdir()
    with broken(fault) as worker:
        with pytest.raises(VoiceError, match=reason):
            worker.speak(HELLO, out, folder=tmp_path, voice="zf_xiaoyi")
        assert list(out.parent.iterdir()) == []
        assert worker.speak(HELLO, out, folder=tmp_path, voice="zf_xiaoyi") == 2.0
        assert list(out.parent.iterdir()) == [out]


@pytest.mark.usefixtures("no_child_left")
def test_a_hanging_engine_is_ended(broken: Broken, tmp_path: Path) -> None:
    with broken("hang") as worker:
        with pytest.raises(VoiceTimeout, match=r"神经语音.*did not finish within"):
            worker.speak(HELLO, tmp_path / "a.wav", folder=tmp_path, voice="zf_xiaoyi")
        assert worker.speak(HELLO, tmp_path / "a.wav", folder=tmp_path, voice="zf_xiaoyi") == 2.0


def test_after_three_failures_it_is_left_alone_for_a_while(
    broken: Broken, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_child, "TIRED_S", 0.4)
    worker = broken("always")
    worker._mouth._start_s = 0.0
    for _ in range(3):
        assert worker.tired() is None
        with pytest.raises(VoiceTimeout):
            worker.speak(HELLO, tmp_path / "a.wav", folder=tmp_path, voice="x")
    assert "3 times in a row" in (worker.tired() or "") and worker.pids == ()
    with pytest.raises(VoiceError, match="3 times in a row"):
        worker.speak(HELLO, tmp_path / "a.wav", folder=tmp_path, voice="x")
    deadline = time.monotonic() + 5
    while worker.tired() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert worker.tired() is None


def test_closing_ends_what_is_under_way(broken: Broken, tmp_path: Path) -> None:
    worker = broken("hang")
    told: list[Exception] = []

    def speak() -> None:
        try:
            worker.speak(HELLO, tmp_path / "a.wav", folder=tmp_path, voice="x")
        except VoiceError as error:
            told.append(error)

    thread = Thread(target=speak)
    thread.start()
    deadline = time.monotonic() + 5
    while not (tmp_path / "mark").exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    worker.close()
    thread.join(5)
    assert not thread.is_alive() and "was stopped" in str(told[0])
    with pytest.raises(VoiceError, match="was stopped"):
        worker.speak(HELLO, tmp_path / "a.wav", folder=tmp_path, voice="x")


def test_a_program_that_is_not_there_is_told(tmp_path: Path) -> None:
    with VoiceWorker([str(tmp_path / "none")]) as worker, pytest.raises(VoiceError, match="can't be started"):
        worker.speak(HELLO, tmp_path / "a.wav", folder=tmp_path, voice="x")


def test_a_folder_that_is_not_there_is_told(broken: Broken, tmp_path: Path) -> None:
    with pytest.raises(VoiceError, match="no folder"):
        broken("refuse").speak(HELLO, tmp_path / "none" / "a.wav", folder=tmp_path, voice="x")


# --- the real worker -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def real() -> Iterator[VoiceWorker]:
    with VoiceWorker() as worker:
        yield worker


def test_reads_a_text(real: VoiceWorker) -> None:
    reading = real.read("欢迎光临，全场8.8折。")
    assert reading.source == "欢迎光临，全场8.8折。" and "8" not in reading.spoken
    assert all(token.pinyin or token.kind == "pause" for phrase in reading.phrases for token in phrase.tokens)


def test_a_changed_lexicon_is_read_anew(real: VoiceWorker, tmp_path: Path) -> None:
    lexicon = tmp_path / "lexicon.csv"
    lexicon.write_text("词,读法,备注\nQUUX,酷可斯,\n", encoding="utf-8")
    assert "酷可斯" in real.read("欢迎来到QUUX。", lexicon).spoken
    lexicon.write_text("词,读法,备注\nQUUX,魁克斯木,\n", encoding="utf-8")
    assert "魁克斯木" in real.read("欢迎来到QUUX。", lexicon).spoken
    assert "魁克斯木" not in real.read("欢迎来到QUUX。").spoken


def test_it_makes_way_for_the_air(real: VoiceWorker) -> None:
    real.read("好")
    assert [psutil.Process(pid).nice() > psutil.Process().nice() for pid in real.pids] == [True]


def test_warming_loads_both_sides(real: VoiceWorker, neural_voices: Path) -> None:
    real.warm(neural_voices).result(60)
    assert len(real.pids) == 2


def test_a_killed_worker_is_replaced(real: VoiceWorker) -> None:
    real.read("好")
    (killed,) = real.pids[:1]
    psutil.Process(killed).kill()
    deadline = time.monotonic() + 5
    while killed in real.pids and time.monotonic() < deadline:
        time.sleep(0.01)
    assert real.read("好").spoken == "好" and killed not in real.pids


def test_it_leaves_when_its_parent_is_gone() -> None:
    worker = VoiceWorker()
    worker.read("好")
    process = worker._reader._process
    assert process is not None and process.popen.stdin is not None
    process.popen.stdin.close()
    assert process.popen.wait(10) == 0
    worker.close()


def test_one_that_left_for_being_idle_is_started_again() -> None:
    program = "import broadcaster.voice.worker as w; w.IDLE_S = 0.05; w.main()"
    with VoiceWorker([sys.executable, "-c", program]) as worker:
        worker.read("好")
        pids = worker.pids
        deadline = time.monotonic() + 10
        while worker.pids and time.monotonic() < deadline:
            time.sleep(0.02)
        assert pids and worker.pids == () and worker.read("好").spoken == "好"


def test_a_model_that_is_no_model_is_told(real: VoiceWorker, tmp_path: Path) -> None:
    (tmp_path / "kokoro-v1.0.int8.onnx").write_bytes(b"nothing" * 1000)
    with pytest.raises(VoiceError, match="can't be loaded"):
        real.speak(HELLO, tmp_path / "a.wav", folder=tmp_path, voice="zf_xiaoyi")


class _FullDisk:
    """Stands for a loaded model, so that only the writing is tried."""

    class kind:
        rate_hz = 24_000

    def speak(self, *_: object) -> object:
        import numpy as np

        return np.zeros(48_000, np.float32)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the full disk of Linux")
def test_a_full_disk_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    worker = Worker()
    monkeypatch.setattr(worker, "_mouth_in", lambda folder: _FullDisk())
    job = {"job": "speak", "folder": ".", "phrase": phrase_to_json(HELLO), "voice": "x", "speed": 1, "out": "/dev/full"}
    assert "disk is full" in worker.answer(job)["error"]


def test_an_unknown_job_does_not_end_the_worker() -> None:
    assert worker_module.Worker().answer({"job": "sing"})["broken"] is True


def test_phrases_and_readings_survive_the_wire() -> None:
    doubt = Doubt("polyphone", "行", 1, 2, "háng", ("xíng",))
    reading = Reading("源", "说", (("说", "shuō"), ("，", "")), (HELLO,), (doubt,))
    assert reading_from_json(json.loads(json.dumps(reading_to_json(reading)))) == reading
    assert phrase_from_json(json.loads(json.dumps(phrase_to_json(HELLO)))) == HELLO


def test_a_written_file_is_whole(tmp_path: Path) -> None:
    write_float_wav(tmp_path / "a.wav", bytes(4 * 24_000), 24_000)
    assert wav_length_s(tmp_path / "a.wav") == 1.0
    os.truncate(tmp_path / "a.wav", 50_000)
    with pytest.raises(VoiceError, match="cut off"):
        wav_length_s(tmp_path / "a.wav")

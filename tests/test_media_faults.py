"""What is no recording is refused in words; what is half there is never used."""

from __future__ import annotations

import json
import os
import random
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest
import soundfile

from broadcaster.errors import MediaError
from broadcaster.media.bench import Bench
from broadcaster.media.library import Library
from broadcaster.media.recording import Recording
from tests.test_media_prepare import heard, make, sound

_NOISE = random.Random(5).randbytes(60_000)
_HANG = (sys.executable, "-c", "import time; time.sleep(600)")


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    with Bench() as bench:
        yield bench


@pytest.fixture(scope="module")
def originals(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("originals")
    kinds = ("wav", "flac", "ogg", "mp3", "opus", "m4a", "wma")
    return {kind: make(folder / f"a.{kind}", sound(4)).read_bytes() for kind in kinds}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"these are the words of the song\n" * 300, "it is text"),
        ("这是歌词，不是歌曲。\n".encode() * 300, "it is text"),
        (b"<!DOCTYPE html><html><body>404</body></html>", "web page"),
        (b"#EXTM3U\nhttp://127.0.0.1:9/song.mp3\n", "it is text"),
        (b"%PDF-1.7\n" + _NOISE, "PDF"),
        (_NOISE, "no sound can be decoded"),
        (b"RIFF\xff\xff\0\0WAVEfmt " + _NOISE, "decoded|broken off|damaged"),
    ],
)
def test_what_is_no_recording_is_refused(content: bytes, reason: str, tmp_path: Path, bench: Bench) -> None:
    path = tmp_path / "song.mp3"
    path.write_bytes(content)
    with pytest.raises(MediaError, match=reason) as caught:
        Library(tmp_path / "cache").prepare_on(bench, path)
    assert str(caught.value).startswith(f"{path}: ") and ";" in str(caught.value)


def test_missing_files_and_folders_are_named(tmp_path: Path, bench: Bench) -> None:
    library = Library(tmp_path / "cache")
    with pytest.raises(MediaError, match="no such file"):
        library.prepare_on(bench, tmp_path / "gone.mp3")
    with pytest.raises(MediaError, match="a folder"):
        library.prepare_on(bench, tmp_path)
    assert library.cached(tmp_path / "gone.mp3") is None and library.cached(tmp_path) is None


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no FIFO in the file system")
def test_a_pipe_is_no_recording(tmp_path: Path, bench: Bench) -> None:
    if sys.platform != "win32":
        os.mkfifo(tmp_path / "pipe.wav")
    with pytest.raises(MediaError, match="not a plain file"):
        Library(tmp_path / "cache").prepare_on(bench, tmp_path / "pipe.wav")


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="needs a user whom permissions bind")
def test_an_unreadable_file_says_so(tmp_path: Path, bench: Bench) -> None:
    path = make(tmp_path / "song.wav", sound(2))
    path.chmod(0)
    with pytest.raises(MediaError, match="permissions"):
        Library(tmp_path / "cache").prepare_on(bench, path)


@pytest.mark.parametrize(("level", "reason"), [(0.0, "silence"), (0.0015, "LUFS")])
def test_silence_is_refused(level: float, reason: str, tmp_path: Path, bench: Bench) -> None:
    path = make(tmp_path / "still.flac", sound(3, level=level))
    with pytest.raises(MediaError, match=rf"nothing to be heard in it \(.*{reason}"):
        Library(tmp_path / "cache").prepare_on(bench, path)


def test_less_than_a_third_of_a_second_is_refused(tmp_path: Path, bench: Bench) -> None:
    with pytest.raises(MediaError, match=r"only 0\.20 s"):
        Library(tmp_path / "cache").prepare_on(bench, make(tmp_path / "click.wav", sound(0.2)))


@pytest.mark.parametrize("bad", [np.nan, np.inf, 1e20])
def test_senseless_samples_are_refused(bad: float, tmp_path: Path, bench: Bench) -> None:
    samples = sound(3)
    samples[70_000] = bad
    soundfile.write(tmp_path / "bad.wav", samples, 44_100, subtype="FLOAT")
    with pytest.raises(MediaError, match=r"damaged at 1\.6 s"):
        Library(tmp_path / "cache").prepare_on(bench, tmp_path / "bad.wav")


@pytest.mark.parametrize("kind", ["wav", "flac", "ogg", "mp3", "opus", "m4a", "wma"])
def test_half_a_file_is_refused(kind: str, originals: dict[str, bytes], tmp_path: Path, bench: Bench) -> None:
    path = tmp_path / f"half.{kind}"
    path.write_bytes(originals[kind][: len(originals[kind]) * 6 // 10 + 1])
    with pytest.raises(MediaError, match="broken off"):
        Library(tmp_path / "cache").prepare_on(bench, path)


def test_damaged_files_are_refused_or_air_within_the_limits(
    originals: dict[str, bytes], tmp_path: Path, bench: Bench
) -> None:
    library, chance = Library(tmp_path / "cache"), random.Random(11)
    first_pid, refused = None, 0
    for count in range(35):
        kind = chance.choice(sorted(originals))
        path = tmp_path / f"{count}.{kind}"
        path.write_bytes(_mutated(originals[kind], chance))
        try:
            loudness, peak = heard(library.prepare_on(bench, path))
            assert loudness < -17 and peak <= -1.4, path.name
        except MediaError:
            refused += 1
        first_pid = first_pid or bench.pid
    assert bench.pid == first_pid
    assert 0 < refused < 35


def _mutated(content: bytes, chance: random.Random) -> bytes:
    data = bytearray(content)
    for _ in range(chance.randint(1, 20)):
        at = chance.randrange(len(data)) if chance.random() < 0.6 else chance.randrange(min(200, len(data)))
        how = chance.randrange(3)
        if how == 0:
            data[at] ^= 1 << chance.randrange(8)
        elif how == 1:
            data[at : at + 50] = chance.randbytes(50)
        else:
            del data[at : at + chance.randrange(1, 500)]
    return bytes(data)


def test_a_hanging_decoder_is_ended_and_replaced(tmp_path: Path) -> None:
    path = make(tmp_path / "song.wav", sound(2))
    library = Library(tmp_path / "cache", time_limit_s=0.5, command=_HANG)
    before = set(psutil.Process().children())
    with library.bench() as bench:
        for _ in range(2):
            with pytest.raises(MediaError, match=r"song\.wav: the decoder did not finish within 0\.5 s"):
                library.prepare_on(bench, path)
            assert bench.pid is None
    assert set(psutil.Process().children()) <= before
    assert list((tmp_path / "cache").iterdir()) == []


def test_a_dying_decoder_costs_one_file(tmp_path: Path) -> None:
    path = make(tmp_path / "song.wav", sound(2))
    die = (
        sys.executable,
        "-c",
        "import sys; sys.stdin.readline(); print('no memory left', file=sys.stderr); sys.exit(3)",
    )
    with pytest.raises(MediaError, match="died of it"):
        Library(tmp_path / "cache", command=die).prepare(path)
    with pytest.raises(MediaError, match="can't be started"):
        Library(tmp_path / "cache", command=["/no/such/program"]).prepare(path)


def test_the_worker_leaves_when_its_parent_does(tmp_path: Path) -> None:
    bench = Bench()
    with pytest.raises(MediaError):
        bench.do({"job": "no such job"}, 30)
    assert bench.pid is not None and bench._process is not None and bench._process.stdin is not None
    bench._process.stdin.close()
    assert bench._process.wait(10) == 0
    bench.close()


def test_a_full_disk_is_a_fault_and_leaves_nothing(tmp_path: Path, bench: Bench) -> None:
    library = Library(tmp_path / "cache", keep_free_mb=1e9)
    with pytest.raises(MediaError, match="disk is full"):
        library.prepare_on(bench, make(tmp_path / "song.wav", sound(2)))
    assert list((tmp_path / "cache").iterdir()) == []


def _prepared(tmp_path: Path, bench: Bench) -> tuple[Path, Recording]:
    path = make(tmp_path / "song.wav", sound(1.5))
    return path, Library(tmp_path / "cache").prepare_on(bench, path)


@pytest.mark.parametrize("rubbish", [b"", b"{", b"[]", b'{"files": 3}', b'{"files": {"a": [1]}}', _NOISE])
def test_a_damaged_index_is_rebuilt(rubbish: bytes, tmp_path: Path, bench: Bench) -> None:
    path, recording = _prepared(tmp_path, bench)
    (tmp_path / "cache" / "index.json").write_bytes(rubbish)
    library = Library(tmp_path / "cache")
    assert library.cached(path) is None
    assert library.prepare_on(bench, path) == recording
    assert json.loads((tmp_path / "cache" / "index.json").read_text("utf-8"))["version"] == 1


@pytest.mark.parametrize("rubbish", [b"", b"[1]", b'{"duration_s": "x"}', _NOISE])
def test_a_damaged_sidecar_is_rebuilt(rubbish: bytes, tmp_path: Path, bench: Bench) -> None:
    path, recording = _prepared(tmp_path, bench)
    Path(recording.path).with_suffix(".json").write_bytes(rubbish)
    library = Library(tmp_path / "cache")
    assert library.cached(path) is None
    assert library.prepare_on(bench, path) == recording == library.cached(path)


def test_a_cut_or_vanished_wav_is_never_used(tmp_path: Path, bench: Bench) -> None:
    path, recording = _prepared(tmp_path, bench)
    library = Library(tmp_path / "cache")
    assert library.cached(path) == recording
    os.truncate(recording.path, 5_000)
    assert library.cached(path) is None
    assert library.prepare_on(bench, path) == recording
    Path(recording.path).unlink()
    assert library.cached(path) is None


def test_what_a_killed_daemon_left_is_swept(tmp_path: Path, bench: Bench) -> None:
    left = tmp_path / "cache" / "work-left"
    left.mkdir(parents=True)
    (left / "samples.f32").write_bytes(b"x")
    os.utime(left, (time.time() - 200_000,) * 2)
    _prepared(tmp_path, bench)
    assert not left.exists()

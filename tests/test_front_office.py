"""Uploads: what can be played is kept under its hash, and anything else leaves nothing behind."""

from __future__ import annotations

import hashlib
from io import BytesIO
from pathlib import Path

import pytest

from broadcaster import front_office
from broadcaster.errors import MediaError
from broadcaster.front_office import Recordings
from broadcaster.media.library import Library
from broadcaster.notices.models import NoticeDraft
from broadcaster.rooms.sayings import recording_path
from broadcaster.settings import Home
from tests.notice_kit import draft
from tests.test_media_prepare import make, sound


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


@pytest.fixture
def recordings(home: Home) -> Recordings:
    return Recordings(home, Library(home.media))


def upload(folder: Path, ending: str, seed: int = 1) -> bytes:
    return make(folder / f"upload.{ending}", sound(1.0, seed=seed)).read_bytes()


def there(home: Home) -> list[str]:
    return sorted(path.name for path in home.recordings.rglob("*")) if home.recordings.exists() else []


@pytest.mark.parametrize("ending", ["wav", "mp3"])
def test_what_can_be_played_is_kept_under_its_hash(
    ending: str, home: Home, recordings: Recordings, tmp_path: Path
) -> None:
    content = upload(tmp_path, ending)
    name = recordings.keep(BytesIO(content), f"我的 录音.{ending.upper()}")
    assert name == f"{hashlib.sha256(content).hexdigest()[:32]}.{ending}" and there(home) == [name]
    assert recording_path(home, name).read_bytes() == content
    assert draft("", recording=name).recording == name


def test_the_same_again_is_the_same_and_mends_what_was_changed(
    home: Home, recordings: Recordings, tmp_path: Path
) -> None:
    content = upload(tmp_path, "wav")
    name = recordings.keep(BytesIO(content), "a.wav")
    (home.recordings / name).write_bytes(upload(tmp_path, "wav", seed=2))
    with pytest.raises(MediaError, match="not what was uploaded"):
        recording_path(home, name)
    assert recordings.keep(BytesIO(content), "b.wav") == name and there(home) == [name]
    assert recording_path(home, name).read_bytes() == content


@pytest.mark.parametrize("content", [b"", b"hello, this is a text\n" * 400, b"RIFF\0\0\0\0WAVEfmt "])
def test_what_is_no_sound_is_refused_by_its_own_name(content: bytes, home: Home, recordings: Recordings) -> None:
    with pytest.raises(MediaError) as caught:
        recordings.keep(BytesIO(content), "会议记录.wav")
    assert "会议记录.wav" in str(caught.value) and str(home.recordings) not in str(caught.value)
    assert there(home) == []


def test_what_is_too_large_is_refused(
    home: Home, recordings: Recordings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(front_office, "UPLOAD_BYTES", 50_000)
    with pytest.raises(MediaError, match=r"long\.wav.*too large"):
        recordings.keep(BytesIO(upload(tmp_path, "wav")), "long.wav")
    assert there(home) == []


@pytest.mark.parametrize("name", ["a", "a.", "../../a.wav", "a.w/v", "a.ノイズ", "a.exe.wav", ".wav", ""])
def test_an_odd_name_makes_no_odd_file(name: str, home: Home, recordings: Recordings, tmp_path: Path) -> None:
    kept = recordings.keep(BytesIO(upload(tmp_path, "wav")), name)
    assert there(home) == [kept] and kept.isascii()
    assert NoticeDraft.model_validate(draft("", recording=kept).content()).recording == kept


def test_a_disk_that_takes_nothing_is_told(home: Home, recordings: Recordings, tmp_path: Path) -> None:
    home.var.mkdir(parents=True)
    home.recordings.write_text("a file where the folder should be")
    with pytest.raises(MediaError, match=r"a\.wav 存不下来"):
        recordings.keep(BytesIO(upload(tmp_path, "wav")), "a.wav")


@pytest.mark.parametrize("name", ["missing.wav", "../broadcaster.db", ".hidden", "..", "a\\b.wav"])
def test_only_what_was_uploaded_can_be_named(name: str, home: Home) -> None:
    home.recordings.mkdir(parents=True)
    (home.recordings / ".hidden").write_bytes(b"x")
    with pytest.raises(MediaError, match="upload it again"):
        recording_path(home, name)

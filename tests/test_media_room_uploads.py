"""What is sent is really decoded, refused with the reason, and never left lying about."""

from __future__ import annotations

import io
import shutil
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import soundfile

from broadcaster.errors import MediaError, UsageError
from broadcaster.media.file_names import safe_name
from tests.media_kit import WHO, Rooms, lay_out, open_rooms, song_bytes, wait_for


@pytest.fixture
def rooms(tmp_path: Path) -> Iterator[Rooms]:
    with open_rooms(lay_out(tmp_path / "home")) as rooms:
        yield rooms


@pytest.fixture
def good(tmp_path: Path) -> bytes:
    return song_bytes(folder=tmp_path / "sent")


def flac(samples: Any, rate: int = 8000) -> bytes:
    out = io.BytesIO()
    soundfile.write(out, samples, rate, format="FLAC")
    return out.getvalue()


def test_a_good_file_is_in_and_known_without_reading_it_again(rooms: Rooms, good: bytes) -> None:
    kept = rooms.send(good, "夜 曲.flac")
    assert (kept.state, kept.file) == ("kept", "playlists/evening/夜 曲.flac")
    assert (rooms.home.root / kept.file).read_bytes() == good
    assert rooms.media.playlist("evening").tracks[-1].duration_s == pytest.approx(2.0, abs=0.01)
    assert rooms.trail.entries(1)[0].what == "playlist.upload" and rooms.looked and not rooms.left()


@pytest.mark.parametrize("ending", ["mp3", "ogg", "wav"])
def test_other_formats_are_taken_too(rooms: Rooms, tmp_path: Path, ending: str) -> None:
    assert rooms.send(song_bytes(f"a.{ending}", folder=tmp_path / "sent"), f"a.{ending}").state == "kept"


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("song.mp3", "明天的事情\n".encode() * 400, "文字文件"),
        ("song.mp3", b"<!doctype html><html><body>404</body></html>" * 9, "网页"),
        ("song.flac", b"\x00\x01\x02" * 4000, "放不出声音|静音|不能用"),
        ("song.wav", b"RIFF\x00\x10\x00\x00WAVEfmt ", "放不出声音|不完整|损坏"),
        ("cover.jpg", None, "后缀不是录音"),
        ("silent.flac", flac(np.zeros(24_000)), "静音"),
        ("click.flac", flac(np.sin(np.arange(4000) / 3) * 0.3), "太短"),
    ],
)
def test_what_is_no_music_is_refused_with_the_reason(
    rooms: Rooms, good: bytes, name: str, content: bytes | None, why: str
) -> None:
    verdict = rooms.send(good if content is None else content, name)
    assert verdict.state == "refused" and verdict.reason is not None
    assert any(one in verdict.reason.zh for one in why.split("|")), verdict.reason
    assert len(rooms.titles()) == 3 and not rooms.left()


def test_a_file_that_was_cut_off_is_refused(rooms: Rooms, tmp_path: Path) -> None:
    content = song_bytes(seconds=8.0, folder=tmp_path / "sent")
    verdict = rooms.send(content[: len(content) // 2], "song.flac")
    assert verdict.reason is not None and "损坏" in verdict.reason.zh


def test_a_zip_is_no_music(rooms: Rooms) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("zeros", bytes(20_000_000))
    assert rooms.send(packed.getvalue(), "bomb.mp3").state == "refused"


def test_ten_hours_of_nothing_fill_no_disk(rooms: Rooms) -> None:
    # 36 million samples in a few hundred kB: refused by its header, before a byte of it is decoded.
    bomb = flac(np.zeros(10 * 3600 * 1000, np.int16), 1000 * 4)
    assert len(bomb) < 1_000_000
    verdict = rooms.send(bomb, "bomb.flac")
    assert verdict.reason is not None and "太长,超过 60 分钟" in verdict.reason.zh
    assert sum(path.stat().st_size for path in rooms.home.media.rglob("*") if path.is_file()) < 3_000_000


def test_the_same_music_comes_in_once(rooms: Rooms, good: bytes) -> None:
    rooms.send(good, "a.flac")
    verdict = rooms.send(good, "b.flac")
    assert verdict.reason is not None and "a.flac" in verdict.reason.zh and "同一个录音" in verdict.reason.zh
    assert rooms.send(good, "b.flac", "playlists/light").state == "kept"


@pytest.mark.parametrize("name", ["01 晨光.flac", "01 晨光.FLAC", "../evening/01 晨光.flac"])
def test_no_file_takes_anothers_place(rooms: Rooms, good: bytes, name: str) -> None:
    before = (rooms.home.root / "playlists/evening/01 晨光.flac").read_bytes()
    verdict = rooms.send(good, name)
    assert verdict.reason is not None and "同名" in verdict.reason.zh
    assert (rooms.home.root / "playlists/evening/01 晨光.flac").read_bytes() == before


def test_of_two_at_once_with_one_name_one_gets_it(rooms: Rooms, tmp_path: Path) -> None:
    contents = [song_bytes(f"{hz}.flac", hz, folder=tmp_path / "sent") for hz in (700, 720)]
    sent = [
        rooms.media.receive(BytesIO(one), "new.flac", "playlists/evening", length=len(one), **WHO) for one in contents
    ]
    states = sorted(rooms.verdict(one.id).state for one in sent)
    assert states == ["kept", "refused"] and not rooms.left()


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("../../../etc/passwd", "passwd"),
        ("C:\\Users\\wang\\歌.mp3", "歌.mp3"),
        ("con.mp3", "_con.mp3"),
        ("LPT1", "_LPT1"),
        ("a\x00b\u202e3pm.mp3", "ab3pm.mp3"),
        ('a<b>:"c|?*.mp3', "a_b___c___.mp3"),
        ("...", "recording"),
        (".htaccess", "htaccess"),
        ("cafe\u0301.mp3", "café.mp3"),
        ("", "recording"),
        ("x. .mp3", "x.mp3"),
    ],
)
def test_names_are_made_safe(sent: str, kept: str) -> None:
    assert safe_name(sent) == kept


def test_long_names_keep_their_ending() -> None:
    name = safe_name("很长的名字" * 60 + ".flac")
    assert name.endswith(".flac") and len(name.encode()) <= 120


@pytest.mark.parametrize("place", ["playlists/../config", "playlists/nowhere", "config", "", "playlists/", "../chimes"])
def test_nothing_is_sent_anywhere_else(rooms: Rooms, good: bytes, place: str) -> None:
    with pytest.raises(UsageError):
        rooms.media.receive(BytesIO(good), "a.flac", place, length=len(good), **WHO)
    assert not rooms.left()


def test_too_large_is_refused_before_and_while_it_arrives(rooms: Rooms) -> None:
    with pytest.raises(MediaError, match="最多 20 MB"):
        rooms.media.receive(BytesIO(b""), "a.wav", "playlists/evening", length=2_000_000_000, **WHO)
    with pytest.raises(MediaError, match="最多 20 MB"):
        rooms.media.receive(BytesIO(bytes(21_000_000)), "a.wav", "playlists/evening", length=None, **WHO)
    assert not rooms.left()


def test_what_breaks_off_leaves_nothing(rooms: Rooms, good: bytes) -> None:
    with pytest.raises(MediaError, match="请重传"):
        rooms.media.receive(BytesIO(good[:5000]), "a.flac", "playlists/evening", length=len(good), **WHO)
    (rooms.home.var / "uploads/old").mkdir()
    rooms.media.start()
    assert not rooms.left()


def test_a_full_disk_takes_nothing(rooms: Rooms, good: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = SimpleNamespace(free=400_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    with pytest.raises(MediaError, match="磁盘快满了"):
        rooms.media.receive(BytesIO(good), "a.flac", "playlists/evening", length=len(good), **WHO)


def test_given_up_while_it_is_checked_it_never_comes_in(rooms: Rooms, tmp_path: Path) -> None:
    content = song_bytes(seconds=60.0, folder=tmp_path / "sent")
    upload = rooms.media.receive(BytesIO(content), "long.flac", "playlists/evening", length=len(content), **WHO)
    rooms.media.cancel(upload.id, **WHO)
    wait_for(lambda: not rooms.left())
    assert len(rooms.titles()) == 3 and not rooms.media.uploads()


def test_music_sent_to_a_list_is_named_in_it(rooms: Rooms, good: bytes) -> None:
    path = rooms.home.root / "playlists/own.m3u8"
    path.write_text("evening/01 晨光.flac\n", encoding="utf-8")
    assert rooms.send(good, "夜.flac", "playlists/own").file == "playlists/own/夜.flac"
    assert rooms.titles("own") == ["晨光", "夜"]


def test_chimes_are_short_and_named_once(rooms: Rooms, good: bytes, tmp_path: Path) -> None:
    assert rooms.send(good, "叮咚.flac", "chimes").state == "kept" and "叮咚" in rooms.media.chimes()
    long = rooms.send(song_bytes("l.wav", seconds=16.0, folder=tmp_path / "sent"), "长.wav", "chimes")
    assert long.reason is not None and "太长" in long.reason.zh
    clash = rooms.send(song_bytes("c.wav", 610, folder=tmp_path / "sent"), "Ding-Dong.mp3", "chimes")
    assert clash.reason is not None and "同名" in clash.reason.zh


def test_recordings_can_be_named_by_scripts(rooms: Rooms, good: bytes) -> None:
    assert rooms.send(good, "欢迎.flac", "recordings").state == "kept"
    assert rooms.media.recordings() == ["recordings/欢迎.flac"]

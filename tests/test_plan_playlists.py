"""Playlists: folders and .m3u8 files, and what is told of audio that can't be played."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from broadcaster.plan.playlists import PlaylistFiles, read_playlists
from broadcaster.publishing.publish import Publication, Publisher
from tests.lab.signals import silence, sine
from tests.plan_kit import PROGRAMME, TODAY, edited, restored


def playlists(home: Path, **files: str | bytes) -> dict[str, PlaylistFiles]:
    """What is read of a folder with those ``.m3u8`` files."""
    (home / "playlists").mkdir(exist_ok=True)
    for name, content in files.items():
        data = content if isinstance(content, bytes) else content.encode()
        (home / "playlists" / f"{name}.m3u8").write_bytes(data)
    found, faults = read_playlists(home)
    assert faults == []
    return found


def test_a_folder_is_a_playlist_in_the_order_of_its_names(tmp_path: Path) -> None:
    folder = tmp_path / "playlists" / "轻音乐"
    for name in (
        "10 c.mp3",
        "02 b.flac",
        "01. 春 天.OGG",
        "cd1/05-d.wav",
        "cover.JPG",
        "readme.txt",
        ".hidden.mp3",
        "x.part",
    ):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    (found,) = playlists(tmp_path).values()
    assert (found.id, found.file) == ("轻音乐", "playlists/轻音乐")
    assert [entry.title for entry in found.entries] == ["春 天", "b", "c", "d"]
    assert found.entries[0].file == "playlists/轻音乐/01. 春 天.OGG"


def test_an_m3u8_names_titles_and_files_from_where_it_lies(tmp_path: Path) -> None:
    text = "#EXTM3U\n#EXTINF:123,茉莉花 - 乐队\nlight/01 a.flac\n\n# 说明\n../elsewhere/b.mp3\nlight\\02 c.wav\n"
    (found,) = playlists(tmp_path, evening=text).values()
    assert found.file == "playlists/evening.m3u8"
    assert [(entry.title, entry.file, entry.line) for entry in found.entries] == [
        ("茉莉花 - 乐队", "playlists/light/01 a.flac", 3),
        ("b", "elsewhere/b.mp3", 6),
        ("c", "playlists/light/02 c.wav", 7),
    ]


def test_an_m3u8_may_name_files_anywhere(tmp_path: Path) -> None:
    away, home = tmp_path / "usb" / "a.mp3", tmp_path / "home"
    home.mkdir()
    (found,) = playlists(home, x=f"\ufeff{away}\r\n").values()
    assert found.entries[0].path == away and found.entries[0].file == str(away)


@pytest.mark.parametrize("data", ["茉莉花.mp3".encode("gbk"), "a.mp3".encode("utf-16"), "a.mp3".encode("utf-16-le")])
def test_an_m3u8_that_is_not_utf_8_is_told(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "playlists").mkdir()
    (tmp_path / "playlists" / "x.m3u8").write_bytes(data)
    found, (fault,) = read_playlists(tmp_path)
    assert found["x"].entries == ()
    assert (fault.code, fault.file) == ("file-unreadable", "playlists/x.m3u8") and fault.message("en")


def test_no_folder_is_no_playlists(tmp_path: Path) -> None:
    assert read_playlists(tmp_path) == ({}, [])


# --- with the audio looked at


def published(bed: str) -> Publication:
    """The plan with that playlist under the welcome music."""
    text = edited(PROGRAMME, ("bed: {playlist: welcome}", f"bed: {{playlist: {bed}}}"))
    return Publisher(restored()).publish(TODAY, instead={PROGRAMME: text})


def folder(name: str) -> Path:
    path = restored() / "playlists" / name
    path.mkdir(exist_ok=True)
    return path


def test_one_broken_file_among_good_ones_is_told_and_the_rest_plays() -> None:
    path = folder("one-broken")
    sine(path / "01 good.wav", 440, 2.0)
    (path / "02 broken.mp3").write_bytes(b"this is no music at all" * 100)
    found = published("one-broken")
    (fault,) = found.wrong
    assert (fault.code, fault.file, fault.blocking) == ("bad-audio", "playlists/one-broken/02 broken.mp3", False)
    assert "02 broken.mp3" in fault.message("en") and fault.remedy("en")
    assert found.fit and found.plan is not None
    assert [track.title for track in found.plan.playlists["one-broken"].tracks] == ["good"]


def test_a_playlist_without_a_single_good_file_blocks() -> None:
    path = folder("all-broken")
    (path / "01 empty.flac").touch()
    silence(path / "02 silent.wav", 2.0)
    found = published("all-broken")
    assert [(fault.code, fault.file) for fault in found.wrong] == [
        ("bad-audio", "playlists/all-broken/01 empty.flac"),
        ("bad-audio", "playlists/all-broken/02 silent.wav"),
        ("empty-playlist", "playlists/all-broken"),
    ]
    assert not found.fit


def test_an_empty_folder_blocks() -> None:
    folder("nothing")
    found = published("nothing")
    assert [(fault.code, fault.file) for fault in found.wrong] == [("empty-playlist", "playlists/nothing")]
    assert not found.fit


def test_a_missing_file_of_an_m3u8_is_told_with_its_line() -> None:
    path = restored() / "playlists" / "listed.m3u8"
    path.write_text("#EXTINF:3,好听\nwelcome/01 welcome.wav\nwelcome/02 gone.wav\n", encoding="utf-8")
    found = published("listed")
    (fault,) = found.wrong
    assert (fault.code, fault.file, fault.line) == ("bad-audio", "playlists/listed.m3u8", 3)
    assert fault.value == "playlists/welcome/02 gone.wav" and not fault.blocking
    assert found.plan is not None
    (track,) = found.plan.playlists["listed"].tracks
    assert (track.title, track.duration_s) == ("好听", 3.0)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere every file's name is text")
def test_a_name_in_another_encoding_is_told_and_the_rest_plays() -> None:
    path = folder("old-archive")
    sine(path / "01 good.wav", 440, 2.0)
    (Path(os.fsdecode(os.fsencode(path) + "/02 春.mp3".encode("gbk")))).touch()
    found = published("old-archive")
    (fault,) = found.wrong
    assert fault.code == "bad-audio" and "rename" in str(fault).encode().decode() and found.fit


def test_a_playlist_that_nothing_uses_is_not_looked_at() -> None:
    (folder("unused") / "broken.mp3").write_bytes(b"x")
    assert published("welcome").wrong == ()

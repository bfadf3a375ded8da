"""Playlists are ordered, named, emptied and filled; what was taken out comes back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from broadcaster.errors import Conflict, UsageError
from broadcaster.plan.playlists import ORDER_FILE, read_playlists
from tests.media_kit import SONGS, WHO, Rooms, lay_out, open_rooms, song, wait_for


@pytest.fixture
def rooms(tmp_path: Path) -> Iterator[Rooms]:
    with open_rooms(lay_out(tmp_path)) as rooms:
        yield rooms


def reversed_order(rooms: Rooms, name: str = "evening") -> None:
    sheet = rooms.media.playlist(name)
    rooms.media.order(name, [track.key for track in reversed(sheet.tracks)], tag=sheet.tag, **WHO)


def test_tracks_are_measured_as_they_came(rooms: Rooms) -> None:
    sheet = wait_for(lambda: one if not (one := rooms.media.playlist("evening")).waiting else None)
    first = sheet.tracks[0]
    assert first.duration_s == pytest.approx(2.0, abs=0.01)
    assert first.loudness_lufs is not None and first.gain_db is not None
    assert first.loudness_lufs + first.gain_db == pytest.approx(-18.0, abs=0.2)
    assert sheet.faults == 0 and sheet.used_by == ()


def test_a_broken_file_is_told_in_both_languages(rooms: Rooms) -> None:
    (rooms.home.root / "playlists/evening/04 坏的.mp3").write_text("no music at all")
    sheet = wait_for(lambda: one if (one := rooms.media.playlist("evening")).faults else None)
    fault = sheet.tracks[-1].fault
    assert fault is not None and "文字" in fault.zh and "text" in fault.en


def test_an_order_is_kept_without_renaming_files(rooms: Rooms) -> None:
    reversed_order(rooms)
    assert rooms.titles() == ["晚霞", "海风", "晨光"]
    assert sorted(path.name for path in (rooms.home.root / "playlists/evening").glob("*.flac")) == sorted(SONGS)
    assert [entry.title for entry in read_playlists(rooms.home.root)[0]["evening"].entries] == rooms.titles()
    reversed_order(rooms)
    assert not (rooms.home.root / "playlists/evening" / ORDER_FILE).exists()


def test_files_put_in_by_hand_come_last_and_deleted_ones_are_passed_over(rooms: Rooms) -> None:
    reversed_order(rooms)
    (rooms.home.root / "playlists/evening/02 海风.flac").unlink()
    song(rooms.home.root / "playlists/evening/00 新的.flac", 610)
    assert rooms.titles() == ["晚霞", "晨光", "新的"]


def test_an_order_to_an_older_list_is_refused(rooms: Rooms) -> None:
    sheet = rooms.media.playlist("evening")
    song(rooms.home.root / "playlists/evening/04 new.flac", 620)
    with pytest.raises(Conflict, match="刚刚被改过"):
        rooms.media.order("evening", [track.key for track in sheet.tracks], tag=sheet.tag, **WHO)


def test_a_title_is_kept_and_shown_on_one_line(rooms: Rooms) -> None:
    key = rooms.media.playlist("evening").tracks[1].key
    rooms.media.rename("evening", key, "海风\n(现场)\x07", **WHO)
    assert rooms.titles() == ["晨光", "海风 (现场)", "晚霞"]
    reversed_order(rooms)
    assert rooms.titles() == ["晚霞", "海风 (现场)", "晨光"]


def test_what_is_taken_out_comes_back_to_its_place(rooms: Rooms) -> None:
    reversed_order(rooms)
    key = rooms.media.playlist("evening").tracks[1].key
    binned = rooms.media.remove("evening", key, **WHO)
    assert rooms.titles() == ["晚霞", "晨光"] and [one.id for one in rooms.media.bin("evening")] == [binned.id]
    rooms.media.put_back(binned.id, **WHO)
    assert rooms.titles() == ["晚霞", "海风", "晨光"] and not rooms.media.bin()
    assert [entry.what for entry in rooms.trail.entries(2)] == ["playlist.put-back", "playlist.remove"]
    assert rooms.trail.entries(1)[0].where == "10.0.0.7" and rooms.looked


def test_the_last_track_of_a_list_in_use_stays(rooms: Rooms) -> None:
    (track,) = rooms.media.playlist("light").tracks
    with pytest.raises(Conflict, match="最后一首"):
        rooms.media.remove("light", track.key, **WHO)


def test_a_list_in_use_is_not_deleted_and_another_comes_back_whole(rooms: Rooms) -> None:
    with pytest.raises(Conflict, match="背景音乐"):
        rooms.media.drop_playlist("light", **WHO)
    rooms.media.drop_playlist("evening", **WHO)
    assert "evening" not in [sheet.id for sheet in rooms.media.playlists()]
    rooms.media.put_back(rooms.media.bin()[0].id, **WHO)
    assert len(rooms.titles()) == 3


@pytest.mark.parametrize(
    ("name", "folder"),
    [("夜间轻音乐", "夜间轻音乐"), ("../../etc", "etc"), ("CON", "_CON"), ("a/b\\c", "c"), (" jazz. ", "jazz")],
)
def test_a_new_playlist_is_a_folder_with_a_safe_name(rooms: Rooms, name: str, folder: str) -> None:
    assert rooms.media.make_playlist(name, **WHO).id == folder
    assert (rooms.home.root / "playlists" / folder).is_dir()


@pytest.mark.parametrize("name", ["", "..", "/", "\x00\x01", "Evening", "LIGHT"])
def test_a_name_that_can_not_be_is_refused(rooms: Rooms, name: str) -> None:
    before = sorted((rooms.home.root / "playlists").iterdir())
    with pytest.raises(UsageError):
        rooms.media.make_playlist(name, **WHO)
    assert sorted((rooms.home.root / "playlists").iterdir()) == before


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_list_written_by_hand_keeps_its_comments(rooms: Rooms, end: str) -> None:
    lines = ["#EXTM3U", "# 早上", "evening/01 晨光.flac", "#EXTINF:120,风", "evening/02 海风.flac", ""]
    path = rooms.home.root / "playlists/own.m3u8"
    path.write_bytes(end.join(lines).encode())
    reversed_order(rooms, "own")
    moved = ["#EXTM3U", "#EXTINF:120,风", "evening/02 海风.flac", "# 早上", "evening/01 晨光.flac", ""]
    assert path.read_bytes().decode() == end.join(moved)
    assert rooms.titles("own") == ["风", "晨光"]


def test_a_track_taken_out_of_a_list_leaves_its_file_and_comes_back(rooms: Rooms) -> None:
    path = rooms.home.root / "playlists/own.m3u8"
    path.write_text("evening/01 晨光.flac\nevening/02 海风.flac\nevening/03 晚霞.flac\n", encoding="utf-8")
    binned = rooms.media.remove("own", rooms.media.playlist("own").tracks[1].key, **WHO)
    assert rooms.titles("own") == ["晨光", "晚霞"] and len(rooms.titles("evening")) == 3
    rooms.media.put_back(binned.id, **WHO)
    assert rooms.titles("own") == ["晨光", "海风", "晚霞"]


def test_scripts_tell_where_they_are_used_and_when_they_come(rooms: Rooms) -> None:
    sheets = {sheet.id: sheet for sheet in rooms.scripts.scripts()}
    used = next(sheet for sheet in sheets.values() if any(use.kind == "spot" for use in sheet.used_by))
    assert used.next_at is not None or used.used_by
    assert any(sheet.next_at for sheet in sheets.values())
    (rooms.home.root / "announcements/fresh.yaml").write_text("title: 新的\ntext: 你好\n", encoding="utf-8")
    fresh = rooms.scripts.script("fresh")
    assert fresh.used_by == () and fresh.script.text == "你好"


def test_a_script_with_a_fault_is_shown_with_it(rooms: Rooms) -> None:
    (rooms.home.root / "announcements/odd.yaml").write_text("title: 怪\ntext: 你好\nreed: 3\n", encoding="utf-8")
    assert "reed" in rooms.scripts.script("odd").faults[0].zh

"""A backup holds the whole store, is checked before it is used, and never writes anywhere else."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from filelock import FileLock

from broadcaster.backup import MANIFEST, backup_to, make_backup, verify
from broadcaster.clock import SystemClock
from broadcaster.errors import AlreadyRunning, BackupError
from broadcaster.restoring import restore
from broadcaster.settings import Home
from broadcaster.store.audit import AuditTrail
from broadcaster.store.database import open_database


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """A store with a plan, music, a recording and a database that is open."""
    home = Home(tmp_path / "store")
    for name, text in (
        ("config/station.yaml", "name: 试验店\n"),
        ("announcements/welcome.yaml", "title: 欢迎\n"),
        ("playlists/light/一.flac", "music"),
        ("playlists/light.m3u8", "light/一.flac\n"),
        ("var/recordings/abc.wav", "recording"),
        ("var/media/prepared.flac", "can be made again"),
        ("config/.station.yaml.tmp", "half"),
    ):
        path = home.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    database = open_database(home.database)
    AuditTrail(database, SystemClock()).record(who="王兰", what="test.deed")
    yield home
    database.dispose()


def names(path: Path) -> set[str]:
    with zipfile.ZipFile(path) as archive:
        return set(archive.namelist()) - {MANIFEST}


def test_all_that_can_not_be_made_again_is_in_it(home: Home, tmp_path: Path) -> None:
    backup_to(home, tmp_path / "store.zip")
    assert names(tmp_path / "store.zip") == {
        "config/station.yaml", "announcements/welcome.yaml", "playlists/light/一.flac", "playlists/light.m3u8",
        "var/recordings/abc.wav", "var/broadcaster.db",
    }  # fmt: skip


def test_music_may_be_left_out(home: Home, tmp_path: Path) -> None:
    backup_to(home, tmp_path / "store.zip", music=False)
    assert "playlists/light/一.flac" not in names(tmp_path / "store.zip")
    assert "playlists/light.m3u8" in names(tmp_path / "store.zip")


def test_a_new_pc_gets_the_whole_store(home: Home, tmp_path: Path) -> None:
    backup_to(home, tmp_path / "store.zip")
    fresh = Home(tmp_path / "fresh")
    assert restore(fresh, tmp_path / "store.zip").aside is None
    assert (fresh.root / "config/station.yaml").read_text(encoding="utf-8") == "name: 试验店\n"
    database = open_database(fresh.database, check=True)
    (entry,) = AuditTrail(database, SystemClock()).entries()
    database.dispose()
    assert (entry.who, entry.what) == ("王兰", "test.deed")


def test_what_was_there_is_set_aside(home: Home, tmp_path: Path) -> None:
    backup_to(home, tmp_path / "store.zip")
    other = Home(tmp_path / "other")
    (other.root / "config").mkdir(parents=True)
    (other.root / "config/station.yaml").write_text("name: 另一家\n", encoding="utf-8")
    (other.root / "config/extra.yaml").write_text("x", encoding="utf-8")
    aside = restore(other, tmp_path / "store.zip").aside
    assert aside is not None
    assert (aside / "config/station.yaml").read_text(encoding="utf-8") == "name: 另一家\n"
    assert not (other.root / "config/extra.yaml").exists()


def test_music_that_is_here_stays_when_the_backup_has_none(home: Home, tmp_path: Path) -> None:
    backup_to(home, tmp_path / "store.zip", music=False)
    home.database.unlink()
    restore(home, tmp_path / "store.zip")
    assert (home.root / "playlists/light/一.flac").read_text() == "music"


def test_not_while_the_daemon_runs(home: Home, tmp_path: Path) -> None:
    backup_to(home, tmp_path / "store.zip")
    home.run.mkdir(parents=True, exist_ok=True)
    with FileLock(home.run / "daemon.lock"), pytest.raises(AlreadyRunning):
        restore(home, tmp_path / "store.zip")


def test_damage_is_noticed_before_anything_is_touched(home: Home, tmp_path: Path) -> None:
    path = tmp_path / "store.zip"
    backup_to(home, path)
    whole = path.read_bytes()
    place = whole.index(b"recording", whole.index(b"abc.wav"))
    path.write_bytes(whole[:place] + b"?" + whole[place + 1 :])
    with pytest.raises(BackupError):
        restore(home, path)
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(BackupError):
        restore(home, path)
    assert (home.root / "var/recordings/abc.wav").read_text() == "recording"


@pytest.mark.parametrize(
    "name", ["../outside.txt", "/etc/x", "config/../../x", "var/run/daemon.json", "config/a:b", "config\\..\\x"]
)
def test_it_writes_nowhere_else(tmp_path: Path, name: str) -> None:
    path = tmp_path / "evil.zip"
    digest = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"
    told = {"format": 1, "made_at": "2026-11-22T00:00:00Z", "version": "1", "music": True, "files": {name: digest}}
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(name, "x")
        archive.writestr(MANIFEST, json.dumps(told))
    with pytest.raises(BackupError, match="belong"):
        restore(Home(tmp_path / "home"), path)


def test_a_foreign_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "photos.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("photo.jpg", "x")
    with pytest.raises(BackupError, match="no backup"):
        verify(path)


def test_it_can_be_streamed(home: Home) -> None:
    target = io.BytesIO()
    manifest = make_backup(home, target)
    with zipfile.ZipFile(io.BytesIO(target.getvalue())) as archive:
        assert archive.testzip() is None
        assert set(manifest.files) == set(archive.namelist()) - {MANIFEST}

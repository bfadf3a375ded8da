"""A database that is set aside, read-only or can't be opened: the air goes on, and people are told what to do."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from broadcaster.clock import SystemClock
from broadcaster.log_opening import open_log
from broadcaster.ops.causes import KINDS, Cause
from broadcaster.ops.database_watch import DatabaseWatch
from broadcaster.recovery import AliveStamp
from broadcaster.settings import Home
from broadcaster.store.database import open_database

NOW = datetime.now(UTC)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path)
    open_database(home.database).dispose()
    home.run.mkdir(parents=True, exist_ok=True)
    return home


def found(home: Home) -> tuple[DatabaseWatch, list[Cause]]:
    """Open it as the daemon does, and what is to be told of it."""
    database, watch = open_log(home, SystemClock(), AliveStamp(home, rehearsal=False), rehearsal=False)
    watch.look()
    told = list(watch.causes(NOW))
    database.dispose()
    return watch, told


def damage(home: Home) -> None:
    with home.database.open("r+b") as file:
        file.truncate(home.database.stat().st_size - 1000)


def test_a_sound_database_is_nothing_to_tell(home: Home) -> None:
    assert found(home)[1] == []


def test_a_damaged_one_is_told_with_the_backup_from_before_until_one_is_restored(home: Home) -> None:
    backups = home.var / "backups"
    backups.mkdir()
    for name in ("20200101-033000.zip", "20200102-033000.zip", "29990101-033000.zip", "mine.zip"):
        (backups / name).touch()
    damage(home)
    watch, [told] = found(home)
    assert told.code == "database-aside" and "var/backups/20200102-033000.zip" in told.en and "备份" in told.zh
    assert "restore" in KINDS[told.code].en
    assert [one.code for one in found(home)[1]] == ["database-aside"], "also after another start"
    restored = home.var / "before-restore-x"
    restored.mkdir()
    later = datetime.now(UTC).timestamp() + 60
    os.utime(restored, (later, later))
    watch.look()
    assert not watch.causes(NOW)


def test_one_that_was_moved_away_is_told_no_more(home: Home) -> None:
    damage(home)
    watch, [told] = found(home)
    assert "No backup" in told.en
    for path in home.var.glob("*.damaged-*"):
        path.unlink()
    watch.look()
    assert not watch.causes(NOW)


def test_one_that_can_not_be_opened_is_told(home: Home) -> None:
    home.database.unlink()
    home.database.mkdir()
    _, [told] = found(home)
    assert told.code == "database-unopened" and (home.run / "log-in-need.db").exists()


def test_one_that_can_not_be_set_aside_does_not_stop_the_air(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    damage(home)

    def refuses(self: Path, target: Path) -> Path:
        raise PermissionError(13, "in use", str(self))

    monkeypatch.setattr(Path, "rename", refuses)
    _, [told] = found(home)
    assert told.code == "database-unopened" and home.database.exists()


@contextmanager
def read_only(path: Path) -> Iterator[None]:
    if sys.platform != "win32" and os.geteuid() == 0:
        # Root may write whatever its mode says.
        if subprocess.run(["mount", "--bind", path, path], check=False, capture_output=True).returncode:
            pytest.skip("nothing can be mounted here")
        try:
            subprocess.run(["mount", "-o", "remount,bind,ro", path], check=True)
            yield
        finally:
            subprocess.run(["umount", path], check=True)
    else:
        path.chmod(0o444)
        yield
        path.chmod(0o644)


def test_one_that_may_only_be_read_is_told(home: Home) -> None:
    with read_only(home.database):
        _, [told] = found(home)
    assert told.code == "log-trouble" and "readonly" in told.en


def test_one_that_is_locked_for_a_moment_is_no_trouble_and_one_that_is_gone_is(home: Home) -> None:
    database, watch = open_log(home, SystemClock(), AliveStamp(home, rehearsal=False), rehearsal=False)
    with database.writing():
        watch.look()
    assert not watch.causes(NOW)
    database.dispose()
    shutil.rmtree(home.var)
    watch.look()
    assert [one.code for one in watch.causes(NOW)] == ["log-trouble"]

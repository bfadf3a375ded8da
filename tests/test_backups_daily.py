"""The daily backup: made when it is due, restored for a try, copied elsewhere, and missed by somebody when it fails."""

from __future__ import annotations

import json
import os
import sqlite3
import stat
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from broadcaster.backup import backup_to
from broadcaster.clock import SystemClock
from broadcaster.errors import BackupError
from broadcaster.media.library import Library
from broadcaster.ops.backup_job import prune, run, try_out
from broadcaster.ops.backups import BackupKeeper, Record, due_at, made_by_hand, read_record
from broadcaster.plan.models import Names, Station
from broadcaster.plan.unattended_models import BackupPlan
from broadcaster.publishing.good_plan import GoodPlan, keep
from broadcaster.publishing.publish import Publisher
from broadcaster.restoring import finish_restore, restore
from broadcaster.settings import Home
from broadcaster.starter.layout import lay_out
from broadcaster.store.audit import AuditTrail
from broadcaster.store.copying import copy_whole, rehome_clips
from broadcaster.store.database import open_database
from broadcaster.voice.ladder import Ladder
from broadcaster.voice.studio import Studio
from tests.live_kit import Store, all_day
from tests.voice_fakes import FakeSpeaker, write_hum

SHANGHAI = ZoneInfo("Asia/Shanghai")
NIGHT = datetime(2026, 11, 28, 3, 30, tzinfo=SHANGHAI)


def station(**rules: object) -> Station:
    return Station(name=Names(zh="试验店"), timezone="Asia/Shanghai", backup=BackupPlan.model_validate(rules))


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    home = Home(tmp_path / "store")
    list(lay_out(home.root, music=False, progress=lambda line: None))
    (home.root / "playlists" / "light").mkdir(parents=True)
    (home.root / "playlists" / "light" / "一.flac").write_bytes(b"music")
    database = open_database(home.database)
    for number in range(5):
        AuditTrail(database, SystemClock()).record(who="王兰", what="test.deed", detail={"number": number})
    yield home
    database.dispose()


def due(record: Record, now: datetime, started: datetime = NIGHT - timedelta(days=9)) -> datetime | None:
    return due_at(record, BackupPlan(), now, started, station())


def test_due_each_night() -> None:
    made = Record(good_at=NIGHT, tried_at=NIGHT, since=NIGHT - timedelta(days=9))
    assert due(made, NIGHT + timedelta(hours=9)) == NIGHT + timedelta(days=1)
    assert due(replace(made, good_at=NIGHT - timedelta(days=1)), NIGHT + timedelta(minutes=1)) == NIGHT


def test_one_that_was_missed_is_made_after_the_start() -> None:
    started = NIGHT + timedelta(hours=5)
    missed = Record(good_at=NIGHT - timedelta(days=1), since=NIGHT - timedelta(days=9))
    assert due(missed, started + timedelta(minutes=1), started) == started + timedelta(minutes=10)


def test_after_a_failure_it_is_tried_again_each_hour() -> None:
    failed = Record(tried_at=NIGHT, error="disk full", since=NIGHT - timedelta(days=9))
    assert due(failed, NIGHT + timedelta(minutes=5)) == NIGHT + timedelta(hours=1)
    no_stick = replace(failed, good_at=NIGHT, error="", copy_error="no such folder")
    assert due(no_stick, NIGHT + timedelta(minutes=5)) == NIGHT + timedelta(hours=1)


def test_never_when_nobody_wants_it() -> None:
    assert due_at(Record(), BackupPlan(at=None), NIGHT, NIGHT, station()) is None


def test_made_tried_out_copied_and_told(home: Home, tmp_path: Path) -> None:
    stick = tmp_path / "stick"
    stick.mkdir()
    database = open_database(home.database)
    keeper = BackupKeeper(home, SystemClock(), lambda: None, AuditTrail(database, SystemClock()))
    keeper.make(station(folder=str(stick), keep=2))
    database.dispose()
    assert keeper.state.error == "" and keeper.state.copy_error == ""
    (kept,) = keeper.folder.glob("*.zip")
    assert (stick / f"main-{kept.name}").read_bytes() == kept.read_bytes()
    if os.name == "posix":
        assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert not list(keeper.folder.glob(".tried-*"))
    assert BackupKeeper(home, SystemClock(), lambda: None, keeper._trail).state == keeper.state


def test_without_the_stick_the_one_here_counts(home: Home, tmp_path: Path) -> None:
    rules = station(folder=str(tmp_path / "no-stick"))
    keeper = BackupKeeper(home, SystemClock(), lambda: rules, AuditTrail(open_database(home.database), SystemClock()))
    keeper.make(rules)
    now = keeper.state.good_at
    assert now is not None and "no-stick" in keeper.state.copy_error
    assert not keeper.causes(now + timedelta(hours=20))
    assert [one.subject for one in keeper.causes(now + timedelta(hours=25))] == ["copy"]
    (tmp_path / "no-stick").mkdir()
    keeper.make(rules)
    assert keeper.state.copy_error == "" and len(list(keeper.folder.glob("*.zip"))) == 1


def test_a_clock_that_was_ahead_does_not_cost_the_one_just_made(tmp_path: Path) -> None:
    made = "20261122-030000.zip"
    for name in ("20360101-030000.zip", "20360102-030000.zip", "20261120-030000.zip", "20261121-030000.zip", made):
        (tmp_path / name).touch()
    prune(tmp_path, "*.zip", 2, made)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["20261121-030000.zip", made]


def test_after_a_damaged_database_those_from_before_stay(home: Home) -> None:
    folder = home.var / "backups"
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("20261120-030000.zip", "20261121-030000.zip"):
        (folder / name).touch()
    (home.var / f"{home.database.name}.damaged-20261122T010000.000000Z").touch()
    told = run(home, folder / "20261123-030000.zip", music=False, keep=1, folder=None, zone="main")
    assert told["verified"] and len(list(folder.glob("*.zip"))) == 3


def test_an_old_one_is_told(home: Home) -> None:
    rules = station()
    keeper = BackupKeeper(home, SystemClock(), lambda: rules, AuditTrail(open_database(home.database), SystemClock()))
    now = datetime.now(UTC)
    assert not keeper.causes(now + timedelta(hours=47))
    assert [one.code for one in keeper.causes(now + timedelta(hours=49))] == ["backup-failed"]


def test_a_backup_that_would_not_come_up_is_noticed(home: Home, tmp_path: Path) -> None:
    path = tmp_path / "store.zip"
    backup_to(home, path, music=False)
    try_out(home, path, tmp_path / "scratch")
    with zipfile.ZipFile(path) as archive:
        manifest = json.loads(archive.read("manifest.json"))
        content = {name: archive.read(name) for name in manifest["files"]}
    manifest["rows"]["audit"] += 1
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in content.items():
            archive.writestr(name, data)
        archive.writestr("manifest.json", json.dumps(manifest))
    with pytest.raises(BackupError, match="audit: 5 rows, 6 expected"):
        try_out(home, path, tmp_path / "scratch-2")


def test_a_plan_that_lost_a_file_is_noticed(home: Home, tmp_path: Path) -> None:
    path = tmp_path / "store.zip"
    levels = (home.root / "config/levels.yaml").read_text(encoding="utf-8")
    (home.root / "config/levels.yaml").write_text("levels: {}", encoding="utf-8")
    backup_to(home, path, music=False)
    (home.root / "config/levels.yaml").write_text(levels, encoding="utf-8")
    with pytest.raises(BackupError, match="restoring it for a try failed"):
        try_out(home, path, tmp_path / "scratch")


@pytest.mark.parametrize("moves", [0, 1, 3, 6, 9])
def test_a_restoring_that_breaks_off_is_finished(
    home: Home, tmp_path: Path, moves: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, other = tmp_path / "store.zip", Home(tmp_path / "other")
    backup_to(home, path)
    (other.root / "config").mkdir(parents=True)
    (other.root / "config" / "station.yaml").write_text("name: 另一家\n", encoding="utf-8")
    left = iter(range(moves))

    def cut(real: Callable[[Path, Path], Path]) -> Callable[[Path, Path], Path]:
        def move(source: Path, target: Path) -> Path:
            if not source.name.endswith(".tmp") and next(left, None) is None:
                raise KeyboardInterrupt
            return Path(real(source, target))

        return move

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", cut(Path.rename))
        patch.setattr(Path, "replace", cut(Path.replace))
        with pytest.raises(KeyboardInterrupt):
            restore(other, path)
    assert finish_restore(other)
    assert not finish_restore(other) and not list(other.var.glob(".restore-*"))
    for name in ("config/station.yaml", "config/levels.yaml", "playlists/light/一.flac"):
        assert (other.root / name).read_bytes() == (home.root / name).read_bytes()
    (aside,) = other.var.glob("before-restore-*")
    assert (aside / "config/station.yaml").read_text(encoding="utf-8") == "name: 另一家\n"
    open_database(other.database, check=True).dispose()


def test_one_that_broke_off_while_unpacking_leaves_nothing(home: Home, tmp_path: Path) -> None:
    (home.var / ".restore-left").mkdir()
    assert not finish_restore(home)
    assert not (home.var / ".restore-left").exists()


def test_playlists_stay_playlists_without_their_music(home: Home, tmp_path: Path) -> None:
    backup_to(home, tmp_path / "store.zip", music=False)
    restore(Home(tmp_path / "fresh"), tmp_path / "store.zip")
    assert (tmp_path / "fresh/playlists/light").is_dir()


def test_a_new_pc_need_not_speak_again(tmp_path: Path) -> None:
    """What was spoken comes with the backup, to another folder too."""
    store = Store(tmp_path / "store")
    store.lay_out(all_day("silence") + "spots:\n  - {id: call, title: 呼叫, script: call, at: '13:00'}\n")
    store.write("announcements/call.yaml", "title: 呼叫\ntext: 请听。\nchime: null\n")
    publisher = Publisher(store.root, studio=_studio(store.root))
    plan = publisher.publish(NIGHT.date()).plan
    assert plan is not None
    keep(Home(store.root).good_plan, GoodPlan(fingerprint="x", since=NIGHT, plan=plan))
    backup_to(Home(store.root), tmp_path / "store.zip")
    fresh = tmp_path / "fresh"
    restore(Home(fresh), tmp_path / "store.zip")
    found = Publisher(fresh, studio=_studio(fresh)).publish(NIGHT.date(), render=False, ahead=False)
    assert found.plan is not None and not found.unready
    (clip,) = found.plan.clips.values()
    assert clip.path is not None and Path(clip.path).is_relative_to(fresh)


def _studio(root: Path) -> Studio:
    media = root / "var" / "media"
    return Studio(media, Library(media), Ladder([FakeSpeaker(write=write_hum)]))


def test_notices_recordings_are_where_the_new_pc_has_them(home: Home, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    copy_whole(home.database, copy)
    with sqlite3.connect(copy) as raw:
        raw.execute("pragma foreign_keys = off")
        raw.execute(
            "insert into notice_renderings (notice, revision, clip_path, clip_key, duration_s, engine, facts, since)"
            " values (1, 1, 'C:\\old\\var\\media\\abc.wav', 'abc', 3.0, 'neural', '{}', '2026-11-28 00:00:00')"
        )
    raw.close()
    rehome_clips(copy, tmp_path / "media")
    with sqlite3.connect(copy) as raw:
        assert raw.execute("select clip_path from notice_renderings").fetchone() == (str(tmp_path / "media/abc.wav"),)
    raw.close()


def test_one_made_by_hand_counts_for_the_alert_and_not_for_the_night(home: Home) -> None:
    rules = [station()]
    trail = AuditTrail(open_database(home.database), SystemClock())
    keeper = BackupKeeper(home, SystemClock(), lambda: rules[0] if rules else None, trail)
    now = datetime.now(UTC)
    keeper.state = Record(good_at=now - timedelta(days=3), since=now - timedelta(days=9))
    assert [one.code for one in keeper.causes(now)] == ["backup-failed"]
    made_by_hand(home, now)
    known = rules.pop()
    keeper.look()
    rules.append(known)
    assert not keeper.causes(now) and keeper.state.good_at == now - timedelta(days=3)
    assert read_record(home).by_hand_at == now

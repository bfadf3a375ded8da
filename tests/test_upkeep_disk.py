"""Room on the disk: what is given up, in which order, and what never is."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Collection
from datetime import date
from pathlib import Path

import pytest

from broadcaster.clock import SystemClock
from broadcaster.errors import StoreError
from broadcaster.ops import spare
from broadcaster.ops.disk import DiskGuard
from broadcaster.plan.unattended_models import Upkeep
from broadcaster.settings import Home

MB = 1_000_000
PINNED = "a" * 64
FREE_KEYS = ["b" * 64, "c" * 64]
PRECIOUS = [
    "config/station.yaml", "playlists/day/song.mp3", "announcements/welcome.yaml", "var/broadcaster.db",
    "var/broadcaster.db.damaged-20261122T000000Z", "var/recordings/voice.wav", "var/plan/on-air.json",
    "var/backups/store.zip", "var/log/broadcaster.log", "var/log/decisions.jsonl", "var/fallback/1.wav",
    f"var/media/{PINNED}.wav", f"var/media/{PINNED}.json", "var/media/index.json", "var/voices/model.onnx",
]  # fmt: skip


def _write(path: Path, *, days_old: float, size: int = MB) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x" * size)
    then = time.time() - days_old * 86_400
    os.utime(path, (then, then))


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "store")
    for name in PRECIOUS:
        _write(home.root / name, days_old=900)
    for number, key in enumerate(FREE_KEYS):
        _write(home.media / f"{key}.wav", days_old=20 - number)
        _write(home.media / f"{key}.json", days_old=20 - number, size=100)
    _write(home.media / f"{'d' * 64}.wav", days_old=0)
    _write(home.media / "phrases" / "one.wav", days_old=3)
    _write(home.media / "work-old" / "samples.f32", days_old=3)
    os.utime(home.media / "work-old", (0, 0))
    _write(home.logs / "broadcaster.log.1", days_old=2)
    _write(home.logs / "broadcaster.log.2", days_old=4)
    for day in range(5):
        _write(home.var / "backups" / f"database-before-0003-2026112{day}T000000Z.db", days_old=30 - day)
    _write(home.root / "air" / "1.mp3", days_old=1)
    return home


def _names(home: Home) -> set[str]:
    return {path.relative_to(home.root).as_posix() for path in home.root.rglob("*") if path.is_file()}


def _size(home: Home) -> int:
    return sum(path.stat().st_size for path in home.root.rglob("*") if path.is_file())


def _guard(
    home: Home, wanted_mb: int, lacking_mb: float, pinned: Callable[[], Collection[str]] = lambda: {PINNED}
) -> DiskGuard:
    """On a disk on which so much is missing to what shall be free."""
    disk = _size(home) + wanted_mb * MB - int(lacking_mb * MB)

    def trim_air(wanted: int) -> int:
        files = list((home.root / "air").glob("*.mp3"))
        for path in files:
            path.unlink()
        return len(files) * MB

    rules = Upkeep(free_mb=wanted_mb)
    return DiskGuard(home, lambda: rules, pinned, trim_air=trim_air, free=lambda path: disk - _size(home))


@pytest.fixture(autouse=True)
def exact(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("broadcaster.ops.disk.MARGIN", 1.0)


@pytest.mark.parametrize(
    ("lacking_mb", "gone"),
    [
        (-1, set()),
        (0.5, {"air/1.mp3"}),
        (1.5, {"air/1.mp3", "var/media/work-old/samples.f32"}),
        (2.5, {"air/1.mp3", "var/media/work-old/samples.f32", "var/media/phrases/one.wav"}),
        (3.5, {"air/1.mp3", "var/media/work-old/samples.f32", "var/media/phrases/one.wav",
               f"var/media/{FREE_KEYS[0]}.wav", f"var/media/{FREE_KEYS[0]}.json"}),
    ],
)  # fmt: skip
def test_no_more_is_given_up_than_is_needed(home: Home, lacking_mb: float, gone: set[str]) -> None:
    before = _names(home)
    guard = _guard(home, 500, lacking_mb)
    guard.look()
    assert before - _names(home) == gone
    assert not guard.low and list(guard.causes(SystemClock().now())) == []


def test_what_people_made_and_what_airs_stays_on_a_full_disk(home: Home) -> None:
    guard = _guard(home, 500, 400)
    guard.look()
    kept = _names(home)
    assert set(PRECIOUS) <= kept
    # The newest copies, what is being made, and nothing else.
    assert len(kept - set(PRECIOUS)) == spare.COPIES_KEPT + 1 and f"var/media/{'d' * 64}.wav" in kept
    assert [one.code for one in guard.causes(SystemClock().now())] == ["disk-full"]


def test_nothing_prepared_goes_while_nobody_knows_what_is_needed(home: Home) -> None:
    def unknown() -> Collection[str]:
        raise StoreError("locked")

    guard = _guard(home, 500, 400, unknown)
    guard.look()
    assert {path.stem for path in home.media.glob("*.wav")} == {PINNED, *FREE_KEYS, "d" * 64}
    assert guard.low


def test_a_record_that_can_not_be_trimmed_does_not_save_the_rest(home: Home) -> None:
    def stuck(wanted: int) -> int:
        raise StoreError("the oldest is held open")

    guard = DiskGuard(home, lambda: Upkeep(free_mb=200), lambda: {PINNED}, trim_air=stuck, free=lambda path: 50 * MB)
    guard.look()
    assert guard.low and f"var/media/{FREE_KEYS[0]}.wav" not in _names(home)


def test_it_is_well_again_when_there_is_room(home: Home) -> None:
    guard = _guard(home, 5000, 400)
    guard.look()
    assert [one.code for one in guard.causes(SystemClock().now())] == ["disk-low"]
    guard._free = lambda path: 6000 * MB
    guard.look()
    assert guard.free_mb == 6000 and not guard.low and not guard.full


def test_a_disk_that_does_not_answer_is_not_held_to_be_full(home: Home) -> None:
    def silent(path: Path) -> int:
        raise OSError("input/output error")

    before = _names(home)
    guard = DiskGuard(home, Upkeep, lambda: (), free=silent)
    guard.look()
    assert guard.free_mb is None and not guard.full and _names(home) == before


def test_at_night_the_cache_is_brought_to_its_budget(home: Home) -> None:
    for number in range(120):
        _write(home.media / f"{number:064}.wav", days_old=10 + number)
    guard = DiskGuard(home, lambda: Upkeep(cache_mb=100), lambda: {PINNED})
    guard.tidy()
    kept = {path.stem for path in home.media.glob("*.wav")}
    assert PINNED in kept and f"{0:064}" in kept and f"{119:064}" not in kept
    assert sum((home.media / f"{name}.wav").stat().st_size for name in kept - {PINNED, "d" * 64}) <= 100 * MB


def test_the_log_of_an_engine_that_talks_is_cut(home: Home) -> None:
    _write(home.logs / "engine.log", days_old=0, size=6 * MB)
    _guard(home, 500, -1).look()
    assert (home.logs / "engine.log").stat().st_size == 0
    assert (home.logs / "engine.log.1").stat().st_size == 5 * MB


def test_recordings_of_live_pages_are_kept_for_their_days(tmp_path: Path) -> None:
    home = Home(tmp_path)
    for name in ("2026-08-20", "2026-08-26", "not-a-date"):
        folder = home.var / "live" / name
        folder.mkdir(parents=True)
        (folder / "100000-wanglan.wav").write_bytes(b"voice")
    spare.delete(spare.spoken(home, date(2026, 11, 24), 90))
    assert {path.name for path in (home.var / "live").iterdir()} == {"2026-08-26", "not-a-date"}

"""The ear in the real daemon: what the log says was heard is what was heard."""

from __future__ import annotations

import contextlib
import sqlite3
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import psutil
import pytest

from broadcaster.asrun.entries import Entry
from broadcaster.asrun.log import AsRunLog
from broadcaster.clock import monotonic
from broadcaster.settings import Home
from broadcaster.store.database import open_database
from tests.lab import signals
from tests.lab.analysis import lufs, position_in
from tests.lab.recorder import Recorder
from tests.lab.sink import NullSink
from tests.live_kit import Daemon, Store, all_day, hms, next_whole_second, running, to_mono, wait

pytestmark = [pytest.mark.audio, pytest.mark.slow]


def logged(root: Path) -> list[Entry]:
    """The as-run log of today."""
    database = open_database(Home(root).database)
    try:
        return AsRunLog(database, "main").entries(datetime.now(UTC).date())
    finally:
        database.dispose()


def store_with_a_call(root: Path) -> tuple[Store, dict[str, Path]]:
    """A bed all day and a spot at midnight; the prepared recordings."""
    store = Store(root)
    store.lay_out(all_day("{playlist: hum}"))
    signals.ruler(root / "playlists/hum/one.wav", 60, -20)
    signals.ruler(root / "announcements/call.wav", 5, -20, seed=5)
    store.write("announcements/call.yaml", "title: 呼叫\nrecording: call.wav\n")
    store.programme(all_day("{playlist: hum}") + spot("00:00:00"))
    return store, store.prepare()


def call_soon(store: Store) -> float:
    """Have the running daemon speak some seconds from now; the instant."""
    at = next_whole_second(10)
    store.programme(all_day("{playlist: hum}") + spot(hms(at)))
    return at


def spot(at: str) -> str:
    return f"spots:\n  - {{id: call, title: 呼叫, script: call, at: '{at}', lateness: 2 s}}\n"


def ear_hears(daemon: Daemon) -> None:
    """Wait until it does."""
    wait(lambda: (daemon.status() or {})["health"]["ear"] == "ok", 30, "the ear")


def test_the_log_says_when_and_how_loud_it_was_heard(tmp_path: Path, null_sink: NullSink, recorder: Recorder) -> None:
    store, prepared = store_with_a_call(tmp_path)
    with running(store.root, null_sink) as daemon:
        daemon.ready(60)
        ear_hears(daemon)
        at = call_soon(store)
        take = recorder.wait_until(to_mono(at + 9), timeout=40)
        meter = (daemon.status() or {})["on_air"]
    entries = logged(store.root)
    call = next(entry for entry in entries if entry.commanded_at and entry.spot_id)
    bed = next(entry for entry in reversed(entries) if entry.track)
    heard = take.slice(to_mono(at + 0.05), to_mono(at + 4.95))
    found = position_in(heard.cut(0, 48000), signals.read_mono(prepared["call*1"]))
    truly_at = heard.start - found.offset_s
    assert meter["meter"] == "heard"
    assert (call.heard_by, bed.heard_by) == ("ear", "ear")
    assert call.heard_at is not None and call.loudness_lufs is not None
    assert abs(to_mono(call.heard_at.timestamp()) - truly_at) < 0.006
    assert call.loudness_lufs == pytest.approx(lufs(heard), abs=0.5)
    assert bed.heard_at is not None and bed.commanded_at is not None and bed.loudness_lufs is not None
    assert abs((bed.heard_at - bed.commanded_at).total_seconds()) < 0.1
    quiet = take.slice(to_mono(at - 3), to_mono(at - 0.6))
    assert bed.loudness_lufs == pytest.approx(lufs(quiet), abs=0.5)


def test_a_held_database_delays_neither_a_spot_nor_what_is_written_of_it(
    tmp_path: Path, null_sink: NullSink, recorder: Recorder
) -> None:
    store, prepared = store_with_a_call(tmp_path)
    with running(store.root, null_sink) as daemon, contextlib.closing(_held_by_another(store.root)) as holder:
        daemon.ready(60)
        ear_hears(daemon)
        at = call_soon(store)
        recorder.wait_until(to_mono(at - 2), timeout=40)
        holder.execute("BEGIN IMMEDIATE")
        take = recorder.wait_until(to_mono(at + 3), timeout=40)
        assert all(one.commanded_at is None for one in logged(store.root) if one.spot_id)
        holder.execute("ROLLBACK")
        wait(lambda: _call_of(store.root).heard_by and _call_of(store.root).outcome, 40, "the end in the log")
        call = _call_of(store.root)
    heard = take.slice(to_mono(at + 0.05), to_mono(at + 2))
    truly_at = heard.start - position_in(heard.cut(0, 48000), signals.read_mono(prepared["call*1"])).offset_s
    assert abs(truly_at - to_mono(at)) < 0.02
    assert (call.outcome, call.heard_by, call.reason) == ("aired", "ear", "")
    assert call.heard_at is not None and abs(to_mono(call.heard_at.timestamp()) - truly_at) < 0.006


def _held_by_another(root: Path) -> sqlite3.Connection:
    return sqlite3.connect(Home(root).database, isolation_level=None, timeout=30)


def _call_of(root: Path) -> Entry:
    return next(one for one in logged(root) if one.spot_id)


def test_without_an_ear_the_log_goes_by_the_player(tmp_path: Path, null_sink: NullSink, recorder: Recorder) -> None:
    store, _ = store_with_a_call(tmp_path)
    with (tmp_path / "config/station.yaml").open("a", encoding="utf-8") as file:
        file.write("ear: {listen: false}\n")
    with running(store.root, null_sink) as daemon:
        daemon.ready(60)
        at = call_soon(store)
        recorder.wait_until(to_mono(at + 6), timeout=40)
        status = daemon.status() or {}
    call = next(entry for entry in logged(store.root) if entry.commanded_at and entry.spot_id)
    assert status["health"]["ear"] == "off" and status["on_air"]["meter"] == "computed"
    assert call.heard_by == "player" and call.loudness_lufs is None
    assert call.heard_at is not None and abs(call.heard_at.timestamp() - at) < 0.1


def test_what_is_not_heard_is_logged_so(tmp_path: Path, null_sink: NullSink) -> None:
    store, _ = store_with_a_call(tmp_path)
    null_sink.pactl("set-sink-mute", "out", "1")
    try:
        with running(store.root, null_sink) as daemon:
            daemon.ready(60)
            ear_hears(daemon)
            at = call_soon(store)
            wait(lambda: monotonic() > to_mono(at + 8.5), 60, "the end of the call")
            health = (daemon.status() or {})["health"]
            found = [*(cause["code"] for cause in health["alerts"]), *health["pending"]]
    finally:
        null_sink.pactl("set-sink-mute", "out", "0")
    call = next(entry for entry in logged(store.root) if entry.commanded_at and entry.spot_id)
    assert call.commanded_at is not None and call.heard_by == "ear"
    assert call.heard_at is None and call.loudness_lufs is None
    assert "ear-lost" not in found


def test_an_ear_that_is_killed_or_hangs_is_replaced(tmp_path: Path, null_sink: NullSink, recorder: Recorder) -> None:
    store, _ = store_with_a_call(tmp_path)
    with running(store.root, null_sink) as daemon:
        daemon.ready(60)
        ear_hears(daemon)
        engine = daemon.engine_pid
        for harm in ("kill", "suspend"):
            before = ear_pid(daemon)
            getattr(psutil.Process(before), harm)()
            wait(partial(another_ear, daemon, before), 30, "another ear")
            ear_hears(daemon)
        assert daemon.engine_pid == engine


def another_ear(daemon: Daemon, before: int) -> bool:
    """Whether one took the place of the process ``before``."""
    return ear_pid(daemon) not in (0, before)


def ear_pid(daemon: Daemon) -> int:
    """Of the daemon's child, 0 while there is none."""
    assert daemon.process is not None
    for child in psutil.Process(daemon.process.pid).children():
        try:
            if "broadcaster.ear" in child.cmdline():
                return child.pid
        except psutil.Error:
            continue
    return 0

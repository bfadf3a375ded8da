"""The real daemon, killed and stopped: what should be on air is on air again, and nothing airs twice."""

from __future__ import annotations

import itertools
import os
import random
import sqlite3
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import psutil
import pytest

from broadcaster.asrun.entries import Outcome
from broadcaster.asrun.log import AsRunLog
from broadcaster.clock import monotonic
from broadcaster.store.database import open_database
from tests.lab import signals
from tests.lab.analysis import position_in, rms_db, silences
from tests.lab.recorder import Recorder
from tests.lab.sink import NullSink
from tests.lab.take import Take
from tests.live_kit import Store, all_day, running, wait

pytestmark = [pytest.mark.audio, pytest.mark.slow]

KILLS = int(os.environ.get("BROADCASTER_KILLS", "8"))
SEED = int(os.environ.get("BROADCASTER_SEED", str(time.time_ns() % 100_000)))

SPOT_S = 6.0
EVERY_S = 10
BLOCK_S = 0.25


@dataclass(frozen=True)
class Heard:
    """One stretch of a spot that was heard: wall seconds, and seconds into the spot's recording."""

    at: float
    position_s: float


def speaking_store(root: Path) -> np.ndarray:
    """Silence under a spot of six seconds every ten seconds, all day. Returns the spot as it airs."""
    store = Store(root)
    store.lay_out(
        all_day("silence", "light")
        + "spots:\n  - {id: call, title: 呼叫, script: call, every: 10 s, move_by: 1 s, lateness: 3 s,\n"
        + "     windows: [{from: '00:00', to: '24:00'}]}\n"
    )
    signals.ruler(root / "announcements/call.wav", SPOT_S)
    store.write("announcements/call.yaml", "title: 呼叫\nrecording: call.wav\n")
    return signals.read_mono(store.prepare()["call*1"])


def heard_in(take: Take, reference: np.ndarray, wall_of: float) -> list[Heard]:
    """Each block of sound, with its place in the spot. ``wall_of``: wall less monotonic seconds."""
    found = []
    at = take.start
    while at + BLOCK_S < take.end:
        block = take.slice(at, at + BLOCK_S)
        if rms_db(block) > -45:
            place = position_in(block, reference)
            if place.confidence > 0.6:
                found.append(Heard(at + wall_of, place.offset_s))
        at += BLOCK_S
    return found


def test_kills_at_any_instant_lose_no_spot_and_repeat_none(
    tmp_path: Path, null_sink: NullSink, recorder: Recorder
) -> None:
    print(f"seed {SEED}, {KILLS} kills")
    chance = random.Random(SEED)
    reference = speaking_store(tmp_path)
    with running(tmp_path, null_sink) as daemon:
        daemon.ready()
        ready = time.time()
        for _ in range(KILLS):
            at = monotonic() + chance.uniform(0.0, 12.0)
            recorder.wait_until(at, timeout=20)
            daemon.kill()
            daemon.start()
            daemon.ready()
        take = recorder.wait_until(monotonic() + 12, timeout=30)
        ended = time.time()
    found = heard_in(take, reference, time.time() - monotonic())
    assert found, "no spot was heard at all"
    spots: dict[int, list[Heard]] = {}
    for one in found:
        spots.setdefault(int((one.at - one.position_s + 0.5) // EVERY_S), []).append(one)
    for heard in spots.values():
        # Begun on time or, after a kill, a bit late; and no second of it is ever heard again.
        assert all(-0.2 < (one.at - one.position_s + 0.5) % EVERY_S - 0.5 < 5 for one in heard), heard
        steps = [later.position_s - earlier.position_s for earlier, later in itertools.pairwise(heard)]
        assert all(step > BLOCK_S - 0.05 for step in steps), heard
    _every_spot_has_its_word(tmp_path, ready, ended - 2 * EVERY_S)


def _every_spot_has_its_word(root: Path, first: float, last: float) -> None:
    """From the first to the last, each spot is in the log once, with an outcome, and a reason unless it aired."""
    database = open_database(root / "var/broadcaster.db", check=True)
    try:
        assert database.faults() == []
        log = AsRunLog(database, "main")
        day = datetime.fromtimestamp(first, UTC).date()
        spots = log.spots_of(day)
        due = range(int(first // EVERY_S + 1) * EVERY_S, int(last), EVERY_S)
        for second in due:
            name = f"{day}/call/{datetime.fromtimestamp(second, UTC):%H%M%S}"
            assert name in spots, f"{name} was due and is not in the log"
            entry = spots[name]
            assert entry.outcome is not None, entry
            assert entry.outcome is Outcome.AIRED or entry.reason, entry
    finally:
        database.dispose()
    with sqlite3.connect(root / "var/broadcaster.db") as raw:
        assert raw.execute("pragma integrity_check").fetchone() == ("ok",)
    raw.close()


def test_a_killed_daemon_is_back_within_three_seconds_on_the_right_second(
    tmp_path: Path, null_sink: NullSink, recorder: Recorder
) -> None:
    store = Store(tmp_path)
    store.lay_out(all_day("{playlist: hum}"))
    signals.ruler(tmp_path / "playlists/hum/one.wav", 60)
    reference = signals.read_mono(store.prepare()["one.wav"])
    with running(tmp_path, null_sink) as daemon:
        daemon.ready()
        recorder.wait_for(lambda take: rms_db(take) > -60, 20, since=monotonic() - 0.5)
        killed = monotonic()
        daemon.kill()
        daemon.start()
        daemon.ready()
        offset = daemon.clock_offset()
        take = recorder.wait_until(max(killed + 5, monotonic() + 1), timeout=20)
    gap = max(end - begin for begin, end in silences(take.slice(killed, take.end), 0.05, -60))
    assert gap < 3.0
    moment = take.end - 0.6
    heard = position_in(take.slice(moment, moment + 0.5), reference)
    assert heard.offset_s == pytest.approx((moment + offset) % 86400 % 59, abs=0.1)


@pytest.mark.parametrize("who", ["daemon", "engine", "both"])
def test_stopped_processes_come_back_to_the_right_second(
    tmp_path: Path, null_sink: NullSink, recorder: Recorder, who: str
) -> None:
    store = Store(tmp_path)
    store.lay_out(all_day("{playlist: hum}"))
    for name in ("1", "2", "3"):
        signals.ruler(tmp_path / f"playlists/hum/{name}.wav", 8, seed=int(name))
    prepared = store.prepare()
    lap = np.concatenate([signals.read_mono(prepared[f"{name}.wav"])[: 7 * 48_000] for name in ("1", "2", "3")])
    with running(tmp_path, null_sink) as daemon:
        daemon.ready()
        recorder.wait_for(lambda take: rms_db(take) > -60, 20, since=monotonic() - 0.5)
        assert daemon.process is not None
        pids = {"daemon": [daemon.process.pid], "engine": [daemon.engine_pid]}.get(who) or [
            daemon.process.pid,
            daemon.engine_pid,
        ]
        for pid in pids:
            psutil.Process(pid).suspend()
        recorder.wait_until(monotonic() + 20, timeout=40)
        for pid in pids:
            if psutil.pid_exists(pid):
                psutil.Process(pid).resume()
        woken = monotonic()
        take = recorder.wait_until(woken + 4, timeout=20)
        offset = daemon.clock_offset()
    for moment in (woken + 2.0, woken + 3.0):
        place = (moment + offset) % 86400 % 21
        heard = position_in(take.slice(moment, moment + 0.4), lap)
        # Inside a cross-fade two tracks sound and the stranger may win; a second later it is one again.
        if 1.0 < place % 7 < 6.4:
            assert heard.offset_s == pytest.approx(place, abs=0.1)
    assert silences(take.slice(woken + 2, woken + 4), 0.05, -60) == []


def test_ctrl_c_ends_both_and_leaves_the_log_closed(tmp_path: Path, null_sink: NullSink, recorder: Recorder) -> None:
    store = Store(tmp_path)
    store.lay_out(all_day("{playlist: hum}"))
    signals.ruler(tmp_path / "playlists/hum/one.wav", 60)
    store.prepare()
    with running(tmp_path, null_sink) as daemon:
        daemon.ready()
        recorder.wait_for(lambda take: rms_db(take) > -60, 20, since=monotonic() - 0.5)
        engine = psutil.Process(daemon.engine_pid)
        daemon.stop()
        assert daemon.process is not None and daemon.process.returncode == 0
        wait(lambda: not engine.is_running(), 3, "the engine's end")
    database = open_database(tmp_path / "var/broadcaster.db")
    assert AsRunLog(database, "main").open_entries() == []
    database.dispose()

"""What the desk does by hand, through the real daemon and its API into a null sink: what was asked is what is heard."""

from __future__ import annotations

import base64
import json
import time
import urllib.request
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import numpy as np
import pytest

from broadcaster.clock import monotonic
from broadcaster.store.database import open_database
from broadcaster.store.users import Users
from tests.lab import signals
from tests.lab.analysis import peak_db, rms_db, silences, tone_level_db
from tests.lab.recorder import Recorder
from tests.lab.sink import NullSink
from tests.live_kit import Daemon, Store, all_day, running, wait

pytestmark = [pytest.mark.audio, pytest.mark.slow]

PASSWORD = "secret-word-1"
LOW_HZ, HIGH_HZ, CALL_HZ = 440.0, 1000.0, 3000.0


class Desk:
    """A running daemon, and an announcer at it."""

    def __init__(self, daemon: Daemon) -> None:
        self.daemon = daemon

    def ask(self, method: str, path: str, **body: Any) -> dict[str, Any]:
        """The answer's document."""
        address = f"http://127.0.0.1:{self.daemon.port}/api/v1{path}"
        request = urllib.request.Request(address, json.dumps(body).encode() if body else None, method=method)
        request.add_header("Authorization", "Basic " + base64.b64encode(f"wang:{PASSWORD}".encode()).decode())
        request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request, timeout=30) as answer:
            found: dict[str, Any] = json.load(answer)
            return found

    @property
    def air(self) -> dict[str, Any]:
        """What is on air."""
        status: dict[str, Any] = wait(self.daemon.status, 10, "the status")
        found: dict[str, Any] = status["on_air"]
        return found

    def plays(self) -> None:
        """Wait until the bed alone is on air, no track ends for a while, and nothing is silent by hand."""

        def plain() -> bool:
            air = self.air
            if not air["track"] or air["spot"] or air["bed_depth_db"] != 0.0:
                return False
            return datetime.fromisoformat(air["track"]["ends_at"]).timestamp() - time.time() > 12

        wait(plain, 30, "the bed")


@pytest.fixture(scope="module")
def desk(null_sink: NullSink, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A store with two tones for a bed, open all day."""
    root = tmp_path_factory.mktemp("desk")
    store = Store(root)
    store.lay_out(all_day("{playlist: tones}", "english"))
    signals.sine(root / "playlists/tones/one.wav", LOW_HZ, 200)
    signals.sine(root / "playlists/tones/two.wav", HIGH_HZ, 200)
    signals.sine(root / "announcements/call.wav", CALL_HZ, 4)
    store.write("announcements/call.yaml", "title: 寻人\nrecording: call.wav\n")
    store.prepare()
    database = open_database(root / "var" / "broadcaster.db")
    Users(database).add("wang", "王兰", "announcer", PASSWORD)
    database.dispose()
    with running(root, null_sink) as daemon:
        daemon.ready(60)
        yield Desk(daemon)


def test_a_trim_is_heard_within_a_second_in_decibels(desk: Desk, recorder: Recorder) -> None:
    desk.plays()
    before = rms_db(recorder.wait_until(monotonic() + 1).slice(monotonic() - 0.8, monotonic()))
    found = []
    for dial in (27, 24):
        held = desk.ask("POST", "/air/trim", level="english", dial=dial)
        done = monotonic()
        take = recorder.wait_until(done + 1.6, timeout=10)
        found.append(rms_db(take.slice(done + 1.0, done + 1.5)) - before)
        assert desk.air["dial"] == dial
    desk.ask("DELETE", f"/air/interventions/{held['id']}")
    assert found == pytest.approx([-1.5, 1.5], abs=0.4)


def test_a_skip_goes_over_into_the_next_track_without_a_gap(desk: Desk, recorder: Recorder) -> None:
    desk.plays()
    track = desk.air["track"]
    asked = monotonic()
    desk.ask("POST", "/air/skip", what="track", target=track["id"])
    take = recorder.wait_until(asked + 3.5, timeout=10)
    old, new = (LOW_HZ, HIGH_HZ) if track["title"] == "one" else (HIGH_HZ, LOW_HZ)
    after = take.slice(asked + 2.5, asked + 3.4)
    assert tone_level_db(after, new) > tone_level_db(after, old) + 30
    assert silences(take.slice(asked, asked + 3.4), 0.02, -50) == []
    assert desk.air["track"]["title"] != track["title"]


def test_play_now_is_heard_within_two_seconds_over_the_lowered_bed(desk: Desk, recorder: Recorder) -> None:
    desk.plays()
    asked = monotonic()
    desk.ask("POST", "/air/play", kind="script", ref="call")
    take = recorder.wait_for(lambda take: tone_level_db(take, CALL_HZ) > -40, 5, since=monotonic() - 0.1)
    heard = take.end - asked
    take = recorder.wait_until(asked + heard + 2, timeout=10)
    print("play now: heard after", round(heard, 2), "s")
    spoken = take.slice(asked + heard + 0.5, asked + heard + 1.5)
    bed_hz = LOW_HZ if desk.air["track"]["title"] == "one" else HIGH_HZ
    before = tone_level_db(recorder.take().slice(asked - 0.5, asked), bed_hz)
    assert heard < 2.5
    assert tone_level_db(spoken, bed_hz) - before == pytest.approx(-14, abs=0.7)
    status = wait(desk.daemon.status, 5, "the status")
    assert status["on_air"]["spot"]["title"] == "寻人"


def test_the_meter_says_what_the_bed_measures(desk: Desk, recorder: Recorder) -> None:
    wait(lambda: desk.air["spot"] is None and desk.air["bed_depth_db"] == 0.0, 10, "the bed alone")
    take = recorder.wait_until(monotonic() + 1.6, timeout=10)
    air = desk.air
    assert air["meter"] == "heard"
    # A sine of peak p has an rms of p - 3 dB; the meter reads a sine's rms as its peak.
    measured = rms_db(take.slice(take.end - 0.4, take.end - 0.05)) + 3.0
    assert air["rms_dbfs"] == pytest.approx(measured, abs=0.6)
    assert air["peak_dbfs"] == pytest.approx(peak_db(take.slice(take.end - 0.4, take.end - 0.05)), abs=0.6)


def test_a_pause_is_silent_and_comes_back_by_itself_on_its_second(desk: Desk, recorder: Recorder) -> None:
    desk.plays()
    asked = monotonic()
    desk.ask("POST", "/air/pause", minutes=0.08)
    take = recorder.wait_until(asked + 8.0, timeout=20)
    assert peak_db(take.slice(asked + 2.2, asked + 4.6)) < -90
    # 4.8 s, then 1.5 s of fading in.
    assert rms_db(take.slice(asked + 6.9, asked + 7.9)) > -40
    assert desk.air["paused"] is False


def test_a_stop_is_silence_within_half_a_second_and_stays_one_over_a_kill(desk: Desk, recorder: Recorder) -> None:
    desk.plays()
    desk.ask("POST", "/air/play", kind="script", ref="call")
    recorder.wait_for(lambda take: tone_level_db(take, CALL_HZ) > -40, 5, since=monotonic() - 0.1)
    held = desk.ask("POST", "/air/stop", reason="演习")
    stopped = monotonic()
    take = recorder.wait_until(stopped + 1.5, timeout=10)
    loud = np.flatnonzero(np.abs(take.slice(stopped - 0.2, stopped + 1.4).samples).max(axis=1) > 1e-4)
    print("stop: last sound", round(loud.max() / take.rate - 0.2, 3) if len(loud) else None, "s after the answer")
    assert peak_db(take.slice(stopped + 0.5, stopped + 1.4)) < -90
    desk.daemon.kill()
    desk.daemon.start()
    status = desk.daemon.ready(30)
    begun = monotonic()
    take = recorder.wait_until(begun + 2, timeout=10)
    assert peak_db(take.slice(begun, begun + 1.9)) < -90
    (stop,) = [one for one in status["interventions"] if one["kind"] == "stop"]
    assert status["on_air"]["stopped"] and "全部停播" in stop["words"]
    # Who did it, and why, is nothing for strangers, who may look at the status too.
    assert "演习" not in stop["words"] and "王兰" not in stop["words"]
    assert any(alert["code"] == "stopped-by-hand" for alert in status["health"]["alerts"])
    desk.ask("DELETE", f"/air/interventions/{held['id']}")
    recorder.wait_for(lambda take: rms_db(take) > -40, 5, since=monotonic() - 0.2)

"""The rolling record of the real daemon: what is in it is what was heard, at the instant at which it was heard."""

from __future__ import annotations

import io
import os
import signal
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import psutil
import pytest
import soundfile
from scipy.signal import correlate

from broadcaster.air_check.room import AirCheckRoom
from broadcaster.clock import SystemClock, monotonic
from broadcaster.settings import Home
from tests.lab import signals
from tests.lab.recorder import Recorder
from tests.lab.sink import NullSink
from tests.lab.take import Take
from tests.live_kit import Daemon, Store, all_day, running, to_mono, wait

pytestmark = [pytest.mark.audio, pytest.mark.beside, pytest.mark.slow]


def noisy_store(root: Path) -> Store:
    """A bed of which any tenth of a second tells where it was taken from."""
    store = Store(root)
    store.lay_out(all_day("{playlist: hum}"))
    signals.ruler(root / "playlists/hum/one.wav", 60, -20)
    store.prepare()
    return store


def recording(root: Path, since: float) -> AirCheckRoom:
    """The record, once it holds some seconds from this monotonic instant on."""
    room = AirCheckRoom(Home(root), SystemClock(), lambda: None)

    def recorded() -> bool:
        return monotonic() > since + 5 and room.find(wall(since + 4)) is not None

    wait(recorded, 30, "the record")
    return room


def wall(mono: float) -> datetime:
    return datetime.fromtimestamp(time.time() + mono - monotonic(), UTC)


def ear_hears(daemon: Daemon) -> None:
    wait(lambda: (daemon.status() or {})["health"]["ear"] == "ok", 15, "the ear")


def error_s(room: AirCheckRoom, take: Take, at: float) -> float:
    """By how much later than it was heard a second of the record says it was heard, by the recorder's own finding."""
    cut = room.cut(wall(at), wall(at + 1))
    assert cut.start is not None
    recorded, _rate = soundfile.read(io.BytesIO(b"".join(cut.read())), dtype="float32")
    around = take.slice(at - 1, at + 3)
    found = int(np.argmax(correlate(around.samples.mean(axis=1), recorded, "valid", method="fft")))
    return to_mono(cut.start.timestamp()) - around.at(found)


def test_the_record_tells_to_the_hundredth_when_it_was_heard(
    tmp_path: Path, null_sink: NullSink, recorder: Recorder
) -> None:
    store = noisy_store(tmp_path)
    with running(store.root, null_sink) as daemon:
        daemon.ready()
        ear_hears(daemon)
        began = monotonic() + 1
        room = recording(store.root, began)
        take = recorder.wait_until(began + 4)
        errors = [error_s(room, take, began + seconds) for seconds in (0.2, 1.1, 2.0)]
    print(f"the record's error: {', '.join(f'{1000 * one:+.1f} ms' for one in errors)}")
    assert max(map(abs, errors)) < 0.05


def test_a_lost_ear_leaves_a_gap_and_comes_back(tmp_path: Path, null_sink: NullSink, recorder: Recorder) -> None:
    store = noisy_store(tmp_path)
    with running(store.root, null_sink) as daemon:
        daemon.ready()
        ear_hears(daemon)
        began = monotonic() + 0.5
        recording(store.root, began)
        assert daemon.process is not None
        children = psutil.Process(daemon.process.pid).children()
        (ear,) = [child for child in children if "broadcaster.ear" in " ".join(child.cmdline())]
        os.kill(ear.pid, signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)
        lost = monotonic()
        back = wait(lambda: monotonic() if recording_again(store.root, lost) else None, 20, "the record again")
        room = recording(store.root, back)
        take = recorder.wait_until(back + 4)
        error = error_s(room, take, back + 1)
    whole = room.cut(wall(began), wall(back + 3))
    assert len(whole.gaps) == 1
    assert sum((end - start).total_seconds() for start, end in whole.gaps) < 6
    assert abs(error) < 0.05


def recording_again(root: Path, since: float) -> bool:
    room = AirCheckRoom(Home(root), SystemClock(), lambda: None)
    later = room.stretches(wall(since), wall(since) + timedelta(minutes=1))
    return any(one.start > wall(since) and one.frames > 20 for one in later)

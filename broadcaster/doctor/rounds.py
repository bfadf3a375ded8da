"""Everything that is examined, in the order in which it is told."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator

from broadcaster.calibration_sound import LENGTH_S, calibration_sound
from broadcaster.clock import monotonic
from broadcaster.doctor import machine, store
from broadcaster.doctor.findings import Examination, Finding, fine
from broadcaster.playout.engine_client import EngineProcess
from broadcaster.playout.protocol import Ended, Event, Failed, Hello, Load, Start
from broadcaster.publishing.publish import Publisher
from broadcaster.publishing.station_file import readable_station
from broadcaster.settings import Home

TEST_LUFS = -30.0
"""Softly: nobody expects it."""


@contextlib.contextmanager
def examinations(home: Home, *, sound: bool) -> Iterator[list[Examination]]:
    """All of them. With ``sound`` a test sound is played, unless a daemon is on air."""
    station = readable_station(home)
    publisher = Publisher(home.root)
    try:
        rounds = [
            Examination("daemon", lambda: store.daemon(home)),
            Examination("sound", machine.sound),
            Examination("player", machine.player),
            Examination("voices", lambda: store.voices(home)),
            Examination("disk", lambda: machine.disk(home, station.upkeep.free_mb if station else machine.LOW_MB)),
            Examination("clock", lambda: machine.clock(station)),
            Examination("network", lambda: store.network(home, station)),
            Examination("plan", lambda: store.plan(home, publisher, station)),
            Examination("database", lambda: store.database(home)),
            Examination("packages", machine.packages),
            Examination("service", machine.as_service),
        ]
        if sound:
            rounds.append(Examination("test-sound", lambda: _play(home)))
        yield rounds
    finally:
        publisher.close()


def _play(home: Home) -> Iterator[Finding]:
    if (home.run / "daemon.json").exists():
        yield fine("test-sound", "正在播音,不放测试声", "the daemon is on air: no test sound")
        return
    words, over = [""], threading.Event()
    ready = threading.Event()

    def take(generation: int, event: Event) -> None:
        if isinstance(event, Hello):
            ready.set()
        elif isinstance(event, Ended | Failed):
            words[0] = event.reason if isinstance(event, Failed) else ""
            over.set()

    path = calibration_sound(home.media, TEST_LUFS)
    engine = EngineProcess(take, home.logs / "doctor-engine.log")
    try:
        heard = ready.wait(machine.LIMIT_S)
        if heard:
            engine.send(Load("doctor", "voice", str(path), 0.0, duration_s=LENGTH_S))
            engine.send(Start("doctor", monotonic() + 1.0))
            heard = over.wait(LENGTH_S + 5.0)
    finally:
        engine.close()
    if heard and not words[0]:
        yield fine(
            "test-sound", "放完了测试声(四秒沙沙声);没听到请看功放和音量",
            "the test sound was played, four seconds of noise; not heard? see to amplifier and volume",
        )  # fmt: skip
    else:
        yield Finding("test-sound", "fail", f"测试声放不出来:{words[0]}", f"the test sound can't be played: {words[0]}",
                      "见上面关于声卡和 VLC 的各项", "see what is said of sound and player above")  # fmt: skip

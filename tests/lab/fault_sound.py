"""Faults of the sound system: the server killed or frozen, devices that go, come and change, the volume."""

from __future__ import annotations

import contextlib
import random
import time

from broadcaster.clock import monotonic
from tests.lab.fault_process import DAEMON_S, ENGINE_S
from tests.lab.faults import ALERT_S, Fault, Lab
from tests.lab.recorder import Recorder
from tests.lab.sink import SINK, LabError

LADDER_S, DOWN_S = 15.0, 90.0
"""Targets: something sounds again; and the programme itself does, once what was wrong is over."""
SPARE = "spare"
_NULL = ("load-module", "module-null-sink", "rate=48000", "channels=2", "format=float32le", "norewinds=1")


def kill_server(lab: Lab, chance: random.Random) -> float:
    """The sound server dies and is there again after some seconds."""
    lab.sink.kill()
    time.sleep(chance.uniform(1.0, 4.0))
    lab.sink.restart()
    return monotonic()


def lose_server(lab: Lab, chance: random.Random) -> float:
    """The sound server is gone for longer than anybody should have to wait for an alert."""
    begun = monotonic()
    lab.sink.kill()
    try:
        time.sleep(ALERT_S)
        if not lab.phone.since(begun):
            lab.notes.append(f"no alert for a lost sound server within {ALERT_S:g} s")
    finally:
        lab.sink.restart()
    return monotonic()


def freeze_server(lab: Lab, chance: random.Random) -> float:
    """The sound server answers nothing for some seconds, and then all at once."""
    lab.sink.freeze()
    time.sleep(chance.uniform(4.0, 8.0))
    lab.sink.thaw()
    return monotonic()


def remove_sink(lab: Lab, chance: random.Random) -> float:
    """The device is pulled out while another one is there."""
    add_spare(lab)
    lab.sink.pactl("unload-module", _module(lab, SINK))
    return monotonic()


def remove_and_return(lab: Lab, chance: random.Random) -> float:
    """The only device is pulled out, and put in again after some seconds."""
    lab.sink.pactl("unload-module", _module(lab, SINK))
    time.sleep(chance.uniform(3.0, 8.0))
    _put_back(lab)
    return monotonic()


def add_sink(lab: Lab, chance: random.Random) -> float:
    """Another device appears: the air stays where it is."""
    add_spare(lab)
    time.sleep(5)
    return monotonic()


def change_default(lab: Lab, chance: random.Random) -> float:
    """Somebody chooses another default device: the sound is heard all the time, wherever."""
    add_spare(lab)
    lab.sink.pactl("set-default-sink", SPARE)
    time.sleep(5)
    return monotonic()


def mute(lab: Lab, chance: random.Random) -> float:
    """Somebody mutes the device, and after the alert takes it back."""
    lab.sink.pactl("set-sink-mute", SINK, "1")
    lab.wait_cause("volume-muted")
    lab.sink.pactl("set-sink-mute", SINK, "0")
    return monotonic()


def turn_down(lab: Lab, chance: random.Random) -> float:
    """Somebody turns the device down to a whisper, and after the alert takes it back."""
    lab.sink.pactl("set-sink-volume", SINK, "20%")
    lab.wait_cause("volume-down")
    lab.sink.pactl("set-sink-volume", SINK, "100%")
    return monotonic()


def mute_streams(lab: Lab, chance: random.Random) -> float:
    """Our own stream is muted in the mixer of the desktop."""
    for line in lab.sink.pactl("list", "short", "sink-inputs").splitlines():
        with contextlib.suppress(LabError):
            lab.sink.pactl("set-sink-input-mute", line.split()[0], "1")
    return monotonic()


def other_sound(lab: Lab, chance: random.Random) -> float:
    """Another program plays a song of its own for twenty seconds."""
    import subprocess

    song = lab.root.parent / "other.wav"
    if not song.exists():
        from tests.lab import signals

        signals.ruler(song, 40, db=-16)
    words = ["paplay", f"--device={SINK}", str(song)]
    with subprocess.Popen(words, env=lab.sink.child_env, stderr=subprocess.DEVNULL) as player:
        lab.wait_cause("other-sound")
        player.terminate()
    return monotonic()


def mute_undone(lab: Lab, chance: random.Random) -> float:
    """Somebody mutes the device of a store that keeps its volume."""
    lab.sink.pactl("set-sink-mute", SINK, "1")
    return monotonic()


def turn_down_undone(lab: Lab, chance: random.Random) -> float:
    """Somebody turns down the device of a store that keeps its volume."""
    lab.sink.pactl("set-sink-volume", SINK, "5%")
    return monotonic()


def add_spare(lab: Lab) -> None:
    """Another device, listened to as well."""
    if not _has(lab, SPARE):
        lab.sink.pactl(*_NULL, f"sink_name={SPARE}")
    if not lab.others:
        one = Recorder(lab.sink, latency_ms=20, device=SPARE)
        lab.others.append(one.__enter__())


def tidy(lab: Lab) -> None:
    """One device again, unmuted, at full volume, the default one."""
    for one in lab.others:
        one.close()
    lab.others.clear()
    if not lab.sink.running:
        lab.sink.restart()
    _put_back(lab)
    with contextlib.suppress(LabError):
        lab.sink.pactl("unload-module", _module(lab, SPARE))


def _put_back(lab: Lab) -> None:
    if not _has(lab, SINK):
        lab.sink.pactl(*_NULL, f"sink_name={SINK}")
    lab.sink.pactl("set-default-sink", SINK)
    lab.sink.pactl("set-sink-mute", SINK, "0")
    lab.sink.pactl("set-sink-volume", SINK, "100%")


def _has(lab: Lab, name: str) -> bool:
    return any(line.split()[1] == name for line in lab.sink.pactl("list", "short", "sinks").splitlines())


def _module(lab: Lab, sink: str) -> str:
    lines = lab.sink.pactl("list", "short", "modules").splitlines()
    found = [line.split()[0] for line in lines if f"sink_name={sink}" in line]
    if not found:
        raise LabError(f"there is no device {sink}")
    return found[0]


KEPT_VOLUME = "ear: {keep_volume: true, volume: 100}\n"

SOUND_FAULTS = (
    Fault("server-killed", kill_server, DAEMON_S, undo=tidy),
    Fault("server-frozen", freeze_server, DAEMON_S, undo=tidy),
    Fault("server-lost-30s", lose_server, DAEMON_S, undo=tidy),
    Fault("sink-removed", remove_sink, LADDER_S, missing_s=LADDER_S, undo=tidy),
    Fault("sink-away-and-back", remove_and_return, DAEMON_S, undo=tidy),
    Fault("sink-added", add_sink, ENGINE_S, missing_s=0.0, other_s=0.0, undo=tidy),
    Fault("default-changed", change_default, ENGINE_S, missing_s=ENGINE_S, undo=tidy),
    Fault("muted-outside", mute, ENGINE_S, alert="volume-muted", undo=tidy, log=False),
    Fault("turned-down-outside", turn_down, ENGINE_S, alert="volume-down", undo=tidy, log=False),
    Fault("stream-muted", mute_streams, DOWN_S, sound_s=LADDER_S, undo=tidy, log=False, limit_s=DOWN_S + 10),
    Fault("other-sound", other_sound, ENGINE_S, alert="other-sound", undo=tidy, log=False),
    Fault("mute-undone", mute_undone, LADDER_S, missing_s=LADDER_S, undo=tidy, log=False, more=KEPT_VOLUME),
    Fault("turn-down-undone", turn_down_undone, LADDER_S, undo=tidy, log=False, more=KEPT_VOLUME),
)

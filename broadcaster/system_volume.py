"""The system's own volume: PulseAudio (or PipeWire) through pulsectl, Windows through pycaw; both imported lazily.

Calls may hang with the sound server: only the ear's process makes them, on a thread of its own. All raise
``SoundError`` when the sound system can't be asked, or has no such device.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from broadcaster.errors import NoLoopback, OutputGone, SoundError


@dataclass(frozen=True, slots=True)
class Level:
    """How far the volume control of an output is turned up. ``percent`` is on the system's own scale."""

    percent: float
    muted: bool


DUMMY = "auto_null"
"""What PulseAudio and PipeWire put in the place of the last device that went: it plays to nobody."""


@dataclass(frozen=True, slots=True)
class Outputs:
    """The outputs there are: the sound system's names and what people call them."""

    names: Mapping[str, str]
    default: str


class SystemVolume(Protocol):
    """One connection to the sound system."""

    def outputs(self) -> Outputs:
        """What there is to play to."""
        ...

    def read(self, device: str) -> Level:
        """The volume of an output."""
        ...

    def set(self, device: str, percent: float) -> None:
        """Turn an output to a volume, and unmute it."""
        ...

    def close(self) -> None:
        """End the connection."""
        ...


def open_volume() -> SystemVolume:
    """A connection to the sound system of this machine. Raises ``SoundError``."""
    return _Windows() if sys.platform == "win32" else _Pulse()


class _Pulse:
    def __init__(self) -> None:
        try:
            import pulsectl
        except (ImportError, OSError) as error:
            raise NoLoopback(f"no PulseAudio library: {error}") from error
        self._errors = (pulsectl.PulseError, pulsectl.PulseDisconnected, OSError)
        self._pulse: Any = pulsectl.Pulse("broadcaster-ear", connect=False)
        try:
            # With a time limit the library always waits until its end, also where the server answers at once.
            self._pulse.connect()
        except self._errors as error:
            self.close()
            raise OutputGone(f"声音服务没有响应 / the sound server does not answer: {error}") from error

    def outputs(self) -> Outputs:
        try:
            info = self._pulse.server_info()
            sinks = [sink for sink in self._pulse.sink_list() if sink.name != DUMMY]
        except self._errors as error:
            raise OutputGone(f"声音服务没有响应 / the sound server does not answer: {error!r}") from error
        names = {sink.name: sink.description or sink.name for sink in sinks}
        # A program may be sent to another sink than the server's default by its environment, as libpulse does.
        wanted, default = os.environ.get("PULSE_SINK", ""), info.default_sink_name
        return Outputs(names, wanted if wanted in names else default if default in names else "")

    def read(self, device: str) -> Level:
        sink = self._sink(device)
        return Level(round(100 * max(sink.volume.values, default=0.0), 1), bool(sink.mute))

    def set(self, device: str, percent: float) -> None:
        sink = self._sink(device)
        try:
            self._pulse.volume_set_all_chans(sink, percent / 100)
            self._pulse.mute(sink, False)
        except self._errors as error:
            raise SoundError(f"{device}: the volume can't be set: {error!r}") from error

    def _sink(self, device: str) -> Any:
        try:
            return self._pulse.get_sink_by_name(device)
        except self._errors as error:
            raise SoundError(f"{device}: no such output: {error!r}") from error

    def close(self) -> None:
        self._pulse.close()


class _Windows:
    """Not tried on a machine yet. Device names are those of WASAPI's endpoints."""

    def __init__(self) -> None:
        try:
            import comtypes
            from pycaw import pycaw
        except (ImportError, OSError) as error:
            raise NoLoopback(f"no pycaw: {error}") from error
        comtypes.CoInitialize()
        self._errors = (comtypes.COMError, OSError, AttributeError)
        self._utilities: Any = pycaw.AudioUtilities

    def outputs(self) -> Outputs:
        try:
            # 0 and 1: eRender and DEVICE_STATE_ACTIVE of the Windows core audio headers.
            found = self._utilities.GetAllDevices(0, 1)
            default = self._utilities.GetSpeakers()
        except self._errors as error:
            raise SoundError(f"Windows tells no outputs: {error!r}") from error
        return Outputs({one.id: one.FriendlyName or one.id for one in found}, default.id if default else "")

    def read(self, device: str) -> Level:
        control = self._control(device)
        try:
            return Level(round(100 * control.GetMasterVolumeLevelScalar(), 1), bool(control.GetMute()))
        except self._errors as error:
            raise SoundError(f"{device}: the volume can't be read: {error!r}") from error

    def set(self, device: str, percent: float) -> None:
        control = self._control(device)
        try:
            control.SetMasterVolumeLevelScalar(percent / 100, None)
            control.SetMute(0, None)
        except self._errors as error:
            raise SoundError(f"{device}: the volume can't be set: {error!r}") from error

    def _control(self, device: str) -> Any:
        try:
            found = [one for one in self._utilities.GetAllDevices(0, 1) if one.id == device]
            if found:
                return found[0].EndpointVolume
        except self._errors as error:
            raise SoundError(f"{device}: no such output: {error!r}") from error
        raise SoundError(f"{device}: no such output")

    def close(self) -> None:
        return None

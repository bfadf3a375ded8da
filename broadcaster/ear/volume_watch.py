"""Watches the system's volume, its outputs and its default, from a thread of the ear's process."""

from __future__ import annotations

import threading
from collections.abc import Callable

from broadcaster.ear.messages import Devices, KeepVolume, Told, Volume
from broadcaster.errors import SoundError
from broadcaster.system_volume import Outputs, SystemVolume, open_volume

LOOK_S = 1.0
TELL_S = 5.0
"""What did not change is told again so often, for a daemon that was not there."""

SLACK_PERCENT = 2.0
"""Rounding of a driver is nobody's hand."""


class VolumeWatch:
    """``device`` gives the output that is listened to; ``default_is`` gets the default at each look, ``gone`` is
    called when the output is there no more: a stream may live on where nobody hears it."""

    def __init__(
        self,
        say: Callable[[Told], None],
        device: Callable[[], str],
        default_is: Callable[[str], None],
        gone: Callable[[], None] = lambda: None,
    ) -> None:
        self._say = say
        self._device = device
        self._default_is = default_is
        self._gone = gone
        self._keep = KeepVolume(False)
        self._first: dict[str, float] = {}
        """What each output stood at when it was first seen not muted."""
        self._last: Volume | None = None
        self._outputs: Outputs | None = None
        self._looks = 0

    def start(self) -> None:
        threading.Thread(target=self._run, name="volume", daemon=True).start()

    def keep(self, order: KeepVolume) -> None:
        """From another thread: whether and to what the volume is set back."""
        self._keep = order

    def _run(self) -> None:
        pause = threading.Event()
        while True:
            try:
                volume = open_volume()
            except SoundError:
                # The ear itself says so.
                pause.wait(LOOK_S)
                continue
            try:
                while True:
                    self.look(volume)
                    pause.wait(LOOK_S)
            except SoundError:
                volume.close()
            pause.wait(LOOK_S)

    def look(self, volume: SystemVolume) -> None:
        """One look. Raises ``SoundError`` when the sound system is gone."""
        again = self._looks % round(TELL_S / LOOK_S) == 0
        self._looks += 1
        outputs = volume.outputs()
        device, former = self._device(), self._outputs
        if former is not None and device in former.names and device not in outputs.names:
            self._gone()
        if outputs != former or again:
            self._outputs = outputs
            self._say(Devices(outputs.names, outputs.default))
        self._default_is(outputs.default)
        if device not in outputs.names:
            return
        level = volume.read(device)
        if not level.muted and level.percent > 0:
            self._first.setdefault(device, level.percent)
        wanted = self._keep.percent or self._first.get(device)
        said = Volume(device, level.percent, level.muted)
        if self._keep.keep and wanted is not None and (level.muted or level.percent < wanted - SLACK_PERCENT):
            self._say(said)
            volume.set(device, wanted)
            said = Volume(device, wanted, False, restored=True)
        if said != self._last or said.restored or again:
            self._last = said
            self._say(said)

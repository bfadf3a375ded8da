"""Captures what an output plays, through the soundcard library, which is imported here alone.

The library holds one connection to PulseAudio, made at its import, and never mends it: when the server went away it
is given another. Each time leaves a dead connection behind (some 100 kB), so after :data:`IMPORTS_MOST` of them the
process asks to be replaced.
"""

from __future__ import annotations

import contextlib
import importlib
import sys
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from broadcaster.clock import monotonic
from broadcaster.ear.dating import Dating
from broadcaster.ear.meter import BLOCK, RATE
from broadcaster.errors import NoLoopback, SoundError
from broadcaster.system_volume import open_volume

IMPORTS_MOST = 50


class Capture:
    """One output after another. Not for several threads."""

    def __init__(self) -> None:
        self._library: Any = None
        self.imports = 0

    def blocks(self, device: str) -> Iterator[tuple[NDArray[np.float32], float]]:
        """Blocks of 100 ms of what ``device`` plays, each with the instant at which its last sample was over.

        Ends by ``SoundError`` when the device or the sound server goes away; it may also hang with the server.
        """
        library = self._connected()
        try:
            yield from self._record(self._loopback(library, device))
        except NoLoopback:
            raise
        except (RuntimeError, TypeError, IndexError, KeyError, OSError, AssertionError, ValueError) as error:
            # Also where only the device went: whether the connection still lives can't be asked.
            self._library = None
            raise SoundError(f"{device}: {error!r}") from error

    def _connected(self) -> Any:
        if self._library is not None:
            return self._library
        # Each attempt leaves a thread behind where no server answers, so first ask whether one is there.
        open_volume().close()
        self.imports += 1
        try:
            self._library = self._with_new_connection()
        except (ImportError, OSError, AssertionError, RuntimeError) as error:
            raise SoundError(f"the sound system can't be listened to: {error!r}") from error
        # On Windows it warns of every gap in the record.
        warnings.filterwarnings("ignore", module="soundcard")
        return self._library

    @staticmethod
    def _with_new_connection() -> Any:
        part: Any = sys.modules.get("soundcard.pulseaudio")
        if part is not None and hasattr(part, "_PulseAudio"):
            # A new import would do the same, but takes a quarter of a second, in which nothing is heard.
            part._pulse = part._PulseAudio()
        return importlib.import_module("soundcard")

    def _loopback(self, library: Any, device: str) -> Any:
        wanted = device if sys.platform == "win32" else f"{device}.monitor"
        # Asked for by a name that it has not, the library gives the one that is most alike.
        found = [one for one in library.all_microphones(include_loopback=True) if one.id == wanted]
        if found:
            return found[0]
        if any(one.id == device for one in library.all_speakers()):
            raise NoLoopback(f"{device} has no loopback")
        raise SoundError(f"{device}: no such output")

    @staticmethod
    def _record(microphone: Any) -> Iterator[tuple[NDArray[np.float32], float]]:
        dating = Dating(RATE)
        pending: list[NDArray[np.float32]] = []
        held = taken = 0
        with contextlib.ExitStack() as stack:
            recorder = stack.enter_context(microphone.recorder(samplerate=RATE, channels=2, blocksize=BLOCK))
            while True:
                chunk = recorder.record(None)
                arrival = monotonic()
                # WASAPI hands out what was played; a monitor what is about to be.
                index = taken + held + (len(chunk) if sys.platform == "win32" else 0)
                dating.add(index, arrival)
                pending.append(chunk)
                held += len(chunk)
                while held >= BLOCK:
                    samples = np.concatenate(pending)
                    taken += BLOCK
                    yield samples[:BLOCK], dating.at(taken)
                    pending, held = [samples[BLOCK:]], held - BLOCK

"""Captures what an output plays, through the soundcard library, which is imported here alone.

The library holds one connection to the sound system, made at its import, and never mends it: when the server went
away it is imported anew. Each time leaves a dead connection behind (some 100 kB), so after :data:`IMPORTS_MOST` of
them the process asks to be replaced.
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
from broadcaster.errors import SoundError
from broadcaster.system_volume import open_volume

IMPORTS_MOST = 50
PROBE_S = 0.5

GAP_S = 0.05
"""A stream whose dates move by more than this in one block was interrupted: what it says of before is worth nothing."""


class NoLoopback(SoundError):
    """The output is there, and what it plays can't be recorded."""


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
        # The import leaves a thread behind each time it finds no server, so first ask whether one is there.
        open_volume(PROBE_S).close()
        for name in [name for name in sys.modules if name.split(".")[0] == "soundcard"]:
            del sys.modules[name]
        self.imports += 1
        try:
            self._library = importlib.import_module("soundcard")
        except (ImportError, OSError, AssertionError, RuntimeError) as error:
            raise SoundError(f"the sound system can't be listened to: {error!r}") from error
        # On Windows it warns of every gap in the record.
        warnings.filterwarnings("ignore", module="soundcard")
        return self._library

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

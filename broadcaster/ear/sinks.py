"""Where the sound that is heard goes besides the ear itself: the hook for the air check, in the ear's process.

A sink gets every block on a thread of its own, so that a slow disk never holds up the ear; when it falls behind by
:data:`BEHIND_MOST` blocks, blocks are lost, which it sees by ``mono_end``. A sink that raises is closed and told of;
the next order to it makes a new one, or its last order given again a minute later.
"""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable, Mapping
from queue import SimpleQueue
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from broadcaster.clock import monotonic
from broadcaster.ear.messages import PartSays

Samples = NDArray[np.float32]
"""Shape (n, 2), 48 kHz, full scale 1.0."""

Tell = Callable[[Mapping[str, Any]], None]
"""Says something to the daemon: ``EarClient.on_part(name, handler)`` gets it. From any thread; never waits."""

BEHIND_MOST = 100
AGAIN_S = 60.0
"""A sink that failed is tried again so much later: nobody may look for a year."""


class Sink(Protocol):
    """Takes what is heard. Called from one thread."""

    def order(self, values: Mapping[str, Any]) -> None:
        """What ``EarClient.order(name, ...)`` said; sent again to each new process. Once before the first block."""
        ...

    def __call__(self, block: Samples, mono_end: float) -> None:
        """100 ms, its last sample over at ``mono_end``. A gap, and a lost device, show as a jump of ``mono_end``."""
        ...

    def close(self) -> None:
        """No more blocks: write what is pending."""
        ...


def make_sink(name: str, tell: Tell) -> Sink:
    """The sink of a name. Imported here, so that an ear without it stays small. Raises ``KeyError``."""
    if name == "air-check":
        from broadcaster.ear.air_check import AirCheckWriter

        return AirCheckWriter(tell)
    raise KeyError(name)


class SinkRunner:
    """Feeds the sinks. ``say`` sends to the daemon."""

    def __init__(self, say: Callable[[PartSays], None], make: Callable[[str, Tell], Sink] = make_sink) -> None:
        self._say = say
        self._make = make
        self._queue: SimpleQueue[tuple[Samples, float] | tuple[str, Mapping[str, Any]] | None] = SimpleQueue()
        self._sinks: dict[str, Sink] = {}
        self._orders: dict[str, Mapping[str, Any]] = {}
        self._broken: dict[str, float] = {}
        """Sinks that failed, and the end of the block from which they are tried again."""
        self._thread = threading.Thread(target=self._run, name="sinks", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def hear(self, block: Samples, mono_end: float) -> None:
        """From the ear's thread; never waits."""
        if self._queue.qsize() < BEHIND_MOST:
            self._queue.put((block, mono_end))

    def order(self, name: str, values: Mapping[str, Any]) -> None:
        """From the thread that reads the daemon's orders; never waits."""
        self._queue.put((name, values))

    def close(self, within_s: float) -> None:
        """Let the sinks write what is pending, for no longer than ``within_s`` seconds."""
        self._queue.put(None)
        self._thread.join(within_s)

    def _run(self) -> None:
        while (one := self._queue.get()) is not None:
            if isinstance(one[0], str):
                self._safely(one[0], self._give_order, one[1])
            else:
                for name in [name for name, again in self._broken.items() if one[1] >= again]:
                    del self._broken[name]
                    self._safely(name, self._give_order, self._orders[name])
                for name in list(self._sinks):
                    self._safely(name, self._give_block, one)
        for name in list(self._sinks):
            self._safely(name, lambda name, _: self._sinks[name].close(), None)

    def _give_order(self, name: str, values: Any) -> None:
        self._orders[name] = values
        self._broken.pop(name, None)
        if name not in self._sinks:
            self._sinks[name] = self._make(name, lambda said: self._say(PartSays(name, said)))
        self._sinks[name].order(values)

    def _give_block(self, name: str, one: Any) -> None:
        self._sinks[name](*one)

    def _safely(self, name: str, act: Callable[[str, Any], None], argument: Any) -> None:
        try:
            act(name, argument)
        except Exception as error:
            # The outermost turn of this thread: a sink in trouble must not end the ear, nor another sink.
            traceback.print_exc()
            self._sinks.pop(name, None)
            self._broken[name] = monotonic() + AGAIN_S
            self._say(PartSays(name, {"broken": repr(error)}))

"""The ear's process: listens, measures, compares, and says what it found."""

from __future__ import annotations

import argparse
import os
import sys
import threading
import traceback
from collections import deque
from collections.abc import Sequence

import numpy as np
import psutil
from numpy.typing import NDArray

from broadcaster.clock import monotonic
from broadcaster.ear.capture import IMPORTS_MOST, Capture
from broadcaster.ear.judging import judge
from broadcaster.ear.messages import Expect, KeepVolume, Listen, Order, PartOrder, State
from broadcaster.ear.meter import BlockMeter
from broadcaster.ear.pipes import Outbox, read_orders
from broadcaster.ear.sinks import SinkRunner
from broadcaster.ear.volume_watch import VolumeWatch
from broadcaster.engine.pipes import claim_stdout
from broadcaster.errors import NoLoopback, OutputGone, SoundError
from broadcaster.playout.hearing import EarState
from broadcaster.system_volume import open_volume

AGAIN_S = 0.15
"""A lost device is looked for so often: it is to be heard within a second of its return."""

NO_LOOPBACK_AGAIN_S = 5.0
BEAT_S = 0.5
SLOW_BEATS = 12
"""A sound system that could not be asked within so many beats hangs."""

COMPARE_S = 1.0
CALM_S = 3.0
"""A comparison costs as much as the rest of a second's listening: once all is ours, so often is enough."""

FRESH_S = 5.0
"""After a change of what should sound it is compared each second for so long."""

KEPT_BLOCKS = 20
"""2 s: what is compared."""

UNSTEADY_S = 6.0
"""A level that changes fades for a while, and is within what is compared for two seconds more."""

LAST_WORDS_S = 1.0


class Ear:
    """Everything in the process. Capture runs on the thread that calls :meth:`run`."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._outbox = Outbox(claim_stdout())
        self._listen = Listen(options.device, options.threshold)
        self._expect: Expect | None = None
        self._kept: deque[tuple[NDArray[np.float32], float, float]] = deque(maxlen=KEPT_BLOCKS)
        """Block, its end, its RMS."""
        self._state: EarState = "starting"
        self._reason = ""
        self._gone = False
        self._opened = 0
        self._device = ""
        self._stale = False
        """Whether another device is wanted than the one that is listened to."""
        self._compare_at = 0.0
        self._fresh_until = 0.0
        self._steady_at = 0.0
        self._sinks = SinkRunner(self._outbox.put)
        self._volume = VolumeWatch(self._outbox.put, lambda: self._device, self._default_is, self._device_gone)
        self._process = psutil.Process()

    # --- threads

    def run(self) -> None:
        """Listen until the process ends."""
        self._outbox.start()
        self._sinks.start()
        self._volume.start()
        for name, body in (("orders", self._read), ("compare", self._beat)):
            threading.Thread(target=body, name=name, daemon=True).start()
        capture = Capture()
        pause = threading.Event()
        while capture.imports < IMPORTS_MOST:
            wait_s = AGAIN_S
            try:
                self._listen_to(capture)
            except NoLoopback as error:
                self._is("none", str(error))
                wait_s = NO_LOOPBACK_AGAIN_S
            except SoundError as error:
                self._is("lost", str(error), gone=isinstance(error, OutputGone) or _all_gone())
            pause.wait(0.0 if self._stale else wait_s)

    def _listen_to(self, capture: Capture) -> None:
        """Ends by ``SoundError``, or when another device is wanted."""
        self._stale = False
        device = self._wanted()
        meter = BlockMeter(self._listen.threshold_db)
        self._kept.clear()
        first = True
        for block, end in capture.blocks(device):
            if first:
                first = False
                self._opened += 1
                self._device = device
                self._is("ok", "")
            meter.threshold_db = self._listen.threshold_db
            measured = meter.measure(block, end)
            self._outbox.put(measured)
            self._sinks.hear(block, end)
            self._kept.append((block, end, measured.rms))
            if self._stale:
                return

    def _wanted(self) -> str:
        if self._listen.device != "default":
            return self._listen.device
        volume = open_volume()
        try:
            default = volume.outputs().default
        finally:
            volume.close()
        if not default:
            raise OutputGone("电脑上没有声卡 / this PC has no sound output")
        return default

    def _default_is(self, default: str) -> None:
        if self._listen.device == "default" and self._state == "ok" and default and default != self._device:
            self._stale = True

    def _device_gone(self) -> None:
        self._stale = True

    def _read(self) -> None:
        read_orders(sys.stdin.buffer, self._take, lambda words: print(words, file=sys.stderr, flush=True))
        self._sinks.close(LAST_WORDS_S)
        os._exit(0)

    def _take(self, order: Order) -> None:
        if isinstance(order, Expect):
            now = monotonic()
            if _gains(order) != _gains(self._expect):
                self._steady_at = now + UNSTEADY_S
            self._expect = order
            self._fresh_until = now + FRESH_S
            self._compare_at = min(self._compare_at, now + COMPARE_S)
        elif isinstance(order, KeepVolume):
            self._volume.keep(order)
        elif isinstance(order, PartOrder):
            self._sinks.order(order.part, order.values)
        elif isinstance(order, Listen):
            other = order.device != self._listen.device
            self._listen = order
            if other:
                self._stale = True

    def _beat(self) -> None:
        pause = threading.Event()
        beats = 0
        while True:
            pause.wait(BEAT_S)
            beats += 1
            try:
                if self._state == "starting" and beats > SLOW_BEATS:
                    self._is("lost", "声音系统没有响应 / the sound system does not answer")
                if self._state != "ok" or beats % 10 == 0:
                    self._tell_state()
                if self._state == "ok" and monotonic() >= self._compare_at - BEAT_S / 4:
                    self._compare()
            except Exception:
                # The outermost turn: the comparison goes on with the next second.
                traceback.print_exc()

    # --- what is said

    def _is(self, state: EarState, reason: str, *, gone: bool = False) -> None:
        changed = (state, reason, gone) != (self._state, self._reason, self._gone) or state == "ok"
        self._state, self._reason, self._gone = state, reason, gone
        if changed:
            self._tell_state()

    def _tell_state(self) -> None:
        rss_mb = round(self._process.memory_info().rss / 1e6, 1)
        self._outbox.put(State(self._state, self._device, self._opened, self._reason, rss_mb, self._gone))

    def _compare(self) -> None:
        expect, kept = self._expect, list(self._kept)
        now = monotonic()
        if expect is None or len(kept) < KEPT_BLOCKS or now - kept[-1][1] > BEAT_S:
            return
        matched = judge(kept, expect, self._listen.threshold_db, steady=now >= self._steady_at)
        self._outbox.put(matched)
        calm = matched.match == "ours" and now > self._fresh_until
        # From its end: a slow PC has to do something else as well.
        self._compare_at = monotonic() + (CALM_S if calm else COMPARE_S)


def _gains(expect: Expect | None) -> dict[str, float]:
    return {item.id: item.gain_db for item in expect.items} if expect is not None else {}


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m broadcaster.ear", description="Listens to an output.")
    parser.add_argument("--device", default="default", help="the output to listen to, by the sound system's own name")
    parser.add_argument("--threshold", type=float, default=-60.0, help="dBFS of RMS below which it is silent")
    parser.add_argument("--list", action="store_true", help="print the outputs as JSON, and leave")
    return parser.parse_args(arguments)


def _all_gone() -> bool:
    """Whether a device that can't be listened to is away because all are."""
    try:
        volume = open_volume()
        try:
            return not volume.outputs().names
        finally:
            volume.close()
    except OutputGone:
        return True
    except SoundError:
        return False

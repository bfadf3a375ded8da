"""Listens to the ear for the daemon: tells the conductor what is heard, and the log what was."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path
from queue import Empty, SimpleQueue

from broadcaster.asrun.log import AsRunLog
from broadcaster.clock import Clock
from broadcaster.decisions import decided
from broadcaster.ear.attention import Attention
from broadcaster.ear.client import EarClient
from broadcaster.ear.messages import Block, Devices, KeepVolume, Listen, Matched, State, Told, Volume
from broadcaster.ear.spans import Spans, Verdict
from broadcaster.ear.writer import Heard, HeardWriter
from broadcaster.ops.causes import Cause
from broadcaster.plan.unattended_models import Ear
from broadcaster.playout.conductor import Conductor
from broadcaster.playout.on_air import OnAir
from broadcaster.playout.outputs import DEFAULT, Outputs
from broadcaster.playout.timebase import Timebase

log = logging.getLogger(__name__)

LOOK_S = 0.1
TELL_S = 0.5
"""The conductor is told at least so often."""

Put = Callable[[Callable[[Conductor], None]], None]


class Listener:
    """``settings`` gives the plan's, None before there is a plan; ``put`` reaches the conductor's thread."""

    def __init__(
        self,
        clock: Clock,
        settings: Callable[[], Ear | None],
        on_air: Callable[[], OnAir | None],
        put: Put,
        asrun: AsRunLog,
        log_file: Path,
    ) -> None:
        self._clock = clock
        self._settings = settings
        self._on_air = on_air
        self._put = put
        self._told: SimpleQueue[Told] = SimpleQueue()
        self.client = EarClient(self._told.put, log_file)
        """The process: also for its other parts, such as the air check."""
        self._attention = Attention()
        self._spans = Spans()
        self._writer = HeardWriter(asrun)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="listener", daemon=True)
        self._listening = False
        self._told_at = float("-inf")
        self._looked_at = float("-inf")
        self.rss_mb = 0.0

    # --- for everybody

    def causes(self, now: datetime) -> Sequence[Cause]:
        """See :class:`broadcaster.ops.causes.Source`."""
        del now
        return list(self._attention.causes())

    def start(self) -> None:
        """Begin."""
        self._writer.start()
        self._thread.start()

    def stop(self) -> None:
        """End the process, and write the last word on what is on air."""
        self._stop.set()
        self._thread.join(3.0)
        self.client.close()
        self._write(self._spans.close(self._clock.mono(), hears=self._hears))
        self._writer.stop()

    # --- the thread

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._turn()
            except Exception:
                # The outermost turn: what could not be done now is done by the next.
                log.exception("the listener's turn failed")
                self._stop.wait(LOOK_S)

    def _turn(self) -> None:
        mono = self._clock.mono()
        if mono - self._looked_at >= LOOK_S:
            self._looked_at = mono
            self._look(mono)
        try:
            self._take(self._told.get(timeout=LOOK_S))
            while not self._told.empty():
                self._take(self._told.get_nowait())
        except Empty:
            return
        finally:
            if self._clock.mono() - self._told_at >= TELL_S:
                self._tell()

    @property
    def _hears(self) -> bool:
        return self._attention.state.ear == "ok"

    def _look(self, mono: float) -> None:
        settings, on_air = self._settings(), self._on_air()
        if settings is not None:
            self._obey(settings, on_air)
        if self._listening:
            self.client.look()
        if on_air is not None:
            self.client.expect(self._spans.follow(on_air, mono))
            self._write(self._spans.turn(mono, hears=self._hears))

    def _obey(self, settings: Ear, on_air: OnAir | None) -> None:
        attention = self._attention
        if settings.listen != self._listening:
            self._listening = settings.listen
            if not settings.listen:
                self.client.close()
                self._take(State("off", reason="设置里关掉了 / switched off in the settings"))
            elif attention.state.ear == "off":
                self._take(State("starting"))
        attention.threshold_db = settings.silent_below
        attention.wanted_percent = settings.volume
        device = settings.device
        if device == DEFAULT and on_air is not None:
            device = on_air.output
        self.client.listen(Listen(device, settings.silent_below))
        self.client.keep_volume(KeepVolume(settings.keep_volume, attention.keep_percent))

    def _take(self, told: Told) -> None:
        attention = self._attention
        changed = False
        if isinstance(told, Block):
            changed = attention.take_block(told)
            self._spans.block(told, sounding=attention.sounding)
        elif isinstance(told, Matched):
            changed = attention.take_matched(told)
            if changed and attention.hearing(told.at).match == "other":
                decided("other-sound", explained=told.explained)
            self._write(self._spans.matched(told))
        elif isinstance(told, State):
            self.rss_mb = told.rss_mb or self.rss_mb
            changed = attention.take_state(told)
            if changed:
                decided("ear", state=told.ear, device=told.device, opened=attention.opened, reason=told.reason)
        elif isinstance(told, Volume):
            changed = attention.take_volume(told)
            if changed:
                what = "volume-restored" if told.restored else "volume-changed"
                decided(what, device=told.device, percent=told.percent, muted=told.muted)
        elif isinstance(told, Devices):
            outputs = Outputs(dict(told.outputs), told.default)
            self._put(lambda conductor: conductor.take_outputs(outputs))
        if changed:
            self._tell()

    def _tell(self) -> None:
        self._told_at = self._clock.mono()
        hearing = self._attention.hearing(self._told_at)
        self._put(lambda conductor: conductor.hear(hearing))

    def _write(self, verdicts: Iterable[Verdict]) -> None:
        for verdict in verdicts:
            at = verdict.heard_at
            self._writer.put(
                Heard(
                    verdict.entry,
                    None if at is None else Timebase.read(self._clock).to_wall(at),
                    _loudness(verdict.powers),
                    verdict.heard_by,
                )
            )


def _loudness(powers: Sequence[float]) -> float | None:
    if not powers:
        return None
    from broadcaster.media.k_weighting import gated_lufs  # numpy takes a tenth of a second, which a start has not

    return round(gated_lufs(powers), 2)

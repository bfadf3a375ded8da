"""A station in virtual time that is listened to: a fake ear on the fake engine's tape, and faults of the output."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from broadcaster.plan.plan import Plan, Track
from broadcaster.playout.fallback import TITLE
from broadcaster.playout.hearing import EarState, Hearing
from broadcaster.playout.on_air import Rung
from broadcaster.playout.outputs import Outputs
from broadcaster.playout.passages import passage
from tests.fake_engine import Sound
from tests.playout_kit import World

FALLBACK = Track(title=TITLE, file="fallback/1.wav", path="/fallback/1.wav", duration_s=200.0)

TWO_OUTPUTS = Outputs({"speakers": "Speakers", "hdmi": "HDMI"}, "speakers")


class Listened(World):
    """``audible`` tells which sounds come out of the loudspeakers."""

    def __init__(self, folder: Path, plan: Plan, at: datetime) -> None:
        self.audible: Callable[[Sound], bool] = lambda sound: True
        self.ear: EarState = "ok"
        self.opened = 1
        self.muted = False
        self.gone = False
        """Whether there is no output left."""
        self._levels: dict[str, tuple[float, ...]] = {}
        self.rungs: list[tuple[float, Rung]] = []
        self.silent_s = 0.0
        """The longest stretch in which nothing was heard."""
        self._heard_at = 0.0
        super().__init__(folder, plan, at)
        self._heard_at = self.clock.mono()
        self.each_turn = self.listen

    def before_air(self) -> None:
        self.conductor.take_fallback((FALLBACK,))

    def record(self, path: str, levels: tuple[float, ...]) -> None:
        """A recording has these levels, half a second each."""
        self._levels[path] = levels
        self.conductor.sound.passages.know(path, levels)

    def sounds(self) -> bool:
        """Whether anything is heard right now."""
        now = self.clock.mono()
        here = [*self.tape.at("bed", now), *self.tape.at("voice", now)]
        return any(self.audible(one) and self._level_db(one, now) > -60 for one in here)

    def _level_db(self, sound: Sound, now: float) -> float:
        levels = self._levels.get(sound.path, ())
        here = passage(levels, sound.position(now))
        return sound.gain_db(now) + (-20.0 if here is None else here.level_dbfs)

    def listen(self) -> None:
        """What the ear's process does ten times a second; here after each turn."""
        now = self.clock.mono()
        if self.sounds():
            self._heard_at = now
        self.silent_s = max(self.silent_s, now - self._heard_at)
        since = self._heard_at if now - self._heard_at > 0.15 else None
        lufs = None if since is not None else -20.0
        told = since if self.ear == "ok" else None
        self.conductor.hear(
            Hearing(
                now, self.ear, told, lufs, device="speakers", opened=self.opened, muted=self.muted,
                output_gone=self.gone, reason="电脑上没有声卡 / this PC has no sound output" if self.gone else "",
            )
        )  # fmt: skip
        rung = self.conductor.on_air.rung
        if not self.rungs or self.rungs[-1][1] != rung:
            self.rungs.append((now, rung))

    def climbed(self) -> list[Rung]:
        """The rungs in their order."""
        return [rung for _, rung in self.rungs]


@contextmanager
def listened(folder: Path, plan: Plan, at: datetime) -> Iterator[Listened]:
    """A running station with an ear; its database is closed afterwards."""
    one = Listened(folder, plan, at)
    try:
        yield one
    finally:
        one.kill()

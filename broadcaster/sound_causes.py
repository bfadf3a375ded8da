"""What the silence ladder and the clock have to tell people: see :mod:`broadcaster.ops.causes`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from broadcaster.clock_trust import ClockTrust
from broadcaster.ops.causes import Cause, cause
from broadcaster.playout.fallback import is_fallback
from broadcaster.playout.on_air import OnAir
from broadcaster.playout.outputs import DEFAULT

STALE_S = 5.0
"""A word of the conductor older than this says nothing of now."""

TOLD_S = 2.0
"""Shorter silences are nobody's business: most are mended within them."""


class SoundCauses:
    """Looks at what the conductor last told. May be asked by any thread."""

    def __init__(self, on_air: Callable[[], OnAir | None], trust: ClockTrust) -> None:
        self._on_air = on_air
        self._trust = trust

    def causes(self, now: datetime) -> Sequence[Cause]:
        """Those that there are now."""
        found = list(self._trust.causes(now))
        on_air = self._on_air()
        if on_air is None or abs((now - on_air.now).total_seconds()) > STALE_S:
            return found
        return [*found, *of_the_sound(on_air)]


def of_the_sound(on_air: OnAir) -> list[Cause]:
    """What is wrong with the sound at a moment."""
    found = []
    if on_air.hearing.output_gone:
        zh, _, en = on_air.hearing.reason.partition(" / ")
        found.append(cause("output-gone", f"店里没有声音:{zh}", f"the house is silent: {en or zh}"))
    elif on_air.dead_air_s > TOLD_S and not on_air.hearing.muted:
        # How long is the letter's to say; whoever muted the PC is told of that, and of nothing else.
        tried = on_air.rung == "alert"
        found.append(
            cause(
                "silence",
                "应该有声音,却听不到" + (",能试的都试过了" if tried else ""),
                "silent though something should sound" + (", all remedies tried" if tried else ""),
            )
        )
    if on_air.output_missing:
        device = "系统默认输出 / the system's default" if on_air.output == DEFAULT else on_air.output
        found.append(
            cause(
                "output-missing",
                f"声卡 {on_air.output_missing} 不见了,现在用:{device}",
                f"the output {on_air.output_missing} is missing, playing to {device}",
                subject=on_air.output_missing,
            )
        )
    if on_air.track is not None and is_fallback(on_air.track.item):
        found.append(
            cause(
                "fallback-music",
                "计划的音乐放不出来,正在播备用音乐",
                "the plan's music can't be played, the fallback music airs instead",
            )
        )
    return found

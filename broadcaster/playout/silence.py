"""The silence ladder: what to try next while nothing is heard that should be. Pure: reads no clock and does nothing.

Measured or assumed of each rung (bench of the real thing, two cores): a fresh deck is heard 0.3 s after the command, a
new engine after 0.7 s; the ear tells of it within half a second. Each rung is given about twice that.
"""

from __future__ import annotations

from dataclasses import dataclass

from broadcaster.playout.hearing import Hearing
from broadcaster.playout.on_air import Rung

RUNGS: tuple[Rung, ...] = ("track", "next", "engine", "output", "fallback", "alert")
"""From the mildest remedy to the last."""

WAIT_S: dict[Rung, float] = {
    "none": 0.0, "track": 1.5, "next": 1.5, "engine": 2.5, "output": 2.5, "fallback": 3.0, "alert": 60.0,
}  # fmt: skip
"""How long a rung has to bring the sound back before the next one is climbed."""

STALE_S = 2.0
"""An ear whose last word is older than this is not believed any more."""

LONGEST_TURN_S = 1.0
"""Of a longer time between two turns no more than this was watched."""

SETTLED_S = 10.0
"""So long it must sound before a rung counts as having helped."""

PAUSED_S = 5.0
"""So long nothing need be heard, and a silence before it is forgotten."""

REMEMBERED_S = 600.0
FREE_EPISODES = 3
"""More silences than these within :data:`REMEMBERED_S`, and each next one must last twice as long."""

LONGEST_PATIENCE_S = 60.0

AWAY_S = 0.3
"""A device that was away and is there again, and is silent for so long: what plays to it will never be heard."""

AWAY_LIMIT_S = 6.0

HOLD_S = 8.0
"""The fallback music is left after this: where it is heard the output works, and the plan's own may be heard as well.

Twice as long each time that it is not.
"""

PROBATION_S = 30.0
"""The plan's music must be heard for so long to count as back."""

PROBATION_PATIENCE_S = 2.5
"""Until then it may be silent for no longer: it is already known what to do."""

LONGEST_HOLD_S = 960.0
LONGEST_RETRY_S = 300.0


@dataclass(frozen=True, slots=True)
class Moment:
    """What the conductor knows at one turn."""

    mono: float
    wanted: bool
    """Whether something should be heard: by the plan, by what people did by hand, and by what the recording holds."""
    playing: bool
    """Whether the player says that something sounds."""
    hearing: Hearing
    silent_after_s: float
    useful: frozenset[Rung]
    """The rungs that can change anything now."""
    muted: bool = False
    """Whether the system's own volume explains the silence: no remedy of ours helps."""
    fresh: bool = False
    """Whether the engine is so new that nothing of it can be heard yet."""


class Ladder:
    """Owned by the conductor's thread. :meth:`turn` names the rung to climb now, if any."""

    def __init__(self) -> None:
        self.rung: Rung = "none"
        self.dead_s = 0.0
        """Seconds of the present unplanned silence."""
        self.fallback = False
        """Whether the fallback music is to air in the bed's place."""
        self._last: float | None = None
        self._wanted_since: float | None = None
        self._resting_since: float | None = None
        self._sounds_since: float | None = None
        self._due = 0.0
        """``dead_s`` at which the next rung is climbed."""
        self._episodes: list[float] = []
        self._opened: int | None = None
        self._ear = "off"
        self._away_since: float | None = None
        """A device that came back: the end of the first block heard of it."""
        self._left_fallback_at = float("-inf")
        self._held_since = 0.0
        self._hold_s = HOLD_S
        self._retry_s = WAIT_S["alert"]

    def turn(self, moment: Moment) -> Rung | None:
        """The rung to climb now; None where nothing is to be done."""
        passed_s = max(0.0, moment.mono - self._last) if self._last else 0.0
        self._last = moment.mono
        if passed_s > LONGEST_TURN_S:
            # This process was not run, or the PC slept: what was heard meanwhile is nobody's fault.
            passed_s, self._wanted_since = LONGEST_TURN_S, None
        lost, returned = self._device_lost(moment.hearing), self._device_returned(moment)
        self._note_wanted(moment)
        held_since = max(self._held_since, self._sounds_since or self._held_since)
        if self.fallback and moment.mono >= held_since + self._hold_s and self.dead_s == 0.0:
            self._leave_fallback(moment.mono)
        if lost and "engine" in moment.useful:
            # What plays to it will never be heard, though the player thinks so; a new one tries until it is back.
            return self._climb("engine", moment)
        silent = self._silent(moment)
        if silent is None or not moment.wanted:
            # Nobody can tell, or nothing should be heard: what was begun is neither gone on with nor forgotten soon.
            self._rest(moment.mono)
            return None
        self._resting_since = None
        if not silent:
            self._sounds(moment.mono)
            return None
        self._sounds_since = None
        self.dead_s = max(self.dead_s + passed_s, self._since_s(moment))
        if moment.muted or moment.hearing.output_gone or not moment.useful:
            return None
        if returned and "engine" in moment.useful:
            self._away_since = None
            return self._climb("engine", moment)
        if self._due == 0.0:
            self._due = self._patience_s(moment) if self.rung == "none" else moment.silent_after_s
        if self.dead_s < self._due or moment.fresh:
            return None
        if self.rung == "none" and not self._on_probation(moment.mono):
            self._episodes.append(moment.mono)
        return self._climb(self._next(moment), moment)

    # --- what is heard

    @staticmethod
    def _silent(moment: Moment) -> bool | None:
        """Whether it is silent; None where nobody can tell."""
        if not moment.playing:
            return True
        hearing = moment.hearing
        if hearing.output_gone and moment.mono - hearing.at <= STALE_S:
            return True
        if hearing.ear != "ok" or moment.mono - hearing.at > STALE_S:
            return None
        return hearing.silent_since is not None

    def _since_s(self, moment: Moment) -> float:
        """How long the present silence was a fault, by the ear's own dates."""
        hearing = moment.hearing
        if not moment.playing or hearing.silent_since is None or self._wanted_since is None:
            return 0.0
        return moment.mono - max(hearing.silent_since, self._wanted_since)

    def _device_lost(self, hearing: Hearing) -> bool:
        """Whether the device that was listened to went away just now; an ear that failed by itself names none."""
        before, self._ear = self._ear, hearing.ear
        return before == "ok" and hearing.ear == "lost" and hearing.device != ""

    def _device_returned(self, moment: Moment) -> bool:
        hearing = moment.hearing
        if hearing.ear != "ok":
            return False
        if self._opened is None:
            self._opened = hearing.opened
        elif hearing.opened != self._opened:
            self._opened, self._away_since = hearing.opened, hearing.at
        if self._away_since is None:
            return False
        if hearing.at - self._away_since > AWAY_LIMIT_S or (hearing.silent_since is None and hearing.lufs is not None):
            # What plays is heard on it: nothing was lost but the ear.
            self._away_since = None
            return False
        return hearing.at - self._away_since >= AWAY_S and hearing.silent_since is not None

    def _note_wanted(self, moment: Moment) -> None:
        if not moment.wanted:
            self._wanted_since = None
        elif self._wanted_since is None:
            self._wanted_since = moment.mono

    # --- down

    def _rest(self, mono: float) -> None:
        self._sounds_since = None
        self._resting_since = mono if self._resting_since is None else self._resting_since
        if mono - self._resting_since >= PAUSED_S:
            self._forget()

    def _sounds(self, mono: float) -> None:
        self.dead_s = self._due = 0.0
        self._sounds_since = mono if self._sounds_since is None else self._sounds_since
        if self.rung not in ("none", "fallback") and mono - self._sounds_since >= SETTLED_S:
            self._forget()
        elif self.rung == "none" and not self._on_probation(mono):
            self._hold_s = HOLD_S

    def _forget(self) -> None:
        self.dead_s = self._due = 0.0
        if not self.fallback:
            self.rung = "none"
        self._retry_s = WAIT_S["alert"]

    def _leave_fallback(self, mono: float) -> None:
        self.fallback = False
        self.rung = "none"
        self._left_fallback_at = mono

    def _on_probation(self, mono: float) -> bool:
        return mono - self._left_fallback_at < max(self._hold_s, PROBATION_S)

    # --- up

    def _patience_s(self, moment: Moment) -> float:
        """How long this silence must last before the first rung: longer where one follows the other."""
        if self._on_probation(moment.mono) and "fallback" in moment.useful:
            return min(moment.silent_after_s, PROBATION_PATIENCE_S)
        self._episodes = [at for at in self._episodes if moment.mono - at < REMEMBERED_S]
        doubled = moment.silent_after_s * 2.0 ** max(0, len(self._episodes) - FREE_EPISODES)
        return max(moment.silent_after_s, min(doubled, LONGEST_PATIENCE_S))

    def _next(self, moment: Moment) -> Rung:
        if self.rung == "alert":
            # All was tried: again from where a device that works by now would be found.
            return "engine" if "engine" in moment.useful else "alert"
        if self.rung == "none" and self._on_probation(moment.mono) and "fallback" in moment.useful:
            # The plan's music was given another chance, and is silent still.
            return "fallback"
        place = RUNGS.index(self.rung) + 1 if self.rung in RUNGS else 0
        return next((rung for rung in RUNGS[place:] if rung in moment.useful), "alert")

    def _climb(self, rung: Rung, moment: Moment) -> Rung:
        wait_s = WAIT_S[rung]
        if rung == "alert":
            # The plan's own music and device are the best guess where nothing is heard: the ear itself may be wrong.
            self.fallback = False
            wait_s, self._retry_s = self._retry_s, min(2 * self._retry_s, LONGEST_RETRY_S)
        if rung == "fallback":
            again = self._on_probation(moment.mono)
            self._hold_s = min(2 * self._hold_s, LONGEST_HOLD_S) if again else HOLD_S
            self.fallback, self._held_since = True, moment.mono
        self.rung = rung
        self._due = self.dead_s + wait_s
        return rung

"""A strip of the mixer: one deck's commands, levels and place in its life."""

from __future__ import annotations

from enum import Enum

from broadcaster.engine.deck import Deck
from broadcaster.engine.envelope import Lane, decibels
from broadcaster.playout.protocol import Fade, Load, Start


class Phase(Enum):
    """Where a channel is in its life; it only moves forward."""

    WAITING = 0
    """Loaded by the conductor, not yet given to the player."""
    OPENING = 1
    READY = 2
    SOUNDING = 3
    GONE = 4


class Channel:
    """Everything that the mixer knows about one deck."""

    def __init__(self, load: Load) -> None:
        self.load = load
        self.phase = Phase.WAITING
        self.deck: Deck | None = None
        self.opened_at = 0.0
        self.length_s = load.duration_s or 0.0
        """Length of the recording in seconds; the conductor's word goes before the player's."""
        self.tailed = False
        """The file goes on with silence behind its recording, so that the clock ends it rather than the player."""
        self.start_at: float | None = None
        self.since = 0.0
        """Instant of the first sample, once SOUNDING."""
        self.slack_s = 0.0
        """Time for which the engine did not run while this sounded: by so much the sound may be late."""
        self.volume = -1
        self.gain = Lane(min(load.gain_db, 0.0), in_db=True)
        self.fade = Lane(0.0 if load.fade_in_s > 0.0 else 1.0, in_db=False)
        self._fade_in_s = load.fade_in_s
        self.stop_when_faded = False

    @property
    def sounding(self) -> bool:
        return self.phase is Phase.SOUNDING

    def gain_db(self, now: float) -> float:
        """Own gain and fade together, without the bus."""
        return self.gain.value(now) + decibels(self.fade.value(now))

    def start(self, command: Start, now: float) -> None:
        """Note when to start; once it sounds, a further word changes nothing."""
        self.start_at = now if command.at is None else command.at

    def begin(self, since: float) -> None:
        """It was released and its first sample sounds at ``since``."""
        self.phase = Phase.SOUNDING
        self.since = since
        if self._fade_in_s > 0.0:
            self.fade.begin_at(since, 0.0, 1.0, self._fade_in_s)

    def move_fade(self, command: Fade, now: float) -> None:
        """Take a Fade; one that is due before the start takes the place of the fade-in."""
        at = now if command.at is None else max(command.at, now)
        if not self.sounding and at <= now:
            self._fade_in_s = 0.0
        self.fade.move(now, at, min(max(command.to, 0.0), 1.0), command.duration_s)
        self.stop_when_faded = command.stop

    def played_s(self, now: float) -> float:
        """How long it has sounded, by the engine's clock and never past the end of the recording."""
        if not self.sounding:
            return 0.0
        played = max(0.0, now - self.since)
        return min(played, max(0.0, self.length_s - self.load.offset_s)) if self.length_s > 0.0 else played

    def position_s(self, now: float) -> float:
        """Place in the recording, by the engine's clock."""
        return self.load.offset_s + self.played_s(now)

    def due(self, now: float) -> float:
        """The next instant at which its level may change."""
        return min(self.gain.due(now), self.fade.due(now))

"""Turns the holds on the bed, and what is silent by hand, into commands for the engine."""

from __future__ import annotations

from broadcaster.playout.mixing import Hold, Mix
from broadcaster.playout.protocol import SILENT_DB, Command, Duck

GATE_FADE_S = 0.01
"""The air goes from one PC to the other within this: no click, and no pause that anybody hears."""


class Ducking:
    """What was commanded last, and what should hold. Owned by the conductor's thread."""

    def __init__(self) -> None:
        self._mix = Mix()
        self._commanded_db = 0.0
        self._bed_off = False
        self._voice_off = False
        self._voice_commanded_db = 0.0
        self._shut = False
        """Whether another PC has the air."""

    @property
    def depth_db(self) -> float:
        """Gain of the bed as commanded, 0 dB when nothing holds it."""
        return self._commanded_db

    def hold(self, hold: Hold, attack_s: float) -> list[Command]:
        """Bring the bed down so that it is down at ``hold.since``."""
        self._mix = self._mix.held(hold)
        return self._command(attack_s, hold.since - attack_s)

    def release(self, holder: str, release_s: float) -> list[Command]:
        """Let a holder's hold go; the bed comes back if no other holds it."""
        self._mix = self._mix.released(holder)
        return self._command(release_s, None)

    def turn(self, now: float, release_s: float) -> list[Command]:
        """Let go what is over its time."""
        self._mix = self._mix.at(now)
        return self._command(release_s, None)

    def by_hand(self, *, bed_off: bool, voice_off: bool, fade_s: float) -> list[Command]:
        """Silence a bus, or bring it back to where it should be by now."""
        # A bed that is still on its slow way down, for a pause or a spot, is not waited for.
        hastened = voice_off and not self._voice_off and self._commanded_db <= SILENT_DB
        self._bed_off, self._voice_off = bed_off, voice_off
        commands = self._command(fade_s, None)
        return [*commands, Duck("bed", SILENT_DB, fade_s, None)] if hastened else commands

    def gate(self, shut: bool, at: float | None) -> list[Command]:
        """Silence every bus, or bring each back, from a monotonic instant on; nothing if that was told before."""
        if shut == self._shut:
            return []
        self._shut = shut
        call = Duck("call", SILENT_DB if shut else 0.0, GATE_FADE_S, at)
        return [call, *self._command(GATE_FADE_S, at, voice_at=at)]

    def again(self) -> list[Command]:
        """Tell a new engine, at once."""
        self._commanded_db = self._voice_commanded_db = 0.0
        call: list[Command] = [Duck("call", SILENT_DB, 0.0, None)] if self._shut else []
        return [*call, *self._command(0.0, None)]

    def _command(self, duration_s: float, at: float | None, *, voice_at: float | None = None) -> list[Command]:
        commands: list[Command] = []
        voice_db = SILENT_DB if self._voice_off or self._shut else 0.0
        if voice_db != self._voice_commanded_db:
            self._voice_commanded_db = voice_db
            commands.append(Duck("voice", voice_db, duration_s, voice_at))
        depth_db = SILENT_DB if self._bed_off or self._shut else self._mix.depth_db
        if depth_db != self._commanded_db:
            self._commanded_db = depth_db
            commands.append(Duck("bed", depth_db, duration_s, at))
        return commands

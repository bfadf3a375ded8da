"""The mixer: obeys the conductor, moves levels, starts decks on the instant, and notices how they end.

It is driven from outside: :meth:`Mixer.turn` does all that is due and says when it wants to be called again. It has no
thread and never waits, so the same code runs under a test's clock and under :mod:`broadcaster.engine.loop`.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from broadcaster.engine.channel import Channel, Phase
from broadcaster.engine.deck import Deck, Rack, Signal
from broadcaster.engine.envelope import Lane, volume_for
from broadcaster.engine.memory import resident_mb
from broadcaster.errors import EngineError
from broadcaster.playout.protocol import (
    Beat,
    Bus,
    Command,
    Complaint,
    Duck,
    Ended,
    Event,
    Fade,
    Failed,
    Gain,
    Load,
    Loaded,
    Quit,
    Stalled,
    Start,
    Started,
    Stop,
)

BEAT_S = 0.2
OPENING_LIMIT_S = 3.0
"""A recording that is not prepared by then never will be (a FIFO stays in opening for ever)."""
END_TOLERANCE_S = 0.5
"""How far from its length a recording may end; beyond it is a fault (short) or taken for ended (long)."""
TAIL_AT_LEAST_S = 0.25
"""A file that is so much longer than its recording has silence there (``SILENT_TAIL_S`` of prepared recordings)."""
QUIET_S = 0.030
"""Opening and closing players takes milliseconds, so neither is done this shortly before a start."""
RSS_INTERVAL_S = 5.0
REMEMBERED = 512
"""Decks that ended: a command to one of them is a race, not a mistake."""


class Mixer:
    """All decks of one output. Its methods belong to the playout thread.

    ``emit`` takes events for the conductor; ``post`` takes a deck's signal from any thread and brings it back to
    :meth:`heard`; ``now`` reads the engine's clock in seconds.
    """

    def __init__(
        self,
        rack: Rack,
        emit: Callable[[Event], None],
        post: Callable[[Channel, Signal], None],
        now: Callable[[], float],
    ) -> None:
        self._rack = rack
        self._emit = emit
        self._post = post
        self._now = now
        self._channels: dict[str, Channel] = {}
        self._ducks: dict[Bus, Lane] = {"bed": Lane(0.0, in_db=True), "voice": Lane(0.0, in_db=True),
                                        "call": Lane(0.0, in_db=True)}  # fmt: skip
        self._ended: dict[str, None] = {}
        self._closing: list[Deck] = []
        self._next_beat = now()
        self._resident_mb = resident_mb()
        self._rss_mb = 0.0
        self._next_rss = now()
        self.leaving = False

    # --- what the conductor says ---

    def obey(self, command: Command) -> None:
        """Take a command. What can't be followed becomes a ``Complaint``."""
        now = self._now()
        match command:
            case Quit():
                self.leaving = True
                for channel in list(self._channels.values()):
                    self._end(channel, now)
            case Duck():
                self._duck(command, now)
            case Load():
                self._load(command)
            case _:
                self._to_channel(command, now)

    def _duck(self, command: Duck, now: float) -> None:
        lane = self._ducks.get(command.bus)
        if lane is None:
            self._emit(Complaint(f"duck: no bus {command.bus!r}"))
            return
        at = now if command.at is None else max(command.at, now)
        lane.move(now, at, min(command.gain_db, 0.0), command.duration_s)

    def _load(self, command: Load) -> None:
        if command.deck in self._channels:
            self._emit(Complaint(f"load: deck {command.deck!r} is taken"))
        elif command.bus not in self._ducks:
            self._emit(Failed(command.deck, f"no bus {command.bus!r}"))
        else:
            self._ended.pop(command.deck, None)
            self._channels[command.deck] = Channel(command)

    def _to_channel(self, command: Start | Fade | Stop | Gain, now: float) -> None:
        channel = self._channels.get(command.deck)
        if channel is None:
            if command.deck not in self._ended:
                self._emit(Complaint(f"{command.op}: no deck {command.deck!r}"))
            return
        match command:
            case Start():
                channel.start(command, now)
            case Fade():
                channel.move_fade(command, now)
            case Gain():
                channel.gain.move(now, now, min(command.gain_db, 0.0), command.duration_s)
            case Stop():
                self._end(channel, now)

    # --- what the decks say ---

    def heard(self, channel: Channel, signal: Signal) -> None:
        """Take a deck's signal; one from a deck that is gone is nothing."""
        if channel.phase is Phase.GONE:
            return
        now = self._now()
        match signal:
            case Signal.READY:
                self._ready(channel, now)
            case Signal.BROKEN:
                self._fail(channel, f"the player can't play {channel.load.path}", now)
            case Signal.ENDED:
                self._ran_out(channel, now)

    def _ready(self, channel: Channel, now: float) -> None:
        if channel.phase is not Phase.OPENING or channel.deck is None:
            return
        length, wanted = channel.deck.length_s(), channel.load.duration_s
        path, offset = channel.load.path, channel.load.offset_s
        if channel.load.live:
            channel.phase = Phase.READY
            self._emit(Loaded(channel.load.deck))
        elif length <= 0.0:
            self._fail(channel, f"no sound in {path}", now)
        elif offset >= length:
            self._fail(channel, f"{path} is {length:.3f} s long, so nothing begins at {offset:.3f} s", now)
        elif wanted is not None and length < wanted - END_TOLERANCE_S:
            self._fail(channel, f"{path} is {length:.3f} s long, not {wanted:.3f} s", now)
        else:
            channel.length_s = channel.length_s or length
            channel.tailed = length >= channel.length_s + TAIL_AT_LEAST_S
            channel.phase = Phase.READY
            self._emit(Loaded(channel.load.deck))

    def _ran_out(self, channel: Channel, now: float) -> None:
        position = channel.position_s(now)
        if position < channel.length_s - END_TOLERANCE_S and not channel.load.live:
            self._fail(channel, f"ended after {position:.3f} s of {channel.length_s:.3f} s", now)
        else:
            self._end(channel, now, complete=True)

    def held(self, gap_s: float) -> None:
        """The engine was not run for a while.

        The output plays what it has (0.45 s with PulseAudio), falls silent, and afterwards goes on where it was: what
        sounds is late by up to the gap, by how much isn't known, and it must be given that time at its end.
        """
        for channel in self._channels.values():
            if channel.sounding:
                channel.slack_s += gap_s
        self._emit(Stalled(round(gap_s, 3)))

    # --- what time brings ---

    def turn(self) -> float:
        """Do everything that is due; returns the instant at which to turn again at the latest."""
        self._start_due()
        now = self._now()
        for channel in list(self._channels.values()):
            self._level(channel, now)
            self._look_for_end(channel, now)
        if self._next_start() > now + QUIET_S:
            self._open_and_close(now)
        self._beat(now)
        return self._next_turn(self._now())

    def _start_due(self) -> None:
        for channel in sorted(self._startable(), key=lambda each: each.start_at or 0.0):
            now = self._now()
            if channel.deck is None or self._release_at(channel) > now:
                continue
            self._level(channel, now)
            released = self._now()
            channel.deck.release()
            channel.begin(released + self._rack.lead_s)
            self._emit(Started(channel.load.deck, channel.since))

    def _startable(self) -> list[Channel]:
        return [each for each in self._channels.values() if each.phase is Phase.READY and each.start_at is not None]

    def _release_at(self, channel: Channel) -> float:
        return math.inf if channel.start_at is None else channel.start_at - self._rack.lead_s

    def _next_start(self) -> float:
        return min((self._release_at(channel) for channel in self._startable()), default=math.inf)

    def _volume(self, channel: Channel, now: float) -> int:
        return volume_for(channel.gain_db(now) + self._ducks[channel.load.bus].value(now))

    def _level(self, channel: Channel, now: float) -> None:
        """Bring the player's volume to what it should be; costs nothing while the integer is the same."""
        volume = self._volume(channel, now)
        if channel.deck is not None and volume != channel.volume:
            channel.volume = volume
            channel.deck.set_volume(volume)

    def _look_for_end(self, channel: Channel, now: float) -> None:
        if channel.phase is Phase.OPENING and now >= channel.opened_at + OPENING_LIMIT_S:
            self._fail(channel, f"{channel.load.path} is not prepared after {OPENING_LIMIT_S:g} s", now)
        elif channel.stop_when_faded and channel.fade.settled(now):
            self._end(channel, now)
        elif channel.sounding and now >= self._overdue_at(channel):
            self._end(channel, now, complete=True)

    def _overdue_at(self, channel: Channel) -> float:
        """From this instant a deck has ended even though its player doesn't say so."""
        if channel.load.live:
            return math.inf
        whole = channel.length_s - channel.load.offset_s
        return channel.since + whole + channel.slack_s + (0.0 if channel.tailed else END_TOLERANCE_S)

    def _open_and_close(self, now: float) -> None:
        while self._closing:
            self._closing.pop().close()
        for channel in list(self._channels.values()):
            if channel.phase is Phase.WAITING:
                self._open(channel, now)

    def _open(self, channel: Channel, now: float) -> None:
        channel.phase = Phase.OPENING
        channel.opened_at = now
        channel.volume = self._volume(channel, now)
        load = channel.load
        try:
            channel.deck = self._rack.open(
                load.path, load.offset_s, channel.volume, lambda signal: self._post(channel, signal), live=load.live
            )
        except EngineError as error:
            self._fail(channel, str(error), now)

    def _end(self, channel: Channel, now: float, *, complete: bool = False) -> None:
        sounded = channel.sounding
        played, whole = channel.played_s(now), channel.length_s - channel.load.offset_s
        self._drop(channel)
        if sounded:
            complete = complete or played >= whole - 0.001
            self._emit(Ended(channel.load.deck, min(now, channel.since + played), complete, played))

    def _fail(self, channel: Channel, reason: str, now: float) -> None:
        played = channel.played_s(now)
        self._drop(channel)
        self._emit(Failed(channel.load.deck, reason, played))

    def _drop(self, channel: Channel) -> None:
        """Take a channel off the air at once; its player is closed when there is time for that."""
        if channel.deck is not None:
            channel.deck.set_volume(0)
            self._closing.append(channel.deck)
        channel.phase = Phase.GONE
        del self._channels[channel.load.deck]
        self._ended[channel.load.deck] = None
        if len(self._ended) > REMEMBERED:
            del self._ended[next(iter(self._ended))]

    def _beat(self, now: float) -> None:
        if now < self._next_beat:
            return
        self._next_beat = max(self._next_beat + BEAT_S, now)
        if now >= self._next_rss:
            self._next_rss = now + RSS_INTERVAL_S
            self._rss_mb = round(self._resident_mb(), 1)
        sounding = (each for each in self._channels.values() if each.sounding)
        positions = {each.load.deck: round(each.position_s(now), 4) for each in sounding}
        self._emit(Beat(now, positions, self._rss_mb))

    def _next_turn(self, now: float) -> float:
        due = [self._next_beat, self._next_start()]
        held = due[1] <= now + QUIET_S
        if self._closing or any(each.phase is Phase.WAITING for each in self._channels.values()):
            due.append(due[1] + 0.001 if held else now)
        for channel in self._channels.values():
            due += [channel.due(now), self._ducks[channel.load.bus].due(now)]
            if channel.sounding:
                due.append(self._overdue_at(channel))
        return min(due)

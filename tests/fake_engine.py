"""An engine without sound, in virtual time: it obeys like the real one and remembers exactly what could be heard.

:class:`Tape` is what a listener with a perfect memory would know. :class:`FakeEngine` can be told to misbehave. That
it obeys as :class:`broadcaster.engine.mixer.Mixer` does is held by ``test_playout_fake_engine.py``.
"""

from __future__ import annotations

import math
from bisect import insort
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from broadcaster.engine.envelope import FLOOR_DB, Ramp, decibels, ramp_db
from broadcaster.errors import EngineGone
from broadcaster.playout.engine_client import BEAT_LIMIT_S, HELLO_LIMIT_S
from broadcaster.playout.protocol import (
    SILENT_DB,
    Bus,
    Command,
    Complaint,
    Duck,
    Ended,
    Event,
    Fade,
    Failed,
    Gain,
    Hello,
    Load,
    Loaded,
    Quit,
    Start,
    Started,
    Stop,
)

BOOT_S = 0.3
LOAD_S = 0.03
SPEAK_S = 0.002
"""How long an event takes to arrive."""
END_SPEAK_S = 0.06
"""The player tells its end this long after its last sample."""


class Curve:
    """A value over time that can be asked about the past; moves as the engine's lanes do."""

    def __init__(self, value: float, *, in_db: bool) -> None:
        self._in_db = in_db
        self._moves: list[tuple[float, float, float]] = [(-math.inf, 0.0, value)]

    def move(self, now: float, at: float, to: float, duration_s: float) -> None:
        """From ``at`` on go to ``to``; takes the place of a move that is still to come."""
        while self._moves[-1][0] > now:
            self._moves.pop()
        self._moves.append((at, duration_s, to))

    def fade_in(self, at: float, duration_s: float) -> None:
        """From silence; a move to come stays."""
        insort(self._moves, (at, duration_s, 1.0))

    def value(self, at: float) -> float:
        """The value at an instant."""
        last = len(self._moves) - 1
        while self._moves[last][0] > at:
            last -= 1
        return self._after(last, at)

    def _after(self, index: int, at: float) -> float:
        begin_at, duration_s, to = self._moves[index]
        if at >= begin_at + duration_s or index == 0:
            return to
        begin = self._after(index - 1, begin_at)
        ramp = ramp_db(begin_at, duration_s, begin, to) if self._in_db else Ramp(begin_at, duration_s, begin, to)
        return ramp.value(at)

    @property
    def settles_at(self) -> float:
        """From this instant on nothing moves."""
        return self._moves[-1][0] + self._moves[-1][1]


@dataclass(slots=True, eq=False)
class Sound:
    """What one deck let be heard."""

    deck: str
    bus: Bus
    path: str
    since: float
    """Monotonic instant of the first sample."""
    offset_s: float
    gain: Curve
    fade: Curve
    duck: Curve
    until: float = math.inf

    def position(self, at: float) -> float:
        """Seconds into the recording."""
        return at - self.since + self.offset_s

    def gain_db(self, at: float) -> float:
        """All gains together."""
        total = self.gain.value(at) + decibels(self.fade.value(at)) + self.duck.value(at)
        return total if total >= FLOOR_DB else SILENT_DB


@dataclass
class Tape:
    """Everything that was ever heard, of all engines."""

    sounds: list[Sound] = field(default_factory=list)

    def at(self, bus: Bus, at: float) -> list[Sound]:
        """What sounds at an instant, the newest last; also what is inaudible by its gain."""
        return [sound for sound in self.sounds if sound.bus == bus and sound.since <= at < sound.until]

    def of(self, bus: Bus) -> Iterator[Sound]:
        """All sounds of a bus."""
        return (sound for sound in self.sounds if sound.bus == bus)


@dataclass(slots=True)
class _Deck:
    load: Load
    ready_at: float
    gain: Curve
    fade: Curve
    start_at: float | None = None
    told_loaded: bool = False
    sound: Sound | None = None
    stop_when_faded: bool = False

    def begins_at(self) -> float:
        return math.inf if self.start_at is None or self.sound else max(self.start_at, self.ready_at)


@dataclass
class Faults:
    """What shall go wrong. By path where it concerns a recording."""

    unloadable: set[str] = field(default_factory=set)
    breaks_at: dict[str, float] = field(default_factory=dict)
    """Seconds into the recording at which it breaks off."""
    endless: set[str] = field(default_factory=set)
    load_s: float = LOAD_S
    late_s: float = 0.0
    """Every start is so late."""
    stillborn: bool = False
    """Every new process dies at once."""
    before_send: Callable[[Command], None] = lambda command: None
    after_send: Callable[[Command], None] = lambda command: None


class FakeEngine:
    """Implements :class:`broadcaster.playout.engine_client.Engine` on virtual time."""

    def __init__(self, mono: Callable[[], float], tape: Tape, faults: Faults | None = None) -> None:
        self._mono = mono
        self.tape = tape
        self.faults = faults or Faults()
        self.outbox: deque[tuple[float, int, Event]] = deque()
        """Events on their way: when they arrive, of which process, and what it said."""
        self.sent: list[Command] = []
        self.starts: list[float] = []
        """When a process was started."""
        self.generation = 0
        self.device = "default"
        self.rss_mb = 60.0
        self._state: Literal["booting", "running", "hung", "dead", "none"] = "none"
        self._since = 0.0
        self._decks: dict[str, _Deck] = {}
        self._gone: set[str] = set()
        self._ducks: dict[Bus, Curve] = {}
        self._start()

    # --- as the conductor sees it

    @property
    def ready(self) -> bool:
        return self._state in ("running", "hung", "dead") and self._mono() >= self._since + BOOT_S

    @property
    def silent_s(self) -> float:
        return self._mono() - self._since if self._state == "hung" else 0.0

    def send(self, command: Command) -> None:
        if self._state in ("dead", "none"):
            raise EngineGone("the engine's pipe broke")
        self.faults.before_send(command)
        self.sent.append(command)
        if self._state != "hung":
            self._obey(command, self._mono())
        self.faults.after_send(command)

    def play_to(self, device: str) -> None:
        self.device = device

    def watch(self, grace: bool) -> bool:
        now = self._mono()
        if self._state == "none":
            self._start()
            return False
        if self._state == "dead":
            self.replace("died")
            return True
        silent_s = now - self._since
        if self._state == "hung" and silent_s > BEAT_LIMIT_S and not grace:
            self.replace("hangs")
            return True
        if self._state == "booting" and silent_s > HELLO_LIMIT_S:
            self.replace("no hello")
            return True
        return False

    def replace(self, reason: str) -> None:
        self._silence(self._mono())
        self._start()

    def close(self) -> None:
        self._silence(self._mono())

    def bus_db(self, bus: Bus, at: float) -> float:
        """Gain of a bus at an instant, as it was told so far."""
        return self._ducks[bus].value(at)

    # --- what a test can do to it

    def die(self) -> None:
        """The process ends by itself."""
        self._silence(self._mono())
        self._state = "dead"

    def hang(self) -> None:
        """It takes no more commands and says no more; what sounds goes on."""
        self._state = "hung"
        self._since = self._mono()

    # --- time

    def next_at(self) -> float:
        """The next instant at which something happens here or an event arrives."""
        return min(self.next_happening(), self.outbox[0][0] if self.outbox else math.inf)

    def next_happening(self) -> float:
        """The next instant at which something happens here."""
        if self._state == "booting":
            return self._since + BOOT_S
        if self._state != "running":
            return math.inf
        return min((self._due(deck) for deck in self._decks.values()), default=math.inf)

    def run_to(self, now: float) -> None:
        """Let everything happen that is due."""
        if self._state == "booting" and now >= self._since + BOOT_S:
            self._state = "running"
            self._say(now, Hello(self.generation, "fake", "none"))
        if self._state != "running":
            return
        for deck in sorted(self._decks.values(), key=self._due):
            while deck.load.deck in self._decks and self._due(deck) <= now:
                self._happen(deck, self._due(deck))

    def arrived(self, now: float) -> list[Event]:
        """Events of the present process that have arrived."""
        events = []
        while self.outbox and self.outbox[0][0] <= now:
            _, generation, event = self.outbox.popleft()
            if generation == self.generation:
                events.append(event)
        return events

    # --- inside

    def _start(self) -> None:
        self.generation += 1
        self._state, self._since = "booting", self._mono()
        self.starts.append(self._since)
        self._decks, self._gone = {}, set()
        self._ducks = {bus: Curve(0.0, in_db=True) for bus in ("bed", "voice", "call")}
        if self.faults.stillborn:
            self._state = "dead"

    def _silence(self, now: float) -> None:
        for deck in self._decks.values():
            if deck.sound is not None:
                deck.sound.until = min(deck.sound.until, now)
        self._decks = {}
        self._state = "none"

    def _say(self, at: float, event: Event, delay_s: float = SPEAK_S) -> None:
        # Sorted by arrival; of two that arrive together the first said comes first.
        entry = (at + delay_s, self.generation, event)
        place = len(self.outbox)
        while place and self.outbox[place - 1][0] > entry[0]:
            place -= 1
        self.outbox.insert(place, entry)

    def _obey(self, command: Command, now: float) -> None:
        match command:
            case Quit():
                self._silence(now)
            case Duck():
                at = now if command.at is None else max(command.at, now)
                self._ducks[command.bus].move(now, at, min(command.gain_db, 0.0), command.duration_s)
            case Load():
                if command.deck in self._decks:
                    self._say(now, Complaint(f"load: deck {command.deck!r} is taken"))
                    return
                gain = Curve(min(command.gain_db, 0.0), in_db=True)
                fade = Curve(0.0 if command.fade_in_s else 1.0, in_db=False)
                self._decks[command.deck] = _Deck(command, now + self.faults.load_s, gain, fade)
            case _:
                deck = self._decks.get(command.deck)
                if deck is not None:
                    self._tell_deck(deck, command, now)
                elif command.deck not in self._gone:
                    self._say(now, Complaint(f"{command.op}: no deck {command.deck!r}"))

    def _tell_deck(self, deck: _Deck, command: Start | Fade | Stop | Gain, now: float) -> None:
        match command:
            case Start():
                deck.start_at = now if command.at is None else max(command.at, now)
            case Fade():
                at = now if command.at is None else max(command.at, now)
                deck.fade.move(now, at, command.to, command.duration_s)
                deck.stop_when_faded = command.stop
            case Gain():
                deck.gain.move(now, now, min(command.gain_db, 0.0), command.duration_s)
            case Stop():
                self._end(deck, now, complete=False)

    def _due(self, deck: _Deck) -> float:
        if not deck.told_loaded:
            return deck.ready_at
        due = deck.begins_at() + (self.faults.late_s if deck.start_at is not None else 0.0)
        if deck.sound is not None:
            due = min(self._runs_out_at(deck, deck.sound), self._breaks_at(deck, deck.sound))
        return min(due, deck.fade.settles_at if deck.stop_when_faded else math.inf)

    def _runs_out_at(self, deck: _Deck, sound: Sound) -> float:
        if deck.load.path in self.faults.endless or deck.load.live:
            return math.inf
        return sound.since + (deck.load.duration_s or 0.0) - deck.load.offset_s

    def _breaks_at(self, deck: _Deck, sound: Sound) -> float:
        place = self.faults.breaks_at.get(deck.load.path, math.inf)
        return sound.since + max(0.0, place - deck.load.offset_s)

    def _happen(self, deck: _Deck, at: float) -> None:
        sound = deck.sound
        if not deck.told_loaded:
            deck.told_loaded = True
            if deck.load.path in self.faults.unloadable:
                self._fail(deck, f"can't play {deck.load.path}", at)
            else:
                self._say(at, Loaded(deck.load.deck))
        elif deck.stop_when_faded and at >= deck.fade.settles_at:
            self._end(deck, at, complete=False)
        elif sound is None:
            self._begin(deck, at)
        elif at >= self._breaks_at(deck, sound):
            self._fail(deck, "broke off", at)
        else:
            self._end(deck, at, complete=True)

    def _begin(self, deck: _Deck, at: float) -> None:
        load = deck.load
        deck.sound = Sound(
            load.deck, load.bus, load.path, at, load.offset_s, deck.gain, deck.fade, self._ducks[load.bus]
        )
        if load.fade_in_s:
            deck.fade.fade_in(at, load.fade_in_s)
        self.tape.sounds.append(deck.sound)
        self._say(at, Started(load.deck, at))

    def _end(self, deck: _Deck, at: float, *, complete: bool) -> None:
        self._drop(deck, at)
        if deck.sound is not None:
            played_s = at - deck.sound.since
            event = Ended(deck.load.deck, at, complete, played_s)
            self._say(at, event, END_SPEAK_S if complete else SPEAK_S)

    def _fail(self, deck: _Deck, reason: str, at: float) -> None:
        self._drop(deck, at)
        self._say(at, Failed(deck.load.deck, reason, at - deck.sound.since if deck.sound else 0.0))

    def _drop(self, deck: _Deck, at: float) -> None:
        if deck.sound is not None:
            deck.sound.until = min(deck.sound.until, at)
        del self._decks[deck.load.deck]
        self._gone.add(deck.load.deck)

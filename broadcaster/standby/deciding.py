"""Two PCs at one amplifier: which of them sounds. Pure: what each does next, by what it knows of itself and the other.

The main PC has the air. The second runs the same programme unheard, and takes over when no sign of sound comes from
the main one. A main PC that comes back stays silent until the two have agreed on an instant. Neither is told what to
do: each says what it is doing, several times a second, and does what follows. A lost word costs a moment of silence,
never two voices.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from broadcaster.playout.gate import Gate

Role = Literal["main", "second"]

Calling = Literal["", "live", "emergency"]
"""Whether somebody speaks live or an emergency is on air. In the order of what goes before what."""

ASK_S = 2.5
"""A main PC that starts asks so long whether the other is on air; nobody answering, it begins."""

FRESH_S = 1.5
"""A word older than this is no promise any more."""

PROPOSE = timedelta(seconds=8)
"""The least time from proposing an instant to it."""

AGREE = timedelta(seconds=4.5)
"""The instant must be agreed this long before: what nobody hears yet begins to play then."""

START_S = 20.0
"""After a power cut both start: the second gives the main PC so long to come up."""

SILENT_S = 1.0
"""The main PC must say for so long that it can't be heard."""

HEARS_S = 30.0
"""A main PC that gave the air away because it was silent takes it back when its ear heard the output for so long,"""

YIELDS = 3
"""but not more often than so within an hour."""

READY_S = 3.0
"""A main PC that came back is ready for so long before it asks for the air."""


@dataclass(frozen=True, slots=True)
class Word:
    """What one PC says of itself. Instants by its own station's clock."""

    role: Role
    boot: str
    """Another at each start."""
    now: datetime
    on_air: bool
    """Whether its gate is open."""
    ready: bool
    """Whether it could sound: an engine, a plan."""
    trouble: str = ""
    """Why it can't be heard though it should be: ``silent``, ``engine``, ``conductor``; empty otherwise."""
    opens_at: datetime | None = None
    """The main PC would open then, if the second closes."""
    closes_at: datetime | None = None
    """The second closes then: what it agreed to, in the main PC's words."""
    mark: str = ""
    """Another when something is to be fetched."""
    calling: Calling = ""
    """Whether somebody is called on this PC: that goes before who of the two has the air."""


@dataclass(frozen=True, slots=True)
class Heard:
    """The other's last word, and when it came (monotonic seconds of the hearer)."""

    word: Word
    at: float


@dataclass(frozen=True, slots=True)
class Own:
    """What a PC knows of itself."""

    ready: bool
    trouble: str = ""
    hears: bool = False
    """Whether its ear hears the output: a device that was away is there again, a mute was lifted."""
    calling: Calling = ""
    """What is called: it is ended by nobody but who called."""
    mute: bool = False
    """Whether it could not be heard whatever it played: muted, or without an output."""


Instant = Callable[[datetime], datetime | None]
"""The best instant to change over, not before the given one; None while there is none."""


_RANKS: dict[Calling, int] = {"": 0, "live": 1, "emergency": 2}


def _before(one: Calling, other: Calling) -> bool:
    """Whether one call goes before another, the main PC's or the second's."""
    return _RANKS[one] > _RANKS[other]


class MainPc:
    """The main PC's part. To be used by one thread at a time."""

    def __init__(self, mono: float) -> None:
        self._started = mono
        self._ready_since: float | None = None
        self._yielded_for = ""
        """Why it gave the air away, where it had it: then it takes it back after a while, or when told to."""
        self._yielded_at: list[float] = []
        self._hears_since: float | None = None
        self.state: Literal["asking", "on-air", "yielded"] = "asking"
        self.opens_at: datetime | None = None
        self.gate = Gate(open=False)

    def turn(
        self, now: datetime, mono: float, own: Own, other: Heard | None, failures: int, after_s: float, best: Instant
    ) -> Gate:
        """What this PC's gate is to be. ``failures``: askings in a row that nobody answered, since the start."""
        fresh = other.word if other is not None and mono - other.at <= FRESH_S else None
        if not own.ready:
            self._ready_since = None
        elif self._ready_since is None:
            self._ready_since = mono
        gone = other is None or mono - other.at > after_s
        called = fresh is not None and fresh.on_air and not fresh.trouble and _before(fresh.calling, own.calling)
        if (turns_at := self.gate.turns_at) is not None:
            if called and now < turns_at:
                # What is called there is said to its end first.
                self.gate, self.opens_at = Gate(open=False), None
                return self.gate
            # Nobody waits for an instant that was agreed with one who is no longer there.
            if now >= turns_at or gone or (fresh is not None and not fresh.on_air):
                self._open()
            return self.gate
        if self.state == "asking":
            if fresh is not None:
                self._yield("") if fresh.on_air else self._open()
            elif failures >= 2 or mono - self._started > ASK_S:
                self._open()
        elif self.state == "on-air":
            if called:
                # Both have the air, and something is called there: no music under it.
                self._yield("")
            elif fresh is not None and fresh.on_air and own.trouble:
                # It has the air because we are not heard; where we are by now, it sees so and gives way.
                self._yield(own.trouble)
                self._hears_since = None
                self._yielded_at = [*(at for at in self._yielded_at if mono - at < 3600), mono]
        elif gone or (fresh is not None and (not fresh.on_air or (fresh.trouble and own.hears))):
            # Whoever had the air has it no more, or is not heard.
            self._open()
        elif called:
            self.opens_at = None
        elif fresh is not None and self._may_be_heard(mono, own):
            self._take_back(now, mono, fresh, best)
        return self.gate

    def _may_be_heard(self, mono: float, own: Own) -> bool:
        if not self._yielded_for:
            return True
        if not own.hears:
            self._hears_since = None
        elif self._hears_since is None:
            self._hears_since = mono
        heard_s = mono - self._hears_since if self._hears_since is not None else 0.0
        # An engine or a program that is out of order is not known to be mended by what the ear says.
        if self._yielded_for == "silent" and len(self._yielded_at) <= YIELDS and heard_s >= HEARS_S:
            self._yielded_for = ""
        return not self._yielded_for

    def take_back(self) -> None:
        """Somebody says that this PC can be heard again."""
        self._yielded_for = ""

    @property
    def held(self) -> str:
        """Why it does not take the air back by itself; empty where it does."""
        return self._yielded_for if self.state == "yielded" else ""

    def _take_back(self, now: datetime, mono: float, other: Word, best: Instant) -> None:
        if self._ready_since is None or mono - self._ready_since < READY_S:
            self.opens_at = None
            return
        if self.opens_at is not None and self.opens_at - now >= AGREE and other.closes_at == self.opens_at:
            self.gate = Gate(open=False, turns_at=self.opens_at)
        elif self.opens_at is None or self.opens_at - now < AGREE:
            # The other did not agree in time.
            self.opens_at = best(now + PROPOSE)

    def _open(self) -> None:
        self.state, self.gate, self.opens_at, self._yielded_for = "on-air", Gate(), None, ""

    def _yield(self, reason: str) -> None:
        self.state, self.gate, self.opens_at, self._yielded_for = "yielded", Gate(open=False), None, reason


class SecondPc:
    """The second PC's part. To be used by one thread at a time; instants by its own clock, which follows the main's."""

    def __init__(self, mono: float, *, was_on_air: bool = False) -> None:
        self._started = mono
        self._patience_s = 0.0 if was_on_air else START_S
        self._silent_since: float | None = None
        self.state: Literal["standing-by", "on-air"] = "standing-by"
        self.why = ""
        """Why it took over."""
        self.closes_at: datetime | None = None
        self.gate = Gate(open=False)

    def turn(
        self, now: datetime, mono: float, own: Own, main: Heard | None, after_s: float, *, cut_off: bool,
        offset_s: float = 0.0,
    ) -> Gate:  # fmt: skip
        """What this PC's gate is to be. ``offset_s``: the main PC's clock less this one's."""
        fresh = main.word if main is not None and mono - main.at <= FRESH_S else None
        heard = fresh is not None and fresh.on_air and not fresh.trouble
        first = _before(own.calling, fresh.calling if fresh is not None and heard else "")
        if self.state == "on-air" and first:
            # Better the main PC's music under an emergency for a moment than an emergency cut off.
            self.gate, self.closes_at = Gate(), None
        elif self.state == "on-air":
            self._give_back(now, fresh, offset_s)
        elif (reason := self._reason(mono, main, after_s, cut_off=cut_off)) and own.ready and not (fresh and own.mute):
            # One that nobody would hear either leaves it to the main PC, which may be mended first.
            self.state, self.why, self.gate = "on-air", reason, Gate()
        return self.gate

    def _reason(self, mono: float, main: Heard | None, after_s: float, *, cut_off: bool) -> str:
        if main is None or mono - main.at >= after_s:
            last = main.at if main is not None else self._started
            patience_s = after_s if main is not None else max(after_s, self._patience_s)
            # One that can't reach anybody knows nothing of the main PC either.
            return "no-sign" if mono - last >= patience_s and not cut_off else ""
        word = main.word
        silent = bool(word.trouble) if word.on_air else not self._will_open(word)
        if not silent:
            self._silent_since = None
            return ""
        if self._silent_since is None:
            self._silent_since = mono
        # A main PC that is just starting has not the air yet, and is given time for it.
        limit_s = SILENT_S if word.on_air else after_s + ASK_S
        return (word.trouble or "not-on-air") if mono - self._silent_since >= limit_s else ""

    @staticmethod
    def _will_open(word: Word) -> bool:
        return word.opens_at is not None and word.opens_at - word.now < PROPOSE

    def _give_back(self, now: datetime, main: Word | None, offset_s: float) -> None:
        if self.gate.turns_at is not None:
            if now >= self.gate.turns_at:
                self._stand_by()
            return
        if main is None:
            return
        if main.on_air and not main.trouble:
            # It sounds: two voices are worse than anything.
            self._stand_by()
        elif main.opens_at is not None and main.opens_at - main.now >= AGREE:
            self.closes_at = main.opens_at
            self.gate = Gate(open=True, turns_at=main.opens_at - timedelta(seconds=offset_s))

    def _stand_by(self) -> None:
        self.state, self.gate, self.why, self._silent_since = "standing-by", Gate(open=False), "", None
        self.closes_at = None

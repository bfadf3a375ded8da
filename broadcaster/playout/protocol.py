"""What the conductor and the engine say to each other: one JSON object a line over the child's pipes.

Standard library only: the engine process imports this and must stay small.

Instants (``at``) are seconds of :data:`broadcaster.clock.monotonic`, which both processes share. Gains are dB
relative to the prepared recording (0 dB is as recorded; never above 0). ``at = None`` means as soon as possible.
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass, field, fields
from typing import Any, ClassVar, Literal, TypeVar

from broadcaster.errors import ProtocolError

_M = TypeVar("_M")

Bus = Literal["bed", "voice", "call"]
"""``call`` carries emergencies and live pages: no duck and no mute of the others touches it."""

SILENT_DB = -120.0
"""Gains at or below this are silence."""


OUTPUT_GONE = "the sound output can't be opened"
"""Reason of a ``Failed`` that is not the recording's fault."""


# --- conductor to engine ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Load:
    """Prepare a recording on a new deck, paused at ``offset_s``; answered by ``Loaded`` or ``Failed``."""

    op: ClassVar[str] = "load"
    deck: str
    bus: Bus
    path: str
    gain_db: float
    offset_s: float = 0.0
    duration_s: float | None = None
    """Length of the whole recording: an end that comes far from it is a fault."""
    fade_in_s: float = 0.0
    """Linear in amplitude, from silence, beginning at the start."""
    live: bool = False
    """``path`` is the address of a stream without a length: its end is the stream's end, and no fault."""


@dataclass(frozen=True, slots=True)
class Start:
    """Let a loaded deck sound, its first sample at ``at``; answered by ``Started``.

    Sent again with another ``at`` before the start, the later word holds. A deck that is not loaded in time
    starts as soon as it is.
    """

    op: ClassVar[str] = "start"
    deck: str
    at: float | None = None


@dataclass(frozen=True, slots=True)
class Fade:
    """From ``at`` on, bring the deck's fade to ``to`` (amplitude 0..1, linear) within ``duration_s``.

    With ``stop`` the deck ends when the fade is over (answered by ``Ended``). A later Fade replaces an earlier one.
    """

    op: ClassVar[str] = "fade"
    deck: str
    to: float
    duration_s: float
    at: float | None = None
    stop: bool = False


@dataclass(frozen=True, slots=True)
class Stop:
    """End a deck at once; a deck that never started goes without a word, one that sounded answers ``Ended``."""

    op: ClassVar[str] = "stop"
    deck: str


@dataclass(frozen=True, slots=True)
class Gain:
    """Bring a deck's own gain to ``gain_db``, linear in dB, within ``duration_s`` from now."""

    op: ClassVar[str] = "gain"
    deck: str
    gain_db: float
    duration_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Duck:
    """From ``at`` on, bring every deck of a bus, present and to come, to ``gain_db`` on top of its own gain.

    Linear in dB within ``duration_s``. ``SILENT_DB`` or less mutes. A later Duck replaces an earlier one; one still
    to come waits for its ``at`` while the present one holds.
    """

    op: ClassVar[str] = "duck"
    bus: Bus
    gain_db: float
    duration_s: float
    at: float | None = None


@dataclass(frozen=True, slots=True)
class Quit:
    """Stop everything and leave."""

    op: ClassVar[str] = "quit"


# --- engine to conductor ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Hello:
    """The engine is ready."""

    ev: ClassVar[str] = "hello"
    pid: int
    player: str
    """Version of the player library."""
    output: str
    """Name of its audio output module."""


@dataclass(frozen=True, slots=True)
class Beat:
    """Sent several times a second by the thread that calls the player: silence means that a call hangs."""

    ev: ClassVar[str] = "beat"
    at: float
    decks: dict[str, float] = field(default_factory=dict)
    """Playback position, in seconds, of each deck that sounds, by the engine's own clock."""
    rss_mb: float = 0.0


@dataclass(frozen=True, slots=True)
class Loaded:
    """The deck is prepared and waits for its start."""

    ev: ClassVar[str] = "loaded"
    deck: str


@dataclass(frozen=True, slots=True)
class Started:
    """The deck was released so that its first sample sounds at ``at``."""

    ev: ClassVar[str] = "started"
    deck: str
    at: float


@dataclass(frozen=True, slots=True)
class Ended:
    """The deck sounds no more. ``complete`` tells whether it reached the end of its recording."""

    ev: ClassVar[str] = "ended"
    deck: str
    at: float
    complete: bool
    played_s: float


@dataclass(frozen=True, slots=True)
class Failed:
    """The deck can't play, or broke off; it is gone."""

    ev: ClassVar[str] = "failed"
    deck: str
    reason: str
    played_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Stalled:
    """The engine itself was not run for ``gap_s`` (a stopped process, a sleeping machine): what sounds is late."""

    ev: ClassVar[str] = "stalled"
    gap_s: float


@dataclass(frozen=True, slots=True)
class Complaint:
    """A command that the engine could not follow, in words, for the log."""

    ev: ClassVar[str] = "complaint"
    text: str


Command = Load | Start | Fade | Stop | Gain | Duck | Quit
Event = Hello | Beat | Loaded | Started | Ended | Failed | Stalled | Complaint

_COMMANDS: dict[str, type[Command]] = {kind.op: kind for kind in (Load, Start, Fade, Stop, Gain, Duck, Quit)}
_EVENTS: dict[str, type[Event]] = {
    kind.ev: kind for kind in (Hello, Beat, Loaded, Started, Ended, Failed, Stalled, Complaint)
}


def encode(message: Command | Event) -> bytes:
    """One line, newline included."""
    tag = {"op": message.op} if isinstance(message, Command) else {"ev": message.ev}
    return json.dumps({**tag, **asdict(message)}, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def decode_command(line: bytes) -> Command:
    """The command on a line. Raises ``ProtocolError`` with the line in its text."""
    return _decode(line, "op", _COMMANDS)


def decode_event(line: bytes) -> Event:
    """The event on a line. Raises ``ProtocolError`` with the line in its text."""
    return _decode(line, "ev", _EVENTS)


def _decode(line: bytes, tag: str, kinds: dict[str, type[_M]]) -> _M:
    try:
        values: dict[str, Any] = json.loads(line)
        kind = kinds[values.pop(tag)]
        specs = {spec.name: spec.type for spec in fields(kind)}  # type: ignore[arg-type]
        known = {name: value for name, value in values.items() if name in specs}
        for name, value in known.items():
            _check(name, value, str(specs[name]))
        return kind(**known)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ProtocolError(f"not a message: {line[:200]!r} ({error!r})") from error


_NUMBERS = (int, float)


def _check(name: str, value: object, annotation: str) -> None:
    """Refuse a value of the wrong type or that is not finite: in the engine it would do its harm much later."""
    match annotation:
        case "float | None" if value is None:
            fits = True
        case "float" | "float | None" | "int":
            fits = isinstance(value, _NUMBERS) and not isinstance(value, bool) and math.isfinite(value)
        case "bool":
            fits = isinstance(value, bool)
        case "str" | "Bus":
            fits = isinstance(value, str)
        case _:
            fits = isinstance(value, dict)
    if not fits:
        raise ValueError(f"{name} is {value!r}, which is no {annotation}")

"""What the ear's process and the daemon say to each other: one JSON object a line, as with the engine.

Standard library only. Instants are of :data:`broadcaster.clock.monotonic`, levels dBFS of the samples themselves
(a full-scale sine has an RMS of -3.01), powers those of BS.1770 (sum of the channels' K-weighted mean squares).
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar, TypeVar

from broadcaster.errors import ProtocolError
from broadcaster.playout.hearing import EarState, Match

FLOOR_DB = -120.0

LONGEST_LINE = 1_000_000
"""Bytes; no message comes near it."""


# --- the ear to the daemon -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Block:
    """100 ms of what was heard."""

    ev: ClassVar[str] = "block"
    end: float
    rms: float
    peak: float
    k: float
    clipped: bool = False
    onset: float | None = None
    """When its first sample above the threshold sounded, if the block before was silent."""


@dataclass(frozen=True, slots=True)
class State:
    """Whether the device is heard; said at each change, and twice a second while it is not."""

    ev: ClassVar[str] = "state"
    ear: EarState
    device: str = ""
    """The output that is listened to, by the sound system's own name."""
    opened: int = 0
    reason: str = ""
    rss_mb: float = 0.0
    gone: bool = False
    """Whether there is nothing to play to: what the player says of its sound is not heard by anybody."""


@dataclass(frozen=True, slots=True)
class Matched:
    """One comparison of what is heard with what should sound."""

    ev: ClassVar[str] = "matched"
    at: float
    """End of the compared stretch."""
    match: Match
    explained: float = 0.0
    """How much of the power that is heard is what we play, 0..1."""
    level_db: float | None = None
    """How much louder (positive) than expected ours is heard."""
    found: Mapping[str, float] = field(default_factory=dict)
    """Those of the expected that were found, and by how many seconds later than expected they sound."""
    whole: bool = True
    """Whether all that should sound could be compared: otherwise ``explained`` says nothing."""


@dataclass(frozen=True, slots=True)
class Volume:
    """The system's volume of the device that is listened to."""

    ev: ClassVar[str] = "volume"
    device: str
    percent: float
    muted: bool
    restored: bool = False
    """Whether it was set back just now."""


@dataclass(frozen=True, slots=True)
class Devices:
    """The outputs that there are: the sound system's names and what people call them."""

    ev: ClassVar[str] = "devices"
    outputs: Mapping[str, str]
    default: str = ""


@dataclass(frozen=True, slots=True)
class PartSays:
    """A part of the ear's process that isn't the ear itself (the air check) says something."""

    ev: ClassVar[str] = "part"
    part: str
    values: Mapping[str, Any]


# --- the daemon to the ear -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Listen:
    """Which output is listened to; ``default`` follows the system's."""

    op: ClassVar[str] = "listen"
    device: str
    threshold_db: float = -60.0


@dataclass(frozen=True, slots=True)
class Expected:
    """A recording that should sound."""

    id: str
    path: str
    start: float
    """When its first sample sounds, or would have."""
    gain_db: float
    since: float
    """From when on it can be heard: later than ``start`` if it was joined late."""
    until: float | None = None
    """Until when it could be heard, if it is over."""


@dataclass(frozen=True, slots=True)
class Expect:
    """All that should sound now."""

    op: ClassVar[str] = "expect"
    items: tuple[Expected, ...] = ()
    partial: bool = False
    """Whether something else of ours sounds as well that can't be compared."""


@dataclass(frozen=True, slots=True)
class KeepVolume:
    """Whether the system's volume is set back, and to what percentage; None is what it was at first."""

    op: ClassVar[str] = "volume"
    keep: bool
    percent: float | None = None


@dataclass(frozen=True, slots=True)
class PartOrder:
    """An order to a part of the ear's process: see :mod:`broadcaster.ear.sinks`."""

    op: ClassVar[str] = "part"
    part: str
    values: Mapping[str, Any]


Told = Block | State | Matched | Volume | Devices | PartSays
Order = Listen | Expect | KeepVolume | PartOrder

_TOLD: dict[str, type[Told]] = {kind.ev: kind for kind in (Block, State, Matched, Volume, Devices, PartSays)}
_ORDERS: dict[str, type[Order]] = {kind.op: kind for kind in (Listen, Expect, KeepVolume, PartOrder)}

_M = TypeVar("_M")


def encode(message: Told | Order) -> bytes:
    """One line, newline included. Numbers that JSON has not become None."""
    tag = {"op": message.op} if isinstance(message, Order) else {"ev": message.ev}
    return json.dumps({**tag, **asdict(message)}, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def decode_told(line: bytes) -> Told:
    """What the ear said. Raises ``ProtocolError`` with the line in its text."""
    return _decode(line, "ev", _TOLD)


def decode_order(line: bytes) -> Order:
    """What the daemon ordered. Raises ``ProtocolError`` with the line in its text."""
    order = _decode(line, "op", _ORDERS)
    if isinstance(order, Expect):
        try:
            return Expect(tuple(Expected(**item) for item in order.items), order.partial)  # type: ignore[arg-type]
        except TypeError as error:
            raise ProtocolError(f"not a message: {line[:200]!r} ({error!r})") from error
    return order


def _decode(line: bytes, tag: str, kinds: Mapping[str, type[_M]]) -> _M:
    try:
        values: dict[str, Any] = json.loads(line)
        return kinds[values.pop(tag)](**values)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ProtocolError(f"not a message: {line[:200]!r} ({error!r})") from error


def to_db(amplitude: float) -> float:
    """20 log10, with a floor at :data:`FLOOR_DB`."""
    return max(FLOOR_DB, round(20 * math.log10(amplitude), 2)) if amplitude > 0 else FLOOR_DB

"""What the page needs of the air: the desk's hand on it, calls, the clock, and what is heard."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from datetime import date, datetime
    from pathlib import Path

    from broadcaster.air_check.record import Cut
    from broadcaster.air_check.room import RecordedDay
    from broadcaster.calls.live_page import Begun
    from broadcaster.calls.models import FireState, Prepared
    from broadcaster.playout.interventions import Intervention


class AirDesk(Protocol):
    """The desk's hand on the air; ``broadcaster/rooms/air_desk.py``. ``by`` is an account's name, ``where`` an address.

    ``Conflict`` when that is not what sounds any more, ``TooOften`` for too many deeds, ``UsageError`` for a number
    out of range (its text names the range), ``NotRunning`` while no plan is on air. The same deed again by the same
    person within 2 s returns the first. All end by themselves.
    """

    def holding(self) -> Sequence[Intervention]:
        """What holds now, oldest first; skips of spots still to come included."""
        ...

    def skip(self, what: Literal["spot", "track"], target: str, *, by: str, where: str) -> Intervention:
        """End a spot (its id, sounding or still to come today) or a track (``track.id`` of the status)."""
        ...

    def pause(self, minutes: float, *, by: str, where: str, reason: str = "") -> Intervention:
        """The bed fades out and comes back by itself (at most 60 minutes); spots go on."""
        ...

    def mute(self, minutes: float, *, by: str, where: str, reason: str = "") -> Intervention:
        """Nothing is heard (at most 60 minutes); time and log run on."""
        ...

    def stop(self, reason: str, *, by: str, where: str) -> Intervention:
        """Everything stops within half a second, until ended or the next day's programme begins."""
        ...

    def trim(self, level: str, dial: float, *, by: str, where: str) -> Intervention:
        """Another number of the dial for a level, inside its range, until the end of the day."""
        ...

    def play(self, kind: Literal["script", "notice"], ref: str, *, by: str, where: str) -> Intervention:
        """A script, or an approved notice (``notice-12``), once, now, at the next free place. May have to render."""
        ...

    def test_sound(self, gain_db: float, *, by: str, where: str) -> Intervention:
        """The calibration sound once, now, instead of the bed, at this gain to the reference: -40 to 0 dB."""
        ...

    def count(self, by: str) -> None:
        """One more deed of another kind, such as a call from a form. ``TooOften``."""
        ...

    def refuse_unheard(self) -> None:
        """``Conflict`` while everything is stopped or muted: what is put on air now nobody would hear."""
        ...

    def end(self, number: int, *, by: str, where: str) -> Intervention:
        """Take a deed back, or let go of what it holds; ``Conflict`` when there is nothing left to take back."""
        ...


class ClockOffice(Protocol):
    """Whether the PC's clock is believed; ``broadcaster/clock_trust.py``."""

    def confirm(self, by: str, where: str = "") -> bool:
        """Somebody says that the time is right; False if nobody doubted it."""
        ...


class Calls(Protocol):
    """Emergencies, the building's fire alarm, and people who speak live; ``broadcaster/calls/desk.py``.

    ``Conflict`` when it can't be now (its text says why), ``UsageError`` for what makes no sense, ``NotRunning`` while
    no plan is on air.
    """

    def emergencies(self) -> Sequence[Prepared]:
        """The prepared messages, in the order of the file."""
        ...

    def recordings(self, message: str) -> Sequence[Path]:
        """What is heard of a message, one file for each of its scripts; none where there is no recording."""
        ...

    def emergency(self) -> Intervention | None:
        """The emergency on air."""
        ...

    def calls(self) -> Sequence[Intervention]:
        """What holds now, oldest first: emergencies and whoever speaks."""
        ...

    def fire(self, closed: bool, source: str = "contact", *, by: str = ..., where: str = "") -> FireState:
        """What a source says of the building's fire alarm."""
        ...

    def fire_state(self) -> FireState: ...
    def call(self, message: str, reason: str, *, by: str, where: str) -> Intervention:
        """Everything else stops and the message is said over and over. The same again joins; another replaces it."""
        ...

    def end(self, reason: str = "", *, by: str, where: str) -> Intervention:
        """The emergency is over."""
        ...

    def live_begin(self, *, by: str, where: str) -> Begun:
        """Begin to speak: the chime sounds at once."""
        ...

    def live_chunk(self, number: int, n: int, samples: bytes, *, by: str) -> float:
        """The n-th piece: 16-bit mono at 48 kHz; the seconds that wait to be heard."""
        ...

    def live_end(self, number: int, *, by: str, where: str) -> None: ...


class LiveSound(Protocol):
    """The output as it is heard, MP3 frame by frame; to be closed by whoever asked for it."""

    def __iter__(self) -> Iterator[bytes]: ...
    def __next__(self) -> bytes: ...
    def close(self) -> None: ...


class AirRecord(Protocol):
    """The rolling recording of the air; ``broadcaster/air_check/room.py``."""

    def days(self) -> Sequence[date]:
        """The dates of which there is something, newest first."""
        ...

    def day(self, on: date) -> RecordedDay: ...
    def cut(self, start: datetime, end: datetime) -> Cut:
        """What was heard between two instants. ``UsageError`` for more than an hour."""
        ...

    def take(self, start: datetime, end: datetime, *, by: str, where: str) -> Cut:
        """The same for somebody who keeps it: it stands in the audit trail."""
        ...

    def listen(self) -> LiveSound:
        """What is heard now. ``NotRunning`` while the output can't be heard, ``TooOften`` while as many listen as
        may."""
        ...

"""Every error this program raises on purpose, in one tree.

    BroadcasterError
    ├── UsageError            the command or setting makes no sense (exit status 2)
    │   ├── FormError         a ready-made form was filled in wrongly; carries what is wrong with each blank
    │   ├── NoticeError       a notice can't be submitted, decided or changed so
    │   ├── Conflict          what was asked no longer fits what is there: somebody was quicker
    │   └── TooOften          the same again too soon; carries the seconds to wait
    ├── PlanError             the plan has faults; carries all of them
    ├── MediaError            a recording can't be read, decoded or measured
    ├── VoiceError            a text could not be spoken
    │   └── VoiceTimeout      the speech engine did not finish in time
    ├── WeatherError          the forecast can't be had
    ├── EngineError           the playout engine can't do what was asked
    │   ├── EngineGone        its process died or its pipe broke
    │   └── ProtocolError     a line on the pipe is not a message
    ├── StoreError            the database can't be opened, read or written
    │   ├── StoreConflict     a rule of the tables forbids the change
    │   └── StoreDamaged      the file is damaged; carries its path
    ├── SoundError            the sound system can't be asked, or has no such device
    │   ├── NoLoopback        what plays there can't be listened to
    │   └── OutputGone        there is nothing to play to: no sound server, or no device
    ├── BackupError           a backup can't be written, or is not what it says
    ├── PaperError            a document to print could not be made
    ├── ArchiveError          what left the database can't be written or read
    ├── ServiceError          the machine does not take the daemon as its service
    ├── AlreadyRunning        another daemon holds this home
    └── NotRunning            no daemon answers for this home

Vendors' errors are translated where the vendor is called, so that nobody else needs to know the vendor.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from broadcaster.plan.faults import Fault


class BroadcasterError(Exception):
    """Base of all errors raised on purpose; its text is meant for people."""


class UsageError(BroadcasterError):
    """What was asked for makes no sense as asked."""


class FormError(UsageError):
    """A ready-made form was filled in wrongly. ``blanks`` says of each wrong blank why, in Chinese and English."""

    def __init__(self, form: str, blanks: Mapping[str, tuple[str, str]]) -> None:
        self.blanks = dict(blanks)
        super().__init__(f"{form}: " + "; ".join(f"{name}: {zh} / {en}" for name, (zh, en) in blanks.items()))


class NoticeError(UsageError):
    """A notice can't be submitted, decided or changed so; the text names its state and who asked."""


class Conflict(UsageError):
    """What was asked no longer fits what is there: somebody else was quicker, or it is over."""


class TooOften(UsageError):
    """Too many deeds in a short time. ``wait_s`` is when to try again."""

    def __init__(self, words: str, wait_s: float) -> None:
        self.wait_s = wait_s
        super().__init__(words)


class PlanError(BroadcasterError):
    """The plan has faults. ``faults`` holds every one of them, not just the first."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(str(fault) for fault in self.faults))


class MediaError(BroadcasterError):
    """A recording can't be used; the text names the file and the reason."""


class VoiceError(BroadcasterError):
    """A text could not be spoken; the text names the engine and the reason."""


class VoiceTimeout(VoiceError):
    """The speech engine did not finish within its time limit and was ended."""


class WeatherError(BroadcasterError):
    """The forecast can't be had; the text names the provider's host and the reason."""


class EngineError(BroadcasterError):
    """The playout engine can't do what was asked of it."""


class EngineGone(EngineError):
    """The engine process died, or the pipe to it broke."""


class ProtocolError(EngineError):
    """A line on the engine's pipe is not a message of the protocol."""


class StoreError(BroadcasterError):
    """The database can't be opened, read or written; the text names it and the reason."""


class StoreConflict(StoreError):
    """A rule of the tables forbids the change: something is there already, or refers to what is not there."""


class StoreDamaged(StoreError):
    """The database file's content can't be what was written. ``path`` can be set aside, to go on with a new one."""

    def __init__(self, path: Path, complaint: str) -> None:
        self.path = path
        super().__init__(f"{path}: the database file is damaged ({complaint})")


class SoundError(BroadcasterError):
    """The sound system can't be asked, or has no such device; the text names it."""


class NoLoopback(SoundError):
    """The output may be there, but what it plays can't be listened to; the text names it and the reason."""


class OutputGone(SoundError):
    """There is nothing to play to: the sound server is away, or the machine has no output left."""


class BackupError(BroadcasterError):
    """A backup can't be written or read, or is not what it says."""


class PaperError(BroadcasterError):
    """A document to print could not be made."""


class ArchiveError(BroadcasterError):
    """The archive can't be written or read, or is not what it says; the text names the file."""


class ServiceError(BroadcasterError):
    """The machine does not take the daemon as its service; the text says what it complained of."""


class AlreadyRunning(BroadcasterError):
    """Another daemon runs on this home; two would speak over each other."""


class NotRunning(BroadcasterError):
    """No daemon answers for this home."""

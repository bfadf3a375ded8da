"""What pages are told of playlists, uploads and scripts: plain frozen values, without files or locks behind them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from broadcaster.plan.models import Names, Script

UploadState = Literal["checking", "kept", "refused"]


@dataclass(frozen=True, slots=True)
class Use:
    """Where something is used: in a ``spot``, a ``rotation``, after a spot (``follows``), for the ``weather``, under a
    ``daypart``, or on one ``date``.
    """

    kind: str
    id: str
    title: Names


@dataclass(frozen=True, slots=True)
class TrackSheet:
    """One track of a playlist."""

    key: str
    """Names the track within its playlist, whatever its place."""
    title: str
    file: str
    """Relative to the home folder with ``/``, as the plan's other files are named."""
    duration_s: float | None = None
    """This and what follows are None while it is not measured, or can't be."""
    loudness_lufs: float | None = None
    """Integrated loudness (EBU R 128) of the file as it came."""
    true_peak_db: float | None = None
    """True peak of the file as it came, dBTP."""
    gain_db: float | None = None
    """What brings it to the house's reference."""
    fault: Names | None = None
    """Why it can't be played, in words for people."""

    @property
    def measured(self) -> bool:
        """Whether it is known how it sounds, or that it does not."""
        return self.fault is not None or self.duration_s is not None


@dataclass(frozen=True, slots=True)
class PlaylistSheet:
    """One playlist with its tracks, in the order in which they play when they are not shuffled."""

    id: str
    file: str
    """The folder, or the ``.m3u8``."""
    tag: str
    """Changes with the files, their order and their titles: an order given to another tag is refused."""
    tracks: tuple[TrackSheet, ...]
    used_by: tuple[Use, ...] = ()
    """The dayparts that draw on it."""
    from_list: bool = False
    """Whether an ``.m3u8`` names the tracks one by one."""

    @property
    def duration_s(self) -> float:
        """Seconds of what is measured."""
        return sum(track.duration_s or 0.0 for track in self.tracks)

    @property
    def faults(self) -> int:
        """How many tracks can't be played."""
        return sum(track.fault is not None for track in self.tracks)

    @property
    def waiting(self) -> int:
        """How many are not measured yet."""
        return sum(not track.measured for track in self.tracks)


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that somebody sent, from its arrival to the verdict. ``reason`` says why it was refused."""

    id: str
    name: str
    """As the sender named it, made safe."""
    place: str
    """Where it is to lie: a folder relative to the home folder."""
    state: UploadState
    who: str
    at: datetime
    reason: Names | None = None
    file: str = ""
    """Where it lies, once it is kept."""
    duration_s: float | None = None


@dataclass(frozen=True, slots=True)
class Binned:
    """A recording that was taken out and can be put back."""

    id: str
    playlist: str
    title: str
    file: str
    who: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ScriptSheet:
    """One script as its file says it, and what becomes of it."""

    id: str
    script: Script
    file: str
    used_by: tuple[Use, ...] = ()
    next_at: datetime | None = None
    """Next airing, today or tomorrow."""
    duration_s: float | None = None
    """One airing; None while it is not rendered."""
    faults: tuple[Names, ...] = ()

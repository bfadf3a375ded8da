"""What the pages of scripts and playlists may ask for. The daemon brings it; called from several threads.

``UsageError`` and its kin in words for people where something asked for can't be.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Protocol

from broadcaster.plan.models import Script
from broadcaster.rooms.media_sheets import Binned, PlaylistSheet, ScriptSheet, Upload

if TYPE_CHECKING:
    from broadcaster.voice.reading.model import Reading


class MediaRoom(Protocol):
    """Playlists, chimes and recordings by people. ``who`` is the account, ``where`` the address."""

    upload_bytes: int
    """The most that one file may have."""

    def playlists(self) -> Sequence[PlaylistSheet]: ...
    def playlist(self, name: str) -> PlaylistSheet:
        """``UsageError`` if there is none of that name."""
        ...

    def track_sound(self, name: str, key: str) -> Path:
        """The prepared recording of a track, as it airs. ``UsageError`` while there is none."""
        ...

    def make_playlist(self, name: str, *, who: str, where: str) -> PlaylistSheet: ...
    def drop_playlist(self, name: str, *, who: str, where: str) -> None:
        """``Conflict`` while a daypart draws on it."""
        ...

    def order(self, name: str, keys: Sequence[str], *, tag: str, who: str, where: str) -> PlaylistSheet:
        """Give the tracks this order. ``Conflict`` when the playlist is not the one of ``tag`` any more."""
        ...

    def rename(self, name: str, key: str, title: str, *, who: str, where: str) -> PlaylistSheet: ...
    def remove(self, name: str, key: str, *, who: str, where: str) -> Binned:
        """Take a track out; it is kept for a while, to be put back. ``Conflict`` if it was the last of one in use."""
        ...

    def put_back(self, binned: str, *, who: str, where: str) -> Binned: ...
    def bin(self, name: str | None = None) -> Sequence[Binned]:
        """What was taken out and can be put back, the latest first."""
        ...

    def receive(self, stream: IO[bytes], name: str, place: str, *, length: int | None, who: str, where: str) -> Upload:
        """Take a file in and have it checked. ``place``: ``playlists/<id>``, ``chimes`` or ``recordings``."""
        ...

    def uploads(self, place: str | None = None) -> Sequence[Upload]:
        """The latest, newest first."""
        ...

    def upload(self, number: str) -> Upload:
        """``UsageError`` if it is not known (any more)."""
        ...

    def cancel(self, number: str, *, who: str, where: str) -> None:
        """Give up an upload that is being checked; nothing of it remains."""
        ...

    def chimes(self) -> Sequence[str]:
        """Names of the chimes."""
        ...

    def recordings(self) -> Sequence[str]:
        """Recordings that a script may name, relative to ``announcements/``."""
        ...


class ScriptRoom(Protocol):
    """The scripts: what they say, where they are used, how they sound."""

    def scripts(self) -> Sequence[ScriptSheet]: ...
    def script(self, name: str) -> ScriptSheet:
        """``UsageError`` if there is none of that name."""
        ...

    def read(self, script: Script) -> Reading | None:
        """How it will be read; None for a recording. ``VoiceError`` when nothing can read."""
        ...

    def hear(self, script: Script) -> Path:
        """A WAV of it exactly as it would air. ``VoiceError`` or ``MediaError`` when it can't be made."""
        ...

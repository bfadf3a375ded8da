"""What the second PC has from the main one: the plan's files, recordings, music, and what was spoken ready for air."""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from broadcaster.backup import FOLDERS, ready_for_air
from broadcaster.errors import BroadcasterError
from broadcaster.settings import Home
from broadcaster.standby.link import LinkClient, LinkError

log = logging.getLogger(__name__)

_ORDER = ("var/media/", "var/recordings/", "playlists/", "announcements/", "config/")
"""What a plan names is there before the plan names it."""
_OURS = ("config", "announcements", "playlists")
"""Where a file that the main PC has no more goes aside."""


@dataclass(frozen=True, slots=True)
class _Known:
    size: int
    mtime_ns: int
    sha256: str


class FileList:
    """The files of a home with their hashes; each is read once. May be shared by threads."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._known: dict[str, _Known] = {}
        self._lock = threading.Lock()
        self.names: frozenset[str] = frozenset()
        """Those of the last :meth:`all`."""

    def mark(self) -> str:
        """Another when a file came, went, or was written; reads none."""
        digest = hashlib.sha256()
        for name, path in self._files():
            try:
                found = path.stat()
            except OSError:
                continue
            digest.update(f"{name}:{found.st_size}:{found.st_mtime_ns}\n".encode(errors="replace"))
        return digest.hexdigest()[:16]

    def all(self) -> dict[str, dict[str, Any]]:
        """Size in bytes and SHA-256 by name."""
        found: dict[str, dict[str, Any]] = {}
        for name, path in self._files():
            known = self.of(name, path)
            if known is not None:
                found[name] = {"size": known.size, "sha256": known.sha256}
        self.names = frozenset(found)
        return found

    def of(self, name: str, path: Path) -> _Known | None:
        """One file; None for one that can't be read."""
        try:
            stat = path.stat()
            with self._lock:
                known = self._known.get(name)
            if known is not None and (known.size, known.mtime_ns) == (stat.st_size, stat.st_mtime_ns):
                return known
            with path.open("rb") as stream:
                known = _Known(stat.st_size, stat.st_mtime_ns, hashlib.file_digest(stream, "sha256").hexdigest())
        except OSError:
            return None
        with self._lock:
            self._known[name] = known
        return known

    def _files(self) -> Iterator[tuple[str, Path]]:
        for folder in FOLDERS:
            for root, folders, names in os.walk(self._home.root / folder):
                folders[:] = sorted(name for name in folders if not name.startswith("."))
                for name in sorted(names):
                    path = Path(root, name)
                    if not name.startswith(".") and path.is_file():
                        yield path.relative_to(self._home.root).as_posix(), path
        for name in ready_for_air(self._home):
            yield name, self._home.root / name


class Follower:
    """Brings this home's files to what the main PC has. To be used by one thread."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._files = FileList(home)
        self._work = home.var / "standby"

    def follow(self, link: LinkClient, wanted: Mapping[str, Mapping[str, Any]]) -> int:
        """Fetch what differs, then exchange it; how many files changed. Raises ``LinkError``, ``OSError``."""
        names = [name for name in wanted if _is_ours(name)]
        names.sort(key=lambda name: next((place for place, head in enumerate(_ORDER) if name.startswith(head)), 0))
        fresh = [name for name in names if self._differs(name, wanted[name])]
        incoming = self._work / "incoming"
        shutil.rmtree(incoming, ignore_errors=True)
        incoming.mkdir(parents=True, exist_ok=True)
        for place, name in enumerate(fresh):
            link.fetch(f"/file/{name}", incoming / str(place), str(wanted[name]["sha256"]), int(wanted[name]["size"]))
        for place, name in enumerate(fresh):
            final = self._home.root / name
            final.parent.mkdir(parents=True, exist_ok=True)
            (incoming / str(place)).replace(final)
        gone = self._put_aside(frozenset(names))
        if fresh or gone:
            log.info("from the main PC: %d files came, %d went", len(fresh), gone)
        return len(fresh) + gone

    def _differs(self, name: str, wanted: Mapping[str, Any]) -> bool:
        path = self._home.root / name
        if name.startswith("var/media/") and path.is_file():
            # Named by what is in it.
            return name.endswith(".wav") and path.stat().st_size != int(wanted["size"])
        known = self._files.of(name, path)
        return known is None or known.sha256 != wanted["sha256"]

    def _put_aside(self, names: frozenset[str]) -> int:
        if not any(name.startswith("config/") for name in names):
            raise LinkError("the main PC has no plan; nothing is taken away here")
        there = {str(PurePosixPath(name).parent) for name in names}
        gone = 0
        for folder in _OURS:
            for root, _, files in os.walk(self._home.root / folder):
                for one in files:
                    path = Path(root, one)
                    name = path.relative_to(self._home.root).as_posix()
                    # A whole folder of music that went may be a disk of the main PC's that died: just then ours is
                    # wanted.
                    lost = folder == "playlists" and str(PurePosixPath(name).parent) not in there
                    if name not in names and not one.startswith(".") and not lost:
                        aside = self._work / "put-aside" / name
                        aside.parent.mkdir(parents=True, exist_ok=True)
                        path.replace(aside)
                        gone += 1
        return gone


def _is_ours(name: str) -> bool:
    """The main PC is believed much, but not that it may write anywhere."""
    parts = PurePosixPath(name).parts
    inside = any(name.startswith(head) for head in _ORDER)
    return inside and ".." not in parts and "\\" not in name and ":" not in name


def fetch_list(link: LinkClient) -> dict[str, dict[str, Any]]:
    """The main PC's files. Raises ``LinkError``."""
    found = link.ask("/files", timeout_s=120.0).get("files")
    if not isinstance(found, dict):
        raise LinkError("the main PC told no files")
    return found


Troubles = (BroadcasterError, OSError, ValueError, KeyError, TypeError)
"""What another PC, or the disk, may do wrong."""

"""The sources one after another, until all files are there and right."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from broadcaster.errors import BroadcasterError, UsageError
from broadcaster.voice.fetch.catalogue import Catalogue, FileSpec, load_catalogue
from broadcaster.voice.fetch.download import FetchError, Progress, is_right
from broadcaster.voice.fetch.sources import CatalogueSource, FolderSource, MirrorSource, Source

FROM_VARIABLE = "BROADCASTER_VOICES_FROM"
"""A folder or address that holds the files; goes before all others."""
MIRROR_VARIABLE = "BROADCASTER_VOICES_MIRROR"
"""An address, or a template with ``{name}``; goes before the official releases."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A source that did not give what it might have."""

    source: str
    reason: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.source}: {self.reason}; {self.remedy}"


@dataclass(frozen=True, slots=True)
class Installed:
    """How an installation went."""

    there: tuple[str, ...]
    """Files that were there already."""
    fetched: tuple[tuple[str, str], ...]
    """Files with the source that gave them."""
    failures: tuple[Failure, ...]
    """Sources that failed, also when another one helped."""
    missing: tuple[str, ...]
    """Files that could not be had."""


def sources(given: str | None = None, catalogue: Catalogue | None = None) -> list[Source]:
    """Where to look, in order: what is given, the environment's folder and mirror, then the catalogue's."""
    found: list[Source] = []
    places = [given, os.environ.get(FROM_VARIABLE), os.environ.get(MIRROR_VARIABLE)]
    for place in dict.fromkeys(place for place in places if place):
        is_address = place.startswith(("http://", "https://"))
        found.append(MirrorSource(place) if is_address else FolderSource(Path(place).absolute()))
    if given and isinstance(found[0], FolderSource) and not found[0].path.is_dir():
        raise UsageError(f"没有文件夹 {given} / there is no folder {given}")
    return [*found, *(CatalogueSource(spec) for spec in (catalogue or load_catalogue()).sources)]


def install(
    folder: Path,
    name: str | None = None,
    *,
    progress: Progress = lambda name, done, of: None,
    given: str | None = None,
    catalogue: Catalogue | None = None,
) -> Installed:
    """Bring a kit, or one voice, into ``folder``; what is there and right stays.

    Raises ``UsageError`` for an unknown name, ``BroadcasterError`` when another installation is under way or the
    folder can't be written. Files that can't be had are in the answer, with each source's reason.
    """
    known = catalogue or load_catalogue()
    wanted = known.wanted(name)
    where = sources(given, known)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / ".installing", timeout=0):
            return _install(folder, [*wanted], where, progress)
    except Timeout:
        raise BroadcasterError(f"另一个安装正在进行 / another installation into {folder} is under way") from None
    except OSError as error:
        raise BroadcasterError(
            f"{folder} 写不进去 / can't be written ({error}); make room, or name another with BROADCASTER_VOICES"
        ) from error


def _install(folder: Path, wanted: list[FileSpec], where: Sequence[Source], progress: Progress) -> Installed:
    there = tuple(file.name for file in wanted if is_right(folder / file.name, file))
    left = [file for file in wanted if file.name not in there]
    fetched: list[tuple[str, str]] = []
    failures: list[Failure] = []
    for source in where:
        offered = [file for file in left if source.offers(file)]
        if not offered:
            continue
        try:
            source.bring(offered, folder, progress)
        except FetchError as error:
            failures.append(Failure(source.title, str(error), source.remedy))
        got = [file for file in offered if is_right(folder / file.name, file)]
        fetched += [(file.name, source.title) for file in got]
        left = [file for file in left if file not in got]
    if not left:
        shutil.rmtree(folder / "fetching", ignore_errors=True)
    return Installed(there, tuple(fetched), tuple(failures), tuple(file.name for file in left))

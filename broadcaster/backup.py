"""The store in one file: its plan, its database and its recordings; and back again.

A backup is a ZIP file that any program opens. ``manifest.json`` in it names every file with its SHA-256. What was
spoken for the plan and the notices is in it, ready for air, for a new PC would take minutes to speak it again; prepared
music and the neural voice are not. The playlists' audio is, unless left out. It holds passwords' hashes and keys: it is
readable to its owner only.

Putting one back is :mod:`broadcaster.restoring`.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import IO, Any

from pydantic import BaseModel, ConfigDict, ValidationError

from broadcaster.clock import SystemClock
from broadcaster.errors import BackupError
from broadcaster.plan.playlists import IGNORED_SUFFIXES
from broadcaster.publishing.good_plan import kept
from broadcaster.settings import Home
from broadcaster.store.copying import clips_in_use, copy_whole

FORMAT = 2
MANIFEST = "manifest.json"
DATABASE = "var/broadcaster.db"
KEY = "var/page.key"
FOLDERS = ("config", "announcements", "playlists", "var/recordings")
BLOCK = 1 << 20
_READY = re.compile(r"var/media/([0-9a-f]{16,128}\.(wav|json)|spoken/[0-9a-f]{16,128}\.json)")
"""What was spoken and is ready for air, with what is known of it."""


class Manifest(BaseModel):
    """What a backup says of itself."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    format: int
    made_at: datetime
    version: str
    music: bool
    """Whether the playlists' audio is in it."""
    files: dict[str, str]
    """SHA-256 by path relative to the home folder."""
    folders: tuple[str, ...] = ()
    """Folders of playlists: a playlist whose audio was left out is still one."""
    rows: Mapping[str, int] = {}
    """Rows of each table at the moment of which the database's copy is."""


def make_backup(home: Home, target: IO[bytes], *, music: bool = True, now: datetime | None = None) -> Manifest:
    """Write a backup into an open file; the daemon may run meanwhile. Raises ``BackupError`` and ``StoreError``."""
    found: dict[str, str] = {}
    rows: dict[str, int] = {}
    try:
        with tempfile.TemporaryDirectory(prefix="backup-") as work, zipfile.ZipFile(target, "w") as archive:
            for name, path in _files(home, music=music):
                found[name] = _put(archive, name, path)
            if home.database.exists():
                copy = Path(work) / "broadcaster.db"
                rows = copy_whole(home.database, copy)
                found[DATABASE] = _put(archive, DATABASE, copy)
            for name in ready_for_air(home):
                found[name] = _put(archive, name, home.root / name)
            manifest = Manifest(
                format=FORMAT, made_at=now or SystemClock().now(), version=_version(), music=music, files=found,
                folders=tuple(_playlist_folders(home)), rows=rows,
            )  # fmt: skip
            archive.writestr(MANIFEST, manifest.model_dump_json(indent=1))
    except OSError as error:
        raise BackupError(f"备份写不下去 / the backup can't be written: {error}") from error
    return manifest


def backup_to(home: Home, path: Path, *, music: bool = True) -> Manifest:
    """The same into a new file, which is whole or not there; an existing one is replaced."""
    fresh = path.with_name(f".{path.name}.part")
    try:
        fresh.unlink(missing_ok=True)
        with open(fresh, "wb", opener=_private) as target:
            manifest = make_backup(home, target, music=music)
            target.flush()
            os.fsync(target.fileno())
        verify(fresh)
        fresh.replace(path)
    except OSError as error:
        raise BackupError(f"{path}: 备份写不进去 / can't be written: {error}") from error
    finally:
        fresh.unlink(missing_ok=True)
    return manifest


def verify(path: Path) -> Manifest:
    """Read a backup through; raises ``BackupError`` at the first thing that is not as it says."""
    try:
        with zipfile.ZipFile(path) as archive:
            manifest = read_manifest(archive, path)
            for name, digest in manifest.files.items():
                if _digest(archive.open(name)) != digest:
                    raise BackupError(f"{path}: {name} 已损坏 / is damaged")
    except (OSError, zipfile.BadZipFile, KeyError, EOFError) as error:
        raise BackupError(f"{path}: 不是完整的备份文件 / no whole backup: {error}") from error
    return manifest


def glance(path: Path) -> Manifest | None:
    """What a backup says of itself, unread otherwise; None for one that can't be opened."""
    try:
        with zipfile.ZipFile(path) as archive:
            return read_manifest(archive, path)
    except (OSError, zipfile.BadZipFile, BackupError):
        return None


def _files(home: Home, *, music: bool) -> Iterator[tuple[str, Path]]:
    for folder in FOLDERS:
        for root, folders, names in os.walk(home.root / folder):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for name in sorted(names):
                path = Path(root, name)
                is_music = folder == "playlists" and path.suffix.lower() not in IGNORED_SUFFIXES
                if not name.startswith(".") and path.is_file() and (music or not is_music):
                    yield path.relative_to(home.root).as_posix(), path
    if (home.root / KEY).is_file():
        yield KEY, home.root / KEY


def _playlist_folders(home: Home) -> Iterator[str]:
    for root, folders, _ in os.walk(home.root / "playlists"):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(root, name).relative_to(home.root).as_posix() for name in folders)


def ready_for_air(home: Home) -> list[str]:
    """Names of what was spoken for the plan on air and the notices that may still air, with what is known of it."""
    media = home.media
    keys = {key for key in _keys(home) if (media / f"{key}.wav").is_file() and (media / f"{key}.json").is_file()}
    found = [f"{key}.{ending}" for key in sorted(keys) for ending in ("wav", "json")]
    for pin in sorted((media / "spoken").glob("*.json")):
        try:
            pinned = set(json.loads(pin.read_text(encoding="utf-8")).values())
        except (OSError, ValueError, AttributeError, TypeError):
            continue
        if pinned & keys:
            found.append(f"spoken/{pin.name}")
    names = [(media / name).relative_to(home.root).as_posix() for name in found]
    return [name for name in names if _READY.fullmatch(name)]


def _keys(home: Home) -> set[str]:
    good = kept(home.good_plan)
    clips = [*good.plan.clips.values(), *(one.clip for one in good.plan.timely)] if good is not None else []
    spoken = {clip.key for clip in clips if clip.path is not None}
    return spoken | (clips_in_use(home.database) if home.database.exists() else set())


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _put(archive: zipfile.ZipFile, name: str, path: Path) -> str:
    packed = path.suffix.lower() in (".yaml", ".csv", ".db", ".m3u8", ".m3u", ".wav", ".txt")
    info = zipfile.ZipInfo.from_file(path, name)
    info.compress_type = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
    digest = hashlib.sha256()
    # Of a file that changes meanwhile, the sum is of what was packed.
    with path.open("rb") as source, archive.open(info, "w", force_zip64=True) as target:
        while block := source.read(BLOCK):
            digest.update(block)
            target.write(block)
    return digest.hexdigest()


def _digest(stream: IO[bytes]) -> str:
    with stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()  # type: ignore[arg-type]


def read_manifest(archive: zipfile.ZipFile, path: Path) -> Manifest:
    try:
        manifest = Manifest.model_validate_json(archive.read(MANIFEST))
    except (KeyError, ValidationError, json.JSONDecodeError) as error:
        raise BackupError(f"{path}: 不是本程序的备份文件 / no backup of this program") from error
    if manifest.format > FORMAT:
        raise BackupError(
            f"{path}: 由更新的版本 {manifest.version} 备份,请先更新程序 / made by a newer version; update first"
        )
    for name in (*manifest.files, *(f"{folder}/x" for folder in manifest.folders)):
        _must_be_ours(name, path)
    return manifest


def _must_be_ours(name: str, path: Path) -> None:
    """A backup may come from anywhere: it must not write outside the places that backups are made of."""
    parts = PurePosixPath(name).parts
    ours = name in (DATABASE, KEY) or any(name.startswith(f"{folder}/") for folder in FOLDERS)
    ours = ours or _READY.fullmatch(name) is not None
    if not ours or ".." in parts or "\\" in name or ":" in name or PurePosixPath(name).is_absolute():
        raise BackupError(f"{path}: 里面有不该有的文件 / holds a file that does not belong there: {name!r}")


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("store-broadcaster")
    except PackageNotFoundError:
        return "0"


def told(manifest: Manifest) -> dict[str, Any]:
    """For ``--json``."""
    return {
        "made_at": manifest.made_at.isoformat(timespec="seconds"),
        "version": manifest.version,
        "music": manifest.music,
        "files": len(manifest.files),
    }

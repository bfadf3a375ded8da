"""The store in one file: its plan, its database and its recordings; and back again.

A backup is a ZIP file that any program opens. ``manifest.json`` in it names every file with its SHA-256. What the
program can make again (prepared audio, the neural voice) is not in it; the playlists' audio is, unless left out.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import IO, Any

from filelock import FileLock, Timeout
from pydantic import BaseModel, ConfigDict, ValidationError

from broadcaster.clock import SystemClock
from broadcaster.errors import AlreadyRunning, BackupError
from broadcaster.plan.playlists import IGNORED_SUFFIXES
from broadcaster.settings import Home
from broadcaster.store.copying import copy_whole

FORMAT = 1
MANIFEST = "manifest.json"
DATABASE = "var/broadcaster.db"
KEY = "var/page.key"
FOLDERS = ("config", "announcements", "playlists", "var/recordings")
_BLOCK = 1 << 20


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


@dataclass(frozen=True, slots=True)
class Restored:
    """How a restoring went."""

    manifest: Manifest
    files: int
    aside: Path | None
    """Where what was there before was put."""


def make_backup(home: Home, target: IO[bytes], *, music: bool = True, now: datetime | None = None) -> Manifest:
    """Write a backup into an open file; the daemon may run meanwhile. Raises ``BackupError`` and ``StoreError``."""
    found: dict[str, str] = {}
    try:
        with tempfile.TemporaryDirectory(prefix="backup-") as work, zipfile.ZipFile(target, "w") as archive:
            for name, path in _files(home, music=music):
                found[name] = _put(archive, name, path)
            if home.database.exists():
                copy = Path(work) / "broadcaster.db"
                copy_whole(home.database, copy)
                found[DATABASE] = _put(archive, DATABASE, copy)
            manifest = Manifest(
                format=FORMAT, made_at=now or SystemClock().now(), version=_version(), music=music, files=found
            )
            archive.writestr(MANIFEST, manifest.model_dump_json(indent=1))
    except OSError as error:
        raise BackupError(f"备份写不下去 / the backup can't be written: {error}") from error
    return manifest


def backup_to(home: Home, path: Path, *, music: bool = True) -> Manifest:
    """The same into a new file, which is whole or not there; an existing one is replaced."""
    fresh = path.with_name(f".{path.name}.part")
    try:
        with fresh.open("wb") as target:
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
            manifest = _manifest(archive, path)
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
            return _manifest(archive, path)
    except (OSError, zipfile.BadZipFile, BackupError):
        return None


def restore(home: Home, path: Path) -> Restored:
    """Put a backup in the place of what is there, which is set aside in ``var/before-restore-…``, never deleted.

    Nothing is touched before the whole backup was read and found right. Raises ``AlreadyRunning`` while a daemon runs
    on this home, ``BackupError`` for a damaged or foreign file.
    """
    manifest = verify(path)
    home.run.mkdir(parents=True, exist_ok=True)
    lock = FileLock(home.run / "daemon.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise AlreadyRunning(
            f"{home.root}: 播音程序正在运行,请先停下再恢复 / a daemon runs on this home; stop it first"
        ) from None
    try:
        with tempfile.TemporaryDirectory(dir=home.var, prefix=".restore-") as work:
            _unpack(path, manifest, Path(work))
            aside = _set_aside(home, manifest)
            for name in manifest.files:
                final = home.root / name
                final.parent.mkdir(parents=True, exist_ok=True)
                (Path(work) / name).replace(final)
    except OSError as error:
        raise BackupError(f"{path}: 恢复没有完成 / could not be restored: {error}") from error
    finally:
        lock.release()
    # What was resolved from the former files must not go on air again.
    home.good_plan.unlink(missing_ok=True)
    return Restored(manifest, len(manifest.files), aside)


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


def _put(archive: zipfile.ZipFile, name: str, path: Path) -> str:
    packed = path.suffix.lower() in (".yaml", ".csv", ".db", ".m3u8", ".m3u", ".wav", ".txt")
    info = zipfile.ZipInfo.from_file(path, name)
    info.compress_type = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
    digest = hashlib.sha256()
    # Of a file that changes meanwhile, the sum is of what was packed.
    with path.open("rb") as source, archive.open(info, "w", force_zip64=True) as target:
        while block := source.read(_BLOCK):
            digest.update(block)
            target.write(block)
    return digest.hexdigest()


def _digest(stream: IO[bytes]) -> str:
    with stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()  # type: ignore[arg-type]


def _manifest(archive: zipfile.ZipFile, path: Path) -> Manifest:
    try:
        manifest = Manifest.model_validate_json(archive.read(MANIFEST))
    except (KeyError, ValidationError, json.JSONDecodeError) as error:
        raise BackupError(f"{path}: 不是本程序的备份文件 / no backup of this program") from error
    if manifest.format > FORMAT:
        raise BackupError(
            f"{path}: 由更新的版本 {manifest.version} 备份,请先更新程序 / made by a newer version; update first"
        )
    for name in manifest.files:
        _must_be_ours(name, path)
    return manifest


def _must_be_ours(name: str, path: Path) -> None:
    """A backup may come from anywhere: it must not write outside the places that backups are made of."""
    parts = PurePosixPath(name).parts
    ours = name in (DATABASE, KEY) or any(name.startswith(f"{folder}/") for folder in FOLDERS)
    if not ours or ".." in parts or "\\" in name or ":" in name or PurePosixPath(name).is_absolute():
        raise BackupError(f"{path}: 里面有不该有的文件 / holds a file that does not belong there: {name!r}")


def _unpack(path: Path, manifest: Manifest, work: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        for name in manifest.files:
            out = work / name
            out.parent.mkdir(parents=True, exist_ok=True)
            with archive.open(name) as source, out.open("wb") as target:
                shutil.copyfileobj(source, target, _BLOCK)


def _set_aside(home: Home, manifest: Manifest) -> Path | None:
    stamp = SystemClock().now().strftime("%Y%m%dT%H%M%SZ")
    aside = home.var / f"before-restore-{stamp}"
    replaced = [*FOLDERS, DATABASE, f"{DATABASE}-wal", f"{DATABASE}-shm", KEY]
    if not manifest.music:
        # The music was left out of the backup: what is here stays.
        replaced.remove("playlists")
    moved = False
    for name in replaced:
        present = home.root / name
        if present.exists():
            (aside / name).parent.mkdir(parents=True, exist_ok=True)
            present.rename(aside / name)
            moved = True
    return aside if moved else None


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

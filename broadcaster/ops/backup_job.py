"""``python -m broadcaster.ops.backup_job``: one backup, tried out by restoring it to a scratch place, and copied.

A process of its own at low priority: packing and checking must not take time from the conductor, and a network drive
that hangs must not hang anything else. Answers with one JSON line.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from broadcaster.backup import BLOCK, DATABASE, Manifest, backup_to, verify
from broadcaster.errors import BackupError, BroadcasterError
from broadcaster.ops.database_watch import set_aside_last
from broadcaster.restoring import unpack
from broadcaster.settings import Home
from broadcaster.store.copying import verify_copy

NICE = 15
_SCRATCH = ".tried-"
_OF_MUSIC = ("bad-audio", "empty-playlist", "missing-audio", "unknown-playlist", "playlist-entry")


def try_out(home: Home, path: Path, scratch: Path) -> Manifest:
    """Restore a backup below ``scratch`` and see that a new PC could go on air with it. Raises ``BackupError``.

    Every file by its hash; the database whole, of this version, with as many rows as its original had; and a plan
    without faults that the present one has not.
    """
    manifest = verify(path)
    place = Home(scratch / "home")
    place.root.mkdir(parents=True)
    unpack(path, manifest, place.root, media=home.media.absolute())
    for name, digest in manifest.files.items():
        # The database's copy has the new PC's paths in it by now; its content is compared by its rows.
        if name != DATABASE and _hash(place.root / name) != digest:
            raise BackupError(f"{path}: {name} 解出来不一样 / is not what was packed")
    wrong = list(_wrong_database(place, manifest))
    before, after = _faults(home), _faults(place)
    fresh = sorted(after - before)
    wrong += [one for one in fresh if manifest.music or not _is_of_music(one)]
    if wrong:
        raise BackupError(f"{path}: 试着恢复时有错 / restoring it for a try failed: {'; '.join(wrong[:5])}")
    return manifest


def _wrong_database(place: Home, manifest: Manifest) -> Iterator[str]:
    if DATABASE not in manifest.files:
        return
    from broadcaster.store.database import open_database

    yield from verify_copy(place.database, manifest.rows)
    try:
        # Brings it to this version's tables, as the next start would.
        open_database(place.database, check=True).dispose()
    except BroadcasterError as error:
        yield str(error)


def _faults(home: Home) -> set[str]:
    from broadcaster.desk import Desk

    desk = Desk(home, render=False, progress=lambda what, done, of: None)
    try:
        return {f"{fault.code} {fault.file} {fault.field} {fault.value}" for fault in desk.faults()}
    finally:
        desk.close()


def _is_of_music(fault: str) -> bool:
    code, file, *_ = fault.split(" ")
    return code in _OF_MUSIC or file.startswith("playlists/")


def copy_to(path: Path, folder: Path, name: str) -> Path:
    """A copy elsewhere, whole and read again, or none. Raises ``BackupError``."""
    final, fresh = folder / name, folder / f".{name}.part"
    try:
        if not folder.is_dir():
            raise BackupError(f"{folder}: 没有这个文件夹(U 盘没插?) / there is no such folder (is the stick in?)")
        with path.open("rb") as source, fresh.open("wb") as target:
            shutil.copyfileobj(source, target, BLOCK)
            target.flush()
            os.fsync(target.fileno())
        if _hash(fresh) != _hash(path):
            raise BackupError(f"{fresh}: 写进去的和读出来的不一样 / reads back otherwise than it was written")
        fresh.replace(final)
    except OSError as error:
        raise BackupError(f"{folder}: 备份拷不过去 / the backup can't be copied there: {error}") from error
    finally:
        _gone(fresh)
    return final


def prune(folder: Path, pattern: str, keep: int, made: str = "") -> None:
    """Delete the oldest beyond the ``keep`` newest; names sort by their time.

    ``made`` is the one just made: it stays, and what bears a later time is of a clock that was ahead, and older than
    all.
    """

    def age(path: Path) -> tuple[bool, bool, str]:
        return path.name == made, not made or path.name < made, path.name

    for old in sorted(folder.glob(pattern), key=age, reverse=True)[keep:]:
        _gone(old)


def _gone(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        print(f"{path}: {error}", file=sys.stderr)


def _hash(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def run(home: Home, path: Path, *, music: bool, keep: int, folder: Path | None, zone: str) -> dict[str, Any]:
    """One backup from beginning to end; what became of it."""
    for left in path.parent.glob(f"{_SCRATCH}*"):
        shutil.rmtree(left, ignore_errors=True)
    told: dict[str, Any] = {"name": path.name, "verified": False, "copied": None, "copy_error": ""}
    if not path.exists():
        backup_to(home, path, music=music)
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=_SCRATCH) as scratch:
            try:
                manifest = try_out(home, path, Path(scratch))
            except (BackupError, OSError) as error:
                # Kept under another name: it may be all there is, but counts as none.
                path.replace(path.with_suffix(".doubtful"))
                raise BackupError(str(error)) from error
        told |= {"files": len(manifest.files), "music": manifest.music}
    told |= {"verified": True, "bytes": path.stat().st_size}
    prune(path.parent, "*.doubtful", 1)
    # What was made since then holds an empty database, and must not push out those from before.
    whole = set_aside_last(home) is None
    if whole:
        prune(path.parent, "*.zip", keep, path.name)
    if folder is not None:
        try:
            told["copied"] = str(copy_to(path, folder, f"{zone}-{path.name}"))
            if whole:
                prune(folder, f"{zone}-????????-??????.zip", keep, f"{zone}-{path.name}")
        except BackupError as error:
            told["copy_error"] = str(error)
    return told


def main() -> None:
    """The process."""
    parser = argparse.ArgumentParser()
    parser.add_argument("home", type=Path)
    parser.add_argument("path", type=Path)
    parser.add_argument("--music", action="store_true")
    parser.add_argument("--keep", type=int, required=True)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--zone", default="main")
    asked = parser.parse_args()
    if sys.platform != "win32":
        os.nice(NICE)
    try:
        told = run(
            Home(asked.home), asked.path, music=asked.music, keep=asked.keep, folder=asked.folder, zone=asked.zone
        )
    except (BroadcasterError, OSError) as error:
        told = {"error": str(error)}
    print(json.dumps(told))


if __name__ == "__main__":
    main()

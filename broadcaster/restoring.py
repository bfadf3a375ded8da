"""A backup put in the place of what is there: whole, or finished by whoever comes next.

First all is unpacked beside the home's own files and forced to the disk; then what is to be done is put down in
``var/restore-under-way.json``; only then are files exchanged, by renames. A restoring that was cut off before the slip
left nothing but a folder to throw away; one that was cut off after it is carried to its end by the next start.
"""

from __future__ import annotations

import logging
import os
import shutil
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from broadcaster.backup import BLOCK, DATABASE, FOLDERS, KEY, Manifest, verify
from broadcaster.clock import SystemClock
from broadcaster.errors import BackupError, StoreError
from broadcaster.home_lock import held
from broadcaster.settings import Home, write_whole
from broadcaster.store.copying import rehome_clips

log = logging.getLogger(__name__)

_WORK = ".restore-"


class Slip(BaseModel):
    """A restoring under way. All names are relative to the home folder."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    work: str
    aside: str
    replaced: tuple[str, ...]
    """What was there and goes aside, told before anything moved: what is there later may be new already."""
    files: tuple[str, ...]
    folders: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Restored:
    """How a restoring went."""

    manifest: Manifest
    files: int
    aside: Path | None
    """Where what was there before was put."""


def restore(home: Home, path: Path) -> Restored:
    """Put a backup in the place of what is there, which is set aside in ``var/before-restore-…``, never deleted.

    Nothing is touched before the whole backup was read and found right. Raises ``AlreadyRunning`` while a daemon runs
    on this home, ``BackupError`` for a damaged or foreign file.
    """
    manifest = verify(path)
    with held(home):
        _finish(home)
        work = Path(tempfile.mkdtemp(dir=home.var, prefix=_WORK))
        try:
            unpack(path, manifest, work, media=home.media.absolute())
            slip = _slip(home, manifest, work)
            write_whole(_slip_path(home), slip.model_dump_json())
            _carry_out(home, slip)
        except (OSError, StoreError) as error:
            if not _slip_path(home).exists():
                shutil.rmtree(work, ignore_errors=True)
            raise BackupError(f"{path}: 恢复没有完成 / could not be restored: {error}") from error
    aside = home.root / slip.aside
    return Restored(manifest, len(manifest.files), aside if aside.exists() else None)


def finish_restore(home: Home) -> bool:
    """Carry a restoring that was cut off to its end; False if there is none. Raises as :func:`restore`."""
    if not _slip_path(home).exists() and not any(home.var.glob(f"{_WORK}*")):
        return False
    with held(home):
        return _finish(home)


def unpack(path: Path, manifest: Manifest, into: Path, *, media: Path) -> None:
    """All of a backup below ``into``, on the disk. ``media`` is where the notices' recordings will be.

    Raises ``OSError``, ``StoreError``.
    """
    with zipfile.ZipFile(path) as archive:
        for name in manifest.files:
            out = into / name
            out.parent.mkdir(parents=True, exist_ok=True)
            with archive.open(name) as source, open(out, "wb", opener=_opener(name)) as target:
                shutil.copyfileobj(source, target, BLOCK)
                target.flush()
                os.fsync(target.fileno())
    for name in manifest.folders:
        (into / name).mkdir(parents=True, exist_ok=True)
    if DATABASE in manifest.files:
        rehome_clips(into / DATABASE, media)


def _opener(name: str) -> Callable[[str, int], int]:
    # The key of the page's cookies is nobody else's to read.
    mode = 0o600 if name == KEY else 0o666
    return lambda path, flags: os.open(path, flags, mode)


def _slip_path(home: Home) -> Path:
    return home.var / "restore-under-way.json"


def _slip(home: Home, manifest: Manifest, work: Path) -> Slip:
    replaced = [*FOLDERS, DATABASE, f"{DATABASE}-wal", f"{DATABASE}-shm", KEY]
    if not manifest.music:
        # The music was left out of the backup: what is here stays.
        replaced.remove("playlists")
    stamp = SystemClock().now().strftime("%Y%m%dT%H%M%S%fZ")
    return Slip(
        work=work.relative_to(home.root).as_posix(),
        aside=f"var/before-restore-{stamp}",
        replaced=tuple(name for name in replaced if (home.root / name).exists()),
        files=tuple(manifest.files),
        folders=manifest.folders,
    )


def _carry_out(home: Home, slip: Slip) -> None:
    """May be begun anew wherever it broke off. ``OSError``, ``BackupError``."""
    aside, work = home.root / slip.aside, home.root / slip.work
    for name in slip.replaced:
        if not (aside / name).exists() and (home.root / name).exists():
            (aside / name).parent.mkdir(parents=True, exist_ok=True)
            (home.root / name).rename(aside / name)
    for name in slip.files:
        final = home.root / name
        if (work / name).exists():
            final.parent.mkdir(parents=True, exist_ok=True)
            (work / name).replace(final)
        elif not final.exists():
            raise BackupError(f"{final}: 恢复到一半,文件不见了,请重新恢复 / half restored and lost; restore again")
    for name in slip.folders:
        (home.root / name).mkdir(parents=True, exist_ok=True)
    # What was resolved from the former files must not go on air again.
    home.good_plan.unlink(missing_ok=True)
    _slip_path(home).unlink(missing_ok=True)
    shutil.rmtree(work, ignore_errors=True)


def _finish(home: Home) -> bool:
    found = False
    path = _slip_path(home)
    if path.exists():
        found = True
        try:
            slip = Slip.model_validate_json(path.read_text(encoding="utf-8"))
            if not slip.work.startswith(f"var/{_WORK}") or not slip.aside.startswith("var/before-restore-"):
                raise BackupError(f"{path}: 不是本程序写的 / not written by this program")
            _carry_out(home, slip)
        except ValidationError as error:
            raise BackupError(f"{path}: 读不懂 / can't be read: {error}") from error
        except OSError as error:
            raise BackupError(f"{path}: 恢复没有完成 / could not be finished: {error}") from error
        log.warning("a restoring that was cut off is finished; what was there before: %s", slip.aside)
    for left in home.var.glob(f"{_WORK}*"):
        shutil.rmtree(left, ignore_errors=True)
    return found

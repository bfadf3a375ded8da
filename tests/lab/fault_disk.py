"""Faults of the disk and of what lies on it: full, locked, read-only, cut short, half-written, moved away, damaged."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from broadcaster.clock import monotonic
from tests.lab import damaged, fault_home
from tests.lab.fault_process import DAEMON_S, ENGINE_S
from tests.lab.faults import ALERT_S, Fault, Lab
from tests.live_kit import all_day, wait

LOCKED_S = 30.0
DAMAGED_FILES = 500


def fill_disk(lab: Lab, chance: random.Random) -> float:
    """Not a byte is left on the disk of the home for twenty seconds."""
    filler = lab.root / "filler.bin"
    begun = monotonic()
    with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while monotonic() < begun + 60:
            file.write(bytes(1 << 20))
    with filler.open("ab", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(bytes(512)):
            pass
    if shutil.disk_usage(lab.root).free > 65536:
        lab.notes.append("the disk could not be filled")
    time.sleep(20)
    filler.unlink()
    return monotonic()


def lock_database(lab: Lab, chance: random.Random) -> float:
    """Another program holds the database for half a minute."""
    raw = sqlite3.connect(_database(lab), isolation_level=None, timeout=10)
    try:
        raw.execute("begin immediate")
        time.sleep(LOCKED_S)
        raw.execute("rollback")
    finally:
        raw.close()
    return monotonic()


def read_only_database(lab: Lab, chance: random.Random) -> float:
    """The daemon is killed, and finds at its next start that it may not write its database."""
    _stopped(lab, lambda: _bind_read_only(_database(lab)))
    return monotonic()


def writable_again(lab: Lab) -> None:
    """Undo, and a start with the database as it should be."""
    _stopped(lab, lambda: _unbind(_database(lab)))


def cut_database(lab: Lab, chance: random.Random) -> float:
    """The daemon is killed, and its database is cut short at a random byte before the next start."""

    def cut() -> None:
        path = _database(lab)
        for journal in path.parent.glob(f"{path.name}-*"):
            journal.unlink()
        size = path.stat().st_size
        at = chance.randrange(1, size)
        os.truncate(path, at)
        print(f"cut at byte {at} of {size}", flush=True)

    _stopped(lab, cut)
    return monotonic()


def people_back(lab: Lab) -> None:
    """Accounts again, if the database was begun anew."""
    from broadcaster.store.database import open_database
    from broadcaster.store.users import Users

    database = open_database(_database(lab))
    users = Users(database)
    for name, role in (("li", "promo"), ("wang", "manager")):
        if users.get(name) is None:
            users.add(name, name, role, fault_home.PASSWORD)
    database.dispose()
    # Somebody goes on without what was in the damaged one.
    for path in _database(lab).parent.glob("*.damaged-*"):
        path.unlink()


def half_a_plan(lab: Lab, chance: random.Random) -> float:
    """A plan file ends in the middle, as when an editor was cut off, until somebody mends it."""
    path = lab.root / "config/programme.yaml"
    path.write_text(fault_home.PROGRAMME[: chance.randrange(1, len(all_day("x")))], encoding="utf-8")
    lab.wait_cause("plan-faults")
    return monotonic()


def mend_plan(lab: Lab) -> None:
    """The programme as it was."""
    (lab.root / "config/programme.yaml").write_text(fault_home.PROGRAMME, encoding="utf-8")
    with contextlib.suppress(AssertionError):
        wait(lambda: (s := lab.daemon.status()) and not s["plan"]["faults"] and not s["plan"]["preparing"], 20, "plan")


def move_playlist(lab: Lab, chance: random.Random) -> float:
    """The folder of the playlist on air is renamed, for long enough that it is noticed."""
    (lab.root / "playlists/tones").rename(lab.root / "playlists/tones-2019")
    begun = monotonic()
    while monotonic() < begun + ALERT_S:
        health = (lab.daemon.status() or {}).get("health", {"alerts": (), "pending": ()})
        if {"plan-faults", "plan-flaws"} & {*(one["code"] for one in health["alerts"]), *health["pending"]}:
            break
        time.sleep(0.3)
    else:
        lab.notes.append(f"no alert for a playlist that is gone within {ALERT_S:g} s")
    time.sleep(3)
    return monotonic()


def playlist_back(lab: Lab) -> None:
    """As it was."""
    with contextlib.suppress(OSError):
        (lab.root / "playlists/tones-2019").rename(lab.root / "playlists/tones")
    mend_plan(lab)


def damage_recordings(lab: Lab, chance: random.Random, count: int = DAMAGED_FILES) -> float:
    """Hundreds of damaged files in a playlist of the day, and some between the songs that are on air."""
    damaged.write_damaged(lab.root / "playlists/junk", count, chance)
    damaged.write_unplayable(lab.root / "playlists/tones", count // 10, chance)
    before = (lab.daemon.status() or {"plan": {"version": None}})["plan"]["version"]
    parts = all_day("{playlist: tones}").replace("'24:00'", "'23:50'").splitlines()[1]
    junk = parts.replace("all-day", "late").replace("'00:00'", "'23:50'").replace("'23:50', bed", "'24:00', bed")
    junk = junk.replace("playlist: tones", "playlist: junk")
    programme = fault_home.PROGRAMME.replace(all_day("{playlist: tones}"), f"dayparts:\n{parts}\n{junk}\n")
    (lab.root / "config/programme.yaml").write_text(programme, encoding="utf-8")
    begun = monotonic()

    def taken() -> bool:
        status = lab.daemon.status()
        return bool(status and not status["plan"]["preparing"] and status["plan"]["version"] != before)

    with contextlib.suppress(AssertionError):
        wait(taken, count * 0.6 + 30, "a plan with damaged files")
    if not taken():
        lab.notes.append(f"no plan with {count} damaged files after {monotonic() - begun:.0f} s")
    print(f"{count} damaged files taken in {monotonic() - begun:.0f} s", flush=True)
    if lab.wait_cause("plan-flaws") is None:
        lab.notes.append(f"no alert plan-flaws within {ALERT_S:g} s of the plan with damaged files")
    return monotonic()


def mend_recordings(lab: Lab) -> None:
    """Only the good ones are left."""
    shutil.rmtree(lab.root / "playlists/junk", ignore_errors=True)
    for path in (lab.root / "playlists/tones").glob("* bad *"):
        path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()
    mend_plan(lab)


def _database(lab: Lab) -> Path:
    return lab.root / "var/broadcaster.db"


def _stopped(lab: Lab, meanwhile: Callable[[], None]) -> None:
    with lab.supervisor.holding():
        with contextlib.suppress(psutil.Error):
            psutil.Process(lab.daemon_pid).kill()
        assert lab.daemon.process is not None
        lab.daemon.process.wait(10)
        meanwhile()


def _bind_read_only(path: Path) -> None:
    if sys.platform != "linux" or os.geteuid() != 0:
        raise AssertionError("only root under Linux can make a file read-only for itself")
    subprocess.run(["mount", "--bind", path, path], check=True)
    subprocess.run(["mount", "-o", "remount,bind,ro", path], check=True)


def _unbind(path: Path) -> None:
    subprocess.run(["umount", path], check=False)


DISK_FAULTS = (
    Fault("plan-half-written", half_a_plan, ENGINE_S, missing_s=0.0, other_s=0.0, alert="plan-faults", undo=mend_plan),
    Fault("playlist-renamed", move_playlist, ENGINE_S, missing_s=0.0, other_s=0.0, undo=playlist_back),
    Fault("damaged-500", damage_recordings, ENGINE_S, missing_s=0.0, other_s=0.0,
          undo=mend_recordings),
    Fault("database-locked-30s", lock_database, ENGINE_S, missing_s=0.0, other_s=0.0, alert="log-trouble"),
    Fault("database-read-only", read_only_database, DAEMON_S, missing_s=DAEMON_S, alert="log-trouble",
          undo=writable_again, log=False),
    Fault("database-cut", cut_database, DAEMON_S, missing_s=DAEMON_S, alert="database-aside", undo=people_back,
          log=False),
    Fault("disk-full", fill_disk, ENGINE_S, missing_s=0.0, other_s=0.0, small_disk=True),
)  # fmt: skip

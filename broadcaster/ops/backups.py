"""The backup that is made by itself, each day: when it is due, what became of it, and whom that concerns."""

from __future__ import annotations

import contextlib
import json
import logging
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from broadcaster.clock import Clock, monotonic
from broadcaster.decisions import decided
from broadcaster.errors import BackupError, BroadcasterError
from broadcaster.media.bench import child_environment, creation_flags
from broadcaster.ops.causes import Cause, cause
from broadcaster.plan.models import Station
from broadcaster.plan.times import clock_text
from broadcaster.plan.unattended_models import BackupPlan
from broadcaster.publishing.plan_keeper import PlanKeeper
from broadcaster.settings import Home, write_whole
from broadcaster.store.audit import AuditTrail

log = logging.getLogger(__name__)

LOOK_S = 20.0
BY_HAND = "by-hand.txt"
"""Beside the state: when the last one was made by hand. A file of its own, for another process writes it."""
AFTER_START = timedelta(minutes=10)
"""What was missed while the PC was off is made so long after the start: by then the air is settled."""
AGAIN = timedelta(hours=1)
"""Between two tries."""
OLD = timedelta(days=2)
"""Without a good one for so long, somebody is told."""
PATIENCE = timedelta(days=1)
"""A drive that can't be reached is told after so long: the stick may be in somebody's pocket."""
LIMIT_S = 4 * 3600.0
"""A drive that hangs is given up after this."""


@dataclass(frozen=True, slots=True)
class Record:
    """What is known of the backups, kept in ``var/backups/state.json``. Instants in UTC."""

    good_at: datetime | None = None
    """When the last one was made that passed its trial."""
    good: str = ""
    tried_at: datetime | None = None
    error: str = ""
    """Of the last try, empty when it went well."""
    copied_at: datetime | None = None
    copy_error: str = ""
    copy_missing_since: datetime | None = None
    """Since when copies fail."""
    since: datetime | None = None
    """When backups were first looked after: before any was made, age counts from here."""
    by_hand_at: datetime | None = None
    """When the last one was made by hand and read through. It is told apart: it was not tried out, nor copied."""

    @property
    def last_at(self) -> datetime | None:
        """When the last good one was made, by itself or by hand."""
        return max(filter(None, (self.good_at, self.by_hand_at)), default=None)


def due_at(record: Record, rules: BackupPlan, now: datetime, started: datetime, station: Station) -> datetime | None:
    """When the next try is to be made; None for never. Pure: aware instants, ``now`` decides the store's date."""
    if rules.at is None:
        return None
    local = now.astimezone(station.tz)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    today = (midnight.replace(tzinfo=None) + timedelta(seconds=rules.at)).replace(tzinfo=station.tz)
    slot = today if today <= now else today - timedelta(days=1)
    if record.good_at is not None and slot <= record.good_at <= now and not record.copy_error:
        return today if today > now else today + timedelta(days=1)
    if record.good_at is None and record.since is not None and record.since > slot and record.tried_at is None:
        # A new installation waits for its first night, unless it is switched off at night.
        slot = today if today > now else today + timedelta(days=1)
    due = max(slot, started + AFTER_START) if slot < started else slot
    if record.tried_at is not None and slot <= record.tried_at <= now and (record.error or record.copy_error):
        due = max(due, record.tried_at + AGAIN)
    return due


def read_record(home: Home) -> Record:
    """What is known of the backups of a home; nothing where none was made."""
    try:
        found: dict[str, Any] = json.loads((home.var / "backups" / "state.json").read_text(encoding="utf-8"))
        instants = ("good_at", "tried_at", "copied_at", "copy_missing_since", "since")
        known = {name: value for name, value in found.items() if name in Record.__slots__}
        known |= {name: datetime.fromisoformat(known[name]) for name in instants if known.get(name)}
        found_record = Record(**known)
    except (OSError, ValueError, TypeError, AttributeError):
        found_record = Record()
    return replace(found_record, by_hand_at=_by_hand_at(home))


def _by_hand_at(home: Home) -> datetime | None:
    try:
        at = datetime.fromisoformat((home.var / "backups" / BY_HAND).read_text(encoding="utf-8").strip())
    except (OSError, ValueError):
        return None
    return at if at.tzinfo is not None else None


def made_by_hand(home: Home, at: datetime) -> None:
    """Note that somebody made a backup that is whole. From any process: the daemon sees it within :data:`LOOK_S`."""
    path = home.var / "backups" / BY_HAND
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, at.isoformat())
    except OSError as error:
        # The backup is there all the same; at worst somebody is asked for another.
        log.warning("that a backup was made can't be noted: %s", error)


def open_backups(
    home: Home, clock: Clock, keeper: PlanKeeper, trail: AuditTrail, parts: contextlib.ExitStack, *, rehearsal: bool
) -> BackupKeeper:
    """Begin; a rehearsal makes none."""
    one = BackupKeeper(home, clock, lambda: keeper.plan.station if keeper.plan else None, trail)
    if not rehearsal:
        one.start()
        parts.callback(one.stop)
    return one


class BackupKeeper:
    """Runs a thread that looks every some seconds. ``state`` may be read by any."""

    def __init__(
        self, home: Home, clock: Clock, station: Callable[[], Station | None], trail: AuditTrail,
        command: Sequence[str] = (sys.executable, "-m", "broadcaster.ops.backup_job"),
    ) -> None:  # fmt: skip
        self._home = home
        self._clock = clock
        self._station = station
        self._trail = trail
        self._command = list(command)
        self._stop = threading.Event()
        self._started = clock.now()
        self._child: subprocess.Popen[str] | None = None
        self.state = read_record(home)
        if self.state.since is None:
            self.state = replace(self.state, since=self._started)

    @property
    def folder(self) -> Path:
        """Where they are kept."""
        return self._home.var / "backups"

    def start(self) -> None:
        """Begin."""
        if not (self.folder / "state.json").exists():
            # On a PC that is off each night, the first one must not wait for a night for ever.
            self._keep(self.state)
        threading.Thread(target=self._run, name="backups", daemon=True).start()

    def stop(self) -> None:
        """End; one that is being made is given up."""
        self._stop.set()
        child = self._child
        if child is not None:
            child.kill()

    def _run(self) -> None:
        while not self._stop.wait(LOOK_S):
            try:
                self.look()
            except Exception:
                # The outermost turn of this thread: the next look tries again.
                log.exception("looking after the backups failed")

    def look(self) -> bool:
        """Make one if it is due; whether one was tried."""
        self.state = replace(self.state, by_hand_at=_by_hand_at(self._home))
        station = self._station()
        if station is None:
            return False
        due = due_at(self.state, station.backup, self._clock.now(), self._started, station)
        if due is None or due > self._clock.now():
            return False
        self.make(station)
        return True

    def make(self, station: Station) -> None:
        """Make one now, or copy again the one whose copy failed. Never raises what is the backup's own trouble."""
        now = self._clock.now()
        again = bool(self.state.copy_error and self.state.good and (self.folder / self.state.good).exists())
        only_copy = again and self.state.good_at is not None and now - self.state.good_at < timedelta(hours=23)
        name = self.state.good if only_copy else f"{now:%Y%m%d-%H%M%S}.zip"
        try:
            told = self._child_makes(self.folder / name, station)
        except (BackupError, OSError) as error:
            self._keep(replace(self.state, tried_at=now, error=str(error)))
            decided("backup-failed", error=str(error))
            self._note("backup.failed", {"error": str(error)})
            return
        rules, missing = station.backup, str(told["copy_error"])
        good_at = self.state.good_at if only_copy else now
        self._keep(
            replace(
                self.state, good_at=good_at, good=name, tried_at=now, error="", copy_error=missing,
                copied_at=now if told["copied"] else self.state.copied_at,
                copy_missing_since=(self.state.copy_missing_since or now) if missing and rules.folder else None,
            )
        )  # fmt: skip
        facts: dict[str, str | int | None] = {
            "name": name,
            "bytes": int(told["bytes"]),
            "copied": told["copied"],
            "copy_error": missing,
        }
        decided("backup-verified", **facts)
        if not only_copy or told["copied"]:
            self._note("backup.verified", facts)

    def _child_makes(self, path: Path, station: Station) -> dict[str, str]:
        rules = station.backup
        self.folder.mkdir(parents=True, exist_ok=True)
        command = [*self._command, str(self._home.root), str(path), "--keep", str(rules.keep), "--zone", station.zone]
        command += ["--music"] if rules.music else []
        command += ["--folder", rules.folder] if rules.folder else []
        begun = monotonic()
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True,
            encoding="utf-8", errors="replace", env=child_environment(), creationflags=creation_flags(),
        ) as child:  # fmt: skip
            self._child = child
            try:
                out, words = child.communicate(timeout=LIMIT_S)
            except subprocess.TimeoutExpired:
                child.kill()
                raise BackupError(
                    f"备份 {monotonic() - begun:.0f} 秒没有做完 / the backup did not end within {LIMIT_S:g} s"
                ) from None
            finally:
                self._child = None
        try:
            told = json.loads(out.strip().splitlines()[-1])
        except (ValueError, IndexError):
            last = (words.strip().splitlines() or ["?"])[-1]
            raise BackupError(f"备份进程出错 / the backup's process failed: {last}") from None
        if "error" in told:
            raise BackupError(str(told["error"]))
        return dict(told)

    # --- what is told

    def causes(self, now: datetime) -> Sequence[Cause]:
        """See :class:`broadcaster.ops.causes.Source`."""
        station, state = self._station(), self.state
        if station is None or station.backup.at is None:
            return ()
        found = []
        last = state.last_at or state.since
        if last is not None and now - last > OLD:
            days = (now - last).days
            why = f":{state.error}" if state.error else ""
            found.append(
                cause("backup-failed", f"{days} 天没有可用的备份{why}", f"no good backup for {days} days{why}")
            )
        since = state.copy_missing_since
        if station.backup.folder and since is not None and now - since > PATIENCE:
            error = state.copy_error
            found.append(
                cause("backup-failed", f"备份拷不到别处:{error}", f"no copy elsewhere: {error}", subject="copy")
            )
        return found

    def document(self) -> dict[str, object]:
        """For ``status`` and the settings page."""
        station = self._station()
        state = self.state
        at = station.backup.at if station else None
        return {
            "at": clock_text(at) if at is not None else None,
            "folder": station.backup.folder if station else None,
            "last_good": state.good_at.isoformat() if state.good_at else None,
            "name": state.good,
            "error": state.error,
            "last_copy": state.copied_at.isoformat() if state.copied_at else None,
            "copy_error": state.copy_error,
        }

    # --- what is kept

    def _note(self, what: str, detail: Mapping[str, object]) -> None:
        try:
            self._trail.record(who="", what=what, detail=detail)
        except BroadcasterError as error:
            log.error("the audit trail takes no entry: %s", error)

    def _keep(self, state: Record) -> None:
        self.state = state
        told = {
            name: value.isoformat() if isinstance(value, datetime) else value for name, value in asdict(state).items()
        }
        try:
            write_whole(self.folder / "state.json", json.dumps(told, ensure_ascii=False))
        except OSError as error:
            log.error("what became of the backup can't be kept: %s", error)

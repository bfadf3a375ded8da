"""The fault laboratory: the really running daemon, what it plays, one fault, and how it came back.

:class:`Lab` runs the daemon under a supervisor on a private sound server; :meth:`Lab.run` injects a :class:`Fault` at
an instant of its seed's choosing and gives a :class:`Report` once all is right again, or the time for it is over.
"""

from __future__ import annotations

import json
import random
import re
import sqlite3
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from broadcaster.asrun.entries import Outcome
from broadcaster.asrun.log import AsRunLog
from broadcaster.clock import monotonic
from broadcaster.store.database import open_database
from tests.lab import fault_home, inside, sweep
from tests.lab.listeners import Phone, phone
from tests.lab.recorder import Recorder
from tests.lab.sink import LabError
from tests.lab.sweep import Block
from tests.live_kit import Daemon, wait

CALM_S = 3.0
"""So long all must be right before a fault, and after it."""
ALERT_S = 30.0
SMALL_DISK = "500m"
_WORRY = re.compile(r"^\S+ \S+ (?:WARNING|ERROR|CRITICAL) (.*)$", re.MULTILINE)


@dataclass(frozen=True)
class Fault:
    """One kind of fault.

    ``inject`` brings it about and returns when it is over for the outside world (monotonic): the killed server runs
    again, the cable is back. From then on the air has ``back_s`` to be right. ``missing_s`` is the most that may be
    missing in all, where the daemon has to mend it itself. ``alert`` must be raised within ``ALERT_S``.
    """

    name: str
    inject: Callable[[Lab, random.Random], float]
    back_s: float
    missing_s: float | None = None
    other_s: float | None = None
    alert: str = ""
    undo: Callable[[Lab], None] = lambda _lab: None
    sound_s: float | None = None
    """Something must sound so soon after it first fell silent, be it fallback music; where the ladder is needed."""
    log: bool = True
    """Whether the as-run log must be whole afterwards."""
    limit_s: float = 40.0
    more: str = ""
    """What the store's ``station.yaml`` must say for it."""
    small_disk: bool = False
    """Whether the home must lie on a disk of its own, of ``SMALL_DISK``."""


@dataclass
class Report:
    """What came of a fault. Seconds; ``None`` where it never happened."""

    fault: str
    seed: int
    missing_s: float
    other_s: float
    sound_after_s: float | None
    """From the end of the outer fault (or from its beginning, where ``Fault.sound_s``) until something sounded."""
    right_after_s: float | None
    """The same until the right second of the right track did."""
    causes: dict[str, float] = field(default_factory=dict)
    """Alerts that the status showed, and after how many seconds."""
    still: tuple[str, ...] = ()
    """Those that it still showed at the end."""
    told: list[tuple[float, str]] = field(default_factory=list)
    """What the phone was told, after how many seconds."""
    how: list[str] = field(default_factory=list)
    """The log of decisions, or else the warnings of the log."""
    log_faults: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    """What of the fault's targets was missed."""

    @property
    def ok(self) -> bool:
        return not self.failures

    def __str__(self) -> str:
        told = "; ".join(f"{after:.1f} s {words[:70]}" for after, words in self.told) or "-"
        causes = ", ".join(f"{code} {after:.1f} s" for code, after in self.causes.items()) or "-"
        lines = [
            f"{self.fault} (seed {self.seed}): missing {self.missing_s:.1f} s, other {self.other_s:.1f} s, "
            f"sound after {_s(self.sound_after_s)}, right after {_s(self.right_after_s)}",
            f"  causes: {causes}; still open: {', '.join(self.still) or '-'}; told: {told}",
            *(f"  how: {line[:160]}" for line in self.how[:12]),
            *(f"  log: {line}" for line in self.log_faults[:5]),
            *(f"  MISSED: {line}" for line in self.failures),
        ]
        return "\n".join(lines)


class Lab:
    """A running store to hurt. Made by :func:`laboratory`."""

    def __init__(
        self, root: Path, sink: fault_home.LabSink, recorder: Recorder, supervisor: fault_home.Supervisor, line: Phone,
        switches: Path,
    ) -> None:  # fmt: skip
        self.root = root
        self.sink = sink
        self.recorder = recorder
        self.supervisor = supervisor
        self.phone = line
        self.switches = switches
        self.others: list[Recorder] = []
        """Recorders of further devices: what sounds on any of them is heard."""
        self.notes: list[str] = []
        """What an injection found wrong on its own."""
        self.began = time.time() - monotonic()
        self._offsets: list[tuple[float, float]] = [(0.0, self.began)]
        self._seen: dict[str, tuple[float, float]] = {}
        self._closing = threading.Event()
        self._watch = threading.Thread(target=self._look, name="status-watch", daemon=True)
        self._watch.start()

    def close(self) -> None:
        """The laboratory's own threads end."""
        self._closing.set()
        self._watch.join(10)

    @property
    def daemon(self) -> Daemon:
        return self.supervisor.daemon

    @property
    def engine_pid(self) -> int:
        return self.daemon.engine_pid

    @property
    def daemon_pid(self) -> int:
        assert self.daemon.process is not None
        return self.daemon.process.pid

    # --- time

    def day_s(self, mono: float) -> float:
        """The station's seconds since midnight at a monotonic instant, by its clock as it was set then."""
        offset = next(offset for since, offset in reversed(self._offsets) if mono >= since)
        return (mono + offset) % 86400

    def set_clock(self, offset_s: float) -> None:
        """The machine's clock, as the daemon reads it, is off by so much from now on."""
        (self.switches / "clock").write_text(str(offset_s), encoding="ascii")
        self._offsets.append((monotonic(), self.began + offset_s))

    # --- what is heard

    def blocks(self, since: float, until: float | None = None) -> list[Block]:
        """What was heard from an instant on, judged."""
        take = self.recorder.take(since) if until is None else self.recorder.wait_until(until, 20).slice(since, until)
        found = sweep.judge(take, self.day_s)
        for other in self.others:
            elsewhere = sweep.judge(other.take(since), self.day_s)
            found = [_better(one, elsewhere) for one in found]
        return found

    def calm(self, limit_s: float = 60.0) -> None:
        """Wait until all was right for some seconds. ``AssertionError`` with what is wrong if it does not get so."""
        deadline = monotonic() + limit_s
        while True:
            since = monotonic() - CALM_S - 0.4
            blocks: list[Block] = []
            if self.recorder.take().end > since + CALM_S:
                blocks = self.blocks(since)
                if len(blocks) > 25 and sweep.settled(blocks, since, CALM_S) == since:
                    return
            if monotonic() > deadline:
                wrong = [(one.judgement, round(one.hz), round(one.level_db)) for one in blocks][:12]
                raise AssertionError(f"the air does not get right: {wrong}\n{self.daemon.console[-2000:]}")
            time.sleep(0.3)

    def wait_cause(self, code: str, limit_s: float = ALERT_S) -> float | None:
        """Wait until the status shows an alert; after how many seconds it did, None if it did not."""
        begun = monotonic()
        while monotonic() < begun + limit_s:
            if code in self._seen and self._seen[code][1] > begun:
                return self._seen[code][1] - begun
            time.sleep(0.1)
        return None

    # --- a fault

    def run(self, fault: Fault, seed: int) -> Report:
        """Inject it and see what becomes of it."""
        chance = random.Random(f"{seed}/{fault.name}")
        self.calm()
        time.sleep(chance.uniform(0.0, 2.0))
        self.notes.clear()
        self._seen.clear()
        places = {name: fault_home.file_end(self.root / "var/log" / name) for name in _LOGS}
        began = monotonic()
        try:
            mended = fault.inject(self, chance)
            blocks, end = self._until_right(began, mended, fault.limit_s)
            while fault.alert and fault.alert not in self._seen and monotonic() < began + ALERT_S:
                time.sleep(0.2)
        finally:
            fault.undo(self)
        since = mended if fault.sound_s is None else began
        report = Report(
            fault.name, seed,
            missing_s=round(sweep.seconds(blocks, "missing"), 1), other_s=round(sweep.seconds(blocks, "other"), 1),
            sound_after_s=_after(sweep.sound_back(blocks, since, 2.0), since),
            right_after_s=_after(sweep.settled(blocks, mended, CALM_S - 0.5), mended),
        )  # fmt: skip
        self._add_words(report, began, places)
        if fault.log:
            report.log_faults = self.log_faults(began, end, blocks)
        report.failures = [*self.notes, *_missed(fault, report)]
        return report

    def _until_right(self, began: float, mended: float, limit_s: float) -> tuple[list[Block], float]:
        deadline = max(mended, monotonic()) + limit_s
        while True:
            time.sleep(0.5)
            blocks = self.blocks(began) if self.recorder.take().end > began + 1 else []
            heard_to = blocks[-1].at if blocks else began
            right = sweep.settled(blocks, mended, CALM_S) if blocks else None
            if (right is not None and heard_to > mended + CALM_S) or monotonic() > deadline:
                return blocks, heard_to

    def _add_words(self, report: Report, began: float, places: dict[str, int]) -> None:
        logs = {name: fault_home.read_from(self.root / "var/log" / name, place) for name, place in places.items()}
        report.causes = {code: round(first - began, 1) for code, (first, _) in sorted(self._seen.items())}
        report.still = tuple(code for code, (_, last) in self._seen.items() if monotonic() - last < 2.5)
        report.told = [(round(one.at - began, 1), one.title or one.words) for one in self.phone.since(began)]
        report.how = _counted(_decision(line) for line in logs["decisions.jsonl"].splitlines())
        if not report.how:
            report.how = _counted(found.group(1) for found in _WORRY.finditer(logs["broadcaster.log"]))

    def log_faults(self, began: float, end: float, blocks: Sequence[Block]) -> list[str]:
        """What is wrong with database and log: each spot due between two instants has its one word in it."""
        path = self.root / "var/broadcaster.db"
        with sqlite3.connect(path) as raw:
            found = [str(row[0]) for row in raw.execute("pragma integrity_check") if row[0] != "ok"]
        raw.close()
        database = open_database(path)
        every, wall = fault_home.SPOT_EVERY_S, self._offsets[-1][1]
        try:
            for second in range(int((began + wall) // every + 1) * every, int(end + wall - 12), every):
                at = datetime.fromtimestamp(second, UTC)
                entry = AsRunLog(database, "main").spots_of(at.date()).get(f"{at.date()}/call/{at:%H%M%S}")
                heard = sum(one.spot for one in blocks if -1 < one.at + wall - second < 20) * sweep.BLOCK_S
                if entry is None:
                    found.append(f"{at:%H:%M:%S} was due and is not in the log")
                elif entry.outcome is None or (entry.outcome is not Outcome.AIRED and not entry.reason):
                    found.append(f"{at:%H:%M:%S} has no outcome or no reason: {entry}")
                elif entry.outcome is Outcome.AIRED and heard < fault_home.SPOT_S - 0.7:
                    found.append(f"{at:%H:%M:%S} is said to have aired, {heard:.1f} s were heard")
                elif entry.outcome is Outcome.SKIPPED and heard > 0.5:
                    found.append(f"{at:%H:%M:%S} is said to be skipped, {heard:.1f} s were heard")
                if heard > fault_home.SPOT_S + 0.5:
                    found.append(f"{at:%H:%M:%S} was heard for {heard:.1f} s")
        finally:
            database.dispose()
        return found

    def _look(self) -> None:
        while not self._closing.wait(0.5):
            status = self.daemon.status()
            now = monotonic()
            health = status["health"] if status else {"alerts": (), "pending": ()}
            # What it notices is what is measured; how long that must last before people are told is in a table.
            for code in (*(alert["code"] for alert in health["alerts"]), *health["pending"]):
                first = self._seen.get(code, (now, now))[0]
                self._seen[code] = (first, now)


_LOGS = ("decisions.jsonl", "broadcaster.log")


@contextmanager
def laboratory(root: Path, more: str = "", *, small_disk: bool = False) -> Iterator[Lab]:
    """A store on air. ``more`` is added to its ``station.yaml``. ``small_disk`` can only be had by root under Linux."""
    with ExitStack() as parts:
        line = parts.enter_context(phone())
        switches = root / "switches"
        switches.mkdir(parents=True)
        home = root / "home"
        if small_disk:
            home.mkdir()
            subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SMALL_DISK}", "none", home], check=True)
            parts.callback(lambda: subprocess.run(["umount", "--lazy", home], check=False))
        fault_home.lay_out(home, line.port, more)
        sink = parts.enter_context(fault_home.LabSink(inside.hooked(switches)))
        recorder = parts.enter_context(Recorder(sink, latency_ms=20))
        supervisor = parts.enter_context(fault_home.supervised(home, sink))
        supervisor.daemon.ready(60)
        lab = Lab(home, sink, recorder, supervisor, line, switches)
        parts.callback(lab.close)
        yield lab


def _better(one: Block, others: Sequence[Block]) -> Block:
    """What is heard of a block where several devices play: the wrong before the right before nothing."""
    order = {"other": 2, "right": 1, "missing": 0}
    near = [two for two in others if abs(two.at - one.at) < sweep.BLOCK_S]
    return max([one, *near], key=lambda block: order[block.judgement])


def _missed(fault: Fault, report: Report) -> Iterator[str]:
    if report.right_after_s is None:
        yield "the air did not get right again"
    elif report.right_after_s > fault.back_s:
        yield f"right after {report.right_after_s:.1f} s, not within {fault.back_s:g} s"
    if fault.sound_s is not None and (report.sound_after_s is None or report.sound_after_s > fault.sound_s):
        yield f"no sound for {_s(report.sound_after_s)}, at most {fault.sound_s:g} s"
    if fault.missing_s is not None and report.missing_s > fault.missing_s:
        yield f"{report.missing_s:.1f} s of sound were missing, at most {fault.missing_s:g} s may"
    if fault.other_s is not None and report.other_s > fault.other_s:
        yield f"{report.other_s:.1f} s of other sound, at most {fault.other_s:g} s may"
    if fault.alert and report.causes.get(fault.alert, ALERT_S + 1) > ALERT_S:
        yield f"no alert {fault.alert} within {ALERT_S:g} s"
    yield from report.log_faults


def _decision(line: str) -> str:
    try:
        said: dict[str, Any] = json.loads(line)
    except ValueError:
        return line
    return " ".join(f"{name}={value}" for name, value in said.items() if name not in ("at", "time", "level"))


def _counted(lines: Iterator[str]) -> list[str]:
    """Each line once, in order, with how often it came."""
    count = Counter(lines)
    return [line if number == 1 else f"{number} times {line}" for line, number in count.items()]


def _after(instant: float | None, since: float) -> float | None:
    return None if instant is None else round(max(instant - since, 0.0), 2)


def _s(value: float | None) -> str:
    return "never" if value is None else f"{value:.1f} s"


__all__ = ["ALERT_S", "Fault", "Lab", "LabError", "Report", "laboratory", "wait"]

"""Two PCs at one amplifier: two daemons, each with a sound server of its own, both recorded."""

from __future__ import annotations

import contextlib
import json
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from tests.lab.analysis import envelope_db
from tests.lab.recorder import Recorder
from tests.lab.sink import NullSink
from tests.live_kit import STATION, Daemon, Store, free_port, wait

TOKEN = "the two of us know this"
BLOCK_S = 0.02
SOUND_DB = -50.0


@dataclass
class Pc:
    """One of the two."""

    root: Path
    sink: NullSink
    recorder: Recorder
    daemon: Daemon | None = None

    def start(self) -> Daemon:
        """Its daemon, begun (again)."""
        if self.daemon is None:
            self.daemon = Daemon(self.root, self.sink)
        else:
            # What it said before it died is not what it says now.
            (self.root / "var/run/standby.json").unlink(missing_ok=True)
            self.daemon.start()
        return self.daemon

    def stop(self) -> None:
        """Its daemon ends."""
        if self.daemon is not None:
            self.daemon.stop()

    @property
    def told(self) -> dict[str, Any]:
        """What it says of its part."""
        try:
            return dict(json.loads((self.root / "var/run/standby.json").read_text(encoding="utf-8")))
        except (OSError, ValueError):
            return {}

    @property
    def state(self) -> str:
        """``on-air``, ``yielded``, ``standing-by``, ``asking``; empty before its first word."""
        return str(self.told.get("state", ""))

    def wait_for(self, state: str, limit_s: float = 30.0) -> None:
        """Until it says so; with what it printed if it does not."""
        try:
            wait(lambda: self.state == state, limit_s, f"{self.root.name} {state}")
        except AssertionError as error:
            console = self.daemon.console if self.daemon else ""
            raise AssertionError(f"{error}\n{console[-4000:]}") from None


@dataclass
class Pair:
    """Main and second."""

    main: Pc
    second: Pc

    def sounding(self, start: float, end: float) -> tuple[np.ndarray, np.ndarray]:
        """Of each PC, for each 20 ms between two monotonic instants: whether it sounded."""
        found = []
        for pc in (self.main, self.second):
            take = pc.recorder.wait_until(end, timeout=15).slice(start, end)
            found.append(envelope_db(take, BLOCK_S) > SOUND_DB)
        count = min(len(one) for one in found)
        return found[0][:count], found[1][:count]


def silent_for(sounding: np.ndarray) -> float:
    """The longest silence, in seconds."""
    longest = run = 0
    for one in sounding:
        run = 0 if one else run + 1
        longest = max(longest, run)
    return longest * BLOCK_S


def lay_out(store: Store, role: str, port: int, peer: int, **more: object) -> None:
    """The station's file with its part in the pair."""
    told = {"role": role, "peer": f"http://127.0.0.1:{peer}", "port": port, "token": TOKEN, **more}
    store.write("config/station.yaml", STATION + f"standby: {json.dumps(told)}\n")


@contextlib.contextmanager
def pair(folder: Path, programme: str) -> Iterator[tuple[Pair, Store]]:
    """Both homes and sound servers; nothing runs yet. The second has nothing but its word of whom to follow."""
    main, second = Store(folder / "main"), Store(folder / "second")
    ports = free_port(), free_port()
    main.lay_out(programme)
    lay_out(main, "main", *ports)
    lay_out(second, "second", *reversed(ports))
    with contextlib.ExitStack() as parts:
        pcs = []
        for store in (main, second):
            sink = parts.enter_context(NullSink())
            pcs.append(Pc(store.root, sink, parts.enter_context(Recorder(sink))))
        both = Pair(*pcs)
        for pc in pcs:
            parts.callback(pc.stop)
        yield both, main


def started(both: Pair) -> None:
    """The main PC on air, and the second with the same plan, standing by."""
    both.main.start().ready(60)
    both.main.wait_for("on-air")
    both.second.start()
    both.second.wait_for("standing-by")
    same_plan(both)


def same_plan(both: Pair) -> None:
    """Wait until the second compiles the very day that the main PC has."""
    wait(lambda: (main := _day_of(both.main)) and main == _day_of(both.second), 60, "the same day on both PCs")


def _day_of(pc: Pc) -> Any:
    assert pc.daemon is not None
    address = f"http://127.0.0.1:{pc.daemon.port}/api/v1/rundown/{datetime.now(UTC).date()}"
    with contextlib.suppress(OSError, ValueError), urllib.request.urlopen(address, timeout=5) as answer:
        day = json.load(answer)
        return day["segments"], day["spots"]
    return None

"""This program: ``python -m broadcaster run`` on a home that is prepared."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path

import psutil

from bench.peers.player import Cast, again_and_again
from bench.peers.recordings import EVERY_S, Show, write_recordings
from broadcaster.asrun.log import AsRunLog
from broadcaster.settings import Home
from broadcaster.store.database import open_database
from tests.lab.sink import NullSink
from tests.live_kit import STATION, Store, all_day, free_port

LEVEL = "full"
RULE = """\
spots:
  - {{id: item, title: item, script: item, every: {every} s, lateness: 1 s, move_by: 0 s,
     windows: [{{from: '{first}', to: '{last}'}}]}}
"""


class OurCast(Cast):
    """The daemon and its children."""

    def __init__(self, root: Path) -> None:
        super().__init__()
        self._root = root

    def playing(self) -> int:
        return int((self._root / "var/run/engine.pid").read_text(encoding="ascii"))

    def part(self, name: str) -> list[psutil.Process]:
        """The processes that run a module; of the engines only the one that plays."""
        found = [one for one in self.processes() if name in one.cmdline()]
        return [one for one in found if one.pid == self.playing()] if name == "broadcaster.engine" else found

    def daemon(self) -> list[psutil.Process]:
        """The conductor's process."""
        return [psutil.Process(self.root)]


class Ours:
    """A home in ``folder`` with the show's programme."""

    name = "ours"
    how = (
        "`python -m broadcaster run` on a prepared home: bed with 1 s cross-fade, a spot rule every 2 s with the "
        "station's duck (14 dB in 0.4 s); conductor, as-run log, ear and page all running"
    )

    def __init__(self, folder: Path) -> None:
        self.store = Store(folder)
        bed, item = write_recordings(folder)
        # So that it is about noon in the store: no run crosses midnight.
        ahead = (12 - datetime.now(UTC).hour + 11) % 24 - 11
        self._ahead = timedelta(hours=ahead)
        self.store.lay_out(all_day("{playlist: bed}", LEVEL))
        station = STATION.replace("timezone: UTC", f"timezone: Etc/GMT{-ahead:+d}")
        # Spots every other second stand closer than a store would have them.
        self.store.write("config/station.yaml", station + "separation: 0.5 s\n")
        self.store.write("announcements/item.yaml", "title: item\nrecording: item.wav\n")
        self._rule([])
        self.store.prepare()
        self.show = Show(bed, item)
        """What everybody plays: the files as they were handed in, which need no conversion by anybody."""

    @property
    def title(self) -> str:
        return f"store-broadcaster {version('store-broadcaster')}"

    def missing(self) -> str:
        return ""

    def logged_at(self, wall_s: float) -> str:
        """What the as-run log knows of the item that was due at an instant."""
        due = datetime.fromtimestamp(wall_s, UTC)
        database = open_database(Home(self.store.root).database)
        try:
            found = AsRunLog(database, "main").entries_between(due - timedelta(seconds=1), due + timedelta(seconds=1))
        finally:
            database.dispose()
        return "; ".join(
            f"{one.outcome} {one.reason} commanded {one.commanded_at} heard {one.heard_at} {one.loudness_lufs} LUFS"
            for one in found
            if one.spot_id and abs((one.planned_at - due).total_seconds()) < 0.5
        )

    def play(self, show: Show, sink: NullSink, folder: Path, *, again: bool = False) -> OurCast:
        self._rule(show.due)
        root = self.store.root
        cast = OurCast(root)
        command = [sys.executable, "-m", "broadcaster", "--home", str(root), "run", "--port", str(free_port())]
        cast.launch(again_and_again(command) if again else command, sink.child_env, root / "var/console.txt")
        return cast

    def _rule(self, due: Sequence[float]) -> None:
        # A rule for a window that is over keeps the script in the plan, and its recording prepared.
        first, last = (due[0], due[-1] + EVERY_S) if due else (time.time() - 3600, time.time() - 3500)
        text = RULE.format(every=EVERY_S, first=self._local(first), last=self._local(last))
        self.store.programme(all_day("{playlist: bed}", LEVEL) + text)

    def _local(self, wall_s: float) -> str:
        return (datetime.fromtimestamp(wall_s, UTC) + self._ahead).strftime("%H:%M:%S")

"""Plots, drawn once: kept under ``var/cache`` by their content, and drawn by a child of the lowest priority."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from broadcaster import paper
from broadcaster.errors import BroadcasterError, TooOften
from broadcaster.media.bench import child_environment, creation_flags
from broadcaster.trends.charts import key_of
from broadcaster.trends.job import JOB, Chart, Form, Job

LIMIT_S = 90.0
KEPT = 300
"""Pictures that are kept; what was drawn longest ago goes first."""
FONTS = tuple(
    Path(paper.__file__).with_name("fonts") / file for file in ("NotoSansSC_400Regular.ttf", "NotoSansSC_700Bold.ttf")
)
"""Those of the printed reports: they may be missing, then a font of the system is taken."""
MOST_WAIT = 7
"""So many may wait for a child: each holds a thread of the page."""
WORKER = (sys.executable, "-m", "broadcaster.trends.plots")


class PlotError(BroadcasterError):
    """The plots can't be drawn; the text names the reason."""


class Plots:
    """In one folder; may be shared by threads. One child draws at a time, and who waits finds what it drew."""

    def __init__(self, folder: Path, command: tuple[str, ...] = WORKER) -> None:
        self._folder = folder
        self._command = command
        self._lock = threading.Lock()
        self.waiting = threading.Semaphore(MOST_WAIT)
        self.drawn = 0
        """How often a child was asked."""

    def get(self, charts: Mapping[str, Chart], form: Form) -> dict[str, bytes]:
        """The pictures of charts, by name. Raises ``PlotError``; ``TooOften`` while many wait already."""
        key = key_of(charts, form)
        found = self._kept(key, charts, form)
        if found is not None:
            return found
        if not self.waiting.acquire(blocking=False):
            raise TooOften("正在画别的图,请稍候再看 / other plots are being drawn, look again in a moment", 10)
        try:
            with self._lock:
                return self._kept(key, charts, form) or self._draw(key, charts, form)
        finally:
            self.waiting.release()

    def _place(self, key: str, name: str, form: Form) -> Path:
        return self._folder / f"{key}-{name}.{form}"

    def _kept(self, key: str, charts: Mapping[str, Chart], form: Form) -> dict[str, bytes] | None:
        try:
            return {name: self._place(key, name, form).read_bytes() for name in charts}
        except OSError:
            return None

    def _draw(self, key: str, charts: Mapping[str, Chart], form: Form) -> dict[str, bytes]:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=self._folder, prefix=".new-") as work:
                self._ask(Job(charts, form, work, tuple(map(str, FONTS))))
                found = {name: (Path(work) / f"{name}.{form}").read_bytes() for name in charts}
                for name in charts:
                    (Path(work) / f"{name}.{form}").replace(self._place(key, name, form))
        except OSError as error:
            raise PlotError(f"图画不出来 / the plots can't be kept: {error}") from error
        self._tidy()
        return found

    def _ask(self, job: Job) -> None:
        self.drawn += 1
        # Where the library keeps its list of fonts; the user's folder may be nobody's.
        environment = {**child_environment(), "MPLCONFIGDIR": str(self._folder / "fonts")}
        try:
            done = subprocess.run(
                self._command, input=JOB.dump_json(job), capture_output=True, timeout=LIMIT_S, check=False,
                env=environment, creationflags=creation_flags(),
            )  # fmt: skip
        except subprocess.TimeoutExpired as error:
            raise PlotError(f"画图超过 {LIMIT_S:.0f} 秒 / drawing took more than {LIMIT_S:.0f} s") from error
        if done.returncode != 0:
            words = done.stderr.decode("utf-8", "replace").strip().splitlines() or [f"status {done.returncode}"]
            raise PlotError(f"图画不出来 / the plots can't be drawn: {words[-1][:300]}")

    def _tidy(self) -> None:
        with suppress(OSError):
            kept = sorted(self._folder.glob("*-*.*"), key=lambda path: path.stat().st_mtime, reverse=True)
            for old in kept[KEPT:]:
                old.unlink(missing_ok=True)

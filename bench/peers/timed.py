"""Players that are started by a timer: one process for the bed, and one for each item."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
from collections.abc import Sequence
from pathlib import Path

from bench.peers.player import Cast, again_and_again, version_of
from bench.peers.recordings import Show
from tests.lab.sink import NullSink


class Timed:
    """One process plays the bed without end; a timer starts another for each item."""

    name = ""
    program = ""
    how = ""

    def missing(self) -> str:
        """The program's name if it is not there."""
        return "" if shutil.which(self.program) else self.program

    def bed(self, folder: Path, files: Sequence[Path]) -> list[str]:
        """The command that plays these without end."""
        raise NotImplementedError

    def item(self, folder: Path, file: Path) -> list[str]:
        """The command that plays this once and ends."""
        raise NotImplementedError

    def play(self, show: Show, sink: NullSink, folder: Path, *, again: bool = False) -> Cast:
        """As :class:`~bench.peers.player.Player` says."""
        cast, log, env = Cast(), folder / f"{self.name}.txt", sink.child_env
        command, item = self.bed(folder, show.bed), self.item(folder, show.item)
        cast.launch(again_and_again(command) if again else command, env, log)

        def one() -> None:
            process: subprocess.Popen[bytes] = cast.launch(item, env, log)
            threading.Thread(target=cast.reap, args=(process,), daemon=True).start()

        cast.at(show.due, one)
        return cast


class Cvlc(Timed):
    """VLC's own program without a window."""

    name = "cvlc"
    program = "vlc"
    how = "`cvlc --loop` for the bed, `cvlc --play-and-exit` for each item by an ideal timer (cron is later); no duck"

    @property
    def title(self) -> str:
        return "VLC " + (version_of(["dpkg-query", "-W", "-f=${Version}", "vlc-bin"], "") or "?")

    def bed(self, folder: Path, files: Sequence[Path]) -> list[str]:
        return [self._own(folder), *OPTIONS, "--loop", *map(str, files)]

    def item(self, folder: Path, file: Path) -> list[str]:
        return [self._own(folder), *OPTIONS, "--play-and-exit", str(file)]

    @staticmethod
    def _own(folder: Path) -> str:
        program = shutil.which("vlc") or "vlc"
        if os.name != "posix" or os.geteuid() != 0:
            return program
        # VLC refuses root, and asks by geteuid. A bench machine may have nobody else: ask a copy for something else.
        own = folder / "vlc"
        if not own.exists():
            own.write_bytes(Path(program).read_bytes().replace(b"geteuid", b"getppid"))
            own.chmod(0o755)
        return str(own)


OPTIONS = ("-I", "dummy", "--quiet", "--no-video", "--aout=pulse")


class Mpv(Timed):
    """mpv without a window."""

    name = "mpv"
    program = "mpv"
    how = "`mpv --loop-playlist --gapless-audio=yes` for the bed, one `mpv` for each item by the same timer; no duck"

    @property
    def title(self) -> str:
        return " ".join(version_of(["mpv", "--version"], self.name).split()[:2])

    def bed(self, folder: Path, files: Sequence[Path]) -> list[str]:
        return [*MPV, "--gapless-audio=yes", "--loop-playlist=inf", *map(str, files)]

    def item(self, folder: Path, file: Path) -> list[str]:
        return [*MPV, str(file)]


MPV = ("mpv", "--no-config", "--no-video", "--no-terminal", "--ao=pulse")

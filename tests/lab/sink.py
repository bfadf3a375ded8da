"""A private PulseAudio server whose one output goes nowhere but can be recorded."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

from broadcaster.clock import monotonic

RATE = 48_000
SINK = "out"

# Settings of the machine must not reach the laboratory: with flat volumes a loud stream turns the sink itself up.
_DAEMON_CONF = """\
flat-volumes = no
exit-idle-time = -1
default-sample-format = float32le
default-sample-rate = 48000
default-sample-channels = 2
"""

# A client that finds no server must fail, not bring up a server of its own.
_CLIENT_CONF = "autospawn = no\n"


class LabError(Exception):
    """The laboratory itself does not work; says nothing about what is being tested."""


class NullSink:
    """A sound server of our own, started on entry and gone on exit.

    It plays in real time to nowhere: 48 kHz, stereo, 32-bit float, unity gain. ``LabError`` if it does not come up.
    """

    def __init__(self, start_timeout_s: float = 15.0) -> None:
        self._start_timeout_s = start_timeout_s
        self._folder: Path | None = None
        self._server: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        program = shutil.which("pulseaudio")
        if program is None or shutil.which("parec") is None or shutil.which("pactl") is None:
            raise LabError("tests with sound need pulseaudio, parec and pactl (packages pulseaudio, pulseaudio-utils)")
        self._folder = Path(tempfile.mkdtemp(prefix="soundlab-"))
        (self._folder / "daemon.conf").write_text(_DAEMON_CONF)
        (self._folder / "client.conf").write_text(_CLIENT_CONF)
        (self._folder / "run").mkdir(mode=0o700)
        try:
            self._start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def folder(self) -> Path:
        """The server's own home folder."""
        if self._folder is None:
            raise LabError("the null sink is not open")
        return self._folder

    @property
    def env(self) -> dict[str, str]:
        """What a child needs in its environment, on top of ours, to play here and nowhere else."""
        return {
            "HOME": str(self.folder),
            "XDG_RUNTIME_DIR": str(self.folder / "run"),
            "PULSE_SERVER": f"unix:{self._socket}",
            "PULSE_SINK": SINK,
            "PULSE_SOURCE": f"{SINK}.monitor",
            "PULSE_CLIENTCONFIG": str(self.folder / "client.conf"),
        }

    @property
    def child_env(self) -> dict[str, str]:
        """The whole environment for a child: ours with ``env`` merged in."""
        return {**os.environ, **self.env}

    @property
    def pid(self) -> int:
        """Process id of the server; ``LabError`` while it is down."""
        if self._server is None or self._server.poll() is not None:
            raise LabError("the sound server is not running")
        return self._server.pid

    @property
    def running(self) -> bool:
        """Whether the server process is there."""
        return self._server is not None and self._server.poll() is None

    @property
    def reachable(self) -> bool:
        """Whether the server has an address to connect to."""
        return self._folder is not None and self._socket.exists()

    def kill(self) -> None:
        """The sound card is pulled out: the server ends without a word to its clients. Again: nothing happens."""
        if self._server is not None:
            self._server.kill()
            self._server.wait()
            self._server = None
            self._socket.unlink(missing_ok=True)

    def restart(self) -> None:
        """The sound card is back, at the same address. A running server is killed first."""
        self.kill()
        self._start()

    def freeze(self) -> None:
        """The sound card hangs: still there, answering nothing, until ``thaw``."""
        psutil.Process(self.pid).suspend()

    def thaw(self) -> None:
        """End of ``freeze``."""
        psutil.Process(self.pid).resume()

    def pactl(self, *words: str) -> str:
        """What ``pactl`` prints for these words on this server; ``LabError`` with its complaint if it fails."""
        try:
            done = subprocess.run(
                ["pactl", *words], env=self.child_env, capture_output=True, text=True, timeout=10, check=False
            )
        except subprocess.TimeoutExpired as error:
            raise LabError(f"pactl {' '.join(words)}: no answer in 10 s") from error
        if done.returncode:
            raise LabError(f"pactl {' '.join(words)}: {done.stderr.strip()}")
        return done.stdout

    def close(self) -> None:
        """The server ends and its folder goes."""
        self.kill()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    @property
    def _socket(self) -> Path:
        return self.folder / "native"

    def _start(self) -> None:
        # norewinds: without it the monitor misses up to a block of what is played.
        modules = (
            f"module-null-sink sink_name={SINK} rate={RATE} channels=2 format=float32le norewinds=1",
            f"module-native-protocol-unix auth-anonymous=1 socket={self._socket}",
        )
        command = ["pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no"]
        command += [word for module in modules for word in ("-L", module)]
        log = self.folder / "server.log"
        environment = {**self.child_env, "PULSE_CONFIG": str(self.folder / "daemon.conf")}
        with log.open("ab") as out:
            self._server = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        deadline = monotonic() + self._start_timeout_s
        while not self._answers():
            if not self.running or monotonic() > deadline:
                self.kill()
                raise LabError(f"the sound server did not come up: {log.read_text(errors='replace')[-1000:]!r}")
            time.sleep(0.02)

    def _answers(self) -> bool:
        if not self._socket.exists():
            return False
        try:
            return SINK in self.pactl("list", "short", "sinks")
        except LabError:
            return False

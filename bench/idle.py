"""What the program costs while it plays music: daemon and engine beside bare ``cvlc`` on the same file, in one run.

``python -m bench.idle [--seconds 60]``. CPU is user and system time of the process; memory is resident size (RSS),
and beside it the proportional one (PSS), which counts what two processes share only once.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import psutil

from broadcaster.clock import monotonic
from tests.lab import signals
from tests.lab.sink import NullSink
from tests.live_kit import Store, all_day, running, wait


def used(process: psutil.Process) -> float:
    """CPU seconds so far."""
    times = process.cpu_times()
    return float(times.user + times.system)


def measure(processes: dict[str, psutil.Process], seconds: float) -> None:
    """Print a line a process."""
    begun, before = monotonic(), {name: used(process) for name, process in processes.items()}
    wait(lambda: monotonic() - begun >= seconds, seconds + 5, "the end of the measurement")
    took = monotonic() - begun
    for name, process in processes.items():
        memory = process.memory_full_info()
        share = 100 * (used(process) - before[name]) / took
        resident, proportional = memory.rss / 1e6, memory.pss / 1e6
        print(f"{name:8} {share:5.2f} % of a core, RSS {resident:6.1f} MB, PSS {proportional:6.1f} MB", flush=True)


def bare_cvlc(folder: Path, file: Path, sink: NullSink) -> subprocess.Popen[bytes] | None:
    """VLC's own program without a window, on one file; None where it is not installed (Debian: ``vlc-bin``)."""
    program = shutil.which("vlc")
    if program is None:
        print("cvlc is not installed: no peer (apt-get install vlc-bin)")
        return None
    if os.geteuid() == 0:
        # VLC refuses root, and asks by geteuid. A bench machine may have nobody else: ask a copy for something else.
        own = folder / "vlc"
        own.write_bytes(Path(program).read_bytes().replace(b"geteuid", b"getppid"))
        own.chmod(0o755)
        program = str(own)
    return subprocess.Popen(
        [program, "-I", "dummy", "--quiet", "--loop", "--aout=pulse", str(file)],
        env=sink.child_env,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=60)
    options = parser.parse_args()
    with NullSink() as sink, tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        store = Store(Path(folder))
        store.lay_out(all_day("{playlist: hum}"))
        signals.ruler(store.root / "playlists/hum/one.wav", 600)
        file = store.prepare()["one.wav"]
        peer = bare_cvlc(Path(folder), file, sink)
        try:
            with running(store.root, sink) as daemon:
                daemon.ready()
                assert daemon.process is not None
                processes = {
                    "daemon": psutil.Process(daemon.process.pid),
                    "engine": psutil.Process(daemon.engine_pid),
                }
                if peer is not None:
                    processes["cvlc"] = psutil.Process(peer.pid)
                # The first minute's imports and the page are not what it costs to play.
                settled = monotonic() + 10
                wait(lambda: monotonic() > settled, 15, "a settled daemon")
                measure(processes, options.seconds)
        finally:
            if peer is not None:
                peer.terminate()
                peer.wait()


if __name__ == "__main__":
    main()

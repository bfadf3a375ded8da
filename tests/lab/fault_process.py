"""Faults of the program's own processes: killed, stopped, leaking, talking nonsense, asked too much."""

from __future__ import annotations

import contextlib
import random
import socket
import threading
import time
import urllib.request

import psutil

from broadcaster.clock import monotonic
from tests.lab.faults import Fault, Lab
from tests.live_kit import wait


def kill_engine(lab: Lab, chance: random.Random) -> float:
    """SIGKILL to the engine."""
    psutil.Process(lab.engine_pid).kill()
    return monotonic()


def stop_engine(lab: Lab, chance: random.Random) -> float:
    """SIGSTOP to the engine: there, and deaf."""
    psutil.Process(lab.engine_pid).suspend()
    return monotonic()


def kill_engine_again_and_again(lab: Lab, chance: random.Random) -> float:
    """Five engines killed one after another, each as soon as it plays."""
    for _ in range(5):
        with contextlib.suppress(psutil.Error, OSError, ValueError):
            psutil.Process(lab.engine_pid).kill()
        time.sleep(chance.uniform(0.2, 0.8))
    return monotonic()


def leak(lab: Lab, chance: random.Random) -> float:
    """The engine grows by 400 MB."""
    pid = lab.engine_pid
    (lab.switches / "leak").write_text(str(pid), encoding="ascii")

    def grown() -> bool:
        # It may be replaced in the middle of it, which is no fault of the leak's.
        with contextlib.suppress(psutil.Error, OSError, ValueError):
            return lab.engine_pid != pid or psutil.Process(pid).memory_info().rss > 350e6
        return False

    wait(grown, 30, "the leak")
    return monotonic()


def spam(lab: Lab, chance: random.Random) -> float:
    """The engine sends nonsense down its pipe, as fast as it goes, until it is replaced; ten seconds at most."""
    switch, pid = lab.switches / "spam", lab.engine_pid
    switch.write_text(str(pid), encoding="ascii")

    def replaced() -> bool:
        with contextlib.suppress(OSError, ValueError):
            return lab.engine_pid != pid
        return True

    with contextlib.suppress(AssertionError):
        wait(replaced, 10, "another engine")
    switch.unlink()
    size = sum(path.stat().st_size for path in (lab.root / "var/log").glob("broadcaster.log*")) / 1e6
    if size > 10:
        lab.notes.append(f"the log grew to {size:.0f} MB")
    return monotonic()


def kill_daemon(lab: Lab, chance: random.Random) -> float:
    """SIGKILL to the daemon; the supervisor starts it again."""
    psutil.Process(lab.daemon_pid).kill()
    return monotonic()


def kill_all(lab: Lab, chance: random.Random) -> float:
    """The daemon and every child of it at one blow, as a plug that is pulled."""
    daemon = psutil.Process(lab.daemon_pid)
    for one in (daemon, *daemon.children(recursive=True)):
        with contextlib.suppress(psutil.Error):
            one.kill()
    return monotonic()


def stop_daemon(lab: Lab, chance: random.Random) -> float:
    """The daemon stands still for eight seconds; the engine plays on by itself."""
    daemon = psutil.Process(lab.daemon_pid)
    daemon.suspend()
    time.sleep(8)
    daemon.resume()
    return monotonic()


def kill_ear(lab: Lab, chance: random.Random) -> float:
    """SIGKILL to the ear: nothing of the air may change."""
    found = children(lab, "broadcaster.ear")
    if not found:
        lab.notes.append("there is no ear")
    for one in found:
        one.kill()
    return monotonic()


def stop_ear(lab: Lab, chance: random.Random) -> float:
    """SIGSTOP to the ear for as long as it takes: a deaf station plays on, and says so."""
    found = children(lab, "broadcaster.ear")
    if not found:
        lab.notes.append("there is no ear")
    for one in found:
        one.suspend()
    time.sleep(12)
    return monotonic()


def saturate_page(lab: Lab, chance: random.Random) -> float:
    """Every thread of the page busy and its connections taken for ten seconds."""
    until = monotonic() + 10
    address = f"http://127.0.0.1:{lab.daemon.port}"

    def ask() -> None:
        while monotonic() < until:
            with contextlib.suppress(OSError, ValueError), urllib.request.urlopen(address + "/", timeout=5) as answer:
                answer.read()

    crowd = [threading.Thread(target=ask, daemon=True) for _ in range(16)]
    for one in crowd:
        one.start()
    with contextlib.ExitStack() as halves:
        for _ in range(200):
            with contextlib.suppress(OSError):
                half = halves.enter_context(socket.create_connection(("127.0.0.1", lab.daemon.port), timeout=2))
                half.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ")
        for one in crowd:
            one.join(20)
    if not _answers(lab):
        lab.notes.append("the page does not answer 10 s after the crowd has gone")
    return monotonic()


def children(lab: Lab, module: str) -> list[psutil.Process]:
    """The daemon's children that run a module."""
    found = []
    for one in psutil.Process(lab.daemon_pid).children(recursive=True):
        with contextlib.suppress(psutil.Error):
            if any(word.startswith(module) for word in one.cmdline()):
                found.append(one)
    return found


def _answers(lab: Lab) -> bool:
    with contextlib.suppress(AssertionError):
        return bool(wait(lab.daemon.status, 10, "the page"))
    return False


def _unleak(lab: Lab) -> None:
    (lab.switches / "leak").unlink(missing_ok=True)


def _resume_ear(lab: Lab) -> None:
    for one in children(lab, "broadcaster.ear"):
        with contextlib.suppress(psutil.Error):
            one.resume()


ENGINE_S, DAEMON_S = 1.0, 3.0
"""Targets: sound is back so soon after a fault of the engine, of daemon or sound server."""

PROCESS_FAULTS = (
    Fault("engine-killed", kill_engine, ENGINE_S, missing_s=ENGINE_S),
    # An engine that hangs is known by its missing beats: 0.7 s of the second go for that.
    Fault("engine-stopped", stop_engine, ENGINE_S + 0.7, missing_s=ENGINE_S),
    Fault("engine-killed-5-times", kill_engine_again_and_again, 6.0),
    Fault("engine-leaks", leak, ENGINE_S, missing_s=ENGINE_S, undo=_unleak),
    Fault("engine-spams", spam, ENGINE_S, missing_s=ENGINE_S),
    Fault("daemon-killed", kill_daemon, DAEMON_S, missing_s=DAEMON_S),
    Fault("all-killed", kill_all, DAEMON_S, missing_s=DAEMON_S),
    Fault("daemon-stopped-8s", stop_daemon, DAEMON_S, missing_s=DAEMON_S),
    Fault("page-saturated", saturate_page, ENGINE_S, missing_s=0.0, other_s=0.0),
    Fault("ear-killed", kill_ear, ENGINE_S, missing_s=0.0, other_s=0.0),
    Fault("ear-stopped-12s", stop_ear, ENGINE_S, missing_s=0.0, other_s=0.0, undo=_resume_ear),
)

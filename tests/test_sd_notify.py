"""What the service manager is told, on a real socket."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from broadcaster.ops.sd_notify import INTERVAL, SOCKET, WHO, ServiceManager

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no such manager there")


@pytest.fixture(params=["file", "abstract"])
def manager(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[socket.socket, str]]:
    name = str(tmp_path / "notify") if request.param == "file" else f"@broadcaster-{uuid.uuid4().hex}"
    with socket.socket(getattr(socket, "AF_UNIX", -1), socket.SOCK_DGRAM) as listening:
        listening.settimeout(10)
        listening.bind(name if request.param == "file" else f"\0{name[1:]}")
        yield listening, name


def test_it_hears_of_start_life_and_end(manager: tuple[socket.socket, str]) -> None:
    listening, name = manager
    environment = {SOCKET: name, INTERVAL: "30000", WHO: str(os.getpid()), "OTHER": "stays"}
    service = ServiceManager(environment)
    assert environment == {"OTHER": "stays"}
    assert service.tell("READY=1", "STATUS=on air")
    assert listening.recv(100) == b"READY=1\nSTATUS=on air"
    service.feed(lambda: True)
    assert [listening.recv(100) for _ in range(3)] == [b"WATCHDOG=1"] * 3
    service.close()
    while listening.recv(100) != b"STOPPING=1":
        pass


def test_without_life_there_is_no_sign_of_it(manager: tuple[socket.socket, str]) -> None:
    listening, name = manager
    service = ServiceManager({SOCKET: name, INTERVAL: "15000"})
    alive, asked = iter([True, False, False, False]), threading.Event()

    def ask() -> bool:
        answer = next(alive, None)
        if answer is None:
            asked.set()
        return bool(answer)

    service.feed(ask)
    assert asked.wait(10)
    service.close()
    assert [listening.recv(100), listening.recv(100)] == [b"WATCHDOG=1", b"STOPPING=1"]


@pytest.mark.parametrize("environment", [{}, {SOCKET: "/nowhere/notify"}, {SOCKET: "@nobody-listens-here"}])
def test_without_a_manager_nothing_happens(environment: dict[str, str]) -> None:
    service = ServiceManager(environment)
    assert not service.tell("READY=1")
    service.close()


def test_signs_of_life_are_wanted_of_the_process_that_is_named() -> None:
    assert ServiceManager({INTERVAL: "3000000", WHO: "1"}).feed_s is None
    assert ServiceManager({INTERVAL: "3000000"}).feed_s == 1.0
    assert ServiceManager({INTERVAL: "often"}).feed_s is None


def test_a_child_can_not_speak_for_us(manager: tuple[socket.socket, str]) -> None:
    listening, name = manager
    program = (
        "import subprocess, sys; from broadcaster.ops.sd_notify import ServiceManager as Manager;"
        "Manager().tell('READY=1'); ask = 'import os, sys; sys.exit(\"NOTIFY_SOCKET\" in os.environ)';"
        "subprocess.run([sys.executable, '-c', ask], check=True)"
    )
    subprocess.run([sys.executable, "-c", program], env={**os.environ, SOCKET: name}, check=True, timeout=60)
    assert listening.recv(100) == b"READY=1"

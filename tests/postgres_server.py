"""A real PostgreSQL server of this test process, with a cluster of its own that ends with it.

The programs are Debian's (``./test`` installs them). Such a server refuses to be run by root: for root it is run as the
user whom the package made.
"""

from __future__ import annotations

import atexit
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

import pytest

USER = "postgres"
"""Of the system, where root runs the tests; and of the database."""


@cache
def postgres_url() -> str:
    """Start it at the first call; the URL of its empty database. Skips the test where PostgreSQL is not installed."""
    programs = _programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed (Debian: postgresql)")
    folder = Path(tempfile.mkdtemp(prefix="broadcaster-postgres-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    if _as_root():
        shutil.chown(folder, USER)
    data, port = folder / "data", _free_port()
    _run(programs / "initdb", "-D", data, "-U", USER, "-A", "trust", "-E", "UTF8", "--no-sync")
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
    control = programs / "pg_ctl"
    _run(control, "-D", data, "-o", options, "-l", folder / "log", "-w", "-t", "120", "start")
    atexit.register(_run, control, "-D", data, "-m", "immediate", "stop")
    return f"postgresql+psycopg://{USER}@127.0.0.1:{port}/postgres"


def _programs() -> Path | None:
    """The newest version's folder; Debian keeps them out of the PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"), key=lambda one: int(one.parents[1].name))
    if found:
        return found[-1].parent
    here = shutil.which("pg_ctl")
    return Path(here).resolve().parent if here else None


def _as_root() -> bool:
    return sys.platform != "win32" and os.geteuid() == 0


def _run(*words: str | Path) -> None:
    before = ["runuser", "-u", USER, "--"] if _as_root() else []
    done = subprocess.run(
        [*before, *map(str, words)], cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, f"{words}: {done.stderr}"


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])

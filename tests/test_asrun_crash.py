"""What is left of the log when its writer is killed, and when several write at once."""

from __future__ import annotations

import random
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from broadcaster.asrun.entries import Outcome
from broadcaster.asrun.log import AsRunLog
from broadcaster.store.database import open_database
from tests.postgres_server import postgres_url
from tests.store_support import BACKENDS, DAY, PLANNED, ROOT, fresh, later, spot

KILLS = 20

# Says on its output what it was promised, as soon as it was: "armed X" means that X must be in the log for good.
WRITER = """
import sys
from pathlib import Path
from broadcaster.asrun.entries import Outcome
from broadcaster.asrun.log import AsRunLog
from broadcaster.store.database import open_database
from tests.store_support import later, spot, track
log = AsRunLog(open_database(Path(sys.argv[1])), "main")
for number in range(100_000):
    name = f"{sys.argv[2]}-{number}"
    assert log.arm_spot(**spot(name), armed_at=later(number))
    print("armed", name, flush=True)
    log.spot_started(name, later(number))
    print("started", name, flush=True)
    log.track_ended(log.track_started(**track()), later(number), Outcome.AIRED)
    log.spot_ended(name, later(number + 1), Outcome.AIRED)
    print("ended", name, flush=True)
"""

CROWD = """
import sys
from broadcaster.asrun.log import AsRunLog
from broadcaster.store.database import open_database
from tests.store_support import PLANNED, spot
log = AsRunLog(open_database(sys.argv[1]), "main")
print("ready", flush=True)
sys.stdin.readline()
for number in range(25):
    print("own", log.arm_spot(**spot(f"{sys.argv[2]}-{number}"), armed_at=PLANNED))
    print("shared", log.skip_spot(**spot(f"shared-{number}"), reason=sys.argv[2]))
"""


def promised_until_killed(path: Path, run: int, chance: random.Random) -> list[str]:
    """Start a writer, kill it at some instant, and return all that it had said by then."""
    command = [sys.executable, "-c", WRITER, str(path), str(run)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT) as writer:
        assert writer.stdout is not None
        first = [writer.stdout.readline() for _ in range(chance.randrange(1, 30))]
        # No condition to wait for: any instant inside a write will do, and a write takes about a millisecond.
        time.sleep(chance.random() * 0.005)
        writer.kill()
        rest, complaint = writer.communicate()
    assert complaint == ""
    said = "".join(first) + rest
    # What was cut off in the middle of its line is no promise.
    return said[: said.rfind("\n")].splitlines()


def test_a_killed_writer_loses_nothing_that_it_was_promised(tmp_path: Path) -> None:
    path = tmp_path / "broadcaster.db"
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    promised: list[str] = []
    for run in range(KILLS):
        promised += promised_until_killed(path, run, chance)
        raw = sqlite3.connect(path)
        assert raw.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert (
            raw.execute("SELECT spot_id FROM asrun GROUP BY zone, spot_id HAVING count(spot_id) > 1").fetchall() == []
        )
        raw.close()
    database = open_database(path, check=True)
    log = AsRunLog(database, "main")
    spots = log.spots_of(DAY)
    assert len(promised) >= KILLS
    for word, name in (line.split() for line in promised):
        assert name in spots
        assert word == "armed" or spots[name].commanded_at is not None
        assert word != "ended" or spots[name].outcome is Outcome.AIRED
        assert word == "armed" or not log.arm_spot(**spot(name), armed_at=PLANNED)
    log.close_open(later(0), "restart")
    assert [entry for entry in log.open_entries() if entry.track] == []
    database.dispose()


@pytest.mark.parametrize("backend", BACKENDS)
def test_processes_that_write_at_once_agree(backend: str, tmp_path: Path) -> None:
    with fresh(backend, tmp_path) as database:
        url = f"sqlite:///{database.path}" if database.path is not None else postgres_url()
        pipe = subprocess.PIPE
        crowd = [
            subprocess.Popen(
                [sys.executable, "-c", CROWD, url, str(number)], stdin=pipe, stdout=pipe, text=True, cwd=ROOT
            )
            for number in range(4)
        ]
        for process in crowd:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        for process in crowd:
            assert process.stdin is not None
            process.stdin.write("\n")
            process.stdin.flush()
        said = [line for process in crowd for line in process.communicate(timeout=30)[0].splitlines()]
        assert said.count("own True") == 4 * 25
        assert said.count("shared True") == 25
        assert said.count("shared False") == 3 * 25
        assert len(AsRunLog(database, "main").entries(DAY)) == 5 * 25


@pytest.mark.parametrize("backend", BACKENDS)
def test_threads_share_a_log(backend: str, tmp_path: Path) -> None:
    with fresh(backend, tmp_path) as database:
        log = AsRunLog(database, "main")
        taken: list[str] = []

        def conduct(name: str) -> None:
            for number in range(25):
                if log.skip_spot(**spot(f"spot-{number}"), reason=name):
                    taken.append(f"spot-{number}")
                log.entries(DAY)

        crowd = [threading.Thread(target=conduct, args=(str(number),)) for number in range(6)]
        for thread in crowd:
            thread.start()
        for thread in crowd:
            thread.join(60)
        assert sorted(taken) == sorted(log.spots_of(DAY))
        assert len(taken) == 25


def test_reading_does_not_wait_for_a_writer(tmp_path: Path) -> None:
    with fresh("sqlite", tmp_path) as database:
        log = AsRunLog(database, "main")
        log.arm_spot(**spot(), armed_at=PLANNED)
        with database.writing() as connection:
            connection.exec_driver_sql("DELETE FROM asrun")
            assert len(log.entries(DAY)) == 1
        assert log.entries(DAY) == []

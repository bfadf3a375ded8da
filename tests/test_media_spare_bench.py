"""The child process that is kept ready between announcements."""

from __future__ import annotations

import gc
import time

import psutil
import pytest

from broadcaster.errors import MediaError
from broadcaster.media.bench import Bench
from broadcaster.media.spare_bench import SpareBench


def gone(pid: int | None) -> bool:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if pid is None or not psutil.pid_exists(pid):
            return True
        time.sleep(0.01)
    return False


def used(spare: SpareBench) -> int | None:
    with spare.lent() as bench:
        bench.warm()
        return bench.pid


def test_the_same_child_serves_again() -> None:
    spare = SpareBench(Bench)
    first = used(spare)
    assert first is not None and used(spare) == first
    spare.close()
    assert gone(first)


def test_two_at_once_have_a_child_each_and_one_stays() -> None:
    spare = SpareBench(Bench)
    with spare.lent() as one, spare.lent() as other:
        one.warm()
        other.warm()
        pids = one.pid, other.pid
    assert used(spare) == pids[1] and gone(pids[0])
    spare.close()


def test_an_idle_child_ends() -> None:
    assert gone(used(SpareBench(Bench, idle_s=0.05)))


def test_after_an_error_the_next_job_has_a_new_child() -> None:
    spare = SpareBench(Bench)
    with pytest.raises(MediaError), spare.lent() as bench:
        bench.warm()
        pid = bench.pid
        raise MediaError("in the middle")
    assert gone(pid) and used(spare) != pid
    spare.close()


def test_nobody_has_to_close_it() -> None:
    spare = SpareBench(Bench)
    pid = used(spare)
    del spare
    gc.collect()
    assert gone(pid)

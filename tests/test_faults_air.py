"""Faults injected into the really running daemon while it is recorded: how long it is wrong, and what it says of it.

``FAULT_SEED=7 ./test tests/test_faults_air.py`` repeats a run; all faults there are: ``python -m bench.faults``.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

import pytest

from tests.lab.fault_cases import ALL_FAULTS
from tests.lab.faults import Lab, laboratory

pytestmark = [pytest.mark.audio, pytest.mark.slow]

SEED = int(os.environ.get("FAULT_SEED", str(time.time_ns() % 100_000)))
FAULTS = {fault.name: fault for fault in ALL_FAULTS}
TRIED = (
    "engine-killed",
    "engine-stopped",
    "daemon-killed",
    "ear-killed",
    "server-killed",
    "sink-removed",
    "plan-half-written",
    "playlist-renamed",
    "clock-set-on",
    "muted-outside",
    "engine-spams",
    "database-cut",
)


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with laboratory(tmp_path_factory.mktemp("faults")) as one:
        yield one


@pytest.mark.parametrize("name", TRIED)
def test_the_air_comes_back(lab: Lab, name: str) -> None:
    report = lab.run(FAULTS[name], SEED)
    print(report)
    assert report.ok, str(report)

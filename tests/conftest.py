"""Fixtures for tests with sound."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.lab.recorder import Recorder
from tests.lab.sink import NullSink


@pytest.fixture(scope="session")
def null_sink() -> Iterator[NullSink]:
    """One private sound server for the session; a machine without PulseAudio fails here, it does not skip."""
    with NullSink() as sink:
        yield sink


@pytest.fixture
def recorder(null_sink: NullSink) -> Iterator[Recorder]:
    """Records what the session's sound server plays during one test."""
    if not null_sink.running:
        null_sink.restart()
    with Recorder(null_sink) as listening:
        yield listening

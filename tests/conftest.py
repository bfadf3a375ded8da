"""Fixtures for tests with sound."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from broadcaster.errors import BroadcasterError
from broadcaster.voice.fetch.install import install
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


@pytest.fixture(scope="session")
def neural_voices() -> Path:
    """The folder with the neural model and its voices, fetched if need be; skips only where they can't be had."""
    folder = Path(__file__).parents[1] / "var" / "voices"
    try:
        done = install(folder)
    except BroadcasterError as error:
        pytest.skip(str(error))
    if done.missing:
        pytest.skip("; ".join(str(failure) for failure in done.failures))
    return folder

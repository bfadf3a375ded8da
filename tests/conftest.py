"""Fixtures for tests with sound."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from playwright.sync_api import Browser, expect

from broadcaster.errors import BroadcasterError
from broadcaster.voice.fetch.install import install
from tests.lab.recorder import Recorder
from tests.lab.sink import NullSink
from tests.mall_kit import Mall, fresh, prepared_mall
from tests.web_chromium import chromium

# How long something takes is no matter of a test, and many of them get only the moments that nobody else wants.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")
expect.set_options(timeout=30_000)


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
def mall_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The starter's store with its sound prepared: made once, as that takes longest."""
    return prepared_mall(tmp_path_factory.mktemp("mall"))


@pytest.fixture(scope="module")
def mall_browser() -> Iterator[Browser]:
    """One Chromium for a module's scenarios; two at a time can't be driven from one thread."""
    with chromium() as browser:
        yield browser


@pytest.fixture
def mall(mall_home: Path, null_sink: NullSink, mall_browser: Browser) -> Mall:
    """The store on its first day, with its people."""
    if not null_sink.running:
        null_sink.restart()
    return Mall(fresh(mall_home), null_sink, mall_browser)


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

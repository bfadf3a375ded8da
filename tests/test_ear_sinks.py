"""Sinks of the ear's sound: one that fails ends nothing for good."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

from broadcaster.clock import monotonic
from broadcaster.ear import sinks
from broadcaster.ear.sinks import Samples, Sink, SinkRunner


class _Once:
    """Fails at its first block."""

    made = 0

    def __init__(self, heard: threading.Event) -> None:
        self.heard = heard
        self.number = _Once.made = _Once.made + 1

    def order(self, values: Mapping[str, Any]) -> None:
        self.kbps = values["kbps"]

    def __call__(self, block: Samples, mono_end: float) -> None:
        if self.number == 1:
            raise MemoryError("once")
        self.heard.set()

    def close(self) -> None:
        pass


def test_a_sink_that_failed_is_tried_again_with_its_last_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sinks, "AGAIN_S", 0.05)
    heard, said = threading.Event(), list[Any]()

    def make(name: str, tell: Callable[[Mapping[str, Any]], None]) -> Sink:
        return _Once(heard)

    runner = SinkRunner(said.append, make)
    runner.start()
    runner.order("air-check", {"kbps": 48})
    deadline = monotonic() + 20
    while not heard.wait(0.02):
        assert monotonic() < deadline
        runner.hear(np.zeros((4800, 2), np.float32), monotonic())
    runner.close(5.0)
    assert "MemoryError" in said[0].values["broken"] and _Once.made == 2

"""The ear's process on a null sink, for tests: all that it says, by kind."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

import pytest

from broadcaster.clock import monotonic
from broadcaster.ear.client import EarClient
from broadcaster.ear.messages import State, Told
from tests.lab.sink import NullSink

_T = TypeVar("_T", bound=Told)


class EarRig:
    """Looked after as the daemon does. It hears on entry, and is gone on exit."""

    def __init__(self, sink: NullSink, patch: pytest.MonkeyPatch, folder: Path, **environment: str) -> None:
        for name, value in {**sink.env, **environment}.items():
            patch.setenv(name, value)
        self._changed = threading.Condition()
        self.told: list[Told] = []
        self.client = EarClient(self._take, folder / "ear.log")
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self.wait(State, lambda state: state.ear == "ok", 30)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        self._thread.join(5)
        self.client.close()

    def mark(self) -> int:
        """Where in all that was said the present is."""
        return len(self.told)

    def wait(self, kind: type[_T], good: Callable[[_T], bool], limit_s: float = 15.0, since: int = 0) -> _T:
        """The first of its kind, from a mark on, for which ``good`` holds."""
        deadline = monotonic() + limit_s
        with self._changed:
            while True:
                for one in self.told[since:]:
                    if isinstance(one, kind) and good(one):
                        return one
                if not self._changed.wait(deadline - monotonic()):
                    raise TimeoutError(f"no such {kind.__name__} in {limit_s:g} s; last: {self.told[-3:]}")

    def all(self, kind: type[_T], since: int = 0) -> list[_T]:
        """Everything of its kind from a mark on."""
        return [one for one in self.told[since:] if isinstance(one, kind)]

    def _take(self, told: Told) -> None:
        with self._changed:
            self.told.append(told)
            self._changed.notify_all()

    def _run(self) -> None:
        while not self._closing.wait(0.1):
            self.client.look()

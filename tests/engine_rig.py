"""Runs the real engine process on a null sink, for tests and benches."""

from __future__ import annotations

import subprocess
import sys
import threading
from types import TracebackType
from typing import Self, TypeVar

from broadcaster.clock import monotonic
from broadcaster.playout.protocol import Command, Event, Hello, Load, Loaded, decode_event, encode
from tests.lab.sink import NullSink

_E = TypeVar("_E", bound=Event)


class EngineRig:
    """The engine as a child process; keeps every event it sends. Ready (``Hello``) on entry, gone on exit."""

    def __init__(self, sink: NullSink, *arguments: str) -> None:
        self._sink = sink
        self._arguments = arguments
        self._changed = threading.Condition()
        self.events: list[Event] = []
        self.spawned_at = 0.0

    def __enter__(self) -> Self:
        self.spawned_at = monotonic()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "broadcaster.engine", *self._arguments],
            env=self._sink.child_env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()
        self.hello = self.expect(Hello, timeout=10)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.kill()
        self.process.wait(10)
        self._thread.join(10)
        self.process.stdin.close()
        self.process.stdout.close()

    def send(self, *commands: Command) -> None:
        self.raw(b"".join(encode(command) for command in commands))

    def raw(self, line: bytes) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(line)
        self.process.stdin.flush()

    def expect(self, kind: type[_E], deck: str | None = None, timeout: float = 5.0) -> _E:
        """The first event of this kind (and deck) that was sent since the start, waited for if need be."""
        deadline = monotonic() + timeout
        with self._changed:
            while True:
                found = self.find(kind, deck)
                if found:
                    return found[0]
                if not self._changed.wait(deadline - monotonic()):
                    raise TimeoutError(f"no {kind.__name__} of {deck} in {timeout:g} s, but {self.events[-12:]}")

    def find(self, kind: type[_E], deck: str | None = None) -> list[_E]:
        """All events of a kind (and deck) so far."""
        return [e for e in self.events if isinstance(e, kind) and (deck is None or getattr(e, "deck", None) == deck)]

    def load(self, load: Load) -> None:
        """Load, and wait until it is prepared."""
        self.send(load)
        self.expect(Loaded, load.deck)

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            with self._changed:
                self.events.append(decode_event(line))
                self._changed.notify_all()

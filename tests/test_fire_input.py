"""The fire contact: every kind held to one contract, settled, and what it does to the real air."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from broadcaster.calls.fire_input import (
    CLOSE_S,
    FAST_S,
    LOST_S,
    OPEN_S,
    Contact,
    ContactError,
    Debounce,
    FireWatch,
    GpioContact,
    HttpContact,
    SerialContact,
    open_contact,
)
from broadcaster.clock import monotonic
from broadcaster.plan.station_models import Station
from broadcaster.plan.unattended_models import FireInput
from tests.calls_kit import ZH_HZ, Box, Hands, first_of, lay_out, tones
from tests.lab.recorder import Recorder
from tests.lab.sink import NullSink
from tests.live_kit import running, wait


@dataclass
class Wired:
    """A contact, and the hand at its wires."""

    contact: Contact
    move: Callable[[bool], Any]
    """Close or open it."""


def wired(kind: str) -> Iterator[Wired]:
    if kind == "serial":
        # The library's own loop: what goes out at RTS comes in at CTS.
        serial = SerialContact("loop://", "cts")
        yield Wired(serial, lambda closed: setattr(serial.serial, "rts", closed))
        serial.close()
        return
    box = Box()
    yield Wired(HttpContact(box.url, "1"), lambda closed: setattr(box, "answer", b" 1\n" if closed else b"0"))
    box.close()


@pytest.fixture(params=["serial", "http"])
def wires(request: pytest.FixtureRequest) -> Iterator[Wired]:
    yield from wired(request.param)


def test_a_contact_says_what_its_wires_do_each_time(wires: Wired) -> None:
    for closed in (False, True, True, False):
        wires.move(closed)
        assert wires.contact.closed() is closed


def test_a_contact_that_is_gone_says_so() -> None:
    box = Box()
    contact = HttpContact(box.url, "1")
    box.close()
    with pytest.raises(ContactError, match=r"127\.0\.0\.1"):
        contact.closed()
    with pytest.raises(ContactError, match="/dev/nothing"):
        open_contact(FireInput(kind="serial", port="/dev/nothing"))
    with pytest.raises(ContactError, match="GPIO 17"):
        GpioContact(17)


def test_a_box_that_speaks_no_http_is_a_contact_that_can_not_be_read() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def babble() -> None:
            line, _ = server.accept()
            with line:
                line.recv(1000)
                line.sendall(b"hello, I am a switch\r\n\r\n")

        threading.Thread(target=babble, daemon=True).start()
        with pytest.raises(ContactError):
            HttpContact(f"http://127.0.0.1:{server.getsockname()[1]}/", "1").closed()


def test_a_bounce_is_no_alarm_and_an_opening_must_last() -> None:
    settled = Debounce()
    assert [settled.read(on, at * 0.02) for at, on in enumerate((True, False, True, True, False))] == [False] * 5
    assert settled.read(True, 1.0) is False and settled.read(True, 1.0 + CLOSE_S) is True
    assert settled.read(False, 2.0) is True and settled.read(True, 3.9) is True
    assert settled.read(False, 4.0) is True and settled.read(False, 4.0 + OPEN_S) is False


class _Wire:
    """A contact that answers as its watch is told to."""

    every_s = FAST_S

    def __init__(self, watched: Watched) -> None:
        self._watched = watched

    def closed(self) -> bool:
        if self._watched.state is None:
            raise ContactError("the wire is off")
        return self._watched.state

    def close(self) -> None:
        """Nothing is held."""


class Watched:
    """A watch in a test's own time. ``state``: closed, open, or None for one that can't be read."""

    def __init__(self, state: bool | None, **rule: Any) -> None:
        self.state = state
        self.told: list[bool] = []
        self.trouble = ""
        fire = {"kind": "serial", "port": "loop://", **rule}
        self.station: Station | None = Station.model_validate({"name": "店", "timezone": "UTC", "fire": fire})
        self._watch = FireWatch(lambda: self.station, self.told.append, self._note, lambda rule: _Wire(self))
        self._now = 100.0

    def _note(self, reason: str) -> None:
        self.trouble = reason

    def run(self, state: bool | None, seconds: float) -> list[bool]:
        """What was told within so many seconds of this state."""
        self.state, before, end = state, len(self.told), self._now + seconds
        while self._now < end:
            self._now += self._watch.look(self._now)
        return self.told[before:]


def test_an_alarm_is_told_once_and_its_end_once() -> None:
    watched = Watched(False)
    assert watched.run(False, 5) == [False]
    assert watched.run(True, 5) == [True]
    assert watched.run(False, OPEN_S - 0.5) == [] and watched.run(True, 5) == []
    assert watched.run(False, 5) == [False]


def test_a_restart_under_an_alarm_hears_of_the_end_only_when_it_is_sure() -> None:
    assert Watched(False).run(False, OPEN_S - 0.5) == []
    assert Watched(True).run(True, 0.3) == [True]


def test_a_contact_that_rests_closed_alarms_when_its_wire_is_cut() -> None:
    watched = Watched(True, normally="closed")
    assert watched.run(True, 5) == [False]
    assert watched.run(False, 1) == [True]


def test_what_cannot_be_read_is_told_as_such_and_is_no_alarm() -> None:
    watched = Watched(None)
    assert watched.run(None, LOST_S + 3) == [] and "the wire is off" in watched.trouble
    assert watched.run(False, 8) == [False] and watched.trouble == ""


def test_an_alarm_whose_contact_was_lost_is_told_anew_when_it_is_back() -> None:
    watched = Watched(True)
    assert watched.run(True, 1) == [True]
    assert watched.run(None, 10) == []
    assert watched.run(True, 5) == [True]


def test_a_contact_that_is_taken_out_of_the_plan_opens() -> None:
    watched = Watched(True)
    watched.run(True, 1)
    assert watched.station is not None
    watched.station = watched.station.model_copy(update={"fire": None})
    assert watched.run(True, 1) == [False]


@pytest.mark.audio
@pytest.mark.beside
@pytest.mark.slow
def test_the_house_alarm_stops_everything_locks_the_air_and_lets_it_go(
    null_sink: NullSink, recorder: Recorder, tmp_path: Path
) -> None:
    box = Box()
    lay_out(tmp_path, more=f"fire: {{kind: http, url: '{box.url}', message: evacuate}}\n")
    with running(tmp_path, null_sink) as daemon:
        daemon.ready(60)
        hands = Hands(daemon)
        recorder.wait_until(monotonic() + 1)
        box.answer, closed = b"1", monotonic()
        wait(lambda: hands.air["call"], 5, "the alarm on air")
        take = recorder.wait_until(closed + 2.5, timeout=10)
        first = first_of(take, ZH_HZ, closed)
        assert first is not None
        print(f"from the contact to the first sample {first - closed:.2f} s, of which the asking takes up to 0.25 s")
        assert tones(take.slice(first + 0.3, first + 0.6))["bed"] < -70
        assert hands.refused("POST", "/emergency", {"message": "drill", "reason": "x"}) == 409
        assert hands.refused("POST", "/emergency/end", {}) == 409
        assert hands.refused("POST", "/live", {}) == 409
        assert hands.refused("POST", "/air/play", {"kind": "script", "ref": "call"}) == 409
        assert "fire-input" in {
            one["code"] for one in wait(lambda: (daemon.status() or {})["health"]["alerts"], 5, "it told")
        }
        box.answer, opened = b"0", monotonic()
        wait(lambda: hands.air["call"] is None, 10, "the alarm over")
        assert monotonic() - opened >= OPEN_S - 0.1
        take = recorder.wait_until(monotonic() + 1.5, timeout=10)
        assert tones(take.slice(take.end - 0.5, take.end))["bed"] > -45
        # The same said by another program, with a house that stays silent for its own alarm.
        assert hands.ask("POST", "/fire", {"closed": True}, "zhao")["closed"] is True
        assert hands.refused("POST", "/fire", {"closed": False}, "wang") == 403
        assert hands.ask("POST", "/fire", {"closed": False}, "zhao")["closed"] is False
    box.close()

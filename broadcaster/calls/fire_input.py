"""The building's fire alarm as a contact: read many times a second, settled, and told to the calls.

One interface for every kind of contact, so that the same tests hold them all. Opening one, and each reading, may fail;
the air goes on as it is, and people are told. An alarm begins after :data:`CLOSE_S` and is over after :data:`OPEN_S`.
"""

from __future__ import annotations

import http.client
import logging
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any, Protocol

from broadcaster.clock import monotonic
from broadcaster.errors import BroadcasterError
from broadcaster.plan.station_models import Station
from broadcaster.plan.unattended_models import FireInput

log = logging.getLogger(__name__)

CLOSE_S = 0.05
OPEN_S = 2.0
FAST_S = 0.05
"""From one reading of a wire to the next."""

SLOW_S = 0.25
"""From one asking over HTTP to the next."""

HTTP_LIMIT_S = 1.0
AGAIN_S = 2.0
"""A contact that can't be read is opened anew so often."""

LOST_S = 1.0
"""One that could not be read for so long is told."""


class ContactError(BroadcasterError):
    """A contact can't be opened or read; the text says which and why."""


class Contact(Protocol):
    """Two wires that touch, or don't."""

    every_s: float
    """From one reading to the next."""

    def closed(self) -> bool:
        """Whether they touch now. Raises ``ContactError``."""
        ...

    def close(self) -> None:
        """Give back what it holds."""
        ...


class SerialContact:
    """Between an input line of a serial port and RTS or DTR, which are held high to feed it."""

    every_s = FAST_S

    def __init__(self, port: str, line: str) -> None:
        import serial

        self._port, self._line = port, line
        self._error: type[Exception] = serial.SerialException
        try:
            self.serial: Any = serial.serial_for_url(port, timeout=0)
            self.serial.rts = self.serial.dtr = True
        except (self._error, OSError, ValueError) as error:
            raise ContactError(f"{port}: {error}") from error

    def closed(self) -> bool:
        try:
            return bool(getattr(self.serial, self._line))
        except (self._error, OSError, TypeError) as error:
            raise ContactError(f"{self._port} {self._line}: {error}") from error

    def close(self) -> None:
        self.serial.close()


class GpioContact:
    """Between a pin and ground; the pin is pulled up."""

    every_s = FAST_S

    def __init__(self, pin: int) -> None:
        self._pin = pin
        try:
            import gpiozero

            self._device: Any = gpiozero.DigitalInputDevice(pin, pull_up=True)
        except ImportError as error:
            raise ContactError(f"GPIO {pin}: gpiozero 没有安装 / is not installed ({error})") from error
        except Exception as error:  # gpiozero's backends each raise their own
            raise ContactError(f"GPIO {pin}: {error}") from error

    def closed(self) -> bool:
        try:
            return bool(self._device.value)
        except Exception as error:  # as above
            raise ContactError(f"GPIO {self._pin}: {error}") from error

    def close(self) -> None:
        self._device.close()


class HttpContact:
    """A box in the network that tells whether the contact is closed."""

    every_s = SLOW_S

    def __init__(self, url: str, closed_when: str) -> None:
        self._url, self._closed_when = url, closed_when.strip()
        # A proxy set for the internet does not know the house's own boxes.
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def closed(self) -> bool:
        try:
            with self._opener.open(self._url, timeout=HTTP_LIMIT_S) as answer:
                return bool(answer.read(4096).decode("utf-8", "replace").strip() == self._closed_when)
        except (urllib.error.URLError, http.client.HTTPException, OSError, ValueError) as error:
            raise ContactError(f"{self._url}: {error or type(error).__name__}") from error

    def close(self) -> None:
        """Nothing is held."""


def open_contact(rule: FireInput) -> Contact:
    """The contact of the settings. Raises ``ContactError``; a ``push`` has none to read."""
    if rule.kind == "serial":
        return SerialContact(str(rule.port), rule.line)
    if rule.kind == "gpio":
        return GpioContact(int(rule.pin or 0))
    if rule.kind == "http":
        return HttpContact(str(rule.url), rule.closed_when)
    raise ContactError(f"{rule.kind}: 没有可读的触点 / no contact to read")


class Debounce:
    """Settles a contact that bounces: on after it was on for ``CLOSE_S``, off after ``OPEN_S`` of nothing but off."""

    def __init__(self, on: bool = False) -> None:
        self.on = on
        self._other_since: float | None = None

    def read(self, on: bool, now: float) -> bool:
        """A reading at an instant (monotonic, seconds); whether it counts as on."""
        if on == self.on:
            self._other_since = None
            return self.on
        if self._other_since is None:
            self._other_since = now
        if now - self._other_since >= (CLOSE_S if on else OPEN_S) - 1e-6:
            self.on, self._other_since = on, None
        return self.on


class FireWatch:
    """A thread that reads the contact of the plan on air. ``told`` takes each change of it, and the first word."""

    def __init__(
        self,
        station: Callable[[], Station | None],
        told: Callable[[bool], object],
        trouble: Callable[[str], None],
        opener: Callable[[FireInput], Contact] = open_contact,
    ) -> None:
        self._station = station
        self._told = told
        self._trouble = trouble
        self._opener = opener
        self._stop = threading.Event()
        self._contact: Contact | None = None
        self._rule: FireInput | None = None
        self._open_at = 0.0
        # As if it had been closed: a first word that it is open waits as long as any other, for an alarm that a
        # restart interrupted goes on until it is sure that it is over.
        self._bounce = Debounce(on=True)
        self._said: bool | None = None
        self._read = False
        self._failed_since: float | None = None

    def start(self) -> None:
        """Begin to read."""
        threading.Thread(target=self._run, name="fire-input", daemon=True).start()

    def stop(self) -> None:
        """Read no more."""
        self._stop.set()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                pause_s = self.look(monotonic())
            except Exception as error:
                # The outermost turn of this thread: the next reading may be right again.
                log.exception("reading the fire contact failed")
                pause_s = AGAIN_S
                self._failed(f"{type(error).__name__}: {error}", monotonic())
            self._stop.wait(pause_s)
        self._close()

    def look(self, now: float) -> float:
        """Read once; the seconds until the next reading."""
        station = self._station()
        if station is None:
            return FAST_S
        rule = station.fire if station.fire is not None and station.fire.kind != "push" else None
        if rule != self._rule:
            self._close()
            self._rule, self._open_at, self._failed_since = rule, 0.0, None
            self._bounce, self._read = Debounce(on=True), False
            self._trouble("")
        if rule is None:
            # Taken out of the plan while it was closed, it could never open again.
            self._say(False)
            return 0.5
        try:
            closed = self._closed(rule, now)
        except ContactError as error:
            self._failed(str(error), now)
            return FAST_S
        if closed is None:
            return FAST_S
        if self._failed_since is not None:
            self._failed_since = None
            self._trouble("")
        alarm = closed != (rule.normally == "closed")
        if not self._read and alarm:
            self._bounce = Debounce()
        self._read = True
        on = self._bounce.read(alarm, now)
        if on == alarm:
            self._say(on)
        assert self._contact is not None
        # What it says anew is looked at again at once, also where asking is not done often.
        return self._contact.every_s if on == alarm else FAST_S

    def _closed(self, rule: FireInput, now: float) -> bool | None:
        """What it says; None while it is not time to open it again."""
        if self._contact is None:
            if now < self._open_at:
                return None
            self._open_at = now + AGAIN_S
            self._contact = self._opener(rule)
        return self._contact.closed()

    def _say(self, on: bool) -> None:
        if on != self._said:
            # Not before: what could not be told must be told again.
            self._told(on)
            self._said = on

    def _failed(self, reason: str, now: float) -> None:
        self._close()
        if self._failed_since is None:
            self._failed_since = now
        if now - self._failed_since >= LOST_S:
            self._trouble(reason)
            # Somebody may end the alarm by hand meanwhile: when it can be read again, its word is news.
            self._said = None

    def _close(self) -> None:
        contact, self._contact = self._contact, None
        if contact is not None:
            try:
                contact.close()
            except Exception as error:  # whatever a driver raises whose device is gone
                log.warning("the fire contact could not be closed: %s", error)

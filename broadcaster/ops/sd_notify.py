"""Tells systemd how the daemon is (sd_notify(3)); does nothing where nobody asked."""

from __future__ import annotations

import logging
import os
import socket
import threading
from collections.abc import Callable, MutableMapping

log = logging.getLogger(__name__)

SOCKET, INTERVAL, WHO = "NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"


class ServiceManager:
    """Takes what it needs out of the environment, so that child processes don't speak in our name."""

    def __init__(self, environment: MutableMapping[str, str] | None = None) -> None:
        environment = os.environ if environment is None else environment
        self._address = environment.pop(SOCKET, "")
        interval, who = environment.pop(INTERVAL, ""), environment.pop(WHO, "")
        mine = not who or who == str(os.getpid())
        self.feed_s = int(interval) / 1e6 / 3 if interval.isdigit() and mine else None
        """How often it wants a sign of life; None if it does not want any."""
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def tell(self, *lines: str) -> bool:
        """Such as ``READY=1``. False if nobody took it: nobody asked, or who asked has gone."""
        family = getattr(socket, "AF_UNIX", None)
        if not self._address or family is None:
            return False
        # One that begins with @ has no file: its name begins with a zero byte instead.
        address = f"\0{self._address[1:]}" if self._address.startswith("@") else self._address
        try:
            with socket.socket(family, socket.SOCK_DGRAM) as channel:
                channel.settimeout(1.0)
                channel.connect(address)
                channel.sendall("\n".join(lines).encode())
        except OSError as error:
            log.warning("the service manager does not take %s: %s", lines[0], error)
            return False
        return True

    def feed(self, alive: Callable[[], bool]) -> None:
        """From now on give a sign of life as long as ``alive`` says so; without one we are killed and started anew."""
        if self.feed_s is None:
            return
        self._thread = threading.Thread(target=self._feed, args=(alive, self.feed_s), name="watchdog", daemon=True)
        self._thread.start()

    def _feed(self, alive: Callable[[], bool], every_s: float) -> None:
        well = True
        while not self._stop.is_set():
            was, well = well, alive()
            if well:
                self.tell("WATCHDOG=1")
            elif was:
                log.error("the conductor does not turn: the service manager is told nothing more, and ends us")
            self._stop.wait(every_s)

    def close(self) -> None:
        """Tell that the end is meant."""
        self._stop.set()
        self.tell("STOPPING=1")

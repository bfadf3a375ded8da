"""Opens the page, and tells the machine and the store where it is. The air goes on whether or not it can be opened.

Imported once the sound is back: all of the page hangs on it.
"""

from __future__ import annotations

import contextlib
import json
import logging
import threading
from collections.abc import Callable, Mapping
from typing import Any

from broadcaster.errors import StoreError
from broadcaster.page_server import open_server
from broadcaster.plan.models import Page
from broadcaster.settings import Home, write_whole
from broadcaster.station.running import RunningStation
from broadcaster.web.app import create_app
from broadcaster.web.offices import Offices
from broadcaster.web.secret import make_setup_code

log = logging.getLogger(__name__)

WEB_THREADS = 16
"""A preview that is being spoken holds one for some seconds; who waits for an answer that is being made holds one."""


def serve_page(
    home: Home, station: RunningStation, offices: Offices, page: Page, host: str, port: int, told: Mapping[str, Any],
    parts: contextlib.ExitStack,
) -> None:  # fmt: skip
    """Serve it in a thread until ``parts`` are closed. ``told`` stands in ``daemon.json`` with host and port."""
    told = {**told, "host": host, "port": None}
    write_whole(home.run / "daemon.json", json.dumps(told), durable=False)
    parts.callback(lambda: (home.run / "daemon.json").unlink(missing_ok=True))
    try:
        server = open_server(
            create_app(station, offices), host=host, port=port, threads=WEB_THREADS, folder=home.var / "incoming"
        )
    except (OSError, ValueError) as error:
        log.error("the page can't listen on %s:%d: %s", host, port, error)
        return
    thread = threading.Thread(target=_quietly(server.run), name="web", daemon=True)
    thread.start()
    parts.callback(server.close)
    write_whole(home.run / "daemon.json", json.dumps({**told, "port": port}), durable=False)
    shown = "localhost" if host in ("127.0.0.1", "0.0.0.0", "::") else host
    log.info("the page: http://%s:%d", shown, port)
    _offer_setup(home, offices, reachable=page.behind_proxy > 0 or host not in ("127.0.0.1", "::1", "localhost"))


def _offer_setup(home: Home, offices: Offices, *, reachable: bool) -> None:
    """Where the network can reach the page before anybody has an account, a code tells the store from strangers."""
    path = home.run / "setup-code"
    try:
        path.unlink(missing_ok=True)
        if reachable and not offices.accounts.list():
            log.warning("第一个账号的安装码 / set-up code for the first account (/first): %s", make_setup_code(path))
    except (OSError, StoreError) as error:
        log.error("no set-up code, the first account is made at this machine: %s", error)


def _quietly(serve: Callable[[], None]) -> Callable[[], None]:
    def run_server() -> None:
        # Closing the server takes its socket from under it; that is how it ends.
        with contextlib.suppress(OSError):
            serve()

    return run_server

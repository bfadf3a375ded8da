"""Asks the running daemon over its own page."""

from __future__ import annotations

import json
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import ProxyHandler, build_opener

from broadcaster.errors import NotRunning
from broadcaster.settings import Home

TIMEOUT_S = 5.0


def ask_daemon(home: Home, path: str) -> Any:
    """A JSON document of the running daemon. Raises ``NotRunning``."""
    try:
        told = json.loads((home.run / "daemon.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise NotRunning(
            f"{home.root}: 播音程序没有在运行 / the daemon is not running; start it with: broadcaster run"
        ) from None
    if told["port"] is None:
        raise NotRunning(f"{home.root}: 播音程序在运行,但没有网页可问 / the daemon runs without a page (see its log)")
    host = "127.0.0.1" if told["host"] in ("0.0.0.0", "::") else told["host"]
    # A proxy set for the internet must not stand between two processes of one machine.
    opener = build_opener(ProxyHandler({}))
    try:
        with opener.open(f"http://{host}:{told['port']}{path}", timeout=TIMEOUT_S) as answer:
            return json.load(answer)
    except HTTPError as error:
        detail = json.loads(error.read() or b"{}").get("detail", error.reason)
        raise NotRunning(str(detail)) from error
    except (URLError, OSError, ValueError) as error:
        raise NotRunning(
            f"{home.root}: 播音程序没有回答(进程 {told['pid']}):{error} / the daemon does not answer"
        ) from error

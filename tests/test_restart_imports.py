"""After a power cut the sound is to be back soon: what only pages, people and forecasts need is imported after it."""

from __future__ import annotations

import subprocess
import sys

LATER = (
    "alembic", "anyio", "apprise", "apscheduler", "flask", "httpx", "lameenc", "numpy", "prometheus_client", "rich",
    "scipy", "serial", "soundcard", "soundfile", "vlc", "waitress", "watchfiles",
)  # fmt: skip


def test_the_daemon_begins_without_what_nobody_hears() -> None:
    program = (
        f"import broadcaster.cli, broadcaster.daemon, sys; print([one for one in {LATER!r} if one in sys.modules])"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert told.strip() == "[]"

"""``config/station.yaml`` as the file says, for what must work while there is no plan on air."""

from __future__ import annotations

import threading

from broadcaster.errors import BroadcasterError
from broadcaster.plan.files import read
from broadcaster.plan.models import Station
from broadcaster.plan.salvage import salvage
from broadcaster.settings import Home

FILE = "config/station.yaml"


def readable_station(home: Home) -> Station | None:
    """What of the file can be read; None where nothing can, which the plan's checks tell."""
    try:
        document, _ = read(home.root / FILE, FILE)
        return salvage(document, Station).model if document is not None else None
    except (BroadcasterError, OSError):
        return None


class StationFile:
    """The same, read anew only when the file was written. May be shared by threads."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._lock = threading.Lock()
        self._mark: tuple[int, int] | None = None
        self._station: Station | None = None

    def station(self) -> Station | None:
        """See :func:`readable_station`."""
        with self._lock:
            mark = self._marked()
            if mark is None or mark != self._mark:
                self._mark, self._station = mark, readable_station(self._home)
            return self._station

    def _marked(self) -> tuple[int, int] | None:
        try:
            status = (self._home.root / FILE).stat()
        except OSError:
            return None
        return status.st_mtime_ns, status.st_size

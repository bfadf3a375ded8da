"""What the service needs to know of the store's files, without a plan."""

from __future__ import annotations

from pydantic import ValidationError

from broadcaster.plan.files import read
from broadcaster.plan.station_models import Page
from broadcaster.settings import Home

STATION = "config/station.yaml"


def page_of_files(home: Home) -> Page:
    """``page`` of ``station.yaml``; the usual one where that can't be read."""
    document, _ = read(home.root / STATION, STATION)
    try:
        return Page.model_validate((document.content if document else {}).get("page", {}))
    except ValidationError:
        return Page()

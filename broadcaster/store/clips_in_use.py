"""Which finished recordings the database still counts on."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from sqlalchemy import select

from broadcaster.store.database import Database
from broadcaster.store.tables import interventions, notices, renderings


def clips_in_use(database: Database, since: date) -> set[str]:
    """Keys of what was spoken for notices that may still air on ``since`` or later, in any of their revisions, and of
    what people put on air by hand since then. ``StoreError`` as of :class:`Database`."""
    spoken = (
        select(renderings.c.clip_key).join(notices, notices.c.id == renderings.c.notice).where(notices.c.last >= since)
    )
    begin = datetime.combine(since, time.min).astimezone() - timedelta(days=1)
    by_hand = select(interventions.c.params).where(interventions.c.since >= begin)
    with database.reading() as connection:
        keys = {str(key) for key in connection.scalars(spoken)}
        return keys | {str(params["key"]) for params in connection.scalars(by_hand) if params.get("key")}

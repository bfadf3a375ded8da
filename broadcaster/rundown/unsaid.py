"""What of a day was planned and not said because people silenced it: its time is free for what is called next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Unsaid:
    """Of a date."""

    stops: tuple[tuple[datetime, datetime | None], ...] = ()
    """When everything stopped, and went on."""
    skips: Mapping[str, datetime] = field(default_factory=dict)
    """Spot -> when somebody took it off the air."""

    def said_until(self, name: str, start: datetime, end: datetime, known: datetime) -> datetime | None:
        """How long a spot planned from ``start`` to ``end`` speaks, by what was done before an instant.

        None if it is not said at all. What is done later changes nothing of what was planned by then.
        """
        cuts = [since for since, over in self.stops if since < known and since < end and (over is None or start < over)]
        if name in self.skips and self.skips[name] < known:
            cuts.append(self.skips[name])
        cut = min(cuts, default=end)
        return None if cut <= start else min(cut, end)


NOTHING_UNSAID = Unsaid()

"""Which version of the plan held at an instant, who published it, and the plan that it makes: for ``why``."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from broadcaster.editing.texts import CONFIG, is_script, read_texts
from broadcaster.errors import BroadcasterError
from broadcaster.plan.plan import Plan
from broadcaster.publishing.publish import Publisher
from broadcaster.settings import Home
from broadcaster.store.plan_versions import PlanVersions, VersionRow

KEPT = 4
"""Plans of earlier versions that are remembered: whoever asks about a day asks about it several times."""
FAULTY = 5
"""So many versions with faults are gone back behind, to the one that was on air."""


@dataclass(frozen=True, slots=True)
class PlanThen:
    """The version in force at an instant."""

    row: VersionRow
    until: datetime | None
    """When the next one came; None where it is the newest."""
    name: str
    """Of its author, as people know them."""
    plan: Plan | None
    """As its files said; None where the present plan says the same, or it can't be made any more."""
    refused: int | None = None
    """A newer version that had faults, so that this one stayed on air."""

    @property
    def lost(self) -> bool:
        """Whether it is an earlier version, of which only the author is still known."""
        return self.plan is None and self.until is not None


class PlansThen:
    """For one home; may be shared by threads. ``StoreError`` as of :class:`PlanVersions`.

    Recordings and playlists are today's: their versions are not kept.
    """

    def __init__(
        self, home: Home, versions: PlanVersions, publisher: Publisher, name_of: Callable[[str], str] = str
    ) -> None:
        self._home = home
        self._versions = versions
        self._publisher = publisher
        self._name_of = name_of
        self._lock = threading.Lock()
        self._plans: OrderedDict[int, Plan | None] = OrderedDict()

    def at(self, instant: datetime, today: date) -> PlanThen | None:
        """The version that held; None where none was kept yet."""
        row, after = self._versions.around(instant)
        if row is None:
            return None
        if after is None:
            return PlanThen(row, None, self._name(row), None)
        newest = row
        for _ in range(FAULTY):
            plan = self._plan(row, today)
            if plan is not None:
                refused = newest.id if row is not newest else None
                return PlanThen(row, after.at, self._name(row), plan, refused)
            before = next(iter(self._versions.list(1, row.id)), None)
            if before is None:
                break
            row = before
        return PlanThen(newest, after.at, self._name(newest), None)

    def changer(self, file: str, then: PlanThen) -> tuple[datetime, str] | None:
        """When and by whom a file of that version was changed last; None where no version tells."""
        row = self._versions.changer(file, then.row.id)
        return None if row is None else (row.at, self._name(row))

    def _name(self, row: VersionRow) -> str:
        return self._name_of(row.who) if row.how == "page" else row.who

    def _plan(self, row: VersionRow, today: date) -> Plan | None:
        with self._lock:
            if row.id not in self._plans:
                self._plans[row.id] = self._made(row, today)
                if len(self._plans) > KEPT:
                    self._plans.popitem(last=False)
            self._plans.move_to_end(row.id)
            return self._plans[row.id]

    def _made(self, row: VersionRow, today: date) -> Plan | None:
        texts = self._versions.texts(row.files)
        if len(texts) < len(row.files):
            return None
        try:
            published = self._publisher.publish(today, render=False, instead=self._instead(texts), ahead=False)
        except BroadcasterError:
            return None
        return published.plan if published.fit else None

    def _instead(self, texts: Mapping[str, str]) -> dict[str, str | None]:
        now = read_texts(self._home.root)
        wanted = {file for file in {*texts, *now} if file in CONFIG or is_script(file)}
        return {file: texts.get(file) for file in wanted}

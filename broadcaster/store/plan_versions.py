"""Versions of the plan's files: who made which state of them, when and why. Added, never changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, insert, select

from broadcaster.clock import Clock
from broadcaster.store.audit import record_on
from broadcaster.store.database import Database
from broadcaster.store.tables import plan_texts, plan_versions


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One version. ``files`` and ``changed`` as in the table."""

    id: int
    at: datetime
    who: str
    how: str
    words: str
    where: str
    files: Mapping[str, str]
    changed: tuple[str, ...]


class PlanVersions:
    """For one database; may be shared by threads. ``StoreError`` as of :class:`Database`.

    A function that opens the database is called when it is first needed.
    """

    def __init__(self, database: Database | Callable[[], Database], clock: Clock) -> None:
        self._opened = database
        self._clock = clock

    @property
    def _database(self) -> Database:
        if not isinstance(self._opened, Database):
            self._opened = self._opened()
        return self._opened

    def add(
        self,
        texts: Mapping[str, str],
        files: Mapping[str, str],
        *,
        who: str,
        how: str,
        words: str,
        where: str,
        deed: str,
        detail: Mapping[str, Any],
    ) -> VersionRow:
        """Note a version, and the deed in the audit trail, in one transaction. ``texts`` by hash, at least new ones.

        Where the latest version has the same files already, that one is returned and nothing is noted.
        """
        at = self._clock.now()
        newest = select(plan_versions).order_by(plan_versions.c.id.desc()).limit(1)
        with self._database.writing() as connection:
            row = connection.execute(newest).mappings().first()
            before = row["files"] if row is not None else {}
            if row is not None and before == dict(files):
                return _row(row)
            changed = sorted(file for file in {*before, *files} if before.get(file) != files.get(file))
            wanted = {files[file] for file in changed if file in files}
            known = set(connection.execute(select(plan_texts.c.hash).where(plan_texts.c.hash.in_(wanted))).scalars())
            if fresh := [{"hash": one, "text": texts[one]} for one in sorted(wanted - known)]:
                connection.execute(insert(plan_texts), fresh)
            values = {
                "at": at, "who": who, "how": how, "words": words, "where": where, "files": dict(files),
                "changed": changed,
            }  # fmt: skip
            number = int(
                connection.execute(insert(plan_versions).values(values).returning(plan_versions.c.id)).scalar_one()
            )
            if row is not None or how != "file":
                # That files were there when somebody first looked is nobody's deed.
                record_on(
                    connection, at=at, who=who, what=deed, where=where, subject=f"plan-{number}",
                    detail={**detail, "words": words, "files": changed, "version": number},
                )  # fmt: skip
        return VersionRow(number, at, who, how, words, where, dict(files), tuple(changed))

    def latest(self) -> VersionRow | None:
        """The newest version."""
        return next(iter(self.list(1)), None)

    def list(self, limit: int, before: int | None = None) -> list[VersionRow]:
        """The newest first; ``before`` an id, to read on."""
        query = select(plan_versions).order_by(plan_versions.c.id.desc()).limit(limit)
        if before is not None:
            query = query.where(plan_versions.c.id < before)
        with self._database.reading() as connection:
            return [_row(row) for row in connection.execute(query).mappings()]

    def get(self, number: int) -> VersionRow | None:
        """One version."""
        query = select(plan_versions).where(plan_versions.c.id == number)
        with self._database.reading() as connection:
            row = connection.execute(query).mappings().first()
        return None if row is None else _row(row)

    def around(self, instant: datetime) -> tuple[VersionRow | None, VersionRow | None]:
        """The version that an instant fell into, and the one that came after it; None where there is none."""
        c = plan_versions.c
        held = select(plan_versions).where(c.at <= instant).order_by(c.id.desc()).limit(1)
        with self._database.reading() as connection:
            row = connection.execute(held).mappings().first()
            later = select(plan_versions).where(c.id > (row["id"] if row is not None else 0)).order_by(c.id).limit(1)
            after = connection.execute(later).mappings().first()
        return (None if row is None else _row(row)), (None if after is None else _row(after))

    def changer(self, file: str, number: int, depth: int = 200) -> VersionRow | None:
        """The version, no later than ``number``, that changed a file last; None beyond ``depth`` versions.

        The first version of all is nobody's change: the files were there when somebody first looked.
        """
        rows = self.list(depth, number + 1)
        found = next((row for row in rows if file in row.changed), None)
        return None if found is not None and found.how == "file" and self._first(found) else found

    def _first(self, row: VersionRow) -> bool:
        return not self.list(1, row.id)

    def texts(self, files: Mapping[str, str]) -> dict[str, str]:
        """Path -> text, for paths with hashes."""
        query = select(plan_texts).where(plan_texts.c.hash.in_(set(files.values())))
        with self._database.reading() as connection:
            found = {row.hash: row.text for row in connection.execute(query)}
        return {file: found[one] for file, one in files.items() if one in found}


def _row(row: RowMapping) -> VersionRow:
    return VersionRow(**{**row, "changed": tuple(row["changed"]), "files": dict(row["files"])})

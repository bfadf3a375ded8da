"""Vendors, and what they have contracts for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import insert, select, update

from broadcaster.clock import Clock, SystemClock
from broadcaster.errors import StoreConflict, UsageError
from broadcaster.store.audit import record_on
from broadcaster.store.database import Database
from broadcaster.store.stamps import bump
from broadcaster.store.tables import contracts, vendors

AIRING = "airing"
"""The stamp that changes with everything that airs."""

FEE_KINDS = ("per_airing", "per_day", "flat")


@dataclass(frozen=True, slots=True)
class Vendor:
    """A vendor. ``weight`` is its share of turns without a contract; ``approvals`` None: the station's number."""

    id: str
    name_zh: str
    name_en: str
    weight: float
    approvals: int | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Contract:
    """So many airings a day in a rotation, from ``first`` to ``last`` inclusive. Money in hundredths."""

    id: int
    vendor: str
    first: date
    last: date
    rotation: str
    per_day: int
    fee_kind: str
    fee_cents: int
    note: str
    made_at: datetime
    ended_at: datetime | None
    """It was ended before its last day."""


class Vendors:
    """Reads and changes vendors and contracts; may be shared by threads. ``StoreError`` as of :class:`Database`."""

    def __init__(self, database: Database, clock: Clock | None = None) -> None:
        self._database = database
        self._clock = clock or SystemClock()

    def put(
        self,
        vendor: str,
        name_zh: str,
        name_en: str = "",
        *,
        weight: float = 1.0,
        approvals: int | None = None,
        by: str,
        where: str = "",
    ) -> Vendor:
        """Add or change a vendor. Raises ``UsageError`` for an id or a number that makes no sense."""
        if not re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+)*", vendor):
            raise UsageError(f"商户编号“{vendor}”不行,如 tata-doors / “{vendor}” is no id; write it like tata-doors")
        if not 0 < weight <= 100:
            raise UsageError(f"权重要大于 0、不超过 100:{weight:g} / a weight is above 0 and at most 100: {weight:g}")
        if approvals is not None and not 1 <= approvals <= 5:
            raise UsageError(f"审批人数是 1 到 5:{approvals} / approvals are 1 to 5: {approvals}")
        now = self._clock.now()
        values: dict[str, Any] = {"name_zh": name_zh, "name_en": name_en, "weight": weight, "approvals": approvals}
        with self._database.writing() as connection:
            if not connection.execute(update(vendors).where(vendors.c.id == vendor).values(values)).rowcount:
                connection.execute(insert(vendors).values(id=vendor, created_at=now, **values))
            record_on(connection, at=now, who=by, what="vendor.put", detail={"id": vendor, **values}, where=where)
            bump(connection, AIRING)
            row = connection.execute(select(vendors).where(vendors.c.id == vendor)).mappings().one()
            return Vendor(**row)

    def get(self, vendor: str) -> Vendor | None:
        """The vendor of this id."""
        with self._database.reading() as connection:
            row = connection.execute(select(vendors).where(vendors.c.id == vendor)).mappings().one_or_none()
            return Vendor(**row) if row is not None else None

    def list(self) -> Sequence[Vendor]:
        """All vendors, by id."""
        with self._database.reading() as connection:
            return [Vendor(**row) for row in connection.execute(select(vendors).order_by(vendors.c.id)).mappings()]

    def contract(
        self,
        vendor: str,
        rotation: str,
        per_day: int,
        first: date,
        last: date,
        *,
        fee_kind: str = "per_airing",
        fee_cents: int = 0,
        note: str = "",
        by: str,
        where: str = "",
    ) -> Contract:
        """A new contract, counting from now on. Raises ``UsageError`` for an unknown vendor or what makes no sense."""
        if fee_kind not in FEE_KINDS:
            raise UsageError(f"没有计费方式“{fee_kind}” / no such kind of fee; there are: {', '.join(FEE_KINDS)}")
        if last < first or per_day < 0 or fee_cents < 0:
            raise UsageError(
                f"合同不对:{first} 至 {last},每天 {per_day} 次,{fee_cents / 100:.2f} 元 / "
                f"this contract makes no sense: {first} to {last}, {per_day} a day, {fee_cents / 100:.2f}"
            )
        now = self._clock.now()
        values: dict[str, Any] = {
            "vendor": vendor, "rotation": rotation, "per_day": per_day, "first": first, "last": last,
            "fee_kind": fee_kind, "fee_cents": fee_cents, "note": note,
        }  # fmt: skip
        detail = {**values, "first": first.isoformat(), "last": last.isoformat()}
        try:
            with self._database.writing() as connection:
                row = connection.execute(insert(contracts).values(made_at=now, **values).returning(contracts))
                made = Contract(**row.mappings().one())
                record_on(
                    connection, at=now, who=by, what="contract.add", detail={"id": made.id, **detail}, where=where
                )
                bump(connection, AIRING)
                return made
        except StoreConflict:
            raise UsageError(f"没有商户“{vendor}” / there is no vendor “{vendor}”") from None

    def end_contract(self, number: int, *, by: str, where: str = "") -> None:
        """End a contract now. Raises ``UsageError`` if there is none that runs."""
        now = self._clock.now()
        with self._database.writing() as connection:
            running = update(contracts).where(contracts.c.id == number, contracts.c.ended_at.is_(None))
            if not connection.execute(running.values(ended_at=now)).rowcount:
                raise UsageError(f"没有在执行的合同 {number} / there is no running contract {number}")
            record_on(connection, at=now, who=by, what="contract.end", detail={"id": number}, where=where)
            bump(connection, AIRING)

    def contracts_of(self, on: date) -> Sequence[Contract]:
        """Contracts for a date, in the order in which they were made; also those ended since."""
        query = select(contracts).where(contracts.c.first <= on, contracts.c.last >= on).order_by(contracts.c.id)
        with self._database.reading() as connection:
            return [Contract(**row) for row in connection.execute(query).mappings()]

    def contracts(self) -> Sequence[Contract]:
        """All contracts, the newest first."""
        with self._database.reading() as connection:
            query = select(contracts).order_by(contracts.c.id.desc())
            return [Contract(**row) for row in connection.execute(query).mappings()]

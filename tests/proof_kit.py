"""A vendor with a contract, and two days in the log that have every kind of airing: for the tests of proof of play."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Literal

from sqlalchemy import insert, update

from broadcaster.asrun.entries import Outcome
from broadcaster.asrun.proof import Proof
from broadcaster.notices.models import NoticeDraft
from broadcaster.store.tables import contracts, renderings
from tests.calendar_kit import Store, open_store
from tests.web_fakes import DAY, at

FRIDAY = DAY - timedelta(days=1)
THURSDAY = DAY - timedelta(days=2)
LENGTH_S = 20.0
PER_DAY, RATE = 4, 500
JOINED = "晚 1 秒,从中间接上 / 1 s late, joined inside"


@contextmanager
def vendor_store(folder: Path) -> Iterator[Store]:
    """Thursday: 2 by the ear, 1 unheard, 1 of ten seconds. Friday: 5 by the player's word, 1 of nineteen seconds."""
    with open_store(folder) as store:
        ref = promo(store)
        deal(store, PER_DAY, "per_airing", RATE)
        for on in (THURSDAY, FRIDAY):
            store.house.desk.keep_promises(on, {ref: PER_DAY})
        for minute in (0, 10):
            air(store, ref, THURSDAY, minute, lufs=-18.2)
        air(store, ref, THURSDAY, 20, heard=False)
        air(store, ref, THURSDAY, 30, 10.0, outcome=Outcome.PARTIAL, reason="中断 / broke off")
        for minute in range(5):
            air(store, ref, FRIDAY, minute, by="player")
        air(store, ref, FRIDAY, 30, 19.0, by="player", outcome=Outcome.PARTIAL, reason=JOINED)
        yield store


def promo(store: Store, title: str = "=1+1 促销") -> str:
    """A notice of the vendor tata that takes turns, with a recording; returns its name in the log."""
    draft = NoticeDraft.model_validate({
        "title": title, "text": "TATA木门八折。", "vendor": "tata",
        "when": {"rotation": "vendor-promos", "first": THURSDAY.isoformat(), "last": DAY.isoformat()},
    })  # fmt: skip
    author = store.house.users.get("xiaomei")
    assert author
    number = store.house.desk.submit(draft, author).id
    with store.database.writing() as connection:
        connection.execute(insert(renderings).values(
            notice=number, revision=1, clip_path="a.wav", clip_key="k", duration_s=LENGTH_S, engine="none", facts={},
            since=at("00:00", THURSDAY),
        ))  # fmt: skip
    return f"notice-{number}"


def deal(store: Store, per_day: int, kind: str, cents: int) -> int:
    """A contract of all three days, made before them."""
    assert store.offices.reports
    made = store.offices.reports.vendors.contract(
        "tata", "vendor-promos", per_day, THURSDAY, DAY, fee_kind=kind, fee_cents=cents, by="liqiang"
    )  # fmt: skip
    with store.database.writing() as connection:
        connection.execute(update(contracts).values(made_at=at("00:00", THURSDAY - timedelta(days=9))))
    return made.id


def air(
    store: Store, ref: str, on: date, minute: int, seconds: float = LENGTH_S, *,
    by: Literal["ear", "player"] | None = "ear", heard: bool = True, lufs: float | None = None,
    outcome: Outcome = Outcome.AIRED, reason: str = "",
) -> None:  # fmt: skip
    """Write that a notice was broadcast."""
    planned, spot = at(f"10:{minute:02}", on), f"{on}/{ref}/{minute}"
    store.log.arm_spot(
        date=on, spot_id=spot, kind="notice", ref=ref, title="=1+1 促销", planned_at=planned, armed_at=planned
    )  # fmt: skip
    store.log.spot_started(spot, planned)
    store.log.spot_ended(spot, planned + timedelta(seconds=seconds), outcome, reason)
    store.log.heard(spot, planned if heard else None, lufs, heard_by=by)


def proof(store: Store) -> Proof:
    """Of the store's log."""
    return Proof(store.database, "main")

"""What reaches the compiler: nothing unapproved, whatever the tables say; and each vendor's due."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

import pytest
from sqlalchemy import text

from broadcaster.notices.desk import Helpers
from broadcaster.notices.models import content_hash
from broadcaster.notices.owing import owed_on
from broadcaster.rundown.events import Notice
from tests.notice_kit import AMY, BOB, CAT, TODAY, Scene, clip, draft, scene, timed, turns
from tests.store_support import BACKENDS

SPOILED = {**draft("打倒竞争对手").content()}

TAMPERED: dict[str, list[tuple[str, dict[str, str]]]] = {
    "the text": [("UPDATE notice_revisions SET content = :content", {"content": json.dumps(SPOILED)})],
    "the text and its hash": [
        (
            "UPDATE notice_revisions SET content = :content, content_hash = :hash",
            {"content": json.dumps(SPOILED), "hash": content_hash(SPOILED)},
        )
    ],
    "the approval is gone": [("DELETE FROM notice_approvals", {})],
    "the approval became a no": [("UPDATE notice_approvals SET verdict = 'reject'", {})],
    "the approval is the author's": [("UPDATE notice_approvals SET who = 'amy'", {})],
    "the approval is of another content": [("UPDATE notice_approvals SET content_hash = 'x'", {})],
    "more approvals are needed": [("UPDATE notice_revisions SET needed = 2", {})],
    "the state went back": [("UPDATE notices SET state = 'submitted'", {})],
    "the state says withdrawn": [("UPDATE notices SET state = 'withdrawn'", {})],
    "the dates": [("UPDATE notice_revisions SET last = '2026-12-31', first = '2026-01-01'", {})],
}


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("how", TAMPERED)
def test_tampered_with_it_is_not_heard(how: str, backend: str, tmp_path: Path) -> None:
    with scene(tmp_path, backend) as at:
        at.ready()
        assert len(at.desk.feed(TODAY)) == 1
        with at.database.writing() as connection:
            for statement, values in TAMPERED[how]:
                connection.execute(text(statement), values)
        for later in range(4):
            assert (at.desk.feed(TODAY + timedelta(days=later)) == ()) or (later == 0 and how == "the dates")


def test_a_state_alone_puts_nothing_on_air(tmp_path: Path) -> None:
    with scene(tmp_path) as at:
        record = at.submitted()
        with at.database.writing() as connection:
            connection.execute(text("UPDATE notices SET state = 'ready'"))
            connection.execute(text("UPDATE notice_revisions SET effective_at = '2026-11-24 00:00:00.000000'"))
        assert at.desk.mark_ready(record.id, 1, clip())
        assert at.desk.feed(TODAY) == ()


def test_one_that_is_spoiled_hides_no_other(tmp_path: Path) -> None:
    with scene(tmp_path) as at:
        spoiled, good = at.ready(), at.ready("好的")
        with at.database.writing() as connection:
            connection.execute(
                text("UPDATE notice_revisions SET content = :content WHERE notice = :id"),
                {"content": json.dumps({**SPOILED, "read": 99}), "id": spoiled.id},
            )
        assert [notice.id for notice in at.desk.feed(TODAY)] == [good.ref]
        assert [record.id for record in at.desk.list()] == [good.id]


def test_days_dates_and_windows_reach_the_compiler(tmp_path: Path) -> None:
    with scene(tmp_path) as at:
        at.ready(when=timed(days=("event",), dates=(TODAY,), unless=("holiday",)), read=3, level="speech")
        [notice] = at.desk.feed(TODAY)
        assert notice.days is not None and notice.days.holds({"event"}) and not notice.days.holds({"event", "holiday"})
        assert (notice.dates, notice.read, notice.level) == ((TODAY,), 3, "speech")


# --- vendors' terms ------------------------------------------------------------------------------------------------

LAST = TODAY + timedelta(days=10)


def promo(at: Scene, vendor: str = "tata", words: str = "促销") -> str:
    return at.ready(words, vendor=vendor, when=turns(last=LAST)).ref


def contract(at: Scene, per_day: int, vendor: str = "tata") -> int:
    return at.vendors.contract(vendor, "vendor-promos", per_day, TODAY - timedelta(days=40), LAST, by="bob").id


def terms(notices: Iterable[Notice]) -> list[tuple[str, int | None]]:
    return [(notice.id, notice.per_day) for notice in notices]


def test_a_vendor_without_a_contract_goes_by_its_weight(tmp_path: Path) -> None:
    with scene(tmp_path) as at:
        at.vendor(weight=2.5)
        promo(at)
        [notice] = at.desk.feed(TODAY)
        assert (notice.weight, notice.per_day, notice.rotation, notice.vendor) == (2.5, None, "vendor-promos", "tata")


def test_a_vendors_notices_share_what_its_contract_promises(tmp_path: Path) -> None:
    with scene(tmp_path) as at:
        at.vendor()
        contract(at, 9)
        first, second = promo(at), promo(at, words="另一条")
        assert terms(at.desk.feed(TODAY + timedelta(days=1))) == [(first, 5), (second, 4)]


def test_a_second_notice_takes_its_share_from_when_it_is_ready(tmp_path: Path) -> None:
    with scene(tmp_path) as at:
        at.vendor()
        contract(at, 9)
        first = promo(at)
        at.clock.go(hours=2)
        second, noon = promo(at, words="另一条"), at.clock.now()
        alone, shared, other = at.desk.feed(TODAY)
        assert terms([alone, shared, other]) == [(first, 9), (first, 5), (second, 4)]
        assert alone.until == shared.since == other.since == noon


def test_a_contract_counts_from_when_it_is_made_until_it_is_ended(tmp_path: Path) -> None:
    with scene(tmp_path) as at:
        at.vendor()
        promo(at)
        at.clock.go(hours=1)
        number = contract(at, 6)
        made = at.clock.now()
        at.clock.go(hours=1)
        at.vendors.end_contract(number, by="bob")
        found = at.desk.feed(TODAY)
        assert [(one.per_day, one.since == made) for one in found] == [(None, False), (6, True), (None, False)]


class Heard(NamedTuple):
    ref: str
    date: date


def test_what_an_outage_cost_is_owed_the_day_after_next(tmp_path: Path) -> None:
    airings: list[Heard] = []
    with scene(tmp_path, helpers=Helpers(past=lambda since, last: airings)) as at:
        at.vendor()
        contract(at, 4)
        at.clock.go(days=-1)
        ref = at.ready("促销", vendor="tata", when=turns(first=TODAY - timedelta(days=1), last=LAST)).ref
        with at.database.writing() as connection:
            connection.execute(text("UPDATE contracts SET made_at = '2026-01-01 00:00:00.000000'"))
        airings += [Heard(ref, TODAY + timedelta(days=day)) for day in (1, 2) for _ in range(4)]
        airings += [Heard(ref, TODAY)]
        at.clock.go(days=3)
        owed = {day: at.desk.feed(TODAY + timedelta(days=day))[0].owed for day in (1, 2, 3, 4)}
        # On the day after, the log is not taken for the last word; then two a day, half of the contract.
        assert owed == {1: 0, 2: 2, 3: 1, 4: 2}


def test_a_day_is_owed_as_its_rundown_promised_it(tmp_path: Path) -> None:
    with scene(tmp_path, helpers=Helpers(past=lambda since, last: ())) as at:
        at.vendor()
        contract(at, 8)
        ref = promo(at)
        at.desk.keep_promises(TODAY, {ref: 3})
        at.clock.go(days=2)
        assert at.desk.feed(TODAY + timedelta(days=2))[0].owed == 3
        at.desk.keep_promises(TODAY, {})
        at.vendor(weight=1.1)  # anything that changes the air
        assert at.desk.feed(TODAY + timedelta(days=2))[0].owed == 0


def test_owing_is_the_same_whenever_it_is_counted() -> None:
    group = ("tata", "promos")
    days = [TODAY + timedelta(days=number) for number in range(6)]
    contracted = {day: {group: 4} for day in days}
    heard: dict[date, dict[tuple[str, str], int]] = {day: {group: 4} for day in days}
    heard[days[0]] = {group: 0}
    assert owed_on(days[3], contracted, heard) == owed_on(
        days[3], contracted, {day: heard[day] for day in days[:2]}
    )  # fmt: skip


def test_make_goods_end_when_they_are_made() -> None:
    group = ("tata", "promos")
    days = [TODAY + timedelta(days=number) for number in range(12)]
    contracted = {day: {group: 4} for day in days}
    heard: dict[date, dict[tuple[str, str], int]] = {days[0]: {group: 0}}
    made = Counter[date]()
    for day in days[1:]:
        made[day] = owed_on(day, contracted, heard).get(group, 0)
        heard[day] = {group: 4 + made[day]}
    assert sum(made.values()) == 4


def test_two_approvals_stand_in_the_feed_as_well(tmp_path: Path) -> None:
    with scene(tmp_path) as at:
        at.vendor(approvals=2)
        record = at.submitted(vendor="tata")
        at.desk.approve(record.id, 1, BOB)
        at.desk.approve(record.id, 1, CAT)
        assert at.desk.mark_ready(record.id, 1, clip())
        assert len(at.desk.feed(TODAY)) == 1
        at.desk.withdraw(record.id, AMY)
        assert at.desk.feed(TODAY)[0].until is not None


def test_what_was_withdrawn_stays_off_the_air_when_the_clock_is_set_back(tmp_path: Path) -> None:
    with scene(tmp_path) as at:
        record = at.ready(when=timed(at=("10:05", "16:00")))
        at.clock.go(hours=5)
        at.desk.withdraw(record.id, AMY)
        at.clock.go(hours=-4)
        assert all(one.until is not None and one.until <= at.clock.now() for one in at.desk.feed(TODAY))

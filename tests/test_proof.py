"""Proof of play: what counts, what is owed, what it costs, and the files that say so."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader
from sqlalchemy import update

from broadcaster.asrun.counting import Facts, Standing, standing
from broadcaster.asrun.entries import BROKEN_OFF, CUT_OFF, REPLACED, TAKEN_UP, Outcome
from broadcaster.asrun.fees import fees, money
from broadcaster.asrun.ledger import BACK_DAYS, Heard, ledger
from broadcaster.asrun.ledger import Facts as LedgerFacts
from broadcaster.clock import RehearsalClock
from broadcaster.errors import UsageError
from broadcaster.ops.archive import Archive
from broadcaster.playout.interventions import Intervention
from broadcaster.reports.vendor_reports import VendorReports
from broadcaster.rundown.makegoods import Delivery, balance
from broadcaster.settings import Home
from broadcaster.store.tables import revisions
from broadcaster.store.vendors import Contract
from broadcaster.web.app import create_app
from tests.calendar_kit import Store
from tests.proof_kit import FRIDAY, JOINED, THURSDAY, proof, vendor_store
from tests.web_fakes import DAY, FakeStation, at
from tests.web_offices import log_in

TZ = ZoneInfo("Asia/Shanghai")
PERIOD = f"from={THURSDAY}&to={FRIDAY}"
SILENCERS: tuple[Literal["mute", "stop", "emergency", "live"], ...] = ("mute", "stop", "emergency", "live")
NOON = datetime(2026, 11, 27, 4, tzinfo=UTC)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with vendor_store(tmp_path_factory.mktemp("proof")) as store:
        yield store


@pytest.fixture(scope="module")
def client(store: Store) -> FlaskClient:
    client = create_app(FakeStation(), store.offices).test_client()
    log_in(client, "wanglan")
    return client


def fetched(client: FlaskClient, path: str) -> bytes:
    answer = client.get(f"{path}?{PERIOD}")
    assert answer.status_code == 200 and "attachment" in answer.headers["Content-Disposition"]
    return bytes(answer.data)


# --- what counts


def entry(
    outcome: Outcome | None = Outcome.AIRED, by: str | None = "ear", *, heard: bool = True, seconds: float = 20,
    reason: str = "",
) -> Facts:  # fmt: skip
    return Facts(outcome, by, NOON if heard else None, NOON, NOON + timedelta(seconds=seconds), reason)


@pytest.mark.parametrize(
    ("facts", "worth"),
    [
        (entry(), Standing.EAR),
        (entry(by="player"), Standing.PLAYER),
        (entry(heard=False), Standing.UNHEARD),
        (entry(by=None, heard=False), Standing.UNSAID),
        (entry(Outcome.PARTIAL, seconds=18), Standing.EAR),
        (entry(Outcome.PARTIAL, seconds=17.9), Standing.SHORT),
        (entry(Outcome.PARTIAL, heard=False), Standing.UNHEARD),
        (entry(Outcome.SKIPPED), Standing.SILENT),
        (entry(None), Standing.OPEN),
    ],
)
def test_only_what_was_heard_counts(facts: Facts, worth: Standing) -> None:
    assert standing(facts, 20.0) is worth


def test_what_has_a_gap_or_an_unknown_length_is_too_short() -> None:
    by_hand = [Intervention(1, kind, None, {}, NOON, None, "wanglan").words() for kind in SILENCERS]
    gaps = (*by_hand, TAKEN_UP, BROKEN_OFF, CUT_OFF, REPLACED)
    assert {standing(entry(Outcome.PARTIAL, reason=one), 20.0) for one in gaps} == {Standing.SHORT}
    assert standing(entry(Outcome.PARTIAL), None) is Standing.SHORT


# --- sums and fees


def contract(number: int, kind: str, cents: int, days: int, per_day: int = 4) -> Contract:
    last = DAY + timedelta(days=days - 1)
    return Contract(number, "tata", DAY, last, "promos", per_day, kind, cents, "", at("00:00", FRIDAY), None)


def facts(terms: Sequence[Contract], heard: Sequence[tuple[int, int]]) -> LedgerFacts:
    """Of days from DAY on: airings that count, and such of which nobody says."""
    days = {DAY + timedelta(days=number): {"promos": Heard(*pair)} for number, pair in enumerate(heard)}
    promised = {on: {"promos": sum(one.per_day for one in terms)} for on in days}
    return LedgerFacts(terms, promised, (), heard=days)


heard_days = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 3)), min_size=1, max_size=12)


@settings(max_examples=50, deadline=None)
@given(heard_days, st.integers(0, 4), st.integers(0, 4), st.integers(0, 12))
def test_each_airing_is_charged_once_at_the_rate_of_the_contract_that_it_fills(
    heard: list[tuple[int, int]], one: int, two: int, split: int
) -> None:
    terms = [contract(1, "per_airing", 300, len(heard), one), contract(2, "per_airing", 700, len(heard), two)]
    last, split_at = DAY + timedelta(days=len(heard) - 1), min(split, len(heard))
    after = last + timedelta(days=1)
    known = facts(terms, heard)
    # By hand: promised airings wait in a row, each with its price; whatever airs beyond its day's takes the last.
    cents, waiting = 0, list[int]()
    for counted, unsaid in heard:
        today, airings = [300] * one + [700] * two, [1] * counted + [0] * unsaid
        for counts in airings:
            cents += (today.pop(0) if today else waiting.pop() if waiting else 0) * counts
        waiting += today
    days = ledger(known, DAY, last, after, TZ)
    assert sum(fee.cents for fee in fees(terms, days, TZ)) == cents and days[-1].owed == len(waiting)
    # Periods side by side come to the same.
    parts = (days[:split_at], days[split_at:])
    assert sum(fee.cents for part in parts for fee in fees(terms, part, TZ)) == cents


@settings(max_examples=50, deadline=None)
@given(heard_days)
def test_the_report_owes_what_the_rundown_makes_good(heard: list[tuple[int, int]]) -> None:
    terms = [contract(1, "per_airing", 300, len(heard))]
    past = [
        Delivery("tata", DAY + timedelta(days=number), 4, counted + unsaid)
        for number, (counted, unsaid) in enumerate(heard)
    ]
    after = DAY + timedelta(days=len(heard))
    assert ledger(facts(terms, heard), DAY, after, after, TZ)[-2].owed == balance(past, after)["tata"]


def test_a_shortage_lapses_and_periods_side_by_side_know_the_same() -> None:
    one = contract(1, "per_airing", 100, 60)
    known = facts([one], [(3, 0), *[(4, 0)] * (BACK_DAYS - 1), (5, 0), (2, 0), *[(4, 0)] * BACK_DAYS, (6, 0)])
    end = DAY + timedelta(days=99)
    whole = ledger(known, DAY, end, end, TZ)
    assert [(day.made_good, day.owed) for day in whole[BACK_DAYS : BACK_DAYS + 2]] == [(1, 0), (0, 2)]
    assert sum(day.lapsed for day in whole) == 2 and whole[-1].made_good == 0
    later = ledger(known, DAY + timedelta(days=BACK_DAYS), end, end, TZ)
    assert later == whole[BACK_DAYS:]


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 40), st.integers(0, 100_000), st.integers(0, 40))
def test_parts_of_a_flat_fee_add_up_to_it(length: int, cents: int, split: int) -> None:
    one = contract(1, "flat", cents, length)
    days = ledger(facts([one], [(0, 0)] * length), DAY, one.last, one.last + timedelta(days=9), TZ)
    parts = [fees([one], part, TZ)[0] for part in (days[:split], days[split:])]
    assert sum(part.cents for part in parts) == cents and sum(part.count for part in parts) == length


def test_a_day_without_an_airing_costs_nothing() -> None:
    one = contract(1, "per_day", 1000, 4)
    days = ledger(facts([one], [(1, 0), (0, 0), (0, 2), (8, 0)]), DAY, one.last, one.last, TZ)
    assert [(fee.count, money(fee.cents)) for fee in fees([one], days, TZ)] == [(2, "20.00")]


def test_a_contract_that_was_ended_is_charged_for_the_days_on_which_it_held() -> None:
    one = contract(1, "flat", 1000, 10)
    for when in (at("12:00", DAY), at("00:00", DAY + timedelta(days=1))):
        ended = Contract(**{**{name: getattr(one, name) for name in Contract.__slots__}, "ended_at": when})
        days = ledger(facts([ended], [(0, 0)] * 10), DAY, one.last, one.last, TZ)
        assert fees([ended], days, TZ)[0].cents == 100


# --- of a real log


def test_the_ear_the_player_and_nobody_are_told_apart(client: FlaskClient) -> None:
    report = client.get(f"/api/v1/reports/vendors/tata?{PERIOD}").json
    assert report
    sums = {name: report[name] for name in ("contracted", "ear", "player", "not_heard", "short", "made_good", "owed")}
    assert sums == {"contracted": 8, "ear": 2, "player": 6, "not_heard": 1, "short": 1, "made_good": 2, "owed": 0}
    assert report["fee_cents"] == 8 * 500 and [day["owed"] for day in report["days"]] == [2, 0]
    assert Counter(one["standing"] for one in report["airings"]) == {"ear": 2, "player": 6, "unheard": 1, "short": 1}
    partial = next(one for one in report["airings"] if one["reason"] == JOINED)
    assert partial["counts"] and partial["length_s"] == 19.0


def test_make_goods_go_by_the_same_rule(store: Store) -> None:
    settled = Counter(one.date for one in proof(store).settled(THURSDAY, FRIDAY))
    assert settled == {THURSDAY: 2, FRIDAY: 6}


def test_a_page_begins_anywhere_and_a_file_has_it_all(store: Store) -> None:
    read = proof(store)
    pages = [read.page("tata", THURSDAY, FRIDAY, offset, 3) for offset in range(0, 12, 3)]
    ids = [entry.id for page in pages for entry in page.entries]
    assert ids == [one.entry.id for one in read.all("tata", THURSDAY, FRIDAY)][::-1] and len(ids) == 10
    assert pages[0].count == 10 and pages[-1].older is None


def test_what_is_in_the_archive_is_neither_summed_up_nor_owed(store: Store, tmp_path: Path) -> None:
    archive = Archive(Home(tmp_path))
    archive.write("asrun", "2026-11", [(DAY, {"id": 1})], at("09:00"))
    later = VendorReports(
        store.database, RehearsalClock(at("09:00", DAY + timedelta(days=5))), lambda: TZ, "main", archive=archive
    )
    with store.database.writing() as connection:
        connection.execute(update(revisions).values(effective_at=at("00:00", THURSDAY)))
    with pytest.raises(UsageError, match="asrun-2026-11"):
        later.bill("tata", THURSDAY, DAY)
    assert later.bill("tata", THURSDAY, FRIDAY).cents == 4000
    assert later.bill("tata", DAY + timedelta(days=1), DAY + timedelta(days=2)).owed == 0


def test_all_vendors_stand_in_one_list(client: FlaskClient, store: Store) -> None:
    lines = client.get(f"/api/v1/reports/vendors?{PERIOD}").json
    assert lines and {one["vendor"]: one["fee_cents"] for one in lines["vendors"]}["tata"] == 4000
    page = client.get(f"/reports/vendors?{PERIOD}").text
    assert "TATA木门" in page and page.count("40.00") == 2
    assert store.offices.reports
    store.offices.reports.vendors.put("oppein", "欧派橱柜", "Oppein Kitchens", by="liqiang")
    client.set_cookie("lang", "en")
    page = client.get(f"/reports/vendors?{PERIOD}").text
    client.delete_cookie("lang")
    assert "Oppein Kitchens" in page and "欧派" not in page


def test_the_table_keeps_its_columns_and_adds_at_the_end(client: FlaskClient) -> None:
    text = fetched(client, "/reports/vendor/tata.csv").decode()
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    assert text.startswith("\ufeff") and rows[0][1:] == ["tata", "2026-11-26", "2026-11-27"]
    assert [cell.split(" ", 1)[1] for cell in rows[1][:8]] == [
        "Date", "Contracted", "Aired", "Partial", "Skipped", "Failed", "Made good", "Owed",
    ]  # fmt: skip
    assert rows[4] == [] and rows[5][4] == "时长(秒) Length (s)" and rows[6][5] == "'=1+1 促销"
    assert rows[-1][8] == "40.00"


def test_the_workbook_has_real_dates_and_numbers_and_no_formula(client: FlaskClient) -> None:
    book = openpyxl.load_workbook(io.BytesIO(fetched(client, "/reports/vendor/tata.xlsx")))
    summary, days, airings = (book[name] for name in book.sheetnames)
    assert str(days["A2"].value) == "2026-11-26 00:00:00" and [cell.value for cell in days[3]][7:10] == [0, 0, 6]
    first = [cell.value for cell in airings[2]]
    assert str(first[1]) == "2026-11-26 10:00:00" and first[4] == 20.0 and first[11] == -18.2
    assert first[5] == "=1+1 促销" and {cell.data_type for cell in airings["F"]} <= {"s", "inlineStr"}
    assert days.freeze_panes == airings.freeze_panes == "A2"
    fee = next(row for row in summary.iter_rows(values_only=True) if row[0] == 1)
    assert fee[6:9] == (5, 8, 40)


@pytest.mark.parametrize("path", ["/reports/vendor/tata.pdf", "/reports/vendors.pdf", "/reports/vendors.xlsx"])
def test_papers_and_lists_name_the_vendor_and_the_fee(client: FlaskClient, path: str) -> None:
    data = fetched(client, path)
    if path.endswith("pdf"):
        text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages)
        assert "TATA木门" in text and "40.00" in text and "播出证明" in text
        assert "红星国际家居" in text and "制作于 made 2026-11-28 10:" in text
        return
    rows = list(openpyxl.load_workbook(io.BytesIO(data)).active.iter_rows(values_only=True))
    assert next(row for row in rows if row[1] == "tata")[11] == 40


def test_the_pages_shortcuts_are_whole_months(client: FlaskClient) -> None:
    page = client.get("/reports/vendor/tata").text
    assert "from=2026-11-01&amp;to=2026-11-30" in page and "from=2026-10-01&amp;to=2026-10-31" in page

"""Reports of dates and vendors, texts, the audit trail, vendors and contracts."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from broadcaster.asrun.entries import Outcome
from broadcaster.notices.models import NoticeDraft
from broadcaster.web.app import create_app
from tests.calendar_kit import Store, open_store
from tests.web_fakes import DAY, FakeStation, at
from tests.web_offices import log_in, token

YESTERDAY = DAY - timedelta(days=1)
CLOCKS = [f"10:{minute:02}:00" for minute in range(60)]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path) as store:
        yield store


@pytest.fixture
def client(store: Store) -> FlaskClient:
    client = create_app(FakeStation(), store.offices).test_client()
    log_in(client, "wanglan")
    return client


def of_vendor(store: Store, first: date) -> str:
    """A notice of the vendor tata that takes turns."""
    draft = NoticeDraft.model_validate({
        "title": "TATA促销", "text": "TATA木门八折。", "vendor": "tata",
        "when": {"rotation": "vendor-promos", "first": first.isoformat(), "last": DAY.isoformat()},
    })  # fmt: skip
    author = store.house.users.get("xiaomei")
    assert author
    return f"notice-{store.house.desk.submit(draft, author).id}"


def test_a_day_has_its_sums_and_causes(client: FlaskClient, store: Store) -> None:
    for clock in CLOCKS[:5]:
        store.aired("a", DAY, clock)
    store.aired("b", DAY, "11:00", Outcome.SKIPPED, "太晚 / too late")
    report = store.offices.reports and store.offices.reports.day(DAY, {})
    assert report and (report.totals.spots, report.totals.aired, report.totals.skipped) == (6, 5, 1)
    page = client.get("/reports/day/2026-11-28").text
    assert "太晚 <b>× 1</b>" in page and "通知a" in page


def test_filters_find_by_outcome_kind_and_words(client: FlaskClient, store: Store) -> None:
    store.aired("a", DAY, "10:00")
    store.aired("b", DAY, "11:00", Outcome.FAILED, "录音缺失")
    assert "通知a" not in client.get("/reports/day/2026-11-28?became=trouble").text
    assert "通知b" in client.get("/reports/day/2026-11-28?q=录音").text
    assert "没有这样的记录" in client.get("/reports/day/2026-11-28?kind=bed").text


def test_words_with_wildcards_are_words(client: FlaskClient, store: Store) -> None:
    store.aired("a", DAY, "10:00")
    assert "没有这样的记录" in client.get("/reports/day/2026-11-28?q=%25").text


def test_a_long_day_comes_in_pages(client: FlaskClient, store: Store) -> None:
    for number in range(230):
        store.aired("a", DAY, f"10:{number // 60:02}:{number % 60:02}")
    first = client.get("/reports/day/2026-11-28").text
    assert first.count("通知a") == 200 and "offset=200" in first
    assert client.get("/reports/day/2026-11-28?offset=200").text.count("通知a") == 30


def test_a_spot_after_midnight_belongs_to_the_evening_before(store: Store) -> None:
    store.log.skip_spot(
        date=YESTERDAY, spot_id="late", kind="script", ref="late", title="夜里", reason="x", planned_at=at("00:20", DAY)
    )  # fmt: skip
    assert [entry.spot_id for entry in store.log.entries(YESTERDAY)] == ["late"]


def test_the_table_of_a_day_opens_in_excel_and_runs_nothing(client: FlaskClient, store: Store) -> None:
    store.aired("=1+1", DAY, "10:00")
    answer = client.get("/reports/day/2026-11-28.csv")
    assert answer.text.startswith("\ufeff") and "attachment" in answer.headers["Content-Disposition"]
    row = list(csv.reader(io.StringIO(answer.text)))[1]
    assert "'=1+1" in row


def test_a_vendor_is_owed_what_was_contracted_and_not_heard(client: FlaskClient, store: Store) -> None:
    ref = of_vendor(store, YESTERDAY)
    vendors, days = store.offices.reports.vendors, store.house.desk  # type: ignore[union-attr]
    vendors.contract("tata", "vendor-promos", 4, YESTERDAY, DAY, by="liqiang")
    days.keep_promises(YESTERDAY, {ref: 4})
    for clock in CLOCKS[:3]:
        store.aired(ref, YESTERDAY, clock)
    report = client.get("/api/v1/reports/vendors/tata?from=2026-11-27&to=2026-11-27").json
    assert report and report["days"][0]["contracted"] == 4 and report["days"][0]["aired"] == 3
    assert report["owed"] == 1 and report["count"] == 3
    assert [airing["length_s"] for airing in report["airings"]] == [20.0, 20.0, 20.0]


def test_what_airs_beyond_the_contract_makes_good(client: FlaskClient, store: Store) -> None:
    before = YESTERDAY - timedelta(days=1)
    ref = of_vendor(store, before)
    store.offices.reports.vendors.contract("tata", "vendor-promos", 2, before, DAY, by="liqiang")  # type: ignore[union-attr]
    for on, count in ((before, 1), (YESTERDAY, 3)):
        store.house.desk.keep_promises(on, {ref: 2})
        for clock in CLOCKS[:count]:
            store.aired(ref, on, clock)
    report = client.get("/api/v1/reports/vendors/tata?from=2026-11-26&to=2026-11-27").json
    assert report and [(day["made_good"], day["owed"]) for day in report["days"]] == [(0, 1), (1, 0)]


def test_the_vendors_page_and_table_say_the_same(client: FlaskClient, store: Store) -> None:
    ref = of_vendor(store, YESTERDAY)
    store.aired(ref, YESTERDAY, "10:05")
    page = client.get("/reports/vendor/tata?from=2026-11-27&to=2026-11-28").text
    table = client.get("/reports/vendor/tata.csv?from=2026-11-27&to=2026-11-28").text
    assert "2026-11-27 10:05:00" in page and "2026-11-27 10:05:00" in table and "20.0" in table


def test_a_rotation_is_named_by_its_title(client: FlaskClient, store: Store) -> None:
    vendors = store.offices.reports.vendors  # type: ignore[union-attr]
    vendors.contract("tata", "vendor-promos", 4, YESTERDAY, DAY, by="liqiang")
    vendors.contract("tata", "gone", 4, YESTERDAY, DAY, by="liqiang")
    for form in ("", ".csv"):
        told = client.get(f"/reports/vendor/tata{form}?from=2026-11-27&to=2026-11-28").text
        assert "厂商促销" in told and "vendor-promos" not in told and "gone" in told


@pytest.mark.parametrize("query", ["from=2026-11-28&to=2026-11-01", "from=2020-01-01&to=2026-11-01", "from=x"])
def test_a_period_that_makes_no_sense_is_refused(client: FlaskClient, query: str) -> None:
    assert client.get(f"/reports/vendor/tata?{query}").status_code == 404
    assert client.get(f"/api/v1/reports/vendors/tata?{query}").status_code == 400


def test_texts_are_shown_as_written_and_as_spoken(client: FlaskClient) -> None:
    page = client.get("/reports/texts/2026-11-28").text
    assert "欢迎您,9:30 开门。" in page and "欢迎您,九点半开门。" in page and "王兰" in page and "李强" in page
    assert "显示 0 篇" in client.get("/reports/texts/2026-11-28?q=再见").text


def test_a_vendor_is_added_renamed_and_gets_a_contract_that_is_ended(client: FlaskClient, store: Store) -> None:
    csrf = {"csrf_token": token(client, "/vendors")}
    client.post("/vendors", data={**csrf, "id": "oppein", "name_zh": "欧派", "new": "1"})
    client.post("/vendors", data={**csrf, "id": "oppein", "name_zh": "欧派橱柜"})
    deal = {"rotation": "vendor-promos", "per_day": "6", "first": "2026-12-01", "last": "2026-12-31", "fee": "12.50"}
    assert "12.50" in client.post("/vendors/oppein/contracts", data={**csrf, **deal}, follow_redirects=True).text
    known = store.offices.reports.vendors  # type: ignore[union-attr]
    assert known.contracts()[0].fee_cents == 1250 and known.contracts()[0].per_day == 6
    client.post(f"/contracts/{known.contracts()[0].id}/end", data=csrf)
    assert known.contracts()[0].ended_at and known.get("oppein").name_zh == "欧派橱柜"  # type: ignore[union-attr]


def test_a_new_vendor_does_not_write_over_another(client: FlaskClient, store: Store) -> None:
    form = {"csrf_token": token(client, "/vendors"), "id": "tata", "name_zh": "别家", "new": "1"}
    assert client.post("/vendors", data=form).status_code == 422
    assert store.offices.reports.vendors.get("tata").name_zh == "TATA木门"  # type: ignore[union-attr]


@pytest.mark.parametrize("fee", ["-1", "1e9", "12.505", "nan", "viel"])
def test_a_fee_that_is_none_is_refused(client: FlaskClient, store: Store, fee: str) -> None:
    form = {"rotation": "vendor-promos", "per_day": "6", "first": "2026-12-01", "last": "2026-12-31", "fee": fee}
    client.post("/vendors/tata/contracts", data={"csrf_token": token(client, "/vendors"), **form})
    assert store.offices.reports.vendors.contracts() == []  # type: ignore[union-attr]


def test_the_trail_says_in_words_who_did_what_from_where(store: Store) -> None:
    client = create_app(FakeStation(), store.offices).test_client()
    log_in(client, "liqiang")
    form = {"csrf_token": token(client, "/vendors"), "id": "oppein", "name_zh": "欧派", "new": "1"}
    client.post("/vendors", data=form)
    page = client.get("/audit?what=vendor").text
    assert "新增或修改商户" in page and "oppein" in page and "李强" in page and "本机" in page
    assert "没有这样的记录" in client.get("/audit?what=vendor&who=xiaomei").text
    assert "没有这样的记录" in client.get("/audit?from=2030-01-01").text


def test_the_trail_comes_in_pages(store: Store) -> None:
    client = create_app(FakeStation(), store.offices).test_client()
    log_in(client, "liqiang")
    known = store.offices.reports.vendors  # type: ignore[union-attr]
    for number in range(130):
        known.put("tata", f"TATA {number}", by="liqiang")
    first = client.get("/api/v1/audit?what=vendor.put").json
    assert first and len(first["entries"]) == 100
    rest = client.get(f"/api/v1/audit?what=vendor.put&before={first['before']}").json
    assert rest and len(rest["entries"]) == 31 and rest["before"] is None


@pytest.mark.parametrize("name", ["wanglan", "xiaomei"])
def test_the_trail_is_not_for_everybody(store: Store, name: str) -> None:
    client = create_app(FakeStation(), store.offices).test_client()
    log_in(client, name)
    assert client.get("/audit").status_code == 403 and client.get("/api/v1/audit").status_code == 403


def test_promo_staff_look_at_vendors_and_change_nothing(store: Store) -> None:
    client = create_app(FakeStation(), store.offices).test_client()
    log_in(client, "xiaomei")
    page = client.get("/vendors").text
    assert "TATA木门" in page and 'method="post"' not in page.split("<main")[1]
    form = {"csrf_token": token(client, "/account"), "id": "tata", "name_zh": "别家"}
    assert client.post("/vendors", data=form).status_code == 403


def test_the_api_makes_and_ends_contracts(client: FlaskClient) -> None:
    headers = {"X-CSRFToken": token(client, "/vendors")}
    draft = {"rotation": "vendor-promos", "per_day": 3, "first": "2026-12-01", "last": "2026-12-31"}
    made = client.post("/api/v1/vendors/tata/contracts", json=draft, headers=headers)
    assert made.status_code == 201 and made.json
    end = f"/api/v1/contracts/{made.json['id']}/end"
    assert client.post(end, headers=headers).status_code == 204
    assert client.post(end, headers=headers).status_code == 409
    wrong = client.post("/api/v1/vendors/tata/contracts", json={**draft, "per_day": -1}, headers=headers)
    assert wrong.status_code == 422 and wrong.json and wrong.json["errors"][0]["field"] == "per_day"

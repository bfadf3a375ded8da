"""What machines are told of the daemon."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from broadcaster.station.vitals import Health, Reason
from broadcaster.store.database import open_database
from broadcaster.store.sqlite import refusal
from broadcaster.web.app import create_app
from broadcaster.web.offices import Offices
from tests.web_fakes import FakeStation
from tests.web_offices import PEOPLE, House, log_in, open_house

NAMES = {role: name for name, _, role in PEOPLE}
FAR = {"REMOTE_ADDR": "192.168.1.20"}
WRONG = Reason("engine", "播放引擎起不来", "the playout engine can't run")


class _Vitals:
    def __init__(self) -> None:
        self.reasons: tuple[Reason, ...] = ()

    def health(self) -> Health:
        return Health("lost" if self.reasons else "ok", self.reasons)

    def metrics(self) -> bytes:
        return b"# TYPE broadcaster_up gauge\nbroadcaster_up 1.0\n"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with open_house(tmp_path) as house:
        yield house


@pytest.fixture
def vitals() -> _Vitals:
    return _Vitals()


@pytest.fixture
def offices(house: House, vitals: _Vitals) -> Offices:
    return replace(house.offices, vitals=vitals)


def test_all_well_and_not_with_the_reason_for_the_machine_itself(offices: Offices, vitals: _Vitals) -> None:
    client = create_app(FakeStation(), offices).test_client()
    assert client.get("/healthz").get_json() == {"ok": True, "engine": "ok", "reasons": []}
    vitals.reasons = (WRONG,)
    answer = client.get("/healthz")
    assert answer.status_code == 503 and answer.get_json()["reasons"][0]["code"] == "engine"
    far = client.get("/healthz", environ_base=FAR)
    assert far.status_code == 503 and far.get_json() == {"ok": False, "engine": "lost"}
    forwarded = client.get("/healthz", headers={"X-Forwarded-For": "192.168.1.20"})
    assert "reasons" not in forwarded.get_json()


def test_figures_are_for_the_machine_itself_and_for_accounts(offices: Offices) -> None:
    app = create_app(FakeStation(), offices)
    client = app.test_client()
    assert client.get("/metrics").status_code == 200
    assert client.get("/metrics", environ_base=FAR).status_code == 401
    assert client.get("/metrics", headers={"X-Forwarded-For": "192.168.1.20"}).status_code == 401
    log_in(client, NAMES["it"])
    assert client.get("/metrics", environ_base=FAR).status_code == 200


def test_every_request_is_in_the_figures(offices: Offices) -> None:
    client = create_app(FakeStation(), offices).test_client()
    client.get("/nowhere")
    families = {
        family.name: family for family in text_string_to_metric_families(client.get("/metrics").get_data(as_text=True))
    }
    assert families["broadcaster_up"].samples[0].value == 1.0
    counts = {
        sample.labels["status"]: sample.value
        for sample in families["broadcaster_page_seconds"].samples
        if sample.name.endswith("_count")
    }
    assert counts == {"4xx": 1.0}


def test_a_database_that_takes_nothing_says_why(tmp_path: Path) -> None:
    path = tmp_path / "broadcaster.db"
    database = open_database(path)
    assert refusal(path) == ""
    with database.writing():
        assert "locked" in refusal(path, wait_s=0.01)
    database.dispose()
    assert refusal(path) == ""
    path.write_bytes(b"garbage" * 1000)
    assert refusal(path) != ""
    assert refusal(tmp_path / "none.db") != "" and not (tmp_path / "none.db").exists()

"""The store's own plan, compiled, against what the API promises and the page can draw."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from broadcaster.plan.load import read_plan
from broadcaster.plan.plan import Plan
from broadcaster.rundown.compiler import compile_rundown
from broadcaster.rundown.document import rundown_document
from broadcaster.rundown.explain import explain
from broadcaster.web.app import create_app
from broadcaster.web.contract import Fault, Rundown, Why
from tests.web_fakes import DAY, FakeStation, at, store_plan, undescribed


@pytest.fixture(scope="module")
def plan() -> Plan:
    return store_plan()


class PlannedStation(FakeStation):
    """The stand-in, with the compiled rundown in place of its own."""

    plan: Plan

    def rundown(self, day: date) -> dict[str, Any]:
        return rundown_document(self.plan, compile_rundown(self.plan, (), day))


@pytest.mark.parametrize("day", [DAY, date(2026, 11, 30), date(2026, 10, 1)])
def test_the_compiled_rundown_is_what_the_api_promises(plan: Plan, day: date) -> None:
    document = Rundown.model_validate(rundown_document(plan, compile_rundown(plan, (), day)))
    assert len(document.segments) > 8
    assert list(undescribed(document)) == []


@pytest.mark.parametrize("time", ["09:41", "09:42:05", "12:00", "20:00"])
def test_the_explanation_is_what_the_api_promises(plan: Plan, time: str) -> None:
    document = Why.model_validate(explain(plan, compile_rundown(plan, (), DAY), at(time)))
    assert list(undescribed(document)) == []


def test_a_fault_is_what_the_api_promises(tmp_path: Path) -> None:
    faults = [Fault.model_validate(fault.as_json()) for fault in read_plan(tmp_path).faults]
    assert faults
    assert [key for fault in faults for key in undescribed(fault)] == []


def test_the_page_draws_the_compiled_day(plan: Plan) -> None:
    station = PlannedStation("10:37:40")
    station.plan = plan
    client = create_app(station).test_client()
    page = client.get("/day/2026-11-28").text
    assert all(title in page for title in ("迎宾曲", "送宾曲", "欢迎语", "周末"))
    assert page.count('class="day-part') == len(station.rundown(DAY)["segments"])

"""Without an account nobody is told who did what to the air, nor why: only that something holds, and until when."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import TestResponse

from broadcaster.playout.interventions import Intervention, told
from broadcaster.reports.by_hand import intervention_document
from broadcaster.web.app import create_app
from broadcaster.web.nameless import Nameless
from tests.web_fakes import FakeStation, at, store_plan
from tests.web_offices import log_in, open_house

KINDS = ("skip", "pause", "mute", "stop", "trim", "insert")
PLAN = store_plan()


def deed(kind: Any) -> Intervention:
    since = at("10:30:00")
    params = {"shown": "王兰", "what": "spot", "dial": 20, "title_zh": "欢迎语"}
    return Intervention(1, kind, "speech", params, since, since + timedelta(hours=1), "wanglan", "有人晕倒")


class Busy(FakeStation):
    """A station to which everything was done that can be done by hand."""

    def status(self) -> dict[str, Any]:
        status = super().status()
        words = told(deed("stop"), PLAN.station.tz)
        alert = {"code": "stopped-by-hand", "message": words.zh, "message_en": words.text("en")}
        status["health"]["alerts"] = [alert]
        return status | {"interventions": [intervention_document(PLAN, deed(kind)) for kind in KINDS]}

    def rundown(self, day: Any) -> dict[str, Any]:
        rundown = super().rundown(day)
        hand = {"skipped_by": "王兰", "by": "王兰", "rule": "desk (王兰)"}
        return rundown | {"spots": [spot | hand for spot in rundown["spots"]]}

    def asrun(self, day: Any) -> dict[str, Any]:
        asrun = super().asrun(day)
        reasons = [deed(kind).words() for kind in KINDS]
        return asrun | {"entries": [asrun["entries"][0] | {"reason": reason} for reason in reasons]}

    def why(self, instant: datetime) -> dict[str, Any]:
        why = super().why(instant)
        lines = [told(deed(kind), PLAN.station.tz) for kind in KINDS]
        mark = "“热场”仅 2026-11-28 这一天另有安排(config/calendar.yaml:9:店庆,王兰)。"
        muted, _, muted_en = deed("mute").words().partition(" / ")
        log, log_en = f"日志:部分播出 — {muted}", f"Log: aired in part — {muted_en}"
        skipped = [
            "曲目由王兰跳到下一首。",
            "“欢迎语”由王兰跳过。",
            "插播“欢迎语”10:00:00 开始,由王兰人工插播,优先级 urgent。",
        ]
        zh = [*why["because"], *(line.zh for line in lines), mark, log, *skipped]
        return why | {"because": zh, "because_en": [*(line.text("en") for line in lines), log_en],
                      "interventions": [intervention_document(PLAN, deed("mute"))]}  # fmt: skip


@pytest.mark.parametrize("ask", ["status", "rundown", "asrun", "why"])
def test_no_document_names_anybody(ask: str) -> None:
    station = Nameless(Busy())
    asked: dict[str, list[Any]] = {
        "rundown": [station.today()], "asrun": [station.today()], "why": [at("10:30:30")],
    }  # fmt: skip
    text = json.dumps(getattr(station, ask)(*asked.get(ask, [])), ensure_ascii=False, default=str)
    assert [word for word in ("王兰", "wanglan", "晕倒") if word in text] == []


def test_what_was_done_and_until_when_is_told_all_the_same() -> None:
    status, why = Nameless(Busy()).status(), Nameless(Busy()).why(at("10:30:30"))
    assert [(one["kind"], one["until"][11:16]) for one in status["interventions"]] == [
        (kind, "11:30") for kind in KINDS
    ]
    assert why["because"][0] == FakeStation().why(at("10:30:30"))["because"][0] and "静音,到 11:30。" in why["because"]


PATHS = ("/", "/part/live", "/day/2026-11-28", "/api/v1/status", "/api/v1/why/10:30")


@pytest.mark.parametrize("path", PATHS)
def test_names_are_for_those_who_have_an_account(path: str, tmp_path: Path) -> None:
    with open_house(tmp_path) as house:
        app = create_app(Busy(), house.offices)
        looker, member = app.test_client(), app.test_client()
        assert log_in(member, "xiaomei").status_code == 302
        answer = looker.get(path)
        assert answer.status_code == 200 and "王兰" not in shown(answer) and "晕倒" not in shown(answer)
        if "day" not in path:
            assert "王兰" in shown(member.get(path))
        # What was made for those who have one is not handed on.
        assert "王兰" not in shown(looker.get(path))


def shown(answer: TestResponse) -> str:
    return json.dumps(answer.json, ensure_ascii=False) if answer.is_json else answer.text

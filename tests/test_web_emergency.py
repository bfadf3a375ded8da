"""The emergency page without a script, and the banner on every other page. The desk behind it is the real one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from broadcaster.calls.desk import CallDesk
from broadcaster.calls.live_page import LivePages
from broadcaster.clock import RehearsalClock
from broadcaster.media.library import Library
from broadcaster.plan.plan import Clip, Plan
from broadcaster.rooms.air_reach import Reach
from broadcaster.rundown.compiler import compile_rundown
from broadcaster.rundown.events import Rundown
from broadcaster.settings import Home
from broadcaster.store.audit import AuditTrail
from broadcaster.store.database import Database, open_database
from broadcaster.web.app import create_app
from tests.lab import signals
from tests.test_air_check import PLAN
from tests.web_fakes import FakeStation, at
from tests.web_offices import PEOPLE, House, log_in, open_house, token


@dataclass
class Store:
    house: House
    desk: CallDesk
    database: Database
    air: list[Any]

    def client(self, name: str) -> FlaskClient:
        client = create_app(FakeStation(), replace(self.house.offices, calls=self.desk)).test_client()
        if name:
            log_in(client, name)
        return client


def plan_with_sound(folder: Path) -> Plan:
    """The starter's plan, in which all that the drill says has a recording."""
    clip = Clip(path=str(signals.sine(folder / "said.wav", 880, 1)), duration_s=1.0, key="")
    plan = PLAN()
    said = {name: clip for name in plan.clips if name.startswith("emergency-drill")}
    return plan.model_copy(update={"clips": {**plan.clips, **said}})


def rundown_of(plan: Plan, on: date) -> Rundown:
    return compile_rundown(plan, (), on)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    air: list[Any] = []
    plan = plan_with_sound(tmp_path)
    names = {name: display for name, display, _role in PEOPLE}
    reach = Reach(
        plan=lambda: plan, on_air=lambda: None, rundown=rundown_of, became=lambda on: {}, take=lambda hands: None,
        recompile=lambda: None, display=lambda name: names[name],
    )  # fmt: skip
    with open_house(tmp_path) as house:
        database = open_database(tmp_path / "broadcaster.db")
        pages = LivePages(Home(tmp_path), Library(tmp_path / "media"))
        desk = CallDesk(
            database, RehearsalClock(at("10:37")), reach, lambda calls: air.append(calls), pages, zone="main"
        )
        desk.load()
        yield Store(house, desk, database, air)
        desk.stop()
        database.dispose()


def call(client: FlaskClient, message: str = "drill", **form: str) -> Any:
    asked = {"csrf_token": token(client, f"/emergency/{message}"), **form}
    return client.post(f"/emergency/{message}", data=asked, follow_redirects=True)


def test_it_takes_a_message_and_a_reason(store: Store) -> None:
    client = store.client("laozhao")
    assert 'href="/emergency/drill"' in client.get("/emergency").text
    page = call(client, reason="演练").text
    assert "正在全场播出" in page and "结束应急广播" in page
    (held,) = store.air[-1]
    assert (held.kind, held.target, held.reason, held.who) == ("emergency", "drill", "演练", "laozhao")


def test_without_a_reason_nothing_happens_and_it_is_said(store: Store) -> None:
    assert "请点选或写明原因" in call(store.client("laozhao"), reason="", words="  ").text
    assert store.desk.emergency() is None


def test_every_page_shows_it_and_a_stranger_sees_no_names(store: Store) -> None:
    staff, stranger = store.client("wanglan"), store.client("")
    assert "call-banner" not in staff.get("/notices").text
    call(store.client("laozhao"), words="三楼有烟")
    assert all("call-banner" in staff.get(path).text for path in ("/", "/notices", "/calendar", "/part/call"))
    told = staff.get("/part/call").text
    assert "老赵" in told and "三楼有烟" in told and "结束" in told
    seen = stranger.get("/part/call").text
    assert "消防演习" in seen and not any(word in seen for word in ("老赵", "三楼有烟", "结束"))


def test_whoever_has_an_account_may_end_it(store: Store) -> None:
    call(store.client("laozhao"), reason="演练")
    client = store.client("xiaomei")
    answer = client.post("/emergency", data={"csrf_token": token(client, "/emergency")}, follow_redirects=True)
    assert "应急广播已结束" in answer.text
    assert store.desk.emergency() is None and store.air[-1] == ()
    assert "call-banner" not in client.get("/part/call").text
    whats = [(one.what, one.who) for one in AuditTrail(store.database, RehearsalClock(at("10:37"))).entries()]
    assert ("air.emergency", "laozhao") in whats and any(who == "xiaomei" for what, who in whats if "air" in what)


def test_a_fire_locks_the_page(store: Store) -> None:
    client = store.client("laozhao")
    asked = {"csrf_token": token(client, "/emergency/drill"), "reason": "演练"}
    store.desk.fire(True)
    page = client.get("/emergency").text
    assert "消防信号已接通" in page and "结束应急广播" not in page
    assert "改播" not in page and 'class="call-way"' not in page
    assert "立即播出" not in client.get("/emergency/drill").text
    refused = client.post("/emergency/drill", data=asked, follow_redirects=True).text
    assert "消防信号接通" in refused
    store.desk.fire(False)
    assert "消防信号已接通" not in client.get("/emergency").text


def test_it_can_be_listened_to_beforehand(store: Store) -> None:
    client = store.client("laozhao")
    with client.get("/emergency/drill/0.wav") as answer:
        assert answer.mimetype == "audio/wav" and answer.data.startswith(b"RIFF")
    assert client.get("/emergency/drill/9.wav").status_code == 404
    assert client.get("/emergency/nowhere").status_code == 404


def test_what_has_no_recording_can_t_be_called(store: Store) -> None:
    page = store.client("laozhao").get("/emergency/evacuate").text
    assert "没有录音" in page and "disabled" in page.partition('id="call-now"')[2][:40]


def test_nobody_without_an_account_calls_anything(store: Store) -> None:
    client = store.client("")
    assert client.get("/emergency").status_code == 302
    assert client.post("/emergency/drill", data={"reason": "演练"}).status_code in (302, 400)
    assert store.desk.emergency() is None


def test_only_who_commands_the_air_sees_the_live_page(store: Store) -> None:
    assert store.client("laozhao").get("/live").status_code == 403
    answer = store.client("wanglan").get("/live")
    assert answer.status_code == 200
    assert "microphone=(self)" in answer.headers["Permissions-Policy"]
    assert "microphone=()" in store.client("wanglan").get("/emergency").headers["Permissions-Policy"]

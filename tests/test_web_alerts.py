"""The pages of the alerts: seen, taken note of, and set; an address is never shown again."""

from __future__ import annotations

import contextlib
import dataclasses
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from broadcaster.ops.messengers import send
from broadcaster.web.app import create_app
from tests.alert_kit import Station, settings, trouble, web_target
from tests.programme_kit import Rooms, open_rooms
from tests.web_fakes import FakeStation
from tests.web_offices import log_in, token

STATION = "config/station.yaml"
KEY = "abcd1234-1234-1234-1234-123456789xyz"
WECOM = f"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={KEY}"


@dataclasses.dataclass
class Pages:
    """A browser, the plan's files behind it, and the alerts."""

    client: FlaskClient
    rooms: Rooms
    alerts: Station

    @property
    def text(self) -> str:
        return (self.rooms.home / STATION).read_text(encoding="utf-8")

    def add(self, kind: str, **form: str) -> Any:
        page = f"/settings/alerts?add={kind}"
        sent = {"csrf_token": token(self.client, page), "tag": self.rooms.room.open().tag, "kind": kind, **form}
        return self.client.post("/settings/alerts/targets", data=sent)

    def change(self, **form: str) -> Any:
        """The first target."""
        page = self.client.get("/settings/alerts").text
        path = page.split('action="/settings/alerts/targets/')[1].split('"')[0]
        sent = {"csrf_token": token(self.client, "/settings/alerts"), "tag": self.rooms.room.open().tag, **form}
        return self.client.post(f"/settings/alerts/targets/{path}", data=sent, follow_redirects=True)


@pytest.fixture
def pages(tmp_path: Path) -> Iterator[Pages]:
    with open_rooms(tmp_path) as rooms:
        alerts = Station(tmp_path, settings(), send=send)
        offices = dataclasses.replace(rooms.offices, alerts=alerts.keeper)
        client = create_app(FakeStation(), offices).test_client()
        log_in(client, "liqiang")
        yield Pages(client, rooms, alerts)
        alerts.database.dispose()


def test_a_target_is_added_to_the_file_and_comments_stay(pages: Pages) -> None:
    before = pages.text
    assert pages.add("wecom", key=WECOM, name="值班群", least="urgent").status_code == 303
    assert f"wecombot://{KEY}" in pages.text and "值班群" in pages.text
    assert all(line in pages.text for line in before.splitlines() if line.startswith("#"))
    assert pages.add("email", to="a@b.cn", host="smtp.qq.com", user="s@qq.com", password="x").status_code == 303
    alerts = pages.rooms.room.open().station["alerts"]
    assert [one["least"] for one in alerts["to"]] == ["urgent", "warning"]


def test_its_address_is_never_shown_again(pages: Pages) -> None:
    pages.add("wecom", key=WECOM, name="值班群")
    page = pages.client.get("/settings/alerts").text
    assert "值班群" in page and "企业微信群机器人" in page and f"…{KEY[-4:]}" in page
    assert pages.client.post("/settings/alerts", data={
        "csrf_token": token(pages.client, "/settings/alerts"), "tag": pages.rooms.room.open().tag,
        "heartbeat": f"https://hc.example/{KEY}", "beat_every": "30 s",
    }).status_code == 303  # fmt: skip
    assert pages.rooms.room.open().station["alerts"]["heartbeat"] == {
        "url": f"https://hc.example/{KEY}",
        "every": "30 s",
    }
    for path in (
        "/settings/alerts", "/programme/versions", "/programme/versions/2", "/programme/versions/compare?a=1&b=3",
        "/api/v1/plan", "/api/v1/plan/versions", "/api/v1/status", "/api/v1/check", "/api/v1/alerts",
    ):  # fmt: skip
        answer = pages.client.get(path)
        assert answer.status_code == 200 and KEY not in answer.text, path
    log_in(pages.client, "wanglan")
    assert KEY[-4:] not in pages.client.get("/settings/alerts").text


def test_nothing_of_it_is_in_the_audit_trail(pages: Pages, tmp_path: Path) -> None:
    pages.add("wecom", key=WECOM)
    pages.change(do="remove")
    with contextlib.closing(sqlite3.connect(next(tmp_path.rglob("versions.db")))) as database:
        rows = database.execute("select what, detail from audit").fetchall()
    assert [what for what, _ in rows].count("plan.publish") == 2 and not any(KEY in str(row) for row in rows)


def test_a_test_is_really_sent(pages: Pages) -> None:
    with web_target() as web:
        pages.add("json", key=web.url.replace("json:", "http:"), name="监控室")
        assert "已发出" in pages.change(do="test").text
        assert web.titles == ["【播音测试】红星家居"]
        web.status = 403
        assert "没有权限" in pages.change(do="test").text


def test_a_target_is_changed_and_taken_out(pages: Pages) -> None:
    pages.add("feishu", key="12345678-1234")
    pages.change(do="save", least="notice", language="en")
    item = pages.rooms.room.open().station["alerts"]["to"][0]
    assert (item["least"], item["language"]) == ("notice", "en")
    pages.change(do="remove")
    assert not pages.rooms.room.open().station["alerts"]["to"]


def test_what_is_wrong_is_told_at_its_field(pages: Pages) -> None:
    before = pages.text
    answer = pages.add("wecom", key="https://elsewhere.example/?key=1", name="值班群")
    assert answer.status_code == 200 and pages.text == before
    assert "is-invalid" in answer.text and "qyapi.weixin.qq.com" in answer.text and "值班群" in answer.text


def test_repetition_and_quiet_hours(pages: Pages) -> None:
    fields = {"repeat": "20 min", "quiet_from": "22:00", "quiet_to": "08:00"}
    data = {"csrf_token": token(pages.client, "/settings/alerts"), "tag": pages.rooms.room.open().tag, **fields}
    assert pages.client.post("/settings/alerts", data=data).status_code == 303
    alerts = pages.rooms.room.open().station["alerts"]
    assert alerts == {"repeat": "20 min", "quiet": {"from": "22:00", "to": "08:00"}}
    emptied = {**data, "tag": pages.rooms.room.open().tag, "quiet_from": "", "quiet_to": ""}
    assert pages.client.post("/settings/alerts", data=emptied).status_code == 303
    assert "quiet" not in pages.rooms.room.open().station["alerts"]


def test_half_of_quiet_hours_is_refused_in_words(pages: Pages) -> None:
    data = {"csrf_token": token(pages.client, "/settings/alerts"), "tag": pages.rooms.room.open().tag,
            "quiet_from": "22:00"}  # fmt: skip
    answer = pages.client.post("/settings/alerts", data=data)
    assert answer.status_code == 200 and "没有保存" in answer.text and 'value="22:00"' in answer.text


def test_announcers_look_and_do_not_set(pages: Pages) -> None:
    log_in(pages.client, "wanglan")
    assert pages.client.get("/settings/alerts").status_code == 200
    assert pages.add("wecom", key=WECOM).status_code == 403


def test_open_alerts_are_taken_note_of_with_one_press(pages: Pages) -> None:
    pages.alerts.troubles.now = [trouble("silence", "urgent"), trouble()]
    pages.alerts.keeper.book.see(pages.alerts.troubles.now, pages.alerts.clock.now(), 1000.0)
    page = pages.client.get("/alerts").text
    assert page.index("silence 出了问题") < page.index("disk-low 出了问题") and "怎么办" in page
    assert '<span class="badge text-bg-danger">2</span>' in pages.client.get("/part/alerts").text
    data = {"csrf_token": token(pages.client, "/alerts")}
    answer = pages.client.post("/alerts/1/acknowledge", data=data, follow_redirects=True)
    assert "记下了" in answer.text and "已知道" in answer.text
    assert '<span class="badge text-bg-danger">1</span>' in pages.client.get("/part/alerts").text


def test_a_supervisor_only_looks(pages: Pages) -> None:
    pages.alerts.keeper.book.see([trouble()], pages.alerts.clock.now(), 1000.0)
    log_in(pages.client, "laozhao")
    assert 'action="/alerts/1/acknowledge"' not in pages.client.get("/alerts").text
    data = {"csrf_token": token(pages.client, "/account")}
    assert pages.client.post("/alerts/1/acknowledge", data=data).status_code == 403


def test_the_api_tells_and_takes_note(pages: Pages) -> None:
    pages.alerts.keeper.book.see([trouble()], pages.alerts.clock.now(), 1000.0)
    told: Any = pages.client.get("/api/v1/alerts").json
    assert told["unacknowledged"] == 1 and told["open"][0]["code"] == "disk-low" and told["open"][0]["remedy"]
    headers = {"X-CSRFToken": token(pages.client, "/alerts")}
    answer: Any = pages.client.post("/api/v1/alerts/1/acknowledge", headers=headers).json
    assert answer["unacknowledged"] == 0
    assert pages.client.post("/api/v1/alerts/99/acknowledge", headers=headers).status_code == 404


def test_without_an_account_there_is_no_count(pages: Pages) -> None:
    anybody = create_app(
        FakeStation(), dataclasses.replace(pages.rooms.offices, alerts=pages.alerts.keeper)
    ).test_client()
    assert "alert-badge" not in anybody.get("/").text and anybody.get("/api/v1/alerts").status_code == 401


def test_a_malformed_address_is_a_fault_with_its_line_and_holds_nothing_up(pages: Pages) -> None:
    path = pages.rooms.home / STATION
    path.write_text(
        pages.text + f"\nalerts:\n  to:\n    - url: wecombt://{KEY}\n    - url: json://a.b/c\n", encoding="utf-8"
    )
    plan = pages.rooms.room.open()
    told = [one for one in plan.faults if one.code == "alert-address"]
    assert len(told) == 1 and told[0].line and not told[0].blocking and "wecombot" in told[0].message
    assert KEY not in f"{told[0]}" and told[0].field == "alerts.to[0].url"
    assert "wecombot" in pages.client.get("/settings/alerts").text

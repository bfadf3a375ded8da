"""What the first page and the command say while a call is on air, while the station starts, and without an output."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from broadcaster.commands import show
from broadcaster.publishing.preparing import in_hand, told
from broadcaster.web.app import create_app
from broadcaster.web.live import build_live
from broadcaster.web.nameless import Nameless
from tests.web_fakes import FakeStation, at
from tests.web_offices import log_in, open_house

CALL = {
    "kind": "emergency", "id": 7, "title": "消防演习", "title_zh": "消防演习", "title_en": "Fire drill",
    "since": at("10:36:50").isoformat(), "sounding": True, "silent": False, "fire": False, "who": "王兰",
    "reason": "演练",
}  # fmt: skip
CLOSED: dict[str, Any] = {"segment": None, "track": None, "offset_s": None, "spot": None, "level": None, "dial": None}


class Plighted(FakeStation):
    """A station of which a part of the status is otherwise."""

    def __init__(self, start: str = "10:37:00", **parts: dict[str, Any]) -> None:
        super().__init__(start)
        self.parts = parts

    def status(self) -> dict[str, Any]:
        status = super().status()
        return status | {name: status[name] | part for name, part in self.parts.items()}


def client_of(station: FakeStation) -> FlaskClient:
    return create_app(station).test_client()


def calling(**other: Any) -> Plighted:
    return Plighted(on_air={"track": None, "spot": None, "call": {**CALL, **other}})


@pytest.mark.parametrize(
    ("other", "headline"),
    [
        ({}, "正在反复播放：消防演习"),
        ({"silent": True, "fire": True}, "消防信号：全部静音"),
        ({"fire": True}, "消防信号，正在反复播放：消防演习"),
        ({"kind": "live", "who": "王兰"}, "正在喊话：王兰"),
        ({"kind": "live", "who": ""}, "有人正在喊话"),
    ],
)
def test_a_call_is_what_is_on_air_and_nothing_is_counted_down(other: dict[str, Any], headline: str) -> None:
    station = calling(**other)
    with create_app(station).test_request_context():
        live = build_live(station.status())
    assert (live.mode, live.headline, live.until, live.left) == ("call", headline, None, "")
    assert "按当时的节目接着播" in live.after


@pytest.mark.parametrize("path", ["/", "/part/live"])
def test_the_first_page_tells_who_called_to_those_who_may_know(path: str, tmp_path: Path) -> None:
    with open_house(tmp_path) as house:
        app = create_app(calling(), house.offices)
        looker, member = app.test_client(), app.test_client()
        assert log_in(member, "xiaomei").status_code == 302
        pages = [client.get(path).text.partition('id="vitals"')[0] for client in (member, looker)]
    for page in pages:
        assert "正在反复播放：消防演习" in page and "应急广播结束后按当时的节目接着播" in page
        assert "当前没有声音" not in page and "data-until" not in page
    assert ["王兰、演练" in page for page in pages] == [True, False] and "王兰" not in pages[1]


def test_a_stranger_is_told_of_a_call_but_not_whose_it_is() -> None:
    status = Nameless(calling()).status()
    assert status["on_air"]["call"]["title"] == "消防演习"
    assert "王兰" not in json.dumps(status, ensure_ascii=False) and "演练" not in json.dumps(status, ensure_ascii=False)


def test_screens_show_no_spot_while_a_call_is_on_air() -> None:
    spot = {"spot": {"id": "x", "title": "周年庆", "text": "亲爱的顾客", "started_at": "", "ends_at": ""}}

    def speaking(air: dict[str, Any]) -> Any:
        answer = client_of(Plighted(on_air=air)).get("/api/v1/screen").json or {}
        return answer["speaking"]

    assert [speaking(spot), speaking(spot | {"call": CALL})] == [True, False]


@pytest.mark.parametrize(
    ("health", "air", "said"),
    [
        ({"ear": "lost"}, {"track": None}, "声音服务停了，正在重试"),
        ({"ear": "lost", "output_gone": True, "ear_reason": "电脑上没有声卡 / this PC has no sound output"}, {},
         "电脑上没有声卡，正在重试"),
        ({"engine": "lost"}, {"track": None}, "播放引擎停了，正在重试"),
        ({"ear": "ok", "dead_air_s": 9.0}, {}, "听不到声音，正在设法恢复"),
        ({"ear": "ok", "dead_air_s": 9.0, "pending": ["volume-muted"]}, {}, "这台电脑被静音了"),
        ({"ear": "ok"}, {"track": None}, "当前没有声音"),
    ],
)  # fmt: skip
def test_why_it_is_silent_is_said_without_an_end_that_nobody_knows(
    health: dict[str, Any], air: dict[str, Any], said: str
) -> None:
    page = client_of(Plighted("10:05:20", health=health, on_air=air)).get("/part/live").text
    now = page.partition('class="next"')[0]
    assert said in now and "is-nothing" in now and "data-until" not in now


def test_an_ear_that_is_lost_while_music_plays_hides_no_music() -> None:
    assert "晨光" in client_of(Plighted("10:05:20", health={"ear": "lost"})).get("/part/live").text


def test_outside_programme_time_an_output_that_is_away_is_no_silence() -> None:
    page = client_of(Plighted("03:00:00", on_air=CLOSED, health={"output_gone": True})).get("/part/live").text
    assert "节目时间外" in page


@pytest.mark.parametrize(
    ("plan", "said"),
    [
        ({"preparing": None}, "正在启动"),
        ({"preparing": "welcome-speech (3/40)"}, "正在准备声音：welcome-speech（剩 37）"),
        ({"preparing": None, "faults": 2}, "播音程序表有错"),
    ],
)
def test_a_start_does_not_look_like_a_closed_store(plan: dict[str, Any], said: str) -> None:
    station = Plighted(on_air=CLOSED, plan={"loaded_at": None, **plan}, health={"engine": "starting"})
    page = client_of(station).get("/part/live").text
    assert said in page and "节目时间外" not in page


def test_a_player_that_starts_outside_programme_time_says_so_until_it_runs() -> None:
    assert "正在启动" in client_of(Plighted("03:00:00", health={"engine": "starting"})).get("/part/live").text
    assert "节目时间外" in client_of(Plighted("03:00:00")).get("/part/live").text


def test_what_is_in_hand_is_read_back_from_the_word() -> None:
    found = in_hand(told("a (1/2) b", 3, 5))
    assert found is not None and (found.what, found.left) == ("a (1/2) b", 2)
    assert in_hand("") is None and in_hand("reading") is None


@pytest.mark.parametrize(
    ("parts", "said", "unsaid"),
    [
        ({"on_air": {"call": CALL}}, ("正在反复播放", "消防演习", "(王兰,演练)", "应急广播结束后"), "曲目"),
        ({"on_air": {"call": CALL | {"silent": True}}}, ("消防信号:全部静音",), "接下来 next: 1"),
        ({"on_air": {"call": CALL | {"kind": "live"}}}, ("正在喊话", "王兰", "喊话结束后"), "接下来 next: 1"),
        ({"on_air": CLOSED, "plan": {"loaded_at": None, "preparing": "x (1/4)"}}, ("剩 3",), "播音时间以外"),
        ({"on_air": CLOSED, "plan": {"loaded_at": None}}, ("正在启动",), "播音时间以外"),
        ({"health": {"output_gone": True}}, ("没有声音输出", "已播 elapsed 2"), "播音时间以外"),
    ],
)
def test_the_command_says_the_same(
    parts: dict[str, Any], said: tuple[str, ...], unsaid: str, capsys: pytest.CaptureFixture[str]
) -> None:
    show.status(Plighted("10:05:20", **parts).status())
    out = capsys.readouterr().out
    assert [word for word in said if word not in out] == [] and unsaid not in out


def test_an_alert_is_told_in_words_and_its_code_is_aside() -> None:
    station = FakeStation()
    station.alerts = [{"code": "emergency", "message": "正在播应急广播", "message_en": "on air"}]
    page = client_of(station).get("/part/live").text
    assert "正在播应急广播" in page and '<li title="emergency">' in page and "<code>emergency" not in page

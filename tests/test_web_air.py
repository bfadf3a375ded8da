"""What the first page does about the air: who may, what comes of it, and how it is said."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from broadcaster.errors import TooOften
from broadcaster.notices.models import NoticeDraft
from broadcaster.web.contract import Status
from broadcaster.web.contract_air import Interventions
from tests.web_air_kit import Desk, do, later, open_desk
from tests.web_fakes import DAY, undescribed
from tests.web_offices import token

SPOT = "2026-11-28/promo-1/103810"
DEEDS = (
    "skip",
    "pause",
    "mute",
    "stop",
    "trim/light",
    "play",
    "end/1",
    "form/lost-child",
    "closing",
    "event",
    "unmark/1",
)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with open_desk(tmp_path) as desk:
        yield desk


def test_the_music_is_paused_and_resumed(desk: Desk) -> None:
    client = desk.client()
    toast = do(client, "/air/pause", minutes="10")
    assert toast.status_code == 200 and "音乐暂停到 10:47" in toast.text and 'formaction="/air/end/1"' in toast.text
    page = client.get("/").text
    assert "音乐暂停中" in page and "王兰" in page and "恢复" in page
    assert "音乐已恢复" in do(client, "/air/end/1").text
    assert desk.air.holding() == [] and "音乐暂停中" not in client.get("/").text
    assert desk.air.wheres == ["127.0.0.1"]


def test_a_form_without_a_script_leads_back_and_says_what_happened(desk: Desk) -> None:
    client = desk.client()
    answer = do(client, "/air/pause", False, minutes="5")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert "音乐暂停到 10:42" in client.get("/").text


@pytest.mark.parametrize(
    ("path", "form", "status", "words"),
    [
        ("/air/pause", {"minutes": "61"}, 400, "最多 60 分钟"),
        ("/air/pause", {"minutes": "nan"}, 400, "不是数字"),
        ("/air/mute", {}, 400, "不是数字"),
        ("/air/skip", {"spot": "2026-11-28/gone"}, 409, "已经播完"),
        ("/air/trim/light", {"dial": "30"}, 400, "不能用刻度 30"),
        ("/air/trim/no-such", {"dial": "24"}, 400, "no-such"),
        ("/air/play", {"what": "welcome"}, 400, "请选一条"),
        ("/air/stop", {"reason": "  "}, 400, "停播原因"),
        ("/air/end/9", {}, 409, "已经结束"),
        ("/air/closing", {"later": "9999"}, 400, "请选几点打烊"),
        ("/air/closing", {}, 400, "请选"),
        ("/air/form/lost-child", {"name": ""}, 422, "请填写小名或姓"),
        ("/air/form/no-such", {}, 400, "没有表单"),
    ],
)
def test_what_can_not_be_is_said_in_a_toast(
    desk: Desk, path: str, form: dict[str, str], status: int, words: str
) -> None:
    answer = do(desk.client(), path, **form)
    assert answer.status_code == status and words in answer.text and "deed-toast is-bad" in answer.text
    assert desk.air.kept == [] and desk.plan.marks == []


def test_errors_speak_the_language_of_the_page(desk: Desk) -> None:
    client = desk.client()
    client.set_cookie("lang", "en")
    assert "at most 60 minutes, not 61" in do(client, "/air/pause", minutes="61").text


def test_too_often_is_said(desk: Desk) -> None:
    desk.air.trouble = TooOften("慢一点 / slow down", 4.0)
    assert do(desk.client(), "/air/pause", minutes="5").status_code == 429


def test_a_coming_spot_is_left_out_and_had_back(desk: Desk) -> None:
    client = desk.client()
    assert SPOT in client.get("/").text
    assert "撤销" in do(client, "/air/skip", spot=SPOT).text
    assert f'value="{SPOT}"' not in client.get("/").text
    do(client, "/air/end/1")
    assert f'value="{SPOT}"' in client.get("/").text


def test_what_is_cut_off_can_not_be_unsaid(desk: Desk) -> None:
    later(desk.station, "10:38:15")
    client = desk.client()
    assert re.search(r'value="2026-11-28/promo-1/103810" data-confirm="[^"]*会在中间停下', client.get("/").text)
    toast = do(client, "/air/skip", spot=SPOT)
    assert toast.status_code == 200 and "/air/end/" not in toast.text


def test_a_level_moves_by_a_step_inside_its_range(desk: Desk) -> None:
    client = desk.client()
    page = client.get("/").text
    assert re.findall(r'formaction="/air/trim/light" name="dial" value="([\d.]+)"', page) == ["24.5", "23.5"]
    assert "轻音乐：今天改用刻度 26" in do(client, "/air/trim/light", dial="26").text
    page = client.get("/").text
    assert re.search(r'name="dial" value="26" disabled', page) and "轻音乐用刻度 26" in page


def test_everything_stops_with_a_reason(desk: Desk) -> None:
    client = desk.client()
    do(client, "/air/stop", reason="消防演习")
    page = client.get("/part/live").text
    assert "全部停播中" in page and "王兰：消防演习" in page and "恢复播出" in page
    assert "is-stopped" in desk.client("").get("/part/live").text


def test_a_notice_that_is_ready_or_a_script_is_played(desk: Desk) -> None:
    client = desk.client()
    draft = NoticeDraft.model_validate(
        {"title": "寻物", "text": "寻找黑色提包", "when": {"at": "11:00", "first": DAY, "last": DAY}}
    )
    record = desk.house.desk.submit(draft, desk.house.users.get("xiaomei"))  # type: ignore[arg-type]
    assert "寻物" not in client.get("/air/list").text
    desk.house.desk.approve(record.id, 1, desk.house.users.get("liqiang"))  # type: ignore[arg-type]
    assert desk.house.desk.mark_ready(record.id, 1, _clip())
    listed = client.get("/air/list").text
    assert 'value="notice:notice-1"' in listed and 'value="script:welcome-speech"' in listed
    do(client, "/air/play", what="notice:notice-1")
    do(client, "/air/play", what="script:reminder")
    assert [one.target for one in desk.air.kept] == ["notice-1", "script:reminder"]


def _clip() -> Any:
    from broadcaster.plan.plan import Clip

    return Clip(path="/clips/a.wav", duration_s=8.0, key="a")


def test_a_lost_child_is_called_by_one_person(desk: Desk) -> None:
    toast = do(desk.client(), "/air/form/lost-child", name="乐乐")
    assert "几秒后播出" in toast.text
    [waiting] = desk.house.desk.to_render()
    assert (waiting.state, waiting.author, waiting.draft.priority) == ("approved", "wanglan", "urgent")


def test_a_form_that_others_must_approve_says_so(desk: Desk) -> None:
    toast = do(desk.client(), "/air/form/meet-friend", who="李女士")
    assert "要另一个人批准" in toast.text and desk.house.desk.to_render() == ()


def test_today_closes_later_and_is_put_back(desk: Desk) -> None:
    client = desk.client()
    toast = do(client, "/air/closing", at="18:30")
    assert 'formaction="/air/unmark/41"' in toast.text and "今天 18:30 打烊" in toast.text
    [(on, mark, who)] = desk.plan.marks
    assert (on, mark.close, who) == (DAY, "18:30", "wanglan")
    do(client, "/air/unmark/41")
    assert desk.plan.undone == [41]


def test_the_closing_dialog_names_and_sends_times(desk: Desk) -> None:
    shown = desk.client().get("/air/closing").text
    assert re.findall(r'name="at" value="([^"]+)"', shown) == ["18:15", "18:30"]
    assert "今天 18:00 打烊" in shown and "later" not in shown
    # The time that is typed in stands in a form of its own, whose only button sends it.
    assert shown[shown.index("<form") :].count("<button") == 1


def test_the_same_closing_time_again_changes_nothing(desk: Desk) -> None:
    toast = do(desk.client(), "/air/closing", at="18:00")
    assert toast.status_code == 200 and "不用改" in toast.text and "unmark" not in toast.text
    assert desk.plan.marks == []


@pytest.mark.parametrize("at", ["10:37", "09:40", "00:00", "25:00", "+30", ""])
def test_a_closing_time_that_is_past_or_none_is_refused(desk: Desk, at: str) -> None:
    toast = do(desk.client(), "/air/closing", at=at, sure="1", later="-360")
    assert toast.status_code == 400 and desk.plan.marks == []
    assert "打烊" in toast.text and "顺延" not in toast.text


def test_closing_earlier_than_planned_is_asked_about_first(desk: Desk) -> None:
    client = desk.client()
    toast = do(client, "/air/closing", at="16:00")
    assert toast.status_code == 409 and desk.plan.marks == []
    assert re.search(r"16:00 起没有音乐，之后安排的 \d+ 条插播", toast.text)
    [address] = re.findall(r'formaction="([^"]+)"', toast.text)
    toast = do(client, address.replace("&amp;", "&"))
    assert toast.status_code == 200 and "比原定早" in toast.text and desk.plan.marks[0][1].close == "16:00"


def test_an_event_day(desk: Desk) -> None:
    client = desk.client()
    assert "已经是活动日" in do(client, "/air/event", on="1").text
    do(client, "/air/event", on="0")
    assert [(mark.add, mark.remove) for _, mark, _ in desk.plan.marks] == [((), ("event",))]


def test_what_others_set_is_not_undone_from_the_air(desk: Desk) -> None:
    desk.plan.changed = ("config/station.yaml",)
    assert do(desk.client(), "/air/unmark/40").status_code == 403
    assert desk.plan.undone == []


def test_a_call_that_nobody_would_hear_is_refused(desk: Desk) -> None:
    client = desk.client()
    desk.air.stop("演习", by="liqiang", where="")
    toast = do(client, "/air/form/lost-child", name="乐乐")
    assert toast.status_code == 409 and "先恢复" in toast.text and "李强" in toast.text
    assert desk.house.desk.to_render() == ()
    # What others must approve first may well be heard by then.
    assert do(client, "/air/form/meet-friend", who="李女士").status_code == 200


def test_the_same_call_again_is_one(desk: Desk) -> None:
    client, other, before = desk.client(), desk.client("liqiang"), len(desk.house.desk.list())
    for one in (client, client, other):
        toast = do(one, "/air/form/lost-child", name="乐乐")
    assert toast.status_code == 200 and "刚刚已经叫过" in toast.text
    [record] = desk.house.desk.to_render()
    do(client, "/air/form/lost-child", name="明明")
    who = desk.house.offices.accounts.get("wanglan")
    assert who is not None
    desk.house.desk.withdraw(record.id, who)
    do(client, "/air/form/lost-child", name="乐乐")
    assert len(desk.house.desk.list()) == before + 3


def test_the_same_call_in_the_same_instant_is_one(desk: Desk) -> None:
    clients = [desk.client() for _ in range(4)]
    tokens = [token(client, "/") for client in clients]
    with ThreadPoolExecutor(4) as pool:
        found = list(
            pool.map(
                lambda pair: pair[0].post("/air/form/lost-child", data={"csrf_token": pair[1], "name": "乐乐"}),
                zip(clients, tokens, strict=True),
            )
        )
    assert [answer.status_code for answer in found] == [303] * 4
    assert len(desk.house.desk.to_render()) == 1


def test_calls_and_marks_count_as_deeds(desk: Desk) -> None:
    client = desk.client()
    for path, form in (("form/lost-child", {"name": "乐乐"}), ("closing", {"at": "18:30"}), ("event", {"on": "0"}),
                       ("unmark/41", {})):  # fmt: skip
        assert do(client, f"/air/{path}", **form).status_code == 200
    assert desk.air.counted == ["wanglan"] * 4
    desk.air.trouble = TooOften("操作太频繁，请等 9 秒 / too many deeds: wait 9 s", 9.0)
    assert do(client, "/air/form/lost-child", name="明明").status_code == 429
    assert do(client, "/air/closing", at="19:00").status_code == 429


def test_a_toast_keeps_words_that_hold_a_slash(desk: Desk) -> None:
    desk.air.trouble = TooOften(
        "日历 (2026-11-24: 打烊 / close 18:30) 已改 / the calendar (2026-11-24) was changed", 1.0
    )
    assert "日历 (2026-11-24: 打烊 / close 18:30) 已改</p>" in do(desk.client(), "/air/pause", minutes="5").text


def test_while_everything_is_stopped_what_comes_next_is_not_promised(desk: Desk) -> None:
    client = desk.client()
    assert "下面到点的" not in client.get("/part/live").text
    do(client, "/air/stop", reason="演习")
    assert "下面到点的都不播" in client.get("/part/live").text


@pytest.mark.parametrize("name", ["xiaomei", "laozhao", "dashan"])
def test_others_see_no_buttons_and_may_press_none(desk: Desk, name: str) -> None:
    client = desk.client(name)
    for page in ("/", "/part/live"):
        assert "/air/" not in client.get(page).text
    csrf = token(client, "/")
    for deed in DEEDS:
        answer = client.post(f"/air/{deed}", data={"csrf_token": csrf}, headers={"X-Deed": "1"})
        assert answer.status_code == 403, deed
    assert desk.air.kept == []


def test_who_is_not_logged_in_sees_no_buttons(desk: Desk) -> None:
    client = desk.client("")
    assert "/air/" not in client.get("/").text + client.get("/part/live").text
    assert client.post("/air/pause", data={"minutes": "5"}).status_code in (302, 400)
    assert desk.air.kept == []


def test_without_the_token_nothing_is_done(desk: Desk) -> None:
    client = desk.client()
    assert client.post("/air/stop", data={"reason": "x"}, headers={"X-Deed": "1"}).status_code == 400
    assert desk.air.kept == []


def test_the_parts_that_all_share_carry_no_token(desk: Desk) -> None:
    assert "csrf" not in desk.client().get("/part/live").text + desk.client().get("/part/today").text


def api(desk: Desk, method: str, path: str, body: Any = None, name: str = "wanglan") -> Any:
    from tests.web_offices import PASSWORD

    return desk.app.test_client().open(f"/api/v1/air/{path}", method=method, json=body, auth=(name, PASSWORD))


@pytest.mark.parametrize(
    ("path", "body", "kind"),
    [
        ("skip", {"what": "spot", "target": SPOT}, "skip"),
        ("pause", {"minutes": 5}, "pause"),
        ("mute", {"minutes": 0.5, "reason": "电话"}, "mute"),
        ("stop", {"reason": "消防演习"}, "stop"),
        ("trim", {"level": "light", "dial": 23}, "trim"),
        ("play", {"kind": "script", "ref": "reminder"}, "insert"),
    ],
)
def test_the_api_does_the_same(desk: Desk, path: str, body: dict[str, Any], kind: str) -> None:
    made = api(desk, "POST", path, body)
    assert (made.status_code, made.json["kind"], made.json["account"], made.json["who"]) == (
        201,
        kind,
        "wanglan",
        "王兰",
    )
    listed = Interventions.model_validate(api(desk, "GET", "interventions", name="laozhao").json)
    assert [one.kind for one in listed.interventions] == [kind] and list(undescribed(listed)) == []
    assert api(desk, "DELETE", "interventions/1").status_code == 200
    assert api(desk, "DELETE", "interventions/1").status_code == 409


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("pause", {"minutes": 61}, 422),
        ("pause", {"minutes": "NaN"}, 422),
        ("pause", {"minutes": 5, "more": 1}, 422),
        ("stop", {"reason": ""}, 422),
        ("skip", {"what": "all", "target": "x"}, 422),
        ("trim", {"level": "light", "dial": 900}, 400),
        ("skip", {"what": "spot", "target": "gone"}, 409),
    ],
)
def test_the_api_refuses(desk: Desk, path: str, body: dict[str, Any], status: int) -> None:
    answer = api(desk, "POST", path, body)
    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")
    assert desk.air.kept == []


def test_the_api_asks_who_it_is(desk: Desk) -> None:
    assert api(desk, "POST", "pause", {"minutes": 5}, "laozhao").status_code == 403
    assert desk.app.test_client().post("/api/v1/air/pause", json={"minutes": 5}).status_code == 401


def test_the_status_tells_what_holds(desk: Desk) -> None:
    do(desk.client(), "/air/pause", minutes="5")
    status = Status.model_validate(desk.app.test_client().get("/api/v1/status").json)
    assert [one.kind for one in status.interventions] == ["pause"]

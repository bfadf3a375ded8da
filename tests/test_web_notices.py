"""The notices' pages over a real desk: submit, look, correct, approve, withdraw. Also without JavaScript."""

from __future__ import annotations

import io
import wave
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from broadcaster.errors import VoiceError
from broadcaster.notices.models import NoticeDraft
from broadcaster.plan.plan import Clip
from broadcaster.web.app import create_app
from broadcaster.web.notice_list import PAGE_LENGTH
from tests.web_fakes import FakeStation, at
from tests.web_offices import House, log_in, open_house, token

NOTICE = {
    "title": "满减活动",
    "text": "TATA木门重大优惠，满一千减二百。",
    "kind": "at",
    "at": "10:45 14:00",
    "first": "2026-11-28",
    "last": "2026-11-29",
    "chime": "ding-dong",
    "read": "2",
}


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with open_house(tmp_path) as house:
        yield house


@pytest.fixture
def client(house: House) -> FlaskClient:
    return create_app(FakeStation("10:37:40"), house.offices).test_client()


def post(client: FlaskClient, path: str, **form: Any) -> TestResponse:
    return client.post(path, data={"csrf_token": token(client, "/account"), **form})


def submitted(client: FlaskClient, author: str = "xiaomei", **changes: Any) -> str:
    """The address of a new notice."""
    log_in(client, author)
    answer = post(client, "/notices/new", do="submit", **{**NOTICE, **changes})
    assert answer.status_code == 302, answer.text
    return answer.headers["Location"]


def sound() -> io.BytesIO:
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setparams((1, 2, 8000, 0, "NONE", ""))
        writer.writeframes(bytes(800))
    file.seek(0)
    return file


def test_a_notice_is_submitted_and_stands_in_the_queue(client: FlaskClient) -> None:
    address = submitted(client)
    assert "待审批" in client.get(address).text
    assert "等您审批" not in client.get("/notices").text
    log_in(client, "wanglan")
    assert "有 1 条等您审批" in client.get("/notices").text


def test_the_preview_tells_reading_doubts_and_remarks(client: FlaskClient) -> None:
    log_in(client, "xiaomei")
    answer = post(
        client, "/part/notice-preview", do="preview", **{**NOTICE, "text": "重磅！原价999元现价1999元，一起来。"}
    )
    for words in ("<ruby>一<rp>", "<rt>yì</rt>", "<mark>重</mark>", "chóng", "原价", "1999"):
        assert words in answer.text


def test_without_javascript_the_same_buttons_bring_the_whole_page(client: FlaskClient) -> None:
    log_in(client, "xiaomei")
    answer = post(client, "/notices/new", do="preview", **NOTICE)
    assert "有 2 处读音请确认" in answer.text
    assert NOTICE["text"] in answer.text and 'value="10:45 14:00"' in answer.text


@pytest.mark.parametrize(
    ("do", "fields", "reading"),
    [
        ("correct-1", {"word-1": "TATA", "saying-1": "塔塔"}, "塔塔"),
        ("pick-2:chóng dà", {"word-2": "重大"}, "chóng dà"),
    ],
)
def test_a_reading_is_corrected_on_the_spot(
    client: FlaskClient, house: House, do: str, fields: dict[str, str], reading: str
) -> None:
    log_in(client, "xiaomei")
    answer = post(client, "/part/notice-preview", do=do, **fields, **NOTICE)
    assert "有 1 处读音请确认" in answer.text
    assert [entry.reading for entry in house.voice.lexicon()] == [reading]


def test_a_reading_that_is_none_is_refused_in_words(client: FlaskClient, house: House) -> None:
    log_in(client, "xiaomei")
    answer = post(client, "/part/notice-preview", do="correct-1", **{"word-1": "TATA", "saying-1": "xxq9"}, **NOTICE)
    assert 'role="alert"' in answer.text
    assert house.voice.lexicon() == ()


def test_it_is_heard_before_it_is_submitted(client: FlaskClient) -> None:
    log_in(client, "xiaomei")
    answer = post(client, "/part/notice-preview", do="hear", **NOTICE)
    address = answer.text.partition('src="')[2].partition('"')[0]
    with client.get(address) as heard:
        assert heard.mimetype == "audio/wav"
        assert heard.data.startswith(b"RIFF")
    assert client.get("/hear/guess.wav").status_code == 404


def test_a_voice_that_fails_is_a_word_to_the_author(client: FlaskClient, house: House) -> None:
    log_in(client, "xiaomei")
    house.voice.trouble = VoiceError("没有可用的声音 / no voice")
    answer = post(client, "/part/notice-preview", do="hear", **NOTICE)
    assert "没有可用的声音" in answer.text
    assert "有 2 处读音请确认" in answer.text


def test_what_is_filled_in_wrong_stays_in_the_form(client: FlaskClient) -> None:
    log_in(client, "xiaomei")
    answer = post(client, "/notices/new", do="submit", **{**NOTICE, "at": "25:00"})
    assert answer.status_code == 422
    assert "“25:00”不是时间" in answer.text and NOTICE["text"] in answer.text
    assert client.get("/notices").text.count("notice-row") == 0


def test_another_approves_and_the_author_does_not(client: FlaskClient, house: House) -> None:
    address = submitted(client, "wanglan")
    assert 'value="approve"' not in client.get(address).text
    refused = post(client, address, do="approve", revision="1")
    assert refused.status_code == 409
    assert "要由别人批准" in refused.text
    log_in(client, "liqiang")
    assert 'value="approve"' in client.get(address).text
    assert post(client, address, do="approve", revision="1").status_code == 302
    record = house.desk.get(1)
    assert record is not None and record.state == "approved"


def test_a_rejection_needs_a_reason_and_tells_it(client: FlaskClient) -> None:
    address = submitted(client)
    log_in(client, "wanglan")
    assert post(client, address, do="reject", revision="1", reason=" ").status_code == 409
    post(client, address, do="reject", revision="1", reason="价格不对")
    log_in(client, "xiaomei")
    page = client.get(address).text
    assert "已退回" in page and "价格不对" in page


def test_an_edit_makes_a_version_that_must_be_approved_again(client: FlaskClient, house: House) -> None:
    address = submitted(client)
    log_in(client, "wanglan")
    post(client, address, do="approve", revision="1")
    log_in(client, "xiaomei")
    page = client.get(f"{address}/edit").text
    assert NOTICE["text"] in page
    assert post(client, f"{address}/edit", do="submit", revision="1", **{**NOTICE, "text": "新文字"}).status_code == 302
    record = house.desk.get(1)
    assert record is not None and (record.state, record.revision) == ("submitted", 2)
    late = post(client, f"{address}/edit", do="submit", revision="1", **NOTICE)
    assert late.status_code == 409
    assert "第 2 版" in late.text


def test_a_withdrawn_notice_is_off_the_air(client: FlaskClient, house: House) -> None:
    address = submitted(client)
    assert post(client, address, do="withdraw", reason="活动取消").status_code == 302
    page = client.get(address).text
    assert "已撤下" in page and "活动取消" in page and 'value="withdraw"' not in page


def test_an_uploaded_recording_takes_the_place_of_the_voice(client: FlaskClient, house: House) -> None:
    log_in(client, "xiaomei")
    form = {**NOTICE, "text": "", "upload": (sound(), "促销.wav")}
    answer = post(client, "/notices/new", do="submit", **form)
    assert answer.status_code == 302, answer.text
    record = house.desk.get(1)
    assert record is not None and str(record.draft.recording).endswith(".wav")


def test_an_upload_that_is_no_sound_is_refused(client: FlaskClient) -> None:
    log_in(client, "xiaomei")
    answer = post(client, "/notices/new", do="submit", **{**NOTICE, "upload": (io.BytesIO(b"MZ"), "x.wav")})
    assert answer.status_code == 422
    assert "不是录音" in answer.text


def test_only_those_with_an_account_may_send_much(client: FlaskClient) -> None:
    big = {"upload": (io.BytesIO(b"RIFF" + bytes(200_000)), "big.wav")}
    assert client.post("/notices/new", data={**NOTICE, **big}).status_code == 413
    log_in(client, "xiaomei")
    big = {"upload": (io.BytesIO(b"RIFF" + bytes(200_000)), "big.wav")}
    assert post(client, "/notices/new", do="submit", **NOTICE, **big).status_code == 302


def test_the_list_is_searched_and_filtered(client: FlaskClient) -> None:
    submitted(client)
    submitted(client, "wanglan", title="停电通知", text="今晚停电检修。")
    for query, found in (
        ("q=停电", 1),
        ("tab=archive&state=submitted", 2),
        ("tab=archive&state=ready", 0),
        ("tab=archive&vendor=tata", 0),
        ("tab=archive&to=2026-11-27", 0),
        ("tab=archive&from=2026-11-29&to=2026-11-30", 2),
        ("mine=1", 1),
        ("tab=running", 0),
        ("tab=waiting", 1),
        ("tab=archive&from=never", 2),
    ):
        assert client.get(f"/notices?{query}").text.partition('role="search"')[2].count("notice-row") == found, query


def test_a_long_list_is_turned_over(client: FlaskClient, house: House) -> None:
    author = house.users.get("xiaomei")
    assert author is not None
    when = {"at": ["10:45"], "first": "2026-11-28", "last": "2026-11-29"}
    draft = {"title": "停电", "text": "停电检修。", "when": when}
    for number in range(PAGE_LENGTH + 2):
        house.desk.submit(NoticeDraft.model_validate({**draft, "title": f"停电{number}"}), author)
    log_in(client, "xiaomei")
    first, second = (client.get(f"/notices?tab=archive&q=停电&page={page}").text for page in (1, 2))
    assert first.count("notice-row") == PAGE_LENGTH and "第 1 页，共 2 页" in first
    assert second.count("notice-row") == 2 and "停电0" in second and "q=%E5%81%9C%E7%94%B5" in second


def test_an_approver_sees_on_every_page_how_many_wait(client: FlaskClient) -> None:
    submitted(client)
    assert "text-bg-air" not in client.get("/forms").text
    log_in(client, "liqiang")
    assert 'text-bg-air">1<' in client.get("/forms").text


def test_a_notice_is_copied_with_dates_from_today(client: FlaskClient, house: House) -> None:
    submitted(client, first="2026-11-29", last="2026-11-30", pause="5")
    page = client.get("/notices/new?from=1").text
    assert NOTICE["text"] in page and 'value="10:45 14:00"' in page
    assert 'name="first" type="date" value="2026-11-28"' in page
    assert 'name="last" type="date" value="2026-11-29"' in page
    assert '<option value="5" selected>5 秒' in page
    assert client.get("/notices/new?from=99").status_code == 404


def test_name_and_pause(client: FlaskClient, house: House) -> None:
    submitted(client, title="", pause="3")
    record = house.desk.get(1)
    assert record is not None and (record.draft.title, record.draft.pause) == ("TATA木门重大优惠", 3.0)


def test_a_page_asks_how_far_a_notice_has_come(client: FlaskClient) -> None:
    address = submitted(client)
    seen = client.get(address).text.partition("seen=")[2].partition('"')[0]
    assert client.get(f"/part{address}?seen={seen}").status_code == 204
    log_in(client, "wanglan")
    post(client, address, do="approve", revision="1")
    log_in(client, "xiaomei")
    part = client.get(f"/part{address}?seen={seen}")
    assert part.status_code == 200 and "已批准" in part.text and "<html" not in part.text


def test_texts_of_staff_stay_texts(client: FlaskClient) -> None:
    bad = "<script>alert(1)</script>"
    address = submitted(client, title=bad, text=bad, note=bad)
    for path in (address, "/notices", f"{address}/edit"):
        page = client.get(path).text
        assert "<script>alert" not in page and "&lt;script&gt;alert(1)" in page


@pytest.mark.parametrize("path", ["/notices/99", "/notices/99/edit", "/forms/nothing"])
def test_what_is_not_there_is_said_so(client: FlaskClient, path: str) -> None:
    log_in(client, "xiaomei")
    assert client.get(path).status_code == 404


def test_the_lexicon_is_kept_by_staff(client: FlaskClient, house: House) -> None:
    assert client.get("/lexicon").status_code == 302
    log_in(client, "laozhao")
    assert 'name="saying"' not in client.get("/lexicon").text
    log_in(client, "xiaomei")
    post(client, "/lexicon", do="set", word="TATA", saying="塔塔", note="木门")
    assert "塔塔" in client.get("/lexicon?q=木门").text
    post(client, "/lexicon", do="remove", word="TATA")
    assert house.voice.lexicon() == ()


def test_a_supervisor_only_looks(client: FlaskClient, house: House) -> None:
    log_in(client, "laozhao")
    assert post(client, "/lexicon", do="set", word="TATA", saying="塔塔").status_code == 403
    for path in ("/part/notice-preview", "/notices/new", "/forms/lost-child"):
        assert post(client, path, do="correct-1", **NOTICE).status_code == 403
    assert house.voice.lexicon() == ()
    assert "新通知稿" not in client.get("/notices").text


def test_a_form_becomes_an_urgent_notice(client: FlaskClient, house: House) -> None:
    log_in(client, "xiaomei")
    page = client.get("/forms/lost-child").text
    assert "李强" in page and "本人不能审批" in page
    answer = post(client, "/forms/lost-child", do="submit", name="乐乐", place="一楼服务台")
    assert answer.status_code == 302, answer.text
    record = house.desk.get(1)
    assert record is not None and record.draft.priority == "urgent" and "乐乐" in record.draft.text
    assert record.state == "submitted"


def test_a_form_that_the_store_agreed_to_airs_at_once(client: FlaskClient, house: House) -> None:
    log_in(client, "wanglan")
    assert "立即播出" in client.get("/forms/lost-child").text
    answer = post(client, "/forms/lost-child", do="submit", name="乐乐", place="一楼服务台")
    record = house.desk.get(1)
    assert record is not None and record.state == "approved"
    assert "常用表单“请家长到服务台”" in client.get(answer.headers["Location"]).text


def test_an_urgent_notice_stands_on_top_of_the_queue(client: FlaskClient) -> None:
    submitted(client)
    log_in(client, "xiaomei")
    post(client, "/forms/lost-child", do="submit", name="乐乐", place="一楼服务台")
    submitted(client, title="停电通知")
    log_in(client, "wanglan")
    queue = client.get("/notices").text.partition('id="queue-title"')[2].partition("</section>")[0]
    assert queue.index("请家长") < min(queue.index("满减活动"), queue.index("停电通知"))


def test_a_form_that_is_not_full_is_told_by_blank(client: FlaskClient) -> None:
    log_in(client, "xiaomei")
    answer = post(client, "/forms/lost-child", do="submit", name="", place="")
    assert answer.status_code == 422
    assert "请填写小名或姓" in answer.text
    part = post(client, "/part/forms/lost-child", name="", place="")
    assert "【小名或姓】" in part.text


class OwnSpot(FakeStation):
    """Its day has one more spot: the notice's."""

    def rundown(self, day: date) -> dict[str, Any]:
        whole = super().rundown(day)
        own = {**whole["spots"][0], "id": "own", "at": at("10:45").isoformat(), "kind": "notice", "ref": "notice-1"}
        return {**whole, "spots": [*whole["spots"], own]}


@pytest.mark.parametrize(
    ("hour", "outcome", "state"),
    [
        ("10:44:00", "aired", "按时播出"), ("10:45:20", "aired", "按时播出"), ("10:47:00", "aired", "已播完"),
        ("10:47:00", "skipped", "按时播出"),
    ],
)  # fmt: skip
def test_what_has_aired_for_the_last_time_is_done(house: House, hour: str, outcome: str, state: str) -> None:
    station = OwnSpot(hour)
    station.outcomes["own"] = (outcome, "")
    client = create_app(station, house.offices).test_client()
    address = submitted(client, at="10:45", last="2026-11-28", priority="urgent")
    log_in(client, "wanglan")
    post(client, address, do="approve", revision="1")
    house.desk.mark_ready(1, 1, Clip(path="a.wav", duration_s=12.0, key="a"))
    page, listed = client.get(address).text, client.get("/notices?tab=running").text
    assert f"{state}</span>" in page and f"{state}</span>" in listed
    assert ("紧急</span>" in listed) == (state != "已播完")
    client.set_cookie("lang", "en")
    assert ("Urgent</span>" in client.get("/notices?tab=running").text) == (state != "已播完")


def test_pages_speak_english_too(client: FlaskClient) -> None:
    address = submitted(client)
    client.set_cookie("lang", "en")
    for path in ("/notices", address, "/notices/new", "/forms", "/forms/lost-child", "/lexicon", "/account"):
        page = client.get(path)
        assert page.status_code == 200
        assert '<html lang="en"' in page.text
    assert "Waits for approval" in client.get(address).text

"""The feed for the store's screens, and answers that are made once for all who ask in the same second."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from broadcaster.web.app import create_app
from broadcaster.web.contract_air import Screen
from broadcaster.web.moment import FORGOTTEN_S, STIRRED_S, Moment
from tests.web_air_kit import Desk, do, later, open_desk
from tests.web_fakes import FakeStation, at, undescribed


class HandTime:
    """Monotonic seconds that are set by hand."""

    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with open_desk(tmp_path) as desk:
        yield desk


def screen(station: FakeStation) -> Screen:
    return Screen.model_validate(create_app(station).test_client().get("/api/v1/screen").json)


def test_while_nobody_speaks_there_is_no_text() -> None:
    told = screen(FakeStation("10:37:40"))
    assert (told.speaking, told.text, told.title, told.until) == (False, None, None, None)
    assert told.store == {"zh": "红星国际家居", "en": "Red Star International Home"}
    assert list(undescribed(told)) == []


def test_while_a_spot_speaks_its_text_is_told_and_nothing_else() -> None:
    told = screen(FakeStation("10:38:15"))
    assert told.speaking and told.title == "TATA木门促销" and told.text and told.text.startswith("亲爱的顾客")
    assert told.until is not None and told.language == "zh"


def test_an_emergency_is_shown_to_those_who_can_not_hear_it() -> None:
    station = FakeStation("10:38:15")
    words = "各位顾客请注意。\nAttention please."
    call = {
        "kind": "emergency", "id": 7, "title": "疏散", "title_zh": "疏散", "title_en": "Evacuation", "sounding": True,
        "since": at("10:38:00").isoformat(), "silent": False, "text": words,
    }  # fmt: skip
    status = station.status()
    frozen = {**status, "on_air": {**status["on_air"], "call": call}, "interventions": [{"kind": "mute"}]}
    station.status = lambda: frozen  # type: ignore[method-assign]
    told = screen(station)
    assert (told.speaking, told.text, told.title) == (True, words, "疏散")


def test_a_rehearsal_is_not_for_customers() -> None:
    station = FakeStation("10:38:15")
    station.rehearsal = True
    assert not screen(station).speaking


def test_what_is_muted_is_not_shown(desk: Desk) -> None:
    later(desk.station, "10:38:15")
    feed = desk.client("")
    assert '"speaking": true' in feed.get("/api/v1/screen").text
    do(desk.client(), "/air/mute", minutes="5")
    assert '"speaking": false' in feed.get("/api/v1/screen").text


def test_the_next_hours_are_told() -> None:
    class Open(FakeStation):
        def rundown(self, day):  # type: ignore[no-untyped-def]
            at = f"{day.isoformat()}T%s+08:00"
            return {**super().rundown(day), "hours": {"open": at % "09:30:00", "close": at % "18:00:00"}}

    told = screen(Open("10:37:40")).hours
    assert told is not None and (told.kind, told.at.hour) == ("close", 18)
    told = screen(Open("18:00:01")).hours
    assert told is not None and (told.kind, told.at.day) == ("open", 29)


def test_only_the_feed_may_be_read_by_other_sites(desk: Desk) -> None:
    client = desk.client("")
    assert client.get("/api/v1/screen").headers["Access-Control-Allow-Origin"] == "*"
    assert client.get("/api/v1/screen").headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    for path in ("/", "/api/v1/status", "/screen", "/part/live"):
        assert "Access-Control-Allow-Origin" not in client.get(path).headers


def test_an_answer_is_kept_for_a_moment_and_tells_its_age() -> None:
    clock = HandTime()
    moment, made = Moment(0.8, clock), iter(range(9))
    assert moment.get("a", lambda: next(made)).value == 0
    clock.at += 0.5
    kept = moment.get("a", lambda: next(made))
    assert kept.value == 0 and kept.age_s == pytest.approx(0.5)
    assert moment.get("b", lambda: next(made)).value == 1
    clock.at += 0.4
    assert moment.get("a", lambda: next(made)).value == 2


def test_a_page_that_nobody_asks_for_any_more_is_not_held() -> None:
    class Page:
        """A string can't be referred to weakly."""

    clock = HandTime()
    moment, pages = Moment(0.8, clock), [Page()]
    held = weakref.ref(pages[0])
    moment.get("10:05", pages.pop)
    clock.at += FORGOTTEN_S / 2
    moment.get("10:06", Page)
    assert held() is not None
    clock.at += FORGOTTEN_S
    moment.get("10:07", Page)
    assert held() is None


def test_after_a_deed_nothing_old_is_shown() -> None:
    clock = HandTime()
    moment, made = Moment(0.8, clock), iter(range(9))
    moment.get("a", lambda: next(made))
    moment.stir()
    clock.at += 0.1
    assert moment.get("a", lambda: next(made)).value == 1
    clock.at += 0.1
    assert moment.get("a", lambda: next(made)).value == 2
    clock.at += STIRRED_S
    assert moment.get("a", lambda: next(made)).value == 3
    clock.at += 0.1
    assert moment.get("a", lambda: next(made)).value == 3


def test_many_who_ask_at_once_wait_for_one_answer() -> None:
    moment, made, go = Moment(), [], threading.Event()

    def make() -> int:
        go.wait(5)
        made.append(1)
        return len(made)

    with ThreadPoolExecutor(8) as pool:
        answers = [pool.submit(moment.get, "a", make) for _ in range(8)]
        go.set()
        assert [answer.result(5).value for answer in answers] == [1] * 8


def test_an_error_is_not_kept() -> None:
    moment = Moment()
    with pytest.raises(ZeroDivisionError):
        moment.get("a", lambda: 1 // 0)
    assert moment.get("a", lambda: 5).value == 5


def test_twenty_pages_ask_the_station_once(desk: Desk) -> None:
    client = desk.client("")
    before = desk.station.asked
    ages = [int(client.get("/api/v1/status").headers["Age-Ms"]) for _ in range(20)]
    assert desk.station.asked - before <= 2 and min(ages) >= 0


def test_parts_are_shared_by_language_and_rights_alone(desk: Desk) -> None:
    pages = {name: desk.client(name).get("/part/live").text for name in ("wanglan", "liqiang", "laozhao", "xiaomei")}
    assert pages["wanglan"] == pages["liqiang"] != pages["laozhao"] == pages["xiaomei"]
    english = desk.client("")
    english.set_cookie("lang", "en")
    assert "What comes next" in english.get("/part/live").text

"""Listening in, and hearing again what was heard: by the page and by the API, over the daemon's own server."""

from __future__ import annotations

import base64
import io
import re
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from flask.testing import FlaskClient

from broadcaster.air_check.listening import MOST_LISTENERS, Listening
from broadcaster.air_check.record import FRAME_S, Orders, file_name, frame_bytes, silent_frame
from broadcaster.air_check.room import AirCheckRoom
from broadcaster.clock import RehearsalClock, monotonic
from broadcaster.ear.air_check import AirCheckWriter
from broadcaster.settings import Home
from broadcaster.store.audit import AuditTrail
from broadcaster.store.database import open_database
from broadcaster.web.app import create_app
from broadcaster.web.contract_listen import RecordedDay
from tests.live_kit import wait
from tests.media_kit import served
from tests.test_air_check import PLAN, bursts, record
from tests.web_fakes import DAY, FakeStation, at
from tests.web_offices import PASSWORD, House, log_in, open_house, token

FROM = at("10:35:00")
"""The record begins here, lasts 40 s, and is away from second 15 to 20."""
BLOCK_S = 0.1


@dataclass
class Heard:
    house: House
    room: AirCheckRoom
    root: Path
    station: FakeStation

    def client(self, name: str = "laozhao") -> FlaskClient:
        client = create_app(self.station, replace(self.house.offices, record=self.room)).test_client()
        if name:
            log_in(client, name)
        return client


@pytest.fixture
def heard(tmp_path: Path) -> Iterator[Heard]:
    writer = AirCheckWriter(lambda said: None)
    orders = Orders(str(tmp_path / "var/aircheck"), 48, "Asia/Shanghai", FROM.timestamp() - 5000.0, file_s=12.0)
    writer.order(asdict(orders))
    record(writer, bursts(40, (5.0, 30.0)), away=(15.0, 20.0))
    writer.close()
    clock = RehearsalClock(at("10:37:00"))
    with open_house(tmp_path) as house:
        database = open_database(tmp_path / "broadcaster.db")
        room = AirCheckRoom(Home(tmp_path), clock, PLAN, AuditTrail(database, clock))
        yield Heard(house, room, tmp_path, FakeStation(clock=clock))
        room.close()
        database.dispose()


def query(first: float, last: float) -> dict[str, str]:
    return {name: (FROM + timedelta(seconds=second)).isoformat() for name, second in (("from", first), ("to", last))}


def test_the_page_plays_that_instant_and_says_what_is_not_recorded(heard: Heard) -> None:
    page = heard.client().get("/listen?date=2026-11-28&time=10:35:00").text
    assert "/listen/cut.mp3?from=2026-11-28T10:35:00" in page
    assert "没有录音" in page and re.search(r"10:35:1[45] – 10:35:(19|20)", page)
    assert "促销" in page  # what the log has around that time


def test_nothing_recorded_is_said_so(heard: Heard) -> None:
    page = heard.client().get("/listen?date=2026-11-27&time=10:35:00").text
    assert "没有录音" in page and "cut.mp3" not in page


def test_a_cut_is_sent_whole_and_in_parts(heard: Heard) -> None:
    client = heard.client()
    whole = client.get("/listen/cut.mp3", query_string=query(2, 12))
    assert (whole.status_code, whole.mimetype) == (200, "audio/mpeg")
    assert whole.headers["Recorded-From"].startswith("2026-11-28T10:35:0")
    samples, _rate = soundfile.read(io.BytesIO(whole.data))
    assert len(samples) / 48_000 == pytest.approx(10, abs=0.05)
    part = client.get("/listen/cut.mp3", query_string=query(2, 12), headers={"Range": "bytes=1000-1999"})
    assert part.status_code == 206 and part.data == whole.data[1000:2000]
    assert part.headers["Content-Range"] == f"bytes 1000-1999/{len(whole.data)}"
    beyond = client.get("/listen/cut.mp3", query_string=query(2, 12), headers={"Range": "bytes=9999999-"})
    assert beyond.status_code == 416


@pytest.mark.parametrize("asked", [{}, {"from": "10:35", "to": "soon"}, query(0, 4000), query(5, 4)])
def test_what_makes_no_sense_is_refused_in_words(heard: Heard, asked: dict[str, str]) -> None:
    answer = heard.client().get("/api/v1/aircheck", query_string=asked)
    assert answer.status_code == 400 and (answer.json or {})["detail"]


def test_who_keeps_a_stretch_stands_in_the_audit_trail(heard: Heard) -> None:
    client = heard.client()
    form = {"csrf_token": token(client, "/listen"), "date": "2026-11-28", "from": "10:35:02", "to": "10:35:12"}
    answer = client.post("/listen/download", data=form)
    assert answer.headers["Content-Disposition"] == 'attachment; filename="air-20261128-103502.mp3"'
    assert len(answer.data) > 9 / FRAME_S * frame_bytes(48)
    database = open_database(heard.root / "broadcaster.db")
    (entry,) = [one for one in AuditTrail(database, RehearsalClock(FROM)).entries() if one.what == "listen.download"]
    database.dispose()
    assert entry.who == "laozhao" and entry.detail["from"] == "2026-11-28T10:35:02+08:00"


def test_the_api_tells_what_is_recorded_of_a_date(heard: Heard) -> None:
    told = RecordedDay.model_validate(heard.client().get("/api/v1/aircheck/2026-11-28").json)
    assert told.dates == [DAY] and len(told.spans) == 2
    assert told.seconds == pytest.approx(35, abs=0.3)
    assert (heard.client().get("/api/v1/aircheck/2026-11-27").json or {})["spans"] == []


def test_the_log_leads_to_what_was_heard(heard: Heard) -> None:
    day = heard.client().get("/day/2026-11-28").text
    assert day.count('class="hear"') == 1  # of the spots, one began within the record
    assert 'class="hear"' not in heard.client("").get("/day/2026-11-28").text


def test_without_an_ear_it_is_said_in_words(heard: Heard) -> None:
    client = create_app(heard.station, heard.house.offices).test_client()
    log_in(client, "laozhao")
    assert client.get("/listen").status_code == 200
    answer = client.get("/listen/live.mp3")
    assert answer.status_code == 503 and "没有监听" in answer.text


def test_a_record_that_does_not_grow_is_no_live_sound(heard: Heard) -> None:
    answer = heard.client().get("/listen/live.mp3")
    assert answer.status_code == 503 and "录音停了" in answer.text
    assert heard.room.listeners == 0


def test_a_file_that_is_full_just_then_is_gone_on_from(tmp_path: Path) -> None:
    frame = silent_frame(64)
    full, next_one = (tmp_path / file_name(FROM + timedelta(seconds=second)) for second in (0, 60))
    full.write_bytes(50 * frame)

    def latest(after: datetime | None) -> Path | None:
        if after is None:
            return full
        next_one.write_bytes(3 * frame)
        return next_one if after == FROM else None

    listening = Listening()
    tail = listening.open(latest, fresh_s=5.0)
    assert next(tail) == 3 * frame
    tail.close()
    assert listening.count == 0


class Growing:
    """Feeds the record as the ear does, in time, until it is closed."""

    def __init__(self, root: Path) -> None:
        self._writer = AirCheckWriter(lambda said: None)
        # Short files, so that a listener goes from one to the next.
        offset = at("10:37:00").timestamp() - monotonic()
        orders = Orders(str(root / "var/aircheck"), 48, "Asia/Shanghai", offset, file_s=1.5)
        self._writer.order(asdict(orders))
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        noise = np.random.default_rng(3).normal(0, 0.05, (4800, 2)).astype(np.float32)
        due = monotonic()
        while not self._closing.wait(max(0.0, due - monotonic())):
            self._writer(noise, due)
            due += BLOCK_S

    def close(self) -> None:
        self._closing.set()
        self._thread.join(5)
        self._writer.close()


@pytest.fixture
def live(heard: Heard) -> Iterator[str]:
    """The served page of a station whose output is heard."""
    growing = Growing(heard.root)
    try:
        wait(lambda: heard.room.find(heard.station.now()) or heard.room.day(DAY).seconds > 37, 10, "the record")
        app = create_app(heard.station, replace(heard.house.offices, record=heard.room))
        with served(app, heard.root / "incoming", threads=MOST_LISTENERS + 1) as url:
            yield url
            heard.room.close()
    finally:
        growing.close()


def listen_in(house: House, url: str) -> Any:
    user = house.users.get("laozhao")
    assert user is not None
    key = house.users.sessions.open(user.id)
    client = create_app(FakeStation(), house.offices).test_client()
    with client.session_transaction() as session:
        session["_user_id"], session["_fresh"] = key, True
    cookie = client.get_cookie("broadcaster")
    assert cookie is not None
    request = urllib.request.Request(f"{url}/listen/live.mp3", headers={"Cookie": f"broadcaster={cookie.value}"})
    return urllib.request.urlopen(request, timeout=10)


def basic(url: str, path: str) -> Any:
    word = base64.b64encode(f"laozhao:{PASSWORD}".encode()).decode()
    return urllib.request.urlopen(
        urllib.request.Request(f"{url}{path}", headers={"Authorization": f"Basic {word}"}), timeout=10
    )


def test_a_listener_gets_whole_frames_over_several_files(heard: Heard, live: str) -> None:
    with listen_in(heard.house, live) as answer:
        assert answer.headers["Cache-Control"] == "no-store"
        data = answer.read(round(4 / FRAME_S) * frame_bytes(48))
    samples, rate = soundfile.read(io.BytesIO(data))
    assert len(samples) / rate == pytest.approx(4, abs=0.1)
    piece = rate // 20
    heard_by_piece = samples[10 * piece : len(samples) // piece * piece].reshape(-1, piece)
    assert np.sqrt(np.mean(heard_by_piece**2, axis=1)).min() > 0.01, "nothing is missing between two files"


def test_one_more_than_may_listen_is_refused_and_pages_still_answer(heard: Heard, live: str) -> None:
    with ExitStack() as lines:
        answers = [lines.enter_context(listen_in(heard.house, live)) for _ in range(MOST_LISTENERS)]
        assert all(answer.read(1000) for answer in answers)
        with pytest.raises(urllib.error.HTTPError) as refused:
            listen_in(heard.house, live)
        assert refused.value.code == 429 and "个人在监听" in refused.value.read().decode()
        assert basic(live, "/api/v1/aircheck/2026-11-28").status == 200
        assert all(answer.read(1000) for answer in answers)
    wait(lambda: heard.room.listeners == 0, 10, "the places free again")
    with listen_in(heard.house, live) as answer:
        assert answer.read(1000)


def test_whoever_may_not_listen_any_more_is_sent_home(heard: Heard, live: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("broadcaster.web.listen.LOOKED_AFTER_S", 0.3)
    with listen_in(heard.house, live) as answer:
        assert answer.read(1000)
        heard.house.users.set_active("laozhao", False)
        assert len(answer.read()) < 5 / FRAME_S * frame_bytes(48)
    assert heard.room.listeners == 0

"""The day book: planned against heard of a date, on the page, as a document, and as PDF."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pypdf
import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from sqlalchemy import delete

from broadcaster.asrun.day_book import DayBook
from broadcaster.asrun.day_book_making import put_together
from broadcaster.asrun.stretches import both, seconds, union, without
from broadcaster.cli import main_group
from broadcaster.settings import Home
from broadcaster.store.kept_days import DayText
from broadcaster.store.tables import asrun
from broadcaster.web import contract_day_book
from broadcaster.web.app import create_app
from broadcaster.web.day_book_paper import day_book_paper
from broadcaster.web.i18n import speaking
from tests.calendar_kit import Store, open_store
from tests.day_book_kit import LATE, LEFT_OUT, WELCOME, YESTERDAY, rundown, write_day
from tests.notice_kit import HandClock
from tests.plan_room_kit import open_room, weather_until
from tests.web_fakes import DAY, FakeStation, at
from tests.web_offices import log_in

CHANGED = date(2026, 10, 13)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with open_store(tmp_path_factory.mktemp("book")) as store:
        write_day(store)
        yield store


@pytest.fixture(scope="module")
def client(store: Store) -> FlaskClient:
    client = create_app(FakeStation(), store.offices).test_client()
    log_in(client, "wanglan")
    return client


@pytest.fixture(scope="module")
def book(store: Store) -> DayBook:
    assert store.offices.book
    return store.offices.book.book(YESTERDAY)


def lines(book: DayBook) -> dict[str, object]:
    return {line.entry.spot_id or "": line for part in book.parts for line in part.lines if line.entry}


def test_every_planned_spot_stands_in_its_segment(store: Store, book: DayBook) -> None:
    for part in book.parts:
        assert part.segment and all(part.segment.start <= line.at < part.segment.end for line in part.lines)
    assert len(lines(book)) == len(rundown(store).spots)


def test_what_was_late_and_what_was_left_out_is_told(book: DayBook) -> None:
    late = next(line for part in book.parts for line in part.lines if line.entry and line.entry.spot_id == LATE)
    assert late.off_s == 30.0 and not late.missed
    assert [line.entry and line.entry.spot_id for line in book.missed] == [LEFT_OUT]


def test_a_text_is_numbered_and_referred_to(book: DayBook) -> None:
    welcome = next(line for part in book.parts for line in part.lines if line.entry and line.entry.spot_id == WELCOME)
    assert welcome.text == 1 and book.texts[0].spoken == "九点半开门,欢迎光临。"


def test_the_share_counts_spots_and_seconds(store: Store, book: DayBook) -> None:
    share, planned = book.share, rundown(store)
    assert share and (share.spots, share.spots_as_planned) == (len(planned.spots), len(planned.spots) - 2)
    assert share.seconds == sum(one.duration_s for one in planned.segments)
    # The emergency's two minutes, one of muting, and 35 s of silence.
    assert share.seconds - share.seconds_as_planned == pytest.approx(120 + 60 + 35)


def test_only_deeds_that_change_the_air_are_told(book: DayBook) -> None:
    assert [one.what for one in book.facts.deeds] == ["air.mute"]


def test_what_the_log_has_of_another_plan_was_planned_then(book: DayBook) -> None:
    """The rule's places have moved since: they are not missing, for the log has the ones of that time."""
    facts = book.facts
    spots = [replace(one, id=f"{one.id}x") if "vendor-promos" in one.id else one for one in facts.spots]
    again = put_together(replace(facts, spots=spots))
    assert again.share == book.share and len(again.missed) == len(book.missed)


def test_a_text_kept_before_it_was_spoken_is_one_with_it(book: DayBook) -> None:
    before, after = DayText("a", "", "甲", "9:30", ""), DayText("a", "k", "甲", "9:30", "九点半")
    assert put_together(replace(book.facts, texts=[before, after])).texts == (after,)


def test_an_emergency_is_no_music(book: DayBook) -> None:
    tracks = [one for one in book.facts.entries if one.track]
    rounds = [replace(tracks[0], id=9000 + n, kind="emergency", ref="evacuate") for n in range(3)]
    drilled = put_together(replace(book.facts, entries=[*book.facts.entries, *rounds]))
    assert [part.music for part in drilled.parts] == [part.music for part in book.parts]


def test_trends_learn_what_the_log_lacks(store: Store) -> None:
    on = YESTERDAY - timedelta(days=1)
    assert store.offices.book
    assert store.offices.book.unrecorded(on) == []  # type: ignore[attr-defined]  # not the page's to ask
    write_day(store, on)
    with store.database.writing() as connection:
        connection.execute(delete(asrun).where(asrun.c.spot_id == WELCOME.replace("11-27", "11-26")))
    assert store.offices.book.unrecorded(on) == ["script"]  # type: ignore[attr-defined]


def test_spots_without_record_are_one_line(book: DayBook) -> None:
    tracks = [entry for entry in book.facts.entries if entry.track]
    with speaking("zh"):
        paper = day_book_paper(put_together(replace(book.facts, entries=tracks)))
    rows = [row for part in paper.parts if part.kind == "table" for row in part.rows]
    assert sum("程序当时可能没有运行" in row[-1] for row in rows) == 1


def test_a_day_that_runs_says_how_far_it_goes(store: Store) -> None:
    assert store.offices.book
    today = store.offices.book.book(DAY)
    assert today.until and at("10:37:40") <= today.until < at("11:00")
    assert {line.state for part in today.parts for line in part.lines} == {"unrecorded", "planned"}


def test_a_day_that_runs_shows_until_when(client: FlaskClient) -> None:
    assert "截至 10:3" in client.get("/reports/book/2026-11-28").text


def test_a_day_without_log_says_so(client: FlaskClient) -> None:
    assert "这一天没有播出记录" in client.get("/reports/book/2026-11-20").text
    assert client.get("/api/v1/reports/book/2026-11-20").json["share"] is None  # type: ignore[index]


def test_what_the_ear_listened_for_in_vain_is_missed(book: DayBook) -> None:
    entries = [replace(one, heard_at=None) if one.spot_id == WELCOME else one for one in book.facts.entries]
    deaf = put_together(replace(book.facts, entries=entries))
    assert {line.spot_id for line in deaf.missed} == {LEFT_OUT, WELCOME} and book.share and deaf.share
    assert deaf.share.spots_as_planned == book.share.spots_as_planned - 1
    with speaking("zh"):
        rows = [row for part in day_book_paper(deaf).parts if part.kind == "table" for row in part.rows]
    assert ["09:42:00", "", "", "", "−18.2", "没有听到"] in [row[:6] for row in rows]
    assert any(row[-1] == "监听没有听到" for row in rows)


def test_a_day_without_log_still_has_its_deeds_and_faults(book: DayBook) -> None:
    with speaking("zh"):
        parts = day_book_paper(put_together(replace(book.facts, entries=()))).parts
    assert {"人工改动", "故障", "应急与喊话"} <= {part.words for part in parts if part.kind == "heading"}


def test_a_date_to_come_claims_nothing(client: FlaskClient) -> None:
    page = client.get("/reports/book/2026-12-24").text
    assert "这一天还没到" in page and not any(words in page for words in ("截至", "没有音乐。", "没有播出记录"))


def test_of_a_day_partly_in_the_archive_nothing_is_called_missing(book: DayBook) -> None:
    left = [entry for entry in book.facts.entries if entry.spot_id == LATE]
    kept = put_together(replace(book.facts, entries=left, archived=("asrun-2026-11.jsonl.gz",)))
    assert kept.share is None and not kept.missed
    with speaking("zh"):
        words = [part.words for part in day_book_paper(kept).parts if part.kind == "text"]
    assert any("已归档" in one and "还留在数据库" in one for one in words) and "没有音乐。" not in words


def test_a_day_in_the_archive_names_the_file(book: DayBook) -> None:
    file = "asrun-2026-11.jsonl.gz"
    with speaking("zh"):
        paper = day_book_paper(put_together(replace(book.facts, entries=(), archived=(file,))))
    assert any(part.kind == "text" and "已归档" in part.words and file in part.words for part in paper.parts)


def test_the_document_holds_the_same(client: FlaskClient) -> None:
    told = client.get("/api/v1/reports/book/2026-11-27").json
    assert told and contract_day_book.DayBook.model_validate(told)
    assert told["share"]["spots_as_planned"] == told["share"]["spots"] - 2
    assert told["faults"][0]["code"] == "silence" and told["calls"][0]["title"] == "疏散"


def test_the_pdf_is_chinese_embedded_and_numbered(client: FlaskClient) -> None:
    answer = client.get("/reports/book/2026-11-27.pdf")
    assert answer.content_type == "application/pdf"
    read = pypdf.PdfReader(io.BytesIO(answer.data))
    text = "".join(page.extract_text() for page in read.pages)
    for words in ("播音日志 2026-11-27", "九点半开门,欢迎光临。", "让位给应急广播", "疏散", "值班播音员", "主管"):
        assert words in text
    assert f"第 {len(read.pages)} 页,共 {len(read.pages)} 页" in read.pages[-1].extract_text()
    assert fonts(read) and all("/FontFile2" in str(one["/FontDescriptor"].get_object()) for one in fonts(read))


def fonts(read: pypdf.PdfReader) -> list[pypdf.generic.DictionaryObject]:
    found = []
    for page in read.pages:
        for font in page["/Resources"]["/Font"].values():  # type: ignore[index]
            one = font.get_object()
            if one["/Subtype"] == "/TrueType":
                found.append(one)
    return found


def test_sets_of_stretches() -> None:
    def span(first: float, last: float) -> tuple:  # type: ignore[type-arg]
        return tuple(at("10:00") + timedelta(seconds=one) for one in (first, last))

    some = union([span(0, 10), span(11, 20), span(5, 3)], timedelta(seconds=1))
    assert some == [span(0, 20)]
    assert without(some, union([span(5, 6), span(19, 30)])) == [span(0, 5), span(6, 19)]
    assert seconds(both(some, union([span(-5, 5), span(15, 16)]))) == 6


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A store that at noon of a past day published a longer weather, and in the evening still another."""
    home, clock = Home(tmp_path_factory.mktemp("home")), HandClock(at("08:00", CHANGED))
    with open_room(home.root, clock) as room:
        room.notice()
        clock.go(hours=4)
        room.publish(room.open().tag, weather_until("10:10"), who="wanglan", words="天气加长")
        clock.go(hours=8)
        room.publish(room.open().tag, weather_until("10:20"), who="wanglan")
    return home


def test_a_past_day_is_told_by_the_plan_that_held_then(home: Home) -> None:
    """Also by the command, without a daemon."""
    ran = CliRunner().invoke(main_group, ["--home", str(home.root), "daybook", CHANGED.isoformat(), "--json"])
    told = json.loads(ran.stdout)
    weather = next(part for part in told["parts"] if part["daypart"] == "weather")
    assert [one["version"] for one in told["plan"]] == [1, 2, 3] and told["plan_as_then"]
    assert weather["end"].startswith(f"{CHANGED}T10:05:00")


def test_a_later_day_is_told_by_the_later_plan(home: Home, tmp_path: Path) -> None:
    file = tmp_path / "book.pdf"
    words = ["daybook", (CHANGED + timedelta(days=1)).isoformat(), "--pdf", str(file), "--lang", "en"]
    ran = CliRunner().invoke(main_group, ["--home", str(home.root), *words])
    assert ran.exit_code == 0, ran.output
    text = pypdf.PdfReader(file).pages[0].extract_text()
    assert "10:00–10:20" in text and "Plan: version 3" in text


def test_the_command_prints_it(home: Home) -> None:
    ran = CliRunner().invoke(main_group, ["--home", str(home.root), "daybook", CHANGED.isoformat()])
    assert "播音日志 2026-10-13" in ran.stdout and "值班播音员 ____" in ran.stdout

"""The notices' room on a real database with a studio that hums: what is approved is spoken, and nothing else."""

from __future__ import annotations

import shutil
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
import soundfile

from broadcaster.errors import VoiceError
from broadcaster.front_office import Recordings, VoiceOffice
from broadcaster.media.library import Library
from broadcaster.media.recording import SILENT_TAIL_S
from broadcaster.notices.desk import RETRY
from broadcaster.notices.models import NoticeRecord
from broadcaster.plan.models import Programme
from broadcaster.plan.plan import Plan
from broadcaster.publishing.almanac import Almanac
from broadcaster.publishing.good_plan import GoodPlan, keep
from broadcaster.publishing.plan_keeper import PlanKeeper
from broadcaster.rooms.notice_room import NoticeRoom
from broadcaster.rundown.events import Rundown
from broadcaster.settings import Home
from broadcaster.store.audit import AuditTrail
from broadcaster.store.database import open_database
from broadcaster.store.kept_days import KeptDays
from broadcaster.voice.reading.model import Phrase
from broadcaster.voice.speaker import Manner
from tests.live_kit import wait
from tests.notice_kit import AMY, BOB, NINE, TODAY, Scene, draft, turns
from tests.plan_kit import ROOT
from tests.playout_kit import BED, small_plan
from tests.test_media_prepare import make, sound
from tests.voice_fakes import FakeSpeaker, SentenceReader, Time, studio_with, write_hum


class Speaker(FakeSpeaker):
    """Hums a second for anything, and does as told before; can't say what is in ``unspeakable``."""

    def __init__(self) -> None:
        super().__init__(write=self._hum)
        self.unspeakable = "~"
        self.meanwhile: Callable[[], object] = lambda: None

    def speak(self, phrase: Phrase, out: Path, manner: Manner) -> None:
        if self.unspeakable in phrase.plain:
            raise VoiceError(f"the engine chokes on {phrase.plain}")
        super().speak(phrase, out, manner)

    def _hum(self, out: Path) -> None:
        self.meanwhile()
        write_hum(out)


class Room(NoticeRoom):
    """The room, a turn at a time."""

    def turn(self) -> None:
        self._safely("notices", self._take, 0)
        self._safely("notices-voice", self._work, 0)

    def look_at_all(self) -> None:
        """Not a minute later, but now."""
        self._renewed_at = float("-inf")
        self.turn()


def plan() -> Plan:
    """Music all day, and a loop of the vendors' notices."""
    loop = {
        "id": "vendor-promos", "title": "促销", "rotation": "vendor-promos", "priority": "rotation",
        "loop": {"gap": "3 min"}, "windows": {"from": "10:05", "to": "11:30"},
    }  # fmt: skip
    rotations = {"vendor-promos": {"title": "促销"}}
    programme = Programme.model_validate({"dayparts": [BED], "rotations": rotations, "spots": [loop]})
    return small_plan().model_copy(update={"programme": programme})


class House(Scene):
    """A desk with its room, plan and air."""

    def __init__(self, folder: Path) -> None:
        self.home = Home(folder)
        super().__init__(open_database(self.home.database, busy_s=0.1))
        self.speaker, self.reader, self.rest = Speaker(), SentenceReader(), Time()
        self.studio = studio_with(folder, self.speaker, reader=self.reader, mono=self.rest)
        self.almanac = Almanac(None, self.clock, lambda on: self.desk.feed(on))
        (folder / "config").mkdir()
        keep(self.home.good_plan, GoodPlan(fingerprint="f", since=NINE - timedelta(hours=1), plan=plan()))
        self.air: list[Rundown] = []
        self.keeper = PlanKeeper(self.home, self.clock, self._taken, studio=self.studio)
        self.keeper.start()
        self.keeper.stop()
        self.room = Room(self.home, self.clock, self.keeper, self.almanac, self.desk, self.studio)

    def _taken(self, plan: Plan, since: object) -> None:
        self.air.append(self.almanac.rundown(plan, TODAY))

    def on_air(self) -> dict[str, list[str]]:
        """The recordings of each notice that the air knows of."""
        found: dict[str, list[str]] = {}
        for spot in self.air[-1].spots:
            found.setdefault(spot.ref, []).append(spot.key)
        return found

    def after_a_turn(self) -> dict[str, list[str]]:
        self.room.turn()
        return self.on_air()

    def spoken(self, text: str = "欢迎光临", **changes: object) -> NoticeRecord:
        """Approved, spoken, and on air."""
        record = self.approved(text, chime=None, **changes)
        self.room.turn()
        self.room.turn()
        ready = self.get(record.id)
        assert ready.state == "ready" and record.ref in self.on_air()
        return ready


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    one = House(tmp_path)
    yield one
    one.room.stop()
    one.database.dispose()


def test_what_is_approved_is_spoken_and_aired(house: House) -> None:
    waiting = house.submitted("还没批。", chime=None)
    record = house.spoken("欢迎光临。")
    assert record.clip_path
    assert record.duration_s == pytest.approx(soundfile.info(record.clip_path).duration - SILENT_TAIL_S, abs=0.1)
    assert record.effective_at == house.clock.now()
    assert house.speaker.spoken == ["欢迎光临。"] and house.get(waiting.id).state == "submitted"
    assert list(house.on_air()) == [record.ref]


def test_urgent_ones_are_spoken_first(house: House) -> None:
    house.approved("慢慢来。", chime=None)
    house.approved("快点。", chime=None, priority="urgent")
    house.room.turn()
    assert house.speaker.spoken == ["快点。"]


def test_an_engine_that_fails_is_told_to_the_author_and_tried_again_later(house: House) -> None:
    house.speaker.unspeakable = "欢迎"
    record = house.approved("欢迎光临", chime=None)
    house.room.turn()
    assert "chokes" in house.get(record.id).render_error and house.get(record.id).state == "approved"
    assert house.on_air() == {} and house.room.trouble == ""
    house.speaker.unspeakable = "~"
    house.room.turn()
    assert house.speaker.spoken == []
    house.clock.go(seconds=RETRY.total_seconds() + 1)
    house.rest.seconds += 3600
    house.room.turn()
    mended = house.get(record.id)
    assert mended.state == "ready" and mended.render_error == ""


def test_one_that_can_not_be_spoken_does_not_keep_others_waiting(house: House) -> None:
    house.speaker.unspeakable = "坏"
    house.approved("坏的", chime=None)
    good = house.approved("好的", chime=None)
    house.room.turn()
    house.room.turn()
    assert house.get(good.id).state == "ready"


def test_a_chime_that_went_away_is_told(house: House) -> None:
    record = house.approved("欢迎", chime="gong")
    house.room.turn()
    assert "gong" in house.get(record.id).render_error


def test_a_corrected_reading_is_spoken_anew_and_the_old_one_ends(house: House) -> None:
    other, record = house.spoken("谢谢光临。"), house.spoken("重庆小面。")
    house.clock.go(minutes=5)
    house.reader.lexicon["重庆"] = "虫庆"
    house.room.look_at_all()
    house.room.turn()
    assert house.speaker.spoken[-1] == "虫庆小面。"
    ours = [one for one in house.desk.feed(TODAY) if one.id == record.ref]
    assert [(one.since, one.until) for one in ours] == [(NINE, house.clock.now()), (house.clock.now(), None)]
    (now,) = house.on_air()[record.ref]
    assert now == ours[1].clip.key != ours[0].clip.key
    assert house.get(other.id).clip_path == other.clip_path


def test_nothing_is_spoken_anew_without_a_reason(house: House) -> None:
    house.spoken()
    told = len(house.air)
    for _ in range(3):
        house.room.look_at_all()
    assert len(house.speaker.spoken) == 1 and len(house.air) == told


def test_one_that_can_not_be_renewed_does_not_keep_others_waiting(house: House) -> None:
    # The newest are looked at first.
    good, bad = house.spoken("今天好。"), house.spoken("今天坏。")
    house.clock.go(minutes=5)
    house.speaker.unspeakable = "坏"
    house.reader.lexicon["今天"] = "金天"
    for _ in range(3):
        house.room.look_at_all()
    assert house.speaker.spoken[-1] == "金天好。" and house.get(good.id).clip_path != good.clip_path
    still = house.get(bad.id)
    assert still.state == "ready" and still.clip_path == bad.clip_path


def test_withdrawn_while_it_is_being_spoken_it_never_airs(house: House) -> None:
    record = house.approved("欢迎光临", chime=None)
    house.speaker.meanwhile = lambda: house.desk.withdraw(record.id, AMY)
    house.room.turn()
    house.room.turn()
    assert house.get(record.id).state == "withdrawn"
    assert house.speaker.spoken and house.desk.feed(TODAY) == () and house.on_air() == {}


def test_edited_while_it_is_being_spoken_it_waits_for_approval(house: House) -> None:
    record = house.approved("欢迎光临", chime=None)
    house.speaker.meanwhile = lambda: house.desk.edit(record.id, draft("别的", chime=None), AMY, 1)
    house.room.turn()
    house.room.turn()
    edited = house.get(record.id)
    assert edited.state == "submitted" and edited.revision == 2 and edited.clip_path is None
    assert house.desk.feed(TODAY) == () and house.on_air() == {}


def test_a_withdrawal_does_not_wait_for_what_is_being_spoken(house: House) -> None:
    airing = house.spoken("正在播。")
    speaking, done = threading.Event(), threading.Event()

    def speak_long() -> None:
        speaking.set()
        done.wait(30)

    house.speaker.meanwhile = speak_long
    try:
        house.room.start()
        long = house.approved("很长的。", chime=None)
        assert speaking.wait(20)
        house.desk.withdraw(airing.id, BOB)
        wait(lambda: airing.ref not in house.on_air(), 10, "the air without the withdrawn notice")
        assert house.room.speaking == "通知" and house.get(long.id).state == "approved"
    finally:
        done.set()
    wait(lambda: house.get(long.id).state == "ready", 20, "the long one is ready")


def test_the_day_is_kept_for_inspection(house: House) -> None:
    record = house.spoken("特价99元。")
    house.room.turn()
    (text,) = house.desk.day_texts(TODAY)
    assert (text.ref, text.text, text.author, text.approved_by) == (record.ref, "特价99元。", "amy", "bob")
    assert text.spoken == "特价99元。" and text.key == house.on_air()[record.ref][0]
    house.desk.withdraw(record.id, BOB)
    house.room.turn()
    assert [one.ref for one in house.desk.day_texts(TODAY)] == [record.ref]


def test_what_was_promised_is_kept(house: House) -> None:
    house.vendor("tata")
    house.vendors.contract("tata", "vendor-promos", 5, TODAY, TODAY, by="bob")
    record = house.spoken("特价99元。", vendor="tata", when=turns())
    house.room.turn()
    kept = KeptDays(house.database, "main").promises(TODAY, TODAY)
    assert kept == {TODAY: {record.ref: 5}} and len(house.on_air()[record.ref]) == 5


def test_a_locked_store_is_told_and_what_was_approved_comes_later(house: House) -> None:
    record = house.approved("欢迎光临", chime=None)
    with closing(sqlite3.connect(house.home.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        house.room.turn()
        assert "locked" in house.room.trouble
        other.execute("ROLLBACK")
    house.room.turn()
    house.room.turn()
    assert house.room.trouble == "" and house.get(record.id).state == "ready" and record.ref in house.on_air()


def test_a_change_that_could_not_be_read_is_not_missed(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    record = house.spoken()
    house.desk.withdraw(record.id, BOB)
    # The stamp can be read, and right after it nothing.
    with closing(sqlite3.connect(house.home.database)) as other:
        other.execute("ALTER TABLE notice_renderings RENAME TO elsewhere")
        house.room.turn()
        assert record.ref in house.on_air()
        other.execute("ALTER TABLE elsewhere RENAME TO notice_renderings")
    wait(lambda: record.ref not in house.after_a_turn(), 10, "the air without the withdrawn notice")


def test_a_recording_airs_only_as_it_was_uploaded(house: House, tmp_path: Path) -> None:
    with make(tmp_path / "hello.wav", sound(1.5)).open("rb") as file:
        name = Recordings(house.home, Library(house.home.media)).keep(file, "hello.wav")
    record = house.approved("", recording=name, chime=None)
    make(house.home.recordings / name, sound(1.5, seed=2))
    house.room.turn()
    failed = house.get(record.id)
    assert failed.state == "approved" and "上传时不同" in failed.render_error and house.on_air() == {}
    make(house.home.recordings / name, sound(1.5))
    house.clock.go(seconds=RETRY.total_seconds() + 1)
    house.room.turn()
    assert house.get(record.id).state == "ready" and house.speaker.spoken == []


def test_a_word_of_what_is_approved_is_known_with_its_notice(house: House) -> None:
    trail = AuditTrail(house.database, house.clock)
    office = VoiceOffice(house.home, house.keeper, house.studio, trail, house.desk)
    waiting = house.submitted("请注意安全")
    assert office.heard_in("安全") == ""
    house.desk.approve(waiting.id, 1, BOB)
    assert (office.heard_in("安全"), office.heard_in("别的")) == ("通知", "")


def test_a_word_of_a_form_that_needs_no_yes_is_known_with_it(house: House) -> None:
    (house.home.root / "config").mkdir(exist_ok=True)
    shutil.copy(ROOT / "config" / "forms.yaml", house.home.root / "config")
    office = VoiceOffice(house.home, house.keeper, house.studio, AuditTrail(house.database, house.clock), house.desk)
    heard = [office.heard_in(word) for word in ("车主", "挡住了", "owner", "拾到")]
    assert heard == ["请车主挪车"] * 3 + [""]


def test_a_reading_is_in_the_trail_with_the_address(house: House) -> None:
    trail = AuditTrail(house.database, house.clock)
    office = VoiceOffice(house.home, house.keeper, house.studio, trail, house.desk)
    office.correct_reading("TATA", "塔塔", "", "wanglan", "10.0.0.8")
    office.forget_reading("TATA", "wanglan", "10.0.0.9")
    deeds = [(entry.what, entry.who, entry.where) for entry in trail.entries(limit=2)]
    assert sorted(deeds) == [("lexicon.remove", "wanglan", "10.0.0.9"), ("lexicon.set", "wanglan", "10.0.0.8")]

"""Scenarios from the job: the plan is changed in the page, and what was changed is heard.

The real daemon, the real page in a real browser, and a recording of the loudspeakers. Each starts shortly before the
moment that it is about; where two moments are far apart the store is started again at the second.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from broadcaster.clock import monotonic
from tests.lab.analysis import onset, silences
from tests.lab.recorder import Recorder
from tests.lab.take import Take
from tests.live_kit import wait
from tests.mall_kit import HEARD_DB, TONES, WEEKDAY, Mall, Running, fresh, playlist_heard, speaks, tone_db, voice_of
from tests.plan_kit import CALENDAR, PROGRAMME, ROOT

pytestmark = [pytest.mark.audio, pytest.mark.browser, pytest.mark.slow]

TOMORROW = WEEKDAY + timedelta(days=1)
WEATHER, SEND_OFF = "dayparts-4/0", "dayparts-9/0"
EVENT_NOTICES = [
    "10:01", "10:30", "11:00", "11:30", "14:00", "14:30", "15:00", "15:30", "16:00", "16:30",
]  # fmt: skip
"""The first one waits for the weather."""
LEADS_S = (10, 20, 45)
ON_TIME_S = 0.3


# --- the page's hands


def programme(page: Page, air: Running) -> None:
    """Open the programme, drawn and checked."""
    page.goto(f"{air.address}/programme")
    expect(page.locator("#programme")).to_have_attribute("data-ready", "true")


def block(page: Page, name: str) -> Locator:
    """A daypart or a spot on the timeline."""
    return page.locator(f'#timeline [data-block="{name}"]')


def drag(page: Page, name: str, minutes: float) -> None:
    """Take a block in its middle by mouse and drop it so many minutes later."""
    # Scrolled at once: a moving page can't be aimed at.
    block(page, name).evaluate("e => e.scrollIntoView({ block: 'center', behavior: 'instant' })")
    box = block(page, name).bounding_box()
    slot = page.locator("#timeline .fc-timegrid-slot-lane").first.bounding_box()
    assert box and slot
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y + (5 if minutes > 0 else -5))
    page.mouse.move(x, y + minutes * slot["height"] / 15, steps=6)
    page.mouse.up()


def rename(page: Page, name: str, title: str) -> None:
    """Give a daypart another name in its form."""
    block(page, name).click()
    page.locator("#p-title").fill(title)
    page.locator("#p-title").blur()
    expect(page.locator("#unsaved")).to_be_visible()


def publish(page: Page, words: str) -> Locator:
    """Ask to publish with these words; the dialog."""
    page.locator("#publish").click()
    page.get_by_label("改了什么").fill(words)
    page.get_by_role("button", name="发布", exact=True).click()
    return page.locator("#publish-dialog")


def told(page: Page, words: str | re.Pattern[str]) -> None:
    """The programme page says this in its banner."""
    expect(page.locator("#other-hand")).to_contain_text(words)


def close_half_an_hour_later(page: Page, air: Running) -> Locator:
    """Two presses on the first page; the toast that says so."""
    page.goto(air.address)
    page.get_by_role("button", name="晚打烊").click()
    page.get_by_role("button", name="晚 30 分钟").click()
    toast = page.locator(".deed-toast")
    expect(toast).to_contain_text("一起顺延")
    return toast


# --- what came of it


def rundown(air: Running, on: date = WEEKDAY) -> dict[str, Any]:
    """What is compiled of a date."""
    found: dict[str, Any] = air.get(f"/rundown/{on.isoformat()}")
    return found


def begins(air: Running, daypart: str, on: date = WEEKDAY) -> str:
    """When a daypart begins, as ``HH:MM:SS``."""
    return next(str(one["start"])[11:19] for one in rundown(air, on)["segments"] if one["daypart"] == daypart)


def becomes(air: Running, daypart: str, clock: str) -> None:
    """Wait until the plan on air has a daypart at this time."""
    wait(lambda: begins(air, daypart) == clock, 10, f"{daypart} at {clock}")


@contextmanager
def done_before(mall: Mall, clock: str, deed: Callable[[Running], None]) -> Iterator[Running]:
    """The store on air, with a deed done shortly before a time: only so does it say something what is heard then.

    Where the machine was too slow it is begun again, earlier.
    """
    moment = datetime.combine(WEEKDAY, time.fromisoformat(clock))
    for lead_s in LEADS_S:
        with mall.at((moment - timedelta(seconds=lead_s)).isoformat()) as air:
            deed(air)
            if air.now().replace(tzinfo=None) < moment:
                yield air
                return
        fresh(mall.root)
    raise AssertionError(f"not done before {clock}, though begun {LEADS_S[-1]} s before")


def spoken_on_time(air: Running, recorder: Recorder, clock: str) -> None:
    """Nobody speaks in the two seconds before a time, and somebody does from that second on."""
    after, at = air.heard(recorder, clock, 3), air.mono(clock)
    assert not speaks(recorder.take().slice(at - 2, at - 0.1))
    began = onset(voice_of(after), after.start, HEARD_DB)
    assert began is not None and abs(began - at) < ON_TIME_S


def music_on_time(air: Running, recorder: Recorder, playlist: str, clock: str) -> None:
    """A playlist is heard from this second on, and was not before."""
    after, at = air.heard(recorder, clock, 0.5), air.mono(clock)
    assert tone_db(recorder.take().slice(at - 1, at), TONES[playlist]) < HEARD_DB
    assert tone_db(after, TONES[playlist]) > HEARD_DB


def plays_on(take: Take, playlist: str) -> None:
    """A playlist is heard all the time, without a gap."""
    starts = np.arange(take.start, take.end - 1)
    assert [playlist_heard(take.slice(at, at + 1)) for at in starts] == [playlist] * len(starts) != []
    assert silences(take, 0.05) == []


def comments(text: str) -> list[str]:
    """What people wrote into the file for each other."""
    return [line.strip() for line in text.splitlines() if line.strip().startswith("#")]


# --- the scenarios


def test_the_weather_is_moved_to_ten_past_ten_by_mouse(mall: Mall, recorder: Recorder) -> None:
    before = mall.text(PROGRAMME)

    def moved(air: Running) -> None:
        with air.person("wanglan") as page:
            programme(page, air)
            drag(page, WEATHER, 10)
            expect(page.locator("#effects")).to_contain_text("天气预报: 10:00 → 10:10")
            assert mall.text(PROGRAMME) == before
            publish(page, "天气改到十点十分")
            told(page, "已发布")
            becomes(air, "weather", "10:10:00")
            page.goto(f"{air.address}/programme/versions")
            newest = page.locator("table.versions tbody tr").first
            expect(newest).to_contain_text(re.compile("王兰.*天气改到十点十分", re.S))

    with done_before(mall, "10:00:00", moved) as air:
        assert air.rule_times("weather", WEEKDAY)[0] == "10:10:00"
        take = air.heard(recorder, "09:59:59", 4)
        assert not speaks(take)
        plays_on(take, "light")
    assert comments(mall.text(PROGRAMME)) == comments(before)
    with mall.at("2026-11-24T10:09:53") as air:
        spoken_on_time(air, recorder, "10:10:00")
        assert air.on_air("天气预报", 5)


def test_two_announcers_at_once(mall: Mall) -> None:
    with mall.at("2026-11-24T09:50:00") as air, air.person("wanglan") as one, air.person("zhaomin") as two:
        programme(one, air)
        programme(two, air)
        drag(one, WEATHER, 10)
        rename(two, SEND_OFF, "晚安曲")
        publish(one, "天气改到十点十分")
        told(one, "已发布")
        dialog = publish(two, "送宾曲改名")
        expect(dialog).to_contain_text(re.compile("王兰 在 .*天气改到十点十分"))
        dialog.get_by_role("button", name="在对方的基础上加上我的").click()
        told(two, "已发布")
        becomes(air, "weather", "10:10:00")
        wait(lambda: rundown(air)["segments"][-1]["title_zh"] == "晚安曲", 10, "the second change on air")
        # Now both change the same.
        programme(one, air)
        drag(one, WEATHER, 10)
        drag(two, WEATHER, 20)
        publish(one, "再晚十分钟")
        told(one, "已发布")
        theirs = mall.text(PROGRAMME)
        dialog = publish(two, "再晚二十分钟")
        expect(dialog).to_contain_text(re.compile("两人都改了.*时段“天气预报、友情提醒”.*插播“天气预报、友情提醒”"))
        expect(dialog.get_by_role("button", name="在对方的基础上加上我的")).to_be_hidden()
        dialog.get_by_role("button", name="返回").click()
        expect(block(two, WEATHER)).to_contain_text("10:30–10:35")
        expect(two.locator("#unsaved")).to_be_visible()
        assert mall.text(PROGRAMME) == theirs
        becomes(air, "weather", "10:20:00")


def test_the_store_closes_half_an_hour_later_and_the_send_off_with_it(mall: Mall, recorder: Recorder) -> None:
    def later(air: Running) -> None:
        with air.person("wanglan") as page:
            close_half_an_hour_later(page, air)
        becomes(air, "send-off", "17:55:00")

    with done_before(mall, "17:25:00", later) as air:
        plays_on(air.heard(recorder, "17:24:59", 4), "english")
    with mall.at("2026-11-24T17:54:53") as air:
        assert playlist_heard(air.heard(recorder, "17:54:57", 1.5)) == "english"
        music_on_time(air, recorder, "send-off", "17:55:00")


def test_closing_later_is_undone_and_the_send_off_comes_as_ever(mall: Mall, recorder: Recorder) -> None:
    before = mall.text(CALENDAR)

    def later_and_not(air: Running) -> None:
        with air.person("wanglan") as page:
            toast = close_half_an_hour_later(page, air)
            becomes(air, "send-off", "17:55:00")
            toast.get_by_role("button", name="撤销").click()
            expect(page.locator(".deed-toast")).to_contain_text("照原来的安排")
        becomes(air, "send-off", "17:25:00")

    with done_before(mall, "17:25:00", later_and_not) as air:
        assert mall.text(CALENDAR) == before
        music_on_time(air, recorder, "send-off", "17:25:00")


def test_tomorrow_is_made_an_event_day(mall: Mall, recorder: Recorder) -> None:
    with mall.at("2026-11-24T16:00:00") as air, air.person("wanglan") as page:
        page.goto(f"{air.address}/calendar?month=2026-11")
        page.click("[data-date='2026-11-25']")
        page.get_by_role("group", name="活动日").get_by_text("是", exact=True).click()
        expect(page.locator("#effect")).to_contain_text("18:00")
        page.get_by_role("button", name="保存").click()
        expect(page.locator("td.is-chosen")).to_contain_text("活动日")
        wait(lambda: "event" in rundown(air, TOMORROW)["day_types"], 10, "the event day on air")
        day = rundown(air, TOMORROW)
        notices = [one for one in day["spots"] if one["ref"] in ("event-discount", "event-lottery", "event-service")]
        assert [str(one["at"])[11:16] for one in notices] == EVENT_NOTICES and {one["repeat"] for one in notices} == {2}
        assert str(day["hours"]["close"])[11:16] == "18:00"
    with mall.at("2026-11-25T10:29:53") as air:
        spoken_on_time(air, recorder, "10:30:00")
        assert air.on_air("event-notices", 5)


def test_a_hand_on_the_file_is_seen_and_a_faulty_one_leaves_the_air(mall: Mall, recorder: Recorder) -> None:
    path = mall.root / PROGRAMME
    with mall.at("2026-11-24T09:50:00") as air, air.person("wanglan") as page:
        programme(page, air)
        drag(page, WEATHER, 10)
        path.write_bytes(path.read_bytes().replace("zh: 送宾曲".encode(), "zh: 送客曲".encode()))
        told(page, "直接改了文件")
        expect(block(page, WEATHER)).to_contain_text("10:10–10:15")
        wait(lambda: rundown(air)["segments"][-1]["title_zh"] == "送客曲", 10, "the hand's edit on air")
        good, since = rundown(air), monotonic()
        path.write_bytes(path.read_bytes().replace(b'to: "10:00"', b'to: "25:77"'))
        page.on("dialog", lambda dialog: dialog.accept())
        page.goto(air.address)
        expect(page.locator(".health .alerts")).to_contain_text("仍按上一份正确的计划播音")
        expect(page.locator("#live, #vitals").filter(has_text="25:77")).to_be_visible()
        assert rundown(air) == good
        end = max(monotonic(), since + 4)
        plays_on(recorder.wait_until(end).slice(since, end), "light")


def test_the_first_version_is_put_back(mall: Mall) -> None:
    with mall.at("2026-11-24T15:00:00") as air, air.person("wanglan") as page:
        before = rundown(air)
        close_half_an_hour_later(page, air)
        programme(page, air)
        rename(page, SEND_OFF, "晚安曲")
        publish(page, "送宾曲改名")
        told(page, "已发布")
        wait(lambda: rundown(air)["segments"][-1]["title_zh"] == "晚安曲", 10, "the changes on air")
        assert begins(air, "send-off") == "17:55:00"
        page.goto(f"{air.address}/programme/versions")
        page.locator("table.versions tbody tr").last.get_by_role("link").click()
        page.get_by_role("button", name="恢复到这一版…").click()
        page.get_by_label("为什么").fill("照印好的程序表")
        page.get_by_role("button", name="恢复", exact=True).click()
        expect(page.locator(".flash")).to_be_visible()
        for name in (PROGRAMME, CALENDAR):
            assert (mall.root / name).read_bytes() == (ROOT / name).read_bytes()
        wait(lambda: rundown(air) == before, 10, "the first programme on air")

"""Emergencies, speaking live and listening in, through the real page, each time up to what is heard in the house."""

from __future__ import annotations

import base64
import json
import re
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from broadcaster.clock import monotonic
from broadcaster.publishing.publish import Publisher
from tests.lab.analysis import rms_db
from tests.lab.recorder import Recorder
from tests.lab.take import Take
from tests.live_kit import wait
from tests.mall_kit import PASSWORD, TONES, WEEKDAY, Mall, Running, speaks, tone_db, voice_of
from tests.web_chromium import MARKS, chromium

pytestmark = [*MARKS, pytest.mark.audio, pytest.mark.beside, pytest.mark.slow, pytest.mark.timeout(600)]

QUIET = "2026-11-24T10:05:10"
"""Music alone: the first announcement comes at 10:08:19."""
LIGHT_HZ = TONES["light"]


@pytest.fixture(scope="module")
def speech(mall_home: Path) -> Path:
    """Somebody speaking, for the browser's microphone."""
    publisher = Publisher(mall_home)
    publication = publisher.publish(WEEKDAY)
    publisher.close()
    assert publication.plan is not None
    found = next(clip.path for name, clip in publication.plan.clips.items() if name.startswith("welcome-speech"))
    assert found
    return Path(found)


@pytest.fixture(scope="module")
def mall_browser(speech: Path) -> Iterator[Browser]:
    """Chromium, into whose microphone somebody speaks."""
    microphone = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")
    with chromium(
        *microphone, f"--use-file-for-fake-audio-capture={speech}", "--autoplay-policy=no-user-gesture-required"
    ) as browser:
        yield browser


def asked(running: Running, path: str) -> Any:
    """A document of the API, for somebody with an account."""
    word = base64.b64encode(f"wanglan:{PASSWORD}".encode()).decode()
    request = urllib.request.Request(f"{running.address}/api/v1{path}", headers={"Authorization": f"Basic {word}"})
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.load(answer)


def ready(running: Running, message: str) -> None:
    """Wait until a message has its recordings."""

    def has_them() -> bool:
        return any(one["id"] == message and one["ready"] for one in asked(running, "/emergencies")["messages"])

    wait(has_them, 120, f"{message} prepared")


def window(recorder: Recorder, start: float, seconds: float) -> Take:
    """What the loudspeakers gave from a monotonic instant on."""
    take = recorder.wait_until(start + seconds, timeout=max(start + seconds - monotonic(), 0) + 20)
    return take.slice(start, start + seconds)


def ears_open(running: Running) -> None:
    wait(lambda: (running.daemon.status() or {})["health"]["ear"] == "ok", 20, "the ear")


def test_an_emergency_is_four_taps_away_and_everybody_sees_it(mall: Mall, recorder: Recorder) -> None:
    with mall.at(QUIET) as running:
        ready(running, "drill")
        with running.person("laozhao", phone=True) as page, running.person("wanglan") as desk:
            desk.goto(f"{running.address}/notices")
            page.locator(".emergency-way").click()
            page.get_by_role("link", name=re.compile("消防演习")).click()
            page.get_by_label("演练").check(force=True)
            pressed = monotonic()
            page.locator("#call-now").click()
            expect(page.locator(".call-held")).to_contain_text("老赵")
            expect(desk.locator(".call-banner")).to_contain_text("消防演习")
            expect(desk.locator(".call-banner")).to_contain_text("演练")
            called = window(recorder, pressed + 2, 4)
            ended = end_by_banner(desk)
        after = window(recorder, ended + 3, 3)
    assert speaks(called) and tone_db(called, LIGHT_HZ) < -60
    assert not speaks(after) and tone_db(after, LIGHT_HZ) > -45


def end_by_banner(desk: Page) -> float:
    """Somebody else ends it, from the page that is open."""
    desk.locator(".call-banner .call-end").click()
    ended = monotonic()
    desk.locator(".call-held form button").click()
    expect(desk.locator(".call-banner")).to_have_count(0)
    return ended


def test_without_a_reason_nothing_is_called(mall: Mall) -> None:
    with mall.at(QUIET) as running:
        ready(running, "drill")
        with running.person("wanglan", phone=True) as page:
            page.goto(f"{running.address}/emergency/drill")
            page.locator("#call-now").click()
            expect(page.locator("#call-wanted")).to_have_text("请先点一个原因。")
        assert asked(running, "/emergencies")["emergency"] is None


def test_who_speaks_into_the_browser_is_heard_over_the_ducked_music(mall: Mall, recorder: Recorder) -> None:
    with mall.at(QUIET) as running:
        before = window(recorder, monotonic() + 0.5, 2)
        with running.person("wanglan") as page:
            page.goto(f"{running.address}/live")
            page.get_by_role("button", name="允许使用麦克风").click()
            page.locator("#talk").click()
            expect(page.locator("#state")).to_have_text(re.compile("请讲"))
            spoke = monotonic()
            expect(page.locator("#left")).to_contain_text("后到时")
            spoken = window(recorder, spoke + 1.5, 4)
            page.keyboard.press("Space")
            expect(page.locator("#state")).to_have_text(re.compile("喊话结束"))
        after = window(recorder, monotonic() + 3, 2)
    print(f"voice {rms_db(voice_of(spoken)):.1f} dBFS, music {tone_db(before, LIGHT_HZ):.1f} -> "
          f"{tone_db(spoken, LIGHT_HZ):.1f} -> {tone_db(after, LIGHT_HZ):.1f} dBFS")  # fmt: skip
    assert speaks(spoken) and not speaks(before) and not speaks(after)
    assert tone_db(spoken, LIGHT_HZ) < tone_db(before, LIGHT_HZ) - 8
    assert tone_db(after, LIGHT_HZ) == pytest.approx(tone_db(before, LIGHT_HZ), abs=2)


def test_the_supervisor_hears_the_house_within_three_seconds(mall: Mall) -> None:
    behind = "(() => { const a = document.querySelector('#live audio'); const n = a.buffered.length;"
    behind += " return n && !a.paused && a.currentTime > 1 ? a.buffered.end(n - 1) - a.currentTime : 0; })()"
    with mall.at(QUIET) as running:
        ears_open(running)
        with running.person("laozhao") as page:
            page.goto(f"{running.address}/listen")
            page.locator(".listen-button").click()
            expect(page.locator(".listen-state")).to_have_text(re.compile("正在监听"))
            kept = wait(lambda: page.evaluate(behind), 20, "sound in the browser")
            print(f"in hand {kept:.2f} s")
            assert kept < 2.6
            page.locator(".listen-button").click()
            expect(page.locator(".listen-button")).to_have_text("听")

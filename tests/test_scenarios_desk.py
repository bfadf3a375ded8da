"""A day at the desk, through the real daemon and the real page, each time up to what is heard.

The bed is a staircase of tones above the voice's range, a step a second: what sounds tells which second it is of.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from broadcaster.clock import monotonic
from tests.lab import signals
from tests.lab.analysis import from_db, onset, peak_db, rms_db, silences, to_db
from tests.lab.recorder import Recorder
from tests.lab.sink import RATE
from tests.lab.take import Take
from tests.live_kit import wait
from tests.mall_kit import HEARD_DB, VOICE_BELOW_HZ, WEEKDAY, Mall, Running, voice_of
from tests.web_chromium import MARKS

pytestmark = [*MARKS, pytest.mark.audio, pytest.mark.beside, pytest.mark.slow, pytest.mark.timeout(600)]

LIVE = re.compile(r"^\d\d:\d\d:\d\d$")
GAP_DB = -55.0
"""Between the quietest ducked bed and nothing at all."""
SPOKEN_DB = -35.0
"""Peaks of a chime or a voice are above, the clicks of an overloaded machine are not."""
TONE = "01 tone.wav"
STAIR_S = 100
STEP_HZ = 40
STAIRS = {"01 low": 7000, "02 high": 12_000}
"""Lowest step of each track."""


@pytest.fixture
def stairs(mall: Mall, tmp_path: Path) -> Iterator[Mall]:
    """The mall, with staircases in place of the tones of its daytime music."""
    folders = [mall.root / "playlists" / name for name in ("english", "light")]
    files = [staircase(folder / f"{name}.wav", hz) for folder in folders for name, hz in STAIRS.items()]
    for folder in folders:
        shutil.move(folder / TONE, tmp_path / folder.name)
    yield mall
    for folder in folders:
        shutil.move(tmp_path / folder.name, folder / TONE)
    for file in files:
        file.unlink()


def staircase(path: Path, lowest_hz: int) -> Path:
    seconds = np.arange(STAIR_S * RATE) // RATE
    phase = np.cumsum((lowest_hz + STEP_HZ * seconds) / RATE)
    return signals.write_wav(path, from_db(-12.0) * np.sin(2 * np.pi * phase))


def line_heard(take: Take, at: float) -> tuple[float, float]:
    """Frequency and peak level in dBFS of the music's tone at an instant, over a fifth of a second."""
    part = take.slice(at - 0.1, at + 0.1).samples.mean(axis=1)
    window, size = np.hanning(len(part)), 4 * len(part)
    spectrum = np.abs(np.fft.rfft(part * window, size))
    spectrum[: VOICE_BELOW_HZ * size // take.rate] = 0
    line = int(np.argmax(spectrum))
    return line * take.rate / size, to_db(2 * float(spectrum[line]) / float(window.sum()))


def step_heard(take: Take, at: float) -> tuple[str, int]:
    """Which track sounds at an instant, and which second of it."""
    hz, _level = line_heard(take, at)
    name = max(STAIRS, key=lambda name: (STAIRS[name] <= hz + STEP_HZ / 2, STAIRS[name]))
    return name, round((hz - STAIRS[name]) / STEP_HZ)


def music_db(take: Take) -> float:
    """The music's usual level, whoever speaks over it."""
    return float(np.median([line_heard(take, at)[1] for at in np.arange(take.start + 0.1, take.end - 0.1, 0.1)]))


def music_of(take: Take) -> Take:
    """A take without the voice."""
    return replace(take, samples=take.samples - voice_of(take).samples)


def on_its_second(run: Running, take: Take, at: float) -> None:
    """The music heard at an instant is what the station says it plays, to the second."""
    track = run.get("/status")["on_air"]["track"]
    began = datetime.fromisoformat(track["started_at"]).timestamp() - run.daemon.clock_offset()
    name, second = step_heard(take, at)
    assert name.endswith(track["title"].split()[-1])
    assert at - began == pytest.approx(second + 0.5, abs=0.9)


def live(page: Page, limit_s: float = 15) -> None:
    """The page follows."""
    expect(page.locator("#lost")).to_be_hidden(timeout=limit_s * 1000)
    expect(page.locator("#clock")).to_have_text(LIVE)


def not_live(page: Page) -> None:
    """The page says that it knows nothing, and shows no time as the present.

    What changes the day waits until it knows again; a stop may be tried at any time, and is told to have failed.
    """
    expect(page.locator("#lost")).to_contain_text("连接已断开")
    expect(page.locator("#clock")).to_have_text("––:––:––")
    for count in page.locator("#live .count").all():
        expect(count).to_have_text("–:––")
    for button in (pause_button(page), page.locator(".deeds [href='#closing']")):
        expect(button).to_have_attribute("aria-disabled", "true")


def stop_opener(page: Page) -> Locator:
    return page.locator(".deeds").get_by_role("button", name="全部停播")


def pause_button(page: Page) -> Locator:
    return page.get_by_role("group", name="暂停音乐几分钟").get_by_role("button", name="5 分钟", exact=True)


def quiet_from(recorder: Recorder, since: float, limit_s: float) -> None:
    """Nothing is heard from so many seconds after an instant on."""
    take = recorder.wait_until(since + limit_s + 1, timeout=limit_s + 20)
    assert peak_db(take.slice(since - 1, since - 0.1)) > HEARD_DB
    assert peak_db(take.slice(since + limit_s, since + limit_s + 1)) < GAP_DB


def music_back(run: Running, recorder: Recorder) -> None:
    """The music alone sounds again, no longer lowered, and on its second."""
    wait(lambda: plain(run.daemon.status()), 30, "the music alone")
    at = monotonic() + 2.5
    take = recorder.wait_until(at + 0.2, timeout=20)
    on_its_second(run, take, at)
    assert rms_db(voice_of(take.slice(at - 0.8, at + 0.2))) < HEARD_DB < music_db(take.slice(at - 0.8, at + 0.2)) - 10


def plain(status: dict[str, Any] | None) -> bool:
    """Whether the status tells of music with nobody speaking over it."""
    air = status["on_air"] if status else {}
    return bool(air) and bool(air["track"]) and not air["spot"] and air["bed_depth_db"] == 0 and not air["muted"]


def voice_over_music(run: Running, recorder: Recorder, spot: dict[str, Any], before: float, seconds: float) -> float:
    """A spot is heard over the music, which is lowered for so long; instant of its first sample."""
    start = datetime.fromisoformat(spot["started_at"]).timestamp() - run.daemon.clock_offset()
    take = recorder.wait_until(start + seconds, timeout=max(start + seconds - monotonic(), 0) + 20)
    usual = music_db(take.slice(before - 1, before))
    assert music_db(take.slice(start + 0.5, start + seconds - 0.5)) == pytest.approx(usual - 14, abs=1)
    first = onset(voice_of(take.slice(start - 0.3, start + seconds)), start - 0.1, SPOKEN_DB)
    assert first is not None
    return first


# --- a notice from the phone; a page that is cut off for a minute meanwhile


TEXT = "各位顾客,朴家参加活动,请到Kvadrat展位参观。"


def submitted_on_the_phone(run: Running) -> tuple[int, datetime]:
    """The promo assistant writes a notice for about a minute from now: its number and its time."""
    with run.person("xiaomei", phone=True) as phone:
        phone.goto(f"{run.address}/notices/new")
        due = (run.now() + timedelta(seconds=100)).replace(second=0, microsecond=0)
        phone.get_by_label("播音内容").fill(TEXT)
        phone.get_by_label("时间", exact=True).fill(f"{due:%H:%M}")
        expect(phone.locator("#preview .doubts")).to_contain_text("Kvadrat", timeout=60_000)
        phone.get_by_role("button", name="提交审批").click()
        phone.wait_for_url(re.compile(r"/notices/\d+$"))
        assert phone.evaluate("document.documentElement.scrollWidth") <= 390
        return int(phone.url.rpartition("/")[2]), due


def corrected_and_approved(run: Running) -> None:
    """The announcer finds it in the queue, mends the reading on the spot, and lets it go."""
    with run.person("wanglan") as desk:
        desk.goto(f"{run.address}/notices")
        desk.locator(".queue a.btn-primary").click()
        doubt = desk.locator("#preview .doubts li")
        expect(doubt).to_contain_text("Kvadrat")
        doubt.get_by_label("读作").fill("快德瑞特")
        doubt.get_by_role("button", name="改正读音").click()
        expect(desk.locator("#preview .said")).to_contain_text("快德瑞特", timeout=60_000)
        expect(doubt).to_have_count(0)
        desk.get_by_role("button", name="批准", exact=True).click()
        expect(desk.locator("#standing .state")).to_have_class(re.compile("is-ready"), timeout=60_000)


def spoken_words(run: Running) -> str:
    """What the day's report says was said."""
    with run.person("liqiang") as page:

        def shown() -> str | None:
            page.goto(f"{run.address}/reports/texts/{WEEKDAY}")
            words = page.locator("section.card", has_text="notice-").locator("dl")
            return words.inner_text() if words.count() and "快德" in words.inner_text() else None

        return str(wait(shown, 40, "the words that were said"))


def test_a_notice_from_the_phone_is_corrected_and_heard_at_its_time_while_a_page_is_cut_off_for_a_minute(
    stairs: Mall, recorder: Recorder
) -> None:
    with stairs.at(f"{WEEKDAY}T12:00:40") as run, run.person("zhaomin") as watcher:
        live(watcher)
        wait(lambda: plain(run.daemon.status()), 30, "the music alone")
        cut = monotonic()
        watcher.context.set_offline(True)
        not_live(watcher)
        number, due = submitted_on_the_phone(run)
        corrected_and_approved(run)
        spot = run.on_air(f"notice-{number}", 120)
        offset = run.daemon.clock_offset()
        entry = ended(run, f"notice-{number}")
        take = recorder.wait_until(max(cut + 60, monotonic()), timeout=90)
        not_live(watcher)
        watcher.context.set_offline(False)
        live(watcher, 3)
        words = spoken_words(run)
    began = onset(voice_of(take), due.timestamp() - offset - 2, SPOKEN_DB)
    assert began is not None and spot["text"] == TEXT
    assert began == pytest.approx(due.timestamp() - offset, abs=0.3)
    assert entry["outcome"] == "aired" and entry["planned_at"][11:19] == f"{due:%H:%M:%S}"
    assert "快德瑞特展位" in words
    gaps = [(start - cut, end - start) for start, end in silences(music_of(take.slice(cut, take.end)), 0.02, GAP_DB)]
    assert gaps == []


def ended(run: Running, mark: str) -> dict[str, Any]:
    """The log's entry of a spot once it is over."""
    wait(lambda: [one for one in run.aired(mark, WEEKDAY) if one["outcome"]], 90, f"{mark} over")
    return run.aired(mark, WEEKDAY)[-1]


# --- a child is lost


def test_a_lost_child_is_called_within_fifteen_seconds_of_opening_the_page_even_into_a_promotion(
    stairs: Mall, recorder: Recorder
) -> None:
    with stairs.at(f"{WEEKDAY}T10:07:55") as run, run.person("wanglan") as page:
        page.goto(f"{run.address}/account")
        wait(lambda: plain(run.daemon.status()), 60, "the music alone")
        usual = monotonic() + 1
        run.on_air("促销样稿", 250)
        opened = monotonic()
        page.goto(run.address)
        page.get_by_role("button", name="请家长到服务台").click()
        expect(page.get_by_label("小名或姓")).to_be_focused()
        page.keyboard.type("乐乐")
        page.keyboard.press("Enter")
        spot = run.on_air("请家长到服务台", 60)
        heard = voice_over_music(run, recorder, spot, usual, 4) - opened
        page.locator(".now").get_by_role("button", name="跳过").click()
        page.locator("#sure").get_by_role("button", name="跳过").click()
        music_back(run, recorder)
        print(f"lost child: heard {heard:.1f} s after the page was opened")
        assert "乐乐小朋友的家长" in spot["text"]
        assert heard < 15


# --- the daemon falls over under an open page


def test_the_page_outlives_the_daemon_and_its_deeds_are_heard_again(stairs: Mall, recorder: Recorder) -> None:
    with stairs.at(f"{WEEKDAY}T12:00:10") as run, run.person("wanglan") as page:
        live(page)
        page.evaluate("window.stillTheSamePage = true")
        now = run.now()
        run.daemon.kill()
        killed = monotonic()
        not_live(page)
        pause_button(page).click(force=True)
        on = now + timedelta(seconds=monotonic() - killed + 1)
        run.daemon.start("--at", f"{on:%Y-%m-%dT%H:%M:%S}")
        live(page, 60)
        run.daemon.ready(60)
        assert run.get("/status")["interventions"] == []
        music_back(run, recorder)
        pressed = monotonic()
        pause_button(page).click()
        expect(page.locator(".now .headline")).to_have_text("音乐暂停中")
        quiet_from(recorder, pressed, 3)
        assert page.evaluate("window.stillTheSamePage")
        expect(page.locator(".hold.is-pause")).to_contain_text("王兰")


# --- deeds of the desk


def test_deeds_of_the_desk_are_heard(stairs: Mall, recorder: Recorder) -> None:
    with stairs.at(f"{WEEKDAY}T12:00:10") as run:
        with run.person("wanglan") as page:
            live(page)
            music_back(run, recorder)
            pause_and_resume(run, page, recorder)
            next_track(run, page, recorder)
            trim(run, page, recorder)
            mute_and_resume(run, page, recorder)
            stop_and_resume(run, page, recorder)
            play_now(run, page, recorder)
        seen_by_the_supervisor(run)


def pause_and_resume(run: Running, page: Page, recorder: Recorder) -> None:
    pressed = monotonic()
    pause_button(page).click()
    expect(page.locator(".now .headline")).to_have_text("音乐暂停中")
    quiet_from(recorder, pressed, 3)
    page.locator(".hold.is-pause button").click()
    music_back(run, recorder)


def next_track(run: Running, page: Page, recorder: Recorder) -> None:
    was, _second = step_heard(recorder.wait_until(monotonic() + 0.5), monotonic())
    pressed = monotonic()
    page.locator(".now").get_by_role("button", name="下一首").click()
    take = recorder.wait_until(pressed + 6, timeout=30)
    assert step_heard(take, pressed + 5.5)[0] != was
    assert silences(take.slice(pressed, pressed + 6), 0.02, GAP_DB) == []
    on_its_second(run, take, pressed + 5.5)


def trim(run: Running, page: Page, recorder: Recorder) -> None:
    """To the end of the range and no further: 1.5 dB quieter than the middle that is usual."""
    before = recorder.wait_until(monotonic() + 0.5)
    page.get_by_role("button", name="音量档位").click()
    slider = page.locator("#trim-english")
    expect(page.locator("#levels")).to_be_focused()
    slider.press("End")
    assert slider.input_value() == slider.get_attribute("max") == "27"
    slider.press("ArrowRight")
    pressed = monotonic()
    page.locator("form.trim", has=slider).get_by_role("button").click()
    after = recorder.wait_until(pressed + 3, timeout=30).slice(pressed + 2, pressed + 3)
    assert rms_db(after) - rms_db(before.slice(before.end - 0.5, before.end)) == pytest.approx(-1.5, abs=0.3)
    assert posted(run, page, "/air/trim/english", dial="27.5") == 400
    assert run.get("/status")["on_air"]["dial"] == 27
    expect(page.locator("#levels")).to_be_hidden()


def mute_and_resume(run: Running, page: Page, recorder: Recorder) -> None:
    page.locator(".deeds").get_by_role("button", name="静音").click()
    pressed = monotonic()
    page.locator("#mute").get_by_role("button", name="5 分钟", exact=True).click()
    expect(page.locator(".hold.is-mute")).to_be_visible()
    quiet_from(recorder, pressed, 3)
    page.locator(".hold.is-mute button").click()
    music_back(run, recorder)


def stop_and_resume(run: Running, page: Page, recorder: Recorder) -> None:
    stop_opener(page).click()
    page.locator("#stop").get_by_label("原因").fill("消防演习")
    pressed = monotonic()
    page.locator("#stop").get_by_role("button", name="全部停播").click()
    expect(page.locator(".hold.is-stop")).to_contain_text(re.compile("王兰[:：] ?消防演习"))
    quiet_from(recorder, pressed, 1)
    page.locator(".hold.is-stop").get_by_role("button", name="恢复播出").click()
    music_back(run, recorder)


def play_now(run: Running, page: Page, recorder: Recorder) -> None:
    page.get_by_role("button", name="马上播一条").click()
    page.locator("#play-search").fill("温馨")
    pressed = monotonic()
    page.get_by_role("button", name="播活动温馨提示").click()
    spot = run.on_air("活动温馨提示")
    length = datetime.fromisoformat(spot["ends_at"]) - datetime.fromisoformat(spot["started_at"])
    voice_over_music(run, recorder, spot, pressed, length.total_seconds())
    music_back(run, recorder)


def seen_by_the_supervisor(run: Running) -> None:
    """He finds every deed with its author and address, and can do none."""
    with run.person("laozhao") as page:
        live(page)
        expect(page.locator(".deeds, .skip-now, .level button, .next button, .hold button")).to_have_count(0)
        for path in ("pause", "mute", "stop", "skip", "play", "trim/english", "end/1"):
            assert posted(run, page, f"/air/{path}", minutes="5", reason="x", dial="25") == 403
        page.goto(f"{run.address}/audit?what=air")
        rows = page.locator("tbody tr", has_text="王兰").filter(has_text="本机")
        words = rows.locator("th").all_inner_texts()
    done = ["马上播一条", "撤销", "全部停播", "撤销", "静音", "调音量", "跳过", "撤销", "暂停音乐"]
    assert [deed for deed, word in zip(done, words, strict=True) if not word.startswith(deed)] == []


def posted(run: Running, page: Page, path: str, **form: str) -> int:
    """The status of a form sent past the page's own buttons."""
    csrf = page.locator("input[name=csrf_token]").first.get_attribute("value") or ""
    answer = page.request.post(
        f"{run.address}{path}", form={"csrf_token": csrf, **form}, headers={"X-Deed": "1", "Referer": f"{run.address}/"}
    )
    return answer.status

"""Notices and the weather through the real daemon, a real voice and a null sink: what was approved is what is heard.

The bed is a tone above the voice's range, so that both can be measured at once.
"""

from __future__ import annotations

import base64
import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.signal import fftconvolve, firwin

from broadcaster.clock import monotonic
from broadcaster.errors import BroadcasterError
from broadcaster.store.database import open_database
from broadcaster.store.users import Users
from broadcaster.voice.fetch.install import install
from tests.lab import signals
from tests.lab.analysis import last_sound, lufs, onset, rms_db, silences, to_db
from tests.lab.recorder import Recorder
from tests.lab.sink import NullSink
from tests.lab.take import Take
from tests.live_kit import Daemon, Store, all_day, hms, next_whole_second, running, to_mono, wait

pytestmark = [pytest.mark.audio, pytest.mark.slow]

HZ = 9137.0
"""No lost block of samples of a usual length is a whole number of periods."""
VOICE_BELOW_HZ = 6000
PASSWORD = "secret-word-1"
CAR = "请车牌号浙A12345的车主,尽快到B1层挪车,您的车挡住了3号出口。"
SYLLABLES = 36
LONG = (
    "各位顾客请注意,一楼服务台捡到一个黑色双肩包,里面有一台笔记本电脑和一串钥匙。请失主带好身份证件,到服务台认领。"
    "服务台的电话是0571-88886666。另外,今天下午两点到四点,三楼儿童乐园举办亲子手工活动,欢迎带小朋友参加。谢谢大家。"
)


def voice_of(take: Take) -> Take:
    """A take without the bed: what is below the tone. Some ms at its ends, where the tone is cut off, are silent."""
    taps = firwin(801, (VOICE_BELOW_HZ + HZ) / 2, window=("kaiser", 10.0), fs=take.rate)
    if len(take.samples) <= len(taps):
        return replace(take, samples=np.zeros_like(take.samples))
    heard = fftconvolve(take.samples, taps[:, None], mode="same", axes=0).astype(np.float32)
    heard[:401] = heard[-401:] = 0
    return replace(take, samples=heard)


def windows_of_the_bed(take: Take, length_s: float, hz: float = HZ) -> NDArray[np.complex128]:
    """The tone's amplitude and phase in each window."""
    window = round(take.rate * length_s)
    count = len(take.samples) // window
    carrier = np.exp(-2j * np.pi * hz / take.rate * np.arange(count * window))
    tone = (take.samples[: count * window, 0] * carrier).reshape(count, window)
    shape = np.hanning(window)
    return np.asarray(2 * (tone * shape).sum(axis=1) / shape.sum())


def bed_db(take: Take) -> float:
    """Peak level in dBFS of the tone, at whatever pitch libVLC's resampler gives it while it makes up for a delay.

    That of most of the take's tenths of a second: an s of the voice is as high as the tone.
    """
    brief = windows_of_the_bed(take, 0.01)
    off_hz = float(np.median(np.angle(brief[1:] / brief[:-1]))) * 100 / (2 * np.pi)
    return to_db(float(np.median(np.abs(windows_of_the_bed(take, 0.1, HZ + off_hz)))))


def jumps(take: Take) -> tuple[float, float]:
    """How far the tone's phase, in radians, and its level, in dB, ever leave their course within 20 ms."""
    steady = windows_of_the_bed(take, 0.01)
    turns = np.angle(steady[1:] / steady[:-1])
    levels = 20 * np.log10(np.abs(steady[1:]) / np.abs(steady[:-1]))
    return float(np.abs(turns - np.median(turns)).max()), float(np.abs(levels).max())


class Shop:
    """A running daemon and its people: Li submits, Wang approves."""

    def __init__(self, daemon: Daemon, voices: Path | None) -> None:
        self.daemon = daemon
        self.neural = voices is not None

    def ask(self, who: str, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Status and document of an answer."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"http://127.0.0.1:{self.daemon.port}/api/v1{path}", data, method=method)
        request.add_header("Authorization", "Basic " + base64.b64encode(f"{who}:{PASSWORD}".encode()).decode())
        request.add_header("Content-Type", "application/json")
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read())

    def submit(self, text: str, when: dict[str, Any], title: str = "挪车", **more: Any) -> int:
        today = datetime.now(UTC).date().isoformat()
        draft = {"title": title, "text": text, "when": {"first": today, "last": today, **when}, "chime": None, **more}
        status, record = self.ask("li", "POST", "/notices", draft)
        assert status == 201, record
        return int(record["id"])

    def approve(self, number: int, revision: int = 1) -> None:
        status, record = self.ask("wang", "POST", f"/notices/{number}/approve", {"revision": revision})
        assert status == 200 and record["state"] in ("approved", "ready"), record

    def notice(self, number: int) -> dict[str, Any]:
        found: dict[str, Any] = self.ask("li", "GET", f"/notices/{number}")[1]
        return found

    def ready(self, number: int) -> dict[str, Any]:
        """The notice when it is spoken."""

        def spoken() -> dict[str, Any] | None:
            record = self.notice(number)
            assert not record["render_error"], record["render_error"]
            return record if record["state"] == "ready" else None

        found: dict[str, Any] = wait(spoken, 90, "the notice is spoken")
        return found

    @property
    def air(self) -> dict[str, Any]:
        """What is on air; a busy machine may take its time to tell."""
        status: dict[str, Any] = wait(self.daemon.status, 30, "the status")
        found: dict[str, Any] = status["on_air"]
        return found

    def on_air(self, number: int) -> dict[str, Any]:
        """What the status says of the notice once it is on air."""

        def speaks() -> dict[str, Any] | None:
            spot = self.air["spot"]
            return spot if spot and f"notice-{number}" in spot["id"] else None

        found: dict[str, Any] = wait(speaks, 90, f"notice {number} on air")
        return found

    def entries(self, number: int) -> list[dict[str, Any]]:
        """What the log says of a notice."""
        day = datetime.now(UTC).date().isoformat()
        entries = self.ask("li", "GET", f"/asrun/{day}")[1]["entries"]
        return [one for one in entries if f"notice-{number}" in (one.get("spot_id") or "")]

    def entry(self, number: int) -> dict[str, Any]:
        """The same when it is over."""
        wait(lambda: [one for one in self.entries(number) if one["outcome"]], 60, "the entry in the log")
        (found,) = self.entries(number)
        return found


@pytest.fixture(scope="module")
def voices() -> Path | None:
    """The neural voice where it can be had; else the platform's speaks."""
    folder = Path(__file__).parents[1] / "var" / "voices"
    try:
        return None if install(folder).missing else folder
    except BroadcasterError:
        return None


@pytest.fixture(scope="module")
def shop(null_sink: NullSink, voices: Path | None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A store whose bed is the tone, open all day."""
    root = tmp_path_factory.mktemp("shop")
    store = Store(root)
    store.lay_out(all_day("{playlist: tone}"))
    signals.sine(root / "playlists/tone/one.wav", HZ, 240)
    store.prepare()
    people(root)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BROADCASTER_VOICES", str(voices or root / "no-voices"))
        with running(root, null_sink) as daemon:
            daemon.ready(60)
            yield Shop(daemon, voices)


def people(root: Path) -> None:
    database = open_database(root / "var" / "broadcaster.db")
    users = Users(database)
    for name, role in (("li", "promo"), ("wang", "announcer")):
        users.add(name, name, role, PASSWORD)
    database.dispose()


@pytest.fixture
def steady(shop: Shop, recorder: Recorder) -> float:
    """The bed's level, measured when nobody speaks and no track ends for a while."""
    next_whole_second(1)

    def undisturbed() -> bool:
        on_air = shop.air
        ends = datetime.fromisoformat(on_air["track"]["ends_at"]).timestamp() if on_air["track"] else 0.0
        return not on_air["spot"] and on_air["bed_depth_db"] == 0 and ends - time.time() > 70

    wait(undisturbed, 120, "an undisturbed bed")
    # It may be on its way back up.
    settled = monotonic() + 1.5
    take = recorder.wait_until(settled + 1, timeout=30).slice(settled, settled + 1)
    assert bed_db(take) > -50 and rms_db(voice_of(take)) < -70
    return bed_db(take)


def test_a_typed_text_is_approved_by_another_and_heard(shop: Shop, recorder: Recorder, steady: float) -> None:
    number = shop.submit(CAR, {"now": True})
    assert shop.ask("li", "POST", f"/notices/{number}/approve", {"revision": 1})[0] in (403, 409, 422)
    approved = monotonic()
    shop.approve(number)
    spot = shop.on_air(number)
    gain_db = shop.air["gain_db"]
    entry = shop.entry(number)
    over = monotonic()
    take = recorder.wait_until(over + 2, timeout=30).slice(approved, over + 2)
    voice = voice_of(take)
    begins, ends = onset(voice, approved), last_sound(voice)
    length = shop.notice(number)["duration_s"]
    assert begins is not None and ends is not None and spot["text"] == CAR
    print(f"heard {begins - approved:.1f} s after the approval")
    assert begins - approved < 30
    assert begins - to_mono(datetime.fromisoformat(spot["started_at"]).timestamp()) == pytest.approx(0.1, abs=0.4)
    assert ends - begins == pytest.approx(length, abs=0.8) and 0.12 < length / SYLLABLES < 0.5
    assert lufs(voice.slice(begins, ends)) == pytest.approx(-18 + gain_db, abs=1.5)
    assert bed_db(take.slice(begins + 1, ends - 1)) - steady == pytest.approx(-14, abs=0.7)
    assert bed_db(take.slice(over + 1, over + 2)) == pytest.approx(steady, abs=0.3)
    assert (entry["kind"], entry["outcome"], entry["title"]) == ("notice", "aired", "挪车")


def test_what_is_not_approved_is_never_heard(shop: Shop, recorder: Recorder, steady: float) -> None:
    soon = next_whole_second(3)
    times = [hms(soon + 3 * number) for number in range(33)]
    waiting = shop.submit("没有批准的通知,不应该听到。", {"at": times})
    edited = shop.submit("批准之后又改过。", {"at": times})
    shop.approve(edited)
    draft = shop.ready(edited)["draft"]
    change = {"revision": 1, "draft": {**draft, "text": "批准之后又改过,要重新批准。"}}
    status, record = shop.ask("li", "PUT", f"/notices/{edited}", change)
    assert status == 200 and record["state"] == "submitted"
    # What was approved may have been speaking.
    begin = monotonic() + 3
    take = recorder.wait_until(begin + 8, timeout=60).slice(begin, begin + 8)
    assert rms_db(voice_of(take)) < -70 and bed_db(take) == pytest.approx(steady, abs=0.3)
    assert shop.entries(waiting) == []


def test_withdrawn_while_it_speaks_it_falls_silent(shop: Shop, recorder: Recorder, steady: float) -> None:
    number = shop.submit(LONG, {"now": True})
    shop.approve(number)
    spot = shop.on_air(number)
    heard = recorder.wait_for(lambda take: onset(voice_of(take), take.start) is not None, 20, since=monotonic())
    withdrawn = monotonic()
    assert shop.ask("wang", "POST", f"/notices/{number}/withdraw", {"reason": "找到了"})[0] == 200
    would_end = to_mono(datetime.fromisoformat(spot["ends_at"]).timestamp())
    take = recorder.wait_until(withdrawn + 7, timeout=30).slice(heard.start, withdrawn + 7)
    silent = last_sound(voice_of(take))
    assert silent is not None and would_end - withdrawn > 7
    print(f"silent {silent - withdrawn:.2f} s after the withdrawal was sent")
    # It has to be within a second where nothing else keeps the machine busy.
    assert 0 < silent - withdrawn < 3
    assert bed_db(take.slice(withdrawn + 6, withdrawn + 7)) == pytest.approx(steady, abs=0.3)
    entry = shop.entry(number)
    assert entry["outcome"] == "partial" and "撤" in entry["reason"]


def test_the_music_does_not_stumble_while_a_long_notice_is_spoken_ahead(
    shop: Shop, recorder: Recorder, steady: float, neural_voices: Path
) -> None:
    assert shop.neural
    number = shop.submit(LONG.replace("黑色", "红色").replace("亲子手工", "少年书法"), {"at": ["00:00"]}, read=2)
    begin = monotonic()
    shop.approve(number)
    record = shop.ready(number)
    end = monotonic()
    take = recorder.wait_until(end, timeout=30).slice(begin, end)
    assert silences(take, 0.002, -50) == []
    turn, level_db = jumps(take)
    print(f"{record['duration_s']:.1f} s spoken in {end - begin:.1f} s; jumps of {turn:.3f} rad and {level_db:.3f} dB")
    assert turn < 0.1 and level_db < 0.2
    assert bed_db(take) == pytest.approx(steady, abs=0.1) and rms_db(voice_of(take)) < -70

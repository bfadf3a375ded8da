"""The weather through the real daemon and a null sink: said while it is fresh, and never when it is old."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from broadcaster.clock import monotonic
from tests.lab.analysis import rms_db
from tests.lab.recorder import Recorder
from tests.lab.sink import NullSink
from tests.live_kit import LEVELS, STATION, Daemon, Store, all_day, running, wait
from tests.test_live_notices import Shop, people
from tests.weather_kit import OPEN_METEO, served

pytestmark = [pytest.mark.audio, pytest.mark.beside, pytest.mark.slow]

NEUTRAL = "天气多变,请您出门前看看天气预报。"
WEATHER = """
weather: {{place: 杭州, latitude: 30.25, longitude: 120.15, url: "{url}", script: weather}}
"""


def test_the_weather_is_said_while_it_is_fresh_and_never_when_it_is_old(
    null_sink: NullSink, recorder: Recorder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The platform's voice: this is about what is said, and when.
    monkeypatch.setenv("BROADCASTER_VOICES", str(tmp_path / "no-voices"))
    store = Store(tmp_path)
    at = "['10:00:00', '14:00:00']"
    rule = f"spots:\n  - {{id: weather, title: 天气, script: weather, at: {at}, lateness: 2 min}}\n"
    store.lay_out(all_day("silence") + rule)
    store.write("announcements/weather.yaml", f"title: 天气\ntext: {NEUTRAL}\nchime: null\n")
    store.write("config/levels.yaml", LEVELS)
    people(tmp_path)
    with served(OPEN_METEO) as service:
        shanghai = STATION.replace("timezone: UTC", "timezone: Asia/Shanghai")
        store.write("config/station.yaml", shanghai + WEATHER.format(url=service.url))
        store.prepare()
        with running(tmp_path, null_sink, "--at", "2026-11-28T09:59:35") as daemon:
            fresh = said_at(daemon, recorder)
            # Who has an account has it in a rehearsal too.
            assert Shop(daemon, None).ask("li", "GET", "/notices")[0] == 200
    assert "杭州" in fresh and "雨" in fresh and fresh != NEUTRAL
    with running(tmp_path, null_sink, "--at", "2026-11-28T13:59:45") as daemon:
        assert said_at(daemon, recorder) == NEUTRAL
        health = wait(daemon.status, 30, "the status")["health"]
    assert (health["alerts"], health["pending"]) == ([], ["weather"])


def said_at(daemon: Daemon, recorder: Recorder) -> str:
    """The words on air with the next spot, which must be heard, and be about as long as they are."""
    daemon.ready(60)

    def speaks() -> Any:
        return ((daemon.status() or {}).get("on_air") or {}).get("spot")

    spot = wait(speaks, 90, "the weather on air")
    recorder.wait_for(lambda take: rms_db(take) > -40, 20, since=monotonic())
    starts, ends = (datetime.fromisoformat(spot[name]) for name in ("started_at", "ends_at"))
    assert 0.1 < (ends - starts).total_seconds() / len(spot["text"]) < 0.6
    return str(spot["text"])

"""The sign of life: given while the air is right, and missing while it is not."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from broadcaster.ops import heartbeat
from broadcaster.ops.heartbeat import HeartbeatSender
from broadcaster.plan.unattended_models import Heartbeat
from tests.alert_kit import WebTarget, web_target
from tests.live_kit import wait


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> Iterator[WebTarget]:
    monkeypatch.setattr(heartbeat, "LOOK_S", 0.05)
    with web_target() as server:
        yield server


def beat(web: WebTarget, every: float = 0.05) -> Heartbeat:
    return Heartbeat.model_construct(url=f"http://127.0.0.1:{web.port}/ping/secret-7", every=every)


def test_given_while_the_air_is_right_only(web: WebTarget) -> None:
    right = [True]
    sender = HeartbeatSender(lambda: beat(web), lambda: right[0])
    sender.start()
    wait(lambda: len(web.gets) >= 3, 10, "three heartbeats")
    right[0] = False
    time.sleep(0.3)
    stopped = len(web.gets)
    time.sleep(0.5)
    assert len(web.gets) == stopped and web.gets[0] == "/ping/secret-7"
    right[0] = True
    wait(lambda: len(web.gets) > stopped, 10, "a heartbeat again")
    sender.stop()


def test_not_more_often_than_asked(web: WebTarget) -> None:
    sender = HeartbeatSender(lambda: beat(web, every=60), lambda: True)
    sender.start()
    wait(lambda: web.gets, 10, "the first heartbeat")
    time.sleep(0.5)
    sender.stop()
    assert len(web.gets) == 1


def test_its_address_is_not_logged(web: WebTarget, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    web.status = 500
    addresses = [beat(web), Heartbeat.model_construct(url="http://127.0.0.1:9/secret-7", every=0.05)]
    sender = HeartbeatSender(lambda: addresses[0], lambda: True)
    sender.start()
    wait(lambda: "refused: HTTP 500" in caplog.text, 10, "a refusal")
    addresses.pop(0)
    wait(lambda: "not given: ConnectError" in caplog.text, 10, "a failure")
    sender.stop()
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("broadcaster")]
    assert ours and not any("secret-7" in words for words in ours)

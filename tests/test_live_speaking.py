"""Somebody speaks, through the real daemon into a null sink: chime, voice over the lowered bed, every way to end."""

from __future__ import annotations

import threading
import wave
from collections.abc import Iterator

import numpy as np
import pytest

from broadcaster.clock import monotonic
from tests.calls_kit import VOICE_HZ, Hands, first_of, lay_out, tones
from tests.lab.analysis import from_db, lufs, peak_db
from tests.lab.recorder import Recorder
from tests.lab.sink import NullSink
from tests.live_kit import running, wait

pytestmark = [pytest.mark.audio, pytest.mark.beside, pytest.mark.slow]

RATE = 48_000


def voice(seconds: float, db: float = -20.0) -> np.ndarray:
    """A tone in syllables, as a microphone has it: 0.3 s of it, 0.1 s of pause."""
    t = np.arange(round(seconds * RATE)) / RATE
    return from_db(db) * np.sin(2 * np.pi * VOICE_HZ * t) * ((t % 0.4) < 0.3)


@pytest.fixture(scope="module")
def hands(null_sink: NullSink, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hands]:
    root = tmp_path_factory.mktemp("speaking")
    lay_out(root)
    with running(root, null_sink) as daemon:
        daemon.ready(60)
        yield Hands(daemon)


@pytest.fixture(autouse=True)
def calm(hands: Hands) -> Iterator[None]:
    yield
    hands.refused("POST", "/emergency/end", {})
    wait(lambda: hands.air["call"] is None and hands.air["bed_depth_db"] == 0, 20, "the bed alone again")


def test_chime_and_voice_are_heard_over_the_lowered_bed_and_kept(hands: Hands, recorder: Recorder) -> None:
    before = tones(recorder.wait_until(monotonic() + 1).slice(monotonic() - 0.6, monotonic()))["bed"]
    begun = hands.ask("POST", "/live", {})
    at = monotonic()
    recorder.wait_until(at + begun["speak_in_s"])
    spoken = hands.speak(begun["id"], voice(5))
    hands.ask("POST", f"/live/{begun['id']}/end")
    take = recorder.wait_until(monotonic() + 3, timeout=20)
    chime = first_of(take, 3100.0, at - 0.5)
    heard = first_of(take, VOICE_HZ, at)
    assert chime is not None and heard is not None and chime < heard
    print(f"chime after {chime - at:.2f} s, mouth to loudspeaker {heard - spoken:.2f} s")
    during = tones(take.slice(heard + 2, heard + 4))
    assert during["bed"] - before == pytest.approx(-14, abs=1)
    assert tones(take.slice(take.end - 0.4, take.end))["bed"] == pytest.approx(before, abs=0.5)
    files = list((hands.daemon.root / "var" / "live").rglob("*-wang.wav"))
    with wave.open(str(files[-1])) as file:
        assert file.getnframes() / RATE == pytest.approx(5.2, abs=0.8)


def test_the_log_and_the_trail_name_who_spoke(hands: Hands) -> None:
    begun = hands.ask("POST", "/live", {})
    hands.speak(begun["id"], voice(0.5))
    hands.ask("POST", f"/live/{begun['id']}/end")
    day = hands.now[:10]

    def entry() -> list[dict[str, object]]:
        entries = hands.ask("GET", f"/asrun/{day}")["entries"]
        return [
            one for one in entries if one["kind"] == "live" and one["outcome"] == "aired" and "wang" in one["reason"]
        ]

    assert wait(entry, 15, "the page in the log")


@pytest.mark.parametrize("db", [-36.0, -20.0, -1.0])
def test_soft_and_loud_voices_come_out_alike_and_never_too_loud(hands: Hands, recorder: Recorder, db: float) -> None:
    begun = hands.ask("POST", "/live", {})
    recorder.wait_until(monotonic() + begun["speak_in_s"])
    hands.speak(begun["id"], voice(6, db))
    take = recorder.wait_until(monotonic() + 0.2, timeout=20)
    hands.ask("POST", f"/live/{begun['id']}/end")
    heard = take.slice(take.end - 3, take.end)
    print(f"{db:g} dBFS in: {lufs(heard):.1f} LUFS, peak {peak_db(heard):.1f} dBFS")
    # The level of speech stands at 21 on this store's dial, 0.5 dB under the reference.
    assert lufs(heard) == pytest.approx(-18.5, abs=2.0)
    assert peak_db(take) < -1.4


def test_a_lost_network_ends_it_by_itself_and_the_air_is_free_again(hands: Hands) -> None:
    begun = hands.ask("POST", "/live", {})
    assert hands.refused("POST", "/live", {}, "zhao") == 409
    hands.speak(begun["id"], voice(1))
    wait(lambda: hands.air["call"] is None, 10, "the end for want of sound")
    assert hands.refused("POST", f"/live/{begun['id']}/chunk?n=99", b"\0\0" * 480) == 409


def test_it_ends_at_its_longest_and_pieces_may_come_in_any_order(hands: Hands, recorder: Recorder) -> None:
    begun = hands.ask("POST", "/live", {})
    number, samples = begun["id"], voice(0.4)
    pcm = np.round(samples * 32_767).astype("<i2")
    for n in (1, 0, 3, 2):
        hands.ask("POST", f"/live/{number}/chunk?n={n}", pcm[n * 4800 : (n + 1) * 4800].tobytes())
    stop = threading.Event()

    def go_on() -> None:
        n = 4
        while not stop.wait(0.5):
            hands.refused("POST", f"/live/{number}/chunk?n={n}", np.zeros(24_000, "<i2").tobytes())
            n += 1

    sender = threading.Thread(target=go_on)
    sender.start()
    asked = monotonic()
    wait(lambda: hands.air["call"] is None, 20, "the longest time")
    stop.set()
    sender.join()
    assert monotonic() - asked > 6


def test_an_emergency_silences_whoever_speaks(hands: Hands, recorder: Recorder) -> None:
    begun = hands.ask("POST", "/live", {})
    recorder.wait_until(monotonic() + begun["speak_in_s"])
    hands.speak(begun["id"], voice(1))
    asked = hands.call()
    take = recorder.wait_until(asked + 1.6, timeout=10)
    now = tones(take.slice(asked + 1.0, asked + 1.4))
    assert now["zh"] > -45 and now["voice"] < -70 and now["bed"] < -70
    assert hands.refused("POST", "/live", {}) == 409
    assert hands.refused("POST", f"/live/{begun['id']}/chunk?n=50", b"\0\0" * 480) == 409


def test_a_spot_gives_way_to_whoever_speaks(hands: Hands, recorder: Recorder) -> None:
    hands.ask("POST", "/air/play", {"kind": "script", "ref": "call"})
    wait(lambda: hands.air["spot"], 15, "the spot")
    begun = hands.ask("POST", "/live", {})
    asked = monotonic()
    take = recorder.wait_until(asked + 1, timeout=10)
    hands.ask("POST", f"/live/{begun['id']}/end")
    now = tones(take.slice(asked + 0.6, asked + 0.9))
    assert now["spot"] < -70 and now["chime"] > -45

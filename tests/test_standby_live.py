"""Two real daemons, each with its sound recorded: one falls silent, the other takes over, and never both are heard."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from broadcaster.asrun.log import AsRunLog
from broadcaster.clock import monotonic
from broadcaster.store.database import open_database
from tests.lab import signals
from tests.lab.analysis import position_in, rms_db
from tests.live_kit import all_day, dayparts, hms, next_whole_second, to_mono, wait
from tests.standby_kit import Pair, pair, same_plan, silent_for, started

pytestmark = [pytest.mark.audio, pytest.mark.beside, pytest.mark.slow]

SONG_S = 47.0


def song(both: Pair) -> np.ndarray:
    return signals.read_mono(next((both.main.root / "var/media").glob("*.wav")))


def heard_at(both: Pair, at: float, reference: np.ndarray) -> float:
    """Seconds into the song that both PCs together play at a monotonic instant."""
    takes = [pc.recorder.wait_until(at + 0.5, timeout=10).slice(at, at + 0.4) for pc in (both.main, both.second)]
    place = position_in(max(takes, key=rms_db), reference)
    assert place.confidence > 0.6
    return place.offset_s


def test_the_main_pc_dies_and_comes_back(tmp_path: Path) -> None:
    with pair(tmp_path, all_day("{playlist: hum}")) as (both, store):
        signals.ruler(store.root / "playlists/hum/one.wav", SONG_S)
        store.prepare()
        reference = song(both)
        started(both)
        both.main.recorder.wait_for(lambda take: rms_db(take) > -60, 20, since=monotonic() - 0.5)
        before = monotonic()
        was_s = heard_at(both, before - 1.0, reference)
        assert both.main.daemon is not None
        killed = monotonic()
        both.main.daemon.kill()
        both.second.wait_for("on-air", 10)
        taken = both.second.recorder.wait_for(lambda take: rms_db(take) > -40, 10, since=killed).end
        took_s = silent_for(np.logical_or(*both.sounding(killed, taken + 1.0)))
        print(f"takeover: {took_s:.2f} s of silence")
        assert took_s < 5.0
        # The right second of the song: crossed by what the clock says.
        at = taken + 3.0
        off_s = (heard_at(both, at, reference) - was_s - (at - before + 1.0)) % (SONG_S - 1.0)
        assert min(off_s, SONG_S - 1.0 - off_s) < 0.15, off_s
        both.main.start()
        both.main.wait_for("on-air", 90)
        both.second.wait_for("standing-by", 10)
        end = monotonic() + 2.0
        main, second = both.sounding(taken + 0.5, end)
        overlap_s, gap_s = float(np.sum(main & second)) * 0.02, silent_for(main | second)
        print(f"hand-back: overlap {overlap_s:.2f} s, longest silence {gap_s:.2f} s")
        assert overlap_s == 0 and gap_s <= 0.12


def test_a_spot_that_was_cut_off_is_gone_on_with_and_never_repeated(tmp_path: Path) -> None:
    with pair(tmp_path, all_day("silence")) as (both, store):
        signals.ruler(store.root / "announcements/call.wav", 14.0)
        store.write("announcements/call.yaml", "title: 呼叫\nrecording: call.wav\n")
        store.prepare()
        started(both)
        start = next_whole_second(25)
        spots = f"spots:\n  - {{id: call, title: 呼叫, script: call, at: '{hms(start)}', lateness: make_good}}\n"
        store.programme(dayparts(start - 60, [("silence", "light", 600)]) + spots)
        reference = signals.read_mono(store.prepare()["call*1"])
        same_plan(both)
        both.main.recorder.wait_for(lambda take: rms_db(take) > -45, 30, since=to_mono(start))
        assert both.main.daemon is not None
        both.main.recorder.wait_until(to_mono(start) + 3.0)
        killed = monotonic()
        both.main.daemon.kill()
        both.second.wait_for("on-air", 10)
        end = to_mono(start) + 14.0 + 8.0
        take = both.second.recorder.wait_until(end, timeout=30).slice(killed, end)
        first = next(at for at in np.arange(take.start, end - 0.5, 0.25) if rms_db(take.slice(at, at + 0.25)) > -45)
        place = position_in(take.slice(first + 0.3, first + 0.7), reference)
        assert abs(place.offset_s - (first + 0.3 - to_mono(start))) < 0.3
        assert rms_db(take.slice(to_mono(start) + 14.5, end)) < -60, "it was said again"
    database = open_database(both.second.root / "var/broadcaster.db")
    spots_known = AsRunLog(database, "main").spots_of(datetime.fromtimestamp(start, UTC).date())
    database.dispose()
    (entry,) = (one for name, one in spots_known.items() if "/call/" in name)
    assert entry.outcome == "partial"


@pytest.mark.parametrize("what", ["its output went", "somebody muted it"])
def test_a_main_pc_that_is_not_heard_gives_way(tmp_path: Path, what: str) -> None:
    with pair(tmp_path, all_day("{playlist: hum}")) as (both, store):
        signals.ruler(store.root / "playlists/hum/one.wav", SONG_S)
        store.prepare()
        started(both)
        assert both.main.daemon is not None
        wait(lambda: (both.main.daemon.status() or {})["health"]["ear"] == "ok", 30, "the ear")  # type: ignore[union-attr]
        begun = monotonic()
        if what == "somebody muted it":
            both.main.sink.pactl("set-sink-mute", "@DEFAULT_SINK@", "1")
        else:
            both.main.sink.kill()
        both.second.wait_for("on-air", 60)
        both.main.wait_for("yielded", 10)
        print(f"{what}: taken over after {monotonic() - begun:.1f} s")
        assert both.main.told["why"] == both.second.told["why"] == "silent"
        if what == "somebody muted it":
            both.main.sink.pactl("set-sink-mute", "@DEFAULT_SINK@", "0")
            both.main.wait_for("on-air", 120)
            both.second.wait_for("standing-by", 10)


def test_another_token_is_refused(tmp_path: Path) -> None:
    with pair(tmp_path, all_day("silence")) as (both, _):
        both.main.start().ready(60)
        stranger = both.second.root
        text = (stranger / "config/station.yaml").read_text()
        (stranger / "config/station.yaml").write_text(text.replace("the two of us", "somebody else's"))
        both.second.start()
        wait(lambda: "token" in both.second.told.get("refusal", ""), 30, "the refusal")
        assert not (stranger / "config/programme.yaml").exists()

"""The rolling record: what was heard is found again at its instant, over files and gaps, on a disk that fills up."""

from __future__ import annotations

import io
import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from broadcaster.air_check.record import FRAME_S, Orders, day_folders, names, read_stretch, silent_frame, start_of
from broadcaster.air_check.room import AirCheckRoom, trim
from broadcaster.clock import RehearsalClock
from broadcaster.ear import air_check
from broadcaster.ear.air_check import AirCheckWriter
from broadcaster.errors import StoreError, UsageError
from broadcaster.plan.unattended_models import AirCheck
from broadcaster.settings import Home
from tests.web_fakes import store_plan

RATE = 48_000
BLOCK = 4800
START = datetime(2026, 11, 24, 15, 59, 50, tzinfo=UTC)
"""Ten seconds before midnight in Shanghai."""
MONO = 5000.0
PLAN = cache(store_plan)

Samples = NDArray[np.float32]


def bursts(length_s: float, at_s: tuple[float, ...]) -> Samples:
    """Soft noise, with a tone of half a second at each of these instants."""
    count = int(length_s * RATE)
    heard = np.random.default_rng(5).normal(0, 0.001, count).astype(np.float32)
    tone = 0.3 * np.sin(2 * np.pi * 997 * np.arange(RATE // 2) / RATE)
    for second in at_s:
        heard[int(second * RATE) : int(second * RATE) + len(tone)] += tone
    return heard


def onsets(mp3: bytes, starts: datetime) -> list[float]:
    """Seconds after START at which the tones begin in a decoded MP3 whose first sample is of this instant."""
    decoded, rate = soundfile.read(io.BytesIO(mp3))
    loud = np.sqrt(np.convolve(decoded**2, np.ones(240) / 240, "same")) > 0.08
    first = np.flatnonzero(loud[1:] & ~loud[:-1]) / rate
    return [float(second) + (starts - START).total_seconds() for second in first]


class Recorded(NamedTuple):
    root: Path
    room: AirCheckRoom
    told: list[dict[str, Any]]


def orders(root: Path) -> Orders:
    return Orders(str(root / "var/aircheck"), 48, "Asia/Shanghai", START.timestamp() - MONO, file_s=12.0)


def record(writer: AirCheckWriter, heard: Samples, away: tuple[float, float] = (0.0, 0.0), at: float = 0.0) -> None:
    """Feed blocks as the ear does, dated with its jitter; between ``away`` the device is gone."""
    jitter = np.random.default_rng(7)
    for begin in range(0, len(heard), BLOCK):
        if not away[0] <= begin / RATE < away[1]:
            block = np.repeat(heard[begin : begin + BLOCK, None], 2, axis=1)
            writer(block, MONO + at + (begin + BLOCK) / RATE + jitter.uniform(0, 0.004))


def room_of(root: Path, clock: Any = None) -> AirCheckRoom:
    return AirCheckRoom(Home(root), clock or RehearsalClock(START), PLAN)


@pytest.fixture
def recorded(tmp_path: Path) -> Iterator[Recorded]:
    """40 seconds over midnight, four files and a gap of five seconds, with a tone in each stretch."""
    told: list[dict[str, Any]] = []
    writer = AirCheckWriter(lambda said: told.append(dict(said)))
    writer.order(asdict(orders(tmp_path)))
    record(writer, bursts(40, (5.0, 11.9, 30.0)), away=(15.0, 20.0))
    writer.close()
    yield Recorded(tmp_path, room_of(tmp_path), told)


def test_a_tone_is_found_again_at_its_instant_over_two_files(recorded: Recorded) -> None:
    heard = recorded.room.cut(START + timedelta(seconds=2), START + timedelta(seconds=14))
    assert heard.start is not None and heard.gaps == ()
    found = onsets(b"".join(heard.read()), heard.start)
    assert found == [pytest.approx(5.0, abs=0.01), pytest.approx(11.9, abs=0.01)]


def test_a_gap_is_told_and_is_silent_so_that_time_runs_on_evenly(recorded: Recorded) -> None:
    heard = recorded.room.cut(START + timedelta(seconds=3), START + timedelta(seconds=38))
    assert heard.start is not None
    ((begins, ends),) = heard.gaps
    assert (begins - START).total_seconds() == pytest.approx(15, abs=0.1)
    assert (ends - START).total_seconds() == pytest.approx(20, abs=0.1)
    assert onsets(b"".join(heard.read()), heard.start)[-1] == pytest.approx(30.0, abs=0.05)


def test_what_was_not_recorded_is_not_there(recorded: Recorded) -> None:
    assert recorded.room.find(START + timedelta(seconds=17)) is None
    assert recorded.room.find(START + timedelta(seconds=12)) is not None
    assert recorded.room.cut(START + timedelta(seconds=16), START + timedelta(seconds=18)).start is None


def test_each_file_lies_under_the_store_s_own_date(recorded: Recorded) -> None:
    assert recorded.room.days() == [date(2026, 11, 25), date(2026, 11, 24)]
    before, after = (recorded.room.day(date(2026, 11, number)) for number in (24, 25))
    assert before.seconds == pytest.approx(10, abs=0.1)
    assert after.seconds == pytest.approx(25, abs=0.2)
    assert len(after.spans) == 2
    assert after.holds(START + timedelta(seconds=11)) and not after.holds(START + timedelta(seconds=16))
    assert after.holds(START + timedelta(seconds=16), timedelta(seconds=10))
    assert not after.holds(START + timedelta(seconds=16), timedelta(seconds=2))


def test_a_part_of_a_cut_is_the_same_bytes(recorded: Recorded) -> None:
    heard = recorded.room.cut(START + timedelta(seconds=3), START + timedelta(seconds=38))
    whole = b"".join(heard.read())
    assert len(whole) == heard.size
    assert b"".join(heard.read(1_000, 190_001)) == whole[1_000:190_001]


def test_a_file_that_is_gone_meanwhile_is_silent(recorded: Recorded) -> None:
    heard = recorded.room.cut(START + timedelta(seconds=3), START + timedelta(seconds=14))
    shutil.rmtree(recorded.root / "var/aircheck/2026-11-24")
    data = b"".join(heard.read())
    assert len(data) == heard.size
    assert data.startswith(silent_frame(48))


def test_no_more_than_an_hour_at_a_time(recorded: Recorded) -> None:
    with pytest.raises(UsageError, match="3601"):
        recorded.room.cut(START, START + timedelta(seconds=3601))
    with pytest.raises(UsageError):
        recorded.room.cut(START, START)


def test_a_clock_that_is_set_begins_a_file_of_the_new_time(tmp_path: Path) -> None:
    writer = AirCheckWriter(lambda said: None)
    writer.order(asdict(orders(tmp_path)))
    record(writer, bursts(3, ()))
    later = replace(orders(tmp_path), offset=orders(tmp_path).offset + 3600)
    writer.order(asdict(later))
    record(writer, bursts(3, (1.0,)), at=3.0)
    writer.close()
    starts = [start for _on, folder in day_folders(tmp_path / "var/aircheck") for start, _path in names(folder)]
    assert [(start - START).total_seconds() for start in starts] == [
        pytest.approx(0, abs=0.1), pytest.approx(3603, abs=0.4),
    ]  # fmt: skip
    heard = room_of(tmp_path).cut(starts[1], starts[1] + timedelta(seconds=2))
    assert onsets(b"".join(heard.read()), starts[1]) == [pytest.approx(3604, abs=0.02)]


def test_a_full_disk_stops_the_record_and_room_brings_it_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[dict[str, Any]] = []
    writer = AirCheckWriter(lambda said: told.append(dict(said)))
    writer.order(asdict(orders(tmp_path)))
    usual = air_check.KEEP_FREE_MB
    monkeypatch.setattr(air_check, "KEEP_FREE_MB", 10**9)
    record(writer, bursts(8, ()))
    assert [one["recording"] for one in told] == [False]
    assert not list(tmp_path.rglob("*.mp3"))
    monkeypatch.setattr(air_check, "KEEP_FREE_MB", usual)
    record(writer, bursts(12, (9.0,)), at=8.0)
    writer.close()
    assert [one["recording"] for one in told] == [False, True]
    heard = room_of(tmp_path).cut(START, START + timedelta(seconds=20))
    assert heard.start is not None
    assert onsets(b"".join(heard.read()), heard.start) == [pytest.approx(17.0, abs=0.02)]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only where there is a device that is always full")
def test_a_write_that_fails_is_told_and_disturbs_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[dict[str, Any]] = []
    writer = AirCheckWriter(lambda said: told.append(dict(said)))
    writer.order(asdict(orders(tmp_path)))
    monkeypatch.setattr(air_check, "_create", lambda folder, start: io.FileIO("/dev/full", "wb"))
    record(writer, bursts(5, ()))
    writer.close()
    assert [one["recording"] for one in told] == [True, False]
    assert "28" in told[-1]["reason"]


def test_the_room_tells_the_alerts_why_nothing_is_recorded(tmp_path: Path) -> None:
    room = room_of(tmp_path)
    assert room.causes(START) == ()
    room.told({"recording": False, "reason": "only 12 MB are free"})
    (one,) = room.causes(START)
    assert one.code == "air-check" and "12 MB" in one.zh
    room.told({"recording": True, "reason": ""})
    assert room.causes(START) == ()


def fake_day(root: Path, on: date, files: int, size: int = 1_000_000) -> None:
    folder = root / on.isoformat()
    folder.mkdir(parents=True)
    for number in range(files):
        (folder / f"{on:%Y%m%d}T{number:02d}0000.000Z.mp3").write_bytes(silent_frame(48) * (size // 144))


def test_the_oldest_goes_first_by_days_and_by_budget(tmp_path: Path) -> None:
    for number in range(20, 26):
        fake_day(tmp_path, date(2026, 11, number), 3)
    freed = trim(tmp_path, 4, 1000, today=date(2026, 11, 25))
    assert freed == pytest.approx(6_000_000, rel=0.01)
    assert [on.day for on, _folder in day_folders(tmp_path)] == [22, 23, 24, 25]
    trim(tmp_path, 4, 5, today=date(2026, 11, 25))
    assert [len(names(folder)) for _on, folder in day_folders(tmp_path)] == [2, 3]


def test_what_is_being_written_is_never_deleted(tmp_path: Path) -> None:
    fake_day(tmp_path, date(2026, 11, 25), 2)
    trim(tmp_path, 0, 0, today=date(2026, 11, 25))
    assert len(list(tmp_path.rglob("*.mp3"))) == 1


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="whoever runs this may delete everything")
def test_what_can_t_be_deleted_is_said(tmp_path: Path) -> None:
    fake_day(tmp_path, date(2026, 11, 20), 2)
    (tmp_path / "2026-11-20").chmod(0o500)
    try:
        with pytest.raises(StoreError, match="2026-11-20"):
            trim(tmp_path, 1, 1000, today=date(2026, 11, 25))
    finally:
        (tmp_path / "2026-11-20").chmod(0o700)


def test_others_files_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "2026-11-20").mkdir()
    note = tmp_path / "2026-11-20" / "note.mp3"
    note.write_text("not ours")
    assert start_of(note.name) is None and read_stretch(note) is None
    trim(tmp_path, 0, 0, today=date(2026, 11, 25))
    assert note.exists()


def test_a_rehearsal_of_the_same_hours_forgets_the_first(recorded: Recorded) -> None:
    rehearsal = recorded.root / "var/rehearsal"
    rehearsal.mkdir()
    shutil.copytree(recorded.root / "var/aircheck", rehearsal / "aircheck")
    clock = RehearsalClock(START + timedelta(seconds=11))
    room = AirCheckRoom(Home(recorded.root), clock, lambda: None, rehearsal=True)
    kept = room.day(date(2026, 11, 24)).spans + room.day(date(2026, 11, 25)).spans
    assert max(end for _start, end in kept) <= START + timedelta(seconds=12 + FRAME_S)
    assert recorded.room.find(START + timedelta(seconds=30)) is not None


def test_with_no_days_kept_there_is_still_something_to_listen_to(tmp_path: Path) -> None:
    plan = PLAN()
    station = plan.station.model_copy(update={"air_check": AirCheck(days=0)})
    room = AirCheckRoom(Home(tmp_path), RehearsalClock(START), lambda: plan.model_copy(update={"station": station}))
    ring = room.orders()
    assert Path(ring.folder) == Home(tmp_path).run / "listen" and ring.keep
    writer = AirCheckWriter(lambda said: None)
    writer.order(asdict(replace(ring, file_s=2.0)))
    record(writer, bursts(12, ()))
    writer.close()
    assert len(names(Path(ring.folder))) == ring.keep
    assert room.days() == []

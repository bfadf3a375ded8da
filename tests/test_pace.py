"""The bench beside the peers: what it makes of a recording, its table and its targets. The measuring itself is run by
hand (``./bench/run``)."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from bench.pace_figures import OURS, Sheet, Target, fixed, growth, judge, ours, times
from bench.pace_heard import bed_silences, gap_after, starts
from bench.pace_rows import OWN, START, TARGETS
from bench.pace_table import document, markdown, plain, rows, verdict_rows
from bench.peers.recordings import ITEM_HZ, ITEM_S
from tests.lab.analysis import from_db
from tests.lab.signals import ruler_signal
from tests.lab.sink import RATE
from tests.lab.take import Take


def heard(seconds: float, items: list[float], holes: list[tuple[float, float]], fade_s: float = 0.001) -> Take:
    """A recording from instant 100 on: the bed with holes in it, and items that fade in."""
    signal = ruler_signal(seconds, -20)
    at = np.arange(len(signal)) / RATE
    for first, last in holes:
        signal[(at >= first) & (at < last)] = 0
    for begin in items:
        place = (at >= begin) & (at < begin + ITEM_S)
        rise = np.minimum((at[place] - begin) / fade_s, 1)
        signal[place] += from_db(-12) * rise * np.sin(2 * np.pi * ITEM_HZ * at[place])
    samples = np.repeat(signal[:, np.newaxis], 2, axis=1).astype(np.float32)
    return Take(samples, RATE, np.array([0.0]), np.array([100.0]))


@pytest.mark.parametrize("fade_s", [0.001, 0.4])
def test_an_item_begins_at_its_first_sample_though_music_plays_and_it_fades_in(fade_s: float) -> None:
    take = heard(8, [1.0, 3.25, 4.995], [], fade_s)
    late = starts(take, [101.0, 103.0, 105.0, 106.5])
    assert late[:3] == pytest.approx([0.0, 0.25, -0.005], abs=0.0015) and late[3] is None


def test_silences_of_the_bed_are_found_under_items_too() -> None:
    take = heard(6, [1.5], [(2.0, 2.05), (4.0, 4.2)])
    assert bed_silences(take) == pytest.approx([0.2, 0.05], abs=0.003)


def test_after_a_kill_the_gap_counts_and_not_what_still_plays() -> None:
    take = heard(4, [], [(1.1, 2.5)])
    assert gap_after(take, 101.0) == pytest.approx(1.4, abs=0.02)
    assert gap_after(heard(4, [], [(1.1, 4.0)]), 101.0) is None


@pytest.fixture
def sheet() -> Sheet:
    """Some figures."""
    sheet = Sheet()
    for who, p50, p99 in ((OURS, 1.0, 4.0), ("liquidsoap", 250.0, 260.0)):
        sheet.put("start.p50", who, p50)
        sheet.put("start.p99", who, p99)
    sheet.put("start.p99", "cvlc", None, "not heard")
    for count, seconds in ((100, 1.0), (1000, 6.0), (10_000, 90.0)):
        sheet.put(f"year.{count}", OURS, seconds)
    return sheet


def test_a_target_is_met_missed_or_not_measured(sheet: Sheet) -> None:
    near = Target("near", ours("start.p99"), times(0.2, "start.p99", "liquidsoap"), "ms")
    linear = Target("linear", growth("year.{}", 1000, 10_000), fixed(1.0), "x")
    other = Target("other", ours("start.p99"), times(0.2, "start.p99", "cvlc"), "ms")
    assert [judge(one, sheet).met for one in (near, linear, other)] == [True, False, None]
    assert judge(near, sheet).limit == pytest.approx(52) and judge(linear, sheet).value == pytest.approx(1.5)


def test_the_table_has_ratios_and_only_rows_with_figures(sheet: Sheet) -> None:
    found = rows(sheet, START, [OURS, "liquidsoap", "cvlc"])
    assert [row[1:] for row in found] == [["1.0", "250.0 (250x)", ""], ["4.0", "260.0 (65.0x)", "not heard"]]
    assert [row[1] for row in rows(sheet, OWN, [OURS])] == ["1.00", "6.00", "90.00"]
    text = plain(["measure", OURS, "liquidsoap", "cvlc"], found)
    assert len({line.index("250") for line in text.splitlines() if "250" in line}) == 1
    assert markdown(["a", "b"], [["x", "1"]]) == "| a | b |\n| --- | ---: |\n| x | 1 |"


def test_the_document_has_every_figure_and_every_target(sheet: Sheet) -> None:
    verdicts = [judge(target, sheet) for target in TARGETS]
    found = document(sheet, verdicts, {"date": "2026-11-22"})
    assert found["figures"]["start.p99"] == {OURS: 4.0, "liquidsoap": 260.0, "cvlc": "not heard"}
    assert [one["title"] for one in found["targets"]] == [target.title for target in TARGETS]
    assert {row[3] for row in verdict_rows(verdicts)} == {"yes", "NO", "not measured"}


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script")
def test_the_command_tells_what_it_can_do() -> None:
    command = Path(__file__).parents[1] / "bench" / "run"
    done = subprocess.run([command, "--help"], capture_output=True, text=True, timeout=60, check=True)
    assert all(word in done.stdout for word in ("--quick", "--json", "--markdown", "--all", "usage: bench/run"))

"""What has no peer: rundowns of a year, pages on a large log, approval to air, speech, disk."""

from __future__ import annotations

import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from bench.pace_figures import OURS
from bench.pace_stage import Stage
from bench.rundown_year import compile_year, running
from bench.speech import Figures, one_round
from broadcaster.clock import monotonic
from tests.lab.analysis import onset
from tests.lab.recorder import Recorder
from tests.lab.sink import NullSink
from tests.live_kit import Store, all_day, wait
from tests.live_kit import running as daemon_running
from tests.rundown_kit import starter_plan
from tests.test_live_notices import CAR, Shop, people

VOICES = Path(__file__).parents[1] / "var" / "voices"


def year(stage: Stage, counts: Sequence[int]) -> None:
    """Processor time of a year of rundowns, by the number of notices."""
    plan = starter_plan()
    for count in counts:
        notices = running(count)
        begun = time.process_time()
        aired, dropped = compile_year(plan, notices)
        took = time.process_time() - begun
        stage.sheet.put(f"year.{count}", OURS, took)
        stage.say(f"a year with {count} notices: {took:.2f} s, {aired} spots aired, {dropped} dropped")


def speech(stage: Stage, rounds: int) -> None:
    """The neural voice, where it is installed."""
    if not VOICES.is_dir():
        stage.sheet.put("speech.rtf", OURS, None, "no voice installed")
        return
    kinds = {name: Figures() for name in ("cold", "warm", "changed price")}
    for _ in range(rounds):
        one_round(VOICES, kinds)
    stage.sheet.put("speech.rtf", OURS, statistics.median(run.whole_s / run.audio_s for run in kinds["warm"].runs))
    stage.sheet.put("speech.cold", OURS, statistics.median(run.whole_s for run in kinds["cold"].runs))
    stage.say(f"speech: {kinds['warm'].line('warm')}")


def approval(stage: Stage, rounds: int) -> None:
    """From the request that approves to the first sample, over planned silence; then once more, spoken already."""
    voice, ready = [], []
    with (
        NullSink() as sink,
        Recorder(sink) as recorder,
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder,
    ):
        store = Store(Path(folder))
        store.lay_out(all_day("silence"))
        store.prepare()
        people(store.root)
        os.environ["BROADCASTER_VOICES"] = str(VOICES)
        with daemon_running(store.root, sink) as daemon:
            del os.environ["BROADCASTER_VOICES"]  # it has its own by now
            daemon.ready(60)
            shop = Shop(daemon, None)
            for number in range(rounds):
                text = CAR.replace("12345", f"1234{number}")
                voice.append(_approved(shop, recorder, text))
                ready.append(_approved(shop, recorder, text))
    stage.sheet.put("approve.voice", OURS, statistics.median(voice))
    stage.sheet.put("approve.ready", OURS, statistics.median(ready))
    stage.say(
        f"approval to air: {[round(one, 2) for one in voice]} s; spoken before {[round(one, 2) for one in ready]} s"
    )


def _approved(shop: Shop, recorder: Recorder, text: str) -> float:
    wait(lambda: not shop.air["spot"], 60, "silence")
    number = shop.submit(text, {"now": True})
    asked = monotonic()
    shop.approve(number)
    take = recorder.wait_for(lambda take: onset(take, asked) is not None, 90, since=asked)
    heard = onset(take, asked)
    assert heard is not None
    shop.entry(number)
    return heard - asked


def pages(stage: Stage, counts: Sequence[int], rounds: int) -> None:
    """The slowest page's p95 on logs of these lengths, by :mod:`bench.pages` in a process of its own."""
    for count in counts:
        command = [sys.executable, "-m", "bench.pages", "--rows", str(count), "--rounds", str(rounds)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        found = re.findall(r"^ *(\d+) +(\d+) +(\d+) .* (/\S*)$", done.stdout, re.MULTILINE)
        if done.returncode or not found:
            stage.sheet.put(f"page.{count}", OURS, None, "failed")
            stage.say(f"pages with {count} rows failed: {done.stderr[-800:]}")
            continue
        worst = max(found, key=lambda one: int(one[1]))
        stage.sheet.put(f"page.{count}", OURS, float(worst[1]))
        stage.say(f"pages with {count} rows: the slowest p95 is {worst[1]} ms, of {worst[3]}")


def disk(stage: Stage) -> None:
    """Megabytes of a year's log, sums and notices, by :mod:`bench.disk` in a process of its own."""
    command = [sys.executable, "-m", "bench.disk", "--days", "60"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    found = re.findall(r"^(?:log:|sums|\d+ notices).*? ([\d.]+)$", done.stdout, re.MULTILINE)
    if done.returncode or not found:
        stage.sheet.put("disk.year", OURS, None, "failed")
        stage.say(f"disk failed: {done.stderr[-800:]}")
        return
    stage.sheet.put("disk.year", OURS, sum(map(float, found)))
    stage.say("disk, MB a year: " + " + ".join(found))

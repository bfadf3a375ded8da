"""How fast the pages are in a store of years: the real daemon on a million as-run rows, with pages open all over.

``python -m bench.pages [--rows N --notices N --open 20 --rounds N --home DIR]``. First every page is asked for alone:
what it costs the daemon in CPU time. Then with all the open pages: how long each takes, while what is on air is
recorded. A home that is named is kept, and need not be made again for the next run.
"""

from __future__ import annotations

import argparse
import contextlib
import multiprocessing
import shutil
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from datetime import time as time_of_day
from pathlib import Path

import numpy as np
import psutil

from bench.pages_data import LAST, NOTICES, ROWS, TEXTS, TZ, ZONE, fill
from bench.pages_visits import Visitor, keep_open
from broadcaster.media.library import Library
from broadcaster.notices.models import NoticeDraft
from broadcaster.plan.load import LEXICON
from broadcaster.plan.plan import Clip
from broadcaster.publishing.publish import Publisher
from broadcaster.rooms.sayings import notice_utterance
from broadcaster.settings import Home
from broadcaster.store.database import open_database
from broadcaster.store.day_sums import DaySums
from broadcaster.voice.build import build_studio
from tests.lab.analysis import silences
from tests.lab.recorder import Recorder
from tests.lab.sink import NullSink
from tests.live_kit import running
from tests.mall_kit import PASSWORD, PEOPLE, add_people, prepared_mall
from tests.web_walk import PAGES

AT = "15:02:00"
"""Of the last date in the log: the shop is open, vendors' spots take turns."""
DAY = LAST.isoformat()
GAP_S = 0.02
"""So long without a sample above -60 dB is a gap in the air."""
BEFORE = LAST - timedelta(days=1)
CALM = 0.2
"""Of a core: above it the daemon still does what a start leaves to do, and what a page costs can't be told."""
CALM_MOST_S = 300.0
#: Addresses with an argument, for this database.
GIVEN = {
    "/day/<text>": f"/day/{BEFORE}",
    "/notices/<int:number>": f"/notices/{NOTICES}",
    "/notices/<int:number>/edit": f"/notices/{NOTICES}/edit",
    "/reports/day/<text>": f"/reports/day/{BEFORE}",
    "/reports/texts/<text>": f"/reports/texts/{BEFORE}",
    "/reports/vendor/<vendor>": "/reports/vendor/vendor-01",
}
#: Other states of the same pages, parts of them that a page fetches by itself, and documents.
MORE = {
    f"/day/{DAY}": "wanglan",
    f"/day/{DAY}?all=1": "wanglan",
    "/day/2024-03-05": "wanglan",
    "/day/2024-03-05?all=1": "wanglan",
    "/notices?tab=archive": "wanglan",
    "/notices?q=9999": "wanglan",
    "/notices?tab=archive&q=9": "wanglan",
    f"/reports/day/{BEFORE}?became=skipped": "liqiang",
    f"/reports/vendor/vendor-01?first={LAST - timedelta(days=364)}&last={LAST}": "liqiang",
    "/audit?who=xiaomei": "liqiang",
    f"/audit?first={LAST - timedelta(days=700)}&last={LAST - timedelta(days=690)}": "liqiang",
    "/air/list": "wanglan",
    "/part/live": "wanglan",
    "/part/today": "wanglan",
    f"/part/why?at={DAY}T10:00:00%2B08:00": "wanglan",
    f"/part/notices/{NOTICES}": "wanglan",
    f"/programme/day?date={DAY}": "wanglan",
    f"/calendar?date={DAY}": "wanglan",
    f"/reports/day/{BEFORE}.csv": "liqiang",
    "/reports/vendor/vendor-01.csv": "liqiang",
    "/api/v1/status": "wanglan",
    f"/api/v1/rundown/{DAY}": "wanglan",
    f"/api/v1/rundown/{LAST + timedelta(days=30)}": "wanglan",
    f"/api/v1/asrun/{BEFORE}": "wanglan",
    f"/api/v1/days/{DAY}": "wanglan",
    "/api/v1/notices": "wanglan",
    "/api/v1/calendar/2026": "wanglan",
    "/api/v1/plan": "wanglan",
    "/api/v1/plan/versions": "wanglan",
    "/api/v1/reports/vendors/vendor-01": "wanglan",
    "/api/v1/vendors": "wanglan",
}


def addresses() -> dict[str, str]:
    """Everything that is asked for, and who asks."""
    walked = {GIVEN.get(rule, path): who or "wanglan" for rule, (path, who) in PAGES.items()}
    return walked | MORE


def lay_out(root: Path, rows: int, count: int) -> None:
    """A home with that database, prepared as far as a store of years has it."""
    home = Home(root)
    if not home.database.exists():
        prepared_mall(root)
        home.run.mkdir(parents=True, exist_ok=True)
        fill(home.database, rows, count, clips=_clips(home)).dispose()
        add_people(root)
    make_up_sums(home)
    home.rehearsal_database.parent.mkdir(parents=True, exist_ok=True)
    for old in home.rehearsal_database.parent.glob(f"{home.rehearsal_database.name}*"):
        old.unlink()
    shutil.copyfile(home.database, home.rehearsal_database)
    # A rehearsal that was alive a moment ago goes on, with its log.
    began = datetime.fromisoformat(f"{DAY}T{AT}+08:00") - timedelta(seconds=30)
    (home.run / "alive-rehearsal").write_text(began.isoformat(), encoding="ascii")


def make_up_sums(home: Home) -> None:
    """What each day came to, as the daemon has long written it."""
    database = open_database(home.database)
    sums = DaySums(database, ZONE)
    for on in sums.missing(date.min, LAST - timedelta(days=1)):
        sums.write(on, TZ, datetime.combine(LAST, time_of_day.min, TZ))
    database.dispose()


def _clips(home: Home) -> dict[str, Clip]:
    """The recordings of all that notices say."""
    publisher = Publisher(home.root)
    plan = publisher.publish(LAST).plan
    publisher.close()
    studio = build_studio(home.media, home.voices, home.root / LEXICON, library=Library(home.media))
    made = {}
    try:
        for text in TEXTS:
            when = {"at": ["10:00"], "first": DAY, "last": DAY}
            draft = NoticeDraft.model_validate({"title": "-", "text": text, "when": when})
            kept = studio.render(notice_utterance(home, plan, draft))
            made[text] = Clip(path=str(kept.path), duration_s=kept.duration_s, key=kept.key)
    finally:
        studio.close()
    return made


def used_s(process: psutil.Process) -> float:
    """CPU seconds so far."""
    times = process.cpu_times()
    return float(times.user + times.system)


@contextlib.contextmanager
def open_pages(port: int, cookies: list[str], took: dict[str, list[float]]) -> Iterator[None]:
    """First pages that are open meanwhile; how long their answers took is added to ``took``."""
    context = multiprocessing.get_context("spawn")
    stop, told = context.Event(), context.Queue()
    process = context.Process(target=keep_open, args=(port, cookies, stop, told))
    process.start()
    try:
        time.sleep(3)  # the first answers of a page just opened are not those of one that is
        yield
    finally:
        stop.set()
        took |= told.get(timeout=60)
        process.join(20)


def calm(process: psutil.Process) -> float:
    """What the daemon uses of a core when nobody asks, once it has done what a start leaves to do."""
    until = time.monotonic() + CALM_MOST_S
    while True:
        begun, before = time.monotonic(), used_s(process)
        time.sleep(5)
        idle = (used_s(process) - before) / (time.monotonic() - begun)
        if idle < CALM or time.monotonic() > until:
            return idle


def costs(process: psutil.Process, visitors: dict[str, Visitor], rounds: int) -> dict[str, tuple[float, int]]:
    """CPU milliseconds of the daemon for each page, and its bytes; what it uses anyway is taken off."""
    idle = calm(process)
    found = {}
    for path, who in addresses().items():
        status, body, _ms = visitors[who].get(path)
        assert status == 200, f"{path}: {status} {body[:500]!r}"
        begun, before = time.monotonic(), used_s(process)
        for _ in range(rounds):
            visitors[who].get(path)
        spent_s = used_s(process) - before - idle * (time.monotonic() - begun)
        found[path] = (1000 * spent_s / rounds, len(body))
    print(f"idle: {100 * idle:.1f} % of a core")
    return found


def show(took: dict[str, list[float]], cost: dict[str, tuple[float, int]]) -> None:
    """A line a page, the slowest first."""
    print(f"{'p50':>7} {'p95':>7} {'max':>7} {'CPU ms':>7} {'kB':>6}    n  page")
    for path, all_ms in sorted(took.items(), key=lambda one: -float(np.percentile(one[1], 95))):
        p50, p95 = np.percentile(all_ms, [50, 95])
        cpu_ms, size = cost.get(path, (float("nan"), 0))
        print(f"{p50:7.0f} {p95:7.0f} {max(all_ms):7.0f} {cpu_ms:7.1f} {size / 1000:6.0f} {len(all_ms):4}  {path}")


def measure(root: Path, sink: NullSink, count: int, rounds: int, *, pause_s: float) -> None:
    """Run the daemon and ask it; print what came out."""
    took: defaultdict[str, list[float]] = defaultdict(list)
    with running(root, sink, "--at", f"{DAY}T{AT}") as daemon:
        daemon.ready(120)
        assert daemon.process is not None
        process = psutil.Process(daemon.process.pid)
        visitors = {}
        for name, _display, _role in PEOPLE:
            visitors[name] = Visitor(daemon.port)
            visitors[name].log_in(name, PASSWORD)
        print(f"daemon: RSS {process.memory_info().rss / 1e6:.0f} MB at the start")
        cost = costs(process, visitors, rounds)
        cookies = [visitors[PEOPLE[number % len(PEOPLE)][0]].cookie for number in range(count)]
        others: dict[str, list[float]] = {}
        with Recorder(sink) as recorder, open_pages(daemon.port, cookies, others):
            begun, before = time.monotonic(), used_s(process)
            time.sleep(10)
            busy = (used_s(process) - before) / (time.monotonic() - begun)
            print(f"{count} open pages: {100 * busy:.0f} % of a core")
            since = recorder.take().end - 10
            for _ in range(rounds):
                for path, who in addresses().items():
                    took[path].append(visitors[who].get(path)[2])
                    # Nobody clicks as fast as a machine.
                    time.sleep(pause_s)
            heard = recorder.take(since)
            gaps = silences(heard, GAP_S, -60.0)
            print(f"the air: {heard.duration:.0f} s recorded, {len(gaps)} gaps above {1000 * GAP_S:.0f} ms {gaps[:3]}")
        print(f"daemon: RSS {process.memory_info().rss / 1e6:.0f} MB at the end")
        print(f"machine: load {psutil.getloadavg()[0]:.1f} on {psutil.cpu_count()} cores")
        print(f"engine replaced: {daemon.console.count('replaced:')} times (by this home's daemons so far)")
        show({**took, **others}, cost)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--notices", type=int, default=NOTICES)
    parser.add_argument("--open", type=int, default=20, help="first pages that are open meanwhile")
    parser.add_argument("--rounds", type=int, default=20, help="visits of every page")
    parser.add_argument("--pause", type=float, default=0.1, help="seconds from one visit to the next")
    parser.add_argument("--home", type=Path, help="a folder to keep")
    options = parser.parse_args()
    with contextlib.ExitStack() as parts:
        root = options.home or Path(parts.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True)))
        lay_out(root, options.rows, options.notices)
        sink = parts.enter_context(NullSink())
        measure(root, sink, options.open, options.rounds, pause_s=options.pause)


if __name__ == "__main__":
    main()

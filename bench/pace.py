"""The pace of this program beside what a user would run instead, in one run on one machine: ``./bench/run``.

``python -m bench.pace [--quick] [--all] [--only PART ...] [--json FILE] [--markdown]``. Everybody plays the same files
(48 kHz WAV) into a null sink that is recorded. Peers that are not installed are left out. Parts: ``timed``, ``life``,
``cost``, ``zones``, ``own``. Status 1 if a target that was measured was missed.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import platform
import signal
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil

from bench.pace_figures import OURS, Sheet, judge
from bench.pace_rows import COST, LIFE, LOG_ROWS, NOTICES, OWN, START, TARGETS, ZONES
from bench.pace_table import document, markdown, plain, rows, verdict_rows

PARTS = ("timed", "life", "cost", "zones", "own")
NOTES = (
    "start error: the first sample of the item in the recording against its planned instant; the recording is dated to "
    "about 1 ms. While a show is recorded, the sink renders in blocks of 2 ms.",
    "CPU: user and system time of all processes of a program, of the items' processes too; the sound server's is "
    "nobody's. Measured side by side, each on a server of its own; `ours` includes listening to what is heard, the log "
    "and the page, which no peer does.",
    "memory: the engine is a Python process (8.8 MB resident with nothing imported, its VLC binding 4 MB more) with "
    "the library that cvlc is. PSS depends on who else maps the same libraries: here two to four programs do.",
    "killed: `ours` goes on at the right second of the right track; a peer begins its playlist again.",
)


def options() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(prog="bench/run", description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--quick", action="store_true", help="fewer of everything: about three minutes")
    parser.add_argument("--all", action="store_true", help="pages too, on logs of up to ten million rows: hours")
    parser.add_argument("--rows", type=int, nargs="+", default=LOG_ROWS, help="with --all: these lengths of the log")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--peers", nargs="*", help="only these peers (liquidsoap, cvlc, mpv)")
    parser.add_argument("--items", type=int, help="timed items of ours (peers: 40 %% of it)")
    parser.add_argument(
        "--json", type=Path, metavar="FILE", help="write the figures to a file too; - is standard output"
    )
    parser.add_argument("--markdown", action="store_true", help="print the table as the README has it")
    return parser


def main() -> int:
    """Measure and print."""
    chosen = options().parse_args()
    # Ended in order also in the background, where Ctrl-C is ignored: players and sound servers go with it.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(2))
    logging.disable(logging.WARNING)
    begun = datetime.now(UTC)
    sheet = Sheet()
    with tempfile.TemporaryDirectory(prefix="pace-", ignore_cleanup_errors=True) as folder:
        # As a user has it after the first start, whatever this machine's habit: modules are compiled once and kept.
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        os.environ["PYTHONPYCACHEPREFIX"] = str(Path(folder) / "compiled")
        names = measure(sheet, Path(folder), chosen)
    verdicts = [judge(target, sheet) for target in TARGETS]
    about: dict[str, Any] = {
        "date": begun.isoformat(timespec="seconds"),
        "command": " ".join(["./bench/run", *sys.argv[1:]]),
        "took_s": round((datetime.now(UTC) - begun).total_seconds()),
        "machine": f"{platform.system()}, {psutil.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the end",
        "players": names,
    }
    found = document(sheet, verdicts, about)
    if str(chosen.json) == "-":
        print(json.dumps(found, indent=1, ensure_ascii=False))
    else:
        if chosen.json:
            chosen.json.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        show(sheet, verdicts_rows=verdict_rows(verdicts), about=about, table=markdown if chosen.markdown else plain)
    return 1 if any(one.met is False for one in verdicts) else 0


def measure(sheet: Sheet, folder: Path, chosen: argparse.Namespace) -> dict[str, str]:
    """All chosen parts; the players' names and versions."""
    # Late: the command's help needs none of it.
    from bench import pace_own, pace_stage
    from bench.peers.liquidsoap import Liquidsoap
    from bench.peers.ours import Ours
    from bench.peers.player import Player
    from bench.peers.timed import Cvlc, Mpv

    quick = chosen.quick
    ours = Ours(folder / "home")
    known: list[Player] = [Liquidsoap(), Cvlc(), Mpv()]
    peers = [one for one in known if chosen.peers is None or one.name in chosen.peers]
    for peer in peers:
        if peer.missing():
            say(f"{peer.name} is not installed: left out")
    players: list[Player] = [ours, *(one for one in peers if not one.missing())]
    stage = pace_stage.Stage(sheet, ours, players, folder, say)
    items = chosen.items or (20 if quick else 100)
    if "timed" in chosen.only:
        for player in players:
            pace_stage.timed(stage, player, items if player.name == OURS else max(items * 2 // 5, 10))
    if "life" in chosen.only:
        pace_stage.engine_alone(stage, 1 if quick else 5)
        for player in players:
            pace_stage.life(stage, player, 1 if quick else 4)
    if "cost" in chosen.only:
        pace_stage.cost(stage, 10 if quick else 60)
    if "zones" in chosen.only:
        pace_stage.zones(stage, ZONES[:2] if quick else ZONES, 8 if quick else 20)
    if "own" in chosen.only:
        pace_own.year(stage, NOTICES[:2] if quick else NOTICES)
        pace_own.approval(stage, 1 if quick else 3)
        if not quick:
            pace_own.speech(stage, 2)
            pace_own.disk(stage)
    if chosen.all:
        pace_own.pages(stage, chosen.rows, 20)
    return {one.name: f"{one.title}. {one.how}" for one in players}


def show(sheet: Sheet, verdicts_rows: list[list[str]], about: dict[str, Any], table: Callable[..., str]) -> None:
    """Print the tables."""
    names = list(about["players"])
    print(f"{about['command']}, {about['date']}, {about['machine']}, {about['took_s']} s\n")
    found = rows(sheet, (*START, *LIFE, *COST), names)
    if found:
        print(table(["measure (times ours)", *names], found), end="\n\n")
    own = rows(sheet, OWN, [OURS])
    if own:
        print(table(["on its own", OURS], own), end="\n\n")
    print(table(["target", "measured", "limit", "met"], verdicts_rows), end="\n\n")
    for note in (*about["players"].values(), *NOTES):
        print(f"- {note}")


def say(line: str) -> None:
    """Progress, beside the table."""
    print(f"{datetime.now(UTC):%H:%M:%S} {line}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())

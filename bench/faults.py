"""The fault laboratory's long run: each fault injected into the really running daemon, and how it came back.

``python -m bench.faults [--only NAME ...] [--seed N] [--rounds N] [--json FILE]`` prints a table: seconds of missing
and of wrong sound, when it was right again, the alert, and how. Names are given by ``--list``.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import random
import signal
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.lab.fault_cases import ALL_FAULTS, laboratories
from tests.lab.faults import Fault, LabError, Report, laboratory


def run(faults: Sequence[Fault], seed: int, rounds: int) -> list[Report]:
    """One laboratory for those that want the same store; a fault that spoils it gets the next ones a new one."""
    reports: list[Report] = []
    for more, small, group in laboratories(faults):
        waiting = [fault for _ in range(rounds) for fault in group]
        while waiting:
            fault = waiting[0]
            with tempfile.TemporaryDirectory(prefix="faults-", ignore_cleanup_errors=True) as folder:
                try:
                    with laboratory(Path(folder), more, small_disk=small) as lab:
                        while waiting:
                            fault = waiting.pop(0)
                            reports.append(lab.run(fault, seed + len(reports)))
                            print(reports[-1], flush=True)
                except (AssertionError, LabError) as error:
                    print(f"{fault.name}: a new laboratory after this: {error}"[:1500], flush=True)
                    if fault in waiting[:1]:
                        waiting.pop(0)
                    words = f"{type(error).__name__}: {str(error).splitlines()[0][:200]}"
                    reports.append(Report(fault.name, seed, 0.0, 0.0, None, None, failures=[words]))
    return reports


def table(reports: Sequence[Report]) -> str:
    """A line a fault."""
    lines = [f"{'fault':26} {'missing':>8} {'other':>6} {'sound':>6} {'right':>6}  {'ok':4} alert, how"]
    for one in reports:
        told = ", ".join(f"{code} {after:g} s" for code, after in one.causes.items()) or "-"
        sound, right = ("-" if value is None else f"{value:.1f}" for value in (one.sound_after_s, one.right_after_s))
        how = one.failures[0] if one.failures else one.how[0] if one.how else ""
        lines.append(
            f"{one.fault:26} {one.missing_s:8.1f} {one.other_s:6.1f} {sound:>6} {right:>6}  "
            f"{'ok' if one.ok else 'FAIL':4} {told} | {how[:90]}"
        )
    return "\n".join(lines)


def main() -> int:
    """0 if all targets were met."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--seed", type=int, default=random.randrange(100_000))
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--list", action="store_true")
    options = parser.parse_args()
    # Ended in order also in the background, where Ctrl-C is ignored: the daemon and the sound server go with it.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(2))
    if options.list:
        print("\n".join(fault.name for fault in ALL_FAULTS))
        return 0
    unknown = set(options.only) - {fault.name for fault in ALL_FAULTS}
    if unknown:
        parser.error(f"no such fault: {', '.join(sorted(unknown))}")
    print(f"seed {options.seed}", flush=True)
    chosen = [fault for fault in ALL_FAULTS if not options.only or fault.name in options.only]
    reports = run(chosen, options.seed, options.rounds)
    print(f"\nseed {options.seed}; seconds from the end of the outer fault\n{table(reports)}")
    if options.json:
        options.json.write_text(json.dumps([dataclasses.asdict(one) for one in reports], indent=1, ensure_ascii=False))
    return 0 if all(one.ok for one in reports) else 1


if __name__ == "__main__":
    sys.exit(main())

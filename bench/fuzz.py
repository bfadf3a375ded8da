"""Random requests to the whole API: ``python -m bench.fuzz --cases 10000``.

The store behind it is the daemon's own parts with a played engine and a hum for a voice. First everybody who may
change nothing on air and in the plan (nobody, supervisor, promo): afterwards all that they may not change is compared.
Then everybody. Printed are the statuses by role, what was wrong with answers, and what changed that should not have.
"""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
from pathlib import Path

from broadcaster.clock import monotonic
from tests.fuzz_cases import ROLES, Attacker, Found, same_but
from tests.fuzz_store import WholeStore, open_whole_store

#: What a role may change, of :meth:`WholeStore.rows` and :meth:`WholeStore.files`. The rest it may not.
MAY = {
    "nobody": (),
    "supervisor": ("tokens",),
    "promo": ("tokens", "notices", "notice_revisions", "home/config/lexicon.csv"),
    "announcer": None,
}


def harmless(store: WholeStore, cases: int, number: int) -> tuple[Found, list[str]]:
    """Those who may not change anything that matters; and what they changed of it."""
    attacker, changed = Attacker(store, number), []
    for role in (None, "supervisor", "promo"):
        before = {**store.rows(), **store.files()}
        attacker.run(max(1, cases // 3), (role,))
        after = {**store.rows(), **store.files()}
        changed += [f"{role or 'nobody'}: {name}" for name in same_but(before, after, MAY[role or "nobody"] or ())]
    return attacker.found, changed


def everybody(store: WholeStore, cases: int, number: int) -> tuple[Found, list[str]]:
    """All roles by turns; and what they changed outside of the store's folder."""
    before = {name: mark for name, mark in store.files().items() if not name.startswith("home/")}
    found = Attacker(store, number).run(cases, ROLES)
    after = {name: mark for name, mark in store.files().items() if not name.startswith("home/")}
    return found, same_but(before, after)


def main() -> int:
    """Run and print; 1 if anything was wrong."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    logging.disable(logging.WARNING)
    begun, bad = monotonic(), 0
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        for part, name, share in ((harmless, "who may change nothing", 0.4), (everybody, "everybody", 0.6)):
            with open_whole_store(Path(folder) / name) as store:
                found, changed = part(store, round(options.cases * share), options.seed)
                alive = store.app.test_client().get("/api/v1/status").status_code
            print(f"\n{name}: {found.cases} requests\n{found.table()}", flush=True)
            for kind, example in found.wrong.items():
                print(f"WRONG {kind}\n    {example}".replace("\n", "\n    "))
            for one in changed:
                print(f"CHANGED {one}")
            print(f"the page answers afterwards: {alive}")
            bad += len(found.wrong) + len(changed) + (alive != 200)
    print(f"\n{monotonic() - begun:.0f} s, {bad} kinds of wrong")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())

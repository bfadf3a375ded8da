"""``python -m broadcaster.starter [--home DIR] [--fallback]``: make the starter music, or the built-in music alone."""

from __future__ import annotations

import argparse
import io
import os
import sys
from pathlib import Path

from broadcaster.errors import BroadcasterError
from broadcaster.starter.fallback import make_fallback
from broadcaster.starter.music import make_music


def main() -> int:
    """Exit status 0 when all is there, 1 when a file could not be written."""
    parser = argparse.ArgumentParser(prog="python -m broadcaster.starter", description="Make the starter music.")
    parser.add_argument("--home", type=Path, default=Path(os.environ.get("BROADCASTER_HOME", ".")))
    parser.add_argument("--fallback", action="store_true", help="only what airs when nothing else can be played")
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a console whose code page lacks Chinese must not end the work
    options = parser.parse_args()
    home: Path = options.home
    make = make_fallback if options.fallback else make_music
    try:
        made = make(home, progress=lambda line: print(line, flush=True))
    except BroadcasterError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{len(made)} files made in {home}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

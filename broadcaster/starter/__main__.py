"""``python -m broadcaster.starter [--home DIR]``: make the starter music."""

from __future__ import annotations

import argparse
import io
import os
import sys
from pathlib import Path

from broadcaster.errors import BroadcasterError
from broadcaster.starter.music import make_music


def main() -> int:
    """Exit status 0 when all is there, 1 when a file could not be written."""
    parser = argparse.ArgumentParser(prog="python -m broadcaster.starter", description="Make the starter music.")
    parser.add_argument("--home", type=Path, default=Path(os.environ.get("BROADCASTER_HOME", ".")))
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a console whose code page lacks Chinese must not end the work
    home: Path = parser.parse_args().home
    try:
        made = make_music(home, progress=lambda line: print(line, flush=True))
    except BroadcasterError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{len(made)} files made in {home}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

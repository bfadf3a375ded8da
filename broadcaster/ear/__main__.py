"""``python -m broadcaster.ear``: the ear's process. With ``--list`` it names the outputs and leaves."""

from __future__ import annotations

import json
import os
import signal
import sys
import traceback
from collections.abc import Sequence

# One thread is enough for blocks of 100 ms; a pool would only be woken in vain, and each of its threads holds memory.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from broadcaster.ear.child import Ear, parse
from broadcaster.errors import SoundError
from broadcaster.system_volume import open_volume


def list_outputs() -> int:
    """Print ``{"outputs": {name: title}, "default": name}``; 1 if the sound system does not answer."""
    try:
        volume = open_volume()
        found = volume.outputs()
        volume.close()
    except SoundError as error:
        print(error, file=sys.stderr)
        return 1
    print(json.dumps({"outputs": dict(found.names), "default": found.default}, ensure_ascii=False))
    return 0


def main(arguments: Sequence[str]) -> int:
    """Listen until the daemon is gone."""
    options = parse(arguments)
    if options.list:
        return list_outputs()
    # Ctrl-C reaches every process of the console; the ear ends with the daemon's pipe.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Ear(options).run()
    return 0


if __name__ == "__main__":
    status = 1
    try:
        status = main(sys.argv[1:])
    except Exception:
        traceback.print_exc()
    sys.stdout.flush()
    # Not sys.exit: what the sound library does on the way out waits for a server that may hang.
    os._exit(status)

"""``python -m broadcaster.engine``: the playout engine's process."""

from __future__ import annotations

import argparse
import gc
import os
import signal
import sys
import threading
import traceback
from collections.abc import Sequence
from typing import TYPE_CHECKING

from broadcaster.clock import monotonic
from broadcaster.engine.loop import Inbox, run
from broadcaster.engine.mixer import Mixer
from broadcaster.engine.pipes import Outbox, claim_stdout, read_commands
from broadcaster.errors import EngineError
from broadcaster.playout.protocol import Complaint, Hello
from broadcaster.priority import go_first

if TYPE_CHECKING:
    from broadcaster.engine.vlc_deck import VlcRack

LAST_WORDS_S = 0.2


def make_rack(options: argparse.Namespace) -> VlcRack:
    """A rack of libVLC decks. Raises ``EngineError`` when the library is missing or refuses."""
    try:
        from broadcaster.engine import vlc_deck
    except (ImportError, OSError, NotImplementedError, KeyError) as error:
        raise EngineError(f"libVLC is not installed, or not for this kind of machine: {error!r}") from error
    lead_s = vlc_deck.LEAD_S if options.lead_ms is None else options.lead_ms / 1000.0
    return vlc_deck.VlcRack(options.aout or vlc_deck.DEFAULT_OUTPUT, options.device, lead_s)


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m broadcaster.engine", description="The playout engine.")
    parser.add_argument("--aout", help="libVLC's audio output module")
    parser.add_argument("--device", help="the output's own name of a device")
    parser.add_argument("--lead-ms", type=float, help="time from a release to the first sample, in milliseconds")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str]) -> int:
    """Serve until told to quit (0), or say in a ``Complaint`` why there is no player (1)."""
    options = parse(arguments)
    # Ctrl-C reaches every process of the console; whether the sound ends with it is the daemon's to decide.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    go_first()
    outbox = Outbox(claim_stdout())
    outbox.start()
    inbox = Inbox()
    threading.Thread(target=read_commands, args=(sys.stdin.buffer, inbox), name="commands", daemon=True).start()
    try:
        rack = make_rack(options)
    except EngineError as error:
        outbox.put(Complaint(str(error)))
        outbox.finish(LAST_WORDS_S)
        return 1
    for complaint in rack.complaints:
        outbox.put(Complaint(complaint))
    outbox.put(Hello(os.getpid(), rack.player, rack.output))
    mixer = Mixer(rack, outbox.put, lambda channel, signal: inbox.put((channel, signal)), monotonic)
    # What was made so far lives as long as the process: without it a collection takes microseconds, not milliseconds.
    gc.collect()
    gc.freeze()
    run(mixer, inbox, outbox.put)
    outbox.finish(LAST_WORDS_S)
    return 0


if __name__ == "__main__":
    status = 1
    try:
        status = main(sys.argv[1:])
    except Exception:
        traceback.print_exc()
    # Not sys.exit: what libVLC does on the way out can hang, and an engine without its loop must not keep sounding.
    os._exit(status)

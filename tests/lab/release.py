"""A player of one recording for the laboratory's own proof: prepared paused, released at a given instant.

``python -m tests.lab.release FILE`` prints ``ready``, reads an instant (monotonic seconds) from standard input,
releases the player then, prints the instant at which it really did, and stays until standard input closes.
"""

from __future__ import annotations

import sys
import time

import vlc

from broadcaster.clock import monotonic


def main() -> None:
    """Plays ``sys.argv[1]`` once."""
    instance = vlc.Instance("--no-video", "--quiet", "--aout=pulse", "--file-caching=300")
    player = instance.media_player_new()
    player.set_media(instance.media_new(sys.argv[1], ":start-paused"))
    player.play()
    deadline = monotonic() + 10
    while player.get_state() != vlc.State.Paused:
        if monotonic() > deadline:
            raise SystemExit(f"not prepared in 10 s: {player.get_state()}")
        time.sleep(0.01)
    print("ready", flush=True)
    at = float(sys.stdin.readline())
    time.sleep(max(at - monotonic() - 0.002, 0))
    while monotonic() < at:
        pass
    player.set_pause(0)
    print(monotonic(), flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()

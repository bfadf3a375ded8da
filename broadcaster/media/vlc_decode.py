"""Decoding by libVLC: whatever VLC plays can air. Runs in the worker only, which is ended when this hangs."""

from __future__ import annotations

import os
import time
from pathlib import Path

from broadcaster.errors import MediaError

_OPTIONS = ("--no-video", "--quiet", "--no-metadata-network-access")


def to_wav(path: Path, work: Path) -> float:
    """Write ``decoded.wav`` into ``work``; returns the length by the header, in seconds (0.0: it does not tell).

    A file that VLC can't read makes an empty ``decoded.wav`` or none: VLC reports no error for most of them.
    Raises ``MediaError`` when VLC is not installed.
    """
    try:
        import vlc
    except (ImportError, OSError, NameError, AttributeError) as error:
        raise MediaError(f"decoding it needs VLC, which can't be loaded ({error}); install VLC") from error
    instance = vlc.Instance(*_OPTIONS)
    if instance is None:
        raise MediaError("decoding it needs VLC, which does not start; install VLC again")
    media = instance.media_new_path(str(path.absolute()))
    before = Path.cwd()
    # A relative name needs none of the quoting that the chain's own language wants of paths.
    os.chdir(work)
    try:
        media.add_option(":sout=#transcode{vcodec=none,acodec=s16l}:std{access=file,mux=wav,dst=decoded.wav}")
        media.add_option(":no-sout-video")
        media.add_option(":no-sout-spu")
        player = instance.media_player_new()
        player.set_media(media)
        player.play()
        while player.get_state() not in (vlc.State.Ended, vlc.State.Error, vlc.State.Stopped):
            time.sleep(0.01)
        length_ms = int(media.get_duration())
        player.stop()
        player.release()
        media.release()
        instance.release()
    finally:
        os.chdir(before)
    return max(0.0, length_ms / 1000)

"""Decoding by libVLC: whatever VLC plays can air. Runs in the worker only, which is ended when this hangs."""

from __future__ import annotations

import os
import time
from pathlib import Path

from broadcaster.errors import MediaError
from broadcaster.media.recording import LONGEST_S
from broadcaster.media.wav_file import need_space

_MOST_BYTES_PER_S = 96_000 * 8 * 2
"""Of what VLC writes for a recording with eight channels at 96 kHz: more is no recording of that length."""
_LOOK_EVERY_S = 0.2
_OPTIONS = ("--no-video", "--quiet", "--no-metadata-network-access")


def to_wav(path: Path, work: Path, longest_s: float = LONGEST_S, keep_free_mb: float = 0.0) -> float:
    """Write ``decoded.wav`` into ``work``; returns the length by the header, in seconds (0.0: it does not tell).

    A file that VLC can't read makes an empty ``decoded.wav`` or none: VLC reports no error for most of them.
    Raises ``MediaError`` when VLC is not installed, when it goes on for longer than ``longest_s`` by header or by the
    size of what comes out, and when less than ``keep_free_mb`` are left of the disk.
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
        try:
            looked = time.monotonic()
            while player.get_state() not in (vlc.State.Ended, vlc.State.Error, vlc.State.Stopped):
                time.sleep(0.01)
                if time.monotonic() - looked > _LOOK_EVERY_S:
                    looked = time.monotonic()
                    _look(Path("decoded.wav"), int(media.get_duration()) / 1000, longest_s, keep_free_mb)
            length_ms = int(media.get_duration())
        finally:
            player.stop()
            player.release()
            media.release()
            instance.release()
    finally:
        os.chdir(before)
    return max(0.0, length_ms / 1000)


def _look(decoded: Path, claimed_s: float, longest_s: float, keep_free_mb: float) -> None:
    size = decoded.stat().st_size if decoded.exists() else 0
    if claimed_s > longest_s or size > longest_s * _MOST_BYTES_PER_S:
        raise MediaError(f"it is longer than {longest_s / 60:g} minutes; cut it into parts")
    need_space(Path(), keep_free_mb)

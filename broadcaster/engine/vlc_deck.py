"""Decks on libVLC: the only module of the engine that knows it. Everything here runs on the playout thread.

A deck is a fresh player for each recording: a player used again begins at its old volume, whatever was set.
Callbacks from the library only pass a signal on; calling libVLC from one of them can deadlock (python-vlc #250).
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any

import vlc

from broadcaster.engine.deck import Deck, Signal
from broadcaster.errors import EngineError
from broadcaster.playout.protocol import OUTPUT_GONE

LEAD_S = 0.004
"""From ``set_pause(0)`` to the first sample at the output, in seconds.

Measured on a PulseAudio null sink with the engine told ``--lead-ms 0``: 30 starts of a prepared 48 kHz WAV, median
4.25 ms, 5th to 95th percentile 3.4 to 5.5 ms, of which 0.25 ms are the engine's own lateness."""

#: DirectSound keeps a volume for each stream. The default, MMDevice, has one for all players of a process, which
#: would duck the voice together with the bed. Not tried on Windows yet.
DEFAULT_OUTPUT = "directsound" if sys.platform == "win32" else "pulse"

#: Without these the engine still plays, less well: an unknown one makes libVLC refuse to start.
_COMFORTS = (
    "--file-caching=300",
    "--audio-resampler=soxr",
    "--no-metadata-network-access",
    "--no-stats",
    "--no-lua",
    "--no-sub-autodetect-file",
    "--no-volume-save",
)
_NEEDS = ("--no-video", "--quiet")

_SIGNALS = (
    (vlc.EventType.MediaPlayerPaused, Signal.READY),
    (vlc.EventType.MediaPlayerEndReached, Signal.ENDED),
    (vlc.EventType.MediaPlayerEncounteredError, Signal.BROKEN),
)

_LIVE_SIGNALS = ((vlc.EventType.MediaPlayerPlaying, Signal.READY), *_SIGNALS[1:])

LIVE_CACHE_MS = 120
LIVE_OPTIONS = (
    f":network-caching={LIVE_CACHE_MS}",
    ":demux=rawaud",
    ":rawaud-channels=1",
    ":rawaud-samplerate=48000",
    ":rawaud-fourcc=s16l",
)
"""A stream of bare samples over TCP. Measured: heard 80 ms after the cache's length, within 3 ms from burst to burst;
a WAV over HTTP begins a second late, for libVLC looks a second ahead into what might be any container."""


class VlcRack:
    """One libVLC instance. ``complaints`` says what it had to do without.

    Raises ``EngineError`` when libVLC can't be started at all.
    """

    def __init__(self, output: str = DEFAULT_OUTPUT, device: str | None = None, lead_s: float = LEAD_S) -> None:
        self.complaints: list[str] = []
        self.lead_s = lead_s
        self.output = output
        self._device = device
        self._instance = self._start(output)
        self.player = f"libVLC {vlc.libvlc_get_version().decode(errors='replace')}"

    def _start(self, output: str) -> Any:
        for options in ((*_NEEDS, *_COMFORTS), _NEEDS):
            # ",none" ends the list of outputs to try: with the sound server away libVLC would fall back to ALSA,
            # where volumes map differently, and try it again for every block.
            instance = _instance((*options, f"--aout={output},none"))
            if instance is not None:
                return instance
            self.complaints.append(f"libVLC refuses to start with {' '.join(options)}")
        raise EngineError(f"libVLC does not start with output {output!r}")

    def open(
        self, path: str, offset_s: float, volume: int, signal: Callable[[Signal], None], *, live: bool = False
    ) -> Deck:
        media = self._instance.media_new_location(path) if live else self._instance.media_new_path(path)
        if media is None:
            raise EngineError(f"libVLC takes no media for {path}")
        for option in LIVE_OPTIONS if live else (":start-paused", f":start-time={offset_s:.6f}"):
            media.add_option(option)
        player = self._instance.media_player_new()
        if player is None:
            media.release()
            raise EngineError(f"libVLC makes no player for {path}")
        player.set_media(media)
        media.release()
        if self._device is not None:
            # The module's name in place of None is accepted and changes nothing.
            player.audio_output_device_set(None, self._device)
        return VlcDeck(player, volume, signal, _LIVE_SIGNALS if live else _SIGNALS)


class VlcDeck:
    """One player, made for one recording."""

    def __init__(
        self, player: Any, volume: int, signal: Callable[[Signal], None], signals: Sequence[tuple[Any, Signal]]
    ) -> None:
        self._player = player
        self._signals = signals
        # Not player.event_manager(): that keeps every player it was ever called for in a dictionary.
        self._events = vlc.libvlc_media_player_event_manager(player)
        for kind, meaning in signals:
            self._events.event_attach(kind, self._pass_on, meaning, signal)
        # Refused when the output can't be opened. A player that went on regardless would come back at full volume,
        # whatever was set meanwhile, as soon as the output is there again (measured: 0 dB instead of -30 dB).
        if self._player.audio_set_volume(volume) != 0:
            self.close()
            raise EngineError(OUTPUT_GONE)
        if self._player.play() != 0:
            self.close()
            raise EngineError("libVLC does not play")

    def _pass_on(self, _event: Any, meaning: Signal, signal: Callable[[Signal], None]) -> None:
        signal(meaning)

    def length_s(self) -> float:
        if self._player.audio_get_track_count() <= 0:
            return 0.0
        length_ms: int = self._player.get_length()
        return max(0.0, length_ms / 1000.0)

    def set_volume(self, volume: int) -> None:
        self._player.audio_set_volume(volume)

    def release(self) -> None:
        self._player.set_pause(0)

    def close(self) -> None:
        for kind, _ in self._signals:
            self._events.event_detach(kind)
        self._player.stop()
        self._player.release()


def _instance(options: Sequence[str]) -> Any:
    """A libVLC instance, or None when it refuses."""
    return vlc.Instance(list(options))

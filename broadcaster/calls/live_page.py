"""The live pages of the house: opens a stream for whoever speaks, and knows whose it is."""

from __future__ import annotations

import logging
import re
import threading
import wave
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from broadcaster.errors import Conflict, MediaError, UsageError
from broadcaster.media.library import Library
from broadcaster.plan.plan import Plan
from broadcaster.rooms.sayings import chime_path
from broadcaster.settings import Home

if TYPE_CHECKING:
    # numpy takes a tenth of a second, which a start has not
    from broadcaster.calls.live_level import Mono
    from broadcaster.calls.live_stream import LiveStream

log = logging.getLogger(__name__)

START_S = 0.25
"""From the beginning of a page to the first sample that is heard of it."""

Over = Callable[[str, str], None]
"""Takes the address of a page that is over, and why it was cut; nothing for an ordinary end."""


@dataclass(frozen=True, slots=True)
class Begun:
    """A page that was begun."""

    id: int
    address: str
    """Where the engine finds the stream."""
    recording: str
    """Its file, under ``var/``."""
    speak_in_s: float
    """The chime is over then."""
    longest_s: float
    pages: LivePages

    def known_as(self, number: int) -> Begun:
        """The same under the number that the air knows it by; from now on it can be spoken into."""
        self.pages.known_as(number)
        return replace(self, id=number)

    def cancel(self) -> None:
        """It is not wanted after all."""
        self.pages.cut("")


class LivePages:
    """One at a time; may be shared by threads."""

    def __init__(self, home: Home, library: Library) -> None:
        self._home = home
        self._library = library
        self._lock = threading.Lock()
        self._stream: LiveStream | None = None
        self._who = ""
        self._number = -1

    def open(self, plan: Plan, who: str, now: datetime, over: Over) -> Begun:
        """Begin one. ``Conflict`` while another is open, ``MediaError`` for a chime that there is not."""
        from broadcaster.calls.live_stream import LiveStream

        page = plan.station.live
        chime = self._chime(page.chime)
        local = now.astimezone(plan.station.tz)
        safe = re.sub(r"[^\w-]", "_", who)[:40] or "nobody"
        recording = f"live/{local:%Y-%m-%d}/{local:%H%M%S}-{safe}.wav"
        with self._lock:
            if self._stream is not None:
                raise Conflict("还有人在喊话,请稍候 / somebody else is still speaking, wait a moment")

            def ended(reason: str) -> None:
                with self._lock:
                    self._stream, self._number = None, -1
                over(stream.address, reason)

            try:
                stream = LiveStream(chime, page.longest, self._home.var / recording, ended)
            except OSError as error:
                raise MediaError(f"喊话打不开本机端口 / no address for the live page: {error}") from error
            self._stream, self._who, self._number = stream, who, -1
            stream.start()
            chime_s = len(chime) / 48_000
            return Begun(-1, stream.address, recording, chime_s + START_S, page.longest, self)

    def known_as(self, number: int) -> None:
        """The open one has this number."""
        with self._lock:
            if self._stream is not None:
                self._number = number

    def put(self, number: int, n: int, samples: bytes, who: str) -> float:
        """See :meth:`broadcaster.calls.desk.CallDesk.live_chunk`."""
        stream = self._stream
        if stream is None or self._number != number or stream.ended:
            raise Conflict("喊话已经结束 / the live page is over")
        if who != self._who:
            raise Conflict("这不是您的喊话 / this is somebody else's live page")
        if n < 0 or not samples:
            raise UsageError("没有声音数据 / there are no samples in it")
        return stream.put(n, samples)

    def end(self, number: int, reason: str) -> None:
        """It is over: at once with a reason, else when all that was said is heard."""
        stream = self._stream
        if stream is None or self._number != number:
            return
        if reason:
            stream.cut(reason)
        else:
            stream.end()

    def cut(self, reason: str) -> None:
        """Whatever is open is over at once."""
        stream = self._stream
        if stream is not None:
            stream.cut(reason)

    def close(self) -> None:
        """The program ends."""
        self.cut("程序停止 / the program was stopped")

    def _chime(self, name: str | None) -> Mono:
        import numpy as np

        if not name:
            return np.zeros(0, np.float32)
        try:
            found = chime_path(self._home, name)
            made = self._library.prepare(self._home.root / str(found))
            with wave.open(made.path, "rb") as file:
                samples = np.frombuffer(file.readframes(round(made.duration_s * file.getframerate())), dtype="<i2")
                stereo = samples.reshape(-1, file.getnchannels())
                return np.asarray(stereo.mean(axis=1) / 32_768.0, dtype=np.float32)
        except (MediaError, OSError, wave.Error) as error:
            # Without a chime it is still heard.
            log.error("the live page's chime: %s", error)
            return np.zeros(0, np.float32)

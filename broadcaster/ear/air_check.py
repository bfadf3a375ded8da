"""Writes what the ear hears into the rolling record, as MP3. Runs in the ear's process; nothing here may disturb it."""

from __future__ import annotations

import contextlib
import shutil
import sys
from collections import deque
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from io import FileIO
from pathlib import Path
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

import lameenc
import numpy as np
from numpy.typing import NDArray

from broadcaster.air_check.record import FRAME_S, FRAME_SAMPLES, RATE_HZ, Orders, file_name, frame_bytes, names

DELAY_SAMPLES = 576 + 529
"""LAME's encoder begins 576 samples early, a decoder gives its samples 528 + 1 late (LAME's technical FAQ)."""
DATED_BLOCKS = 50
PARTED_S = 0.15
"""When blocks come so much later than the samples before them tell, something between them was not heard."""
STEPPED_S = 0.5
"""A wall clock that was set by more than this begins a new file."""
KEEP_FREE_MB = 300
"""With less of the disk left nothing is recorded: the database needs the rest."""
LOOK_S = 10.0
"""So often the disk is looked at, and a disk that refused is tried again."""
QUALITY = 5
"""LAME's own scale, 0 is best: 5 costs under 1 % of a core."""

Block = NDArray[np.float32]


class AirCheckWriter:
    """The ear's sink of the name ``air-check``: see :mod:`broadcaster.ear.sinks`. Owned by one thread.

    Says ``recording`` and ``reason`` when it can't write to the disk, and when it can again; it tries every ten
    seconds.
    """

    def __init__(self, tell: Callable[[Mapping[str, Any]], None]) -> None:
        self._tell = tell
        self._orders: Orders | None = None
        self._encoder: Any = None
        self._fed = 0
        self._frames = 0
        """Written or lost since the encoder was made."""
        self._origins: deque[float] = deque(maxlen=DATED_BLOCKS)
        self._rest = b""
        self._file: FileIO | None = None
        self._left = 0
        """Frames that the open file still takes."""
        self._looked_at = float("-inf")
        self._well: bool | None = None
        """None before anything was tried: what an earlier writer said is answered by the first word."""

    def order(self, values: Mapping[str, Any]) -> None:
        """Take :class:`broadcaster.air_check.record.Orders`, else ``TypeError``; some changes begin a new file."""
        orders = Orders(**values)
        former, self._orders = self._orders, orders
        if former is None or former == orders:
            return
        if former.kbps != orders.kbps:
            self._end()
        elif former.folder != orders.folder or abs(former.offset - orders.offset) > STEPPED_S:
            self._shut()

    def __call__(self, block: Block, mono_end: float) -> None:
        """Record one block."""
        orders = self._orders
        if orders is None or not orders.folder:
            return
        if self._encoder is not None and abs(self._part(len(block), mono_end)) > PARTED_S:
            self._end()
        if self._encoder is None:
            self._begin(orders)
        self._fed += len(block)
        self._origins.append(mono_end - self._fed / RATE_HZ)
        mono = block.mean(axis=1) if block.ndim > 1 else block
        samples = np.clip(np.nan_to_num(mono) * 32767.0, -32768, 32767).astype("<i2")
        self._take(bytes(self._encoder.encode(samples.tobytes())), orders, mono_end)

    def close(self) -> None:
        """End the open file; the next block begins another."""
        self._end()

    def _part(self, samples: int, mono_end: float) -> float:
        return mono_end - (self._fed + samples) / RATE_HZ - median(self._origins)

    def _begin(self, orders: Orders) -> None:
        encoder = lameenc.Encoder()
        encoder.silence()
        encoder.set_channels(1)
        encoder.set_in_sample_rate(RATE_HZ)
        encoder.set_out_sample_rate(RATE_HZ)
        encoder.set_bit_rate(orders.kbps)
        encoder.set_quality(QUALITY)
        self._encoder, self._fed, self._frames, self._rest = encoder, 0, 0, b""
        self._origins.clear()

    def _end(self) -> None:
        """End the encoder's stream: what it still holds belongs to the open file."""
        if self._encoder is not None and self._orders is not None and self._file is not None:
            self._left = sys.maxsize
            self._take(bytes(self._encoder.flush()), self._orders, float("inf"))
        self._shut()
        self._encoder = None

    def _take(self, encoded: bytes, orders: Orders, mono: float) -> None:
        size = frame_bytes(orders.kbps)
        encoded = self._rest + encoded
        whole = len(encoded) // size
        self._rest = encoded[whole * size :]
        at = 0
        while at < whole:
            if self._file is None and not self._open(orders, mono):
                self._frames += whole - at
                return
            count = min(whole - at, self._left)
            if not self._write(encoded[at * size : (at + count) * size]):
                self._frames += whole - at
                return
            at += count
            self._frames += count
            self._left -= count
            if self._left == 0:
                self._shut()

    def _write(self, frames: bytes) -> bool:
        assert self._file is not None
        try:
            # Straight to the system: who listens in is a block behind, and a power cut costs no more than that.
            written = self._file.write(frames)
            if written != len(frames):
                raise OSError(f"only {written} of {len(frames)} bytes were taken")
        except OSError as error:
            self._fail(str(error))
            return False
        return True

    def _open(self, orders: Orders, mono: float) -> bool:
        if mono - self._looked_at < LOOK_S and self._well is False:
            return False
        self._looked_at = mono
        origin = median(self._origins) + (self._frames * FRAME_SAMPLES - DELAY_SAMPLES) / RATE_HZ
        start = datetime.fromtimestamp(origin + orders.offset, UTC)
        folder = Path(orders.folder)
        if orders.zone:
            folder /= f"{start.astimezone(ZoneInfo(orders.zone)):%Y-%m-%d}"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            free_mb = shutil.disk_usage(folder).free // 1_000_000
            if free_mb < KEEP_FREE_MB:
                raise OSError(f"only {free_mb} MB are free")
            self._file = _create(folder, start)
            self._left = max(1, round(orders.file_s / FRAME_S))
            if orders.keep:
                for _start, path in names(folder)[: -orders.keep]:
                    path.unlink(missing_ok=True)
        except OSError as error:
            self._fail(str(error))
            return False
        if not self._well:
            self._tell({"recording": True, "reason": ""})
        self._well = True
        return True

    def _fail(self, reason: str) -> None:
        if self._well is not False:
            self._tell({"recording": False, "reason": reason})
        self._well = False
        self._shut()

    def _shut(self) -> None:
        if self._file is not None:
            with contextlib.suppress(OSError):
                self._file.close()
        self._file = None


def _create(folder: Path, start: datetime) -> FileIO:
    """A new file of this start; where a clock that was set back made one before, a millisecond later."""
    while True:
        try:
            return FileIO(folder / file_name(start), "xb")
        except FileExistsError:
            start += timedelta(milliseconds=1)

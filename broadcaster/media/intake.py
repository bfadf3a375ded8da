"""Takes files in that people send: stored aside, really decoded within limits, and only then put where they belong.

Nothing that is refused, given up or broken off by a crash remains.
"""

from __future__ import annotations

import hashlib
import os
import queue
import secrets
import shutil
import threading
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from broadcaster.errors import BroadcasterError, MediaError
from broadcaster.media.bench import Bench
from broadcaster.media.file_names import safe_name, split
from broadcaster.media.library import Library
from broadcaster.media.reasons import in_chinese, plain
from broadcaster.media.recording import PREPARATION, Limits, Recording

LIMITS = Limits(shortest_s=1.0, longest_s=3600.0, decoding_s=300.0)
WORKERS = 2
MOST_WAITING = 60
_BLOCK = 1 << 20

Verdict = Callable[["Parcel", str, float | None], None]
"""Told of each file in the end: where it lies and how long it is in seconds, or (empty, None) with its ``reason``."""


@dataclass(slots=True)
class Parcel:
    """A file on its way in."""

    id: str
    name: str
    place: str
    who: str
    where: str
    path: Path
    key: str = ""
    """That its preparation will have: files with the same content have the same."""
    dropped: bool = False
    reason: tuple[str, str] = ("", "")
    """Why it was refused, in Chinese and English."""


class Intake:
    """May be shared by threads.

    ``look`` judges a parcel by its name and content before and after it was decoded, and raises in words for people
    (``中文 / English``); ``keep`` puts the checked file in its place and returns that, relative to the home folder.
    ``told`` hears of each verdict. All three are called on the threads that decode.
    """

    def __init__(
        self,
        folder: Path,
        library: Library,
        *,
        look: Callable[[Parcel], None],
        keep: Callable[[Parcel, Recording], str],
        told: Verdict,
        most_bytes: int,
        keep_free_mb: float = 500.0,
        limits: Limits = LIMITS,
    ) -> None:
        self.most_bytes = most_bytes
        self.keep_free_mb = keep_free_mb
        self.limits = limits
        self._folder = folder
        self._library = library
        self._look, self._keep, self._told = look, keep, told
        self._waiting: queue.SimpleQueue[Parcel | None] = queue.SimpleQueue()
        self._open: OrderedDict[str, Parcel] = OrderedDict()
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._closed = False

    def sweep(self) -> None:
        """Remove what an earlier run left behind."""
        for left in self._folder.glob("*"):
            if left.is_dir():
                shutil.rmtree(left, ignore_errors=True)
            else:
                left.unlink(missing_ok=True)

    def close(self) -> None:
        """Check nothing more; what waits is lost, as if it had never been sent."""
        self._closed = True
        for _thread in self._threads:
            self._waiting.put(None)

    def room_for(self, length: int | None) -> None:
        """Raises ``MediaError`` if a file of so many bytes (None: not told) is too large or would fill the disk."""
        if length is not None and length > self.most_bytes:
            raise self._too_large()
        if len(self._open) >= MOST_WAITING:
            raise MediaError("正在检查的文件太多,请等一会儿再传 / too many files are being checked, try again later")
        self._folder.mkdir(parents=True, exist_ok=True)
        free_mb = shutil.disk_usage(self._folder).free / 1e6
        if free_mb - (length or 0) / 1e6 < self.keep_free_mb:
            raise MediaError(
                f"磁盘快满了(剩 {free_mb:.0f} MB),放不下,请先腾出空间 / "
                f"the disk is nearly full ({free_mb:.0f} MB left): make room first"
            )

    def receive(self, stream: IO[bytes], name: str, place: str, *, length: int | None, who: str, where: str) -> Parcel:
        """Store a file and have it checked. Raises ``MediaError``; then nothing of it remains."""
        self.room_for(length)
        parcel_id = secrets.token_hex(8)
        folder = self._folder / parcel_id
        name = safe_name(name)
        parcel = Parcel(parcel_id, name, place, who, where, folder / f"upload{split(name)[1].lower()}")
        try:
            folder.mkdir()
            self._store(stream, parcel, length)
        except OSError as error:
            shutil.rmtree(folder, ignore_errors=True)
            raise MediaError(f"{name} 存不下来,请检查磁盘 / can't be stored, check the disk: {error}") from error
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        with self._lock:
            self._open[parcel_id] = parcel
            self._start()
        self._waiting.put(parcel)
        return parcel

    def drop(self, parcel_id: str) -> bool:
        """Give a file up that is not judged yet; whether there was one."""
        with self._lock:
            parcel = self._open.get(parcel_id)
            if parcel is not None:
                parcel.dropped = True
        return parcel is not None

    def _too_large(self) -> MediaError:
        most_mb = self.most_bytes // 1_000_000
        return MediaError(f"文件太大,最多 {most_mb} MB / the file is too large: at most {most_mb} MB")

    def _store(self, stream: IO[bytes], parcel: Parcel, length: int | None) -> None:
        # The very hash that the library will ask for: a file that is there already is known before it is decoded.
        digest, size = hashlib.sha256(f"prepared {PREPARATION}\n".encode()), 0
        with parcel.path.open("wb") as out:
            while block := stream.read(_BLOCK):
                size += len(block)
                if size > self.most_bytes:
                    raise self._too_large()
                if size % (16 * _BLOCK) < _BLOCK:
                    self.room_for(None)
                digest.update(block)
                out.write(block)
            out.flush()
            os.fsync(out.fileno())
        if length is not None and size != length:
            raise MediaError(
                f"只传到 {size} 字节,应有 {length} 字节,请重传 / "
                f"broken off after {size} of {length} bytes: send it again"
            )
        if size == 0:
            raise MediaError("文件是空的 / the file is empty")
        parcel.key = digest.hexdigest()

    def _start(self) -> None:
        if not self._threads and not self._closed:
            self._threads = [
                threading.Thread(target=self._work, name=f"intake-{number}", daemon=True) for number in range(WORKERS)
            ]
            for thread in self._threads:
                thread.start()

    def _work(self) -> None:
        with self._library.bench() as bench:
            while (parcel := self._waiting.get()) is not None and not self._closed:
                self._judge(parcel, bench)

    def _judge(self, parcel: Parcel, bench: Bench) -> None:
        kept, duration_s = "", None
        try:
            if not parcel.dropped:
                kept, duration_s = self._check(parcel, bench)
        except MediaError as error:
            parcel.reason = self._words(error, parcel.path)
        except BroadcasterError as error:
            zh, _slash, en = str(error).partition(" / ")
            parcel.reason = (zh, en or zh)
        except Exception as error:  # the loop's outermost turn: one file must not end the others' worker
            parcel.reason = (f"没能检查完:{error}", f"checking it failed: {error}")
        finally:
            shutil.rmtree(parcel.path.parent, ignore_errors=True)
            with self._lock:
                self._open.pop(parcel.id, None)
        if not parcel.dropped:
            with suppress(BroadcasterError):
                self._told(parcel, kept, duration_s)

    def _check(self, parcel: Parcel, bench: Bench) -> tuple[str, float | None]:
        self._look(parcel)
        recording = self._library.prepare_on(bench, parcel.path, self.limits)
        # What was prepared before was not held to these limits; shorter ones were padded to a second.
        if recording.duration_s > self.limits.longest_s:
            raise MediaError(f"it is longer than {self.limits.longest_s / 60:g} minutes; cut it into parts")
        if recording.duration_s <= self.limits.shortest_s:
            raise MediaError(f"only {recording.duration_s:.2f} s of sound can be decoded from it")
        if parcel.dropped:
            return "", None
        return self._keep(parcel, recording), recording.duration_s

    @staticmethod
    def _words(error: MediaError, path: Path) -> tuple[str, str]:
        text = plain(str(error), str(path))
        zh, slash, en = text.partition(" / ")
        return (zh, en) if slash and not zh.isascii() else (in_chinese(text), text)

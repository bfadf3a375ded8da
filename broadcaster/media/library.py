"""The prepared recordings, found by the original's path."""

from __future__ import annotations

import queue
import stat
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from os import stat_result
from pathlib import Path

from broadcaster.errors import MediaError
from broadcaster.media.bench import WORKER, Bench
from broadcaster.media.memo import Memo
from broadcaster.media.recording import USUAL, Limits, Recording
from broadcaster.media.shelf import Shelf

_WORKERS = 2
_BASE_LIMIT_S = 30.0
_LIMIT_PER_S = 0.2
_SLOWEST_BYTES_PER_S = 16_000
"""Of a common recording (128 kbit/s): guesses a file's length from its size."""

Progress = Callable[[int, int, Path], None]
"""How many are done, how many there are, and the one just done."""


class Library:
    """Prepares recordings into the cache folder and finds them again; safe from several threads and processes.

    ``keep_free_mb`` of disk space are left to others. ``time_limit_s`` replaces the limit guessed from a file's size.
    """

    def __init__(
        self,
        cache: Path,
        *,
        keep_free_mb: float = 200.0,
        time_limit_s: float | None = None,
        command: Sequence[str] = WORKER,
    ) -> None:
        self.shelf = Shelf(cache)
        self.keep_free_mb = keep_free_mb
        self._memo = Memo(self.shelf.folder / "index.json")
        self._time_limit_s = time_limit_s
        self._command = command

    def bench(self) -> Bench:
        """A new child process for this library's jobs, not yet started."""
        return Bench(self._command)

    def cached(self, path: Path) -> Recording | None:
        """The prepared recording if it is there and the original is as it was; reads and decodes nothing."""
        try:
            key = self._memo.get(path, path.stat())
        except (OSError, ValueError):
            return None
        return self.shelf.get(key, str(path)) if key else None

    def prepare(self, path: Path, limits: Limits = USUAL) -> Recording:
        """The prepared recording, made now if need be (about a second for a song, a minute for an hour).

        ``limits`` hold for what is not prepared yet. Raises ``MediaError`` with the file, the reason and the remedy.
        """
        with self.bench() as bench:
            return self.prepare_on(bench, path, limits)

    def prepare_on(self, bench: Bench, path: Path, limits: Limits = USUAL) -> Recording:
        """As :meth:`prepare`, by a child process that serves several jobs."""
        try:
            if found := self.cached(path):
                return found
            before = _look(path)
            with self.shelf.work() as work:
                job = {
                    "job": "prepare",
                    "source": str(path.absolute()),
                    "shelf": str(self.shelf.folder),
                    "work": str(work),
                    "keep_free_mb": self.keep_free_mb,
                    "shortest_s": limits.shortest_s,
                    "longest_s": limits.longest_s,
                }
                key = str(bench.do(job, limits.decoding_s or self._limit_s(before.st_size))["key"])
            recording = self.shelf.get(key, str(path))
            if recording is None:
                raise MediaError(f"it vanished from the cache {self.shelf.folder}; look who empties that folder")
            # Remembered as it was before the reading: if it is being written right now, it is read again.
            self._memo.put(path, before, key)
            return recording
        except MediaError as error:
            raise MediaError(f"{path}: {error}") from error
        except OSError as error:
            raise MediaError(
                f"{path}: the cache {self.shelf.folder} can't be used ({error}); check the disk"
            ) from error

    def moved(self, before: Path, after: Path) -> None:
        """A prepared file was given another name: it need not be read again. Raises ``OSError``."""
        self._memo.move(before, after)

    def prepare_all(
        self, paths: Iterable[Path], progress: Progress | None = None
    ) -> dict[Path, Recording | MediaError]:
        """Each path's recording, or why there is none; two files are worked on at a time.

        ``progress`` is called on the caller's thread.
        """
        wanted = list(dict.fromkeys(paths))
        results: dict[Path, Recording | MediaError] = {}
        benches: queue.SimpleQueue[Bench] = queue.SimpleQueue()
        made = [self.bench() for _ in range(_WORKERS)]
        for bench in made:
            benches.put(bench)

        def work(path: Path) -> Recording | MediaError:
            bench = benches.get()
            try:
                return self.prepare_on(bench, path)
            except MediaError as error:
                return error
            finally:
                benches.put(bench)

        with ThreadPoolExecutor(_WORKERS) as pool:
            try:
                futures = {pool.submit(work, path): path for path in wanted}
                for count, future in enumerate(as_completed(futures), 1):
                    path = futures[future]
                    results[path] = future.result()
                    if progress:
                        progress(count, len(wanted), path)
            finally:
                pool.shutdown(wait=False, cancel_futures=True)
                for bench in made:
                    bench.close()
        return {path: results[path] for path in wanted}

    def _limit_s(self, size: int) -> float:
        if self._time_limit_s is not None:
            return self._time_limit_s
        return _BASE_LIMIT_S + _LIMIT_PER_S * size / _SLOWEST_BYTES_PER_S


def _look(path: Path) -> stat_result:
    try:
        found = path.stat()
    except FileNotFoundError:
        raise MediaError("there is no such file; put it back, or take it out of the plan") from None
    except (OSError, ValueError) as error:
        raise MediaError(f"it can't be reached ({error}); check the disk and the permissions") from error
    if stat.S_ISDIR(found.st_mode):
        raise MediaError("it is a folder, not a recording; name a file in it")
    if not stat.S_ISREG(found.st_mode):
        raise MediaError("it is not a plain file; name a recording")
    if found.st_size == 0:
        raise MediaError("it is empty; copy or download it again")
    return found

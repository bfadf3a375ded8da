"""Write the music where the plan of a new store expects it."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import soundfile

from broadcaster.errors import MediaError
from broadcaster.starter import chimes
from broadcaster.starter.light import LIGHT
from broadcaster.starter.lively import LIVELY
from broadcaster.starter.mix import render
from broadcaster.starter.score import Piece
from broadcaster.starter.signal import RATE, Signal
from broadcaster.starter.songs import SONGS

PIECES: dict[str, Piece] = {f"{piece.folder}/{piece.title}.flac": piece for piece in (*SONGS, *LIGHT, *LIVELY)}
CHIMES: dict[str, Callable[[], Signal]] = {
    "announcements/chimes/ding-dong.flac": chimes.ding_dong,
    "announcements/chimes/four-tone.flac": chimes.four_tone,
}
_WORKERS = 2
_THREADS = "OPENBLAS_NUM_THREADS"


def make_music(home: Path, *, progress: Callable[[str], None] | None = None) -> list[Path]:
    """Write what is missing under ``home``, and give the files made, in the order of their names.

    FLAC, 48 kHz, 16 bit, stereo, -18 LUFS. A file that is there is never touched; one appears only when complete.
    ``progress`` is told a line of text for each file. Raises ``MediaError`` if a file can't be written.
    """
    missing = [name for name in (*CHIMES, *PIECES) if not (home / name).exists()]
    made = []
    for count, path in enumerate(_made(home, missing), 1):
        made.append(path)
        if progress is not None:
            progress(f"{count}/{len(missing)} {path.relative_to(home).as_posix()}")
    return sorted(made)


def make_file(home: Path, name: str) -> Path:
    """Make one file of ``CHIMES`` or ``PIECES``; it is not written over one that has appeared meanwhile."""
    path = home / name
    wave = CHIMES[name]() if name in CHIMES else render(PIECES[name])
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            _write(unfinished, wave, path.stem.lstrip("0123456789 "))
            if not path.exists():
                unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)
    except (OSError, soundfile.LibsndfileError) as error:
        raise MediaError(f"can't write {path}: {error}") from error
    return path


def _made(home: Path, names: list[str]) -> Iterator[Path]:
    pieces = [name for name in names if name in PIECES]
    workers = min(_WORKERS, os.cpu_count() or 1, len(pieces))
    yield from (make_file(home, name) for name in names if name in CHIMES)
    if workers < 2:
        yield from (make_file(home, name) for name in pieces)
        return
    # Spawned on every system: forking a process that may hold threads (a web server's, a sound library's) is unsafe.
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:
        with _one_thread_each():
            jobs = [pool.submit(make_file, home, name) for name in pieces]
        try:
            yield from (job.result() for job in as_completed(jobs))
        except BrokenProcessPool as error:
            raise MediaError(f"a process that made music under {home} died: {error}") from error
        finally:
            pool.shutdown(cancel_futures=True)


@contextmanager
def _one_thread_each() -> Iterator[None]:
    """Processes started meanwhile calculate in one thread: their matrices are small, and waiting threads spin.

    Halves the processor time on two cores. The environment is the only way to tell the library before it is loaded.
    """
    before = os.environ.get(_THREADS)
    os.environ[_THREADS] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ[_THREADS]
        else:
            os.environ[_THREADS] = before


def _write(path: Path, wave: Signal, title: str) -> None:
    """Rounded to 16 bit a stretch at a time, so that no second copy of the piece is needed."""
    with soundfile.SoundFile(path, "w", RATE, 2, "PCM_16", format="FLAC", compression_level=0.6) as file:
        file.title = title
        for part in _stretches(wave):
            file.write(np.ascontiguousarray(np.rint(part.T * 32_767).astype(np.int16)))


def _stretches(wave: Signal) -> Iterable[Signal]:
    return (wave[:, start : start + 10 * RATE] for start in range(0, wave.shape[1], 10 * RATE))

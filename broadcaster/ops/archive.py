"""The archive: what left the database, a file a month and kind, which any program reads.

``var/archive/asrun-2023-01.jsonl.gz`` has a JSON document a line, compressed. ``manifest.json`` beside it names every
file with its SHA-256 and its rows; a file that is not in it counts as not written.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from broadcaster.errors import ArchiveError
from broadcaster.settings import Home, write_whole
from broadcaster.store.retiring import KINDS, TEXTS

FORMAT = 1
MANIFEST = "manifest.json"
_LEVEL = 6
_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True)
class Part:
    """One file. ``month`` is ``2023-01``; a month's later finds are in parts of their own."""

    name: str
    kind: str
    month: str
    rows: int
    bytes: int
    sha256: str
    first: str
    """Date of its first and of its last row."""
    last: str
    written_at: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found of a part; ``fault`` is empty for a good one."""

    part: Part
    fault: str


class Archive:
    """Of one home. One thread writes; any may read. Raises ``ArchiveError``."""

    def __init__(self, home: Home) -> None:
        self.folder = home.var / "archive"
        self._known: tuple[tuple[int, int], list[Part]] | None = None

    def parts(self, kind: str | None = None, month: str | None = None) -> list[Part]:
        """What is in the manifest, oldest first."""
        found = self._read()
        return [one for one in found if kind in (None, one.kind) and month in (None, one.month)]

    def of_date(self, kind: str, on: date) -> list[Part]:
        """Parts in which rows of a date may be."""
        return [one for one in self.parts(kind, f"{on:%Y-%m}") if one.first <= on.isoformat() <= one.last]

    def until(self, kind: str) -> date | None:
        """The last date of which anything is in the archive."""
        return max((date.fromisoformat(one.last) for one in self.parts(kind)), default=None)

    def write(self, kind: str, month: str, dated: Iterable[tuple[date, Mapping[str, Any]]], now: datetime) -> Part:
        """Write documents with their dates, in order, as another part of a month.

        On disk, read back and in the manifest when this returns; broken off before, it is not in the manifest, and
        its file is written over by the next.
        """
        name = self._free_name(kind, month)
        fresh = self.folder / f".{name}.part"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            dates, rows, digest = _put(fresh, dated)
            found = hashlib.sha256()
            count = 0
            for line in _lines(fresh):
                found.update(line)
                count += 1
            if (count, found.digest()) != (rows, digest):
                raise ArchiveError(f"{fresh}: 读回的与写下的不同 / what is read back is not what was written")
            part = Part(
                name, kind, month, rows, fresh.stat().st_size, _digest(fresh), dates[0].isoformat(),
                dates[1].isoformat(), now.isoformat(),
            )  # fmt: skip
            fresh.replace(self.folder / name)
            _sync(self.folder)
            known = sorted([*self._read(), part], key=lambda one: (one.kind, one.month, len(one.name), one.name))
            document = {"format": FORMAT, "files": [asdict(one) for one in known]}
            write_whole(self.folder / MANIFEST, json.dumps(document, ensure_ascii=False, indent=1))
            _sync(self.folder)
        except (OSError, EOFError) as error:
            raise ArchiveError(f"{self.folder / name}: 归档写不进去 / can't be written: {error}") from error
        finally:
            with suppress(OSError):
                fresh.unlink(missing_ok=True)
        return part

    def documents(self, part: Part) -> Iterator[dict[str, Any]]:
        """The documents of a part, one after another; its SHA-256 is compared first."""
        if fault := self.fault(part):
            raise ArchiveError(fault)
        for line in _lines(self.folder / part.name):
            yield json.loads(line)

    def fault(self, part: Part) -> str:
        """Why a part is not what the manifest says; empty if it is."""
        path = self.folder / part.name
        try:
            if _digest(path) != part.sha256:
                return f"{path}: 内容变了 / not what was written (SHA-256)"
        except OSError as error:
            return f"{path}: 读不出来 / can't be read: {error}"
        return ""

    def verify(self) -> list[Verdict]:
        """Every part read through, its rows counted."""
        verdicts = []
        for part in self.parts():
            fault = self.fault(part)
            if not fault:
                try:
                    count = sum(1 for line in _lines(self.folder / part.name) if json.loads(line))
                    fault = "" if count == part.rows else f"{part.name}: {count} ≠ {part.rows}"
                except (OSError, EOFError, ValueError) as error:
                    fault = f"{part.name}: {error}"
            verdicts.append(Verdict(part, fault))
        return verdicts

    def _free_name(self, kind: str, month: str) -> str:
        if kind not in KINDS or not _MONTH.fullmatch(month):
            raise ArchiveError(f"{kind}-{month}: 没有这种归档 / no such part of an archive")
        taken = {one.name for one in self.parts(kind, month)}
        number = 1
        while (name := f"{kind}-{month}{'' if number == 1 else f'.{number}'}.jsonl.gz") in taken:
            number += 1
        return name

    def _read(self) -> list[Part]:
        path = self.folder / MANIFEST
        try:
            state = path.stat()
            mark = state.st_mtime_ns, state.st_size
            if self._known is None or self._known[0] != mark:
                document = json.loads(path.read_text("utf-8"))
                if document["format"] != FORMAT:
                    raise ArchiveError(f"{path}: 格式 {document['format']} / another format")
                self._known = mark, [Part(**one) for one in document["files"]]
            return self._known[1]
        except FileNotFoundError:
            # One file may be of a first night that was broken off; more are an archive that lost its list.
            if len(list(islice(self.folder.glob("*.jsonl.gz"), 2))) > 1:
                raise ArchiveError(
                    f"{path}: 归档目录不见了,请从备份放回 / the list of the archive is gone: put it back from a copy"
                ) from None
            return []
        except (OSError, ValueError, KeyError, TypeError) as error:
            # Without it nobody can tell what was written: nothing is deleted then.
            raise ArchiveError(f"{path}: 归档目录读不出来 / can't be read: {error}") from error


def month_days(month: str) -> list[date]:
    """The dates of ``2023-01``."""
    first = date.fromisoformat(f"{month}-01")
    days = (first + timedelta(days=number) for number in range(31))
    return [on for on in days if on.month == first.month]


def _put(path: Path, dated: Iterable[tuple[date, Mapping[str, Any]]]) -> tuple[tuple[date, date], int, bytes]:
    digest, rows = hashlib.sha256(), 0
    first: date | None = None
    last: date | None = None
    seen: set[str] = set()
    with open(path, "wb", opener=_private) as raw:
        with gzip.GzipFile("", "wb", _LEVEL, raw, mtime=0) as out:
            for on, document in dated:
                line = json.dumps(_slim(document, seen), ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
                out.write(line)
                digest.update(line)
                rows, first, last = rows + 1, min(first or on, on), max(last or on, on)
        raw.flush()
        os.fsync(raw.fileno())
    if first is None or last is None:
        raise ArchiveError(f"{path}: 没有内容 / nothing to write")
    return (first, last), rows, digest.digest()


def _slim(document: Mapping[str, Any], seen: set[str]) -> Mapping[str, Any]:
    """A plan's texts stand once in a file."""
    texts = document.get(TEXTS)
    if not isinstance(texts, Mapping):
        return document
    fresh = {name: text for name, text in texts.items() if name not in seen}
    seen |= fresh.keys()
    return {**document, TEXTS: fresh}


def _lines(path: Path) -> Iterator[bytes]:
    with gzip.open(path, "rb") as file:
        yield from file


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _sync(folder: Path) -> None:
    """Have names on disk as well as contents. Windows writes its folders through, and opens none."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

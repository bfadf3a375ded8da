"""The texts of the plan and the versions that they are: what is in the files now, whose it is, and what was before."""

from __future__ import annotations

import logging
import threading
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from broadcaster.editing import writing
from broadcaster.editing.applying import differing
from broadcaster.editing.models import Changed, How, Version
from broadcaster.editing.texts import digest, hashed, hashes, read_texts
from broadcaster.errors import StoreError, UsageError
from broadcaster.plan.load import fingerprint, last_change
from broadcaster.settings import Home
from broadcaster.store.plan_versions import PlanVersions, VersionRow

log = logging.getLogger(__name__)


class Shelf:
    """For one home; may be shared by threads."""

    def __init__(self, home: Home, versions: PlanVersions) -> None:
        self._home = home
        self._versions = versions
        self._guard = threading.Lock()
        self._seen: tuple[str, dict[str, str], VersionRow | None] | None = None

    def sync(self) -> tuple[dict[str, str], VersionRow | None]:
        """The texts and their version, under the lock. What others did to the files is noted first."""
        slip = writing.found(self._home)
        if slip is not None:
            log.warning("finishing a publication of %s that was broken off", ", ".join(slip.texts))
            left = writing.write(self._home, slip)
            self._note_late(slip, left)
            writing.done(self._home)
        mark = fingerprint(self._home.root)
        texts = read_texts(self._home.root)
        files = hashes(texts)
        try:
            row = self._versions.latest()
            if row is None or row.files != files:
                row = self._versions.add(
                    _by_hash(texts), files, who=self._owner(row, files), how="file", words="", where="file",
                    deed="plan.file", detail={},
                )  # fmt: skip
        except StoreError as error:
            # The air must not wait for the list of versions.
            log.error("the plan's version can't be noted: %s", error)
            row = None
        with self._guard:
            self._seen = (mark, texts, row)
        return texts, row

    def texts(self) -> dict[str, str]:
        """What the files say, without noting anything."""
        with self._guard:
            seen = self._seen
        if seen is not None and seen[0] == fingerprint(self._home.root):
            return seen[1]
        return read_texts(self._home.root)

    def now(self) -> tuple[dict[str, str], VersionRow | None]:
        """As :meth:`sync`; quickly where no file was touched since."""
        with self._guard:
            seen = self._seen
        if seen is not None and seen[2] is not None and seen[0] == fingerprint(self._home.root):
            return seen[1], seen[2]
        with writing.held(self._home):
            return self.sync()

    def _owner(self, row: VersionRow | None, files: Mapping[str, str]) -> str:
        """Whose file it is that was changed last."""
        before = row.files if row else {}
        found = [last_change(self._home.root / file) for file in files if files[file] != before.get(file)]
        known = [(at, who) for at, who in found if at is not None]
        return (max(known)[1] if known else None) or "?"

    def row(self, number: int) -> VersionRow:
        row = self._versions.get(number)
        if row is None:
            raise UsageError(f"没有版本 {number} / there is no version {number}")
        return row

    def texts_of(self, tag: str) -> dict[str, str]:
        """The texts for which a tag was given out."""
        row = self._versions.get(version_in(tag))
        if row is None or digest(row.files) != tag.partition("-")[2]:
            raise UsageError("认不出这份计划,请重新打开页面 / this state of the plan is not known; open the page anew")
        return self._versions.texts(row.files)

    def culprit(self, since: int, files: tuple[str, ...], entries: Collection[str] = ()) -> VersionRow | None:
        """The latest version that changed one of these entries; else one of these files."""
        rows = self._versions.list(200)
        later = [
            (row, before) for row, before in pairwise([*rows, None])
            if row is not None and row.id > since and set(row.changed) & set(files)
        ]  # fmt: skip
        for row, before in later if entries else ():
            old, new = (
                self._versions.texts({file: one for file, one in state.items() if file in files})
                for state in (before.files if before else {}, row.files)
            )
            if set(entries) & set(differing(old, new, files)):
                return row
        return later[0][0] if later else None

    def note(self, slip: writing.Slip, files: Mapping[str, str]) -> VersionRow | None:
        """Note what a slip made of the ``files`` (path -> hash) that were there, and nothing that others did to them
        meanwhile: that becomes a version of theirs.
        """
        fresh = {file: text for file, text in slip.texts.items() if text is not None}
        after = {file: one for file, one in files.items() if file not in slip.texts} | hashes(fresh)
        try:
            return self._versions.add(
                _by_hash(fresh), after, who=slip.who, how=slip.how, words=slip.words, where=slip.where,
                deed=slip.deed, detail=slip.detail,
            )  # fmt: skip
        except StoreError as error:
            log.error("%s changed %s, which can't be noted: %s", slip.who, ", ".join(slip.texts), error)
            return None

    def _note_late(self, slip: writing.Slip, left: Collection[str]) -> None:
        """Note what could be finished of a publication that was broken off."""
        try:
            row = self._versions.latest()
        except StoreError as error:
            log.error("the plan's version can't be noted: %s", error)
            return
        kept = {file: text for file, text in slip.texts.items() if file not in left}
        if row is not None and kept:
            self.note(replace(slip, texts=kept), row.files)


def tag_of(texts: Mapping[str, str], row: VersionRow | None) -> str:
    """Stands for these texts, and for the version that they are."""
    return f"{row.id if row else 0}-{digest(hashes(texts))}"


def version_in(tag: str) -> int:
    """The number of the version that a tag names; 0 if it is no tag."""
    number = tag.partition("-")[0]
    return int(number) if number.isascii() and number.isdigit() and len(number) < 16 else 0


def how_of(row: VersionRow | None) -> How:
    """How a version came about."""
    if row is None or row.how not in ("page", "cli"):
        return "file"
    return "page" if row.how == "page" else "cli"


def version_of(row: VersionRow) -> Version:
    """A row as people get to see it."""
    return Version(row.id, row.at, row.who, how_of(row), row.words, row.where, row.files, row.changed)


def changed_of(row: VersionRow, files: Sequence[str], entries: Sequence[str]) -> Changed:
    """What a version did to files that somebody else edits."""
    return Changed(row.who, row.at, how_of(row), row.words, tuple(files), row.id, tuple(entries))


def _by_hash(texts: Mapping[str, str]) -> dict[str, str]:
    return {hashed(text): text for text in texts.values()}

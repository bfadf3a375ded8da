"""What an examination finds, and how examinations are run."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Literal

from broadcaster.errors import BroadcasterError

log = logging.getLogger(__name__)

State = Literal["ok", "warn", "fail"]
"""fail: the store would not be heard, or lose something; warn: worth a look."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    code: str
    state: State
    zh: str
    en: str
    do_zh: str = ""
    """What to do about it."""
    do_en: str = ""


@dataclass(frozen=True, slots=True)
class Examination:
    """Looks at one thing; may take some seconds, plays nothing."""

    code: str
    look: Callable[[], Iterable[Finding]]


def fine(code: str, zh: str, en: str) -> Finding:
    """All is well."""
    return Finding(code, "ok", zh, en)


def run(examinations: Sequence[Examination]) -> Iterator[Finding]:
    """All findings, in the order of the examinations, which go on side by side."""
    with ThreadPoolExecutor(4, thread_name_prefix="doctor") as pool:
        for found in pool.map(_safely, examinations):
            yield from found


def _safely(one: Examination) -> list[Finding]:
    try:
        return list(one.look())
    except (BroadcasterError, OSError) as error:
        return [Finding(one.code, "fail", f"查不下去:{error}", f"can't be looked at: {error}")]
    except Exception as error:
        # Each examination's outermost turn: one that breaks must not keep the others from being told.
        log.exception("examining %s failed", one.code)
        return [Finding(one.code, "fail", f"查不下去:{error!r}", f"can't be looked at: {error!r}")]

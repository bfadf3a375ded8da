"""Whether a prepared recording is still what it was when it was made: disks forget, and files get overwritten."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from broadcaster.media.files import write_json

HASH = "sha256"
_BLOCK = 1 << 20
_PAUSE_S = 0.02
"""Between two blocks: 50 MB a second at most, so that who plays from the same disk is not held up."""


def is_as_made(wav: Path, pause: Callable[[float], Any] = lambda seconds: None) -> bool | None:
    """Whether the WAV's bytes are those that its sidecar tells; None where that can't be told.

    One of an earlier version, whose sidecar does not say, is taken as good, and its sidecar says it from then on.
    """
    sidecar = wav.with_suffix(".json")
    try:
        facts = json.loads(sidecar.read_text("utf-8"))
        found = _hash(wav, pause)
        if not isinstance(facts, dict):
            return False
        if HASH not in facts:
            if facts.get("bytes") != wav.stat().st_size:
                return False
            write_json(sidecar, {**facts, HASH: found})
            return True
    except FileNotFoundError:
        return None
    except ValueError:
        return False
    except OSError:
        # Unreadable now; what is unreadable on air is told there.
        return None
    return bool(facts[HASH] == found)


def _hash(path: Path, pause: Callable[[float], Any]) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            digest.update(block)
            pause(_PAUSE_S)
    return digest.hexdigest()

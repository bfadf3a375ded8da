"""The key that signs sessions: made once per home, readable by its owner only."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

KEY_BYTES = 32


def load_secret(path: Path) -> bytes:
    """The key in a file, made if there is no whole one there. Deleting the file ends all sessions."""
    key = _read(path)
    if key is None:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        # The mode says nothing on Windows; there the folder's own rights hold.
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(secrets.token_hex(KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
        key = _read(path)
    return key or secrets.token_bytes(KEY_BYTES)


def _read(path: Path) -> bytes | None:
    try:
        key = path.read_bytes().strip()
    except FileNotFoundError:
        return None
    return key if len(key) >= 2 * KEY_BYTES else None

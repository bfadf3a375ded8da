"""Secrets that the page makes: the key that signs cookies, the code for the first account, a first password."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

KEY_BYTES = 32

#: Without vowels, and without what looks alike on paper.
_ALPHABET = "23456789bcdfghjkmnpqrstvwxz"
_GROUPS, _GROUP = 3, 4


def load_secret(path: Path) -> bytes:
    """The key in a file, made if there is no whole one there. Deleting the file ends all sessions."""
    key = _read(path)
    if key is None:
        _write(path, secrets.token_hex(KEY_BYTES))
        key = _read(path)
    return key or secrets.token_bytes(KEY_BYTES)


def make_setup_code(path: Path) -> str:
    """A new code in a file that its owner only can read; whoever knows it may make the first account from afar.

    Raises ``OSError`` if it can't be written.
    """
    code = fresh_password()
    _write(path, code)
    return code


def read_setup_code(path: Path) -> str | None:
    """The code in the file, None if there is none."""
    try:
        return path.read_text(encoding="ascii").strip() or None
    except (OSError, UnicodeDecodeError):
        return None


def fresh_password() -> str:
    """To be read out and typed once: 57 bits, in groups of four."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(_GROUP)) for _ in range(_GROUPS))


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    # The mode says nothing on Windows; there the folder's own rights hold.
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def _read(path: Path) -> bytes | None:
    try:
        key = path.read_bytes().strip()
    except FileNotFoundError:
        return None
    return key if len(key) >= 2 * KEY_BYTES else None

"""What stands for a target's address where that must not be written."""

from __future__ import annotations

import hashlib


def mark_of_address(url: str) -> str:
    """The same for the same address, and nothing of it."""
    return hashlib.sha256(url.strip().encode()).hexdigest()[:12]

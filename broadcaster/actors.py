"""Who did it where no account did, as the audit trail names them. Plain values."""

from __future__ import annotations

FIRE = "fire-input"
"""The building's fire alarm."""
RENDER = "voice"
"""Speech synthesis."""
CLI = "cli:"
"""Before the system's name of whoever typed a command at the PC itself: the database need not be asked for it."""

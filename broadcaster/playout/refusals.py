"""Recordings that can't be prepared, and when each is tried again: a disk or a sound server may only need a moment."""

from __future__ import annotations

TRIES = 8
"""A spot that can't be prepared is given up after so many; they begin early enough to fit before its instant."""

AGAIN_S = 0.6
"""Time between two tries."""


class Refusals:
    """Owned by the conductor's thread. By the spots' ids; instants are monotonic seconds."""

    def __init__(self) -> None:
        self._tries: dict[str, tuple[int, float]] = {}

    def refused(self, spot_id: str, mono: float) -> int | None:
        """It could not be prepared: the number of the try, None if it was the last."""
        tries = self._tries.get(spot_id, (0, 0.0))[0] + 1
        if tries >= TRIES:
            return None
        self._tries[spot_id] = (tries, mono + AGAIN_S)
        return tries

    def waits(self, spot_id: str, mono: float) -> bool:
        """Whether it is too early for the next try."""
        return spot_id in self._tries and self._tries[spot_id][1] > mono

    def forget(self) -> None:
        """Begin anew."""
        self._tries.clear()

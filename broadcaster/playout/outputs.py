"""To which device the engine should play, from what the plan wants and what there is. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

DEFAULT = "default"
"""Whatever the system plays to by itself."""

BACK_S = 10.0
"""The wanted device must be there for so long before what sounds elsewhere is taken back to it."""

ELSEWHERE_S = 900.0
"""So long another device is kept that was taken because the wanted one was silent."""


@dataclass(frozen=True, slots=True)
class Outputs:
    """The devices that there are."""

    names: Mapping[str, str] = field(default_factory=dict)
    """The sound system's own name of each, and what people call it."""
    default: str = ""
    """The system's default, by its own name."""


class Chooser:
    """Owned by the conductor's thread."""

    def __init__(self, device: str = DEFAULT) -> None:
        self.device = device
        """What the engine is to play to."""
        self.missing = ""
        """The wanted device, while it is not there."""
        self._outputs: Outputs | None = None
        self._wanted = device
        self._changed = False
        """Whether somebody wants another device than before: that is not waited with."""
        self._fallback: str | None = None
        self._there_since: float | None = None
        self._elsewhere_until = float("-inf")

    def want(self, device: str, fallback: str | None) -> None:
        """What the plan says."""
        self._changed = self._changed or device != self._wanted
        self._wanted, self._fallback = device, fallback

    def know(self, outputs: Outputs) -> None:
        """The devices are these."""
        self._outputs = outputs

    def other(self) -> str | None:
        """A device other than the present one; None if there is none that is known."""
        if self._outputs is None:
            return None
        present = {self.device} if self.device != DEFAULT else {DEFAULT, self._outputs.default}
        if self._fallback and self._fallback not in present and self._fallback in self._outputs.names:
            return self._fallback
        return next((name for name in self._outputs.names if name not in present), None)

    def take_other(self, mono: float) -> str | None:
        """Play to another device because the present one is silent."""
        device = self.other()
        if device is not None:
            self.device, self._elsewhere_until = device, mono + ELSEWHERE_S
        return device

    def give_up(self) -> None:
        """No device was heard: back to the wanted one."""
        self._elsewhere_until = float("-inf")

    def turn(self, mono: float, *, quiet: bool, silent: bool) -> str | None:
        """The device to change to now; None to stay. ``quiet``: nothing sounds by plan; ``silent``: by mistake."""
        there = self._wanted == DEFAULT or self._outputs is None or self._wanted in self._outputs.names
        self.missing = "" if there else self._wanted
        if not there:
            self._there_since = None
            return self._change(self._in_place()) if self.device == self._wanted or self._gone() else None
        self._there_since = mono if self._there_since is None else self._there_since
        changed, self._changed = self._changed, False
        if self.device == self._wanted or (mono < self._elsewhere_until and not changed and not self._gone()):
            return None
        if changed or quiet or silent or self._gone() or mono - self._there_since >= BACK_S:
            return self._change(self._wanted)
        return None

    def _gone(self) -> bool:
        names = self._outputs.names if self._outputs is not None else {}
        return self.device != DEFAULT and self._outputs is not None and self.device not in names

    def _in_place(self) -> str:
        if self._fallback and self._outputs is not None and self._fallback in self._outputs.names:
            return self._fallback
        return DEFAULT

    def _change(self, device: str) -> str | None:
        if device == self.device:
            return None
        self.device = device
        return device

"""The trust in the clock: document and route."""

from __future__ import annotations

from pydantic import Field

from broadcaster.web.contract import Contract
from broadcaster.web.route import Route

TRUSTERS = ("announcer", "manager", "it")


class ClockState(Contract):
    """Whether the PC's clock is believed."""

    trusted: bool
    changed: bool = Field(description="it was not believed until now")


ROUTES: tuple[Route, ...] = (
    Route(
        "/api/v1/clock/trust", "The time is right: end the background music that airs instead of a wrong programme",
        ClockState, "post", roles=TRUSTERS,
    ),
)  # fmt: skip

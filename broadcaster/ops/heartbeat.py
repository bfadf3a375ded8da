"""A sign of life for a monitor outside, given only while this PC has the air and it is right: if it can't call."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from broadcaster.decisions import decided
from broadcaster.plan.unattended_models import Heartbeat

log = logging.getLogger(__name__)

LIMIT_S = 10.0
LOOK_S = 1.0


class HeartbeatSender:
    """Runs a thread. ``settings`` is asked anew each second, so that a change of the plan takes hold."""

    def __init__(self, settings: Callable[[], Heartbeat | None], air_is_right: Callable[[], bool]) -> None:
        self._settings = settings
        self._right = air_is_right
        self._stop = threading.Event()
        self._state = ""

    def start(self) -> None:
        """Begin."""
        threading.Thread(target=self._work, name="heartbeat", daemon=True).start()

    def stop(self) -> None:
        """End; a question under way is left."""
        self._stop.set()

    def _work(self) -> None:
        waited = float("inf")
        while not self._stop.wait(LOOK_S):
            waited += LOOK_S
            try:
                settings = self._settings()
                if settings is None or waited < settings.every:
                    continue
                if self._right():
                    waited = 0.0
                    self._beat(settings)
                else:
                    # Given at once when it is right again, and not an interval later.
                    self._became("held back: the air is not right, or another PC has it")
            except Exception:
                # The outermost turn of this thread.
                log.exception("the heartbeat failed")

    def _beat(self, settings: Heartbeat) -> None:
        # Imported late: nothing sounds sooner for it.
        import httpx

        try:
            with httpx.stream("GET", settings.url, timeout=LIMIT_S, follow_redirects=True) as answer:
                state = "given" if answer.is_success else f"refused: HTTP {answer.status_code}"
        except (httpx.HTTPError, httpx.InvalidURL, ValueError, OSError) as error:
            # The error's words may quote the address, which is a secret.
            state = f"not given: {type(error).__name__}"
        self._became(state)

    def _became(self, state: str) -> None:
        if state != self._state:
            decided("heartbeat", state=state)
        self._state = state

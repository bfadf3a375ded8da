"""Looks after the weather: has the forecast fetched, its words spoken ahead, and the plan on air told of both."""

from __future__ import annotations

import logging
import threading
from datetime import datetime, timedelta

from broadcaster.clock import Clock
from broadcaster.errors import BroadcasterError
from broadcaster.plan.models import WeatherSource
from broadcaster.plan.plan import Clip, Plan, TimelyClip, WeatherSpell
from broadcaster.publishing.plan_keeper import PlanKeeper
from broadcaster.rooms.sayings import script_utterance
from broadcaster.settings import Home
from broadcaster.voice.studio import Studio
from broadcaster.weather.keeper import Outlook, WeatherHealth, WeatherKeeper

log = logging.getLogger(__name__)

LOOK_S = 30.0
EARLY_S = 1.0
"""While there is no plan yet that says where the weather comes from."""
REMEMBERED = timedelta(days=1)
"""What is over is kept so long: the day's rundown must stay what it was."""


class WeatherRoom:
    """Runs a thread. ``health`` may be read from any; None where no weather is asked for."""

    def __init__(
        self, home: Home, clock: Clock, keeper: PlanKeeper, studio: Studio, *, rehearsal: bool = False
    ) -> None:  # fmt: skip
        self._home = home
        # What a rehearsal takes for today's forecast was fetched on another day.
        self._file = home.rehearsal_database.with_name("weather.json") if rehearsal else home.var / "weather.json"
        self._clock = clock
        self._plans = keeper
        self._studio = studio
        self._source: WeatherSource | None = None
        self._weather: WeatherKeeper | None = None
        self._stop = threading.Event()
        self._trouble = ""

    def start(self) -> None:
        """Begin."""
        threading.Thread(target=self._work, name="weather", daemon=True).start()

    def stop(self) -> None:
        """End; what is being fetched or spoken is left."""
        self._stop.set()

    def health(self) -> WeatherHealth | None:
        """How it goes with the forecast, and with speaking it."""
        weather = self._weather
        if weather is None:
            return None
        health = weather.health(self._clock.now())
        if not self._trouble:
            return health
        return WeatherHealth(
            False, f"天气预报念不出来:{self._trouble}", f"the forecast can't be spoken: {self._trouble}",
            health.fetched_at, self._trouble,
        )  # fmt: skip

    def _work(self) -> None:
        while not self._stop.is_set():
            try:
                if (plan := self._plans.plan) is not None:
                    self._look(plan)
            except Exception:
                # The outermost turn of this thread: the neutral text stands when the forecast runs out.
                log.exception("looking after the weather failed")
            self._stop.wait(LOOK_S if self._plans.plan is not None else EARLY_S)

    def _look(self, plan: Plan) -> None:
        source = plan.station.weather
        if source != self._source:
            self._source = source
            self._trouble = ""
            self._weather = WeatherKeeper(source, plan.station.tz, self._file) if source is not None else None
        outlook = self._weather.look(self._clock.now()) if self._weather is not None else None
        spoken = self._spoken(plan, outlook) if outlook is not None and outlook.text else []
        # It holds from when it is ready, not from when it was begun.
        now = self._clock.now()
        kept = [*plan.timely]
        if source is None or outlook is None or spoken or not outlook.text:
            kept = merged_clips(plan.timely, spoken, now)
        spells = merged_spells(plan.weather, outlook.spells if outlook is not None else (), now)
        self._plans.set_timely(tuple(kept), spells)

    def _spoken(self, plan: Plan, outlook: Outlook) -> list[TimelyClip]:
        if outlook.script not in plan.scripts or outlook.text is None:
            return []
        found = []
        try:
            for read in readings(plan, outlook.script):
                recording = self._studio.render(script_utterance(self._home, plan, outlook.script, read, outlook.text))
                clip = Clip(path=recording.path, duration_s=recording.duration_s, key=recording.key)
                found.append(
                    TimelyClip(
                        script=outlook.script,
                        read=read,
                        clip=clip,
                        since=self._clock.now(),
                        until=outlook.until,
                        text=outlook.text,
                    )
                )
        except BroadcasterError as error:
            if str(error) != self._trouble:
                log.error("the weather can't be spoken: %s", error)
            self._trouble = str(error)
            return []
        self._trouble = ""
        return found


def readings(plan: Plan, script: str) -> list[int]:
    """How often the programme has a script read, each number once."""
    own = plan.scripts[script].read
    return sorted(
        {rule.read or own for rule in plan.programme.spots if script in (rule.script, *rule.followed_by)} or {own}
    )


def merged_clips(present: tuple[TimelyClip, ...], new: list[TimelyClip], now: datetime) -> list[TimelyClip]:
    """What held stays as it was up to ``now``; what says the same goes on; what is new begins."""
    merged = []
    fresh = {(one.script, one.read): one for one in new}
    for one in present:
        if one.until <= now:
            if one.until > now - REMEMBERED:
                merged.append(one)
            continue
        other = fresh.get((one.script, one.read))
        if other is not None and other.clip == one.clip:
            # A clock that was set back would else have it wait for the instant at which it was ready.
            merged.append(one.model_copy(update={"since": min(one.since, now), "until": other.until}))
            del fresh[one.script, one.read]
        elif one.since < now:
            merged.append(one.model_copy(update={"until": now}))
    return merged + [one.model_copy(update={"since": max(one.since, now)}) for one in fresh.values()]


def merged_spells(
    present: tuple[WeatherSpell, ...], new: tuple[WeatherSpell, ...], now: datetime
) -> tuple[WeatherSpell, ...]:
    """The same for spells of weather, of which several may hold at once."""
    merged = [one for one in present if now - REMEMBERED < one.until <= now]
    waiting = list(new)
    for one in present:
        if one.since > now or one.until <= now:
            continue
        same = next((other for other in waiting if other.kinds == one.kinds and other.since <= now), None)
        if same is not None:
            waiting.remove(same)
        merged.append(one.model_copy(update={"until": same.until if same is not None else now}))
    return tuple(merged + [one.model_copy(update={"since": max(one.since, now)}) for one in waiting])

"""What the page says of this moment: the status document, with what a template should not have to work out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from broadcaster.errors import BroadcasterError
from broadcaster.web.i18n import gettext as _
from broadcaster.web.i18n import title_of
from broadcaster.web.view import StationView
from broadcaster.web.words import instant, length

#: Below this the disk light warns: a day's log, database and spoken notices fit many times into it.
DISK_LOW_MB = 1024
#: Silence shorter than this lies between two tracks, and is nobody's fault.
DEAD_AIR_S = 2.0


@dataclass(frozen=True, slots=True)
class Light:
    """One line of health: ``state`` is ``ok``, ``warn``, ``bad`` or ``none`` (not measured)."""

    state: str
    name: str
    word: str


@dataclass(frozen=True, slots=True)
class Live:
    """The first thing on the page. ``headline`` is what sounds; ``until`` is when it ends."""

    status: Mapping[str, Any]
    mode: str
    """``spot``, ``track``, ``silence``, ``off`` (outside the programme) or ``nothing``, which is a fault."""
    headline: str
    since: str | None
    until: str | None
    left: str
    lights: tuple[Light, ...]

    @property
    def air(self) -> Mapping[str, Any]:
        air: Mapping[str, Any] = self.status["on_air"]
        return air


def build_live(status: Mapping[str, Any]) -> Live:
    """From a status document."""
    air = status["on_air"]
    segment, track, spot = air.get("segment"), air.get("track"), air.get("spot")
    since = until = None
    if spot:
        mode, headline, since, until = "spot", title_of(spot), spot["started_at"], spot["ends_at"]
    elif track:
        mode, headline, since, until = "track", track["title"], track["started_at"], track["ends_at"]
    elif air.get("silence") and segment:
        mode, headline, since, until = "silence", _("Silence (as planned)"), segment["start"], segment["end"]
    elif segment:
        mode, headline, until = "nothing", _("Nothing is playing"), segment["end"]
    else:
        mode, headline = "off", _("Outside programme time")
    left = length(instant(until) - instant(status["now"])) if until else ""
    return Live(status, mode, headline, since, until, left, tuple(lights(status["health"])))


def complete(status: Mapping[str, Any], station: StationView) -> dict[str, Any]:
    """The status with the gain on air taken from the rundown, where the daemon leaves it out."""
    air = dict(status["on_air"])
    if air.get("gain_db") is None and air.get("segment"):
        try:
            segments = station.rundown(station.today())["segments"]
        except BroadcasterError:
            segments = []
        start = datetime.fromisoformat(air["segment"]["start"])
        gains = (item.get("gain_db") for item in segments if datetime.fromisoformat(item["start"]) == start)
        air["gain_db"] = next(gains, None)
    return {**status, "on_air": air}


def lights(health: Mapping[str, Any]) -> list[Light]:
    """The parts of the station, each with a word."""
    return [
        _light(
            _("Playout"),
            health["engine"],
            {"ok": ("ok", _("working")), "starting": ("warn", _("starting")), "lost": ("bad", _("lost"))},
        ),
        _light(
            _("Listening"),
            health["ear"],
            {
                "ok": ("ok", _("working")),
                "starting": ("warn", _("starting")),
                "none": ("none", _("not fitted: what is heard is not measured")),
                "lost": ("bad", _("lost")),
            },
        ),
        _dead_air(health.get("dead_air_s"), heard=health["ear"] not in ("none", "lost")),
        _light(
            _("Clock"),
            health["clock"],
            {"ok": ("ok", _("right")), "stepped": ("warn", _("was set by hand or by the network"))},
        ),
        _light(_("Plan"), health["plan"], {"ok": ("ok", _("in order")), "faults": ("bad", _("a change was refused"))}),
        _disk(health.get("disk_free_mb")),
    ]


def _light(name: str, value: str, known: Mapping[str, tuple[str, str]]) -> Light:
    state, word = known.get(value, ("warn", value))
    return Light(state, name, word)


def _dead_air(dead_air_s: float | None, *, heard: bool) -> Light:
    name = _("Dead air")
    if dead_air_s is None:
        return Light("none", name, _("not measured"))
    if dead_air_s >= DEAD_AIR_S:
        return Light("bad", name, length(dead_air_s))
    # Players report that they play even when no sound comes out: without an ear "none" is only their word.
    return Light("ok", name, _("none")) if heard else Light("none", name, _("none known, not listened for"))


def _disk(free_mb: float | None) -> Light:
    name = _("Disk space")
    if free_mb is None:
        return Light("none", name, _("not measured"))
    return Light("ok" if free_mb >= DISK_LOW_MB else "bad", name, f"{free_mb / 1024:.1f} GB")

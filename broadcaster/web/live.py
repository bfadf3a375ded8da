"""What the page says of this moment: the status document, with what a template should not have to work out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from broadcaster.errors import BroadcasterError
from broadcaster.web.i18n import gettext as _
from broadcaster.web.i18n import title_of
from broadcaster.web.offices import current_offices, has_offices
from broadcaster.web.plight import Plight, called, starting, without_sound
from broadcaster.web.view import StationView
from broadcaster.web.words import instant, length

if TYPE_CHECKING:
    from broadcaster.web.deeds import Trim

#: Below this the disk light warns: a day's log, database and spoken notices fit many times into it.
DISK_LOW_MB = 1024
#: Silence shorter than this lies between two tracks, and is nobody's fault.
DEAD_AIR_S = 2.0
METER_FLOOR_DBFS = -60.0
"""The left end of the level meter."""


@dataclass(frozen=True, slots=True)
class Light:
    """One line of health: ``state`` is ``ok``, ``warn``, ``bad`` or ``none`` (not measured)."""

    state: str
    name: str
    word: str


@dataclass(frozen=True, slots=True)
class Hold:
    """Something that a person did to the air and that still holds."""

    id: int
    kind: str
    words: str
    who: str
    until: str | None
    """None where it holds until somebody ends it, or where its end says nothing."""
    reason: str
    undo: str
    """The word on the button that ends it."""


@dataclass(frozen=True, slots=True)
class Meter:
    """How loud it is, in dB below full scale. ``share`` and ``peak`` are per cent of the bar."""

    rms_dbfs: float | None
    peak_dbfs: float | None
    computed: bool
    """Worked out from what is played, and not measured."""

    @property
    def share(self) -> float:
        return self._share(self.rms_dbfs)

    @property
    def peak(self) -> float:
        return self._share(self.peak_dbfs)

    @staticmethod
    def _share(level: float | None) -> float:
        return 0.0 if level is None else round(100 * min(1.0, max(0.0, 1 - level / METER_FLOOR_DBFS)), 1)


@dataclass(frozen=True, slots=True)
class Live:
    """The first thing on the page. ``headline`` is what sounds; ``until`` is when it ends."""

    status: Mapping[str, Any]
    mode: str
    """``spot``, ``track``, ``silence``, ``paused``, ``stopped``, ``call``, ``starting``, ``off`` (outside the
    programme) or ``nothing``, which is a fault."""
    headline: str
    since: str | None
    until: str | None
    left: str
    lights: tuple[Light, ...]
    holds: tuple[Hold, ...] = ()
    meter: Meter | None = None
    """None where nobody knows."""
    trim: Trim | None = None
    """Of the level that sounds, for whoever may change it."""
    by: str = ""
    """Who called what is on air, and why."""
    after: str = ""
    """What comes next, where what is planned next does not."""

    @property
    def loud(self) -> Hold | None:
        """What everybody must know at once: everything is stopped, or muted."""
        return next((hold for hold in self.holds if hold.kind in ("stop", "mute")), None)

    @property
    def air(self) -> Mapping[str, Any]:
        air: Mapping[str, Any] = self.status["on_air"]
        return air


def build_live(status: Mapping[str, Any], trims: Sequence[Trim] = ()) -> Live:
    """From a status document; ``trims`` for whoever may change levels."""
    air = status["on_air"]
    segment, track, spot = air.get("segment"), air.get("track"), air.get("spot")
    since = until = None
    holds = tuple(map(_hold, status.get("interventions", ())))
    plight = _plight(status, stopped=any(hold.kind == "stop" for hold in holds))
    if plight is not None:
        mode, headline = plight.mode, plight.headline
    elif any(hold.kind == "stop" for hold in holds):
        mode, headline = "stopped", _("Everything is stopped")
    elif spot:
        mode, headline, since, until = "spot", title_of(spot), spot["started_at"], spot["ends_at"]
    elif track:
        mode, headline, since, until = "track", track["title"], track["started_at"], track["ends_at"]
    elif air.get("silence") and segment:
        mode, headline, since, until = "silence", _("Silence (as planned)"), segment["start"], segment["end"]
    elif segment and any(hold.kind == "pause" for hold in holds):
        mode, headline = "paused", _("The music is paused")
        until = next(hold.until for hold in holds if hold.kind == "pause")
    elif segment:
        # When this part of the day ends says nothing of when it sounds again.
        mode, headline = "nothing", _("Nothing is playing")
    else:
        mode, headline = "off", _("Outside programme time")
    left = length(instant(until) - instant(status["now"])) if until else ""
    level = air.get("level")
    trim = next((trim for trim in trims if trim.level == level), None)
    return Live(
        status, mode, headline, since, until, left, tuple(lights(status["health"])), holds, _meter(air), trim,
        plight.by if plight else "", plight.after if plight else "",
    )  # fmt: skip


def _plight(status: Mapping[str, Any], *, stopped: bool) -> Plight | None:
    call = status["on_air"].get("call")
    if call:
        return called(call)
    held = stopped or any(held["kind"] in ("pause", "mute") for held in status.get("interventions", ()))
    return (without_sound(status) if not held else None) or (starting(status) if not stopped else None)


def _hold(held: Mapping[str, Any]) -> Hold:
    kind, params, target = held["kind"], held.get("params") or {}, held.get("target") or ""
    title = title_of(held) or title_of(params) or target
    words = {
        "pause": _("The music is paused"),
        "mute": _("Muted: nothing is heard"),
        "stop": _("Everything is stopped"),
        "trim": _("%(level)s at dial %(dial)s") % {"level": title, "dial": f"{params.get('dial', 0):g}"},
        "skip": _("Left out: %(title)s") % {"title": title},
        "insert": _("Played by hand: %(title)s") % {"title": title},
    }
    undo = {"pause": _("Resume"), "mute": _("Resume"), "stop": _("Let it go on"), "trim": _("As planned")}
    return Hold(
        held["id"],
        kind,
        words.get(kind, kind),
        held.get("who", ""),
        held.get("until") if kind in ("pause", "mute") else None,
        held.get("reason", ""),
        undo.get(kind, _("Take back")),
    )


def _meter(air: Mapping[str, Any]) -> Meter | None:
    if air.get("meter") is None:
        return None
    return Meter(air.get("rms_dbfs"), air.get("peak_dbfs"), air["meter"] == "computed")


def complete(status: Mapping[str, Any], station: StationView) -> dict[str, Any]:
    """The status with the gain on air, and the name of its level, where the daemon leaves them out."""
    air = dict(status["on_air"])
    if air.get("level") and not air.get("level_zh") and has_offices():
        span = current_offices().choices().ranges.get(air["level"])
        names = span.title if span is not None else {}
        air |= {"level_zh": names.get("title"), "level_en": names.get("title_en")}
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

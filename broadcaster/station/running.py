"""The running station as the page, the API and the commands see it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from broadcaster.asrun.log import AsRunLog
from broadcaster.asrun.report import to_document
from broadcaster.clock import Clock
from broadcaster.errors import NotRunning
from broadcaster.ops.alert_keeper import AlertKeeper
from broadcaster.ops.time_sync import state as time_state
from broadcaster.plan.models import Names, Station
from broadcaster.plan.plan import Plan
from broadcaster.playout.loop import ConductorLoop
from broadcaster.playout.on_air import OnAir
from broadcaster.publishing.almanac import Almanac
from broadcaster.publishing.plan_keeper import PlanKeeper
from broadcaster.publishing.station_file import StationFile
from broadcaster.reports.by_hand import as_trimmed, intervention_document, mark_skipped
from broadcaster.reports.explaining import Explainer
from broadcaster.rooms.air_desk import AirDesk
from broadcaster.rundown.document import iso, rundown_document, segment_document
from broadcaster.settings import Home
from broadcaster.station.watch import StationWatch

NEXT_COUNT = 8
STEPS_SHOWN_S = 600


class RunningStation:
    """Answers from what the parts of the daemon last told; called from many threads."""

    def __init__(
        self,
        home: Home,
        clock: Clock,
        keeper: PlanKeeper,
        almanac: Almanac,
        asrun: AsRunLog,
        loop: ConductorLoop,
        air_desk: AirDesk,
        watch: StationWatch,
        alerts: AlertKeeper,
        *,
        rehearsal: bool,
        clock_trusted: Callable[[], bool] = lambda: True,
        explainer: Explainer | None = None,
    ) -> None:
        self._home = home
        self._clock = clock
        self._keeper = keeper
        self._almanac = almanac
        self._asrun = asrun
        self._loop = loop
        self._air_desk = air_desk
        self._watch = watch
        self._alerts = alerts
        self._rehearsal = rehearsal
        self._clock_trusted = clock_trusted
        self._file = StationFile(home)
        self._explainer = explainer or Explainer(
            home, clock, almanac, asrun, hands=lambda instant: air_desk.interventions
        )

    @property
    def _plan(self) -> Plan:
        plan = self._keeper.plan
        if plan is None:
            doing = self._keeper.preparing
            if doing:
                state = f"正在准备 {doing} / no plan is on air yet: preparing {doing}"
            elif any(not fault.warning for fault in self._keeper.faults):
                state = "播音计划有错，见 broadcaster check / no plan is on air yet: the files have faults"
            else:
                state = "正在读入，请稍候 / no plan is on air yet: it is being read, one moment"
            raise NotRunning(f"还没有可播的计划：{state}")
        return plan

    @property
    def name(self) -> Mapping[str, str]:
        """The store's name by language."""
        station = self._station()
        name = station.name if station else Names(zh="播音系统", en="Store broadcast")
        return {"zh": name.zh, "en": name.text("en")}

    @property
    def timezone(self) -> str:
        """IANA name of the store's time zone."""
        station = self._station()
        return station.timezone if station else "UTC"

    def today(self) -> date:
        """The station's own date."""
        station = self._station()
        return self._clock.now().astimezone(station.tz if station else UTC).date()

    def _station(self) -> Station | None:
        """Of the plan on air; until there is one, as the file says: the page's clock must be right from the first."""
        if self._keeper.plan is not None:
            return self._keeper.plan.station
        return self._file.station()

    def rundown(self, day: date) -> dict[str, Any]:
        """As :class:`broadcaster.web.contract.Rundown` has it."""
        plan = self._plan
        hands = self._air_desk.interventions
        rundown = as_trimmed(plan, self._almanac.rundown(plan, day), hands, self._clock.now())
        document = rundown_document(plan, rundown)
        mark_skipped(document["spots"], hands)
        return document

    def asrun(self, day: date) -> dict[str, Any]:
        """As :class:`broadcaster.web.contract.AsRun` has it."""
        return to_document(day, self._asrun.entries(day), self._plan.station.tz)

    def why(self, instant: datetime) -> dict[str, Any]:
        """What should be, or was, on air at an instant, and why."""
        return self._explainer.why(self._plan, instant)

    def check(self) -> dict[str, Any]:
        """Faults and warnings of the plan's files as they are now."""
        faults = [fault.as_json() for fault in self._keeper.faults if not fault.warning]
        warnings = [fault.as_json() for fault in self._keeper.faults if fault.warning]
        return {"ok": not faults, "faults": faults, "warnings": warnings}

    def status(self) -> dict[str, Any]:
        """As :class:`broadcaster.web.contract.Status` has it."""
        on_air = self._loop.on_air()
        now = self._clock.now()
        plan = self._keeper.plan
        if plan is None or on_air is None:
            return self._starting(now)
        return {
            "now": now.astimezone(plan.station.tz).isoformat(timespec="milliseconds"),
            "rehearsal": self._rehearsal,
            "on_air": on_air_document(plan, on_air, now),
            "next": self._next(plan, now),
            "interventions": [intervention_document(plan, one) for one in self._air_desk.holding()],
            "health": self._health(on_air),
            "plan": self._plan_state(plan),
        }

    def _starting(self, now: datetime) -> dict[str, Any]:
        return {
            "now": now.astimezone(ZoneInfo(self.timezone)).isoformat(timespec="milliseconds"),
            "rehearsal": self._rehearsal,
            "on_air": {"segment": None, "track": None, "offset_s": None, "spot": None, "level": None, "dial": None,
                       "gain_db": None, "silence": False, "muted": False, "stopped": False, "paused": False,
                       "call": None, **METERLESS},
            "next": [],
            "interventions": [],
            "health": self._health(None),
            "plan": self._plan_state(None),
        }  # fmt: skip

    def _plan_state(self, plan: Plan | None) -> dict[str, Any]:
        loaded = self._keeper.loaded_at
        return {
            "version": plan.version if plan else None,
            "loaded_at": iso(loaded, plan.station.tz) if plan and loaded else None,
            "faults": sum(not fault.warning for fault in self._keeper.faults),
            "preparing": self._keeper.preparing or None,
        }

    def _next(self, plan: Plan, now: datetime) -> list[dict[str, Any]]:
        hands = self._air_desk.interventions
        today = now.astimezone(plan.station.tz).date()
        items: list[dict[str, Any]] = []
        for day in (today, today + timedelta(days=1)):
            rundown = self._almanac.rundown(plan, day)
            items += [
                {"at": spot.at, "kind": "spot", "id": spot.id, **_titles(spot.title)}
                for spot in rundown.spots
                if spot.at > now and hands.skipped(spot.id) is None
            ]
            items += [
                {"at": segment.start, "kind": "segment", "id": segment.daypart, **_titles(segment.title)}
                for segment in rundown.segments
                if segment.start > now
            ]
            if len(items) >= NEXT_COUNT:
                break
        items.sort(key=lambda item: item["at"])
        return [{**item, "at": iso(item["at"], plan.station.tz)} for item in items[:NEXT_COUNT]]

    def _clock_state(self, on_air: OnAir | None) -> str:
        if not self._clock_trusted():
            return "untrusted"
        return "stepped" if on_air is not None and on_air.clock_stepped_within(STEPS_SHOWN_S) else "ok"

    def _health(self, on_air: OnAir | None) -> dict[str, Any]:
        return {
            "engine": self._watch.engine(on_air),
            "ear": on_air.hearing.ear if on_air is not None else "starting",
            "output_gone": on_air is not None and on_air.hearing.output_gone,
            "ear_reason": on_air.hearing.reason if on_air is not None else "",
            "dead_air_s": _dead_air_s(on_air),
            "clock": self._clock_state(on_air),
            "ntp": time_state().state,
            "plan": "faults" if any(not fault.warning for fault in self._keeper.faults) else "ok",
            "disk_free_mb": self._watch.disk_free_mb(),
            "alerts": self._alerts.present(self._clock.now()),
            "pending": self._alerts.pending(self._clock.now()),
        }


def _titles(title: Names) -> dict[str, str]:
    return {"title": title.zh, "title_zh": title.zh, "title_en": title.text("en")}


def _call_document(on_air: OnAir, tz: ZoneInfo) -> dict[str, Any] | None:
    """An emergency or a live page; None without."""
    call = on_air.call
    if call is None:
        return None
    return {
        "kind": call.kind, "id": call.id, **_titles(Names(zh=call.title_zh, en=call.title_en)),
        "since": iso(call.since, tz), "sounding": call.sounding, "silent": call.silent,
        "fire": call.fire, "who": call.who, "reason": call.reason, "text": call.text or None,
    }  # fmt: skip


SINE_DB = 3.01
"""By how much the level of a sine that a meter shows is above that of its samples."""

METERLESS: dict[str, Any] = {"meter": "computed", "rms_dbfs": None, "peak_dbfs": None, "meter_ahead": None}


def _meter(on_air: OnAir, now: datetime) -> dict[str, Any]:
    """The level now, and of the moment to come in steps: a page asks once a second."""
    # Not at the top: numpy takes a tenth of a second, which a restart has not.
    from broadcaster.station.level_meter import FLOOR_DBFS, STEP_S, levels

    found = levels(on_air, now)
    hearing = on_air.hearing
    heard = hearing.ear == "ok" and hearing.rms_dbfs is not None
    off_db = hearing.expected_db or 0.0
    ahead = None
    if found is not None:
        ahead = {
            "step_s": STEP_S,
            "rms_dbfs": [round(one + off_db, 1) for one in found.rms_dbfs],
            "peak_dbfs": [round(one + off_db, 1) for one in found.peak_dbfs],
        }
    if heard and hearing.silent_since is not None:
        return {**METERLESS, "meter": "heard"}
    if heard and hearing.rms_dbfs is not None:
        # A sine at full scale reads 0 dBFS, as on every meter (AES17).
        rms = max(FLOOR_DBFS, round(hearing.rms_dbfs + SINE_DB, 1))
        peak = None if hearing.peak_dbfs is None else max(FLOOR_DBFS, round(hearing.peak_dbfs, 1))
        return {"meter": "heard", "rms_dbfs": rms, "peak_dbfs": peak, "meter_ahead": ahead}
    if found is None:
        return METERLESS
    return {
        "meter": "computed", "rms_dbfs": found.rms_dbfs[0], "peak_dbfs": found.peak_dbfs[0], "meter_ahead": ahead,
    }  # fmt: skip


def _dead_air_s(on_air: OnAir | None) -> float | None:
    """None where nothing tells whether it is silent."""
    if on_air is None or (on_air.hearing.ear != "ok" and on_air.dead_air_s == 0.0):
        return None
    return round(on_air.dead_air_s, 1)


def on_air_document(plan: Plan, on_air: OnAir, now: datetime) -> dict[str, Any]:
    """The ``on_air`` of the status: what sounds, not what should."""
    tz = plan.station.tz
    segment, track, spot = on_air.segment, on_air.track, on_air.spot
    hands = on_air.interventions
    if hands.paused(now) is not None and hands.voice_off(now) is None:
        # It runs on where it would be, and is not heard.
        track = None
    document: dict[str, Any] = {
        "segment": segment_document(plan, segment, tz) if segment else None,
        "track": None,
        "offset_s": None,
        "spot": None,
        "level": segment.level if segment else None,
        "dial": segment.dial if segment else None,
        "gain_db": segment.gain_db if segment else None,
        "silence": segment is not None and segment.bed is None,
        "bed_depth_db": on_air.bed_depth_db,
        "muted": hands.muted(now) is not None,
        "stopped": hands.stopped(now) is not None,
        "paused": hands.paused(now) is not None,
        "call": _call_document(on_air, tz),
        **_meter(on_air, now),
    }
    if track is not None:
        recording = track.item.track
        document["offset_s"] = round((now - track.started_at).total_seconds(), 3)
        document["track"] = {
            "id": track.item.id,
            "title": recording.title,
            "file": recording.file,
            "playlist": track.item.playlist,
            "started_at": iso(track.started_at, tz),
            "ends_at": iso(track.item.end, tz),
            "duration_s": recording.duration_s,
        }
    if spot is not None:
        script = plan.scripts.get(spot.spot.ref)
        document["spot"] = {
            "id": spot.spot.id,
            **_titles(spot.spot.title),
            "started_at": iso(spot.started_at, tz),
            "ends_at": iso(spot.started_at + timedelta(seconds=spot.spot.duration_s), tz),
            "text": spot.spot.text or (script.text if script else ""),
        }
        document |= {"level": spot.spot.level, "dial": spot.spot.dial, "gain_db": spot.spot.gain_db}
    return document

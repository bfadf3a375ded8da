"""What the desk can put on air at once: a script or an approved notice, with the recording that it airs in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any, Literal, cast
from zoneinfo import ZoneInfo

from broadcaster.calibration_sound import LENGTH_S, calibration_sound
from broadcaster.clock import Clock
from broadcaster.errors import Conflict, UsageError
from broadcaster.media.recording import REFERENCE_LUFS
from broadcaster.notices.feed import fit_for_air
from broadcaster.plan.models import Lateness, Names
from broadcaster.plan.plan import Clip, Plan, clip_name
from broadcaster.playout.interventions import Intervention, Interventions, day_of_target, of
from broadcaster.rooms.sayings import script_utterance
from broadcaster.rundown.events import Notice
from broadcaster.rundown.unsaid import NOTHING_UNSAID, Unsaid
from broadcaster.settings import Home
from broadcaster.store.database import Database
from broadcaster.store.interventions import InterventionRows, StoredIntervention
from broadcaster.store.notice_names import number_of
from broadcaster.store.notices import Notices
from broadcaster.voice.studio import Studio

Kind = Literal["script", "notice", "test"]

LATE_S = 900.0
"""What is called for now and finds no place for so long is no longer wanted: whoever asked has helped themselves."""


class AtHand:
    """May be shared by threads."""

    def __init__(self, home: Home, clock: Clock, notices: Notices, studio: Studio) -> None:
        self._home = home
        self._clock = clock
        self._notices = notices
        self._studio = studio

    def ready(self, plan: Plan, kind: Kind, ref: str) -> Mapping[str, Any]:
        """Everything that airing it needs, to be kept with the deed; speaks a script that has no recording yet.

        Raises ``UsageError`` for what there is not, ``Conflict`` for a notice that may not be heard (now), and as
        :meth:`Studio.render`.
        """
        if kind == "test":
            return self._test(ref)
        return self._script(plan, ref) if kind == "script" else self._notice(plan, ref)

    def _test(self, ref: str) -> Mapping[str, Any]:
        gain_db = float(ref)
        path = calibration_sound(self._home.media, REFERENCE_LUFS + gain_db)
        clip = Clip(path=str(path), duration_s=LENGTH_S, key=path.stem)
        return {
            "kind": "script", "ref": "calibration", "title_zh": "校准测试声", "title_en": "Calibration sound",
            "text": "", "read": 1, "level": None, "bed": "stop", **_recorded(clip),
        }  # fmt: skip

    def _script(self, plan: Plan, name: str) -> Mapping[str, Any]:
        script = plan.scripts.get(name)
        if script is None:
            raise UsageError(f"没有文稿“{name}” / there is no script “{name}”")
        now, own = self._clock.now(), clip_name(name, script.read)
        timely = [one for one in plan.timely if clip_name(one.script, one.read) == own and one.since <= now < one.until]
        clip, text = (timely[-1].clip, timely[-1].text) if timely else (plan.clips.get(own), script.text.strip())
        if clip is None or clip.path is None:
            if script.recording is not None:
                raise UsageError(
                    f"文稿“{name}”的录音用不了:{script.recording} / the recording of script “{name}” can't be used"
                )
            made = self._studio.render(script_utterance(self._home, plan, name, script.read, script.text))
            clip = Clip(path=made.path, duration_s=made.duration_s, key=made.key)
        return {
            "kind": "script", "ref": name, "title_zh": script.title.zh, "title_en": script.title.text("en"),
            "text": text, "read": script.read, "level": script.level, **_recorded(clip),
        }  # fmt: skip

    def _notice(self, plan: Plan, ref: str) -> Mapping[str, Any]:
        try:
            stored = self._notices.get(number_of(ref))
        except ValueError:
            stored = None
        if stored is None:
            raise UsageError(f"没有通知“{ref}” / there is no notice “{ref}”")
        draft = fit_for_air(stored) if stored.latest == stored.revision and stored.state == "ready" else None
        if draft is None or not stored.renderings:
            waits = stored.state == "approved"
            state = "还在合成,稍等 / is still being spoken" if waits else f"不能播 ({stored.state}) / may not be aired"
            raise Conflict(f"通知 {stored.id} {state}")
        if stored.last < self._clock.now().astimezone(plan.station.tz).date():
            raise Conflict(
                f"通知 {stored.id} 已过期 ({stored.last}) / notice {stored.id} is out of date ({stored.last})"
            )
        made = stored.renderings[-1]
        clip = Clip(path=made.clip_path, duration_s=made.duration_s, key=made.clip_key)
        return {
            "kind": "notice", "ref": ref, "title_zh": draft.title, "title_en": draft.title, "text": draft.text,
            "read": draft.read, "level": draft.level, "vendor": draft.vendor, "revision": stored.revision,
            **_recorded(clip),
        }  # fmt: skip


def _recorded(clip: Clip) -> Mapping[str, Any]:
    return {"path": clip.path, "duration_s": clip.duration_s, "key": clip.key}


def as_notice(one: Intervention, tz: tzinfo, withdrawn_at: datetime | None) -> Notice:
    """What somebody put on air, as the compiler takes it: once, urgent, at the next free place."""
    params = one.params
    ends = [end for end in (one.ended_at, withdrawn_at) if end is not None]
    on = one.since.astimezone(tz).date()
    return Notice(
        id=f"desk-{one.id}",
        title=Names(zh=str(params["title_zh"]), en=str(params["title_en"])),
        clip=Clip(path=params["path"], duration_s=float(params["duration_s"]), key=str(params["key"])),
        first=on,
        last=on,
        read=int(params["read"]),
        level=params.get("level"),
        vendor=params.get("vendor"),
        since=one.since,
        until=min(ends) if ends else None,
        moments=(one.since,),
        priority="urgent",
        lateness=Lateness(rule="late_by", late_by_s=LATE_S),
        move_by_s=LATE_S,
        bed="stop" if params.get("bed") == "stop" else "duck",
        text=str(params["text"]),
        by=one.shown,
        speaks=(params["kind"], str(params["ref"])),
    )


class DeskFeed:
    """What people put on air by hand on a date, for the compiler. May be shared by threads."""

    def __init__(self, database: Database, tz: Callable[[], ZoneInfo], zone: str) -> None:
        self._rows = InterventionRows(database, zone)
        self._notices = Notices(database)
        self._tz = tz

    def feed(self, on: date) -> tuple[Notice, ...]:
        """``StoreError`` as of :class:`Database`."""
        tz = self._tz()
        start, end = (datetime.combine(day, time.min, tz) for day in (on, on + timedelta(days=1)))
        return tuple(
            as_notice(intervention(stored), tz, self._withdrawn_at(stored.params))
            for stored in self._rows.inserts(start, end)
        )

    def unsaid(self, on: date) -> Unsaid:
        """What people silenced on a date. ``StoreError`` as of :class:`Database`."""
        tz = self._tz()
        start, end = (datetime.combine(day, time.min, tz) for day in (on, on + timedelta(days=1)))
        found = [intervention(stored) for stored in self._rows.since(start)]
        stops = tuple((one.since, one.over_at) for one in found if one.kind == "stop" and one.since < end)
        mine = [one for one in found if one.kind == "skip" and one.ended_at is None and one.params["what"] == "spot"]
        skips = {one.target: one.since for one in reversed(mine) if one.target and day_of_target(one.target) == on}
        return Unsaid(stops, skips) if stops or skips else NOTHING_UNSAID

    def _withdrawn_at(self, params: Mapping[str, Any]) -> datetime | None:
        """When a notice that was put on air ceased to be fit for it; None while it is."""
        if params.get("kind") != "notice":
            return None
        stored = self._notices.get(number_of(str(params["ref"])))
        if stored is None:
            return None
        current = stored.state == "ready" and stored.revision == params.get("revision")
        return None if current else stored.ended_at or stored.changed_at


def hands_around(database: Database, zone: str, instant: datetime) -> Interventions:
    """What people did by hand that an instant may have to do with. ``StoreError`` as of :class:`Database`."""
    around = timedelta(days=1)
    found = InterventionRows(database, zone).between(instant - around, instant + around)
    return of(intervention(stored) for stored in found)


def intervention(stored: StoredIntervention) -> Intervention:
    """What is kept, as the air has it."""
    return Intervention(**{**asdict(stored), "kind": cast(Any, stored.kind)})

"""A date with a log, texts, deeds and a fault, as it would be written by a real one, for the day book's tests."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import insert

from broadcaster.rundown.compiler import compile_rundown
from broadcaster.rundown.events import Rundown
from broadcaster.store.audit import record_on
from broadcaster.store.kept_days import DayText, KeptDays
from broadcaster.store.tables import alerts, asrun, interventions
from tests.calendar_kit import Store
from tests.web_fakes import DAY, at

YESTERDAY = DAY - timedelta(days=1)
WELCOME = "2026-11-27/welcome-speech/094200"
LATE, LEFT_OUT = "2026-11-27/vendor-promos/100824", "2026-11-27/vendor-promos/101148"


def rundown(store: Store, on: date = YESTERDAY) -> Rundown:
    """What was planned."""
    return compile_rundown(store.plan.plan, [], on, [])


def write_day(store: Store, on: date = YESTERDAY) -> None:
    """All as planned, but for a spot half a minute late and one left out; a mute, a fault, an emergency."""
    planned = rundown(store, on)
    rows = [_spot(on, spot) for spot in planned.spots]
    rows += [
        _row(on, track=f"{on}/{one.daypart}", kind="bed", ref="light", title="晨光", planned_at=one.start,
             commanded_at=one.start, ended_at=one.end, outcome="aired")
        for one in planned.segments if one.bed
    ]  # fmt: skip
    welcome = DayText("welcome-speech", "", "迎宾词", "9:30 开门。", "九点半开门,欢迎光临。", "wanglan", "liqiang")
    with store.database.writing() as connection:
        connection.execute(insert(asrun), rows)
        connection.execute(insert(interventions), [
            _hand("mute", at("11:00", on), at("11:01", on), "wanglan", {}),
            _hand("emergency", at("12:00", on), at("12:02", on), "liqiang", {"title_zh": "疏散", "title_en": "Leave"}),
        ])  # fmt: skip
        record_on(connection, at=at("11:00", on), who="wanglan", what="air.mute", detail={"minutes": 1.0}, where="cli")
        record_on(connection, at=at("11:05", on), who="wanglan", what="session.open", detail={}, where="cli")
        connection.execute(insert(alerts), [{
            "zone": "main", "code": "silence", "subject": "", "severity": "urgent", "zh": "应该有声音,却听不到",
            "en": "silent though something should sound", "since": at("13:00", on).astimezone(UTC),
            "cleared_at": at("13:00:35", on).astimezone(UTC), "told": 1, "told_to": {}, "clear_told": True,
        }])  # fmt: skip
    KeptDays(store.database, "main").keep_texts(on, [welcome], at("08:00", on))


def _spot(on: date, spot: Any) -> dict[str, Any]:
    begun = spot.at + timedelta(seconds=30 if spot.id == LATE else 0.004)
    about = {"spot_id": spot.id, "kind": spot.kind, "ref": spot.ref, "title": spot.title.zh, "planned_at": spot.at}
    if spot.id == LEFT_OUT:
        return _row(on, **about, outcome="skipped", reason="让位给应急广播 / gave way to the emergency")
    return _row(
        on, **about, commanded_at=begun, heard_at=begun, heard_by="ear", loudness_lufs=-18.2,
        ended_at=begun + timedelta(seconds=spot.duration_s), outcome="aired",
    )  # fmt: skip


def _row(on: date, **values: Any) -> dict[str, Any]:
    empty = dict.fromkeys(("spot_id", "track", "armed_at", "commanded_at", "heard_at", "ended_at", "loudness_lufs",
                           "heard_by"))  # fmt: skip
    return {**empty, "zone": "main", "date": on, "reason": "", **values}


def _hand(kind: str, since: datetime, until: datetime, who: str, params: dict[str, Any]) -> dict[str, Any]:
    return {
        "zone": "main", "kind": kind, "target": "evacuate" if kind == "emergency" else None, "params": params,
        "since": since.astimezone(UTC), "until": until.astimezone(UTC), "who": who, "reason": "演练",
        "made_at": since.astimezone(UTC), "ended_at": until.astimezone(UTC), "ended_by": who,
    }  # fmt: skip

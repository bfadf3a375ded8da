"""A stand-in for the station: the store's programme on a Saturday with an event, and a clock that runs."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask
from pydantic import BaseModel
from waitress import wasyncore
from waitress.server import create_server

from broadcaster.clock import Clock, RehearsalClock
from broadcaster.plan.load import read_plan
from broadcaster.plan.models import BedRule
from broadcaster.plan.plan import Clip, Plan, Playlist, Track, clip_name

ROOT = Path(__file__).resolve().parent.parent
READINGS = range(1, 4)
ZONE = ZoneInfo("Asia/Shanghai")
DAY = date(2026, 11, 28)

# start, end, daypart, Chinese, English, playlist, level, dial, gain
PROGRAMME = (
    (
        "09:20",
        "09:30",
        "staff-song",
        "相亲相爱、营业员心态调整",
        "Staff song and morning talk",
        "staff-song",
        "welcome",
        22.5,
    ),
    ("09:30", "09:40", "welcome", "迎宾曲", "Welcome music", "welcome", "welcome", 22.5),
    ("09:40", "09:42", "pause", "静默", "Silence", None, None, None),
    ("09:42", "10:00", "morning", "背景音乐", "Background music", "light", "light", 24.0),
    ("10:00", "10:05", "weather", "天气预报、友情提醒", "Weather and reminders", "light", "light", 24.0),
    ("10:05", "11:30", "promo-am", "厂商促销信息循环", "Vendors' promo loop", "light", "light", 24.0),
    ("11:30", "14:00", "noon", "背景音乐", "Background music", "english", "english", 25.5),
    ("14:00", "15:30", "promo-pm", "厂商促销信息循环", "Vendors' promo loop", "light", "light", 24.0),
    ("15:30", "17:55", "afternoon", "背景音乐", "Background music", "english", "english", 25.5),
    ("17:55", "18:00", "send-off", "送宾曲", "Send-off music", "send-off", "send-off", 22.5),
)
LEVELS = {"welcome": "迎宾", "light": "轻音乐", "english": "英文歌曲", "send-off": "送宾"}
VENDORS = ("欧派橱柜", "TATA木门", "慕思寝具", "马可波罗瓷砖", "芝华仕沙发")
TRACK_S = 170


def at(text: str, day: date = DAY) -> datetime:
    """A wall time of the store."""
    return datetime.fromisoformat(f"{day.isoformat()}T{text}").replace(tzinfo=ZONE)


class FakeStation:
    """Answers as the daemon would. Tests change its attributes to change the day."""

    def __init__(self, start: str = "10:37:00", *, clock: Clock | None = None) -> None:
        self.clock = clock or RehearsalClock(at(start))
        self.name: Mapping[str, str] = {"zh": "红星国际家居", "en": "Red Star International Home"}
        self.timezone = "Asia/Shanghai"
        self.rehearsal = False
        self.loaded_at = at("08:55:12")
        self.faults: list[dict[str, Any]] = []
        self.alerts: list[dict[str, Any]] = []
        self.engine = "ok"
        self.outcomes: dict[str, tuple[str, str]] = {}
        self.raises: Exception | None = None

    def now(self) -> datetime:
        return self.clock.now().astimezone(ZONE)

    def today(self) -> date:
        return self.now().date()

    def status(self) -> dict[str, Any]:
        now = self.now()
        segments = self.rundown(self.today())["segments"]
        segment = next((item for item in segments if _time(item["start"]) <= now < _time(item["end"])), None)
        silence = segment is not None and segment["bed"]["kind"] == "silence"
        track = None if segment is None or silence else _track(segment, now)
        air: dict[str, Any] = {
            "segment": segment,
            "track": track,
            "offset_s": (now - _time(track["started_at"])).total_seconds() if track else None,
            "spot": self._spot_now(now),
            "silence": silence,
            "level": segment and segment["level"],
            "level_zh": segment and segment.get("level_zh"),
            "dial": segment and segment["dial"],
        }
        return {
            "now": now.isoformat(timespec="milliseconds"),
            "rehearsal": self.rehearsal,
            "on_air": air,
            "next": self._next(now)[:8],
            "health": {
                "engine": self.engine,
                "ear": "none",
                "clock": "ok",
                "plan": "faults" if self.faults else "ok",
                "disk_free_mb": 81234.5,
                "output_gone": False,
                "ear_reason": "",
                "dead_air_s": 0.0,
                "alerts": self.alerts,
                "pending": [],
            },
            "plan": {"loaded_at": self.loaded_at.isoformat(), "faults": len(self.faults)},
        }

    def rundown(self, day: date) -> dict[str, Any]:
        if self.raises:
            raise self.raises
        return {
            "date": day.isoformat(),
            "timezone": self.timezone,
            "day_types": ["weekend", "event"],
            "hours": {"open": at("09:30", day).isoformat(), "close": at("18:00", day).isoformat()},
            "segments": [_segment(day, *row) for row in PROGRAMME],
            "spots": sorted(_spots(day), key=lambda spot: spot["at"]),
            "faults": [],
            "warnings": [{"code": "short-loop", "message": "厂商促销信息循环: 5 notices fill 85 minutes"}],
        }

    def asrun(self, day: date) -> dict[str, Any]:
        now = self.now()
        entries = [
            _entry(spot, now, *self.outcomes.get(spot["id"], ("aired", "")))
            for spot in self.rundown(day)["spots"]
            if _time(spot["at"]) <= now
        ]
        track = _track(_segment(day, *PROGRAMME[0]), at("09:21", day))
        song = {"track": track["title"], "kind": "bed", "title": track["title"], "planned_at": track["started_at"]}
        song |= {"commanded_at": track["started_at"], "heard_at": None, "ended_at": track["ends_at"]}
        song |= {"outcome": "aired", "reason": "", "loudness_lufs": None, "zone": "main", "ref": "playlists/staff-song"}
        return {"date": day.isoformat(), "entries": [song, *entries] if at("09:24", day) < now else entries}

    def why(self, instant: datetime) -> dict[str, Any]:
        day = instant.astimezone(ZONE).date()
        segment = _segment(day, *PROGRAMME[3])
        return {
            "at": instant.isoformat(),
            "date": day.isoformat(),
            "day_types": ["weekend", "event"],
            "segment": segment,
            "track": {"title": "晨光", "file": "playlists/light/01 晨光.flac", "playlist": "light", "offset_s": 1.5},
            "spot": next(_spots(day)),
            "rule": {"file": "config/programme.yaml", "line": 24},
            "changed": {"at": self.loaded_at.isoformat(), "by": "播音员"},
            "beat": ["背景音乐在插播期间压低 14 dB。"],
            "beat_en": ["The bed is 14 dB lower under the spot."],
            "plan_version": "0f3a",
            "because": ["插播“欢迎语”09:42:00 开始。"],
            "because_en": ["Spot “Welcome speech” from 09:42:00."],
            "plan": {
                "version": 1, "at": self.loaded_at.isoformat(), "until": None, "by": "播音员", "how": "page",
                "words": "", "refused": None, "lost": False,
            },
            "air": {
                "state": "as-planned", "lines": ["实际播出与计划一致。"], "lines_en": ["The air was as planned."]
            },
        }  # fmt: skip

    def check(self) -> dict[str, Any]:
        return {"ok": not self.faults, "faults": self.faults, "warnings": []}

    def _spot_now(self, now: datetime) -> dict[str, Any] | None:
        for spot in self.rundown(self.today())["spots"]:
            start, end = _time(spot["at"]), _time(spot["at"]) + timedelta(seconds=spot["duration_s"])
            if start <= now < end:
                titles = {key: spot[key] for key in ("id", "title", "title_zh", "title_en")}
                text = f"亲爱的顾客，您好！{spot['title_zh']}，欢迎您到现场看看。" * 2
                return {**titles, "started_at": start.isoformat(), "ends_at": end.isoformat(), "text": text}
        return None

    def _next(self, now: datetime) -> list[dict[str, Any]]:
        day = self.rundown(self.today())
        spots = [{**_titles(item), "at": item["at"], "kind": "spot", "id": item["id"]} for item in day["spots"]]
        segments = [{**_titles(item), "at": item["start"], "kind": "segment", "id": None} for item in day["segments"]]
        return sorted((item for item in spots + segments if _time(item["at"]) > now), key=lambda item: str(item["at"]))


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _titles(item: Mapping[str, Any]) -> dict[str, Any]:
    return {key: item[key] for key in ("title", "title_zh", "title_en")}


def _segment(
    day: date,
    start: str,
    end: str,
    daypart: str,
    zh: str,
    en: str,
    playlist: str | None,
    level: str | None,
    dial: float | None,
) -> dict[str, Any]:
    return {
        "start": at(start, day).isoformat(),
        "end": at(end, day).isoformat(),
        "daypart": daypart,
        "title": zh,
        "title_zh": zh,
        "title_en": en,
        "bed": {"kind": "playlist", "playlist": playlist} if playlist else {"kind": "silence"},
        "level": level,
        "level_zh": LEVELS.get(level) if level else None,
        "dial": dial,
        "gain_db": 20 - dial if dial else None,
    }


def _track(segment: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    start = _time(segment["start"])
    number = int((now - start).total_seconds() // TRACK_S)
    started = start + timedelta(seconds=number * TRACK_S)
    ends = min(started + timedelta(seconds=TRACK_S), _time(segment["end"]))
    return {
        "title": f"{number % 5 + 1:02} 晨光",
        "started_at": started.isoformat(),
        "ends_at": ends.isoformat(),
        "duration_s": float(TRACK_S),
    }


def _spot(
    day: date, when: datetime, ref: str, zh: str, en: str, *, priority: str = "scheduled", **more: Any
) -> dict[str, Any]:
    spot = {
        "id": f"{day.isoformat()}/{ref}/{when:%H%M%S}",
        "at": when.isoformat(),
        "duration_s": 24.0,
        "kind": "notice",
        "ref": ref,
        "title": zh,
        "title_zh": zh,
        "title_en": en,
        "repeat": 1,
        "priority": priority,
        "daypart": None,
        "lateness": {"late_by_s": 60},
        "rule": "programme.yaml",
        "moved_from": None,
    }
    return {**spot, **more}


def _spots(day: date) -> Iterator[dict[str, Any]]:
    yield _spot(day, at("09:42", day), "welcome-speech", "欢迎语", "Welcome speech", kind="script", duration_s=48.2)
    yield _spot(day, at("10:00:00", day), "weather", "天气预报", "Weather forecast", kind="script")
    yield _spot(
        day, at("10:01:10", day), "reminder", "友情提醒", "Friendly reminder", kind="script",
        moved_from=at("10:01", day).isoformat(),
    )  # fmt: skip
    for hour in ("10:30", "11:00", "11:30", "14:00", "14:30", "15:00", "15:30", "16:00", "16:30", "17:00"):
        yield _spot(day, at(hour, day), "event", "周年庆满减活动", "Anniversary sale", repeat=2, duration_s=56.0)
    for start, end in (("10:05", "11:30"), ("14:00", "15:30")):
        when, number = at(start, day) + timedelta(seconds=40), 0
        while when < at(end, day) - timedelta(minutes=1):
            vendor = VENDORS[number % len(VENDORS)]
            if when.minute not in (28, 29, 30, 31, 58, 59, 0, 1):
                yield _spot(day, when, f"promo-{number % 5}", f"{vendor}促销", f"Promo {vendor}", priority="rotation")
            when, number = when + timedelta(seconds=75), number + 1


def _entry(spot: Mapping[str, Any], now: datetime, outcome: str, reason: str) -> dict[str, Any]:
    planned = _time(spot["at"])
    end = planned + timedelta(seconds=spot["duration_s"])
    sounded = outcome != "skipped"
    return {
        "spot_id": spot["id"],
        "kind": spot["kind"],
        "ref": spot["ref"],
        "title": spot["title"],
        "planned_at": planned.isoformat(timespec="milliseconds"),
        "commanded_at": planned.isoformat(timespec="milliseconds") if sounded else None,
        "heard_at": None,
        "ended_at": end.isoformat(timespec="milliseconds") if sounded and end <= now else None,
        "outcome": outcome if end <= now else None,
        "reason": reason,
        "loudness_lufs": None,
        "zone": "main",
    }


def store_plan() -> Plan:
    """The starter plan with made-up lengths, for its recordings are not in the repository."""
    draft = read_plan(ROOT)
    assert draft.station and draft.levels and draft.calendar and draft.programme
    beds = {daypart.bed.playlist for daypart in draft.programme.dayparts if isinstance(daypart.bed, BedRule)}
    track = Track(title="晨光", file="01 晨光.flac", path="01.wav", duration_s=170.0)
    clip = Clip(path=None, duration_s=24.0, key="")
    return Plan(
        version="1",
        station=draft.station,
        levels=draft.levels,
        calendar=draft.calendar,
        programme=draft.programme,
        scripts=draft.scripts,
        playlists={name: Playlist(id=name, tracks=(track,)) for name in beds},
        clips={clip_name(script, read): clip for script in draft.scripts for read in READINGS},
        sources={"programme": draft.source("config/programme.yaml")},
    )


class Served:
    """An app on a port of this machine, which can be stopped and started again."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._port = 0
        self.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        self._stopping = threading.Event()
        self._server = create_server(self._app, map={}, host="127.0.0.1", port=self._port, threads=4)
        self._port = self._server.effective_port
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        connections = self._server._map
        while not self._stopping.is_set():
            wasyncore.loop(timeout=0.1, map=connections, count=1)
        self._server.task_dispatcher.shutdown()
        wasyncore.close_all(map=connections)

    def stop(self) -> None:
        """Close the door and every open connection. Stopping twice does nothing."""
        self._stopping.set()
        self._thread.join(10)


@contextmanager
def serve(app: Flask) -> Iterator[Served]:
    """Serve an app while the block runs."""
    served = Served(app)
    try:
        yield served
    finally:
        served.stop()


def undescribed(document: BaseModel, path: str = "") -> Iterator[str]:
    """Paths of keys that a document has and its model does not describe."""
    yield from (f"{path}/{key}" for key in document.model_extra or {})
    for name in type(document).model_fields:
        value = getattr(document, name)
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, BaseModel):
                yield from undescribed(item, f"{path}/{name}")

"""A hand on the air and a plan room for tests of the first page: they keep what was asked, and the station shows it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Literal

from flask import Flask
from flask.testing import FlaskClient

from broadcaster.errors import Conflict, UsageError
from broadcaster.playout.interventions import Intervention
from broadcaster.web.app import create_app
from broadcaster.web.offices import Choices, DialRange, Offices
from tests.web_fakes import FakeStation, at
from tests.web_offices import CHOICES, House, log_in, open_house, token

RANGES = {
    "light": DialRange(22, 26, 24, title={"title": "轻音乐", "title_en": "Light music"}),
    "speech": DialRange(20, 23, 21, title={"title": "人声", "title_en": "Speech"}),
    "fixed": DialRange(24, 24, 24),
}
SCRIPTS = {"welcome-speech": "欢迎语", "reminder": "友情提醒"}


class FakeAirDesk:
    """Remembers deeds; refuses what the station does not play."""

    def __init__(self, station: FakeStation) -> None:
        self._station = station
        self.kept: list[Intervention] = []
        self.wheres: list[str] = []
        self.counted: list[str] = []
        self.trouble: Exception | None = None

    def holding(self) -> Sequence[Intervention]:
        now = self._station.now()
        return [one for one in self.kept if one.holds(now)]

    def _add(
        self,
        kind: Any,
        target: str | None,
        by: str,
        where: str,
        *,
        minutes: float = 600,
        reason: str = "",
        **params: Any,
    ) -> Intervention:
        if self.trouble:
            raise self.trouble
        now, shown = self._station.now(), {"wanglan": "王兰", "liqiang": "李强"}.get(by, by)
        until = now + timedelta(minutes=minutes)
        number = len(self.kept) + 1
        self.kept.append(Intervention(number, kind, target, {**params, "shown": shown}, now, until, by, reason))
        self.wheres.append(where)
        return self.kept[-1]

    def skip(self, what: Literal["spot", "track"], target: str, *, by: str, where: str) -> Intervention:
        known = {spot["id"]: spot["title"] for spot in self._station.rundown(self._station.today())["spots"]}
        if what == "spot" and target not in known:
            raise Conflict(f"已经播完:{target} / that is over: {target}")
        return self._add("skip", target, by, where, what=what, title_zh=known.get(target, target))

    def pause(self, minutes: float, *, by: str, where: str, reason: str = "") -> Intervention:
        if not 0 < minutes <= 60:
            raise UsageError(f"最多 60 分钟,不是 {minutes:g} / at most 60 minutes, not {minutes:g}")
        return self._add("pause", None, by, where, minutes=minutes, reason=reason)

    def mute(self, minutes: float, *, by: str, where: str, reason: str = "") -> Intervention:
        return self._add("mute", None, by, where, minutes=minutes, reason=reason)

    def stop(self, reason: str, *, by: str, where: str) -> Intervention:
        return self._add("stop", None, by, where, reason=reason)

    def trim(self, level: str, dial: float, *, by: str, where: str) -> Intervention:
        if level not in RANGES or not RANGES[level].low <= dial <= RANGES[level].high:
            raise UsageError(f"{level} 不能用刻度 {dial:g} / {level} can't be at dial {dial:g}")
        return self._add("trim", level, by, where, dial=dial, title_zh=RANGES[level].title["title"])

    def play(self, kind: Literal["script", "notice"], ref: str, *, by: str, where: str) -> Intervention:
        return self._add(
            "insert", f"{kind}:{ref}" if kind == "script" else ref, by, where, title_zh=SCRIPTS.get(ref, ref)
        )

    def count(self, by: str) -> None:
        if self.trouble:
            raise self.trouble
        self.counted.append(by)

    def refuse_unheard(self) -> None:
        held = next((one for one in self.holding() if one.kind in ("stop", "mute")), None)
        if held is not None:
            raise Conflict(f"已全部停播，先恢复：{held.shown} / everything is stopped, resume first")

    def end(self, number: int, *, by: str, where: str) -> Intervention:
        index = next((index for index, one in enumerate(self.holding()) if one.id == number), None)
        if index is None:
            raise Conflict(f"{number} 已经结束 / {number} is over")
        at_ = self.kept.index(self.holding()[index])
        self.kept[at_] = replace(self.kept[at_], ended_at=self._station.now(), ended_by=by)
        return self.kept[at_]


class FakePlanRoom:
    """Remembers marks."""

    def __init__(self) -> None:
        self.marks: list[Any] = []
        self.undone: list[int] = []
        self.changed: tuple[str, ...] = ("config/calendar.yaml",)

    def mark_day(self, on: Any, mark: Any, *, who: str, where: str = "", words: str = "") -> Any:
        self.marks.append((on, mark, who))
        return SimpleNamespace(id=40 + len(self.marks))

    def version(self, number: int) -> Any:
        return SimpleNamespace(id=number, changed=self.changed)

    def undo(self, number: int, *, who: str, where: str = "") -> Any:
        self.undone.append(number)
        return SimpleNamespace(id=99)


class DeskStation(FakeStation):
    """A station that shows what the hand on the air does."""

    desk: FakeAirDesk | None = None
    asked = 0

    def status(self) -> dict[str, Any]:
        self.asked += 1
        status = super().status()
        holding = self.desk.holding() if self.desk else ()
        status["interventions"] = [_document(one) for one in holding]
        air = status["on_air"]
        air |= {"meter": "computed", "rms_dbfs": -21.4, "peak_dbfs": -9.0}
        skipped = {one.target for one in holding if one.kind == "skip"}
        if air["track"]:
            air["track"]["id"] = f"{air['track']['started_at']}#1"
        if air["spot"] and air["spot"]["id"] in skipped:
            air["spot"] = None
        if any(one.kind in ("pause", "stop") for one in holding):
            air["track"] = None
        if any(one.kind == "stop" for one in holding):
            air["spot"] = None
        for one in holding:
            if one.kind == "trim" and one.target == air["level"]:
                air["dial"] = one.params["dial"]
        status["next"] = [item for item in status["next"] if item["id"] not in skipped]
        return status


def _document(one: Intervention) -> dict[str, Any]:
    title = str(one.params.get("title_zh") or one.target or "")
    return {
        "id": one.id, "kind": one.kind, "target": one.target, "params": dict(one.params), "title": title,
        "title_zh": title, "since": one.since.isoformat(), "until": one.until and one.until.isoformat(),
        "who": one.shown, "account": one.who, "reason": one.reason, "ended_at": None,
    }  # fmt: skip


@dataclass(frozen=True)
class Desk:
    """The app with its fakes."""

    app: Flask
    station: DeskStation
    air: FakeAirDesk
    plan: FakePlanRoom
    house: House

    def client(self, name: str = "wanglan") -> FlaskClient:
        client = self.app.test_client()
        if name:
            log_in(client, name)
        return client


@contextmanager
def open_desk(folder: Path, start: str = "10:37:40") -> Iterator[Desk]:
    """A desk over a database in the folder."""
    with open_house(folder) as house:
        station = DeskStation(start)
        air, plan = FakeAirDesk(station), FakePlanRoom()
        station.desk = air
        choices = replace(CHOICES, ranges=RANGES, scripts=SCRIPTS)
        offices = with_air(house.offices, air, plan, choices)
        yield Desk(create_app(station, offices), station, air, plan, house)


def with_air(offices: Offices, air: FakeAirDesk, plan: FakePlanRoom, choices: Choices) -> Offices:
    """The offices with a hand on the air."""
    return replace(offices, air=air, plan=plan, choices=lambda: choices)  # type: ignore[arg-type]


def do(client: FlaskClient, path: str, script: bool = True, /, **form: str) -> Any:
    """Press a button of the first page."""
    headers = {"X-Deed": "1"} if script else {}
    return client.post(path, data={"csrf_token": token(client, "/"), **form}, headers=headers)


def later(station: FakeStation, text: str) -> datetime:
    """Set the station's clock."""
    from broadcaster.clock import RehearsalClock

    station.clock = RehearsalClock(at(text))
    return at(text)

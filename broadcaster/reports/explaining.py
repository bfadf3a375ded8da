"""``why`` for past and future: the rule, the version of the plan that held, and whether the air was so."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from broadcaster.asrun.entries import as_json
from broadcaster.asrun.log import AsRunLog
from broadcaster.clock import Clock
from broadcaster.errors import ArchiveError
from broadcaster.ops.archive import Archive
from broadcaster.plan.models import Names
from broadcaster.plan.plan import Plan
from broadcaster.playout.interventions import NONE, Interventions
from broadcaster.publishing.almanac import Almanac
from broadcaster.reports.by_hand import add_reasons
from broadcaster.reports.decisions_read import Decision, decisions_around
from broadcaster.reports.plan_then import PlansThen, PlanThen
from broadcaster.reports.verdicts import AirThen, Verdict, both, in_the_archive, judge, to_come
from broadcaster.rundown.events import Rundown
from broadcaster.rundown.explain import explain
from broadcaster.rundown.trimming import trimmed
from broadcaster.settings import Home
from broadcaster.store.alerts import AlertRows, StoredAlert

AROUND = timedelta(minutes=30)

_BECAME = {
    "aired": Names(zh="已播", en="aired"), "partial": Names(zh="部分播出", en="aired in part"),
    "skipped": Names(zh="跳过", en="skipped"), "failed": Names(zh="失败", en="failed"),
}  # fmt: skip

_HOW = {
    "page": ("在网页发布", "on the page"),
    "cli": ("用命令发布", "by a command"),
    "file": ("改文件", "in the files"),
}


class Explainer:
    """Answers ``why`` for one zone; may be shared by threads. ``StoreError`` as of the log."""

    def __init__(
        self, home: Home, clock: Clock, almanac: Almanac, log: AsRunLog | None, *, plans: PlansThen | None = None,
        alerts: AlertRows | None = None, hands: Callable[[datetime], Interventions] = lambda instant: NONE,
    ) -> None:  # fmt: skip
        self._home = home
        self._clock = clock
        self._almanac = almanac
        self._log = log
        self.plans = plans
        self._alerts = alerts
        self._hands = hands
        self._archive = Archive(home)

    def why(self, plan: Plan, instant: datetime) -> dict[str, Any]:
        """What should be, or was, on air at an instant, and why. ``plan`` is the one that holds now."""
        now, tz = self._clock.now(), plan.station.tz
        on = instant.astimezone(tz).date()
        then = self.plans.at(min(instant, now), now.astimezone(tz).date()) if self.plans else None
        if then is not None and then.plan is not None:
            # Its turns and the weather are those of that time as far as they are still known.
            told = then.plan.model_copy(update={"timely": plan.timely, "weather": plan.weather})
            rundown = self._almanac.compile(told, on, self._almanac.notices(on))
        else:
            told, rundown = plan, self._almanac.rundown(plan, on)
        document = why_document(
            told, rundown, instant, self._log, now=now, hands=self._hands(instant),
            alerts=self._alerts.at(instant) if self._alerts and instant <= now else (),
            decisions=lambda: decisions_around(self._home, instant), archived=self._archived(on),
        )  # fmt: skip
        self._add_version(document, then)
        return document

    def _archived(self, on: date) -> list[str]:
        try:
            return [one.name for one in self._archive.of_date("asrun", on)]
        except ArchiveError:
            return []

    def _add_version(self, document: dict[str, Any], then: PlanThen | None) -> None:
        if then is None or self.plans is None:
            return
        tz = datetime.fromisoformat(document["at"]).tzinfo
        row = then.row
        document["plan"] = {
            "version": row.id, "at": row.at.astimezone(tz).isoformat(timespec="seconds"),
            "until": then.until.astimezone(tz).isoformat(timespec="seconds") if then.until else None,
            "by": then.name, "how": row.how, "words": row.words, "refused": then.refused, "lost": then.lost,
        }  # fmt: skip
        changed = self.plans.changer(document["rule"]["file"], then)
        if changed is not None:
            at, by = changed
            document["changed"] = {"at": at.astimezone(tz).isoformat(timespec="seconds"), "by": by}
        line = _version_line(then, tz)
        # Behind the sentence that says what day it is.
        document["because"].insert(1, line.zh)
        document["because_en"].insert(1, line.text("en"))


def _version_line(then: PlanThen, tz: Any) -> Names:
    row = then.row
    at = f"{row.at.astimezone(tz):%Y-%m-%d %H:%M}"
    how_zh, how_en = _HOW.get(row.how, (row.how, row.how))
    words = f"“{row.words.partition(' / ')[0]}”" if row.words else ""
    words_en = f" “{row.words.rpartition(' / ')[2]}”" if row.words else ""
    until_zh, until_en = "现行", "which holds now"
    if then.until is not None:
        until = f"{then.until.astimezone(tz):%Y-%m-%d %H:%M}"
        until_zh, until_en = f"用到 {until}", f"which held until {until}"
    zh = f"播音计划是版本 {row.id}({until_zh}),由{then.name}于 {at} {how_zh}{words}。"
    en = f"The plan is version {row.id}, {until_en}, published by {then.name} {how_en} at {at}{words_en}."
    if then.refused is not None:
        zh += f"版本 {then.refused} 有错,没有播出。"
        en += f" Version {then.refused} had faults and did not go on air."
    if then.lost:
        zh += "它已不能重现,以下按现行计划说明。"
        en += " It can't be made again; what follows goes by today's plan."
    return Names(zh=zh, en=en)


def why_document(
    plan: Plan, rundown: Rundown, instant: datetime, asrun: AsRunLog | None, *, now: datetime,
    hands: Interventions = NONE, alerts: Sequence[StoredAlert] = (),
    decisions: Callable[[], Sequence[Decision]] = tuple, archived: Sequence[str] = (),
) -> dict[str, Any]:  # fmt: skip
    """The answer of ``broadcaster why --json`` but for the version. ``hands`` is what people did by hand,
    ``archived`` the files of the archive that hold the date's log.
    """
    document = explain(plan, trimmed(plan, rundown, hands.trims(instant)), instant, hands.bed_skips)
    add_reasons(document, plan, rundown, instant, hands, now)
    document["aired"] = []
    document["left_out"] = []
    if asrun is None or instant > now:
        _add_verdict(document, to_come() if instant > now else judge(plan, rundown, instant, AirThen((), hands=hands)))
        return document
    tz = plan.station.tz
    sounding = asrun.entry_at(instant)
    document["aired"] = [as_json(entry, tz) for entry in sounding]
    spot = rundown.spot_at(instant)
    entry = asrun.spots_of(rundown.date).get(spot.id) if spot is not None else None
    if entry is not None and entry.reason:
        document["left_out"] = [as_json(entry, tz)]
        became = _BECAME.get(entry.outcome or "", Names(zh="未结束", en="not over"))
        reason_zh, reason_en = both(entry.reason)
        document["because"].append(f"日志:{became.zh} — {reason_zh}")
        document["because_en"].append(f"Log: {became.text('en')} — {reason_en}")
    near = asrun.entries_between(instant - AROUND, instant + AROUND)
    air = AirThen(sounding, entry, near, hands, alerts, decisions)
    _add_verdict(
        document,
        in_the_archive(plan, rundown, instant, air, archived) if archived else judge(plan, rundown, instant, air),
    )
    return document


def _add_verdict(document: dict[str, Any], verdict: Verdict) -> None:
    zh, en = [line.zh for line in verdict.lines], [line.text("en") for line in verdict.lines]
    document["air"] = {"state": verdict.state, "lines": zh, "lines_en": en}
    document["because"] += zh
    document["because_en"] += en

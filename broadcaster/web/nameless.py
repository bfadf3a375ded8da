"""The station as somebody without an account sees it: what is heard, and not who decided so, nor why."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from broadcaster.web.view import Document, StationView

#: What the log calls a deed of the desk, before the name and the reason.
_DEEDS = (
    ("跳过", "skipped"), ("垫乐暂停", "bed paused"), ("音乐暂停", "music paused"), ("静音", "muted"),
    ("全部停播", "everything stopped"), ("调音量", "level trimmed"), ("人工插播", "put on air by hand"),
    ("应急广播", "emergency called"), ("人工喊话", "live page"),
)  # fmt: skip
_KINDS = {
    "skip": ("已跳过", "Left out"), "pause": ("音乐暂停", "The music is paused"), "mute": ("静音", "Muted"),
    "stop": ("全部停播", "Everything is stopped"), "trim": ("音量有调整", "A level is changed"),
    "insert": ("人工插播", "Put on air by hand"), "emergency": ("应急广播", "An emergency message is on air"),
    "live": ("人工喊话", "Somebody speaks live"),
}  # fmt: skip
_NAMED = re.compile(
    r"由.+(?:跳过|跳到下一首|静音|暂停|全部停播|调到|人工插播|启动)|.+正在喊话|^播音计划是版本 .+由.+于 "
    r"|\b(?:paused|muted|stopped|skipped|trimmed to [\d.]+|put on air by hand|called|published) by |\bspeaks live",
    re.IGNORECASE,
)
#: A deed's author and reason at the end of a sentence.
_DEED_ZH = re.compile("(" + "|".join(zh for zh, _ in _DEEDS) + ")[::].*$")
_DEED_EN = re.compile("(" + "|".join(en for _, en in _DEEDS) + ") by .*$")
#: A mark of the calendar names whoever set it, behind what it says.
_MARK = re.compile(r"(仅 \S+ 这一天另有安排|is set so for this date only, [\d-]+)(?: ?\(.*\))?[。.]$")


class Nameless:
    """Stands before a :class:`StationView`."""

    def __init__(self, station: StationView) -> None:
        self._station = station

    @property
    def name(self) -> Mapping[str, str]:
        """As the station's."""
        return self._station.name

    @property
    def timezone(self) -> str:
        """As the station's."""
        return self._station.timezone

    def today(self) -> date:
        """As the station's."""
        return self._station.today()

    def status(self) -> Document:
        """Without whoever did something by hand."""
        status = self._station.status()
        held = [_deed(one) for one in status.get("interventions", ())]
        alerts = [_alert(one) for one in status["health"].get("alerts", ())]
        air = dict(status["on_air"])
        if air.get("call"):
            air["call"] = {**air["call"], "who": "", "reason": ""}
        return {**status, "on_air": air, "interventions": held, "health": {**status["health"], "alerts": alerts}}

    def rundown(self, day: date) -> Document:
        """Without whoever put spots on air or took them off."""
        rundown = self._station.rundown(day)
        return {**rundown, "spots": [_spot(spot) for spot in rundown.get("spots", ())]}

    def asrun(self, day: date) -> Document:
        """Without names in the reasons."""
        asrun = self._station.asrun(day)
        return {**asrun, "entries": [_entry(entry) for entry in asrun.get("entries", ())]}

    def why(self, instant: datetime) -> Document:
        """Without the sentences that name somebody; what was done by hand stands there all the same."""
        why = dict(self._station.why(instant))
        held = [_deed(one) for one in why.get("interventions", ())]
        for key, language in (("because", 0), ("because_en", 1)):
            if key in why:
                kept = [_told(_line(line)) for line in why[key] if not _NAMED.search(line)]
                why[key] = kept + [_words(one)[language] for one in held]
        if why.get("spot"):
            why["spot"] = _spot(why["spot"])
        if why.get("changed"):
            why["changed"] = {**why["changed"], "by": None}
        for key in ("aired", "left_out"):
            if key in why:
                why[key] = [_entry(entry) for entry in why[key]]
        if "interventions" in why:
            why["interventions"] = held
        if why.get("plan"):
            why["plan"] = {**why["plan"], "by": None, "words": ""}
        if why.get("air"):
            air = why["air"]
            why["air"] = {**air, "lines": [_told(one) for one in air["lines"]],
                          "lines_en": [_told(one) for one in air["lines_en"]]}  # fmt: skip
        return why

    def check(self) -> Document:
        """As the station's."""
        return self._station.check()


def _deed(one: Mapping[str, Any]) -> Document:
    zh, en = _words(one)
    return {**one, "who": "", "account": "", "reason": "", "words": zh, "words_en": en}


def _words(one: Mapping[str, Any]) -> tuple[str, str]:
    zh, en = _KINDS.get(one["kind"], (one["kind"], one["kind"]))
    until = one.get("ended_at") or one.get("until")
    return (f"{zh},到 {until[11:16]}。", f"{en} until {until[11:16]}.") if until else (f"{zh}。", f"{en}.")


def _alert(alert: Mapping[str, Any]) -> Document:
    known = {
        "stopped-by-hand": _KINDS["stop"], "alerts": ("报警发不到一个收件人", "Alerts don't reach somebody"),
        "emergency": ("正在播应急广播", "An emergency message is on air"),
        "fire-input": ("消防信号已接通", "The fire contact is closed"),
    }  # fmt: skip
    # What it concerns may be a person's mailbox.
    nameless = {**alert, "subject": ""} if "subject" in alert else dict(alert)
    if alert.get("code") not in known:
        return nameless
    zh, en = known[alert["code"]]
    return {**nameless, "message": f"{zh}。", "message_en": f"{en}."}


def _spot(spot: Mapping[str, Any]) -> Document:
    by = spot.get("by")
    clean = {**spot}
    if by:
        clean |= {"by": "", "rule": str(spot.get("rule", "")).replace(f" ({by})", "")}
    if spot.get("skipped_by") is not None:
        clean["skipped_by"] = ""
    return clean


def _entry(entry: Mapping[str, Any]) -> Document:
    return {**entry, "reason": _reason(entry["reason"])} if entry.get("reason") else dict(entry)


def _reason(text: str) -> str:
    for zh, en in _DEEDS:
        if text.startswith((f"{zh}:", f"{zh}:")):
            return f"{zh} / {en}"
    return text


def _told(line: str) -> str:
    """A sentence without the deed's author, which stands in it as the log's reason."""
    return _DEED_EN.sub(r"\1.", _DEED_ZH.sub(r"\1。", line))


def _line(line: str) -> str:
    head, dash, reason = line.partition(" — ")
    if dash and head.startswith(("日志:", "Log: ")):
        zh, slash, en = _reason(reason).partition(" / ")
        return f"{head}{dash}{en if slash and head.startswith('Log') else zh}"
    return _MARK.sub(r"\1。" if "这一天" in line else r"\1.", line)

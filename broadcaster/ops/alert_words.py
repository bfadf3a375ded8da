"""A letter in words: which store, what, since when, what to do, and where to say that somebody knows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Literal

from broadcaster.ops.alert_book import lasted
from broadcaster.ops.causes import kind_of
from broadcaster.ops.telling import Item, Letter

Language = Literal["zh", "en"]

MOST_BYTES = 1900
"""Of title and text as UTF-8: a WeCom bot takes 2048, the others more."""
MOST_CHARS = 160
"""Of one trouble's words."""
SEVERITY_WORDS = {
    "zh": {"notice": "提示", "warning": "注意", "urgent": "紧急"},
    "en": {"notice": "note", "warning": "warning", "urgent": "urgent"},
}


@dataclass(frozen=True, slots=True)
class Sender:
    """Whose letters they are. ``page``: the address of the page as others reach it, empty if that is not known."""

    zh: str
    en: str
    zone: str
    tz: tzinfo
    page: str = ""


def title(letter: Letter, sender: Sender) -> str:
    """The head of a letter."""
    language = letter.target.language
    kinds = {item.kind for item in letter.items}
    urgent = any(item.alert.severity == "urgent" and item.kind in ("new", "again") for item in letter.items)
    if kinds <= {"over"}:
        word = "解除" if language == "zh" else "all clear"
    elif kinds <= {"over", "past"}:
        word = "已恢复" if language == "zh" else "over"
    elif urgent:
        word = "紧急" if language == "zh" else "urgent"
    else:
        word = "报警" if language == "zh" else "alert"
    first = _short(_what(letter.items[0], language), 40)
    many = len(letter.items)
    if language == "zh":
        return f"【播音{word}】{sender.zh}:{first}" + (f"(共 {many} 件)" if many > 1 else "")
    return f"[Broadcast {word}] {sender.en or sender.zh}: {first}" + (f" ({many} in all)" if many > 1 else "")


def body(letter: Letter, sender: Sender, now: datetime, *, most_bytes: int = MOST_BYTES) -> str:
    """The text of a letter, cut between troubles so that it is never longer than a target takes."""
    language = letter.target.language
    head = f"{sender.zh} · 分区 {sender.zone}" if language == "zh" else f"{sender.en or sender.zh}, zone {sender.zone}"
    foot = _foot(letter, sender, language)
    room = most_bytes - len((title(letter, sender) + head + foot).encode()) - 80
    parts: list[str] = []
    for number, item in enumerate(letter.items):
        part = "\n".join(_lines(item, sender, now, language))
        if parts and len("\n\n".join([*parts, part]).encode()) > room:
            rest = len(letter.items) - number
            parts.append(f"……另有 {rest} 件,见网页“报警”。" if language == "zh" else f"… and {rest} more on the page.")
            break
        parts.append(part)
    return "\n\n".join([head, *parts, *([foot] if foot else [])])


def _lines(item: Item, sender: Sender, now: datetime, language: Language) -> Iterator[str]:
    row, zh = item.alert, language == "zh"
    severity = SEVERITY_WORDS[language][row.severity]
    what = _short(_what(item, language), MOST_CHARS)
    if item.kind in ("over", "past"):
        yield f"✔ [{'已解除' if zh else 'over'}] {what}"
        since, until = _clock(row.since, sender.tz, now), _clock(row.cleared_at or now, sender.tz, now)
        length = _length(lasted(row, now), language)
        yield f"{since} – {until}(持续 {length})" if zh else f"{since} – {until} ({length})"
        return
    again = ("(再次提醒)" if zh else " (again)") if item.kind == "again" else ""
    yield f"● [{severity}] {what}{again}"
    since, length = _clock(row.since, sender.tz, now), _length(lasted(row, now), language)
    yield f"从 {since} 起,已 {length}" if zh else f"since {since}, for {length}"
    kind = kind_of(row.code)
    yield f"怎么办:{kind.zh}" if zh else f"What to do: {kind.en}"


def _foot(letter: Letter, sender: Sender, language: Language) -> str:
    if all(item.kind in ("over", "past") for item in letter.items):
        return ""
    where = f"{sender.page}/alerts" if sender.page else ""
    if language == "zh":
        return f"到网页“报警”按“知道了”,就不再重复提醒。{where}"
    return f"Press “I know” on the page Alerts, and it is not repeated. {where}".rstrip()


def _what(item: Item, language: Language) -> str:
    return (item.alert.en if language == "en" else item.alert.zh) or item.alert.code


def _short(text: str, most: int) -> str:
    text = " ".join(text.split())
    return text if len(text) <= most else text[: most - 1] + "…"


def _clock(instant: datetime, tz: tzinfo, now: datetime) -> str:
    local = instant.astimezone(tz)
    near = abs(now - instant) < timedelta(hours=12) and local.date() == now.astimezone(tz).date()
    return f"{local:%H:%M:%S}" if near else f"{local:%m-%d %H:%M:%S}"


def _length(time: timedelta, language: Language) -> str:
    # What was there at all is not told as nothing.
    seconds = max(1, int(time.total_seconds()))
    units = (("天", "d"), ("小时", "h"), ("分", "min"), ("秒", "s"))
    values = (seconds // 86400, seconds // 3600 % 24, seconds // 60 % 60, seconds % 60)
    first = next((number for number, value in enumerate(values) if value), 3)
    shown = list(zip(values, units, strict=True))[first : first + 2]
    index = 0 if language == "zh" else 1
    return " ".join(f"{value} {unit[index]}" for value, unit in shown if value or len(shown) == 1)

"""Why is this on air? For every second of a date: the rule that chose it, what it beat, who last changed it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from broadcaster.plan.calendar import type_title
from broadcaster.plan.models import Names, Priority
from broadcaster.plan.plan import Plan
from broadcaster.rundown.bed import BedSkip, bed_at
from broadcaster.rundown.document import iso, segment_document, spot_document
from broadcaster.rundown.events import Rundown, Segment, Spot
from broadcaster.rundown.one_day import only_here

_PRIORITIES: Mapping[Priority, Names] = {
    "emergency": Names(zh="应急", en="emergency"), "live": Names(zh="喊话", en="live page"),
    "urgent": Names(zh="紧急", en="urgent"), "scheduled": Names(zh="定时", en="at its time"),
    "rotation": Names(zh="轮播", en="in turn"),
}  # fmt: skip


def explain(plan: Plan, rundown: Rundown, instant: datetime, skips: Sequence[BedSkip] = ()) -> dict[str, Any]:
    """The answer for an instant of the rundown's date: what should be on air, and why, in words and in data.

    ``skips`` are the tracks that the desk left early.
    """
    segment = rundown.segment_at(instant)
    spot = rundown.spot_at(instant)
    beds = bed_at(plan, rundown, instant, skips)
    lines = [_day_line(plan, rundown), _segment_line(plan, rundown, segment, spot)]
    if segment is not None and beds:
        item = beds[-1]
        at = int(item.offset_s(instant))
        lines.append(Names(
            zh=f"曲目《{item.track.title}》第 {at // 60}:{at % 60:02d} 处:歌单“{item.playlist}”从时段开始起依次接播。",
            en=f"Track “{item.track.title}” at {at // 60}:{at % 60:02d}: playlist “{item.playlist}” runs on from the daypart's start.",
        ))  # fmt: skip
    if spot is not None:
        lines += _spot_lines(plan, rundown, spot)
    lines += _date_lines(plan, rundown, segment, spot)
    beat = _beaten(plan, rundown, instant, segment, spot)
    lines += beat
    source = plan.source(spot.source if spot else segment.source if segment else "programme")
    return {
        "at": iso(instant, rundown.tz),
        "date": rundown.date.isoformat(),
        "day_types": list(rundown.day.types),
        "segment": segment_document(plan, segment, rundown.tz) if segment else None,
        "track": {
            "title": beds[-1].track.title, "file": beds[-1].track.file, "playlist": beds[-1].playlist,
            "offset_s": round(beds[-1].offset_s(instant), 3),
        } if beds else None,
        "spot": spot_document(plan, spot, rundown.tz) if spot else None,
        "rule": {"file": source.file, "line": source.line},
        "changed": {"at": iso(source.changed_at, rundown.tz), "by": source.changed_by},
        "beat": [line.zh for line in beat],
        "beat_en": [line.text("en") for line in beat],
        "plan_version": plan.version,
        "because": [line.zh for line in lines],
        "because_en": [line.text("en") for line in lines],
    }  # fmt: skip


def _day_line(plan: Plan, rundown: Rundown) -> Names:
    day = rundown.day
    types = [(type_title(plan.calendar, name), day.reasons[name]) for name in day.types if name in day.reasons]
    zh = "、".join(f"{title.zh}({reason.zh})" for title, reason in types)
    en = ", ".join(f"{title.text('en')} ({reason.text('en')})" for title, reason in types)
    hours = (
        f"{day.open_s // 3600:02d}:{day.open_s // 60 % 60:02d}–{day.close_s // 3600:02d}:{day.close_s // 60 % 60:02d}"
    )
    return Names(
        zh=f"{rundown.date} 的日类型:{zh};营业 {hours}({day.reasons['close'].zh})。",
        en=f"{rundown.date} is: {en}; open {hours} ({day.reasons['close'].text('en')}).",
    )


def _segment_line(plan: Plan, rundown: Rundown, segment: Segment | None, spot: Spot | None) -> Names:
    if segment is None and spot is not None:
        return Names(zh="播音时段已过,最后一条插播播完为止。", en="Programme time is over; the last spot runs out.")
    if segment is None:
        return Names(zh="此刻不在播音时间内,应为静默。", en="Outside programme time: silence is right.")
    span = f"{segment.start.astimezone(rundown.tz):%H:%M}–{segment.end.astimezone(rundown.tz):%H:%M}"
    where = plan.source(segment.source)
    if segment.bed is None:
        return Names(
            zh=f"时段“{segment.title.zh}”{span}({where}):有意静默。",
            en=f"Daypart “{segment.title.text('en')}” {span} ({where}): silence on purpose.",
        )
    known = plan.level(segment.level) if segment.level else None
    level = known.title if known is not None else Names(zh=segment.level or "")
    gain = f"{segment.dial:g} = {segment.gain_db:+.1f} dB"
    return Names(
        zh=f"时段“{segment.title.zh}”{span}({where}):背景音乐歌单“{segment.bed.playlist}”,音量“{level.zh}”{gain}。",
        en=f"Daypart “{segment.title.text('en')}” {span} ({where}): playlist “{segment.bed.playlist}” as bed, "
        f"level “{level.text('en')}” {gain}.",
    )


def _spot_lines(plan: Plan, rundown: Rundown, spot: Spot) -> list[Names]:
    at = f"{spot.at.astimezone(rundown.tz):%H:%M:%S}"
    where = str(plan.source(spot.source))
    by_zh, by_en = f"由规则 {spot.rule}({where})安排", f"by rule {spot.rule} ({where})"
    if spot.by:
        by_zh, by_en = f"由{spot.by}人工插播", f"put on air by hand by {spot.by}"
    elif not where:
        by_zh, by_en = f"由通知 {spot.rule} 自定的时间安排", f"by the times of notice {spot.rule}"
    whose_zh, whose_en = (f",厂商 {spot.vendor}", f", for vendor {spot.vendor}") if spot.vendor else ("", "")
    rank = _PRIORITIES[spot.priority]
    lines = [Names(
        zh=f"插播“{spot.title.zh}”{at} 开始,{by_zh},优先级:{rank.zh}{whose_zh}。",
        en=f"Spot “{spot.title.text('en')}” from {at}, {by_en}, priority: {rank.text('en')}{whose_en}.",
    )]  # fmt: skip
    if spot.text and spot.kind == "script":
        lines.append(Names(zh=f"此时念的是:{spot.text}", en=f"Its words at this hour: {spot.text}"))
    if spot.moved_from is not None:
        was = f"{spot.moved_from.astimezone(rundown.tz):%H:%M:%S}"
        lines.append(Names(zh=f"原定 {was},因冲突排队顺延。", en=f"Meant for {was}; it queued behind another spot."))
    return lines


def _date_lines(plan: Plan, rundown: Rundown, segment: Segment | None, spot: Spot | None) -> list[Names]:
    """What holds on this date only."""
    entry = plan.calendar.dates.get(rundown.date)
    if entry is None:
        return []
    titles = {segment.daypart: segment.title} if segment else {}
    titles |= {spot.rule: spot.title} if spot else {}
    found = only_here(plan, rundown.date, segment.daypart if segment else None, spot.rule if spot else None)
    where = str(plan.source(f"date:{rundown.date}")) or "config/calendar.yaml"
    told = ",".join(part for part in (entry.note, entry.by) if part)
    told_en = ", ".join(part for part in (entry.note, entry.by) if part)
    return [
        Names(
            zh=f"“{titles[name].zh}”仅 {rundown.date} 这一天另有安排({where}{f':{told}' if told else ''})。",
            en=f"“{titles[name].text('en')}” is set so for this date only, {rundown.date} "
            f"({where}{f': {told_en}' if told_en else ''}).",
        )
        for _, name in found
    ]


def _beaten(plan: Plan, rundown: Rundown, instant: datetime, segment: Segment | None, spot: Spot | None) -> list[Names]:
    lines: list[Names] = []
    if spot is not None and segment is not None and segment.bed is not None:
        down = f"{plan.station.sound.duck.by:g} dB"
        lines.append(
            Names(zh="背景音乐在插播期间停声。", en="The bed is silent under the spot.")
            if spot.bed == "stop"
            else Names(zh=f"背景音乐在插播期间压低 {down}。", en=f"The bed is {down} lower under the spot.")
        )
    for other in rundown.spots:
        if spot is not None and other.id != spot.id and other.moved_from and other.moved_from <= instant < other.at:
            later = f"{other.at.astimezone(rundown.tz):%H:%M:%S}"
            lines.append(
                Names(
                    zh=f"“{other.title.zh}”因此顺延到 {later}。", en=f"“{other.title.text('en')}” waits until {later}."
                )
            )
    if spot is not None:
        near_s = plan.station.separation + spot.duration_s
        lines += [
            Names(
                zh=f"“{drop.title.zh}”未排入:{drop.reason.zh}。",
                en=f"“{drop.title.text('en')}” left out: {drop.reason.text('en')}.",
            )
            for drop in rundown.dropped
            if abs((drop.at - instant).total_seconds()) < near_s
        ]
    if segment is not None:
        for index, daypart in enumerate(plan.programme.dayparts):
            if (
                daypart.id == segment.daypart
                and f"daypart:{index}" != segment.source
                and daypart.holds(rundown.day.type_set)
            ):
                where = plan.source(f"daypart:{index}")
                lines.append(
                    Names(
                        zh=f"胜过同名时段({where}),因日类型更高。",
                        en=f"Beats its namesake ({where}): the day type ranks higher.",
                    )
                )
    return lines

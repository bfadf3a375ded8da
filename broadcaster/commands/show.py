"""The commands' answers for people: Chinese first, English beside."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import click

from broadcaster.plan.faults import Fault
from broadcaster.publishing.preparing import in_hand


def progress(what: str, done: int, of: int) -> None:
    """One recording was prepared."""
    click.echo(f"准备声音 preparing {done}/{of}: {what}", err=True)


def first_look(found: Sequence[Fault], unready: int) -> None:
    """What is known before the sounds are."""
    for fault in found:
        click.echo(f"{_SIGNS[fault.warning]} {fault}")
    if unready:
        click.echo(
            f"还有 {unready} 个声音没有备好,长度先按估计;现在准备,备好再核对 / "
            f"{unready} sounds are not ready yet and their lengths guessed; preparing them, then checking again",
            err=True,
        )


def faults(wrong: Sequence[Fault], warnings: Sequence[Fault], known: Sequence[Fault] = ()) -> None:
    """All faults and warnings, and a last line that counts them. ``known`` ones were told at the first look."""
    found = (*wrong, *warnings)
    for fault in known:
        if fault not in found:
            click.echo(f"不再有 gone     {fault}")
    for fault in found:
        if fault not in known:
            click.echo(f"{_SIGNS[fault.warning]} {fault}")
    click.echo(f"{len(wrong)} 处错误,{len(warnings)} 处提醒 / {len(wrong)} faults, {len(warnings)} warnings")


_SIGNS = {False: "错误 fault   ", True: "注意 warning "}


def stopped(wrong: Sequence[Fault]) -> None:
    """The faults that keep a command from answering, on standard error."""
    for fault in wrong:
        click.echo(f"错误 fault    {fault}", err=True)


def _time(iso: str | None) -> str:
    return datetime.fromisoformat(iso).strftime("%H:%M:%S") if iso else "--:--:--"


def rundown(document: dict[str, Any]) -> None:
    """The day by dayparts, each with its spots."""
    click.echo(f"{document['date']}  {document['timezone']}  {'、'.join(document['day_types'])}")
    spots = list(document["spots"])
    for segment in document["segments"]:
        bed = segment["bed"].get("playlist") or "静默 silence"
        level = f"  {segment['level']} {segment['dial']:g} ({segment['gain_db']:+.1f} dB)" if segment["level"] else ""
        click.echo(f"{_time(segment['start'])}–{_time(segment['end'])}  {_titled(segment)}  [{bed}]{level}")
        while spots and spots[0]["at"] < segment["end"]:
            spot = spots.pop(0)
            moved = f"  原定 meant for {_time(spot['moved_from'])}" if spot["moved_from"] else ""
            repeat = f"  ×{spot['repeat']}" if spot["repeat"] > 1 else ""
            click.echo(f"    {_time(spot['at'])}  {_titled(spot)}  {spot['duration_s']:.0f} s{repeat}{moved}")
    for told in (*document["faults"], *document["warnings"]):
        click.echo(f"! {told['message']} / {told['message_en']}")


def _titled(item: dict[str, Any]) -> str:
    zh, en = item.get("title_zh", item["title"]), item.get("title_en", "")
    return f"{zh} · {en}" if en and en != zh else zh


def why(document: dict[str, Any]) -> None:
    """The reasons, a line each, in both languages."""
    click.echo(document["at"])
    for zh, en in zip(document["because"], document["because_en"], strict=True):
        click.echo(f"  {zh}\n    {en}")
    for entry in document["aired"]:
        click.echo(f"  实际播出 aired: {entry['title']}  {_time(entry['commanded_at'])}–{_time(entry['ended_at'])}")
    changed = document["changed"]
    if changed["at"]:
        by = f" by {changed['by']}" if changed["by"] else ""
        click.echo(f"  {document['rule']['file']} 最后修改 last changed {changed['at']}{by}")


def day(document: dict[str, Any]) -> None:
    """What a date is, and what a mark changes."""
    before, after = document["day_types"]["before"], document["day_types"]["after"]
    hours = document["hours"]
    click.echo(f"{document['date']}: {'、'.join(before)} → {'、'.join(after)}" if before != after else
               f"{document['date']}: {'、'.join(after)}")  # fmt: skip
    spans = [f"{hours[when]['open']}–{hours[when]['close']}" for when in ("before", "after")]
    click.echo("营业 open " + (" → ".join(spans) if spans[0] != spans[1] else spans[0]))
    signs = {"added": "+", "removed": "-", "changed": "~"}
    for change in document["changes"]:
        old, new = change["before"], change["after"]
        times = " → ".join(f"{_time(side['start'])}–{_time(side['end'])}" for side in (old, new) if side)
        click.echo(f"  {signs[change['change']]} {times}  {change['title']}")
    if not document["changes"]:
        click.echo("  串联单没有变化 / the rundown stays as it is")
    for fault in document["faults"]:
        click.echo(
            f"错误 fault  {fault['message']} {fault['remedy']} / {fault['message_en']} {fault['remedy_en']}", err=True
        )
    if document["faults"]:
        click.echo("没有写入 / nothing was written", err=True)
    elif document["written"]:
        click.echo("已写入 config/calendar.yaml / written")
    for fault in document["held_back_by"]:
        click.echo(
            f"还不会播出,要先改好 {fault['file']}:{fault['line']} / not on air until this is mended: "
            f"{fault['message']} {fault['message_en']}",
            err=True,
        )


def status(document: dict[str, Any]) -> None:
    """The air in a few lines."""
    on_air = document["on_air"]
    click.echo(document["now"] + ("  彩排 REHEARSAL" if document["rehearsal"] else ""))
    segment = on_air["segment"]
    click.echo("现在 now:  " + (_titled(segment) if segment else _not_airing(document)))
    call = on_air.get("call")
    if call:
        _call(call)
    if on_air["spot"] and not call:
        click.echo(f"  插播 spot:  {_titled(on_air['spot'])}  → {_time(on_air['spot']['ends_at'])}")
    if on_air["track"] and not call:
        click.echo(f"  曲目 track: {on_air['track']['title']}  已播 elapsed {on_air['offset_s']:.0f} s")
    for item in [] if call else document["next"][:4]:
        click.echo(f"接下来 next: {_time(item['at'])}  {_titled(item)}")
    health = document["health"]
    why = f": {health['ear_reason']}" if health.get("ear_reason") else ""
    if health.get("output_gone"):
        click.echo(f"! {_NO_OUTPUT}{why}")
    elif health.get("ear") == "lost":
        click.echo(f"! {_SOUND_SERVICE}{why}")
    click.echo(f"状态 health: engine {health['engine']}, plan {health['plan']}, clock {health['clock']}, "
               f"disk {health['disk_free_mb']} MB")  # fmt: skip
    for alert in health["alerts"]:
        click.echo(f"! {alert['message']}")


_SOUND_SERVICE = "声音服务停了,正在重试 / the sound service has stopped, trying again"
_NO_OUTPUT = "没有声音输出:声卡被拔出、停用,或声音服务停了,正在重试 / no sound output: unplugged, or no sound service"


def _not_airing(document: dict[str, Any]) -> str:
    """A start looks like a closed store, and is none."""
    plan = document["plan"]
    doing = in_hand(plan.get("preparing") or "")
    if plan["loaded_at"] is None and doing is not None:
        return f"正在准备声音 preparing sounds: {doing.what}(剩 {doing.left} left)"
    if plan["loaded_at"] is None or document["health"]["engine"] == "starting":
        return "正在启动 starting"
    return "播音时间以外 outside programme time"


def _call(call: dict[str, Any]) -> None:
    """Goes before everything that is planned."""
    by = ",".join(word for word in (call.get("who"), call.get("reason")) if word)
    if call["kind"] == "live":
        click.echo(f"  正在喊话 live page: {call.get('who') or '有人 somebody'}")
        click.echo("接下来 next: 喊话结束后按当时的节目接着播 / afterwards the programme of that time goes on")
        return
    if call["silent"]:
        click.echo("  消防信号:全部静音 / fire alarm: everything is silent")
    else:
        fire = "消防信号 fire alarm: " if call.get("fire") else ""
        click.echo(f"  {fire}正在反复播放 said over and over: {_titled(call)}" + (f"({by})" if by else ""))
    click.echo("接下来 next: 应急广播结束后按当时的节目接着播 / when it is over the programme of that time goes on")


def asrun(document: dict[str, Any]) -> None:
    """The log, a line an entry."""
    click.echo(document["date"])
    for entry in document["entries"]:
        outcome = entry["outcome"] or "on air"
        reason = f"  {entry['reason']}" if entry["reason"] else ""
        span = f"{_time(entry['planned_at'])}  {_time(entry['commanded_at'])}–{_time(entry['ended_at'])}"
        click.echo(f"{span}  {outcome:8} {entry['kind']:7} {entry['title']}{reason}")
    if not document["entries"]:
        click.echo("没有记录 / no entries")

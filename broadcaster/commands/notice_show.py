"""Notices on the command line: for people, and as JSON."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from broadcaster.commands.office import out

if TYPE_CHECKING:
    from broadcaster.notices.models import NoticeRecord
    from broadcaster.notices.preview import DayHeard, Preview
    from broadcaster.rooms.notice_office import Office


def state_of(record: NoticeRecord) -> str:
    """A notice's state in both languages."""
    from broadcaster.notices.flow import state_word

    return state_word(record.state)


def decided(record: NoticeRecord, as_json: bool) -> None:
    """What became of a notice."""
    if as_json:
        out(document(record))
    else:
        left = record.needed - len(record.approvals)
        more = f"  还要 {left} 人批准 / {left} more must approve" if record.state == "submitted" else ""
        click.echo(f"{record.id}  {record.draft.title}  {state_of(record)}{more}")


def document(record: NoticeRecord) -> dict[str, Any]:
    """A notice as JSON."""
    return {
        "id": record.id,
        "state": record.state,
        "revision": record.revision,
        "author": record.author,
        "editor": record.editor,
        "created_at": record.created_at.isoformat(),
        "changed_at": record.changed_at.isoformat(),
        "needed": record.needed,
        "verdicts": [
            {"who": one.who, "approved": one.approved, "at": one.at.isoformat(), "reason": one.reason}
            for one in record.verdicts
        ],
        "reason": record.reason,
        "effective_at": record.effective_at.isoformat() if record.effective_at else None,
        "ended_at": record.ended_at.isoformat() if record.ended_at else None,
        "render_error": record.render_error,
        "duration_s": record.duration_s,
        "content": record.draft.content(),
    }


def preview_document(preview: Preview, office: Office) -> dict[str, Any]:
    """A preview as JSON; local times."""
    reading = preview.reading
    return {
        "spoken": reading.spoken if reading else None,
        "doubts": [{"text": one.text, "read_as": one.read_as, "choices": one.choices} for one in reading.doubts]
        if reading
        else [],
        "trouble": preview.trouble,
        "remarks": [one.as_json() for one in preview.remarks],
        "duration_s": round(preview.duration_s, 1),
        "count_today": preview.count_today,
        "air_s": round(preview.air_s, 1),
        "days": [day_document(day, office) for day in preview.days],
    }


def day_document(day: DayHeard, office: Office) -> dict[str, Any]:
    """One date of a preview as JSON."""
    return {
        "date": day.day.isoformat(),
        "times": [_local(moment, office).isoformat() for moment in day.times],
        "air_s": round(day.air_s, 1),
        "moved": day.moved,
    }


def _local(moment: datetime, office: Office) -> datetime:
    return moment.astimezone(office.tz())


def show_preview(preview: Preview, office: Office) -> None:
    """What an author must see before submitting."""
    if preview.reading is not None:
        click.echo(f"念作 spoken: {preview.reading.spoken}")
        for doubt in preview.reading.doubts:
            choices = f"({'、'.join(doubt.choices)})" if doubt.choices else ""
            click.echo(f"请确认 look at: {doubt.text} → {doubt.read_as} {choices}".rstrip())
    if preview.trouble:
        click.echo(f"读法看不到 no reading: {preview.trouble}", err=True)
    for remark in preview.remarks:
        click.echo(f"{'严重 serious' if remark.severity == 'serious' else '建议 advice'}: {remark}")
    show_days(preview.days, office)


def show_days(days: tuple[DayHeard, ...], office: Office) -> None:
    """When it will be heard."""
    for day in days:
        times = "、".join(f"{_local(moment, office):%H:%M}" for moment in day.times)
        minutes, seconds = divmod(round(day.air_s), 60)
        count = len(day.times)
        if count:
            click.echo(
                f"{day.day} 将在 {times} 播出,共 {count} 次、{minutes} 分 {seconds} 秒 / "
                f"heard {count} {'time' if count == 1 else 'times'}, {minutes} min {seconds} s of air"
            )
        else:
            click.echo(f"{day.day} 播不了 / not heard")
        for line in day.moved:
            click.echo(f"  让开 gives way: {line}")
    if not any(day.times for day in days):
        click.echo("照这样不会播出,请看日期和时间 / it would not be heard: look at dates and times")

"""``broadcaster notice``: notices without a browser, or a daemon."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Any

import click
from pydantic import ValidationError

from broadcaster.commands.notice_show import (
    day_document,
    decided,
    document,
    preview_document,
    show_days,
    show_preview,
    state_of,
)
from broadcaster.commands.office import DAY, WHERE, as_flag, json_flag, opened, out, person
from broadcaster.errors import UsageError
from broadcaster.settings import Home

if TYPE_CHECKING:
    from broadcaster.notices.desk import NoticeDesk
    from broadcaster.notices.models import NoticeDraft, NoticeRecord
    from broadcaster.rooms.notice_office import Office


@click.group()
def notice() -> None:
    """通知稿:提交、审批、撤下 · Notices: submit, approve, withdraw."""


_FIELDS: Mapping[str, Mapping[str, Any]] = {
    "title": {"help": "标题 · the title"},
    "now": {"is_flag": True, "help": "批准后立即播一次 · once, as soon as it is approved"},
    "at": {"multiple": True, "metavar": "HH:MM", "help": "几点播,可多次 · at a time of day; may be repeated"},
    "every": {"metavar": "LENGTH", "help": "每隔多久,如 20min · so often within --from and --to"},
    "from": {"multiple": True, "metavar": "HH:MM", "help": "时段开始,可多次 · a window begins; may be repeated"},
    "to": {"multiple": True, "metavar": "HH:MM", "help": "时段结束,可多次 · and ends"},
    "rotation": {"metavar": "NAME", "help": "加入哪个轮播 · takes turns in a rotation of the programme"},
    "first": {"type": DAY, "help": "从哪天起 · the first date [默认 default: 今天 today]"},
    "last": {"type": DAY, "help": "到哪天止(含) · the last date [默认 default: --first]"},
    "date": {"type": DAY, "multiple": True, "help": "只在这些天 · only on these dates"},
    "day": {"multiple": True, "metavar": "TYPE", "help": "只在这种日子,如 event · only on days of a type"},
    "except": {"multiple": True, "metavar": "TYPE", "help": "这种日子不播 · not on days of a type"},
    "vendor": {"metavar": "ID", "help": "商户 · whose it is"},
    "voice": {"help": "声音 · the voice"},
    "speed": {"type": click.FloatRange(0.5, 2.0), "help": "语速,1 为原速 · 1 is the voice's own pace"},
    "chime": {"help": "提示音,none 为不要 · the chime; none for none [默认 default: ding-dong]"},
    "read": {"type": click.IntRange(1, 20), "help": "念几遍 · how often it is read"},
    "pause": {"metavar": "LENGTH", "help": "两遍之间停多久 · between two readings"},
    "priority": {"type": click.Choice(["urgent", "scheduled", "rotation"]), "help": "优先级 · its rung of the ladder"},
    "lateness": {"metavar": "RULE", "help": "迟了怎么办:join、skip、make_good 或 120s · when it can't start on time"},
    "level": {"help": "音量档位 · the level"},
    "recording": {"metavar": "NAME", "help": "var/recordings/ 里的录音 · a recording there instead of a voice"},
    "note": {"help": "给审批人的话 · a word to whoever approves"},
}  # fmt: skip

_WHEN = ("now", "at", "every", "from", "to", "rotation", "first", "last", "date", "day", "except")


def _fields(command: Any) -> Any:
    for name, about in reversed(list(_FIELDS.items())):
        command = click.option(f"--{name}", f"f_{name}", **about)(command)
    return command


def _given(options: Mapping[str, Any]) -> dict[str, Any]:
    """What was written on the command line, by the names of the options."""
    return {
        name: value
        for name in _FIELDS
        if (value := options.get(f"f_{name}")) is not None and value != () and value is not False
    }


def _draft(given: Mapping[str, Any], today: date, text: str | None, base: NoticeDraft | None = None) -> NoticeDraft:
    """The draft that was asked for; what is not named stays as in ``base``. Raises ``UsageError`` with every fault."""
    from broadcaster.notices.models import NoticeDraft
    from broadcaster.notices.naming import name_of

    content: dict[str, Any] = base.content() if base is not None else {}
    content |= {name: value for name, value in given.items() if name not in _WHEN}
    if text is not None:
        content["text"] = text
    if content.get("chime") == "none":
        content["chime"] = None
    if base is None:
        content.setdefault("title", name_of(content.get("text") or "") or "通知")
    elif "priority" not in given and any(name in given for name in ("now", "rotation", "at", "every")):
        # Another way of airing has its own usual priority.
        content.pop("priority", None)
    content["when"] = _when(given, today, content.get("when"))
    try:
        return NoticeDraft.model_validate(content)
    except ValidationError as error:
        lines = [_fault_words(".".join(map(str, one["loc"])), one) for one in error.errors()]
        raise UsageError("\n".join(lines)) from None


_WORDS = {
    "bad_time": "不是时刻,写成 10:05 / is no time of day; write 10:05",
    "bad_length": "不是时长,写成 20min 或 90s / is no length of time; write 20min or 90s",
    "string_too_short": "不能空着 / must not be empty",
    "string_too_long": "太长 / is too long",
    "string_pattern_mismatch": "不能这样写,如 vendor-promos / is not written like that; rather like vendor-promos",
}


def _fault_words(place: str, error: Any) -> str:
    if not place or error["type"] in (
        "not_one_of",
        "dates_backwards",
        "now_is_today",
        "windows_missing",
        "windows_unused",
    ):
        return str(error["msg"])
    return f"{place}: {error['input']!r} {_WORDS.get(error['type'], error['msg'])}"


def _when(given: Mapping[str, Any], today: date, base: Mapping[str, Any] | None) -> dict[str, Any]:
    when: dict[str, Any] = dict(base or {})
    if any(name in given for name in ("now", "at", "every", "rotation")):
        for name in ("now", "at", "every", "windows", "rotation"):
            when.pop(name, None)
    when |= {
        name: given[name] for name in ("now", "at", "every", "rotation", "first", "last", "except") if name in given
    }
    starts, ends = given.get("from", ()), given.get("to", ())
    if len(starts) != len(ends):
        raise UsageError("--from 和 --to 要成对 / --from and --to come in pairs")
    if starts:
        when["windows"] = [{"from": start, "to": end} for start, end in zip(starts, ends, strict=True)]
    for option, name in (("date", "dates"), ("day", "days")):
        if option in given:
            when[name] = given[option]
    when.setdefault("first", today)
    if "last" not in when or ("first" in given and "last" not in given and "now" in given):
        when["last"] = when["first"]
    return when


@notice.command("add")
@click.argument("text", required=False, default="")
@_fields
@as_flag
@click.option("--dry-run", is_flag=True, help="只看不提交 · show what would be heard, submit nothing")
@json_flag
@click.pass_obj
def add(home: Home, /, text: str, name: str | None, dry_run: bool, as_json: bool, **options: Any) -> None:
    """提交一条通知;先显示何时会播、有什么要注意 · Submit TEXT, after showing when it will be heard, and remarks."""
    with opened(home, plan=True, voice=True) as office:
        draft = _draft(_given(options), office.today(), text)
        _submit(office, draft, name, dry_run, as_json, None)


@notice.command("edit")
@click.argument("number", type=int)
@click.option("--text", help="新的内容 · the new text")
@_fields
@as_flag
@click.option("--dry-run", is_flag=True, help="只看不提交 · show what would be heard, submit nothing")
@json_flag
@click.pass_obj
def edit(
    home: Home, /, number: int, text: str | None, name: str | None, dry_run: bool, as_json: bool, **options: Any
) -> None:  # fmt: skip
    """改一条通知;要重新审批 · Change notice NUMBER; it must be approved again, and is off the air until then."""
    with opened(home, plan=True, voice=True) as office:
        record = _record(office.desk, number)
        _submit(office, _draft(_given(options), office.today(), text, record.draft), name, dry_run, as_json, record)


def _submit(
    office: Office, draft: NoticeDraft, name: str | None, dry_run: bool, as_json: bool, of: NoticeRecord | None
) -> None:  # fmt: skip
    user = person(office, name)
    office.desk.check(draft)
    preview = office.desk.preview(draft, of.id if of else None)
    if not as_json:
        show_preview(preview, office)
    answer: dict[str, Any] = {"notice": None, "preview": preview_document(preview, office)}
    if not dry_run:
        if of is None:
            record = office.desk.submit(draft, user, WHERE)
        else:
            record = office.desk.edit(of.id, draft, user, of.revision, WHERE)
        answer["notice"] = document(record)
        if not as_json:
            click.echo(
                f"已提交,编号 {record.id},第 {record.revision} 版,等 {record.needed} 人批准 / "
                f"submitted as {record.id}, revision {record.revision}: waits for {record.needed} to approve"
            )
    if as_json:
        out(answer)


@notice.command("list")
@click.option("--state", type=click.Choice(["submitted", "approved", "ready", "expired", "rejected", "withdrawn"]))
@click.option("--vendor", metavar="ID", help="商户 · of a vendor")
@click.option("--search", default="", help="标题、内容、作者里的字 · words of title, text or author")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True)
@click.option("--before", type=int, metavar="NUMBER", help="接着看编号更小的 · read on before a number")
@json_flag
@click.pass_obj
def list_(
    home: Home, state: Any, vendor: str | None, search: str, limit: int, before: int | None, as_json: bool
) -> None:  # fmt: skip
    """通知一览,新的在前 · The notices, the newest first."""
    with opened(home) as office:
        found = office.desk.list(state, vendor, search, limit, before)
    if as_json:
        out({"notices": [document(record) for record in found]})
        return
    for record in found:
        vendor_name = f"  [{record.draft.vendor}]" if record.draft.vendor else ""
        when = record.draft.when
        click.echo(f"{record.id:>5}  {state_of(record)}  {when.first}–{when.last}  {record.draft.title}{vendor_name}")
    if not found:
        click.echo("没有通知 / no notices")


@notice.command()
@click.argument("number", type=int)
@json_flag
@click.pass_obj
def show(home: Home, number: int, as_json: bool) -> None:
    """一条通知的内容、审批和经过 · What notice NUMBER says, who decided what, its history."""
    with opened(home) as office:
        record = _record(office.desk, number)
        history = office.desk.history(number)
        tz = office.tz()
    deeds: list[dict[str, Any]] = [
        {"at": entry.at.astimezone(tz).isoformat(), "who": entry.who, "what": entry.what, "where": entry.where,
         "detail": dict(entry.detail)}
        for entry in history
    ]  # fmt: skip
    if as_json:
        out({**document(record), "history": deeds})
        return
    click.echo(f"{record.id}  {record.draft.title}  {state_of(record)}  第 {record.revision} 版 revision")
    click.echo(f"  {record.draft.text or record.draft.recording}")
    for name, value in record.draft.content()["when"].items():
        if value:
            click.echo(f"  {name}: {json.dumps(value, ensure_ascii=False)}")
    for words in (record.reason, record.render_error):
        if words:
            click.echo(f"  {words}")
    for deed in deeds:
        why = deed["detail"].get("reason") or deed["detail"].get("note") or deed["detail"].get("words") or ""
        click.echo(f"  {deed['at'][:19]}  {deed['who']}  {deed['what']}  {why}".rstrip())


@notice.command()
@click.argument("number", type=int)
@json_flag
@click.pass_obj
def times(home: Home, number: int, as_json: bool) -> None:
    """一条通知将在何时播出 · When notice NUMBER will be heard, on the next dates."""
    with opened(home, plan=True) as office:
        _record(office.desk, number)
        days = office.desk.times(number)
        if as_json:
            out({"days": [day_document(day, office) for day in days]})
        else:
            show_days(days, office)
    sys.exit(0 if any(day.times for day in days) else 1)


@notice.command()
@click.argument("day", type=DAY, required=False, metavar="[DATE]")
@json_flag
@click.pass_obj
def texts(home: Home, day: date | None, as_json: bool) -> None:
    """某天留存的全部文稿 · The texts kept of a date (today by default), as written and as spoken."""
    with opened(home) as office:
        on = day or office.today()
        found = [asdict(one) for one in office.desk.day_texts(on)]
    if as_json:
        out({"date": on.isoformat(), "texts": found})
    else:
        for one in found:
            who = f"  {one['author']} / {one['approved_by']}" if one["author"] else ""
            click.echo(f"{one['ref']}  {one['title']}{who}\n    {one['text']}\n    → {one['spoken']}")
    sys.exit(0 if found else 1)


@notice.command()
@click.argument("number", type=int)
@click.option("--revision", type=int, help="您看过的那一版 · the revision that you saw [默认 default: 最新 the latest]")
@click.option("--note", default="", help="备注 · a note for the audit trail")
@as_flag
@json_flag
@click.pass_obj
def approve(home: Home, number: int, revision: int | None, note: str, name: str | None, as_json: bool) -> None:
    """批准;不能批准自己的 · Approve notice NUMBER; nobody approves their own."""
    with opened(home, plan=True) as office:
        seen = revision or _record(office.desk, number).revision
        decided(office.desk.approve(number, seen, person(office, name), note, WHERE), as_json)


@notice.command()
@click.argument("number", type=int)
@click.option("--reason", required=True, help="原因 · why")
@click.option("--revision", type=int, help="您看过的那一版 · the revision that you saw [默认 default: 最新 the latest]")
@as_flag
@json_flag
@click.pass_obj
def reject(home: Home, number: int, reason: str, revision: int | None, name: str | None, as_json: bool) -> None:
    """退回,写明原因 · Reject notice NUMBER, with a reason."""
    with opened(home) as office:
        seen = revision or _record(office.desk, number).revision
        decided(office.desk.reject(number, seen, person(office, name), reason, WHERE), as_json)


@notice.command()
@click.argument("number", type=int)
@click.option("--reason", default="", help="原因 · why")
@as_flag
@json_flag
@click.pass_obj
def withdraw(home: Home, number: int, reason: str, name: str | None, as_json: bool) -> None:
    """撤下,立即停播 · Take notice NUMBER off the air, now."""
    with opened(home) as office:
        decided(office.desk.withdraw(number, person(office, name), reason, WHERE), as_json)


def _record(desk: NoticeDesk, number: int) -> NoticeRecord:
    record = desk.get(number)
    if record is None:
        raise UsageError(f"没有通知 {number} / there is no notice {number}")
    return record

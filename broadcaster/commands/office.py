"""What the commands about notices, accounts and vendors share."""

from __future__ import annotations

import contextlib
import getpass
import json
import sys
from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Any

import click

from broadcaster.commands.when import parse_date
from broadcaster.errors import PlanError, UsageError
from broadcaster.settings import Home

if TYPE_CHECKING:
    from broadcaster.rooms.notice_office import Office
    from broadcaster.store.users import User

WHERE = "cli"
"""The place that the audit trail names."""

json_flag = click.option(
    "--json", "as_json", is_flag=True, help="只输出一个 JSON 文档 · one JSON document, nothing else"
)
as_flag = click.option(
    "--as", "name", metavar="NAME", help="以哪个账号 · whose account it is done with [默认: 系统用户名]"
)


class DayType(click.ParamType[date]):
    """A date as people write it."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        try:
            return value if isinstance(value, date) else parse_date(str(value))
        except UsageError as error:
            self.fail(str(error), param, ctx)


DAY = DayType()


@contextlib.contextmanager
def opened(home: Home, *, plan: bool = False, voice: bool = False) -> Iterator[Office]:
    """The home's notices and accounts; ``plan`` and ``voice`` also what the plan and the voice say of them."""
    from broadcaster.rooms.notice_office import Office

    if not (home.root / "config").is_dir():
        raise UsageError(f"{home.root}: 这里没有 config/ 文件夹 / no config/ here; name the folder with --home")
    office = Office(home, plan=plan, voice=voice)
    try:
        yield office
    except PlanError as error:
        for fault in error.faults:
            click.echo(f"错误 fault    {fault}", err=True)
        sys.exit(1)
    finally:
        office.close()


def person(office: Office, name: str | None) -> User:
    """The account to do it with. Raises ``UsageError`` when there is none of this name, or it is switched off."""
    wanted = name or getpass.getuser()
    user = office.users.get(wanted)
    if user is None:
        raise UsageError(
            f"没有账号“{wanted}”,用 --as 指定,或先 broadcaster user add / "
            f"no account “{wanted}”: name one with --as, or make one with broadcaster user add"
        )
    if not user.active:
        raise UsageError(f"账号“{user.name}”已停用 / the account “{user.name}” is switched off")
    return user


def out(document: Any) -> None:
    """One JSON document on standard output."""
    click.echo(json.dumps(document, ensure_ascii=False, indent=2, default=str))

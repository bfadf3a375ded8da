"""``broadcaster user`` and ``broadcaster vendor``: accounts, vendors and contracts without a browser."""

from __future__ import annotations

import getpass
import sys
from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Any

import click

from broadcaster.commands.office import DAY, WHERE, as_flag, json_flag, opened, out, person
from broadcaster.commands.proof import vendor_report
from broadcaster.errors import UsageError
from broadcaster.settings import Home

if TYPE_CHECKING:
    from broadcaster.rooms.notice_office import Office
    from broadcaster.store.users import User

_ROLES = ("announcer", "promo", "manager", "supervisor", "it")


@click.group()
def user() -> None:
    """账号 · Accounts: who may submit and approve."""


def _password(given: str | None) -> str:
    """From the command line's standard input where it is no terminal, so that it stands in no list of processes."""
    if given is not None:
        return given
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    return str(click.prompt("密码 password", hide_input=True, confirmation_prompt=True, err=True))


_secret = click.option("--password", help="密码;不写则询问,或从标准输入读 · asked for, or read from standard input")


_first_only = click.option(
    "--must-change",
    is_flag=True,
    help="本人登录后必须换密码 · its owner must choose another at the first log-in",
)


@user.command("add")
@click.argument("name")
@click.option("--role", required=True, type=click.Choice(_ROLES),
              help="角色:播音员、促销员、经理、监听、信息 · the role")  # fmt: skip
@click.option("--display", default="", help="显示的名字 · the name that others see")
@_secret
@_first_only
@json_flag
@click.pass_obj
def user_add(
    home: Home, name: str, role: str, display: str, password: str | None, must_change: bool, as_json: bool
) -> None:
    """新建账号 · Make an account."""
    with opened(home) as office:
        made = office.users.add(
            name, display, role, _password(password), must_change=must_change, by=getpass.getuser(), where=WHERE
        )
    out(_user_document(made)) if as_json else click.echo(f"{made.name}  {made.role}")


@user.command("list")
@json_flag
@click.pass_obj
def user_list(home: Home, as_json: bool) -> None:
    """全部账号 · All accounts."""
    with opened(home) as office:
        everyone = office.users.list()
    if as_json:
        out({"users": [_user_document(one) for one in everyone]})
        return
    for one in everyone:
        off = "" if one.active else "  已停用 switched off"
        click.echo(f"{one.name:20} {one.role:12} {one.display}{off}")


@user.command("password")
@click.argument("name")
@_secret
@_first_only
@click.pass_obj
def user_password(home: Home, name: str, password: str | None, must_change: bool) -> None:
    """改密码,登录和令牌全部结束 · A new password; all sessions and tokens end."""
    with opened(home) as office:
        office.users.set_password(name, _password(password), must_change=must_change, by=getpass.getuser(), where=WHERE)
    click.echo(f"{name}: 密码已改 / the password is changed")


@user.command("role")
@click.argument("name")
@click.argument("role", type=click.Choice(_ROLES))
@click.pass_obj
def user_role(home: Home, name: str, role: str) -> None:
    """改岗位 · Another role: announcer, promo, manager, supervisor, it."""
    with opened(home) as office:
        office.users.set_role(name, role, by=getpass.getuser(), where=WHERE)
    click.echo(f"{name}: {role}")


@user.command("disable")
@click.argument("name")
@click.option("--undo", is_flag=True, help="重新启用 · switch it on again")
@click.pass_obj
def user_disable(home: Home, name: str, undo: bool) -> None:
    """停用账号 · Switch an account off."""
    with opened(home) as office:
        office.users.set_active(name, undo, by=getpass.getuser(), where=WHERE)
    click.echo(f"{name}: {'已启用 / switched on' if undo else '已停用 / switched off'}")


def _user_document(one: User) -> dict[str, Any]:
    return {
        "name": one.name,
        "display": one.display,
        "role": one.role,
        "active": one.active,
        "must_change": one.must_change,
    }


# --- vendors -------------------------------------------------------------------------------------------------------


@click.group()
def vendor() -> None:
    """商户和合同 · Vendors, and what they have contracts for."""


@vendor.command("put")
@click.argument("vendor_id", metavar="ID")
@click.argument("title", metavar="NAME")
@click.option("--english", help="英文名 · the English name")
@click.option("--weight", type=float, help="无合同时的轮播份额 · share of the turns [新商户 of a new one: 1]")
@click.option("--approvals", type=int, help="审批人数 · approvals needed [新商户 of a new one: station.yaml]")
@as_flag
@json_flag
@click.pass_obj
def vendor_put(
    home: Home, vendor_id: str, title: str, english: str | None, weight: float | None, approvals: int | None,
    name: str | None, as_json: bool,
) -> None:  # fmt: skip
    """新建或修改商户;没写的选项照旧 · Add or change a vendor; what is not given stays."""
    with opened(home) as office:
        by, known = keeper(office, name).name, office.vendors.get(vendor_id)
        if known is not None:
            english = known.name_en if english is None else english
            weight = known.weight if weight is None else weight
            approvals = known.approvals if approvals is None else approvals
        share = 1.0 if weight is None else weight
        made = office.vendors.put(
            vendor_id, title, english or "", weight=share, approvals=approvals, by=by, where=WHERE
        )
    out(asdict(made)) if as_json else click.echo(f"{made.id}  {made.name_zh}  ×{made.weight:g}")


@vendor.command("list")
@json_flag
@click.pass_obj
def vendor_list(home: Home, as_json: bool) -> None:
    """商户和合同一览 · Vendors and their contracts."""
    with opened(home) as office:
        vendors, contracts = office.vendors.list(), office.vendors.contracts()
    if as_json:
        out({"vendors": [asdict(one) for one in vendors], "contracts": [asdict(one) for one in contracts]})
        return
    for one in vendors:
        click.echo(f"{one.id:20} {one.name_zh} {one.name_en}")
        for two in contracts:
            if two.vendor == one.id:
                over = "  已终止 ended" if two.ended_at else ""
                click.echo(
                    f"  {two.id}: {two.rotation} {two.per_day}/天 day  {two.first}–{two.last}  "
                    f"{two.fee_cents / 100:.2f} {two.fee_kind}{over}"
                )


@vendor.command("contract")
@click.argument("vendor_id", metavar="ID")
@click.argument("rotation")
@click.argument("per_day", type=click.IntRange(0, 1000))
@click.option("--first", required=True, type=DAY, help="从哪天起 · the first date")
@click.option("--last", required=True, type=DAY, help="到哪天止(含) · the last date")
@click.option("--fee", type=click.FloatRange(0), default=0.0, help="费用,元 · the fee")
@click.option("--fee-kind", type=click.Choice(["per_airing", "per_day", "flat"]), default="per_airing",
              help="按次、按天、包干 · what the fee is for")  # fmt: skip
@click.option("--note", default="")
@as_flag
@json_flag
@click.pass_obj
def vendor_contract(
    home: Home, vendor_id: str, rotation: str, per_day: int, first: date, last: date, fee: float, fee_kind: str,
    note: str, name: str | None, as_json: bool,
) -> None:  # fmt: skip
    """新合同:某轮播每天播几次 · A contract: PER_DAY airings a day in a ROTATION."""
    with opened(home) as office:
        made = office.vendors.contract(
            vendor_id, rotation, per_day, first, last, fee_kind=fee_kind, fee_cents=round(fee * 100), note=note,
            by=keeper(office, name).name, where=WHERE,
        )  # fmt: skip
    out(asdict(made)) if as_json else click.echo(f"{made.id}  {made.vendor}  {made.rotation}  {made.per_day}/天 day")


@vendor.command("end")
@click.argument("number", type=int)
@as_flag
@click.pass_obj
def vendor_end(home: Home, number: int, name: str | None) -> None:
    """现在终止一份合同 · End contract NUMBER now."""
    with opened(home) as office:
        office.vendors.end_contract(number, by=keeper(office, name).name, where=WHERE)
    click.echo(f"合同 {number} 已终止 / contract {number} is ended")


vendor.add_command(vendor_report)


def keeper(office: Office, name: str | None) -> User:
    """Who may keep vendors and contracts: an announcer or a manager. Raises ``UsageError`` for anybody else."""
    found = person(office, name)
    if found.role not in ("announcer", "manager"):
        raise UsageError(
            f"合同由播音员或经理管理,{found.name} 是 {found.role} / "
            f"contracts are kept by an announcer or a manager; {found.name} is {found.role}"
        )
    return found

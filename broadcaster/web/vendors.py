"""Vendors and their contracts."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from broadcaster.errors import UsageError
from broadcaster.web.auth import me, needs, where, whoever
from broadcaster.web.i18n import gettext as _
from broadcaster.web.offices import COMMANDERS, LOOKERS, current_offices
from broadcaster.web.parse import parse_day
from broadcaster.web.reports import office
from broadcaster.web.view import current_station

if TYPE_CHECKING:
    from broadcaster.store.vendors import Contract, Vendor

vendors = Blueprint("vendors", __name__)

MOST_A_DAY = 1000
MOST_FEE = Decimal(10_000_000)


@vendors.get("/vendors")
@needs(*LOOKERS)
def everybody() -> str:
    """All vendors with their contracts, and the forms that change them."""
    return _page()


@vendors.post("/vendors")
@needs(*COMMANDERS)
def put() -> Answer | tuple[str, int]:
    """Add a vendor, or change one."""
    form = request.form
    try:
        made = put_vendor(
            form.get("id", "").strip(), form.get("name_zh", ""), form.get("name_en", ""),
            weight=form.get("weight", "") or "1", approvals=form.get("approvals", ""), new=form.get("new") == "1",
        )  # fmt: skip
    except UsageError as error:
        return _page(words=str(error)), 422
    flash(_("%(name)s is saved.") % {"name": made.name_zh})
    return redirect(url_for("vendors.everybody", _anchor=made.id), code=303)


@vendors.post("/vendors/<vendor>/contracts")
@needs(*COMMANDERS)
def contract(vendor: str) -> Answer | tuple[str, int]:
    """A new contract, counting from now on."""
    form = request.form
    try:
        made = office().vendors.contract(
            vendor, form.get("rotation", ""), _whole(form.get("per_day", "")), parse_day(form.get("first", "")),
            parse_day(form.get("last", "")), fee_kind=form.get("fee_kind", "per_airing"),
            fee_cents=fee_cents(form.get("fee", "")), note=form.get("note", "").strip()[:200], by=whoever().name,
            where=where(),
        )  # fmt: skip
    except UsageError as error:
        return _page(words=str(error)), 422
    flash(_("Contract %(number)s holds from now on.") % {"number": made.id})
    return redirect(url_for("vendors.everybody", _anchor=vendor), code=303)


@vendors.post("/contracts/<int:number>/end")
@needs(*COMMANDERS)
def end(number: int) -> Answer | tuple[str, int]:
    """End a contract now."""
    try:
        office().vendors.end_contract(number, by=whoever().name, where=where())
    except UsageError as error:
        return _page(words=str(error)), 422
    flash(_("Contract %(number)s is ended.") % {"number": number})
    return redirect(url_for("vendors.everybody"), code=303)


def put_vendor(
    vendor: str, name_zh: str, name_en: str, *, weight: str | float = 1.0, approvals: str | int | None = None,
    new: bool = False,
) -> Vendor:  # fmt: skip
    """Add or change a vendor in the name of whoever asks. Raises ``UsageError`` in words for people."""
    name_zh, name_en = _line(name_zh), _line(name_en)
    if not name_zh:
        raise UsageError("商户要有名字 / a vendor needs a name")
    if len(vendor) > 60:
        raise UsageError("商户编号太长 / the vendor's id is too long")
    if new and office().vendors.get(vendor) is not None:
        raise UsageError(f"已经有商户“{vendor}” / there is a vendor “{vendor}” already")
    try:
        share = float(weight)
        count = int(approvals) if approvals not in (None, "") else None
    except (ValueError, OverflowError):
        raise UsageError("权重和审批人数要写数字 / weight and approvals are numbers") from None
    return office().vendors.put(
        vendor, name_zh, name_en, weight=share, approvals=count, by=whoever().name, where=where()
    )  # fmt: skip


def fee_cents(text: str) -> int:
    """Money in hundredths, from ``12.50``. Raises ``UsageError`` with the text."""
    if not text.strip():
        return 0
    try:
        fee = Decimal(text.strip())
    except InvalidOperation:
        fee = Decimal("NaN")
    if not fee.is_finite() or not 0 <= fee <= MOST_FEE or fee != round(fee, 2):
        raise UsageError(f"费用“{text}”不行,写成 12.50 / “{text}” is no fee; write 12.50")
    return int(fee * 100)


def _whole(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,4}", text.strip()) or int(text) > MOST_A_DAY:
        raise UsageError(f"每天次数要是 0 到 {MOST_A_DAY}:{text} / airings a day are 0 to {MOST_A_DAY}: {text}")
    return int(text)


def _line(text: str) -> str:
    return " ".join(text.split())[:80]


def _page(**more: Any) -> str:
    account, today = me(), current_station().today()
    agreed: dict[str, list[Contract]] = {}
    for one in office().vendors.contracts():
        agreed.setdefault(one.vendor, []).append(one)
    return render_template(
        "vendors.html", vendors=office().vendors.list(), contracts=agreed, today=today,
        may_change=account is not None and account.role in COMMANDERS, rotations=current_offices().choices().rotations,
        fee_kinds=(("per_airing", _("each airing")), ("per_day", _("each day")), ("flat", _("altogether"))),
        form=request.form, **more,
    )  # fmt: skip

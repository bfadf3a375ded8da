"""The API of reports, audit trail, vendors and contracts."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from math import isfinite
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, jsonify, request

from broadcaster.errors import Conflict, UsageError
from broadcaster.web.audit import read_trail
from broadcaster.web.auth import needs, where, whoever
from broadcaster.web.contract_reports import ContractDraft, VendorDraft
from broadcaster.web.notices_api import body
from broadcaster.web.offices import AUDITORS, COMMANDERS, LOOKERS
from broadcaster.web.reports import office, period
from broadcaster.web.vendors import put_vendor
from broadcaster.web.view import current_zone

if TYPE_CHECKING:
    from broadcaster.asrun.entries import Entry
    from broadcaster.asrun.ledger import VendorDay
    from broadcaster.reports.vendor_reports import Bill, VendorReport

reports_api = Blueprint("reports_api", __name__, url_prefix="/api/v1")

LIMIT = 100
MOST = 200


@reports_api.get("/reports/vendors/<vendor>")
@needs(*LOOKERS)
def vendor(vendor: str) -> Response:
    """What a vendor was promised and got."""
    first, last = period()
    report = office().vendor(vendor, first, last, whole_of("offset") or 0)
    return jsonify({
        "vendor": _plain(report.vendor), "first": first.isoformat(), "last": last.isoformat(),
        "contracts": [_plain(one) for one in report.contracts], **_sums(report), "sounded": report.sounded,
        "fees": [{"contract": fee.contract.id, "count": fee.count, "cents": fee.cents} for fee in report.fees],
        "days": [_day(one) for one in report.days],
        "airings": [_airing(entry, report) for entry in report.page.entries],
        "count": report.page.count, "older": report.page.older,
    })  # fmt: skip


@reports_api.get("/reports/vendors")
@needs(*LOOKERS)
def all_vendors() -> Response:
    """What all vendors were promised and got."""
    first, last = period()
    return jsonify({
        "first": first.isoformat(), "last": last.isoformat(),
        "vendors": [{"vendor": bill.vendor.id, **_sums(bill)} for bill in office().vendors_in(first, last)],
    })  # fmt: skip


@reports_api.get("/audit")
@needs(*AUDITORS)
def audit() -> Response:
    """Who did what, the newest first."""
    asked = {name: request.args.get(name, "") for name in ("who", "what", "from", "to")}
    limit = min(max(whole_of("limit") or LIMIT, 1), MOST)
    found = read_trail(asked, limit + 1, whole_of("before"))
    shown = found[:limit]
    return jsonify(
        {"entries": [_plain(one) for one in shown], "before": shown[-1].id if len(found) > limit else None}
    )  # fmt: skip


@reports_api.get("/vendors")
@needs(*LOOKERS)
def vendors() -> Response:
    """All vendors and contracts."""
    known = office().vendors
    return jsonify({
        "vendors": [_plain(one) for one in known.list()], "contracts": [_plain(one) for one in known.contracts()]
    })  # fmt: skip


@reports_api.put("/vendors/<vendor>")
@needs(*COMMANDERS)
def put(vendor: str) -> Response:
    """Add or change a vendor."""
    draft = body(VendorDraft)
    made = put_vendor(vendor, draft.name_zh, draft.name_en, weight=draft.weight, approvals=draft.approvals)
    return jsonify(_plain(made))


@reports_api.post("/vendors/<vendor>/contracts")
@needs(*COMMANDERS)
def contract(vendor: str) -> tuple[Response, int]:
    """A new contract."""
    draft = body(ContractDraft)
    made = office().vendors.contract(
        vendor, draft.rotation, draft.per_day, draft.first, draft.last, fee_kind=draft.fee_kind,
        fee_cents=draft.fee_cents, note=draft.note, by=whoever().name, where=where(),
    )  # fmt: skip
    return jsonify(_plain(made)), 201


@reports_api.post("/contracts/<int:number>/end")
@needs(*COMMANDERS)
def end(number: int) -> tuple[str, int]:
    """End a contract now."""
    try:
        office().vendors.end_contract(number, by=whoever().name, where=where())
    except UsageError as error:
        raise Conflict(str(error)) from error
    return "", 204


def whole_of(name: str) -> int | None:
    """A whole number after the question mark, small enough for every database. Raises ``UsageError`` for another."""
    text = request.args.get(name, "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise UsageError(f"{name}={text!r} 不是整数 / is no whole number")
    return int(text)


def _plain(value: Any) -> dict[str, Any]:
    return {name: _json(one) for name, one in asdict(value).items()}


def _json(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(current_zone()).isoformat(timespec="milliseconds")
    return value.isoformat() if isinstance(value, date) else value


def _day(day: VendorDay) -> dict[str, Any]:
    sums = day.counts
    return {
        "date": day.date.isoformat(), "contracted": day.contracted, "aired": sums.aired, "partial": sums.partial,
        "skipped": sums.skipped, "failed": sums.failed, "made_good": day.made_good, "owed": day.owed, "over": day.over,
        "ear": sums.ear, "player": sums.player, "not_heard": sums.not_heard, "short": sums.short,
        "charged": day.charged, "lapsed": day.lapsed,
    }  # fmt: skip


def _sums(bill: Bill) -> dict[str, Any]:
    return {
        "contracted": bill.contracted, "counted": bill.counted, "ear": bill.ear, "player": bill.player,
        "not_heard": bill.not_heard, "short": bill.short, "made_good": bill.made_good, "owed": bill.owed,
        "lapsed": bill.lapsed, "charged": bill.charged, "fee_cents": bill.cents,
    }  # fmt: skip


def _airing(entry: Entry, report: VendorReport) -> dict[str, Any]:
    began, stands = entry.heard_at or entry.commanded_at, report.standings[entry.id]
    # JSON has no infinities, and silence measures as one.
    loudness = entry.loudness_lufs if entry.loudness_lufs is not None and isfinite(entry.loudness_lufs) else None
    whole = began is not None and entry.ended_at is not None
    return {
        "date": entry.date.isoformat(), "ref": entry.ref, "title": entry.title, "planned_at": _json(entry.planned_at),
        "began_at": _json(began), "ended_at": _json(entry.ended_at),
        "length_s": (entry.ended_at - began).total_seconds() if whole and entry.ended_at and began else None,
        "outcome": str(entry.outcome) if entry.outcome else None, "reason": entry.reason,
        "heard_at": _json(entry.heard_at), "standing": str(stands), "counts": stands.counts, "loudness_lufs": loudness,
    }  # fmt: skip

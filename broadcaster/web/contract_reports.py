"""The API's documents about reports, audit trail, vendors and contracts."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, Field, StringConstraints

from broadcaster.web.contract import Contract, Outcome
from broadcaster.web.contract_notices import Asked
from broadcaster.web.offices import AUDITORS, COMMANDERS, LOOKERS
from broadcaster.web.route import DATE, WHOLE, Parameter, Route

Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
FeeKind = Literal["per_airing", "per_day", "flat"]


class Vendor(Contract):
    """A vendor."""

    id: str
    name_zh: str
    name_en: str
    weight: float = Field(description="share of turns without a contract")
    approvals: int | None = Field(description="approvals that its notices need; null: the station's number")
    created_at: AwareDatetime


class VendorContract(Contract):
    """So many airings a day in a rotation, from `first` to `last` inclusive."""

    id: int
    vendor: str
    first: dt.date
    last: dt.date
    rotation: str
    per_day: int
    fee_kind: FeeKind
    fee_cents: int = Field(description="hundredths of the currency")
    note: str
    made_at: AwareDatetime
    ended_at: AwareDatetime | None


class Vendors(Contract):
    """All vendors and contracts."""

    vendors: list[Vendor]
    contracts: list[VendorContract] = Field(description="the newest first")


class VendorDraft(Asked):
    """A vendor to add or change."""

    name_zh: Line
    name_en: Annotated[str, StringConstraints(strip_whitespace=True, max_length=80)] = ""
    weight: float = Field(default=1.0, gt=0, le=100)
    approvals: int | None = Field(default=None, ge=1, le=5)


class ContractDraft(Asked):
    """A contract to make; it counts from now on."""

    first: dt.date
    last: dt.date
    rotation: Line
    per_day: int = Field(ge=0, le=1000)
    fee_kind: FeeKind = "per_airing"
    fee_cents: int = Field(default=0, ge=0, le=10**9)
    note: str = Field(default="", max_length=200)


class VendorDay(Contract):
    """One date of a vendor."""

    date: dt.date
    contracted: int
    aired: int
    partial: int
    skipped: int
    failed: int
    made_good: int
    owed: int = Field(description="short of at the end of the date, earlier days included")
    over: bool
    ear: int = Field(description="airings that the ear heard at the output")
    player: int = Field(description="airings by the player's word, while no ear heard the device")
    not_heard: int = Field(description="commanded, and nobody says that they were heard: they do not count")
    short: int = Field(description="less than nine tenths heard, or nobody can tell: they do not count")
    charged: int = Field(description="airings that count and that a contract has a use for")
    lapsed: int = Field(description="too late to be made good: a matter for the office")


class Airing(Contract):
    """One entry of the log."""

    date: dt.date
    ref: str
    title: str
    planned_at: AwareDatetime
    began_at: AwareDatetime | None = Field(description="heard, or at least commanded")
    ended_at: AwareDatetime | None
    length_s: float | None
    outcome: Outcome | None
    reason: str
    heard_at: AwareDatetime | None
    standing: Literal["ear", "player", "unheard", "unsaid", "short", "silent", "open"] = Field(
        description="what it is worth as proof: heard by the ear, by the player's word, listened for and not heard, "
        "nobody's word, too short, did not sound, no end yet"
    )
    counts: bool
    loudness_lufs: float | None = Field(description="as heard at the output")


class VendorFee(Contract):
    """What one contract comes to."""

    contract: int = Field(description="its number")
    count: int = Field(description="airings, days with an airing, or days of the contract")
    cents: int = Field(description="hundredths of the currency")


class VendorSums(Contract):
    """Sums of a period."""

    contracted: int
    counted: int = Field(description="airings heard, by the ear or by the player's word")
    ear: int
    player: int
    not_heard: int
    short: int
    made_good: int
    owed: int
    lapsed: int = Field(description="too late to be made good: a matter for the office")
    charged: int
    fee_cents: int = Field(description="hundredths of the currency")


class VendorLine(VendorSums):
    """One of all vendors."""

    vendor: str = Field(description="its id")


class VendorLines(Contract):
    """All vendors in a period."""

    first: dt.date
    last: dt.date
    vendors: list[VendorLine]


class VendorReport(VendorSums):
    """What a vendor was promised and got."""

    vendor: Vendor
    first: dt.date
    last: dt.date
    contracts: list[VendorContract]
    sounded: int = Field(description="aired wholly or in part, as the player has it")
    fees: list[VendorFee]
    days: list[VendorDay]
    airings: list[Airing] = Field(description="the newest first, at most 200")
    count: int = Field(description="airings in the whole period")
    older: int | None = Field(description="ask again with this `offset` for older ones; null at the end")


class AuditEntry(Contract):
    """One deed."""

    id: int
    at: AwareDatetime
    who: str
    what: str
    detail: dict[str, Any]
    where: str
    subject: str | None


class Audit(Contract):
    """Some deeds, newest first."""

    entries: list[AuditEntry]
    before: int | None = Field(description="ask again with this to read on; null at the end")


_VENDOR = Parameter(
    "vendor", "Short name of a vendor", {"type": "string", "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$"}, "tata"
)
_NUMBER = Parameter("number", "Number of a contract", WHOLE, 1)
_ONE = "/api/v1/vendors/{vendor}"
_OFFSET = Parameter("offset", "so many of the newest airings are left out", WHOLE)
_PERIOD = (
    Parameter("from", "first date; thirty days before the last unless given", DATE),
    Parameter("to", "last date; today unless given", DATE),
)

ROUTES = (
    Route(
        "/api/v1/reports/vendors/{vendor}", "What a vendor was promised and got", VendorReport, parameters=(_VENDOR,),
        query=(*_PERIOD, _OFFSET), roles=LOOKERS,
    ),
    Route(
        "/api/v1/reports/vendors", "What all vendors were promised and got", VendorLines, query=_PERIOD, roles=LOOKERS,
    ),
    Route(
        "/api/v1/audit", "Who did what, from where", Audit,
        query=(
            Parameter("who", "only this account's"), Parameter("what", "only this deed, or deeds of this area"),
            Parameter("from", "first date", DATE), Parameter("to", "last date", DATE),
            Parameter("limit", "at most so many, up to 200", WHOLE),
            Parameter("before", "read on: what the last answer said", WHOLE),
        ),
        roles=AUDITORS,
    ),
    Route("/api/v1/vendors", "All vendors and contracts", Vendors, roles=LOOKERS),
    Route(_ONE, "Add or change a vendor", Vendor, "put", (_VENDOR,), body=VendorDraft, roles=COMMANDERS),
    Route(
        f"{_ONE}/contracts", "A new contract", VendorContract, "post", (_VENDOR,), body=ContractDraft, status=201,
        roles=COMMANDERS,
    ),
    Route("/api/v1/contracts/{number}/end", "End a contract now", None, "post", (_NUMBER,), roles=COMMANDERS),
)  # fmt: skip

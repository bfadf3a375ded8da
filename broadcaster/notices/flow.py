"""Who may do what with a notice in which state. Pure: every rule of the desk stands here, and only here.

submit ─► submitted ─approve (as often as needed)─► approved ─rendered─► ready ─last date passed─► expired
              │ reject                                  │                  │
              ▼                                         └───► withdrawn ◄──┘   (from submitted too)
          rejected            an edit makes a new revision, which is submitted again, from any state
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from broadcaster.errors import NoticeError
from broadcaster.notices.models import State, Verdict

APPROVERS = frozenset({"announcer", "manager"})
LOOKERS_ONLY = frozenset({"supervisor"})

FORM = "form:"
"""Before a form's id: who said yes to the wording of what was filled into it. No account has such a name."""

_STATES: Mapping[State, str] = {
    "submitted": "待审 submitted",
    "approved": "已批准,待合成 approved",
    "ready": "按时播出 ready",
    "expired": "已过期 expired",
    "rejected": "已退回 rejected",
    "withdrawn": "已撤下 withdrawn",
}


class Person(Protocol):
    """An account, as far as the rules look at it."""

    @property
    def name(self) -> str: ...
    @property
    def role(self) -> str: ...
    @property
    def active(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Standing:
    """What the rules must know of a notice."""

    id: int
    state: State
    revision: int
    author: str
    """Of its first revision."""
    editor: str
    """Of its current revision."""
    needed: int
    """Approvals of the current revision."""
    verdicts: tuple[Verdict, ...] = ()
    """On the current revision."""

    @property
    def authors(self) -> frozenset[str]:
        """Who must not approve it."""
        return frozenset({self.author, self.editor})


def state_word(state: State) -> str:
    """A state in both languages."""
    return _STATES[state]


def shown_state(stored: State, last: date, today: date) -> State:
    """The state for people: what waits or airs expires with its last date."""
    return "expired" if stored in ("submitted", "approved", "ready") and last < today else stored


def approved_by(verdicts: Iterable[Verdict], authors: Collection[str]) -> frozenset[str]:
    """The different people whose yes counts."""
    return frozenset(verdict.who for verdict in verdicts if verdict.approved and verdict.who not in authors)


def may_submit(who: Person) -> None:
    """Anyone with an account but those who only look. Raises ``NoticeError``."""
    _working(who)
    if who.role in LOOKERS_ONLY:
        raise NoticeError(
            f"{who.name} 是 {who.role},只能看,不能提交通知 / {who.name} is {who.role}, who looks and submits nothing"
        )


def approves_itself(who: Person, self_approve: bool, serious: bool) -> bool:
    """Whether what ``who`` filled into a ready-made form airs without a second person.

    Nobody approves their own text: here the store approved the wording beforehand, and an approver fills in a name. So
    it holds for forms that say so alone, for approvers alone, and not where the check found something ``serious``.
    """
    return self_approve and not serious and who.active and who.role in APPROVERS


def may_edit(notice: Standing, who: Person, expected_revision: int) -> None:
    """Its authors and the approvers, when they saw the current revision. Raises ``NoticeError``."""
    may_submit(who)
    _own_or_approver(notice, who, "修改", "change")
    _same_revision(notice, expected_revision)


def after_approval(notice: Standing, who: Person, revision: int) -> State:
    """The state after ``who`` approves: ``approved``, or still ``submitted`` where another must approve as well.

    Raises ``NoticeError``.
    """
    _approver(notice, who, "批准", "approve")
    _same_revision(notice, revision)
    _waiting(notice, who, "批准", "approve")
    if who.name in notice.authors:
        wrote = "提交" if who.name == notice.author else "改"
        wrote_en = "submitted" if who.name == notice.author else "edited"
        raise NoticeError(
            f"通知 {notice.id} 是 {who.name} {wrote}的,要由别人批准 / "
            f"notice {notice.id} was {wrote_en} by {who.name}: somebody else must approve it"
        )
    if any(verdict.who == who.name for verdict in notice.verdicts):
        raise NoticeError(
            f"{who.name} 已经批准过通知 {notice.id},还要另一个人批准 / "
            f"{who.name} has approved notice {notice.id} already; another person must approve it too"
        )
    agreed = approved_by(notice.verdicts, notice.authors) | {who.name}
    return "approved" if len(agreed) >= max(1, notice.needed) else "submitted"


def may_reject(notice: Standing, who: Person, revision: int, reason: str) -> None:
    """Approvers, with a reason, while it waits. Raises ``NoticeError``."""
    _approver(notice, who, "退回", "reject")
    _same_revision(notice, revision)
    _waiting(notice, who, "退回", "reject")
    if who.name in notice.authors:
        raise NoticeError(
            f"通知 {notice.id} 是 {who.name} 自己的,请用撤下 / "
            f"notice {notice.id} is {who.name}'s own: withdraw it instead"
        )
    if not reason.strip():
        raise NoticeError(f"退回通知 {notice.id} 要写原因 / give a reason for rejecting notice {notice.id}")


def may_withdraw(notice: Standing, who: Person) -> None:
    """Its authors and the approvers, before it is rejected, withdrawn or over. Raises ``NoticeError``."""
    _working(who)
    _own_or_approver(notice, who, "撤下", "withdraw")
    if notice.state not in ("submitted", "approved", "ready"):
        raise _impossible(notice, who, "不能撤下", "withdraw")


def may_render(notice: Standing, revision: int) -> bool:
    """Whether a recording made for a revision may still be taken on."""
    return notice.revision == revision and notice.state in ("approved", "ready")


def waits_for(notice: Standing, who: Person) -> bool:
    """Whether it stands in the queue of an approver."""
    return (
        who.active
        and who.role in APPROVERS
        and notice.state == "submitted"
        and who.name not in notice.authors
        and all(verdict.who != who.name for verdict in notice.verdicts)
    )


def _working(who: Person) -> None:
    if not who.active:
        raise NoticeError(f"账号 {who.name} 已停用 / the account {who.name} is switched off")


def _own_or_approver(notice: Standing, who: Person, deed: str, deed_en: str) -> None:
    if who.name not in notice.authors and who.role not in APPROVERS:
        raise NoticeError(
            f"通知 {notice.id}({state_word(notice.state)})是 {notice.author} 的:只有本人、播音员和经理能{deed},"
            f"{who.name} 是 {who.role} / notice {notice.id} is {notice.author}'s: only they, an announcer or a manager "
            f"may {deed_en} it, and {who.name} is {who.role}"
        )


def _approver(notice: Standing, who: Person, deed: str, deed_en: str) -> None:
    _working(who)
    if who.role not in APPROVERS:
        raise NoticeError(
            f"只有播音员和经理能{deed}通知 {notice.id}({state_word(notice.state)}),{who.name} 是 {who.role} / "
            f"only an announcer or a manager may {deed_en} notice {notice.id}; {who.name} is {who.role}"
        )


def _same_revision(notice: Standing, revision: int) -> None:
    if notice.revision != revision:
        raise NoticeError(
            f"通知 {notice.id} 已是第 {notice.revision} 版,您看的是第 {revision} 版,请重新看过 / "
            f"notice {notice.id} is at revision {notice.revision}, you saw {revision}: look at it again"
        )


def _waiting(notice: Standing, who: Person, deed: str, deed_en: str) -> None:
    if notice.state != "submitted":
        raise _impossible(notice, who, f"不能{deed}", deed_en)


def _impossible(notice: Standing, who: Person, deed: str, deed_en: str) -> NoticeError:
    return NoticeError(
        f"通知 {notice.id} 现在是“{state_word(notice.state)}”,{who.name} {deed} / "
        f"notice {notice.id} is {notice.state}: {who.name} can't {deed_en} it now"
    )

"""Who may do what: roles, and what the page needs of accounts, log-ins and tokens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import datetime

    from broadcaster.store.sessions import Session
    from broadcaster.store.tokens import Token

#: What an account may be, in the order in which pages list them.
ROLES = ("announcer", "manager", "promo", "supervisor", "it")
APPROVERS = ("announcer", "manager")
#: Who may look at what is not open to everybody.
LOOKERS = ROLES
#: Who may submit notices.
SUBMITTERS = ("announcer", "promo", "manager", "it")
#: Who changes what airs: the air itself, programme, calendar, scripts, playlists, contracts.
COMMANDERS = ("announcer", "manager")
#: Who makes accounts and changes the station's settings. No announcer: two accounts could approve for one another.
ADMINISTRATORS = ("manager", "it")
#: Who may read the audit trail.
AUDITORS = ("manager", "it", "supervisor")
#: Who may change how words are read; a supervisor only looks and listens. Words of what is approved: approvers only.
WRITERS = ("announcer", "manager", "promo", "it")


class Account(Protocol):
    """A person who may do things."""

    @property
    def id(self) -> int: ...
    @property
    def name(self) -> str: ...
    @property
    def display(self) -> str: ...
    @property
    def role(self) -> str: ...
    @property
    def active(self) -> bool: ...
    @property
    def created_at(self) -> datetime: ...
    @property
    def must_change(self) -> bool:
        """Somebody else chose the password: nothing is done with it but choosing another."""
        ...

    @property
    def session_stamp(self) -> str:
        """Changes with the password, with the role, and when the account is switched off."""
        ...


class SessionBook(Protocol):
    """Log-ins of browsers; ``broadcaster/store/sessions.py``. ``user`` is an account's id."""

    def open(self, user: int, *, where: str = "", agent: str = "") -> str:
        """Begin one; returns the key for the cookie."""
        ...

    def find(self, key: str) -> tuple[Session, Account] | None: ...
    def see(self, session: Session) -> None: ...
    def of(self, user: int) -> Sequence[Session]: ...
    def seen(self) -> Mapping[int, datetime]: ...
    def end(self, user: int, number: int, *, by: str = "", where: str = "") -> None: ...
    def end_others(self, user: int, but: int | None, *, by: str = "", where: str = "") -> int: ...
    def knows(self, folded: str, where: str) -> bool: ...


class TokenBook(Protocol):
    """Log-ins of programs; ``broadcaster/store/tokens.py``. ``user`` is an account's id."""

    def make(
        self, user: int, name: str, expires_at: datetime | None = None, *, by: str = "", where: str = ""
    ) -> tuple[str, Token]:
        """A new one and its secret."""
        ...

    def find(self, secret: str) -> tuple[Token, Account] | None: ...
    def used(self, token: Token) -> None: ...
    def of(self, user: int) -> Sequence[Token]: ...
    def end(self, user: int, number: int, *, by: str = "", where: str = "") -> None: ...


class Accounts(Protocol):
    """The accounts. ``UsageError`` in words for people when something asked for can't be.

    ``by`` is who does it (the account itself unless given) and ``where`` the address it was done from.
    """

    @property
    def sessions(self) -> SessionBook: ...
    @property
    def tokens(self) -> TokenBook: ...
    def add(
        self, name: str, display: str, role: str, password: str, *, must_change: bool = False, first: bool = False,
        by: str = "", where: str = "",
    ) -> Account:  # fmt: skip
        """A new one; ``first`` only while there is none, else ``Conflict``."""
        ...

    def check(self, name: str, password: str) -> Account | None:
        """The active account of this name if the password is right; takes as long when there is none."""
        ...

    def get(self, name: str) -> Account | None: ...
    def list(self) -> Sequence[Account]: ...
    def set_password(
        self, name: str, password: str, *, must_change: bool = False, by: str = "", where: str = ""
    ) -> Account: ...
    def set_active(self, name: str, active: bool, *, by: str = "", where: str = "") -> Account:
        """``Conflict`` for the last who makes accounts."""
        ...

    def set_role(self, name: str, role: str, *, by: str = "", where: str = "") -> Account:
        """``Conflict`` for the last who makes accounts."""
        ...

    def set_display(self, name: str, display: str, *, by: str = "", where: str = "") -> Account: ...

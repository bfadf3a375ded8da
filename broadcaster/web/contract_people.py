"""The API's documents about accounts, sessions and tokens; see :mod:`broadcaster.web.contract` for the rules."""

from __future__ import annotations

from typing import Literal

from pydantic import AwareDatetime, Field

from broadcaster.web.contract import Contract
from broadcaster.web.contract_notices import Asked
from broadcaster.web.offices import ADMINISTRATORS, LOOKERS
from broadcaster.web.route import TEXT, WHOLE, Parameter, Route

Role = Literal["announcer", "manager", "promo", "supervisor", "it"]


class Person(Contract):
    """An account."""

    name: str
    display: str
    role: str
    active: bool
    must_change: bool = Field(description="its password was set by somebody else and must be changed first")
    created_at: AwareDatetime
    seen_at: AwareDatetime | None = Field(description="when it was last there, as far as that is remembered")


class People(Contract):
    """All accounts."""

    people: list[Person]


class NewPerson(Asked):
    """An account to make."""

    name: str = Field(min_length=1, max_length=40, description="letters, digits or characters, and . _ - @")
    display: str = Field(default="", max_length=60)
    role: Role


class PersonChange(Asked):
    """What to change of an account; what is left out stays."""

    display: str | None = Field(default=None, min_length=1, max_length=60)
    role: Role | None = None
    active: bool | None = None


class FirstPassword(Contract):
    """An account and the password to enter it with; said once, and changed at the first log-in."""

    person: Person
    password: str


class PasswordChange(Asked):
    """A new password of one's own."""

    old: str = Field(max_length=200)
    new: str = Field(min_length=8, max_length=200)


class NameChange(Asked):
    """A new name of one's own, for others to see."""

    display: str = Field(min_length=1, max_length=60)


class Session(Contract):
    """A browser's log-in."""

    id: int
    opened_at: AwareDatetime
    seen_at: AwareDatetime
    where: str = Field(description="address it was opened from")
    device: str
    mine: bool = Field(description="whether this request came by it")


class Sessions(Contract):
    """One's own open sessions, the last seen first."""

    sessions: list[Session]


class Token(Contract):
    """A program's log-in."""

    id: int
    name: str
    made_at: AwareDatetime
    expires_at: AwareDatetime | None
    used_at: AwareDatetime | None


class Tokens(Contract):
    """One's own tokens, the newest first."""

    tokens: list[Token]


class NewToken(Asked):
    """A token to make; not with a token."""

    name: str = Field(min_length=1, max_length=60)
    days: int | None = Field(default=90, ge=1, le=3650, description="how long it lasts; null until it is revoked")


class MadeToken(Contract):
    """A token and its secret, which is said once."""

    token: Token
    secret: str


_NAME = Parameter("name", "Name of an account", TEXT, "wanglan")
_SESSION = Parameter("number", "Number of a session of one's own", WHOLE, 1)
_TOKEN = Parameter("number", "Number of a token of one's own", WHOLE, 1)
_PEOPLE, _ACCOUNT = "/api/v1/people", "/api/v1/account"
_PERSON = f"{_PEOPLE}/{{name}}"

ROUTES: tuple[Route, ...] = (
    Route(_PEOPLE, "All accounts", People, roles=ADMINISTRATORS),
    Route(_PEOPLE, "Make an account", FirstPassword, "post", body=NewPerson, status=201, roles=ADMINISTRATORS),
    Route(_PERSON, "One account", Person, parameters=(_NAME,), roles=ADMINISTRATORS),
    Route(_PERSON, "Change an account", Person, "patch", (_NAME,), body=PersonChange, roles=ADMINISTRATORS),
    Route(
        f"{_PERSON}/password", "A new first password for another", FirstPassword, "post", (_NAME,), roles=ADMINISTRATORS
    ),
    Route(_ACCOUNT, "One's own account", Person, roles=LOOKERS),
    Route(_ACCOUNT, "Change one's own name", Person, "patch", body=NameChange, roles=LOOKERS),
    Route(f"{_ACCOUNT}/password", "Change one's own password", None, "post", body=PasswordChange, status=204,
          roles=LOOKERS),
    Route(f"{_ACCOUNT}/sessions", "One's own sessions", Sessions, roles=LOOKERS),
    Route(f"{_ACCOUNT}/sessions/{{number}}", "End a session", None, "delete", (_SESSION,), status=204, roles=LOOKERS),
    Route(f"{_ACCOUNT}/tokens", "One's own tokens", Tokens, roles=LOOKERS),
    Route(f"{_ACCOUNT}/tokens", "Make a token", MadeToken, "post", body=NewToken, status=201, roles=LOOKERS),
    Route(f"{_ACCOUNT}/tokens/{{number}}", "Revoke a token", None, "delete", (_TOKEN,), status=204, roles=LOOKERS),
)  # fmt: skip

"""The API's documents about notices, readings and forms; see :mod:`broadcaster.web.contract` for the rules."""

from __future__ import annotations

from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from broadcaster.notices.models import NoticeDraft
from broadcaster.web.contract import Contract
from broadcaster.web.offices import APPROVERS, LOOKERS, SUBMITTERS, WRITERS
from broadcaster.web.route import WHOLE, Parameter, Route


class Asked(BaseModel):
    """Base of what is sent to the API: an entry that is not known is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Notice(Contract):
    """One notice in its latest version."""

    id: int
    revision: int
    state: str = Field(description="`submitted`, `approved`, `ready`, `rejected`, `withdrawn` or `expired`")
    author: str = Field(description="account that submitted it first")
    editor: str = Field(description="account that wrote this version")
    draft: dict[str, Any] = Field(description="see NoticeDraft")
    created_at: AwareDatetime
    changed_at: AwareDatetime
    needed: int = Field(description="approvals that this version needs")
    approvals: list[str] = Field(description="accounts that approved this version")
    reason: str | None = Field(description="why it was rejected or withdrawn")
    render_error: str | None = Field(description="why it could not be spoken")
    effective_at: AwareDatetime | None = Field(description="from then on it may air")
    duration_s: float | None = Field(description="one airing, chime and readings included")


class Notices(Contract):
    """Some notices, newest first."""

    notices: list[Notice]
    before: int | None = Field(description="ask again with this to read on; null at the end")


class Deed(Asked):
    """A decision about one version."""

    revision: int = Field(ge=1, description="the version that was looked at")
    note: str = Field(default="", max_length=300)


class Rejection(Asked):
    """A version that shall not air, and why."""

    revision: int = Field(ge=1)
    reason: str = Field(min_length=1, max_length=300)


class Withdrawal(Asked):
    """A notice that shall air no more."""

    reason: str = Field(default="", max_length=300)


class NewVersion(Asked):
    """A new version, made from the one that was looked at."""

    revision: int = Field(ge=1)
    draft: NoticeDraft


class Syllables(Contract):
    """A stretch of what is said, with its pinyin in tone marks, or none."""

    text: str
    pinyin: str


class Doubt(Contract):
    """A word that the author should look at."""

    code: str
    text: str
    start: int
    end: int
    read_as: str
    word: str = Field(description="what to enter into the lexicon to correct it")
    readings: list[str] = Field(description="other readings of that word")


class Remark(Contract):
    """What the lint has to say; advice for who approves."""

    code: str
    severity: str
    start: int
    end: int
    excerpt: str
    message: str
    message_en: str
    remedy: str
    remedy_en: str
    field: str


class Preview(Contract):
    """How a draft is read, and when it is heard."""

    spoken: str | None
    pinyin: list[Syllables]
    doubts: list[Doubt]
    remarks: list[Remark]
    times: list[AwareDatetime]
    count_today: int
    air_s: float = Field(description="today, all airings together")
    duration_s: float | None = Field(description="one airing, chime and readings included: an estimate")
    moved: list[str] = Field(description="what gives way, a line each")
    trouble: str | None = Field(description="why a part is missing")


class LexiconEntry(Contract):
    """How the store reads a word."""

    word: str
    reading: str
    note: str


class Lexicon(Contract):
    """The store's own entries."""

    entries: list[LexiconEntry]


class Correction(Asked):
    """A word and how it is read: pinyin, or hanzi that sound like it."""

    word: str = Field(min_length=1, max_length=40)
    reading: str = Field(min_length=1, max_length=120)
    note: str = Field(default="", max_length=200)


class FormBlank(Contract):
    """A gap in a form."""

    id: str
    label: str
    label_en: str
    kind: str
    required: bool
    max_length: int
    example: str
    choices: list[str]


class ReadyForm(Contract):
    """A ready-made form."""

    id: str
    title: str
    title_en: str
    priority: str
    blanks: list[FormBlank]


class Forms(Contract):
    """All ready-made forms."""

    forms: list[ReadyForm]


class Filling(Asked):
    """A form's blanks, filled."""

    values: dict[str, str] = {}
    english: bool = False


_NUMBER = Parameter("number", "Number of a notice", WHOLE, 1)
_FORM = Parameter("name", "Id of a form", example="lost-child")
_WORD = Parameter("word", "Word of an entry", example="TATA")
_ONE = "/api/v1/notices/{number}"
_SEARCH = (
    Parameter("state", "only notices in this state"),
    Parameter("vendor", "only this vendor's"),
    Parameter("q", "words in title or text"),
    Parameter("limit", "at most so many, up to 200", WHOLE),
    Parameter("before", "read on: what the last answer said", WHOLE),
)

ROUTES = (
    Route("/api/v1/notices", "Notices, newest first", Notices, query=_SEARCH, roles=LOOKERS),
    Route("/api/v1/notices", "Submit a notice", Notice, "post", body=NoticeDraft, status=201, roles=SUBMITTERS),
    Route(_ONE, "One notice", Notice, parameters=(_NUMBER,), roles=LOOKERS),
    Route(_ONE, "A new version of a notice", Notice, "put", (_NUMBER,), body=NewVersion, roles=SUBMITTERS),
    Route(f"{_ONE}/approve", "Approve a version", Notice, "post", (_NUMBER,), body=Deed, roles=APPROVERS),
    Route(f"{_ONE}/reject", "Reject a version", Notice, "post", (_NUMBER,), body=Rejection, roles=APPROVERS),
    Route(f"{_ONE}/withdraw", "Off the air", Notice, "post", (_NUMBER,), body=Withdrawal, roles=SUBMITTERS),
    Route("/api/v1/preview", "How a draft is read and heard", Preview, "post", body=NoticeDraft, roles=LOOKERS),
    Route("/api/v1/lexicon", "The store's own readings", Lexicon, roles=LOOKERS),
    Route("/api/v1/lexicon", "Set a reading", Lexicon, "put", body=Correction, roles=WRITERS),
    Route("/api/v1/lexicon/{word}", "Take a reading out", Lexicon, "delete", (_WORD,), roles=WRITERS),
    Route("/api/v1/forms", "The ready-made forms", Forms, roles=LOOKERS),
    Route(
        "/api/v1/forms/{name}", "Submit a form", Notice, "post", (_FORM,), body=Filling, status=201, roles=SUBMITTERS
    ),
)

"""How words are read: the store's own entries."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from broadcaster.errors import BroadcasterError, UsageError
from broadcaster.web.auth import needs, where, whoever
from broadcaster.web.i18n import gettext as _
from broadcaster.web.offices import APPROVERS, LOOKERS, WRITERS, current_offices

lexicon = Blueprint("lexicon", __name__)

WORD_MOST = 40
SAYING_MOST = 120
NOTE_MOST = 200


@lexicon.get("/lexicon")
@needs(*LOOKERS)
def entries() -> str:
    """All entries, or those that hold a word."""
    return _page()


@lexicon.post("/lexicon")
@needs(*WRITERS)
def change() -> str | Answer | tuple[str, int]:
    """Add, change or remove an entry."""
    form = request.form
    word = form.get("word", "").strip()
    try:
        if form.get("do") == "remove":
            hold_to_approval(word)
            current_offices().voice.forget_reading(word, whoever().name, where())
            flash(_("%(word)s is read as before.") % {"word": word})
        else:
            correct(word, form.get("saying", ""), form.get("note", ""))
            flash(_("%(word)s is read as %(saying)s from now on.") % {"word": word, "saying": form["saying"].strip()})
    except BroadcasterError as error:
        return _page(trouble=str(error)), 422
    return redirect(url_for("lexicon.entries"))


def correct(word: str, saying: str, note: str) -> None:
    """Set how a word is read, in the name of whoever asks. ``UsageError`` if word or reading can't be."""
    word, saying, note = (" ".join(text.split()) for text in (word, saying, note))
    for text, most in ((word, WORD_MOST), (saying, SAYING_MOST)):
        if not text:
            raise UsageError(_("Word and reading are both needed."))
        if len(text) > most:
            raise UsageError(_("Too long: at most %(most)s characters.") % {"most": most})
    hold_to_approval(word)
    current_offices().voice.correct_reading(word, saying, note[:NOTE_MOST], whoever().name, where())


def hold_to_approval(word: str) -> None:
    """A reading may be any words: changed under what was approved, they would be heard without anybody's approval.

    Raises ``UsageError`` for whoever may not approve.
    """
    if whoever().role not in APPROVERS and (title := current_offices().voice.heard_in(word)):
        raise UsageError(
            f"“{word}”在已批准的“{title}”里,它的读法请播音员或经理来改 / "
            f"“{word}” is in “{title}”, which is approved: an announcer or a manager may change its reading"
        )


def _page(trouble: str = "") -> str:
    wanted = request.args.get("q", "").strip()
    found = [
        entry
        for entry in current_offices().voice.lexicon()
        if wanted.casefold() in f"{entry.word}\n{entry.reading}\n{entry.note}".casefold()
    ]
    return render_template("lexicon.html", entries=found, wanted=wanted, trouble=trouble, values=request.form)

"""Forms of a page as a browser would fill them, and markup that should not be there."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

TEXTS = ("text", "search", "url", "tel", "email", "password", "")


@dataclass
class Form:
    """A form: where it goes, what it carries, and which of that a person may write freely."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    free: list[str] = field(default_factory=list)
    buttons: list[tuple[str, str]] = field(default_factory=list)

    def filled(self, text: str) -> list[dict[str, str]]:
        """What is sent when ``text`` is written into every free field, once for each of its buttons."""
        filled = {**self.fields, **dict.fromkeys(self.free, text)}
        return [{**filled, name: value} for name, value in self.buttons] or [filled]


class Page(HTMLParser):
    """The forms, addresses and elements of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.links: list[str] = []
        self.foul: list[str] = []
        """Scripts in the page, handlers in attributes, styles in attributes, addresses that run."""
        self._open: Form | None = None
        self._select = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = {name: value or "" for name, value in attrs}
        self._judge(tag, known)
        if tag == "a" and "href" in known:
            self.links.append(known["href"])
        if tag == "form":
            self._open = Form(known.get("action", ""), known.get("method", "get").lower())
            self.forms.append(self._open)
        elif self._open is not None:
            self._field(self._open, tag, known)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        if tag == "select":
            self._select = ""

    def _field(self, form: Form, tag: str, known: dict[str, str]) -> None:
        name, kind = known.get("name", ""), known.get("type", "")
        if tag == "select":
            self._select = name
        elif tag == "option" and self._select and ("selected" in known or self._select not in form.fields):
            form.fields[self._select] = known.get("value", "")
        elif tag == "button" and name:
            form.buttons.append((name, known.get("value", "")))
        elif name and (tag == "textarea" or (tag == "input" and kind in TEXTS)):
            form.free.append(name)
        elif name and tag == "input" and (kind not in ("checkbox", "radio", "file") or "checked" in known):
            form.fields[name] = known.get("value", "")

    def _judge(self, tag: str, known: dict[str, str]) -> None:
        runs = [name for name in known if name.startswith(("on", "hx-on")) or name in ("style", "srcdoc")]
        led = [value for name, value in known.items() if name in ("href", "src", "action", "formaction", "hx-get")]
        bad = any(address.strip().lower().startswith(("javascript:", "data:", "vbscript:", "//")) for address in led)
        if runs or bad or (tag == "script" and "src" not in known) or tag in ("iframe", "object", "embed", "base"):
            self.foul.append(self.get_starttag_text() or tag)

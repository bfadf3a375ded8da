"""Text of staff in real Chromium: whatever is written into whatever field is shown as text, and runs nowhere."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Dialog, Page

from broadcaster.asrun.entries import Outcome
from broadcaster.asrun.log import AsRunLog
from broadcaster.store.database import open_database
from tests.fuzz_store import PASSWORD, PEOPLE, WholeStore, open_whole_store
from tests.media_kit import served
from tests.test_web_attacks import pages
from tests.web_chromium import MARKS, chromium
from tests.web_fakes import DAY, at
from tests.web_forms import Page as Markup
from tests.web_offices import log_in, token
from tests.web_shots import enter
from tests.web_walk import PAGES

pytestmark = [*MARKS, pytest.mark.slow]

FORMULA = "=cmd|' /C calc'!A0"
POISONS = (
    "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "javascript:alert(1)", "{{7*7}}${7*7}<%=7*7%>",
    "'; DROP TABLE notices;--", FORMULA, "' onfocus=alert(1) autofocus x='", "</textarea></title><svg onload=alert(1)>",
)  # fmt: skip
#: Forms that would end the log-ins of the others, or take long: their fields are filled by test_web_attacks.
LEFT_OUT = ("/logout", "/login", "/people/", "/settings/backup")
#: Who looks at every page; the others at those that differ by who looks.
SEES_MOST = "liqiang"
#: What would be there had any of them become markup.
GROWN = """() => [...document.querySelectorAll(
  "img[src=x], svg[onload], [onfocus], [onclick], [onerror], script:not([src]), a[href^='javascript:' i]")]
  .map((one) => one.outerHTML.slice(0, 200))"""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WholeStore]:
    with open_whole_store(tmp_path_factory.mktemp("poisoned")) as store:
        _plant(store)
        sent: set[Any] = set()
        for name, _display, _role in PEOPLE:
            _write_everywhere(store, name, sent)
        assert len(sent) > 20
        yield store


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


def _plant(store: WholeStore) -> None:
    """Poison where it is kept, in fields that are otherwise right: as programs of the staff might send it."""
    client, bearers = store.app.test_client(), {}
    for number, (_name, _display, role) in enumerate(PEOPLE, 1):
        secret, _ = store.users.tokens.make(number, POISONS[1])
        bearers[role] = {"Authorization": f"Bearer {secret}", "User-Agent": POISONS[0]}

    def say(role: str, method: str, path: str, body: Any) -> int:
        return client.open(f"/api/v1{path}", method=method, json=body, headers=bearers[role]).status_code

    when = {"at": ["10:45"], "first": DAY.isoformat(), "last": "2026-12-01"}
    became: dict[str, int] = {}
    for number, poison in enumerate(POISONS):
        notice = {"title": poison, "text": f"各位顾客，{poison}，谢谢。", "note": poison, "when": when}
        became[f"notice {poison}"] = say("promo", "POST", "/notices", notice)
        became[f"vendor {poison}"] = say("announcer", "PUT", f"/vendors/v{number}",
                                         {"name_zh": poison, "name_en": poison})  # fmt: skip
        became[f"name {poison}"] = say("supervisor", "PATCH", "/account", {"display": poison})
        became[f"day {poison}"] = say("announcer", "POST", f"/days/2026-12-{number + 1:02}",
                                      {"note": poison, "words": poison, "close": "19:00"})  # fmt: skip
        became[f"script {poison}"] = say("announcer", "POST", "/scripts",
                                         {"id": f"s-{number}", "title": poison,
                                          "text": f"您好，{poison}。"})  # fmt: skip
        say("announcer", "POST", f"/notices/{number + 5}/reject", {"revision": 1, "reason": poison})
        say("promo", "PUT", "/lexicon", {"word": f"词{number}", "reading": "cí", "note": poison})
    for kind in ("notice", "vendor", "name", "day"):
        assert any(code < 300 for what, code in became.items() if what.startswith(kind)), became
    database = open_database(store.home.database)
    log = AsRunLog(database, "main")
    for number, poison in enumerate(POISONS):
        planned = at(f"09:5{number}")
        what: dict[str, Any] = {"date": DAY, "spot_id": f"{DAY}/p{number}", "kind": "notice",
                                "ref": f"notice-{number + 5}",
                                "title": poison, "planned_at": planned}  # fmt: skip
        assert log.arm_spot(armed_at=planned, **what)
        log.spot_started(what["spot_id"], planned)
        log.spot_ended(what["spot_id"], planned + timedelta(seconds=9), Outcome.PARTIAL, poison)
    database.dispose()


def _write_everywhere(store: WholeStore, name: str, sent: set[Any]) -> None:
    """Every form of every page that this account sees, by every button: each kind of form once, whoever sends it."""
    client: FlaskClient = store.app.test_client()
    log_in(client, name)
    crumb = token(client, "/account")
    for path, html in pages(store.app, client).items():
        for form in Markup(html).forms:
            where = form.action or path
            if form.method != "post" or where.startswith(LEFT_OUT):
                continue
            deed = store.app.url_map.bind("").match(where.partition("?")[0], method="POST")[0]
            for data in form.filled(POISONS[len(sent) % len(POISONS)]):
                kind = (deed, frozenset(data), tuple(data.get(key) for key, _value in form.buttons))
                if kind in sent:  # the same form for another thing of a list
                    continue
                sent.add(kind)
                answer = client.post(where, data={**data, "csrf_token": crumb})
                assert answer.status_code < 500 or answer.status_code == 503, (path, where, answer.text[:500])


def _look(page: Page, url: str, said: list[str]) -> list[str]:
    """What is wrong with a page."""
    page.goto(url, wait_until="load")
    page.wait_for_timeout(150)  # what it fetches by itself
    grown: list[str] = page.evaluate(GROWN)
    found, said[:] = [*grown, *said], []
    return found


@pytest.mark.parametrize("who", [None, *(name for name, _display, _role in PEOPLE)])
def test_nothing_that_was_written_runs_anywhere(
    store: WholeStore, browser: Browser, tmp_path: Path, who: str | None
) -> None:
    said: list[str] = []
    context = browser.new_context(locale="zh-CN")
    page = context.new_page()
    page.set_default_timeout(15_000)

    def dismiss(box: Dialog) -> None:
        said.append(f"dialog {box.message}")
        box.dismiss()

    page.on("dialog", dismiss)
    page.on("console", lambda line: said.append(line.text) if "Content Security Policy" in line.text else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    with served(store.app, tmp_path / "incoming") as url:
        if who is not None:
            enter(page, url, who, PASSWORD)
        paths = ["/", "/screen", "/day/2026-12-02", "/account", "/notices", "/notices/5", "/notices?tab=archive"]
        if who == SEES_MOST:
            paths += ["/notices/6", "/reports/vendor/v1", "/scripts/s-1", *(path for path, _who in PAGES.values())]
        wrong = {path: found for path in dict.fromkeys(paths) if (found := _look(page, url + path, said))}
        assert wrong == {}
        if who is not None:
            page.goto(f"{url}/notices/5")
            assert "<script>alert(1)</script>" in page.locator("main").inner_text()
            page.goto(f"{url}/notices/8")
            assert "{{7*7}}${7*7}" in page.locator("main").inner_text()
    context.close()


def test_no_table_for_excel_holds_a_formula(store: WholeStore) -> None:
    client = store.app.test_client()
    log_in(client, "wanglan")
    seen = ""
    for path in (f"/reports/day/{DAY}.csv", f"/reports/vendor/tata.csv?from={DAY}&to={DAY}"):
        table = client.get(path)
        assert table.status_code == 200 and "attachment" in table.headers["Content-Disposition"]
        for row in csv.reader(io.StringIO(table.text.removeprefix("\ufeff"))):
            assert not [cell for cell in row if cell.startswith(("=", "+", "@", "\t", "\r", "-c"))], path
        seen += table.text
    assert f"'{FORMULA}" in seen

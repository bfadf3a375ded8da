"""The whole API under random requests: it never breaks, answers as described, and changes nothing that it may not.

Some hundred requests here; ``python -m bench.fuzz`` sends as many as wanted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from bench.fuzz import MAY
from broadcaster.web.openapi import ROUTES
from tests.fuzz_cases import PROBLEM, Attacker, same_but
from tests.fuzz_store import WholeStore, open_whole_store
from tests.web_fakes import undescribed
from tests.web_offices import log_in
from tests.web_rights_table import shapes

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WholeStore]:
    with open_whole_store(tmp_path_factory.mktemp("store")) as store:
        yield store


def described(store: WholeStore) -> set[tuple[str, str]]:
    """Method and shape of every deed of the description."""
    deeds = Attacker(store).deeds()
    return {(deed.method.upper(), shape) for deed in deeds for shape in shapes(deed.path)}


def test_every_route_is_described_and_the_other_way_round(store: WholeStore) -> None:
    rules = [rule for rule in store.app.url_map.iter_rules() if rule.rule.startswith("/api/v1/")]
    served = {
        (method, shape)
        for rule in rules
        for method in (rule.methods or set()) & set(METHODS)
        for shape in shapes(rule.rule)
    }
    assert len(served) > 80
    assert served == {(method, shape) for method, shape in described(store) if shape.startswith("/api/v1/")}


def test_answers_hold_nothing_that_is_not_described(store: WholeStore) -> None:
    secret, _ = store.users.tokens.make(2, "answers")
    client, compared = store.app.test_client(), 0
    for route in ROUTES:
        if route.method == "get" and route.answer is not None and "{" not in route.path:
            answer = client.get(route.path, headers={"Authorization": f"Bearer {secret}"})
            if answer.status_code == 200:
                assert list(undescribed(route.answer.model_validate(answer.json))) == [], route.path
                compared += 1
    assert compared > 20


def test_those_who_may_change_nothing_change_nothing(store: WholeStore) -> None:
    """Submitting notices and readings is what promo staff is for; all else stays as it was."""
    before = {**store.rows(), **store.files()}
    found = Attacker(store).run(170, (None, "supervisor", "promo"))
    after = {**store.rows(), **store.files()}
    assert found.wrong == {} and found.cases > 160
    assert same_but(before, after, MAY["promo"] or ()) == []
    assert {code for role, code in found.statuses if role == "nobody" and code < 300} <= {200}


def test_whatever_is_sent_the_api_answers_as_described(store: WholeStore) -> None:
    beside = {name: mark for name, mark in store.files().items() if not name.startswith("home/")}
    found = Attacker(store, number=7).run(170)
    assert found.wrong == {} and found.cases > 160
    assert {role for role, _code in found.statuses} == {"nobody", "announcer", "manager", "promo", "supervisor", "it"}
    assert {name: mark for name, mark in store.files().items() if not name.startswith("home/")} == beside
    assert store.app.test_client().get("/api/v1/status").status_code == 200


def test_methods_that_are_not_described_are_refused_with_those_that_are(store: WholeStore) -> None:
    client, known = store.app.test_client(), described(store)
    secret, _ = store.users.tokens.make(2, "methods")
    refused = 0
    for shape in {shape for _method, shape in known}:
        path, there = shape.replace("{}", "1"), {method for method, one in known if one == shape}
        for method in set(METHODS) - there:
            answer = client.open(path, method=method, headers={"Authorization": f"Bearer {secret}"})
            assert answer.status_code == 405, (method, path)
            assert there <= set(re.split(r",\s*", answer.headers["Allow"]))
            assert answer.content_type == PROBLEM or path in ("/healthz", "/metrics")
            refused += 1
    assert refused > 200


def test_random_requests_would_find_a_page_that_breaks(store: WholeStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """What finds nothing must be known to find something."""

    def broken() -> None:
        raise RuntimeError("broken")

    monkeypatch.setitem(store.app.view_functions, "api.status", broken)
    monkeypatch.setitem(store.app.view_functions, "api.check", lambda: ("<p>hello", 200))
    store.app.config["PROPAGATE_EXCEPTIONS"] = False
    found = Attacker(store).run(4, (None,), paths=("/api/v1/status", "/api/v1/check"))
    words = " ".join(found.wrong)
    assert "GET /api/v1/status: Server error" in words and "GET /api/v1/check: Undocumented Content-Type" in words


@pytest.mark.parametrize("number", [2**53 + 1, 2**63, 16531987648032251904, 10**40])
def test_a_number_that_no_database_holds_is_nothings(store: WholeStore, number: int) -> None:
    client = store.app.test_client()
    secret, _ = store.users.tokens.make(2, "large")
    for rule in store.app.url_map.iter_rules():
        path = re.sub(r"<int:\w+>", str(number), rule.rule)
        if path == rule.rule or "<" in path:
            continue
        for method in (rule.methods or set()) & set(METHODS):
            answer = client.open(path, method=method, headers={"Authorization": f"Bearer {secret}"}, json={})
            # 405 where the number might be a word, and the method is none for words.
            assert answer.status_code in (404, 405), (method, path)


@pytest.mark.parametrize("number", ["1e3", "-1", str(2**63), "-" + "9" * 30])
def test_a_number_after_the_question_mark_breaks_no_page(store: WholeStore, number: str) -> None:
    client = store.app.test_client()
    log_in(client, "liqiang")
    for path in ("/notices/new?from=", "/notices?page=", "/audit?before=", "/calendar?done=",
                 "/programme/versions?before=", "/reports/day/2026-11-28?offset=", "/reports/vendor/tata?offset=",
                 "/programme/versions/compare?b=1&a=", "/api/v1/notices?limit="):  # fmt: skip
        assert client.get(path + number).status_code < 500, path

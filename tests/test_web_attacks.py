"""What a stranger, or somebody in the house with ill will, might try. All of it fails, and nothing breaks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient

from broadcaster.plan.station_models import Page as Rules
from broadcaster.web.app import create_app
from broadcaster.web.security import HEADERS, is_own_name
from tests.test_web_rights import routes, send
from tests.web_fakes import FakeStation
from tests.web_forms import Page
from tests.web_offices import PASSWORD, House, log_in, open_house, token
from tests.web_rights_table import OPEN, RIGHTS

#: Breaks out of text, of attributes in either quotes, and of scripts; long words apart, all of it is plain text.
POISON = """'"><script>alert(1)</script><img src=x onerror=alert(1)><svg/onload=alert(1)>{{7*7}}${7*7}"""
SHORT = """'"><b onclick=a>"""
OUTSIDE = [
    "https://evil.example/", "//evil.example/", "///evil.example", "/\\\\evil.example", "\\\\\\\\evil.example",
    "javascript:alert(1)", "/%5cevil.example", "/.evil.example", "http:evil.example", "/notices\r\nX-Bad: 1",
    "/%0d%0aX-Bad:1", "/lang/en?next=//evil.example", "@evil.example", "/\t/evil.example",
]  # fmt: skip
CLIMBS = [
    "../../../../etc/passwd", "..%2f..%2f..%2fetc%2fpasswd", "..\\..\\windows\\win.ini", "/etc/passwd", "%00",
    "C:\\windows\\win.ini", "%c0%ae%c0%ae/etc/passwd", "nul", "a\u202egpj.exe", "x" * 3000,
]  # fmt: skip


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with open_house(tmp_path) as house:
        yield house


@pytest.fixture
def app(house: House) -> Flask:
    app = create_app(FakeStation(), house.offices)
    app.config["COUNT_POSTS"] = False
    return app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def pages(app: Flask, client: FlaskClient) -> dict[str, str]:
    """Every page that this account may open without knowing a name, and what they link to."""
    found: dict[str, str] = {}
    wanted = [rule.rule for rule in app.url_map.iter_rules() if not rule.arguments and "GET" in (rule.methods or ())]
    while wanted:
        path = wanted.pop(0).partition("?")[0].partition("#")[0]
        if path in found or path.startswith(("/static", "/lang", "/theme", "/api")) or not path.startswith("/"):
            continue
        with client.get(path, follow_redirects=True) as answer:
            if not answer.content_type.startswith("text/html"):
                continue
            found[path] = answer.get_data(as_text=True)
        if len(found) < 40:
            wanted += Page(found[path]).links
    return found


def test_text_of_people_never_becomes_markup(app: Flask, client: FlaskClient) -> None:
    """Poison in every free field of every form, by every button; then every page is looked at again."""
    client.environ_base["HTTP_USER_AGENT"] = POISON
    log_in(client, "liqiang")
    client.environ_base["HTTP_REFERER"] = POISON
    sent, foul, crumb = 0, {}, token(client, "/account")
    for path, html in pages(app, client).items():
        for form in Page(html).forms:
            if form.method != "post" or "logout" in form.action:
                continue
            for poison in (POISON, SHORT):
                for data in form.filled(poison):
                    answer = client.post(form.action or path, data={**data, "csrf_token": crumb})
                    sent += 1
                    assert answer.status_code < 500 or answer.status_code == 503, (path, form.action)
                    if answer.content_type.startswith("text/html"):
                        foul[f"{path} -> {form.action}"] = Page(answer.text).foul
    for path, html in pages(app, client).items():
        foul[path] = Page(html).foul
    assert sent > 20
    assert not {path: found for path, found in foul.items() if found}


def test_poison_that_was_kept_is_shown_as_text(app: Flask, client: FlaskClient, house: House) -> None:
    house.users.set_display("xiaomei", SHORT)
    house.users.tokens.make(3, SHORT)
    client.environ_base["HTTP_USER_AGENT"] = POISON
    log_in(client, "xiaomei")
    for path in ("/account", "/"):
        html = client.get(path).text
        assert not Page(html).foul and "&lt;b onclick=a&gt;" in html


@pytest.mark.parametrize("poison", [POISON, SHORT, "\ud800", "\x00\x1b[2J", "%", "‮"])
def test_poison_in_addresses_is_refused_as_text(client: FlaskClient, poison: str) -> None:
    word = quote(poison, safe="", errors="surrogatepass")
    for path in (f"/{word}", f"/day/{word}", f"/notices?q={word}", f"/login?next={word}", f"/forms/{word}"):
        with client.get(path) as answer:
            assert answer.status_code < 500, path
            assert not Page(answer.get_data(as_text=True)).foul, path
    api = client.get(f"/api/v1/rundown/{word}")
    assert api.content_type == "application/problem+json" and api.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://localhost:9999", "http://localhost.evil.example"]
)
def test_no_other_sites_page_changes_anything(app: Flask, client: FlaskClient, origin: str) -> None:
    log_in(client, "liqiang")
    crumb = token(client, "/account")
    client.environ_base["HTTP_ORIGIN"] = origin
    for route in routes(app):
        if not route.startswith("GET "):
            assert send(app, client, route, crumb).status_code == 400, route


def test_what_a_browser_says_is_from_another_site_is_not_ours(client: FlaskClient) -> None:
    log_in(client, "liqiang")
    form = {"csrf_token": token(client, "/account")}
    assert client.post("/logout", data=form, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 400
    assert client.post("/logout", data=form, headers={"Sec-Fetch-Site": "same-origin"}).status_code == 302


def test_a_token_of_one_session_is_nothing_in_another(client: FlaskClient) -> None:
    log_in(client, "liqiang")
    theirs = client.application.test_client()
    log_in(theirs, "xiaomei")
    crumb = token(theirs, "/account")
    assert client.post("/account/name", data={"csrf_token": crumb, "display": "x"}).status_code == 400


@pytest.mark.parametrize("way", OUTSIDE)
def test_no_way_leads_out_of_the_house(client: FlaskClient, way: str) -> None:
    asked = {"next": way}
    answers = [client.get("/lang/en", query_string=asked), client.get("/theme/dark", query_string=asked)]
    answers.append(log_in(client, "xiaomei", way=way))
    for answer in answers:
        assert answer.status_code == 302
        led = answer.headers["Location"]
        assert led.startswith("/") and not led.startswith(("//", "/\\")) and "evil" not in led
        assert "X-Bad" not in answer.headers


@pytest.mark.parametrize("climb", CLIMBS)
def test_no_name_climbs_out_of_its_folder(app: Flask, client: FlaskClient, climb: str) -> None:
    log_in(client, "liqiang")
    for rule in app.url_map.iter_rules():
        texts = [name for name in rule.arguments if f"int:{name}>" not in rule.rule and f":{name}>" not in rule.rule]
        if not (texts or rule.endpoint == "static") or "GET" not in (rule.methods or ()):
            continue
        path = rule.rule
        for name in rule.arguments:
            for written in (f"<int:{name}>", f"<path:{name}>", f"<{name}>"):
                path = path.replace(written, "1" if "int:" in written else quote(climb, safe="%/"))
        if "<" in path:
            continue
        with client.get(path) as answer:
            assert answer.status_code in (302, 303, 308, 400, 404, 422, 503) or rule.endpoint == "pages.air", path
            assert b"root:" not in answer.data


@pytest.mark.parametrize("size", [70_000, 3_000_000])
def test_large_bodies_of_strangers_are_refused(app: Flask, client: FlaskClient, size: int) -> None:
    crumb = token(client, "/login")
    for route in routes(app):
        method, path = route.split(" ", 1)
        if method == "GET" or "<" in path or RIGHTS.get(route, ()) is not OPEN or path == "/logout":
            continue
        answer = client.open(path, method=method, data={"csrf_token": crumb, "name": "x" * size})
        assert answer.status_code == 413, route
    many = client.post("/login", data="&".join(f"a{number}=" for number in range(2000)))
    assert many.status_code < 500


def test_headers_that_lie_change_nothing(client: FlaskClient, house: House) -> None:
    lies = {"X-Forwarded-For": "10.9.9.9", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.example",
            "X-Original-URL": "/people", "X-Rewrite-URL": "/people", "X-HTTP-Method-Override": "DELETE"}  # fmt: skip
    page = client.get("/login", headers=lies)
    assert "evil.example" not in page.text and "Strict-Transport-Security" not in page.headers
    form = {"csrf_token": token(client, "/login"), "name": "xiaomei", "password": PASSWORD, "_method": "DELETE"}
    assert client.post("/login", data=form, headers=lies).status_code == 302
    assert {one.where for one in house.users.sessions.of(3)} == {"127.0.0.1"}


def test_behind_a_proxy_its_last_word_counts(house: House) -> None:
    app = create_app(FakeStation(), replace(house.offices, page=lambda: Rules(behind_proxy=1)))
    client = app.test_client()
    client.environ_base["HTTP_X_FORWARDED_FOR"] = "10.9.9.9, 192.168.1.44"
    client.environ_base["HTTP_X_FORWARDED_PROTO"] = "https"
    cookie = log_in(client, "xiaomei").headers["Set-Cookie"]
    assert "Secure" in cookie
    assert {one.where for one in house.users.sessions.of(3)} == {"192.168.1.44"}


@pytest.mark.parametrize("method", ["TRACE", "PROPFIND", "CONNECT", "DEBUG", "get", "PUT"])
def test_other_verbs_open_nothing(client: FlaskClient, method: str) -> None:
    for path in ("/people", "/account", "/notices", "/api/v1/people", "/api/v1/account"):
        answer = client.open(path, method=method, headers={"X-HTTP-Method-Override": "GET"})
        assert answer.status_code in (302, 400, 401, 405), path
        assert "小美" not in answer.text


def test_asking_for_the_head_alone_is_asking(app: Flask, client: FlaskClient) -> None:
    assert client.head("/people").status_code == 302
    assert client.head("/api/v1/people").status_code == 401


def test_the_page_answers_to_its_own_names_only(house: House) -> None:
    ours = ("localhost", "127.0.0.1:8080", "192.168.1.2:8080", "[::1]:8080", "store-pc", "pa.local", "PA.STORE.LAN:80",
            "radio.example.com", "radio.example.com.")  # fmt: skip
    strange = ("evil.example", "evil.example:80", "localhost.evil.example", "127.0.0.1.evil.example",
               "192.168.1.2.nip.io", "example.com", "xradio.example.com", "a b", "x@y", "")  # fmt: skip
    app = create_app(FakeStation(), replace(house.offices, page=lambda: Rules(names=("radio.example.com",))))
    client = app.test_client()
    assert {host: client.get("/login", headers={"Host": host}).status_code for host in ours} == dict.fromkeys(ours, 200)
    for host in strange:
        for path in ("/login", "/api/v1/status", "/healthz"):
            assert client.get(path, headers={"Host": host}).status_code in (400, 421), (host, path)


def test_a_strange_name_is_told_where_to_be_listed(client: FlaskClient) -> None:
    answer = client.get("/", headers={"Host": "pa.example.com"})
    assert "pa.example.com" in answer.text and "page: names" in answer.text
    assert not is_own_name("a\u2044b.local") and not is_own_name("")


@pytest.mark.parametrize("path", ["/", "/login", "/nowhere", "/people", "/static/icon.svg", "/api/v1/status", "/api/x"])
def test_every_answer_carries_the_headers(client: FlaskClient, path: str) -> None:
    for scheme in ("http", "https"):
        with client.get(path, base_url=f"{scheme}://localhost") as answer:
            missing = set(HEADERS) - set(answer.headers.keys())
            assert not missing
            assert answer.headers["Cache-Control"] == "no-store" or path.startswith("/static")
            assert ("Strict-Transport-Security" in answer.headers) == (scheme == "https")
            policy = answer.headers["Content-Security-Policy"]
            assert "default-src 'none'" in policy and "unsafe" not in policy and "script-src 'self';" in policy


def test_errors_carry_them_too(client: FlaskClient) -> None:
    far: dict[str, Any] = {"headers": {"Host": "evil.example"}}
    for answer in (client.post("/login"), client.delete("/login"), client.get("/", **far)):
        assert answer.status_code >= 400 and set(HEADERS) <= set(answer.headers.keys())


def test_a_style_is_let_through_by_a_word_that_is_new_each_time(app: Flask) -> None:
    policies = set()
    for _ in range(2):
        with app.test_request_context("/"):
            app.jinja_env.from_string("{{ csp_nonce() }}").render()
            policies.add(app.process_response(app.response_class()).headers["Content-Security-Policy"])
    assert len(policies) == 2 and all("style-src 'self' 'nonce-" in policy for policy in policies)

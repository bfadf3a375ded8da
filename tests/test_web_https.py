"""The page behind a proxy with HTTPS, as docs/https.md sets it up: the real server, and a small proxy before it."""

from __future__ import annotations

import http.client
import http.cookiejar
import re
import shutil
import ssl
import subprocess
import threading
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from broadcaster.page_server import open_server
from broadcaster.plan.station_models import Page
from broadcaster.web.app import create_app
from tests.web_fakes import FakeStation
from tests.web_offices import PASSWORD, House, open_house

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="makes its certificate with openssl")
NAME = "localhost"


def proxy_to(port: int) -> type[BaseHTTPRequestHandler]:
    class Proxy(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            onward = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            kept = {name: value for name, value in self.headers.items() if not name.lower().startswith("x-forwarded")}
            forwarded = {"X-Forwarded-For": "192.168.1.77", "X-Forwarded-Proto": "https"}
            onward.request(self.command, self.path, body, {**kept, **forwarded})
            answer = onward.getresponse()
            content = answer.read()
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in ("transfer-encoding", "content-length", "connection"):
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
            onward.close()

        do_POST = do_GET

        def log_message(self, format: str, *args: object) -> None:
            del format, args

    return Proxy


@contextmanager
def in_background(run: threading.Thread) -> Iterator[None]:
    run.start()
    yield
    run.join(5)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with open_house(tmp_path) as house:
        yield house


@pytest.fixture
def front(house: House, tmp_path: Path) -> Iterator[tuple[str, ssl.SSLContext]]:
    """The proxy's address, and what trusts its certificate."""
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={NAME}", "-addext",
         f"subjectAltName=DNS:{NAME}", "-keyout", str(key), "-out", str(certificate)],
        check=True, capture_output=True,
    )  # fmt: skip
    app = create_app(FakeStation(), replace(house.offices, page=lambda: Page(behind_proxy=1)))
    server = open_server(app, host="127.0.0.1", port=0, threads=2, folder=tmp_path / "incoming")
    serving = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    serving.load_cert_chain(certificate, key)
    proxy = ThreadingHTTPServer(("127.0.0.1", 0), proxy_to(server.effective_port))
    proxy.socket = serving.wrap_socket(proxy.socket, server_side=True)
    page, before = threading.Thread(target=server.run, daemon=True), threading.Thread(target=proxy.serve_forever)
    with in_background(before):
        page.start()
        yield f"https://{NAME}:{proxy.server_address[1]}", ssl.create_default_context(cafile=str(certificate))
        proxy.shutdown()
        proxy.server_close()
        server.close()


def test_somebody_logs_in_over_https(front: tuple[str, ssl.SSLContext], house: House) -> None:
    address, trust = front
    jar = http.cookiejar.CookieJar()
    browser = urllib.request.build_opener(
        urllib.request.HTTPSHandler(context=trust), urllib.request.HTTPCookieProcessor(jar)
    )
    with browser.open(f"{address}/login") as page:
        crumb = re.search(r'name="csrf_token" value="([^"]+)"', page.read().decode())
        assert "max-age" in page.headers["Strict-Transport-Security"] and crumb
    form = {"csrf_token": crumb[1], "name": "xiaomei", "password": PASSWORD}
    headers = {"Origin": address, "X-Forwarded-For": "10.6.6.6"}
    sent = urllib.request.Request(f"{address}/login", urllib.parse.urlencode(form).encode(), headers)
    with browser.open(sent) as page:
        assert "小美" in page.read().decode()
    assert [cookie.secure for cookie in jar if cookie.name == "broadcaster"] == [True]
    assert {one.where for one in house.users.sessions.of(3)} == {"192.168.1.77"}


def test_behind_a_proxy_nobody_is_at_the_machine(tmp_path: Path) -> None:
    """Asked by way of the proxy for ``localhost``, from this very machine: still not in front of it."""
    with open_house(tmp_path, people=()) as house:
        server = open_server(
            create_app(FakeStation(), house.offices), host="127.0.0.1", port=0, threads=1, folder=tmp_path / "incoming"
        )
        threading.Thread(target=server.run, daemon=True).start()
        try:
            asked: list[tuple[dict[str, str], bool]] = [({}, True), ({"X-Forwarded-For": "192.168.1.77"}, False)]
            for headers, here in asked:
                connection = http.client.HTTPConnection("localhost", server.effective_port, timeout=10)
                connection.request("GET", "/first", headers=headers)
                assert ('name="password"' in connection.getresponse().read().decode()) == here
                connection.close()
        finally:
            server.close()

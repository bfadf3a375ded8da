"""What is too large for who sends it is refused before it is stored; the rest lands on the home's own disk."""

from __future__ import annotations

import base64
import http.client
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest

from broadcaster.web.app import create_app
from tests.media_kit import Rooms, open_media_house, served, song_bytes
from tests.web_fakes import FakeStation
from tests.web_offices import PASSWORD

UPLOADS = "/api/v1/playlists/evening/uploads?name=" + quote("夜.flac")
TWO_GB = 2_000_000_000


@dataclass(frozen=True)
class Door:
    """The served page."""

    address: tuple[str, int]
    rooms: Rooms
    incoming: Path

    def send(self, path: str, head: str, body: bytes = b"") -> bytes:
        """Send this as it is; all that comes back until the server closes, or goes quiet."""
        with socket.create_connection(self.address, timeout=20) as line:
            line.sendall(f"POST {path} HTTP/1.1\r\nHost: localhost\r\n{head}\r\n\r\n".encode() + body)
            return line.recv(65_536)


def by(name: str, password: str = PASSWORD) -> str:
    return "Authorization: Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    folder = tmp_path_factory.mktemp("door")
    with open_media_house(folder) as (house, rooms):
        incoming = folder / "incoming"
        with served(create_app(FakeStation(), house.offices), incoming) as url:
            parts = urlsplit(url)
            yield Door((str(parts.hostname), int(parts.port or 0)), rooms, incoming)


@pytest.mark.parametrize(
    ("path", "who"),
    [
        (UPLOADS, "Cookie: broadcaster=made-up"),
        (UPLOADS, "X-Nobody: 1"),
        (UPLOADS, by("wanglan", "wrong-password")),
        (UPLOADS, by("laozhao")),
        (UPLOADS, by("wanglan")),
        ("/login", by("wanglan")),
        ("/nowhere", "X-Nobody: 1"),
    ],
)
def test_two_gigabytes_are_refused_by_their_header(door: Door, path: str, who: str) -> None:
    answer = door.send(path, f"{who}\r\nContent-Length: {TWO_GB}", bytes(10_000))
    assert b" 413 " in answer.splitlines()[0]
    assert not list(door.incoming.iterdir()) and not door.rooms.left()


def test_who_may_not_send_a_file_may_not_send_a_large_one(door: Door) -> None:
    answer = door.send(UPLOADS, f"{by('xiaomei')}\r\nContent-Length: 1000000")
    assert b" 413 " in answer.splitlines()[0]
    answer = door.send(UPLOADS, f"{by('wanglan')}\r\nContent-Length: 1000000\r\nExpect: 100-continue")
    assert b" 100 " in answer.splitlines()[0]


def test_pieces_without_a_length_end_at_the_limit(door: Door) -> None:
    piece = b"10000\r\n" + bytes(65_536) + b"\r\n"
    answer = door.send("/login", "Transfer-Encoding: chunked", piece * 2)
    assert b" 413 " in answer.splitlines()[0]


def test_a_song_goes_through_the_real_server(door: Door, tmp_path: Path) -> None:
    content = song_bytes("l.wav", seconds=20.0, folder=tmp_path / "sent")
    line = http.client.HTTPConnection(*door.address, timeout=60)
    headers = {"Authorization": by("wanglan").partition(": ")[2], "Content-Type": "application/octet-stream"}
    line.request("POST", UPLOADS.replace("flac", "wav"), content, headers)
    answer = line.getresponse()
    assert answer.status == 202, answer.read()
    upload = door.rooms.media.uploads()[0]
    assert door.rooms.verdict(upload.id).state == "kept"
    line.close()


def test_a_sender_who_goes_away_leaves_nothing(door: Door) -> None:
    before = len(door.rooms.media.uploads())
    door_line = socket.create_connection(door.address, timeout=20)
    head = f"POST {UPLOADS} HTTP/1.1\r\nHost: localhost\r\n{by('wanglan')}\r\nContent-Length: 5000000\r\n\r\n"
    door_line.sendall(head.encode() + bytes(1_000_000))
    door_line.close()
    assert door.send("/login", "Content-Length: 0").startswith(b"HTTP/1.1")
    assert len(door.rooms.media.uploads()) == before and not door.rooms.left()

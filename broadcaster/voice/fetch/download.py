"""One file over HTTP: resumed where it broke off, checked, and only then in place.

httpx takes the proxy from the environment (HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import httpx

from broadcaster.clock import monotonic
from broadcaster.errors import BroadcasterError
from broadcaster.media.files import content_hash, settle
from broadcaster.voice.fetch.catalogue import FileSpec

Progress = Callable[[str, int, int], None]
"""What is fetched, and how many bytes of how many are there."""

TRIES = 4
CONNECT_S = 10.0
SILENCE_S = 30.0
"""A server that sends nothing for this long has hung up."""
SLOWEST_BYTES_S = 4_000
_SLOW_FOR_S = 60.0
_OTHER = "{url} gives {came} bytes instead of {wanted}: another file, or a page of a proxy or a login"


class FetchError(BroadcasterError):
    """A source did not give a file; the text says why, in words for people."""


def is_right(path: Path, file: FileSpec) -> bool:
    """Whether the file is there and is what the catalogue says."""
    try:
        return path.stat().st_size == file.bytes and content_hash(path) == file.sha256
    except OSError:
        return False


def put(temp: Path, folder: Path, file: FileSpec) -> None:
    """Put a fetched file in place. Raises ``FetchError`` when it is not what it should be, and removes it then."""
    if not is_right(temp, file):
        size = temp.stat().st_size if temp.exists() else 0
        temp.unlink(missing_ok=True)
        raise FetchError(f"the checksum of {file.name} is wrong ({size} of {file.bytes} bytes)")
    settle(temp, folder / file.name)


def download(url: str, file: FileSpec, folder: Path, progress: Progress, client: httpx.Client) -> None:
    """Bring the file into the folder. What is there of it (``.part``) is kept for the next try, from any source.

    Raises ``FetchError``, and ``OSError`` when the disk can't take it.
    """
    part = folder / f"{file.name}.part"
    begun = part.exists()
    _fill(url, file, part, progress, client)
    if begun and not is_right(part, file):
        # What was there may have been another source's damage.
        part.unlink(missing_ok=True)
        _fill(url, file, part, progress, client)
    put(part, folder, file)


def new_client() -> httpx.Client:
    """A client as downloads need it. To be closed."""
    return httpx.Client(
        follow_redirects=True,
        timeout=httpx.Timeout(SILENCE_S, connect=CONNECT_S),
        headers={"Accept-Encoding": "identity"},  # a resumed file must be counted in its own bytes
    )


def _fill(url: str, file: FileSpec, part: Path, progress: Progress, client: httpx.Client) -> None:
    """All bytes of the file, over as many connections as bring something."""
    for attempt in range(TRIES):
        before = part.stat().st_size if part.exists() else 0
        try:
            _get(url, file, part, progress, client)
            break
        except httpx.HTTPError as error:
            came = part.stat().st_size - before if part.exists() else 0
            if attempt == TRIES - 1 or came <= 0:
                raise FetchError(_explain(error)) from error


def _get(url: str, file: FileSpec, part: Path, progress: Progress, client: httpx.Client) -> None:
    have = part.stat().st_size if part.exists() else 0
    if have > file.bytes:
        part.unlink()
        have = 0
    if have == file.bytes:
        return
    headers = {"Range": f"bytes={have}-"} if have else {}
    with client.stream("GET", url, headers=headers) as response:
        if response.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
            part.unlink(missing_ok=True)
            raise FetchError(_OTHER.format(url=url, came="fewer", wanted=file.bytes))
        response.raise_for_status()
        resumed = have > 0 and response.status_code == httpx.codes.PARTIAL_CONTENT
        if resumed and not response.headers.get("Content-Range", "").startswith(f"bytes {have}-"):
            raise FetchError(f"{url} resumed at another place than asked for")
        length = response.headers.get("Content-Length")
        if not resumed and length is not None and length != str(file.bytes):
            raise FetchError(_OTHER.format(url=url, came=length, wanted=file.bytes))
        _pour(response, part, have if resumed else 0, file, progress)


def _pour(response: httpx.Response, part: Path, have: int, file: FileSpec, progress: Progress) -> None:
    since, came = monotonic(), 0
    with part.open("ab" if have else "wb") as stream:
        for block in response.iter_raw():
            have, came = have + len(block), came + len(block)
            if have > file.bytes:
                break
            stream.write(block)
            progress(file.name, have, file.bytes)
            if monotonic() - since > _SLOW_FOR_S:
                if came < SLOWEST_BYTES_S * _SLOW_FOR_S:
                    raise FetchError(f"too slow: {came / _SLOW_FOR_S / 1000:.1f} kB/s")
                since, came = monotonic(), 0
    if have > file.bytes:
        part.unlink()
        raise FetchError(_OTHER.format(url=response.url, came="more", wanted=file.bytes))
    if have < file.bytes:
        raise httpx.ReadError(f"broke off at {have} of {file.bytes} bytes")


def _explain(error: httpx.HTTPError) -> str:
    if isinstance(error, httpx.HTTPStatusError):
        return f"answer {error.response.status_code} {error.response.reason_phrase}".strip()
    if isinstance(error, httpx.TimeoutException):
        return f"no answer in time ({type(error).__name__})"
    return str(error) or type(error).__name__

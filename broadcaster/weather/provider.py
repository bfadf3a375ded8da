"""What every provider of forecasts offers, and the one way in which they are asked over HTTP."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Protocol, TypeVar
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ValidationError

from broadcaster.errors import WeatherError
from broadcaster.weather.forecast import Forecast

if TYPE_CHECKING:
    import httpx

TIMEOUT_S = 10.0
"""For connecting, and for each wait for bytes."""
_MOST_BYTES = 2_000_000

_Answer = TypeVar("_Answer", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Place:
    """Where the store is. Degrees, WGS 84."""

    name: str
    latitude: float
    longitude: float
    tz: ZoneInfo


class Provider(Protocol):
    """A source of forecasts."""

    @property
    def name(self) -> str:
        """As in ``station.yaml``."""
        ...

    def fetch(self, place: Place) -> Forecast:
        """The forecast from today on, in the place's local time. Blocks; raises ``WeatherError``."""
        ...


def ask(
    url: str,
    params: Mapping[str, str],
    answer: type[_Answer],
    *,
    headers: Mapping[str, str] | None = None,
    timeout_s: float = TIMEOUT_S,
) -> _Answer:
    """A provider's JSON, checked for the shape that is needed. Proxies are taken from the environment.

    Raises ``WeatherError`` whose text names the host and the reason; never the query, for it may hold a key.
    """
    # Imported late: nothing sounds sooner for it.
    import httpx

    host = httpx.URL(url).host
    try:
        client = httpx.Client(timeout=timeout_s, follow_redirects=True, headers=dict(headers or {}), verify=_trust())
        with client:
            content = _content(client, url, params, host)
    except httpx.TimeoutException as error:
        raise WeatherError(f"{host}: 超时没有回答 / no answer in {timeout_s:g} s") from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise WeatherError(f"{host}: 连接不上 / can't be reached ({type(error).__name__}: {error})") from error
    try:
        return answer.model_validate_json(content)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(step) for step in first["loc"]) or "JSON"
        raise WeatherError(f"{host}: 回答看不懂 / the answer is not understood ({where}: {first['msg']})") from error


@cache
def _trust() -> ssl.SSLContext:
    """Loading the certificates takes longer than most answers."""
    import httpx

    return httpx.create_ssl_context()


def _content(client: httpx.Client, url: str, params: Mapping[str, str], host: str) -> bytes:
    with client.stream("GET", url, params=dict(params)) as response:
        content = bytearray()
        for piece in response.iter_bytes():
            content += piece
            if len(content) > _MOST_BYTES:
                raise WeatherError(f"{host}: 回答太长 / the answer is longer than {_MOST_BYTES} bytes")
    if response.status_code != HTTPStatus.OK:
        raise WeatherError(f"{host}: {_refusal(response.status_code)}{_reason(bytes(content))}")
    return bytes(content)


def _refusal(status: int) -> str:
    if status in (401, 403):
        return f"密钥或权限不对 / key or permission refused (HTTP {status})"
    if status == 429:
        return "请求次数用完了 / too many requests (HTTP 429)"
    return f"服务器回答出错 / the server answered with an error (HTTP {status})"


def _reason(content: bytes) -> str:
    """The provider's own words for an error, where its JSON has some."""
    try:
        body = _Refused.model_validate_json(content)
    except ValidationError:
        return ""
    said = body.reason or (body.error.get("detail") or body.error.get("title") if isinstance(body.error, dict) else "")
    return f": {str(said)[:200]}" if said else ""


class _Refused(BaseModel):
    reason: str = ""
    error: Any = None

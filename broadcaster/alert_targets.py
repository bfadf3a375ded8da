"""Addresses of those who are told, built from what people have at hand: a bot's link, a mailbox, a web address."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from broadcaster.errors import FormError
from broadcaster.plan.alert_addresses import address_fault, scheme_of

Kind = Literal["wecom", "dingtalk", "feishu", "email", "json", "other"]
KINDS: tuple[Kind, ...] = ("wecom", "dingtalk", "feishu", "email", "json", "other")

_SCHEMES: Mapping[str, Kind] = {
    "wecombot": "wecom", "dingtalk": "dingtalk", "feishu": "feishu", "mailto": "email", "mailtos": "email",
    "json": "json", "jsons": "json",
}  # fmt: skip
_KEY = re.compile(r"[A-Za-z0-9_-]{8,200}")
_TAIL = 4
_SSL, _STARTTLS, _PLAIN = 465, 587, 25

Wrong = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Shown:
    """What may be seen of an address."""

    kind: Kind
    scheme: str
    """Apprise's name of the kind, for those that have no name of ours."""
    tail: str
    """The last characters of its key; of an e-mail address, of the recipient."""


def shown(url: str) -> Shown:
    """What may be seen of an address."""
    scheme = scheme_of(url)
    kind = _SCHEMES.get(scheme, "other")
    parts = url.partition("://")[2].partition("?")
    main = unquote(parts[0]).strip("/ ")
    if kind == "email":
        query = dict(parse_qsl(parts[2]))
        # The ends of mailboxes are all the same.
        main = (query.get("to", "").split(",")[0] or main).partition("@")[0]
    return Shown(kind, scheme if scheme.isalnum() else "", main[-_TAIL:] if len(main) >= 2 * _TAIL else "")


def build(kind: str, form: Mapping[str, str]) -> str:
    """The address that Apprise sends to. ``FormError`` says of each wrong blank why."""
    makers = {
        "wecom": _wecom, "dingtalk": _dingtalk, "feishu": _feishu, "email": _email, "json": _json, "other": _other,
    }  # fmt: skip
    if kind not in makers:
        raise FormError(kind, {"kind": ("没有这种收件方式", "there is no such kind")})
    wrong: dict[str, Wrong] = {}
    url = makers[kind]({name: value.strip() for name, value in form.items()}, wrong)
    if wrong:
        raise FormError(kind, wrong)
    return url


def _from_link(form: Mapping[str, str], wrong: dict[str, Wrong], host: str, query: str) -> str:
    """The key: as such, or in the link that the bot shows."""
    text = form.get("key", "")
    if "://" in text:
        parts = urlsplit(text)
        if parts.hostname != host:
            wrong["key"] = (f"应是 {host} 的网址", f"it should be an address at {host}")
            return ""
        text = dict(parse_qsl(parts.query)).get(query, "") if query else parts.path.rstrip("/").rpartition("/")[2]
    if not _KEY.fullmatch(text):
        wrong.setdefault("key", ("请把机器人的网址整个粘贴过来", "paste the whole address of the bot"))
    return text


def _wecom(form: Mapping[str, str], wrong: dict[str, Wrong]) -> str:
    return f"wecombot://{_from_link(form, wrong, 'qyapi.weixin.qq.com', 'key')}"


def _dingtalk(form: Mapping[str, str], wrong: dict[str, Wrong]) -> str:
    token = _from_link(form, wrong, "oapi.dingtalk.com", "access_token")
    secret = form.get("secret", "")
    if secret and not _KEY.fullmatch(secret):
        wrong["secret"] = ("加签密钥以 SEC 开头,请整个粘贴", "the signing secret begins with SEC; paste all of it")
    return f"dingtalk://{secret}@{token}" if secret else f"dingtalk://{token}"


def _feishu(form: Mapping[str, str], wrong: dict[str, Wrong]) -> str:
    return f"feishu://{_from_link(form, wrong, 'open.feishu.cn', '')}"


def _email(form: Mapping[str, str], wrong: dict[str, Wrong]) -> str:
    to = [one for one in re.split(r"[,;,;\s]+", form.get("to", "")) if one]
    if not to or not all(_is_mail(one) for one in to):
        wrong["to"] = ("请写收件邮箱,几个用逗号隔开", "write the recipients, separated by commas")
    host = form.get("host", "")
    if not re.fullmatch(r"[A-Za-z0-9.-]{1,253}", host):
        wrong["host"] = ("请写发信服务器,如 smtp.qq.com", "write the mail server, such as smtp.example.com")
    mode = form.get("mode") or "ssl"
    usual = {"ssl": _SSL, "starttls": _STARTTLS, "none": _PLAIN}.get(mode, _SSL)
    port = form.get("port") or str(usual)
    if not port.isascii() or not port.isdigit() or not 0 < int(port) < 65536:
        wrong["port"] = ("端口是 1 到 65535 的数", "a port is a number from 1 to 65535")
    user, sender = form.get("user", ""), form.get("from", "")
    sender = sender or (user if _is_mail(user) else "")
    if not _is_mail(sender):
        wrong["from"] = ("请写发件邮箱", "write the sender's address")
    query = {"smtp": host, "from": sender, "to": ",".join(to), "mode": {"none": "insecure"}.get(mode, mode)}
    if user:
        query |= {"user": user, "pass": form.get("password", "")}
    scheme = "mailto" if mode == "none" else "mailtos"
    return f"{scheme}://{host}:{port}?{urlencode(query, quote_via=quote)}"


def _is_mail(text: str) -> bool:
    return re.fullmatch(r"[^@\s]+@[^@\s]+", text) is not None


def _json(form: Mapping[str, str], wrong: dict[str, Wrong]) -> str:
    text = form.get("key", "")
    try:
        parts = urlsplit(text)
        sound = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        sound = False
    if not sound:
        wrong["key"] = ("请写 http:// 或 https:// 开头的网址", "write an address that begins with http:// or https://")
        return ""
    # Apprise's own settings stand behind the question mark; what belongs to the address is marked by a minus.
    query = urlencode([(f"-{name}", value) for name, value in parse_qsl(parts.query)], quote_via=quote)
    scheme = "jsons" if parts.scheme == "https" else "json"
    return f"{scheme}://{parts.netloc}{parts.path}" + (f"?{query}" if query else "")


def _other(form: Mapping[str, str], wrong: dict[str, Wrong]) -> str:
    url = form.get("key", "")
    if (why := address_fault(url)) is not None:
        wrong["key"] = why
    return url

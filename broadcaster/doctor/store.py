"""The store: its plan, its database, its voices, and the network it counts on."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

from broadcaster.doctor.findings import Finding, fine
from broadcaster.errors import NotRunning
from broadcaster.ops.database_care import check, info
from broadcaster.plan.models import Station
from broadcaster.publishing.publish import Publisher
from broadcaster.remote import ask_daemon
from broadcaster.settings import Home
from broadcaster.voice.neural_speaker import NeuralSpeaker
from broadcaster.voice.platform_speaker import PlatformSpeaker
from broadcaster.voice.worker_client import VoiceWorker

REACH_S = 4.0
WEATHER_HOST = {"open-meteo": "api.open-meteo.com"}


def daemon(home: Home) -> Iterator[Finding]:
    """What the running daemon says of itself."""
    try:
        health = ask_daemon(home, "/healthz")
    except NotRunning as error:
        if (home.run / "daemon.json").exists():
            yield Finding(
                "daemon", "fail", f"播音程序在运行,但不正常:{error}", f"the daemon is not well: {error}",
                "看 var/log/broadcaster.log 的最后几行", "see the last lines of var/log/broadcaster.log",
            )  # fmt: skip
        else:
            yield fine("daemon", "播音程序没有在运行", "the daemon is not running")
        return
    yield fine("daemon", f"播音程序正常(引擎 {health['engine']})", f"the daemon is well (engine {health['engine']})")


def plan(home: Home, publisher: Publisher, station: Station | None) -> Iterator[Finding]:
    """The plan's files, as ``check`` sees them, but without preparing any audio."""
    from broadcaster.clock import SystemClock

    today = SystemClock().now().astimezone(station.tz if station else None).date()
    found = publisher.publish(today, render=False)
    if found.wrong:
        first = found.wrong[0]
        yield Finding(
            "plan", "fail", f"播音计划有 {len(found.wrong)} 处错误:{first.message('zh')}",
            f"{len(found.wrong)} faults in the plan: {first.message('en')}",
            "运行 broadcaster check 看全部", "see all of them by: broadcaster check",
        )  # fmt: skip
    else:
        yield fine("plan", f"播音计划没有错误,{len(found.warnings)} 处提醒",
                   f"no faults in the plan, warnings: {len(found.warnings)}")  # fmt: skip


def database(home: Home) -> Iterator[Finding]:
    """Whether it is whole, and of this program."""
    if not home.database.exists():
        yield fine("database", "还没有数据库,第一次开播时自动建立", "no database yet; the first start makes it")
        return
    known, found = info(home), check(home)
    if not found.ok:
        yield Finding(
            "database", "fail", f"数据库有损坏:{found.faults[0]}", f"the database is damaged: {found.faults[0]}",
            "停播后用最近的备份恢复:broadcaster restore", "stop the daemon and restore the latest backup",
        )  # fmt: skip
    elif known.revision != known.head:
        yield Finding(
            "database", "warn", f"数据库是版本 {known.revision},本程序是 {known.head}",
            f"its tables are of {known.revision}, this program of {known.head}",
            "下次开播自动升级", "the next start brings it up to date",
        )  # fmt: skip
    else:
        rows = sum(known.tables.values())
        yield fine("database", f"数据库完好:{rows} 行,{found.bytes / 1e6:.0f} MB", f"sound: {rows} rows")


def voices(home: Home) -> Iterator[Finding]:
    """Which engines can speak."""
    worker = VoiceWorker()
    try:
        faults = {one.name: one.missing() for one in (NeuralSpeaker(home.voices, worker), PlatformSpeaker())}
    finally:
        worker.close()
    able = [name for name, fault in faults.items() if fault is None]
    zh, en = ("; ".join(f"{name}: {half(fault, at)}" for name, fault in faults.items() if fault) for at in (0, -1))
    if not able:
        yield Finding(
            "voices", "fail", f"没有能说话的声音:{zh}", f"nobody can speak: {en}",
            "broadcaster voices install;或装 espeak-ng", "broadcaster voices install; or install espeak-ng",
        )  # fmt: skip
    elif zh:
        yield Finding(
            "voices", "warn", f"能用:{', '.join(able)};不能用:{zh}", f"usable: {', '.join(able)}; not: {en}",
            "broadcaster voices install", "broadcaster voices install",
        )  # fmt: skip
    else:
        yield fine("voices", f"声音:{', '.join(able)}", f"voices: {', '.join(able)}")


def half(words: str, at: int) -> str:
    """The Chinese (0) or the English (-1) of a text that has both."""
    return words.split(" / ")[at]


def network(home: Home, station: Station | None) -> Iterator[Finding]:
    """The page's port, and who is asked or told over the network."""
    if station is None:
        return
    if not (home.run / "daemon.json").exists():
        yield _port(station.page.host, station.page.port)
    hosts: dict[tuple[str, int], tuple[str, str]] = {}
    if station.weather is not None:
        host = getattr(station.weather, "host", "") or WEATHER_HOST.get(station.weather.provider, "")
        if host:
            hosts[(host, 443)] = ("天气", "weather")
    for target in station.alerts.to:
        if (place := _place(target.url)) is not None:
            name = target.name or place[0]
            hosts[place] = (f"报警 {name}", f"alerts to {name}")
    if station.alerts.heartbeat is not None and (place := _place(station.alerts.heartbeat.url)) is not None:
        hosts[place] = ("心跳监控", "heartbeat")
    for (host, port), (zh, en) in hosts.items():
        yield _reach(host, port, zh, en)


_PORTS = {"http": 80, "json": 80, "xml": 80, "form": 80, "https": 443, "jsons": 443, "xmls": 443, "forms": 443,
          "mailto": 25, "mailtos": 587}  # fmt: skip
_SERVICES = {
    "wecombot": "qyapi.weixin.qq.com", "dingtalk": "oapi.dingtalk.com", "feishu": "open.feishu.cn",
    "lark": "open.larksuite.com",
}  # fmt: skip


def _place(url: str) -> tuple[str, int] | None:
    """Host and port of a target's address; None where the service is not known here."""
    try:
        parts = urlsplit(url)
        if parts.scheme in _SERVICES:
            return _SERVICES[parts.scheme], 443
        if parts.scheme in _PORTS and parts.hostname:
            return parts.hostname, parts.port or _PORTS[parts.scheme]
    except ValueError:
        return None
    return None


def _port(host: str, port: int) -> Finding:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            # As the server itself does; else an address just given up would count as taken.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OSError as error:
        return Finding(
            "port", "fail", f"网页端口 {host}:{port} 不能用:{error}", f"the page can't have {host}:{port}: {error}",
            "关掉占用它的程序,或在 station.yaml 的 page 里换一个端口",
            "close what holds it, or choose another port in station.yaml, page",
        )  # fmt: skip
    return fine("port", f"网页端口 {port} 空着", f"the page's port {port} is free")


def _reach(host: str, port: int, zh: str, en: str) -> Finding:
    try:
        socket.create_connection((host, port), timeout=REACH_S).close()
    except OSError as error:
        return Finding(
            "network", "warn", f"{zh}:连不上 {host}:{port}({error})", f"{en}: can't reach {host}:{port} ({error})",
            "检查网线、路由器和防火墙;播音不受影响", "check cable, router and firewall; the air is not affected",
        )  # fmt: skip
    return fine("network", f"{zh}:{host} 能连上", f"{en}: {host} can be reached")

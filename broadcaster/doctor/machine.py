"""The machine: sound, player, disk, clock, packages, service."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from broadcaster.clock import SystemClock, monotonic
from broadcaster.doctor.findings import Finding, fine
from broadcaster.errors import ServiceError
from broadcaster.ops import service
from broadcaster.ops.time_sync import ask
from broadcaster.plan.models import Station
from broadcaster.playout.engine_client import EngineProcess
from broadcaster.playout.protocol import Event, Hello
from broadcaster.settings import Home

LIMIT_S = 15.0
LOW_MB = 2000
SLOW_MB_S = 10.0
_PROBE_MB = 8
_BORN = datetime.fromisoformat("2026-01-01T00:00:00+00:00")
"""No clock that is right tells an earlier time than that of this program."""


def sound() -> Iterator[Finding]:
    """Whether the sound system answers, which outputs it has, and whether the usual one can be listened to."""
    found = _child("-m", "broadcaster.ear", "--list")
    if isinstance(found, str):
        yield Finding(
            "sound", "fail", f"声音系统没有回答:{found}", f"the sound system does not answer: {found}",
            "Linux:pulseaudio --start,或装 pipewire-pulse;Windows:看“Windows Audio”服务是否启动",
            "Linux: pulseaudio --start, or install pipewire-pulse; Windows: see that the service Windows Audio runs",
        )  # fmt: skip
        return
    outputs, default = dict(found["outputs"]), str(found["default"])
    names = ", ".join(f"{title}{' *' if name == default else ''}" for name, title in outputs.items())
    real = [name for name in outputs if "null" not in name and "auto_null" not in name]
    if not real:
        yield Finding(
            "sound", "warn", f"没有真正的声卡:{names or '一个也没有'}",
            f"no real sound device: {names or 'none at all'}",
            "插好声卡或功放,再看系统的声音设置", "connect the sound device, and see the system's sound settings",
        )  # fmt: skip
    else:
        yield fine("sound", f"声卡:{names}", f"outputs: {names}")
    if default:
        yield _loopback(default)


_LISTEN = (
    "import json, sys; from broadcaster.ear.capture import Capture\n"
    "for block, _ in Capture().blocks(sys.argv[1]): print(json.dumps({'frames': len(block)})); break"
)


def _loopback(device: str) -> Finding:
    found = _child("-c", _LISTEN, device)
    if isinstance(found, str):
        return Finding(
            "loopback", "warn", f"听不到输出(回录):{found}", f"the output can't be listened to: {found}",
            "能播,但程序不知道有没有声音;换一块能回录的声卡,或装最新的声卡驱动",
            "it plays, but nobody knows whether it is heard: use a device with loopback, or its latest driver",
        )  # fmt: skip
    return fine("loopback", f"能听到输出 {device}", f"the output {device} can be listened to")


def _child(*words: str) -> dict[str, Any] | str:
    """A document that another process prints, or why there is none: sound libraries may hang with their server."""
    try:
        done = subprocess.run(
            [sys.executable, *words], capture_output=True, timeout=LIMIT_S, check=False, encoding="utf-8",
            errors="replace", stdin=subprocess.DEVNULL,
        )  # fmt: skip
        document = json.loads(done.stdout)
        return document if isinstance(document, dict) else "?"
    except subprocess.TimeoutExpired:
        return f"> {LIMIT_S:.0f} s"
    except (OSError, ValueError):
        return (done.stderr.strip().splitlines() or ["?"])[-1][:300] if "done" in locals() else "?"


def player() -> Iterator[Finding]:
    """Whether an engine comes up, with all its options; it plays nothing."""
    heard, came = [], threading.Event()

    def take(generation: int, event: Event) -> None:
        if isinstance(event, Hello):
            heard.append(event)
        came.set()

    with tempfile.TemporaryDirectory(prefix="doctor-", ignore_cleanup_errors=True) as folder:
        errors = Path(folder) / "engine.log"
        engine = EngineProcess(take, errors)
        came.wait(LIMIT_S)
        engine.close()
        words = errors.read_text("utf-8", "replace").strip().splitlines()
    if heard:
        hello = heard[0]
        yield fine("player", f"libVLC {hello.player},输出 {hello.output}", f"libVLC {hello.player}, {hello.output}")
        return
    reason = words[-1][:300] if words else f"> {LIMIT_S:.0f} s"
    yield Finding(
        "player", "fail", f"播放引擎起不来:{reason}", f"the playout engine does not come up: {reason}",
        "安装 VLC 3(64 位;Debian:apt install libvlc5 vlc-plugin-base)",
        "install VLC 3, 64-bit (Debian: apt install libvlc5 vlc-plugin-base)",
    )  # fmt: skip


def disk(home: Home, least_mb: int = LOW_MB) -> Iterator[Finding]:
    """Room, speed, and whether the store's folders can be written."""
    free_mb = shutil.disk_usage(home.root).free // 1_000_000
    if free_mb < least_mb:
        yield Finding(
            "disk", "fail" if free_mb < 200 else "warn", f"磁盘只剩 {free_mb} MB", f"only {free_mb} MB free",
            "删掉或移走这台电脑上不要的文件", "delete or move away files that nobody needs",
        )  # fmt: skip
    else:
        yield fine("disk", f"磁盘剩余 {free_mb / 1000:.0f} GB", f"{free_mb / 1000:.0f} GB free")
    closed = [name for name in ("config", "playlists", "announcements", "var") if not _writable(home.root / name)]
    if closed:
        yield Finding(
            "permissions", "fail", f"写不进去:{', '.join(closed)}", f"can't be written: {', '.join(closed)}",
            f"把文件夹交给运行播音的账号:chown -R 账号 {home.root}",
            f"give it to the account: chown -R NAME {home.root}",
        )  # fmt: skip
        return
    speed = _speed_mb_s(home)
    if speed < SLOW_MB_S:
        yield Finding(
            "disk-speed", "warn", f"磁盘很慢:每秒 {speed:.0f} MB", f"the disk is slow: {speed:.0f} MB a second",
            "检查硬盘是否将坏;有条件换成固态硬盘", "see whether the disk is failing; an SSD is better",
        )  # fmt: skip
    else:
        yield fine("disk-speed", f"写入每秒 {speed:.0f} MB", f"writes {speed:.0f} MB a second")


def _writable(folder: Path) -> bool:
    if not folder.exists():
        return os.access(folder.parent, os.W_OK)
    try:
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def _speed_mb_s(home: Home) -> float:
    home.var.mkdir(parents=True, exist_ok=True)
    block = os.urandom(1_000_000)
    with tempfile.TemporaryFile(dir=home.var) as file:
        begun = monotonic()
        for _ in range(_PROBE_MB):
            file.write(block)
        file.flush()
        os.fsync(file.fileno())
        return _PROBE_MB / max(monotonic() - begun, 1e-6)


def clock(station: Station | None) -> Iterator[Finding]:
    """Whether the PC's time can be right, and follows the network's."""
    now = SystemClock().now()
    if now < _BORN:
        yield Finding(
            "clock", "fail", f"电脑时间是 {now:%Y-%m-%d},不可能", f"the PC says it is {now:%Y-%m-%d}, which can't be",
            "校准时间;断电后就乱,说明主板电池没电了,请更换",
            "set it; if it comes back after power was cut, the battery on the mainboard is empty",
        )  # fmt: skip
    sync = ask()
    off = f",差 {sync.offset_s:+.3f} s" if sync.offset_s is not None else ""
    if sync.state == "synchronized":
        yield fine("ntp", f"时间已与网络同步({sync.source}){off}", f"follows the network's time ({sync.source}){off}")
    else:
        words = {"unsynchronized": ("没有与网络对时", "does not follow the network's time")}
        zh, en = words.get(sync.state, ("不知道有没有与网络对时", "does not say whether it follows the network's time"))
        yield Finding(
            "ntp", "warn", zh, en, "Linux:timedatectl set-ntp true;Windows:设置 → 时间 → 自动设置时间",
            "Linux: timedatectl set-ntp true; Windows: Settings → Time → set time automatically",
        )  # fmt: skip
    if station is not None:
        local = now.astimezone(station.tz)
        own = now.astimezone()
        same = local.utcoffset() == own.utcoffset()
        note = "" if same else f"(电脑自己是 {own:%H:%M})"
        yield fine("timezone", f"店内时间 {local:%Y-%m-%d %H:%M} {station.timezone}{note}",
                   f"the store's time is {local:%Y-%m-%d %H:%M}, {station.timezone}")  # fmt: skip


def packages() -> Iterator[Finding]:
    """The installed packages against the lock file, where the program runs from its repository."""
    lock = Path(__file__).parents[2] / "requirements.lock"
    if not lock.exists():
        yield fine("packages", f"Python {sys.version.split()[0]}", f"Python {sys.version.split()[0]}")
        return
    wanted: dict[str, list[str]] = {}
    for line in lock.read_text("utf-8").splitlines():
        # One that has several lines has a version for each Python.
        if (match := re.match(r"^([A-Za-z0-9._-]+)==(\S+)(?:\s*;\s*(.*))?$", line)) and _applies(match[3] or ""):
            wanted.setdefault(match[1], []).append(match[2])
    count, wrong = len(wanted), []
    for name, versions in wanted.items():
        try:
            found = version(name)
        except PackageNotFoundError:
            found = "-"
        if found not in versions:
            wrong.append(f"{name} {found} ≠ {versions[0]}")
    if wrong:
        shown = ", ".join(wrong[:5]) + ("…" if len(wrong) > 5 else "")
        yield Finding(
            "packages", "warn", f"{len(wrong)} 个 Python 组件与锁定的版本不同:{shown}",
            f"{len(wrong)} Python packages differ from the lock: {shown}",
            "重新运行 ./run,会自动装齐", "run ./run again",
        )  # fmt: skip
    else:
        yield fine("packages", f"{count} 个 Python 组件都对", f"{count} Python packages as locked")


def _applies(marker: str) -> bool:
    """Whether a marker of the lock file, of the kinds that are in it, speaks of this system."""
    if "sys_platform" not in marker:
        return True
    return f"sys_platform == '{sys.platform}'" in marker


def as_service() -> Iterator[Finding]:
    """Whether the machine starts the daemon by itself."""
    if service.installed():
        try:
            told = " ".join(service.status().splitlines()[:3])
        except ServiceError as error:
            told = str(error)
        yield fine("service", f"已装成服务 {told}", f"installed as a service {told}")
        return
    yield Finding(
        "service", "warn", "没有装成服务:断电重启后要有人手动开播",
        "no service: after a power cut somebody has to start it",
        "sudo .venv/bin/broadcaster service install", "sudo .venv/bin/broadcaster service install",
    )  # fmt: skip

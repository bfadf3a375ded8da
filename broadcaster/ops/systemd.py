"""The unit by which systemd starts the daemon at boot, before anybody logs in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

NAME = "store-broadcast"
FOLDER = Path("/etc/systemd/system")

_UNIT = """\
# 由 broadcaster service install 生成;要改请用 systemctl edit {name},重装不会丢。
# Made by broadcaster service install; change it with systemctl edit {name}, which a new install keeps.

[Unit]
Description=商场播音系统 Store broadcast ({home})
# 没有人登录也有声音:该账号的声音服务(PipeWire / PulseAudio)由 lingering 在开机时启动。
# Sound without anybody logged in: lingering starts the account's PipeWire or PulseAudio at boot.
Wants=user@{uid}.service
After=user@{uid}.service sound.target time-sync.target
RequiresMountsFor={mounts}
StartLimitIntervalSec=0

[Service]
Type=notify
NotifyAccess=main
ExecStart={command}
WorkingDirectory={working}
User={user}
Group={group}
{groups}{environment}
TimeoutStartSec=180
# 播控停转 30 秒就重启;随时断电、被杀都能接着播。
# A conductor that does not turn for 30 s is started anew; it goes on where it should be.
WatchdogSec=30
WatchdogSignal=SIGKILL
Restart=always
RestartSec=200ms
KillMode=mixed
TimeoutStopSec=20
SuccessExitStatus=0

# 声音优先:播放引擎可把自己提到 -10。  Sound goes first: the engine may raise itself to -10.
Nice=-5
LimitNICE=-10
CPUWeight=500
IOWeight=500
OOMScoreAdjust=-500
OOMPolicy=continue
LimitNOFILE=8192

# 不用的权限一律去掉。不写 ProtectClock、PrivateDevices、ProtectSystem=strict:前两项会拿走声卡、串口和读取对时
# 状态的权利,后一项会让备份写不进 U 盘。
# What it does not need it does not get. Left out on purpose: ProtectClock and PrivateDevices take away sound cards,
# serial ports and the look at NTP's state; ProtectSystem=strict keeps backups off sticks.
NoNewPrivileges=yes
{capabilities}ProtectSystem=full
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
ProtectHostname=yes
PrivateTmp=yes
RestrictNamespaces=yes
RestrictSUIDSGID=yes
LockPersonality=yes
SystemCallArchitectures=native
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
UMask=0027

[Install]
WantedBy=multi-user.target
"""

GROUPS = ("audio", "dialout", "gpio")
"""Whose members may use sound cards, serial ports and pins without being logged in at the screen."""


@dataclass(frozen=True, slots=True)
class Account:
    """Who the service runs as."""

    name: str
    uid: int
    group: str


def unit(
    home: Path, command: Sequence[str], account: Account, *, groups: Sequence[str] = (), voices: str = "",
    low_port: bool = False, name: str = NAME,
) -> str:  # fmt: skip
    """The unit file. ``groups`` are those of :data:`GROUPS` that the machine has; ``low_port``: the page listens below
    1024; ``voices`` is ``BROADCASTER_VOICES``."""
    environment = {"XDG_RUNTIME_DIR": f"/run/user/{account.uid}", "PYTHONUNBUFFERED": "1"}
    if voices:
        environment["BROADCASTER_VOICES"] = voices
    bind = "CAP_NET_BIND_SERVICE" if low_port else ""
    return _UNIT.format(
        name=name, home=_specifiers(str(home)), uid=account.uid, user=account.name, group=account.group,
        mounts=" ".join(_quoted(str(path)) for path in dict.fromkeys((home, Path(command[0]).parent))),
        command=" ".join(_argument(word) for word in command), working=_specifiers(str(home)),
        groups=f"SupplementaryGroups={' '.join(groups)}\n" if groups else "",
        environment="\n".join(f"Environment={_quoted(f'{key}={value}')}" for key, value in environment.items()),
        capabilities=f"CapabilityBoundingSet={bind}\n" + (f"AmbientCapabilities={bind}\n" if bind else ""),
    )  # fmt: skip


def _specifiers(text: str) -> str:
    return text.replace("%", "%%")


def _quoted(text: str) -> str:
    escaped = _specifiers(text).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _argument(text: str) -> str:
    return _quoted(text.replace("$", "$$"))


def install_commands(account: Account, groups: Sequence[str], name: str = NAME) -> list[list[str]]:
    """What is run after the unit was written, in this order."""
    return [
        ["loginctl", "enable-linger", account.name],
        *([["usermod", "-a", "-G", ",".join(groups), account.name]] if groups else []),
        ["systemctl", "daemon-reload"],
        ["systemctl", "enable", "--now", f"{name}.service"],
    ]


def uninstall_commands(name: str = NAME) -> list[list[str]]:
    """What is run before the unit is deleted. Lingering and groups stay: others may count on them by now."""
    return [["systemctl", "disable", "--now", f"{name}.service"]]

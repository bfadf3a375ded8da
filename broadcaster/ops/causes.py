"""What somebody may have to be told of: each kind of trouble in one table, with how grave it is, how long it must last
before anybody is told, and what to do about it.

A part of the daemon tells its troubles by a look at its own state, ``causes(now)``: quick, without I/O, from any
thread. :class:`broadcaster.ops.alert_keeper.AlertKeeper` asks all of them each second.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

Severity = Literal["notice", "warning", "urgent"]
SEVERITIES: tuple[Severity, ...] = ("notice", "warning", "urgent")
"""Mildest first."""


@dataclass(frozen=True, slots=True)
class Cause:
    """One trouble as it is now. ``code`` and ``subject`` make it the same one from second to second; the words may
    change (``only 900 MB left``). ``after_s``: it is told when it has lasted so long."""

    code: str
    severity: Severity
    zh: str
    en: str
    subject: str = ""
    after_s: float = 0.0

    @property
    def key(self) -> tuple[str, str]:
        """What makes it the same trouble."""
        return self.code, self.subject


class Source(Protocol):
    """A part of the daemon that knows of troubles."""

    def causes(self, now: datetime) -> Sequence[Cause]:
        """Those that there are now. No I/O, no waiting."""
        ...


@dataclass(frozen=True, slots=True)
class Kind:
    """What holds for every trouble of a code. ``zh`` and ``en`` say what to do, in one sentence."""

    severity: Severity
    after_s: float
    zh: str
    en: str


KINDS: Mapping[str, Kind] = {
    # No or wrong sound. Told within 30 s; after_s leaves the conductor the time in which it mends most by itself.
    "silence": Kind(
        "urgent", 20,
        "请到机房看功放和音响是否通电、线是否插好;仍无声就重启播音电脑。",
        "Check that amplifier and loudspeakers have power and cables sit; still silent: restart the broadcast PC.",
    ),
    "engine-lost": Kind(
        "urgent", 10,
        "请看声卡是否还在、VLC 是否装好,在电脑上运行 broadcaster doctor;不行就重启电脑。",
        "See that the sound device is there and VLC is installed (broadcaster doctor); if it stays, restart the PC.",
    ),
    "emergency": Kind(
        "urgent", 0,
        "应急广播正在循环播放;险情解除后,请在网页“应急广播”上按“结束”。",
        "An emergency message is repeating; when the danger is over, end it on the page “Emergency”.",
    ),
    "emergency-not-ready": Kind(
        "urgent", 60,
        "需要时这条应急广播播不出来:请在 broadcaster check 里看它的文稿和录音,改正后会自动备好。",
        "This emergency message could not be heard: see its scripts and recordings in broadcaster check.",
    ),
    "fire-input": Kind(
        "urgent", 0,
        "消防信号已接通,请按消防预案处理,并与消控室核实。",
        "The fire contact is closed: act by the fire plan, and ask the fire control room.",
    ),
    "fire-input-lost": Kind(
        "urgent", 20,
        "读不到消防信号:请检查接线、串口或网络,修好前请派人值守。",
        "The fire contact can't be read: check wire, port or network; keep somebody on watch until it is mended.",
    ),
    "volume-muted": Kind(
        "urgent", 15,
        "有人把电脑静音了:请在播音电脑上取消静音。",
        "Somebody muted the PC: unmute it.",
    ),
    "output-gone": Kind(
        "urgent", 15,
        "电脑上没有声卡,或声音服务停了,店里没有声音:请插好声卡,不行就重启播音电脑。",
        "No sound output, or no sound server, so the house is silent: plug the device in, else restart the PC.",
    ),
    "clock-untrusted": Kind(
        "urgent", 5,
        "电脑时间不对,现在只播背景音乐:请接上网络,或在网页“正在播出”上确认时间。",
        "The PC's time can't be right, so only background music airs: connect the network, or confirm the time.",
    ),
    "standby-on-air": Kind(
        "urgent", 0,
        "备机已接管播出:请尽快修复主机。",
        "The second PC is on air: mend the main one soon.",
    ),
    # Somebody is wanted today.
    "ear-lost": Kind(
        "warning", 60,
        "程序听不到输出,只能按播放器的报告记录:请看声卡的回录(监听)是否可用。",
        "The output can't be listened to, the log goes by the player's report: see to the device's loopback.",
    ),
    "volume-down": Kind(
        "warning", 60,
        "电脑音量被调低:请在播音电脑上调回原来的音量。",
        "The PC's volume was turned down: set it back.",
    ),
    "output-missing": Kind(
        "warning", 20,
        "指定的声卡没插好或名字变了:请插好,或在 config/station.yaml 的 sound.output 里改名。",
        "The output that the plan names is unplugged or has another name: plug it in, or change sound.output.",
    ),
    "fallback-music": Kind(
        "warning", 20,
        "歌单里的歌放不出来:请看 playlists 文件夹里的文件是否还在、能否播放。",
        "The playlist's songs can't be played: see that the files in playlists are there and can be played.",
    ),
    "other-sound": Kind(
        "warning", 60,
        "电脑上有别的程序在出声:请关掉浏览器、播放器等。",
        "Another program makes sound on the PC: close browsers and players.",
    ),
    "too-quiet": Kind(
        "warning", 120,
        "声音比平时轻很多:请看电脑的音量、播放器音量合成器和声音增强设置。",
        "The output is much softer than usual: see to the PC's volume, its mixer and its sound effects.",
    ),
    "too-loud": Kind(
        "warning", 60,
        "声音比平时响很多:请看电脑的音量、播放器音量合成器和声音增强设置。",
        "The output is much louder than usual: see to the PC's volume, its mixer and its sound effects.",
    ),
    "clipping": Kind(
        "warning", 60,
        "声音过大已失真:请在“设置 → 音量”里调低。",
        "The sound is too loud and distorts: turn it down in Settings → Levels.",
    ),
    "clock-stepped": Kind(
        "notice", 0,
        "电脑时间被改动过,节目已按新时间接着播;若时间不对请校准。",
        "The PC's clock was changed and the programme follows it; set it right if it is wrong.",
    ),
    "log-trouble": Kind(
        "warning", 10,
        "播音照常,但日志写不进去:请看磁盘是否已满或只读。",
        "The air goes on but its log can't be written: see whether the disk is full or read-only.",
    ),
    "disk-low": Kind(
        "warning", 30,
        "请删掉或移走这台电脑上不要的文件。",
        "Delete or move away files of this PC that nobody needs.",
    ),
    "disk-full": Kind(
        "warning", 0,
        "磁盘满了:播音照常,但新通知备不出声音,日志也快写不进去,请马上腾出空间。",
        "The disk is full: the air goes on, but nothing new can be spoken or soon logged. Make room at once.",
    ),
    "plan-faults": Kind(
        "warning", 60,
        "请在网页“程序表”或 broadcaster check 里看哪一行有错并改正。",
        "See on the page “Programme”, or by broadcaster check, which line is wrong, and correct it.",
    ),
    "plan-flaws": Kind(
        "warning", 60,
        "请在网页“设置 → 报警”里看是哪一处并改正。",
        "See on the page Settings → Alerts which it is, and correct it.",
    ),
    "notices": Kind(
        "warning", 120,
        "通知稿合成不出语音:请在网页“设置 → 声音”里试听,换一个声音。",
        "Notices can't be spoken: try the voices on the page Settings → Voices, and choose another.",
    ),
    "weather": Kind(
        "notice", 600,
        "天气取不到,播报会略过天气:请检查网络,或在“设置 → 天气”里试一次。",
        "There is no forecast, so it is left out on air: check the network, or try it in Settings → Weather.",
    ),
    "stopped-by-hand": Kind(
        "notice", 0,
        "如已可恢复,请在网页“正在播出”上按“恢复”。",
        "When it may go on, press “Resume” on the page “On air”.",
    ),
    "backup-failed": Kind(
        "warning", 0,
        "请看备份的 U 盘或网络盘是否在、是否已满,再在“设置 → 备份”里手动备份一次。",
        "See that the backup's stick or drive is there and not full, then make one by hand in Settings → Backup.",
    ),
    "integrity": Kind(
        "warning", 0,
        "数据库有损坏:请尽快用最近的备份恢复(broadcaster restore)。",
        "The database is damaged: restore the latest backup soon (broadcaster restore).",
    ),
    "archive": Kind(
        "warning", 0,
        "旧记录归档不成,没有删除任何记录:看磁盘还有没有空间,运行 broadcaster archive verify。",
        "Old records could not be archived, and none were deleted: see to the disk, run broadcaster archive verify.",
    ),
    "database-aside": Kind(
        "warning", 0,
        "停下播音程序,运行 broadcaster restore 备份文件,再启动;不想恢复就把 var 里名字带 .damaged- 的文件移走。",
        "Stop the program, run broadcaster restore FILE with that backup, and start; to go on without, move the file "
        "with .damaged- in its name out of var.",
    ),
    "database-unopened": Kind(
        "warning", 0,
        "请看磁盘是否已满、只读或坏了,var 文件夹是否可写;好了以后重启播音程序。",
        "See whether the disk is full, read-only or broken, and whether var may be written; then restart the program.",
    ),
    "standby-lost": Kind(
        "warning", 60,
        "主备机互相联系不上:请看另一台电脑是否开机、网线是否插好。",
        "The two PCs can't reach each other: see that the other one runs and the network cable sits.",
    ),
    "air-check": Kind(
        "warning", 120,
        "播出录音停了:请看磁盘空间;播音不受影响。",
        "The recording of the air has stopped: see to the disk; the air is not affected.",
    ),
    "page": Kind(
        "warning", 60,
        "网页打不开,播音不受影响:请重启播音程序。",
        "The page does not answer; the air is not affected: restart the program.",
    ),
    "alerts": Kind(
        "warning", 300,
        "报警发不出去:请检查网络,并在“设置 → 报警”里按“测试”。",
        "Alerts can't be sent: check the network, and press “Test” in Settings → Alerts.",
    ),
}  # fmt: skip

OF_BOTH = frozenset({
    "emergency", "emergency-not-ready", "plan-faults", "plan-flaws", "notices", "weather", "stopped-by-hand",
    "standby-lost",
})  # fmt: skip
"""What two PCs know alike, for they have the same plan and the same hands: only the one that has the air tells of it.
The fire contact is not among them: who is wired to it tells, be it twice."""

SHOWN_AT_ONCE = frozenset({"plan-faults", "plan-flaws"})
"""What the page shows before anybody is told: it answers who has just saved a file and looks whether it airs."""

ENDS_AT_ONCE = frozenset({"emergency", "fire-input"})
"""What somebody or a contact ends for good: its all clear is told without waiting whether it comes back."""

UNKNOWN = Kind(
    "warning", 30,
    "请打开网页“报警”查看详情。",
    "See the page “Alerts” for more.",
)  # fmt: skip


def kind_of(code: str) -> Kind:
    """What holds for a code; a cautious kind for one that the table has not."""
    return KINDS.get(code, UNKNOWN)


def cause(code: str, zh: str, en: str, *, subject: str = "") -> Cause:
    """A trouble with the gravity and patience that the table gives its code."""
    kind = kind_of(code)
    return Cause(code, kind.severity, zh, en, subject, kind.after_s)

"""Why spots were missed, in a few causes: the log's reasons are sentences, and no two delays are the same."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from broadcaster.asrun.mirror import MARK
from broadcaster.plan.models import Names

CAUSES: Mapping[str, Names] = {
    "late": Names(zh="轮不上,太晚", en="too late"),
    "conflict": Names(zh="让位", en="gave way"),
    "hand": Names(zh="人工停掉", en="by hand"),
    "plan": Names(zh="计划或通知改动", en="plan or notice changed"),
    "emergency": Names(zh="应急、喊话", en="emergency, live"),
    "program": Names(zh="程序中断", en="program was cut off"),
    "sound": Names(zh="声音故障", en="sound failed"),
    "recording": Names(zh="没有录音", en="no recording"),
    "unrecorded": Names(zh="日志没有记录", en="nothing in the log"),
    "other": Names(zh="其他", en="other"),
}
"""In the order in which they are drawn."""

_DEEDS: Mapping[str, str] = {
    "应急广播:": "emergency", "人工喊话:": "emergency", "跳过:": "hand", "静音:": "hand", "全部停播:": "hand",
    "音乐暂停:": "hand", "人工插播:": "hand",
}  # fmt: skip
"""So begin the reasons that a deed gives; people's own words follow, and may say anything."""

_MARKS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("unrecorded", ("日志里没有记录",)),
    ("emergency", ("应急", "喊话", "消防", "emergency", "live page", "fire contact")),
    ("plan", ("计划", "通知已撤回", "the plan", "the notice was")),
    ("conflict", ("让位", "gave way", "冲突", "conflict")),
    ("recording", ("没有录音", "录音文件", "no recording")),
    ("late", ("晚 ", "太晚", "时钟", "没有空档", " late", "no free place", "clock")),
    ("program", ("程序", "接上", "播出中断", "另一台电脑", "cut off", "the program", "interrupted", "other pc")),
    ("sound", ("引擎", "声卡", "没有声音", "中断", "没有按时结束", "输出", "播放", "engine", "output", "silent",
               "broke off", "did not end", "libvlc", "can't play", "no sound in", " s long", "is not prepared",
               "ended after")),
)  # fmt: skip
"""Words by which a reason is known; the first cause that fits counts."""


@lru_cache(maxsize=4096)
def cause_of(reason: str) -> str:
    """The cause, a key of :data:`CAUSES`, that a reason of the log belongs to."""
    # What the other PC aired has that behind its reason: it is not why something is missing.
    reason = reason.removesuffix(f"; {MARK}")
    deed = next((cause for begin, cause in _DEEDS.items() if reason.startswith(begin)), None)
    if deed is not None:
        return deed
    folded = reason.lower()
    return next((cause for cause, marks in _MARKS if any(mark in folded for mark in marks)), "other")

"""Why spots were missed, in a few causes: the log's reasons are sentences, and no two delays are the same."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

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
    "other": Names(zh="其他", en="other"),
}
"""In the order in which they are drawn."""

_MARKS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("emergency", ("应急", "喊话", "消防", "emergency", "live page", "fire")),
    ("hand", ("跳过:", "静音:", "全部停播:", "音乐暂停:", "垫乐暂停:", " by hand", "skipped by", "muted by")),
    ("plan", ("计划", "通知已撤回", "the plan", "the notice was")),
    ("conflict", ("让位", "gave way", "冲突", "conflict")),
    ("recording", ("没有录音", "录音文件", "no recording")),
    ("program", ("程序", "接上", "播出中断", "另一台电脑", "cut off", "the program", "interrupted", "other pc")),
    ("late", ("晚 ", "太晚", "时钟", "没有空档", " late", "no free place", "clock")),
    ("sound", ("引擎", "声卡", "没有声音", "中断", "没有按时结束", "输出", "播放", "engine", "output", "silent",
               "broke off", "did not end")),
)  # fmt: skip
"""Words by which a reason is known; the first cause that fits counts."""


@lru_cache(maxsize=4096)
def cause_of(reason: str) -> str:
    """The cause, a key of :data:`CAUSES`, that a reason of the log belongs to."""
    folded = reason.lower()
    return next((cause for cause, marks in _MARKS if any(mark in folded for mark in marks)), "other")

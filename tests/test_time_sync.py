"""What the system says of its clock."""

from __future__ import annotations

import threading

import pytest

from broadcaster.ops import time_sync
from broadcaster.ops.time_sync import UNKNOWN, Asker, TimeSync, judged, read_w32tm

CHINESE = """Leap 指示符: 0(无警告)
层次: 4 (次引用 - 与(S)NTP 同步)
精度: -23 (每刻度 119.209ns)
根延迟: 0.0336377s
根分散: 7.7750433s
引用 ID: 0x14650E30 (源 IP:  20.101.14.48)
上次成功同步时间: 2026/11/22 12:01:07
源: ntp.aliyun.com,0x8
轮询间隔: 10 (1024s)

相位偏移: -0.0006311s
时钟速率: 0.0156250s
"""
FREE = """Leap Indicator: 3(not synchronized)
Stratum: 0 (unspecified)
Precision: -23 (119.209ns per tick)
Root Delay: 0.0000000s
Root Dispersion: 0.0000000s
ReferenceId: 0x00000000 (unspecified)
Last Successful Sync Time: unspecified
Source: Local CMOS Clock
Poll Interval: 10 (1024s)

Phase Offset: 0.0000000s
"""


def test_the_words_of_windows_are_read_in_any_language() -> None:
    assert read_w32tm(CHINESE) == TimeSync("synchronized", "ntp.aliyun.com", -0.0006311)
    assert read_w32tm(FREE) == TimeSync("unsynchronized", "Local CMOS Clock")
    assert read_w32tm("The following error occurred: 0x80070426").state == "unknown"


@pytest.mark.parametrize(
    ("result", "status", "offset", "expected"),
    [
        (0, 0x2001, 1_500_000, TimeSync("synchronized", "chrony", -0.0015)),
        (0, 0x0001, 1_500, TimeSync("synchronized", "chrony", -0.0015)),
        (5, 0x0040, 0, TimeSync("unsynchronized", "chrony")),
    ],
)
def test_the_kernel_counts_in_nanoseconds_or_microseconds(
    result: int, status: int, offset: int, expected: TimeSync
) -> None:
    assert judged(result, status, offset, "chrony") == expected


def test_this_machine_answers() -> None:
    assert time_sync.ask().state in ("synchronized", "unsynchronized", "unknown")


def test_who_asks_never_waits_for_a_system_that_hangs() -> None:
    answer, asked = threading.Event(), threading.Event()

    def ask() -> TimeSync:
        asked.set()
        answer.wait(10)
        return TimeSync("synchronized", "chrony")

    asker = Asker(ask)
    assert asker.state() == asker.state() == UNKNOWN
    assert asked.wait(5)
    answer.set()
    asker.join()
    assert asker.state().state == "synchronized"


def test_a_system_without_an_answer_is_unknown() -> None:
    def ask() -> TimeSync:
        raise OSError("no such program")

    asker = Asker(ask)
    asker.state()
    asker.join()
    assert asker.state() == TimeSync("unknown", "no such program")

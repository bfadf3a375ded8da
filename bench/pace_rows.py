"""The rows of the table, and the targets: what is measured, by the words of the README."""

from __future__ import annotations

from bench.pace_figures import Measure, Target, fixed, growth, ours, times

NOTICES = (10, 100, 1000, 10_000)
LOG_ROWS = (10**4, 10**5, 10**6, 10**7)
ZONES = (1, 2, 4)

START = (
    Measure("start.p50", "start error of timed items, p50 · 定时插播误差", "ms"),
    Measure("start.p99", "start error, p99", "ms"),
    Measure("start.late", "the same with its sign, median (+ is late)", "ms"),
    Measure("start.spread", "p99 with the constant lateness taken out", "ms"),
    Measure("start.missed", "items not heard · 没响的", "", 0),
    Measure("joint.worst", "silence at track joints, worst · 曲间静音", "ms", 0),
    Measure("joint.median", "silence at track joints, median", "ms", 0),
)
LIFE = (
    Measure("sound.median", "program start to first sound, median · 启动到出声", "s", 2),
    Measure("sound.worst", "program start to first sound, worst", "s", 2),
    Measure("sound.engine", "the engine alone to first sound, median", "s", 2),
    Measure("kill.alone", "player killed: silence until sound is back by itself · 被杀后恢复", "s", 2),
    Measure("kill.loop", "whole program killed, under a restart loop", "s", 2),
)
COST = (
    Measure("cpu.play", "CPU while playing, all processes · 播放时 CPU", "% of a core"),
    Measure("cpu.engine", "CPU of the engine alone while playing", "% of a core"),
    Measure("cpu.ear", "CPU of the ear while playing", "% of a core"),
    Measure("cpu.daemon", "CPU of the daemon while playing", "% of a core"),
    Measure("cpu.duck", "CPU with a ducked item every 2 s", "% of a core"),
    Measure("ram.rss", "memory, all processes, RSS · 内存", "MB", 0),
    Measure("ram.pss", "memory, all processes, PSS", "MB", 0),
    Measure("ram.uss", "memory, all processes, USS", "MB", 0),
    Measure("ram.engine.rss", "memory of the engine alone, RSS", "MB", 0),
    Measure("ram.engine.pss", "memory of the engine alone, PSS", "MB", 0),
    *(Measure(f"zones.cpu.{n}", f"CPU of {n} engine{'s' if n > 1 else ''} · {n} 个分区", "% of a core") for n in ZONES),
    *(Measure(f"zones.ram.{n}", f"memory of {n} engine{'s' if n > 1 else ''}, PSS", "MB", 0) for n in ZONES),
)
OWN = (
    *(Measure(f"year.{n}", f"a year of rundowns with {n:,} notices · 一年的串联单", "s", 2) for n in NOTICES),
    *(Measure(f"page.{n}", f"page p95 with {n:,} rows in the log · 网页", "ms", 0) for n in LOG_ROWS),
    Measure("approve.voice", "approval to air, text to be spoken · 批准到播出", "s", 2),
    Measure("approve.ready", "approval to air, text spoken before", "s", 2),
    Measure("speech.rtf", "speech, seconds per second of audio, worker warm · 语音合成", "", 2),
    Measure("speech.cold", "speech, worker cold: notice of 60 characters ready", "s", 2),
    Measure("disk.year", "disk per year: log, sums, notices · 一年的磁盘", "MB", 0),
)

TARGETS = (
    Target("start error p99 at most 10 ms", ours("start.p99"), fixed(10), "ms"),
    Target(
        "start error p99 at most 1/5 of Liquidsoap's", ours("start.p99"), times(0.2, "start.p99", "liquidsoap"), "ms"
    ),
    Target("program start to sound under 1.5 s", ours("sound.median"), fixed(1.5), "s"),
    Target("CPU of the engine at most 1.5 x cvlc", ours("cpu.engine"), times(1.5, "cpu.play", "cvlc"), "% of a core"),
    Target("CPU of all processes at most 1.5 x cvlc", ours("cpu.play"), times(1.5, "cpu.play", "cvlc"), "% of a core"),
    Target(
        "memory of the engine at most 1.5 x cvlc", ours("ram.engine.rss"), times(1.5, "ram.rss", "cvlc"), "MB (RSS)"
    ),
    Target("a year of rundowns with 1,000 notices in 5 s", ours("year.1000"), fixed(5), "s"),
    Target("growth 100 to 1,000 notices, 1 is linear", growth("year.{}", 100, 1000), fixed(1.0), "x"),
    Target("growth 1,000 to 10,000 notices, 1 is linear", growth("year.{}", 1000, 10_000), fixed(1.0), "x"),
    Target("page p95 under 100 ms at 10,000,000 rows", ours("page.10000000"), fixed(100), "ms"),
)

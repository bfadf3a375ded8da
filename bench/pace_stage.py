"""The runs in which everybody plays the same show: timed items, starts and kills, cost, engines for several zones."""

from __future__ import annotations

import contextlib
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import psutil

from bench.pace_figures import OURS, Sheet
from bench.pace_heard import bed_silences, first_sound, gap_after, starts
from bench.peers.ours import OurCast, Ours
from bench.peers.player import Cast, Player, weigh
from bench.peers.recordings import BED_TRACK_S, EVERY_S, Show
from bench.peers.timed import Cvlc
from broadcaster.clock import monotonic
from broadcaster.playout.protocol import Load, Start
from tests.engine_rig import EngineRig
from tests.lab import signals
from tests.lab.recorder import Recorder
from tests.lab.sink import LabError, NullSink
from tests.lab.take import Take
from tests.live_kit import to_mono

LEAD_S = 12
"""From the start of a program to its first item."""
SETTLE_S = 20.0
"""Imports, the page and the spare engine are not what it costs to play."""
SPARE_S = 8.0
"""By then a spare engine stands by."""
LIMIT_S = 40.0


@dataclass
class Stage:
    """Where the shows are played, and where the figures go."""

    sheet: Sheet
    ours: Ours
    players: Sequence[Player]
    folder: Path
    say: Callable[[str], None]

    @property
    def show(self) -> Show:
        """Without timed items."""
        return self.ours.show

    def place(self, player: Player) -> Path:
        """A folder for what a player needs."""
        folder = self.folder / "players" / player.name
        folder.mkdir(parents=True, exist_ok=True)
        return folder


# --- timed items over a bed -----------------------------------------------------------------------------------


def timed(stage: Stage, player: Player, count: int) -> None:
    """Start errors, joints of the bed, and CPU while ducking."""
    with NullSink() as sink, Recorder(sink) as recorder:
        first = (int(time.time()) // EVERY_S + 1) * EVERY_S + LEAD_S
        walls = [float(first + number * EVERY_S) for number in range(count)]
        with player.play(replace(stage.show, due=walls), sink, stage.place(player)) as cast:
            begun = recorder.wait_for(lambda take: first_sound(take, take.start) is not None, LIMIT_S)
            instants = []
            recorder.wait_until(to_mono(walls[0]) - 1, timeout=60)
            since, before = monotonic(), cast.used_s()
            for wall in walls:
                recorder.wait_until(to_mono(wall), timeout=30)
                # Now, because a clock that is being set right drifts against the other.
                instants.append(to_mono(wall))
            take = recorder.wait_until(instants[-1] + 1.5, timeout=30)
            cpu = 100 * (cast.used_s() - before) / (monotonic() - since)
    stage.sheet.put("cpu.duck", player.name, cpu)
    found = starts(take, instants)
    _put_starts(stage, player.name, found)
    for wall in (wall for wall, late in zip(walls, found, strict=True) if late is None):
        known = stage.ours.logged_at(wall) if player is stage.ours else ""
        stage.say(f"{player.name}: not heard: the item at {datetime.fromtimestamp(wall, UTC):%T}. {known}")
    _put_joints(stage, player.name, take.slice(begun.end + 1, take.end))


def _put_starts(stage: Stage, who: str, found: Sequence[float | None]) -> None:
    late = np.array([1000 * one for one in found if one is not None])
    put = stage.sheet.put
    put("start.missed", who, float(sum(one is None for one in found)), f"of {len(found)}")
    if not len(late):
        put("start.p50", who, None, "not heard")
        return
    middle = float(np.median(late))
    put("start.p50", who, float(np.percentile(np.abs(late), 50)))
    put("start.p99", who, float(np.percentile(np.abs(late), 99)))
    put("start.late", who, middle)
    put("start.spread", who, float(np.percentile(np.abs(late - middle), 99)))
    stage.say(f"{who}: {len(late)} items, median {middle:+.1f} ms, from {late.min():+.1f} to {late.max():+.1f}")


def _put_joints(stage: Stage, who: str, take: Take) -> None:
    joints = int(take.duration / BED_TRACK_S)
    if not joints:
        return
    silent = [1000 * one for one in bed_silences(take)]
    each = (silent + [0.0] * joints)[: max(joints, len(silent))]
    stage.sheet.put("joint.worst", who, max(each))
    stage.sheet.put("joint.median", who, statistics.median(each[:joints]))
    stage.say(f"{who}: {joints} joints, {len(silent)} silences, the longest {[round(one) for one in silent[:5]]} ms")


# --- starts and kills -----------------------------------------------------------------------------------------


def life(stage: Stage, player: Player, rounds: int) -> None:
    """From the start to the first sound, and from a kill to the sound after it."""
    took, gaps = [], []
    with NullSink() as sink, Recorder(sink) as recorder:
        with _sounding(stage, player, sink, recorder):
            recorder.wait_until(monotonic() + 3.0)  # the first start fills the caches, and does not count
        for number in range(rounds):
            with _sounding(stage, player, sink, recorder) as (cast, sound_s):
                took.append(sound_s)
                if player.name != OURS and number:
                    continue  # nobody starts it again: once is enough to see that
                recorder.wait_until(monotonic() + (SPARE_S if player.name == OURS else 2.0))
                gaps.append(_kill(recorder, [psutil.Process(cast.playing())], 10.0 if player.name == OURS else 5.0))
        _put_gap(stage, "kill.alone", player.name, gaps)
        again = []
        for _ in range(max(rounds // 2, 1)):
            with _sounding(stage, player, sink, recorder, again=True) as (cast, _sound_s):
                recorder.wait_until(monotonic() + 3.0)
                loop = cast.root
                again.append(_kill(recorder, [one for one in cast.processes() if one.pid != loop], LIMIT_S))
        _put_gap(stage, "kill.loop", player.name, again)
    stage.sheet.put("sound.median", player.name, statistics.median(took))
    stage.sheet.put("sound.worst", player.name, max(took))
    stage.say(f"{player.name}: sound after {_words(took)} s; killed {_words(gaps)} s; in a loop {_words(again)} s")


@contextlib.contextmanager
def _sounding(
    stage: Stage, player: Player, sink: NullSink, recorder: Recorder, *, again: bool = False
) -> Iterator[tuple[Cast, float]]:
    _quiet(recorder)
    with player.play(stage.show, sink, stage.place(player), again=again) as cast:
        begun = cast.started_at
        take = recorder.wait_for(lambda take: first_sound(take, begun) is not None, LIMIT_S, since=begun)
        yield cast, first_sound(take, begun) or 0.0


def _quiet(recorder: Recorder) -> None:
    """Until nothing of an earlier run sounds."""
    recorder.wait_for(
        lambda take: take.duration > 0.3 and first_sound(take, take.end - 0.25) is None, 20, since=monotonic() - 0.1
    )


def _kill(recorder: Recorder, victims: Sequence[psutil.Process], limit_s: float) -> float | None:
    killed = monotonic()
    for one in victims:
        with contextlib.suppress(psutil.Error):
            one.kill()
    try:
        # Half a second of sound after a silence.
        take = recorder.wait_for(lambda take: take.duration > 1.5 and bool(gap_after(take, killed)), limit_s, killed)
    except LabError:
        take = recorder.take(killed)
    return gap_after(take, killed)


def _put_gap(stage: Stage, measure: str, who: str, gaps: Sequence[float | None]) -> None:
    known = [one for one in gaps if one is not None]
    stage.sheet.put(
        measure, who, statistics.median(known) if len(known) == len(gaps) else None, "" if known else "never"
    )


def _words(values: Sequence[float | None]) -> str:
    return ", ".join("never" if one is None else f"{one:.2f}" for one in values)


def engine_alone(stage: Stage, rounds: int) -> None:
    """From the start of an engine process to its first sample."""
    took = []
    with NullSink() as sink, Recorder(sink) as recorder:
        for _ in range(rounds):
            _quiet(recorder)
            with EngineRig(sink) as rig:
                rig.send(Load("a", "bed", str(stage.show.bed[0]), 0.0), Start("a"))
                begun = rig.spawned_at
                take = recorder.wait_for(lambda take: first_sound(take, begun) is not None, LIMIT_S, since=begun)  # noqa: B023
                took.append(first_sound(take, begun) or 0.0)
    stage.sheet.put("sound.engine", OURS, statistics.median(took))
    stage.say(f"engine alone: sound after {_words(took)} s")


# --- cost -----------------------------------------------------------------------------------------------------


def cost(stage: Stage, seconds: float) -> None:
    """CPU and memory while the bed plays: all at the same time, each on a sound server of its own."""
    with contextlib.ExitStack() as parts:
        casts: dict[str, Cast] = {}
        for player in stage.players:
            sink = parts.enter_context(NullSink())
            casts[player.name] = parts.enter_context(player.play(stage.show, sink, stage.place(player)))
        time.sleep(SETTLE_S)
        mine = casts[OURS]
        assert isinstance(mine, OurCast)
        named = {name: mine.part(f"broadcaster.{name}") for name in ("engine", "ear")}
        named["daemon"] = mine.daemon()
        begun = monotonic()
        before = {name: cast.used_s() for name, cast in casts.items()}
        before_part = {name: _used_s(processes) for name, processes in named.items()}
        time.sleep(seconds)
        took = monotonic() - begun
        for name, cast in casts.items():
            weight = cast.weight()
            stage.sheet.put("cpu.play", name, 100 * (cast.used_s() - before[name]) / took)
            for kind in ("rss", "pss", "uss"):
                stage.sheet.put(f"ram.{kind}", name, getattr(weight, kind))
            stage.say(f"{name}: {weight.count} processes, {weight}")
        for name, processes in named.items():
            stage.sheet.put(f"cpu.{name}", OURS, 100 * (_used_s(processes) - before_part[name]) / took)
            weight = weigh(processes)
            stage.sheet.put(f"ram.{name}.rss", OURS, weight.rss)
            stage.sheet.put(f"ram.{name}.pss", OURS, weight.pss)


def zones(stage: Stage, counts: Sequence[int], seconds: float) -> None:
    """As many engines as zones, beside as many cvlc, on one file."""
    file = signals.ruler(stage.folder / "zone.wav", 3 * SETTLE_S + seconds)
    cvlc = next((one for one in stage.players if isinstance(one, Cvlc)), None)
    for count in counts:
        with contextlib.ExitStack() as parts:
            sink, other = parts.enter_context(NullSink()), parts.enter_context(NullSink())
            rigs = [parts.enter_context(EngineRig(sink)) for _ in range(count)]
            for rig in rigs:
                rig.load(Load("a", "bed", str(file), -12.0))
                rig.send(Start("a"))
            casts = []
            if cvlc is not None:
                show = Show([file], file)
                casts = [parts.enter_context(cvlc.play(show, other, stage.place(cvlc))) for _ in range(count)]
            groups = {OURS: [psutil.Process(rig.process.pid) for rig in rigs]}
            if casts:
                groups["cvlc"] = [process for cast in casts for process in cast.processes()]
            time.sleep(3)
            begun, before = monotonic(), {name: _used_s(group) for name, group in groups.items()}
            time.sleep(seconds)
            for name, group in groups.items():
                percent = 100 * (_used_s(group) - before[name]) / (monotonic() - begun)
                stage.sheet.put(f"zones.cpu.{count}", name, percent)
                stage.sheet.put(f"zones.ram.{count}", name, weigh(group).pss)
    stage.say(f"engines for {', '.join(map(str, counts))} zones measured")


def _used_s(processes: Sequence[psutil.Process]) -> float:
    total = 0.0
    for one in processes:
        with contextlib.suppress(psutil.Error):
            times = one.cpu_times()
            total += times.user + times.system
    return total

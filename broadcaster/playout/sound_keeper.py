"""Whether what should be heard is heard, and what to do about it: feeds the silence ladder and the choice of device."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from broadcaster.decisions import decided
from broadcaster.playout.air import Air
from broadcaster.playout.bed_player import BedPlayer, Sounding
from broadcaster.playout.ducking import Ducking
from broadcaster.playout.hearing import DEAF, Hearing
from broadcaster.playout.interventions import Interventions
from broadcaster.playout.on_air import Rung
from broadcaster.playout.outputs import Chooser, Outputs
from broadcaster.playout.passages import Passages
from broadcaster.playout.patience import Patience
from broadcaster.playout.silence import Ladder, Moment
from broadcaster.playout.timebase import Timebase
from broadcaster.playout.voice_player import VoicePlayer
from broadcaster.rundown.bed import BedItem

REFERENCE_DBFS = -20.0
"""Level of a recording that was not read yet: all are brought to -18 LUFS."""

MARGIN_DB = 8.0
"""What should be softer than the ear's threshold and this may well not be heard."""

PASSAGE_S = 8.0
"""A longer silence inside a track is no quiet passage: the recording is at fault."""

QUIET_AHEAD_S = 20.0
"""A planned silence must last at least this long for the engine to be replaced in it."""

ENGINE_HOLD_S = 20.0
"""A grown engine is not replaced more often than this."""

NO_ENGINE_S = 12.0

FRESH_S = 1.5
"""A new engine is given so long to be heard before it is judged."""

FAR_GROWN = 2.0
"""An engine that has grown to so many times its limit is replaced whatever sounds."""

REFUSED_S = 2.0
"""An output that could not be opened within this is what is wrong."""

STALL_JUDGED_S = 0.8
"""After a gap of the engine the ear has so long to say whether it was heard."""

STALL_LIMIT_S = 1.5
"""After a longer gap nobody need be asked."""

STALL_LEAST_S = 0.4
"""The engine tells of no shorter gap."""

BORNE_S = 20.0
"""After gaps that were borne what plays is set right when there was none for so long."""

Remedy = Literal["track", "next", "engine"]


@dataclass(frozen=True, slots=True)
class Order:
    """What the conductor is to do. ``device``: play to this one from now on (with ``engine``)."""

    remedy: Remedy
    reason: str
    device: str | None = None


class SoundKeeper:
    """Owned by the conductor's thread."""

    def __init__(self, device: str) -> None:
        self.hearing: Hearing = DEAF
        self.ladder = Ladder()
        self.outputs = Chooser(device)
        self.passages = Passages()
        self._replaced_at = float("-inf")
        self._not_heard_at = float("-inf")
        """When the ear last told of silence, or told nothing (monotonic)."""
        self._patience = Patience()
        self._borne_at: float | None = None
        """When a gap was last borne, for the PC seems to be overloaded."""
        self._ready_since = float("-inf")
        """When the present engine became ready; infinite while it is not."""
        self._stalls: list[tuple[float, float]] = []
        """Gaps of the engine that are still to be judged: when they ended, and seconds."""

    def hear(self, hearing: Hearing) -> None:
        """The ear says so."""
        self.hearing = hearing
        if hearing.ear != "ok" or hearing.silent_since is not None:
            self._not_heard_at = max(self._not_heard_at, hearing.at)

    def stalled(self, gap_s: float, mono: float) -> bool:
        """The engine was not run for a while; whether it is to be replaced for that at once.

        On a busy machine its own thread may wait while the player's threads, and with them the sound, go on: the ear
        knows.
        """
        if self.ladder.dead_s > 0.0 and self.hearing.ear == "ok":
            # It is silent anyhow, and the ladder sees to that.
            return False
        factor = self._patience.factor(mono)
        if factor > 1.0 and gap_s <= STALL_LEAST_S * factor:
            decided("engine-stall-borne", gap_s=gap_s)
            self._borne_at = mono
            return False
        if gap_s > STALL_LIMIT_S * factor or self.hearing.ear != "ok":
            self._patience.given_up(mono)
            return True
        self._stalls.append((mono, gap_s))
        return False

    def _judge_stalls(self, mono: float) -> Order | None:
        for at, gap_s in [one for one in self._stalls if mono - one[0] > STALL_JUDGED_S]:
            self._stalls.remove((at, gap_s))
            if self._not_heard_at > at - gap_s - STALL_JUDGED_S or self.hearing.at < at:
                self._stalls.clear()
                self._patience.given_up(mono)
                return Order("engine", f"it was not run for {gap_s:.1f} s")
            decided("engine-stall-unheard", gap_s=gap_s)
        return None

    def _set_right(self, mono: float, voice: VoicePlayer) -> Order | None:
        """What plays since a gap that was borne may be late by it; on another deck it is at its second again."""
        if self._borne_at is None or mono - self._borne_at < BORNE_S or voice.sounding() is not None:
            return None
        self._borne_at = None
        return Order("track", "播放落后,已校正 / late since the PC was overloaded, set right")

    def engine_lost(self) -> None:
        """Another engine takes over."""
        self._ready_since = float("inf")

    def know_outputs(self, outputs: Outputs) -> None:
        """The system has these devices."""
        self.outputs.know(outputs)

    def rest(self, mono: float) -> None:
        """Another PC has the air: nothing is wanted of this one."""
        self.ladder.turn(Moment(mono, False, False, self.hearing, 1.0, frozenset()))

    def turn(
        self, air: Air, base: Timebase, hands: Interventions, bed: BedPlayer, voice: VoicePlayer, ducking: Ducking,
        *, ready: bool, rss_mb: float,
    ) -> Order | None:  # fmt: skip
        """What to do now, if anything. ``ready``: the engine takes commands."""
        station = air.plan.station
        self.outputs.want(station.sound.output, station.ear.fallback_output)
        if hands.call(base.now) is not None:
            # What is called brings itself back; only a device that went away is changed here.
            self.rest(base.mono)
            other = self.outputs.turn(base.mono, quiet=False, silent=False)
            return Order("engine", f"the output is {other} from now on", other) if other is not None else None
        if not ready:
            self._ready_since = float("inf")
        elif self._ready_since == float("inf"):
            self._ready_since = base.mono
        wanted = self._wanted(air, base, hands, bed, voice, ducking)
        if order := self._judge_stalls(base.mono):
            return order
        order = self._climb(wanted, air, base, bed, voice, ready=ready)
        bed.fallback_only = self.ladder.fallback
        if order is not None:
            return order
        silent = self.ladder.dead_s > 1.0
        quiet = not wanted and self._quiet_ahead(air, base, voice)
        if device := self.outputs.turn(base.mono, quiet=quiet, silent=silent):
            decided("output-changed", device=device, missing=self.outputs.missing or None)
            return Order("engine", f"the output is {device} from now on", device)
        return (self._recycle(air, base, rss_mb, quiet=quiet) or self._set_right(base.mono, voice)) if ready else None

    # --- what should be heard

    def _wanted(
        self, air: Air, base: Timebase, hands: Interventions, bed: BedPlayer, voice: VoicePlayer, ducking: Ducking
    ) -> bool:
        """Whether something that the ear can hear should sound at this moment."""
        if hands.voice_off(base.now) is not None:
            return False
        enough_db = air.plan.station.ear.silent_below + MARGIN_DB
        if spot := voice.sounding():
            path, offset_s = spot.spot.path or "", base.mono - spot.start_at
            level = self.passages.at(path, offset_s)
            if (REFERENCE_DBFS if level is None else level.level_dbfs) + spot.spot.gain_db >= enough_db:
                return offset_s < spot.spot.duration_s
        if hands.bed_off(base.now) is not None:
            return False
        sounding = bed.sounding()
        return any(
            self._audible_db(item, base, sounding) + ducking.depth_db >= enough_db
            for item in bed.items
            if item.start + timedelta(seconds=item.fade_in_s) <= base.now
            < item.end - timedelta(seconds=item.fade_out_s)
        )  # fmt: skip

    def _audible_db(self, item: BedItem, base: Timebase, sounding: Sounding | None) -> float:
        """RMS in dBFS at which an item should be heard, before any duck."""
        if sounding is None or sounding.item.id != item.id:
            return REFERENCE_DBFS + item.gain_db
        here = self.passages.at(item.track.path, base.mono - sounding.file_start)
        if here is None or here.silent_s > PASSAGE_S:
            return REFERENCE_DBFS + item.gain_db
        return here.level_dbfs + item.gain_db

    @staticmethod
    def _quiet_ahead(air: Air, base: Timebase, voice: VoicePlayer) -> bool:
        """Whether nothing sounds, and nothing will for a while."""
        until = base.now + timedelta(seconds=QUIET_AHEAD_S)
        beds = any(segment.bed is not None for _, segment in air.segments(base.now, until))
        return not beds and voice.sounding() is None and not air.spots(base.now, until)

    # --- the ladder

    def _climb(
        self, wanted: bool, air: Air, base: Timebase, bed: BedPlayer, voice: VoicePlayer, *, ready: bool
    ) -> Order | None:
        was_fallback = self.ladder.fallback
        rung = self.ladder.turn(
            Moment(
                mono=base.mono,
                wanted=wanted,
                playing=bed.sounding() is not None or voice.sounding() is not None,
                hearing=self.hearing,
                silent_after_s=air.plan.station.ear.silent_after,
                useful=self._useful(air, base, bed, ready=ready),
                muted=self.hearing.muted,
                fresh=ready and base.mono - self._ready_since < FRESH_S,
            )
        )
        if was_fallback and not self.ladder.fallback:
            decided("fallback-left", rung=self.ladder.rung)
            bed.stand_ins.pardon()
        if rung is None:
            return None
        reason = f"没有声音 {self.ladder.dead_s:.0f} 秒 / silent for {self.ladder.dead_s:.0f} s"
        if self.hearing.ear == "lost":
            reason = "声卡断开 / the output device went away"
        decided("silence-rung", rung=rung, dead_s=self.ladder.dead_s, ear=self.hearing.ear, device=self.outputs.device)
        match rung:
            case "track" | "next":
                return Order(rung, reason)
            case "engine":
                return Order("engine", reason)
            case "output":
                device = self.outputs.take_other(base.mono)
                return Order("engine", reason, device)
            case "alert":
                self.outputs.give_up()
        return None

    def _useful(self, air: Air, base: Timebase, bed: BedPlayer, *, ready: bool) -> frozenset[Rung]:
        if not ready:
            # A new engine is on its way; only one that never comes is to be told of.
            return frozenset({"alert"}) if self.ladder.dead_s > NO_ENGINE_S else frozenset()
        rungs: set[Rung] = {"engine", "alert"}
        if self.outputs.other() is not None:
            rungs.add("output")
        if base.mono - bed.stand_ins.output_refused_at < REFUSED_S:
            # No other music helps against an output that can't be opened.
            return frozenset(rungs)
        sounding = bed.sounding()
        if sounding is not None:
            hollow = self.passages.at(sounding.item.track.path, self._last_offset(sounding))
            if hollow is None or hollow.silent_s <= PASSAGE_S:
                rungs.add("track")
            playlist = air.plan.playlists.get(sounding.item.playlist)
            if playlist is not None and len(playlist.tracks) > 1:
                rungs.add("next")
        if bed.stand_ins.fallback and bed.items:
            rungs.add("fallback")
        return frozenset(rungs)

    def _last_offset(self, sounding: Sounding) -> float:
        return self.hearing.at - sounding.file_start

    # --- upkeep of the engine

    def _recycle(self, air: Air, base: Timebase, rss_mb: float, *, quiet: bool) -> Order | None:
        limit_mb = air.plan.station.upkeep.engine_mb
        if rss_mb <= limit_mb or base.mono - self._replaced_at < ENGINE_HOLD_S:
            return None
        if not quiet and rss_mb <= FAR_GROWN * limit_mb:
            return None
        self._replaced_at = base.mono
        decided("engine-recycled", rss_mb=rss_mb, limit_mb=limit_mb, planned_silence=quiet)
        return Order("engine", f"it has grown to {rss_mb:.0f} MB")

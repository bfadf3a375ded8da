"""What the ear's words add up to: the hearing for the conductor, and what people must be told of. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from statistics import median

from broadcaster.ear.messages import Block, Matched, State, Volume
from broadcaster.media.loudness_units import lufs_of
from broadcaster.ops.causes import Cause, cause
from broadcaster.playout.hearing import Hearing, Match

HYSTERESIS_DB = 6.0
"""What was silent sounds again only so far above the threshold."""

CLIPPED_OFTEN = 5
"""So many blocks cut off within the last ten seconds are no chance peak of a recording."""

RECENT = 12
"""Comparisons, of which one is made a second, that a judgement rests on."""

QUIETER_DB = 8.0
LOUDER_DB = 4.0
MIXED = 0.2
"""Ours accounting for so much less of the sound than it usually does: something else sounds as well."""

SLIPPED_S = 0.003

USUAL_LEAST = 30
VOLUME_SLACK = 2.0
"""Percent."""


@dataclass(slots=True)
class Attention:
    """Owned by the listener's thread, except :meth:`hearing` and :meth:`causes`, which may be asked from any."""

    threshold_db: float = -60.0
    state: State = field(default_factory=lambda: State("off"))
    opened: int = 0
    """How often the device was opened after it had been away, or another was chosen."""
    volume: Volume | None = None
    first_percent: dict[str, float] = field(default_factory=dict)
    """What each output's volume stood at when it was first seen."""
    wanted_percent: float | None = None
    sounding: bool = False
    last_sound: float | None = None
    _away: bool = True
    _silent_since: float | None = None
    _blocks: deque[Block] = field(default_factory=lambda: deque(maxlen=100))
    _match: Match = "unknown"
    _verdicts: deque[Match] = field(default_factory=lambda: deque(maxlen=RECENT))
    _lags: dict[str, float] = field(default_factory=dict)
    _explained: deque[float] = field(default_factory=lambda: deque(maxlen=RECENT))
    _usual: deque[float] = field(default_factory=lambda: deque(maxlen=600))
    _levels: deque[float] = field(default_factory=lambda: deque(maxlen=RECENT))
    _first_levels: dict[str, list[float]] = field(default_factory=dict)

    # --- what the ear says

    def take_state(self, state: State) -> bool:
        """Take note; True if the ear hears something else than before, or hears again, or no more."""
        before = self.state
        if state.ear == "starting" and before.ear == "lost":
            # Another process of the ear: until it hears, what was lost is lost.
            return False
        self.state = state
        if state.ear == "ok" and (self._away or state.device != before.device):
            self.opened += 1
            self._away = False
            self._silent_since = None
        elif state.ear in ("lost", "none", "off"):
            self._away = True
        if state.ear != "ok" or state.device != before.device:
            self.sounding = False
            self._blocks.clear()
            self._forget_matches()
        now, former = ((one.ear, one.device, one.reason, one.gone) for one in (state, before))
        return now != former

    def take_block(self, block: Block) -> bool:
        """Take note; True if it sounds that was silent, or the other way round."""
        was = self.sounding, self._silent_since is None
        if block.rms >= self.threshold_db + (0.0 if self.sounding else HYSTERESIS_DB):
            self.sounding, self._silent_since = True, None
            self.last_sound = block.end
        else:
            if self.sounding or self._silent_since is None:
                begin = block.end - 0.1
                self._silent_since = begin if self.last_sound is None else max(self.last_sound, begin - 600.0)
                self._forget_matches()
            self.sounding = False
        self._blocks.append(block)
        return was != (self.sounding, self._silent_since is None)

    def take_matched(self, matched: Matched) -> bool:
        """Take note; True if the judgement changed."""
        if not self.sounding:
            return False
        before = self._match
        self._verdicts.append(matched.match)
        # One comparison may fall into a fade or a change of track.
        latest = list(self._verdicts)[-3:]
        self._match = "other" if latest == ["other"] * 3 else "unknown" if matched.match == "other" else matched.match
        slipped, self._lags = self._slipped(matched.found), dict(matched.found)
        if matched.whole and not slipped and (matched.match != "unknown" or matched.explained > 0):
            self._explained.append(matched.explained)
            if matched.match == "ours":
                self._usual.append(matched.explained)
        if matched.level_db is not None:
            self._levels.append(matched.level_db)
            first = self._first_levels.setdefault(self.state.device, [])
            if len(first) < USUAL_LEAST and not self.turned_down:
                first.append(matched.level_db)
        return self._match != before

    def _slipped(self, found: Mapping[str, float]) -> bool:
        """Whether ours sounds at another place than a comparison ago: it stutters, and is not found whole."""
        return any(abs(lag_s - self._lags.get(name, lag_s)) > SLIPPED_S for name, lag_s in found.items())

    def take_volume(self, volume: Volume) -> bool:
        """Take note; True if it changed."""
        before = self.volume
        self.volume = volume
        if not volume.muted and volume.percent > 0:
            self.first_percent.setdefault(volume.device, volume.percent)
        if before is None or before.device != volume.device:
            return False
        return (before.percent, before.muted) != (volume.percent, volume.muted) or volume.restored

    def _forget_matches(self) -> None:
        self._match = "unknown"
        self._verdicts.clear()
        self._explained.clear()
        self._levels.clear()

    # --- what follows from it

    @property
    def keep_percent(self) -> float | None:
        """What the volume should stand at, as far as that is known."""
        if self.wanted_percent is not None:
            return self.wanted_percent
        return self.first_percent.get(self.volume.device) if self.volume is not None else None

    @property
    def turned_down(self) -> bool:
        """Whether the system's volume is below what it should be."""
        volume, wanted = self.volume, self.keep_percent
        return volume is not None and (volume.muted or (wanted is not None and volume.percent < wanted - VOLUME_SLACK))

    def hearing(self, mono: float) -> Hearing:
        """As it is now."""
        state, volume = self.state, self.volume
        blocks = list(self._blocks)
        hears = state.ear == "ok"
        last = blocks[-1] if blocks and hears else None
        muted = hears and volume is not None and (volume.muted or volume.percent == 0)
        if last is None:
            return Hearing(
                mono, state.ear, self._silent_since, device=state.device, opened=self.opened, muted=muted,
                output_gone=state.gone, reason=state.reason,
            )  # fmt: skip
        power = sum(block.k for block in blocks[-4:]) / len(blocks[-4:])
        return Hearing(
            at=last.end,
            ear=state.ear,
            silent_since=self._silent_since,
            lufs=round(lufs_of(power), 2) if self.sounding and power > 0 else None,
            rms_dbfs=last.rms,
            peak_dbfs=last.peak,
            match=self._match,
            expected_db=round(median(self._levels), 2) if self._levels else None,
            device=state.device,
            opened=self.opened,
            muted=muted,
        )

    def causes(self) -> Iterator[Cause]:
        """What people must be told of."""
        if self.state.ear == "lost" and not self.state.gone:
            why = self.state.reason or "?"
            yield cause("ear-lost", f"听不到输出:{why}", f"the output can't be heard: {why}")
        if self.state.ear != "ok":
            return
        yield from self._of_the_volume()
        if sum(block.clipped for block in list(self._blocks)) >= CLIPPED_OFTEN:
            yield cause("clipping", "声音过大,已经削顶失真", "the sound is cut off at full scale: it distorts")
        if list(self._verdicts)[-3:] == ["other"] * 3:
            yield cause("other-sound", "电脑在放别的声音,不是本系统播的", "what is heard is not what is played here")
        elif self._is_mixed():
            yield cause("other-sound", "除了本系统,还有别的程序在出声", "another program makes sound beside ours")
        if not self.turned_down:
            yield from self._of_the_level()

    def _of_the_volume(self) -> Iterator[Cause]:
        volume, wanted = self.volume, self.keep_percent
        if volume is None:
            return
        if volume.muted:
            yield cause("volume-muted", "电脑被静音了", "the PC is muted")
        elif self.turned_down:
            yield cause(
                "volume-down",
                f"电脑音量被调低到 {volume.percent:.0f}%,原来是 {wanted:.0f}%",
                f"the PC's volume was turned down to {volume.percent:.0f}%, it was {wanted:.0f}%",
            )

    def _is_mixed(self) -> bool:
        recent, usual = list(self._explained), list(self._usual)
        return len(recent) == RECENT and len(usual) >= USUAL_LEAST and max(recent) < median(usual) - MIXED

    def _of_the_level(self) -> Iterator[Cause]:
        levels, first = list(self._levels), self._first_levels.get(self.state.device, [])
        if len(levels) < RECENT or len(first) < USUAL_LEAST:
            return
        off_db = median(levels) - median(first)
        if off_db < -QUIETER_DB:
            yield cause(
                "too-quiet", f"输出比平时轻了 {-off_db:.0f} dB", f"the output is {-off_db:.0f} dB softer than usual"
            )
        elif off_db > LOUDER_DB:
            yield cause(
                "too-loud", f"输出比平时响了 {off_db:.0f} dB", f"the output is {off_db:.0f} dB louder than usual"
            )

"""What was heard of each entry of the as-run log, from its release to its end. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Literal

from broadcaster.ear.messages import Block, Expect, Expected, Matched
from broadcaster.playout.on_air import LogLine, OnAir
from broadcaster.playout.protocol import SILENT_DB

LINGER_S = 2.5
"""An entry that is over is looked for so much longer: the last comparison of it is still to come."""

PLAYER_AFTER_S = 3.0
"""Without an ear for so long after its release, an entry goes by the player's word."""

UNHEARD_DB = -50.0
"""What plays below this gain is not looked for."""

LATE_LINE_S = 600.0
"""What was heard of an entry that the log has not taken yet is kept for so long."""

COVERED = 0.5
"""Less than this part of an entry's span heard tells no loudness of it."""

MOST_VOICES = 500
"""What was spoken is remembered for so many times: more than sound during one track."""

STEP_S = 0.1
CALL = "call:"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to be written of an entry; None leaves what is there."""

    entry: int | str
    heard_at: float | None = None
    """Monotonic."""
    powers: tuple[float, ...] = ()
    """K-weighted powers of its 100 ms steps, for its loudness."""
    heard_by: Literal["ear", "player"] | None = None


@dataclass(slots=True)
class _Span:
    name: str
    """What it is called as long as it sounds."""
    entry: int | str | None
    """Its line in the log; None as long as, or because, the log has none."""
    expected: Expected | None
    released_at: float
    line: LogLine | None = None
    """The log's, whose number may come after its end."""
    alone: bool = False
    """Whether only what sounds while nothing else is said counts for its loudness: a bed under a voice."""
    fade_s: float = 0.0
    """How long it may sound on under what comes after it."""
    ended_at: float | None = None
    heard_at: float | None = None
    said: Literal["", "ear", "player"] = ""
    comparable: bool = False
    """Whether it was looked for in what was heard."""
    onset: float | None = None
    covered: bool = False
    """Whether anything was listened to while it was on air."""
    powers: list[tuple[float, float]] = field(default_factory=list)
    """Of its 100 ms steps, each with its end."""

    def number(self) -> int | str | None:
        """Its entry in the log by now."""
        return self.line.entry if self.entry is None and self.line is not None else self.entry

    def awaits_log(self, mono: float) -> bool:
        """Whether it is over, and the log may still take it."""
        if self.ended_at is None or self.line is None or self.line.withheld or self.line.entry is not None:
            return False
        return mono < self.ended_at + LATE_LINE_S


class Spans:
    """Follows what is on air and what is heard; owned by one thread."""

    def __init__(self) -> None:
        self._spans: dict[str, _Span] = {}
        self._voice: list[tuple[float, float | None]] = []
        """When something was spoken, or the bed was not where it is alone: from, to."""

    # --- what should sound

    def follow(self, on_air: OnAir, mono: float) -> Expect:
        """Take note of what is on air; what the ear is to look for."""
        present = {span.name: span for span in _present(on_air)}
        for name, span in present.items():
            known = self._spans.setdefault(name, span)
            # Its gain may change, and an engine that was replaced goes on with it at another instant; the log may be
            # slow to give it a number.
            known.expected, known.entry, known.line = span.expected, span.entry, span.line
        for name, span in self._spans.items():
            if name not in present and span.ended_at is None:
                span.ended_at = mono
        self._note_voice(on_air, mono)
        items = [
            span.expected if span.alone or span.ended_at is None else replace(span.expected, until=span.ended_at)
            for span in self._spans.values()
            if span.expected is not None and _audible(span, on_air, mono)
        ]
        return Expect(tuple(items), partial=on_air.call is not None and not on_air.call.path)

    def _note_voice(self, on_air: OnAir, mono: float) -> None:
        spoken = on_air.spot is not None or on_air.call is not None or on_air.bed_depth_db < 0
        open_since = self._voice[-1][0] if self._voice and self._voice[-1][1] is None else None
        duck = on_air.air.plan.station.sound.duck if on_air.air is not None else None
        if spoken:
            since = mono - 2 * STEP_S if open_since is None else open_since
            if on_air.spot is not None and on_air.spot.mono:
                # Noticed late, it began no later for that.
                since = min(since, on_air.spot.mono + on_air.spot.offset_s - (duck.attack if duck else 0.0))
            if on_air.call is not None and on_air.call.mono:
                since = min(since, on_air.call.mono)
            if open_since is not None:
                self._voice.pop()
            self._voice.append((since, None))
            del self._voice[:-MOST_VOICES]
        elif open_since is not None:
            self._voice[-1] = (open_since, mono + (duck.release if duck else 0.0))

    # --- what is heard

    def block(self, block: Block, *, sounding: bool) -> None:
        """100 ms were heard."""
        begin = block.end - STEP_S
        for span in self._spans.values():
            if begin < span.released_at - STEP_S / 2 or (span.ended_at is not None and block.end > span.ended_at):
                continue
            span.covered = True
            if sounding and span.onset is None:
                span.onset = max(begin, span.released_at) if block.onset is None else block.onset
            span.powers.append((block.end, block.k))

    def matched(self, matched: Matched) -> Iterator[Verdict]:
        """A comparison was made."""
        for span in self._spans.values():
            if span.expected is None:
                continue
            lag_s = matched.found.get(span.expected.id)
            if matched.match != "unknown" or lag_s is not None:
                span.comparable = True
            # What resembles a part of another program's sound is no proof that ours was heard.
            if lag_s is not None and span.heard_at is None and matched.match != "other":
                span.heard_at = span.released_at + lag_s
        yield from self._heard()

    def _heard(self) -> Iterator[Verdict]:
        for span in self._spans.values():
            if span.heard_at is not None and not span.said and (entry := span.number()) is not None:
                span.said = "ear"
                yield Verdict(entry, span.heard_at, heard_by="ear")

    def turn(self, mono: float, *, hears: bool) -> Iterator[Verdict]:
        """What is to be written now. ``hears``: the ear hears the device."""
        yield from self._heard()
        for name, span in list(self._spans.items()):
            entry = span.number()
            if entry is not None and not span.said and not hears and mono > span.released_at + PLAYER_AFTER_S:
                span.said = "player"
                yield Verdict(entry, span.released_at, heard_by="player")
            over = span.ended_at is not None and mono > span.ended_at + span.fade_s + LINGER_S
            if over and not span.awaits_log(mono):
                del self._spans[name]
                if entry is not None:
                    yield self._last_word(span, entry, hears=hears)

    def close(self, mono: float, *, hears: bool) -> Iterator[Verdict]:
        """The daemon ends: the last word on all that is on air."""
        for span in self._spans.values():
            span.ended_at = span.ended_at or mono
            if (entry := span.number()) is not None:
                yield self._last_word(span, entry, hears=hears)
        self._spans.clear()

    def _counting(self, span: _Span) -> Iterator[float]:
        """The powers that tell its loudness. Only now, as a voice may be noticed after it was heard."""
        voices = [one for one in self._voice if span.alone and (one[1] is None or one[1] > span.released_at)]
        for end, power in span.powers:
            if not any(since < end and (to is None or end - STEP_S < to) for since, to in voices):
                yield power

    def _last_word(self, span: _Span, entry: int | str, *, hears: bool) -> Verdict:
        assert span.ended_at is not None
        steps = (span.ended_at - span.released_at) / STEP_S
        powers = tuple(self._counting(span))
        if len(powers) < (10 if span.alone else COVERED * steps):
            powers = ()
        if span.said:
            return Verdict(entry, powers=powers if span.said == "ear" or span.heard_at is not None else ())
        if not hears or not span.covered:
            return Verdict(entry, span.released_at, heard_by="player")
        # What could not be compared was heard if anything was.
        at = span.onset if not span.comparable else None
        return Verdict(entry, at, powers if at is not None else (), heard_by="ear")


def _present(on_air: OnAir) -> Iterator[_Span]:
    spot, track, call = on_air.spot, on_air.track, on_air.call
    if call is not None and call.mono:
        name = f"{CALL}{call.id}@{call.mono:.3f}"
        spoken = Expected(name, call.path, call.mono, call.gain_db, call.mono) if call.path else None
        yield _Span(name, call.entry, spoken, call.mono, call.line)
    if spot is not None and spot.mono:
        released_at = spot.mono + spot.offset_s
        path = spot.spot.path
        name = f"spot:{spot.spot.id}"
        expected = Expected(name, path, spot.mono, spot.spot.gain_db, released_at) if path else None
        yield _Span(name, spot.spot.id, expected, released_at)
    if track is not None and track.mono:
        gain_db = round(track.item.gain_db + on_air.bed_depth_db, 2)
        # What the log did not take, or must not (an untrusted clock), is no less ours.
        name = f"bed:{track.item.id}@{track.released_at:.3f}"
        expected = Expected(name, track.item.track.path, track.mono, gain_db, track.released_at)
        fade_s = track.item.fade_out_s
        yield _Span(name, track.entry, expected, track.released_at, track.line, alone=True, fade_s=fade_s)


def _audible(span: _Span, on_air: OnAir, mono: float) -> bool:
    if span.expected is None or span.expected.gain_db <= max(UNHEARD_DB, SILENT_DB):
        return False
    if span.ended_at is not None:
        return mono < span.ended_at + span.fade_s + LINGER_S
    hands = on_air.interventions
    if span.expected.id.startswith(CALL):
        # What is silent by hand is so for the programme, not for who calls.
        return True
    return (hands.bed_off(on_air.now) if span.alone else hands.voice_off(on_air.now)) is None

"""The daemon's part in a pair of PCs: asks the other, answers it, keeps the gate, and follows the main PC."""

from __future__ import annotations

import json
import logging
import secrets
import threading
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from broadcaster.asrun.mirror import merge_spots, spots_changed
from broadcaster.clock import Clock, monotonic
from broadcaster.decisions import decided
from broadcaster.errors import BroadcasterError
from broadcaster.ops.causes import Cause, cause
from broadcaster.plan.unattended_models import Standby
from broadcaster.playout.gate import Gate
from broadcaster.playout.on_air import OnAir
from broadcaster.settings import Home, write_whole
from broadcaster.standby.clock import FollowingClock, Offsets
from broadcaster.standby.deciding import FRESH_S, SILENT_S, Heard, MainPc, Own, SecondPc, Word
from broadcaster.standby.link import LinkClient, LinkError, LinkServer, is_cut_off
from broadcaster.standby.sync import FileList, Follower, Troubles, fetch_list
from broadcaster.store.database import Database
from broadcaster.store.mirroring import apply_tables, dump_tables, mark_of

log = logging.getLogger(__name__)

ASK_EVERY_S = 0.35
TURN_S = 0.1
MARK_EVERY_S = 2.0
FOLLOW_EVERY_S = 600.0
"""The files are compared so often even if nothing seems to have changed."""
STALE_S = 3.0
OVERTAKEN_S = 3.0
LEAST_SILENCE_S = 2.5
"""However impatient the store is: an engine that is replaced takes a second."""
HISTORY = timedelta(days=9)
"""So far back the spots that aired decide whose turn it is."""


class StandbyRoom:
    """One PC's threads. ``best`` finds an instant to change over; ``renew`` has tables that changed be read anew."""

    def __init__(
        self, home: Home, clock: Clock, rules: Standby, database: Database, zone: str,
        take_gate: Callable[[Gate], None], on_air: Callable[[], OnAir | None],
        best: Callable[[datetime], datetime | None], renew: Callable[[Sequence[str]], None],
        renew_days: Callable[[], None],
    ) -> None:  # fmt: skip
        self._home = home
        self._clock = clock
        self.rules = rules
        self._database = database
        self._zone = zone
        self._take_gate = take_gate
        self._on_air = on_air
        self._best = best
        self._renew = renew
        self._renew_days = renew_days
        self._boot = secrets.token_hex(6)
        self._lock = threading.RLock()
        mono, was_on_air = monotonic(), self._was_on_air()
        self.main = MainPc(mono) if rules.role == "main" else None
        self.second = None if self.main else SecondPc(mono, was_on_air=was_on_air)
        (home.run / "standby.json").unlink(missing_ok=True)
        self.gate = Gate(open=False)
        self._heard: Heard | None = None
        self._failures = 0
        self._cut_off = False
        self._refusal = ""
        self._offsets = Offsets()
        self._mark = ""
        self._followed_mark = ""
        self._followed_at = float("-inf")
        self._spots_since = clock.now() - HISTORY
        self._files = FileList(home)
        self._followed = home.var / "standby" / "followed"
        """There once the second PC had everything from the main one."""
        self._lost_since: float | None = None
        self._call_mute_since: float | None = None
        self._stop = threading.Event()
        self._told: dict[str, Any] = {}
        self._server: LinkServer | None = None

    # --- beginning and end

    def start(self) -> None:
        """Begin: ask, answer, turn."""
        try:
            self._server = LinkServer("0.0.0.0", self.rules.port, self.rules.token, self._answer)
            self._server.start()
        except OSError as error:
            log.error("can't listen for the other PC on port %d: %s", self.rules.port, error)
        addresses = [self.rules.peer, *self.rules.also]
        works: list[tuple[str, Callable[[], None]]] = [
            (f"standby-ask-{place}", partial(self._ask_on, LinkClient(one, self.rules.token)))
            for place, one in enumerate(addresses)
        ]
        works += [("standby-turn", self._turn_on), ("standby-mark", self._mark_on)]
        if self.second is not None:
            works += [("standby-follow", self._follow_on), ("standby-network", self._network_on)]
        for name, work in works:
            threading.Thread(target=work, name=name, daemon=True).start()

    def stop(self) -> None:
        """End."""
        self._stop.set()
        if self._server is not None:
            self._server.stop()

    # --- what is said

    def _own(self) -> Own:
        air = self._on_air()
        if air is None:
            return Own(ready=False)
        age_s = air.age_s(self._clock)
        ready = air.engine == "ok" and air.air is not None and age_s < STALE_S
        if self.second is not None and not self._followed.exists():
            # Whatever plan lies here, it is not the store's.
            ready = False
        trouble = ""
        if age_s >= STALE_S:
            trouble = "conductor"
        elif air.engine == "lost":
            trouble = "engine"
        elif air.rung == "alert" or self._silent_for_s(air) >= self._silent_most_s(air) - SILENT_S:
            trouble = "silent"
        hears = air.hearing.ear == "ok" and not _explained(air)
        calling = air.call.kind if air.call else ""
        return Own(ready, trouble if self._is_open() else "", hears, calling, mute=_explained(air))

    def _silent_for_s(self, air: OnAir) -> float:
        """Seconds for which it was silent against the plan, or nobody can hear a call."""
        if air.call is None or not _explained(air):
            self._call_mute_since = None
            return air.dead_air_s
        # The ladder rests while somebody calls.
        self._call_mute_since = since = self._call_mute_since or monotonic()
        return monotonic() - since

    def _silent_most_s(self, air: OnAir) -> float:
        """How long it may be silent until the other has the air.

        A silence that nothing here can end, the PC is muted or has no output, is not waited out; any other must be as
        long as what this store takes for silence.
        """
        if air.air is None or _explained(air):
            return max(self.rules.after, LEAST_SILENCE_S)
        return max(self.rules.after, air.air.plan.station.ear.silent_after, LEAST_SILENCE_S)

    def _is_open(self) -> bool:
        return self.gate.phase(self._clock.now()) == "open"

    def word(self) -> Word:
        """What this PC says of itself now."""
        own = self._own()
        with self._lock:
            return Word(
                role=self.rules.role, boot=self._boot, now=self._clock.now(), on_air=self._is_open(), ready=own.ready,
                trouble=own.trouble, opens_at=self.main.opens_at if self.main else None,
                closes_at=self.second.closes_at if self.second else None, mark=self._mark, calling=own.calling,
            )  # fmt: skip

    def _answer(self, path: str, body: dict[str, Any]) -> dict[str, Any] | Path | None:
        if path == "/hello":
            return {}
        if path == "/pulse":
            # Who asks says what he does: so that the one who is about to begin is not taken for silent.
            self._hear(_word_of(body["word"]))
            return {"word": _plain(self.word()), "spots": self._spots_since_told(body.get("since"))}
        if path == "/tables" and self.main is not None:
            return {"tables": dump_tables(self._home.database)}
        if path == "/files" and self.main is not None:
            return {"files": self._files.all()}
        name = path.removeprefix("/file/")
        if self.main is not None and name != path and name in self._files.names:
            return self._home.root / name
        return None

    def _spots_since_told(self, since: str | None) -> list[dict[str, Any]] | None:
        if since is None:
            return []
        try:
            return spots_changed(self._database, self._zone, datetime.fromisoformat(since))
        except (BroadcasterError, ValueError) as error:
            log.warning("the log can't be told to the other PC: %s", error)
            return None

    # --- what is heard

    def _hear(self, word: Word) -> None:
        if word.role == self.rules.role:
            self._refusal = f"两台都设成了 {word.role} / both PCs are set up as {word.role}"
            return
        with self._lock:
            before = self._heard.word if self._heard else None
            if before is not None and word.boot != before.boot:
                self._offsets.forget()
            late_s = (before.now - word.now).total_seconds() if before is not None else 0.0
            # By two ways an older word may come later; one that is much older is of a clock that was set back.
            if before is None or word.boot != before.boot or not 0 < late_s < OVERTAKEN_S:
                self._heard = Heard(word, monotonic())
            self._refusal = ""

    def _ask_on(self, link: LinkClient) -> None:
        while not self._stop.is_set():
            try:
                self._ask(link)
                self._failures = 0
            except Troubles as error:
                self._failures += 1
                if "token" in str(error):
                    self._refusal = str(error)
                log.debug("the other PC does not answer: %s", error)
            except Exception:
                # The outermost turn of this thread: a word that nobody foresaw is none.
                log.exception("asking the other PC failed")
            self._stop.wait(ASK_EVERY_S)

    def _ask(self, link: LinkClient) -> None:
        since = self._spots_since
        sent, begun = self._clock.now(), monotonic()
        body = {"word": _plain(self.word()), "since": since.isoformat()}
        # The first asking brings days of spots.
        told = link.ask("/pulse", body)
        trip_s = monotonic() - begun
        word = _word_of(told["word"])
        self._hear(word)
        if self.second is not None:
            self._follow_clock(sent, word.now, trip_s)
        spots = told.get("spots")
        if spots is not None:
            self._take_spots(spots)
            self._spots_since = word.now - timedelta(seconds=5)

    def _take_spots(self, spots: Sequence[dict[str, Any]]) -> None:
        days = merge_spots(self._database, self._zone, spots)
        if days and days[0] < self._clock.now().date() - timedelta(days=1):
            # Whose turn it is goes by what aired: the second PC reckons with what the main one aired.
            self._renew_days()

    def _follow_clock(self, sent: datetime, told: datetime, trip_s: float) -> None:
        clock, second = self._clock, self.second
        if not isinstance(clock, FollowingClock) or second is None:
            return
        self._offsets.add(sent, told, trip_s)
        if not self._offsets.known or second.state != "standing-by":
            # What sounds must not jump.
            return
        by_s = self._offsets.offset_s
        if abs(by_s) > 0.002:
            if abs(by_s) > 0.5:
                decided("standby-clock", by_s=by_s)
            clock.offset_s += by_s
            self._offsets.forget()

    # --- the turn

    def _turn_on(self) -> None:
        while not self._stop.wait(TURN_S):
            try:
                self.turn()
            except Exception:
                # The outermost turn of this thread: the gate stays as it is.
                log.exception("the standby's turn failed")

    def turn(self) -> None:
        """Judge what is known, and have the conductor open or shut."""
        now, mono, own = self._clock.now(), monotonic(), self._own()
        with self._lock:
            if self.main is not None:
                if (self._home.run / "standby-back").exists():
                    (self._home.run / "standby-back").unlink(missing_ok=True)
                    self.main.take_back()
                gate = self.main.turn(
                    now, mono, own, self._heard, self._failures, max(self.rules.after, FRESH_S), self._best
                )
                state: str = self.main.state
                why = self.main.held
            else:
                assert self.second is not None
                gate = self.second.turn(
                    now, mono, own, self._heard, self.rules.after, cut_off=self._cut_off,
                    offset_s=self._offsets.offset_s,
                )  # fmt: skip
                state, why = self.second.state, self.second.why
            changed, self.gate = gate != self.gate, gate
        if changed:
            self._take_gate(gate)
        self._tell(state, why, mono)

    def _tell(self, state: str, why: str, mono: float) -> None:
        heard = self._heard
        fresh = heard is not None and mono - heard.at <= max(FRESH_S, self.rules.after)
        if fresh:
            self._lost_since = None
        elif self._lost_since is None:
            self._lost_since = mono
        told = {"role": self.rules.role, "state": state, "why": why, "other_answers": fresh, "refusal": self._refusal}
        if told == self._told:
            return
        if state != self._told.get("state"):
            last_s = mono - heard.at if heard is not None else None
            decided(f"standby-{state}", role=self.rules.role, why=why, last_word_s=last_s)
        self._told = told
        try:
            write_whole(self._home.run / "standby.json", json.dumps(told, ensure_ascii=False), durable=False)
        except OSError as error:
            log.warning("the standby's state can't be written: %s", error)

    def _was_on_air(self) -> bool:
        try:
            told = json.loads((self._home.run / "standby.json").read_text(encoding="utf-8"))
            return bool(told.get("state") == "on-air" and told.get("role") == "second")
        except (OSError, ValueError, AttributeError):
            return False

    # --- following

    def _mark_on(self) -> None:
        while not self._stop.is_set():
            try:
                if self.main is not None:
                    self._mark = f"{self._files.mark()} {mark_of(dump_tables(self._home.database))}"
            except Troubles as error:
                log.warning("what the second PC should fetch can't be told: %s", error)
            except Exception:
                log.exception("looking for changes failed")
            self._stop.wait(MARK_EVERY_S)

    def _follow_on(self) -> None:
        follower, link = Follower(self._home), LinkClient(self.rules.peer, self.rules.token)
        while not self._stop.wait(TURN_S * 5):
            heard, mono = self._heard, monotonic()
            second = self.second
            if heard is None or mono - heard.at > FRESH_S or second is None or second.state != "standing-by":
                continue
            if not heard.word.mark:
                continue
            if heard.word.mark == self._followed_mark and mono - self._followed_at < FOLLOW_EVERY_S:
                continue
            try:
                follower.follow(link, fetch_list(link))
                tables = link.ask("/tables", timeout_s=60.0)["tables"]
                if changed := apply_tables(self._home.database, tables, self._home.media.absolute()):
                    self._renew(changed)
                self._followed_mark, self._followed_at = heard.word.mark, mono
                self._followed.touch()
            except Troubles as error:
                log.warning("the main PC can't be followed: %s", error)
                self._stop.wait(5.0)
            except Exception:
                log.exception("following the main PC failed")
                self._stop.wait(5.0)

    def _network_on(self) -> None:
        links = [LinkClient(one, self.rules.token) for one in (self.rules.peer, *self.rules.also)]
        peers = [(one.host, one.port) for one in links]
        while not self._stop.wait(0.5):
            heard = self._heard
            if heard is not None and monotonic() - heard.at < 1.0:
                self._cut_off = False
                continue
            try:
                self._cut_off = is_cut_off(peers, self.rules.arbiter)
            except Exception:
                log.exception("looking at the network failed")

    # --- what is told to people

    def causes(self, now: datetime) -> Sequence[Cause]:
        """See :class:`broadcaster.ops.causes.Source`."""
        found = []
        heard, mono = self._heard, monotonic()
        second_sounds = self.second is not None and self.second.state == "on-air"
        if self.main is not None and heard is not None and mono - heard.at <= FRESH_S:
            second_sounds = heard.word.on_air
        if second_sounds:
            held = self.main.held if self.main is not None else ""
            more = "主机修好后请重启主机程序" if held else ""
            found.append(cause("standby-on-air", f"备机正在播出 {more}".strip(), "the second PC is on air"))
        if self._lost_since is not None or self._refusal:
            why = self._refusal or "联系不上另一台电脑 / the other PC can't be reached"
            zh, _, en = why.partition(" / ")
            found.append(cause("standby-lost", zh, en or why))
        return found

    def document(self) -> dict[str, Any]:
        """For ``status``."""
        return dict(self._told)


def _explained(air: OnAir) -> bool:
    """Whether the PC itself is silent, whatever is played: somebody muted it, or it has no output."""
    return air.hearing.muted or air.hearing.output_gone


def _plain(word: Word) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in asdict(word).items()}


def _word_of(told: dict[str, Any]) -> Word:
    """Raises ``LinkError`` for what is no word."""
    try:
        instants = {name: datetime.fromisoformat(told[name]) for name in ("now", "opens_at", "closes_at") if told[name]}
        if told["calling"] not in ("", "live", "emergency"):
            raise ValueError(told["calling"])
        return Word(**{**told, **instants})
    except (KeyError, TypeError, ValueError) as error:
        raise LinkError(f"the other PC speaks otherwise; both need the same version ({error})") from error

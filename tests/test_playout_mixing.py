"""Ducking: whatever happens, the bed comes back; it is never raised; the deepest hold holds."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from broadcaster.playout.ducking import Ducking
from broadcaster.playout.mixing import Hold, Mix
from broadcaster.playout.protocol import SILENT_DB, Command, Duck
from tests.fake_engine import FakeEngine, Tape


@dataclass(frozen=True)
class Step:
    """Something that happens ``after_s`` later: a hold, a release, or nothing but a turn."""

    after_s: float
    what: str
    holder: str
    depth_db: float
    length_s: float


steps = st.lists(
    st.builds(
        Step,
        st.floats(0.0, 20.0),
        st.sampled_from(["hold", "release", "turn", "lost"]),
        st.sampled_from(["a", "b", "between"]),
        st.floats(SILENT_DB - 10, 6.0),
        st.floats(0.1, 30.0),
    ),
    max_size=30,
)


class Desk:
    """Ducking with an engine in virtual time that obeys it."""

    def __init__(self) -> None:
        self.now = 0.0
        self.ducking = Ducking()
        self.expected: dict[str, tuple[float, float]] = {}
        self.commands: list[Command] = []

    def do(self, step: Step) -> None:
        self.now += step.after_s
        commands = self.ducking.turn(self.now, 1.5)
        if step.what == "hold":
            hold = Hold(step.holder, step.depth_db, self.now + 0.5, self.now + step.length_s)
            commands += self.ducking.hold(hold, 0.5)
            self.expected[step.holder] = (step.depth_db, self.now + step.length_s)
        elif step.what == "release":
            commands += self.ducking.release(step.holder, 1.5)
            self.expected.pop(step.holder, None)
        elif step.what == "lost":
            self.commands.clear()
            commands += self.ducking.again()
        self.commands += commands
        self.expected = {name: hold for name, hold in self.expected.items() if hold[1] > self.now}

    @property
    def deepest_db(self) -> float:
        return max(min([0.0, *(depth_db for depth_db, _ in self.expected.values())]), SILENT_DB)

    @property
    def told_db(self) -> float:
        """What the engine was told last: a new one knows of nothing."""
        last = self.commands[-1] if self.commands else None
        return last.gain_db if isinstance(last, Duck) else 0.0


@given(steps)
def test_at_every_moment_the_engine_was_told_the_deepest_hold(happens: list[Step]) -> None:
    desk = Desk()
    for step in happens:
        desk.do(step)
        assert desk.told_db == desk.ducking.depth_db == desk.deepest_db
        assert desk.told_db <= 0.0


@given(steps)
def test_left_alone_every_duck_ends_in_a_restore(happens: list[Step]) -> None:
    desk = Desk()
    for step in happens:
        desk.do(step)
    desk.do(Step(30.1, "turn", "", 0.0, 0.0))
    assert desk.told_db == desk.ducking.depth_db == 0.0


@given(steps)
def test_what_is_heard_comes_back_up_by_the_release(happens: list[Step]) -> None:
    desk = Desk()
    engine = FakeEngine(lambda: desk.now, Tape())
    engine.run_to(1.0)
    for step in [*happens, Step(30.1, "turn", "", 0.0, 0.0)]:
        if step.what != "lost":
            before = len(desk.commands)
            desk.do(step)
            for command in desk.commands[before:]:
                engine.send(command)
            assert engine.bus_db("bed", desk.now) <= 0.0
    assert engine.bus_db("bed", desk.now + 2.0) == 0.0


def test_a_holder_has_one_hold_and_lets_go_once() -> None:
    mix = Mix().held(Hold("a", -14.0, 0.0, 9.0)).held(Hold("a", -20.0, 0.0, 9.0)).held(Hold("b", -10.0, 0.0, 5.0))
    assert mix.depth_db == -20.0
    assert mix.released("a").depth_db == -10.0
    assert mix.released("a").at(5.0).holds == ()

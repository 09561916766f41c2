"""Several components in the real shell: people, watchers, timers and attempts that answer at once, in any order.

What an attempt does when it is told something (begin, leave, time out, abort) is drawn: nothing yet, or at once, from
within that very call. So is what a watcher does to a component in the midst of a transition.

`WAMPSUP_LONG=1` looks at twenty times as many fleets.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from support.fleets import PROBLEM, FleetInMemory, spec
from support.logged import LoggedErrors
from wampsup.model import event as ev
from wampsup.model import outcome as out
from wampsup.model.spec import UNLIMITED, Backoff, RestartPolicy
from wampsup.model.state import Connecting, Running, Stopped, Waiting

if TYPE_CHECKING:
    from support.attempts import TwinAttempt
    from wampsup.core.component import Component
    from wampsup.runtime.unit import Unit

LONG = bool(os.environ.get("WAMPSUP_LONG"))
pytestmark = pytest.mark.timeout(0 if LONG else 600)  # to shrink a failure takes minutes
SETTINGS = settings(
    max_examples=2_000 if LONG else 100,
    stateful_step_count=50,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)

NAMES = ("a", "b", "c", "d", "e", "f")
ENDS = (out.Completed(), out.Left(), out.Lost(problem=PROBLEM), out.Failed(problem=PROBLEM), out.Fatal(problem=PROBLEM))
POLICY = RestartPolicy(
    policy="always", max_restarts=UNLIMITED, backoff=Backoff(initial_delay=1, max_delay=4, growth=2, jitter=0.5)
)

names = st.sampled_from(NAMES)
commands = st.sampled_from([ev.Start(), ev.Start(), ev.Restart(), ev.Stop(), ev.Stop(at_once=True)])
answers = st.sampled_from(["nothing", "nothing", "ready", "end", "end slowly", "ready and end", "finish"])
Answer = tuple[str, out.Outcome]
Whim = tuple[str | None, ev.Command]
"""A command to a component; `None` is the one that is watched."""


class Fleets(RuleBasedStateMachine):
    """A fleet of six, and `answers` and `whims`, which attempts and watchers use up one by one."""

    @initialize(window=st.integers(1, 4))
    def begins(self, window: int) -> None:
        self.logged = LoggedErrors()
        self.window = window
        self.answers: list[Answer] = []
        self.whims: list[Whim | None] = []
        self.memory = FleetInMemory(
            [spec(name, restart=POLICY) for name in NAMES], start_window=window, told=self.is_told
        )
        self.fleet = self.memory.fleet
        self.fleet.watch(self.watches)
        self.ended: list[int] = []
        self.fleet.wait_ended().addCallback(self.ended.append)
        self.fleet.start()

    def is_told(self, _name: str, attempt: TwinAttempt, _what: str) -> None:
        if self.answers:
            self.answer(attempt, *self.answers.pop(0))

    def answer(self, attempt: TwinAttempt, how: str, outcome: out.Outcome) -> None:
        if "ready" in how:
            attempt.become_ready()
        if "end" in how:
            attempt.end(outcome, slowly="slowly" in how)
        if how == "finish":
            attempt.finish()

    def watches(self, unit: Unit, _before: Component, _after: Component, _cause: object) -> None:
        self.no_more_are_on_their_way_up_than_the_window_has_places()
        whim = self.whims.pop(0) if self.whims else None
        if whim is not None:
            self.fleet.command([self.fleet.units[whim[0] or unit.name]], whim[1])

    @rule(answers=st.lists(st.tuples(answers, st.sampled_from(ENDS)), min_size=1, max_size=6))
    def attempts_will_answer_at_once(self, answers: list[Answer]) -> None:
        self.answers = answers

    @rule(whims=st.lists(st.none() | st.tuples(names | st.none(), commands), min_size=1, max_size=8))
    def watchers_will_meddle(self, whims: list[Whim | None]) -> None:
        self.whims = whims

    @rule(chosen=st.lists(names, min_size=1, max_size=6, unique=True), event=commands)
    def a_person_commands(self, chosen: list[str], event: ev.Command) -> None:
        self.fleet.command(self.fleet.select(chosen), event)

    @rule(name=names, how=answers, outcome=st.sampled_from(ENDS))
    def something_happens_to_an_attempt(self, name: str, how: str, outcome: out.Outcome) -> None:
        if name in self.memory.alive:
            self.answer(self.memory.alive[name], how, outcome)

    @rule(outcome=st.sampled_from(ENDS))
    def the_router_drops_all(self, outcome: out.Outcome) -> None:
        for attempt in self.memory.alive.values():
            attempt.end(outcome)

    @rule(seconds=st.sampled_from([0.1, 1.0, 5.0, 30.0]))
    def time_passes(self, seconds: float) -> None:
        self.memory.clock.advance(seconds)

    @invariant()
    def no_more_are_on_their_way_up_than_the_window_has_places(self) -> None:
        connecting = [unit for unit in self.units() if isinstance(unit.component.state, Connecting)]
        assert len(connecting) <= self.window

    @invariant()
    def nobody_waits_while_there_is_a_place(self) -> None:
        states = [unit.component.state for unit in self.units()]
        full = sum(isinstance(state, Connecting) for state in states) == self.window
        assert full or not any(isinstance(state, Waiting) for state in states)

    @invariant()
    def each_has_the_timer_and_the_attempt_of_its_state(self) -> None:
        due = sorted(unit.component.due for unit in self.units() if unit.component.due is not None)
        assert self.timers() == pytest.approx(due)
        attempts = {name: attempt.number for name, attempt in self.memory.alive.items()}
        assert attempts == {unit.name: unit.component.attempt for unit in self.units() if unit.component.attempt}

    def timers(self) -> list[float]:
        calls: list[Any] = list(self.memory.clock.getDelayedCalls())
        return sorted(call.getTime() for call in calls)

    def units(self) -> list[Unit]:
        return list(self.fleet.units.values())

    def teardown(self) -> None:
        if not hasattr(self, "memory"):
            return
        self.answers, self.whims = [], []
        self.everybody_has_a_turn()
        self.fleet.shutdown()
        for attempt in self.memory.alive.values():
            assert self.ended == []
            attempt.finish()
        assert all(isinstance(unit.component.state, Stopped) for unit in self.units())
        assert (self.ended, self.memory.alive, self.memory.clock.getDelayedCalls()) == ([0], {}, [])
        for made in self.memory.attempts.made.values():
            assert all(attempt.over for attempt in made)
            assert [attempt.number for attempt in made] == list(range(1, len(made) + 1))
        self.logged.close()

    def everybody_has_a_turn(self) -> None:
        """Whoever is wanted runs before long in a world that lets it."""
        self.fleet.command(self.units(), ev.Start())
        for _ in range(6 * len(NAMES)):
            for attempt in self.memory.alive.values():
                attempt.become_ready()
                attempt.finish()
            if times := self.timers():
                self.memory.clock.advance(max(times[0] - self.memory.clock.seconds(), 0))
        assert all(isinstance(unit.component.state, Running) for unit in self.units())


def test_no_order_of_events_breaks_a_fleet() -> None:
    run_state_machine_as_test(Fleets, settings=SETTINGS)

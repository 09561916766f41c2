"""Any order of events: a person, timers and the world do what they like to one component, and nothing goes wrong.

`WAMPSUP_LONG=1` looks at a hundred times as many lives.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from support.components import JOINED
from support.world import RESTING, World, name_of
from wampsup.core.component import Policy
from wampsup.model import event as ev
from wampsup.model import outcome as out
from wampsup.model.spec import Backoff, RestartPolicy, RetryPolicy
from wampsup.model.state import STATE_NAMES, Kind, Problem, Running, Stopped

if TYPE_CHECKING:
    from support.attempts import TwinAttempt

LONG = bool(os.environ.get("WAMPSUP_LONG"))
pytestmark = pytest.mark.timeout(0 if LONG else 600)  # to shrink a failure takes minutes
SETTINGS = settings(
    max_examples=12_000 if LONG else 120,
    stateful_step_count=80,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)

seconds = st.sampled_from([0.001, 0.5, 1.0, 10.0, 60.0]) | st.floats(0.001, 1000)
limits = st.sampled_from([-1, 0, 1, 2, 3])
noises = st.sampled_from([-1.0, 0.0, 1.0]) | st.floats(-1, 1)
backoffs = st.builds(
    Backoff,
    initial_delay=seconds,
    max_delay=seconds,
    growth=st.sampled_from([0.5, 1.0, 2.0, 10.0]),
    jitter=st.sampled_from([0.0, 0.1, 1.0]),
)
policies = st.builds(
    Policy,
    restart=st.builds(
        RestartPolicy,
        policy=st.sampled_from(["on-failure", "always", "never"]),
        backoff=backoffs,
        reset_after=seconds,
        max_restarts=limits,
        window=seconds,
    ),
    transports=st.lists(st.builds(RetryPolicy, max_retries=limits, backoff=backoffs), min_size=1, max_size=3).map(
        tuple
    ),
    start_timeout=seconds,
    stop_timeout=seconds,
)
problems = st.builds(Problem, kind=st.sampled_from(Kind), type=st.just("E"), message=st.text("abc", max_size=3))
ends = st.one_of(
    st.just(out.Completed()),
    st.just(out.Left()),
    st.builds(out.Lost, problem=problems),
    st.builds(out.Failed, problem=problems),
    st.builds(out.Fatal, problem=problems),
)
commands = st.sampled_from([ev.Start(), ev.Start(), ev.Restart(), ev.Stop(), ev.Stop(at_once=True)])


class Lives(RuleBasedStateMachine):
    """One component's life in a world that keeps its promises and no order beyond them."""

    pairs: ClassVar[set[tuple[str, str]]] = set()

    @initialize(policy=policies)
    def is_born(self, policy: Policy) -> None:
        self.world = World(policy)
        self.refused_in: set[str] = set()

    @property
    def attempt(self) -> TwinAttempt | None:
        return self.world.attempt

    @rule(event=commands)
    def a_person_commands(self, event: ev.Event) -> None:
        self.world.handle(event)

    @rule(events=st.lists(commands, min_size=2, max_size=4))
    def a_person_is_of_two_minds(self, events: list[ev.Event]) -> None:
        for event in events:
            self.world.handle(event)

    @precondition(lambda self: self.attempt is None and not isinstance(self.world.component.state, Stopped))
    @rule(event=commands)
    def a_person_looks_after_what_has_ended(self, event: ev.Event) -> None:
        self.world.handle(event)

    @precondition(lambda self: self.world.queued)
    @rule()
    def the_fleet_admits_it(self) -> None:
        self.world.admit()

    @precondition(lambda self: self.attempt and self.attempt.outcome is None and not self.attempt.ready)
    @rule()
    def the_attempt_becomes_ready(self) -> None:
        assert self.attempt is not None
        self.attempt.become_ready()

    @precondition(lambda self: self.attempt and self.attempt.outcome is None)
    @rule(outcome=ends, slowly=st.booleans())
    def the_attempt_ends_by_itself(self, outcome: out.Outcome, slowly: bool) -> None:  # noqa: FBT001 - drawn
        assert self.attempt is not None
        self.attempt.end(outcome, slowly=slowly)

    @precondition(lambda self: self.attempt and self.attempt.outcome is None)
    @rule(outcome=ends)
    def the_attempt_begins_to_go_down(self, outcome: out.Outcome) -> None:
        assert self.attempt is not None
        self.attempt.end(outcome, slowly=True)
        self.all_reports_are_handled(0.0)

    @precondition(lambda self: self.attempt and self.attempt.must_end)
    @rule()
    def the_attempt_is_over(self) -> None:
        assert self.attempt is not None
        self.attempt.finish()

    @precondition(lambda self: self.world.queued)
    @rule(outcome=ends, ready=st.booleans(), noise=noises)
    def an_attempt_takes_its_course(self, outcome: out.Outcome, ready: bool, noise: float) -> None:  # noqa: FBT001 - drawn
        self.world.admit()
        assert self.attempt is not None
        if ready:
            self.attempt.become_ready()
        self.attempt.end(outcome)
        self.all_reports_are_handled(noise)

    @rule(outcome=ends, ready=st.booleans(), times=st.integers(2, 6))
    def it_ends_the_same_way_again_and_again(self, outcome: out.Outcome, ready: bool, times: int) -> None:  # noqa: FBT001 - drawn
        for _ in range(times):
            while not self.is_up(ready=ready) and self.world.go_on():
                pass
            if self.attempt is not None:
                self.attempt.end(outcome)
                self.all_reports_are_handled(0.0)

    def is_up(self, *, ready: bool) -> bool:
        return self.attempt is not None and self.attempt.outcome is None and (self.attempt.ready or not ready)

    @precondition(lambda self: self.world.inbox)
    @rule(noise=noises)
    def a_report_is_handled(self, noise: float) -> None:
        self.world.deliver(noise)

    @precondition(lambda self: self.world.inbox)
    @rule(noise=noises)
    def reports_are_handled(self, noise: float) -> None:
        self.all_reports_are_handled(noise)

    def all_reports_are_handled(self, noise: float) -> None:
        while self.world.inbox:
            self.world.deliver(noise)

    @precondition(lambda self: self.world.component.due is not None)
    @rule(late=st.sampled_from([0.0, 0.0, 0.5, 1e6]))
    def the_timer_fires(self, late: float) -> None:
        assert self.world.component.due is not None
        self.world.now = max(self.world.now, self.world.component.due) + late
        self.world.handle(ev.Due())

    @rule(passed=seconds, timer=st.booleans())
    def time_passes(self, passed: float, timer: bool) -> None:  # noqa: FBT001 - drawn
        self.world.now += passed
        if timer:  # it may be stale, or early
            self.world.handle(ev.Due())

    @rule(steps=st.integers(1, 8))
    def the_world_is_fair_for_a_while(self, steps: int) -> None:
        for _ in range(steps):
            self.world.go_on()

    @invariant()
    def what_cannot_happen_is_refused(self) -> None:
        if self.world.component.state.name in self.refused_in:
            return
        self.refused_in.add(self.world.component.state.name)
        number = self.world.component.attempts
        for other in (number - 1, number, number + 1):
            if self.attempt is None or other != number:
                self.world.refuse(ev.Ready(attempt=other, joined=JOINED))
                self.world.refuse(ev.Ending(attempt=other))
                self.world.refuse(ev.Ended(attempt=other, outcome=out.Left()))
        if not self.world.queued:
            self.world.refuse(ev.Admitted())
        if isinstance(self.world.component.state, Running):
            self.world.refuse(ev.Ready(attempt=number, joined=JOINED))

    def teardown(self) -> None:
        if not hasattr(self, "world"):
            return
        self.world.settle()
        assert isinstance(self.world.component.state, RESTING)
        self.world.handle(ev.Stop())
        self.world.settle()
        assert isinstance(self.world.component.state, Stopped)
        assert (self.world.attempt, self.world.queued, self.world.component.due) == (None, False, None)
        assert self.world.replayed()
        type(self).pairs |= self.world.pairs


def test_no_order_of_events_breaks_a_component() -> None:
    run_state_machine_as_test(Lives, settings=SETTINGS)


def test_the_lives_visit_every_state_and_every_event_in_it() -> None:
    class Visited(Lives):
        pairs: ClassVar[set[tuple[str, str]]] = set()

    always_the_same = settings(SETTINGS, derandomize=True, database=None, max_examples=800)
    run_state_machine_as_test(Visited, settings=always_the_same)
    assert Visited.pairs == possible_pairs()


def possible_pairs() -> set[tuple[str, str]]:
    """Each state with each event that can happen in it.

    `main` runs from `Ready` on, so nothing completes before; and what ends as stopped was told to, so it is stopping.
    """
    anywhere: list[ev.Event] = [ev.Start(), ev.Stop(), ev.Stop(at_once=True), ev.Restart(), ev.Due()]
    pairs = {(state, name_of(event)) for state in STATE_NAMES for event in anywhere}
    by_itself = ["Ended(Left)", "Ended(Lost)", "Ended(Failed)", "Ended(Fatal)", "Ended(Completed)"]
    stopped = ["Ended(Stopped)", "Ended(Stopped late)"]
    pairs |= {("waiting", "Admitted")}
    pairs |= {("connecting", name) for name in ("Ready", "Ending", *by_itself)}
    pairs |= {("running", name) for name in ("Ending", *by_itself)}
    pairs |= {("stopping", name) for name in ("Ready", "Ending", *by_itself, *stopped)}
    return pairs

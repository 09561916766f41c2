"""One component in the shell: its one timer, its events in order, and the reports of its attempt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from support.fleets import PROBLEM, FleetInMemory, spec
from wampsup.model import event as ev
from wampsup.model import outcome as out
from wampsup.model.spec import Backoff, RestartPolicy

if TYPE_CHECKING:
    from support.attempts import TwinAttempt
    from support.logged import LoggedErrors
    from wampsup.core.component import Component
    from wampsup.runtime.unit import Unit

pytestmark = pytest.mark.usefixtures("logged_errors")

FAILED = out.Failed(problem=PROBLEM)
LOST = out.Lost(problem=PROBLEM)


def started(name: str = "a") -> tuple[FleetInMemory, Unit]:
    fleet = FleetInMemory([name])
    fleet.fleet.start()
    return fleet, fleet.fleet.units[name]


def timers(fleet: FleetInMemory) -> list[Any]:
    return list(fleet.clock.getDelayedCalls())


def due_times(fleet: FleetInMemory) -> list[float]:
    return [call.getTime() for call in timers(fleet)]


def test_a_new_component_has_no_timer() -> None:
    fleet = FleetInMemory(["a"])
    assert fleet.clock.getDelayedCalls() == []


def test_the_timer_follows_from_the_state() -> None:
    fleet, unit = started()
    assert due_times(fleet) == [30]
    fleet.alive["a"].become_ready()
    assert due_times(fleet) == []
    fleet.clock.advance(1)
    fleet.alive["a"].end(LOST)
    assert due_times(fleet) == [2]
    fleet.clock.advance(1)
    assert due_times(fleet) == [32]
    fleet.fleet.command([unit], ev.Stop())
    assert due_times(fleet) == [12]
    fleet.alive["a"].finish()
    assert due_times(fleet) == []


def test_an_event_that_changes_no_time_leaves_the_timer_alone() -> None:
    fleet, unit = started()
    [timer] = timers(fleet)
    fleet.fleet.command([unit], ev.Start())
    assert timers(fleet) == [timer]


def test_a_stray_timer_does_nothing() -> None:
    fleet, unit = started()
    unit.handle(ev.Due())
    assert (fleet.states, due_times(fleet)) == (["connecting"], [30])


def test_a_timer_that_comes_early_is_set_again() -> None:
    fleet, _ = started()
    [timer] = timers(fleet)
    timer.reset(0)  # as one whose clock went ahead
    fleet.clock.advance(0)
    assert (fleet.states, due_times(fleet)) == (["connecting"], [30])


def test_an_attempt_that_is_not_ready_in_time_is_timed_out() -> None:
    fleet, _ = started()
    fleet.clock.advance(30)
    assert fleet.alive["a"].orders == ["begin", "time_out"]
    fleet.alive["a"].finish()
    assert fleet.states == ["reconnecting"]


def test_an_attempt_that_does_not_leave_in_time_is_aborted() -> None:
    fleet, unit = started()
    fleet.fleet.command([unit], ev.Stop())
    fleet.clock.advance(10)
    assert fleet.alive["a"].orders == ["begin", "leave", "abort"]
    fleet.alive["a"].finish()
    assert fleet.states == ["stopped"]
    assert unit.component.last_error is not None
    assert unit.component.last_error.problem.message == "it did not leave in time"


def test_delays_are_spread_at_random() -> None:
    backoff = Backoff(initial_delay=10.0, max_delay=60.0, growth=1.0, jitter=0.5)
    fleet = FleetInMemory([spec(str(number), restart=RestartPolicy(backoff=backoff)) for number in range(20)])
    fleet.fleet.start()
    for attempt in fleet.alive.values():
        attempt.end(FAILED)
    delays = due_times(fleet)
    assert len(set(delays)) == 20
    assert all(5 <= delay <= 15 for delay in delays)


def test_an_attempt_may_report_from_within_every_method() -> None:
    def told(_name: str, attempt: TwinAttempt, what: str) -> None:
        if what == "begin":
            attempt.become_ready()
        else:
            attempt.finish()

    fleet = FleetInMemory(["a"], told=told)
    fleet.fleet.start()
    unit = fleet.fleet.units["a"]
    assert fleet.states == ["running"]
    fleet.fleet.command([unit], ev.Restart())
    assert (fleet.states, unit.component.attempts) == (["running"], 2)
    fleet.fleet.command([unit], ev.Stop())
    assert (fleet.states, fleet.clock.getDelayedCalls()) == (["stopped"], [])


def test_an_attempt_may_be_over_before_it_has_begun() -> None:
    fleet = FleetInMemory(["a"], told=lambda _name, attempt, _what: attempt.end(LOST))
    fleet.fleet.start()
    assert (fleet.states, due_times(fleet)) == (["reconnecting"], [1])


def test_events_that_come_up_while_one_is_handled_come_after_all_of_its_effects() -> None:
    fleet = FleetInMemory(["a"], told=lambda _name, attempt, _what: attempt.become_ready())

    def stop_it(unit: Unit, _before: Component, after: Component, _cause: object) -> None:
        if after.state.name == "connecting":
            fleet.fleet.command([unit], ev.Stop())

    fleet.fleet.watch(stop_it)
    fleet.fleet.start()
    # The stop is handled before the attempt's report: it had come up before.
    assert fleet.moves == ["a: stopped -> waiting", "a: waiting -> connecting", "a: connecting -> stopping"]
    assert fleet.alive["a"].orders == ["begin", "leave"]


def test_a_stop_that_crosses_its_admission_leaves_nothing_behind() -> None:
    fleet = FleetInMemory(["a", "b"], start_window=1)
    unwatch = fleet.fleet.watch(
        lambda unit, _before, after, _cause: (
            fleet.fleet.command([unit], ev.Stop()) if after.state.name == "waiting" else None
        )
    )
    fleet.fleet.command([fleet.fleet.units["a"]], ev.Start())
    assert fleet.alive["a"].orders == ["begin", "leave"]
    fleet.alive["a"].finish()
    assert (fleet.states, fleet.alive, fleet.clock.getDelayedCalls()) == (["stopped", "stopped"], {}, [])
    unwatch()
    fleet.fleet.command([fleet.fleet.units["b"]], ev.Start())
    assert fleet.states == ["stopped", "connecting"]


def test_a_stop_and_a_start_that_cross_an_admission_begin_one_attempt_in_one_place() -> None:
    fleet = FleetInMemory(["a", "b"], start_window=1)
    minds: list[ev.Stop | ev.Start] = [ev.Stop(), ev.Start()]

    def waver(unit: Unit, _before: Component, after: Component, _cause: object) -> None:
        if after.state.name == "waiting" and minds:
            for event in (minds.pop(0), minds.pop(0)):
                fleet.fleet.command([unit], event)

    fleet.fleet.watch(waver)
    fleet.fleet.start()
    assert (fleet.states, list(fleet.alive)) == (["stopping", "waiting"], ["a"])
    fleet.alive["a"].finish()
    assert (fleet.states, list(fleet.alive)) == (["waiting", "connecting"], ["b"])
    fleet.alive["b"].become_ready()
    assert fleet.states == ["connecting", "running"]


def test_an_event_that_cannot_happen_is_logged_and_dropped(logged_errors: LoggedErrors) -> None:
    fleet, unit = started()
    unit.handle(ev.Ending(attempt=99))
    assert fleet.states == ["connecting"]
    assert len(logged_errors.take("a bug of wampsup: the event is dropped")) == 1


def test_a_bug_in_an_attempt_is_a_failure_of_its_component_alone(logged_errors: LoggedErrors) -> None:
    def told(_name: str, attempt: TwinAttempt, what: str) -> None:
        if attempt.number == 1 and what == "begin":
            raise RuntimeError("not our day")
        if what == "abort":
            attempt.finish()

    fleet = FleetInMemory(["a", "b"], told=told)
    fleet.fleet.start()
    unit = fleet.fleet.units["a"]
    assert unit.component.state.name == "backoff"
    assert unit.component.last_error is not None
    assert unit.component.last_error.problem.message == "a bug of wampsup: not our day"
    assert len(logged_errors.take("a bug of wampsup: .*Begin.* failed")) == 2
    assert len(logged_errors.take("a bug of wampsup: the event is dropped")) == 2  # its end, as it was cut off
    fleet.clock.advance(2)
    assert unit.component.state.name == "connecting"


def test_watchers_see_the_component_before_and_after() -> None:
    fleet = FleetInMemory(["a"])
    seen: list[tuple[str, str, str]] = []
    unwatch = fleet.fleet.watch(
        lambda unit, before, after, _cause: seen.append((unit.name, before.state.name, after.state.name))
    )
    fleet.fleet.start()
    unwatch()
    fleet.alive["a"].become_ready()
    assert seen == [("a", "stopped", "waiting"), ("a", "waiting", "connecting")]

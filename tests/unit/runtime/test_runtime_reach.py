"""A command that waits until its components are where they should be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from twisted.internet.defer import CancelledError

from support.fleets import PROBLEM, FleetInMemory, spec
from wampsup.model import event as ev
from wampsup.model import outcome as out
from wampsup.model.spec import RestartPolicy
from wampsup.runtime.reach import Reached

if TYPE_CHECKING:
    from collections.abc import Sequence

pytestmark = pytest.mark.usefixtures("logged_errors")

NEVER = RestartPolicy(policy="never")
FAILED = out.Failed(problem=PROBLEM)
FATAL = out.Fatal(problem=PROBLEM)


def reach(
    fleet: FleetInMemory, event: ev.Start | ev.Stop | ev.Restart, patterns: Sequence[str] = ("*",), timeout: float = 5
) -> list[list[Reached]]:
    """Send `event`, and wait one turn; the answer, as soon as there is one, is all that the list has."""
    answers: list[list[Reached]] = []
    fleet.fleet.reach(fleet.fleet.select(patterns), event, timeout).addCallback(answers.append)
    fleet.clock.advance(0)
    return answers


def ok(name: str, state: str) -> Reached:
    return Reached(name=name, ok=True, state=state)


def test_a_start_waits_until_all_run() -> None:
    fleet = FleetInMemory(["a", "b"])
    answers = reach(fleet, ev.Start())
    fleet.alive["b"].become_ready()
    assert answers == []
    fleet.alive["a"].become_ready()
    fleet.clock.advance(0)
    assert answers == [[ok("a", "running"), ok("b", "running")]]
    assert fleet.clock.getDelayedCalls() == []


def test_a_start_of_what_runs_is_done_at_once() -> None:
    fleet = FleetInMemory(["a"])
    fleet.fleet.start()
    fleet.alive["a"].become_ready()
    assert reach(fleet, ev.Start()) == [[ok("a", "running")]]


def test_a_start_is_reached_by_what_completes_at_once() -> None:
    fleet = FleetInMemory(["a"], told=lambda _name, attempt, _what: attempt.end(out.Completed()))
    assert reach(fleet, ev.Start()) == [[ok("a", "completed")]]


def test_a_start_waits_through_a_failure_that_is_tried_again() -> None:
    fleet = FleetInMemory(["a"])
    answers = reach(fleet, ev.Start())
    fleet.alive["a"].end(FAILED)
    assert answers == []
    fleet.clock.advance(1)
    fleet.alive["a"].become_ready()
    fleet.clock.advance(0)
    assert answers == [[ok("a", "running")]]


@pytest.mark.parametrize(
    ("outcome", "state", "error"),
    [
        (FAILED, "failed", "ValueError: the kettle is dry; to try again: wampsup start a"),
        (FATAL, "fatal", "ValueError: the kettle is dry; after the fix: wampsup start a"),
    ],
)
def test_a_start_that_ends_badly_says_why(outcome: out.Outcome, state: str, error: str) -> None:
    fleet = FleetInMemory([spec("a", restart=NEVER)])
    answers = reach(fleet, ev.Start())
    fleet.alive["a"].end(outcome)
    fleet.clock.advance(0)
    assert answers == [[Reached(name="a", ok=False, state=state, error=error)]]
    assert fleet.clock.getDelayedCalls() == []


def test_a_start_that_a_person_stops_says_so() -> None:
    fleet = FleetInMemory(["a"])
    answers = reach(fleet, ev.Start())
    fleet.fleet.units["a"].handle(ev.Stop())
    fleet.alive["a"].finish()
    fleet.clock.advance(0)
    assert answers == [[Reached(name="a", ok=False, state="stopped", error="stopped by a person")]]


def test_a_start_that_takes_too_long_says_what_it_is_doing() -> None:
    fleet = FleetInMemory(["a", "b"])
    answers = reach(fleet, ev.Start(), timeout=0.5)
    fleet.alive["b"].become_ready()
    fleet.clock.advance(0.5)
    assert answers == [[Reached(name="a", ok=False, state="connecting", timed_out=True), ok("b", "running")]]


def test_a_start_that_takes_too_long_says_what_went_wrong() -> None:
    fleet = FleetInMemory(["a"])
    answers = reach(fleet, ev.Start(), timeout=0.5)
    fleet.alive["a"].end(FAILED)
    fleet.clock.advance(0.5)
    error = "ValueError: the kettle is dry; next try in 0.5 s (1 of 5)"
    assert answers == [[Reached(name="a", ok=False, state="backoff", error=error, timed_out=True)]]


def test_what_comes_after_the_answer_is_of_no_interest() -> None:
    fleet = FleetInMemory(["a"])
    answers = reach(fleet, ev.Start(), timeout=0.5)
    fleet.clock.advance(1)
    fleet.alive["a"].become_ready()
    assert [len(answer) for answer in answers] == [1]


def test_a_stop_waits_until_nothing_is_left() -> None:
    fleet = FleetInMemory(["a", "b"])
    fleet.fleet.start()
    answers = reach(fleet, ev.Stop())
    for attempt in fleet.alive.values():
        assert answers == []
        attempt.finish()
    fleet.clock.advance(0)
    assert answers == [[ok("a", "stopped"), ok("b", "stopped")]]


def test_a_stop_of_what_is_stopped_is_done_at_once() -> None:
    assert reach(FleetInMemory(["a"]), ev.Stop()) == [[ok("a", "stopped")]]


def test_a_stop_that_takes_too_long_says_so() -> None:
    fleet = FleetInMemory(["a"])
    fleet.fleet.start()
    answers = reach(fleet, ev.Stop(), timeout=2)
    fleet.clock.advance(2)
    error = "leaving, cut off in 8.0 s"
    assert answers == [[Reached(name="a", ok=False, state="stopping", error=error, timed_out=True)]]


def test_a_restart_waits_for_the_new_attempt() -> None:
    fleet = FleetInMemory(["a"])
    fleet.fleet.start()
    fleet.alive["a"].become_ready()
    answers = reach(fleet, ev.Restart())
    fleet.alive["a"].finish()
    assert (answers, fleet.states) == ([], ["connecting"])
    fleet.alive["a"].become_ready()
    fleet.clock.advance(0)
    assert answers == [[ok("a", "running")]]


def test_a_restart_starts_what_is_stopped_and_what_has_failed() -> None:
    fleet = FleetInMemory([spec("failed", restart=NEVER), spec("stopped", autostart=False)])
    fleet.fleet.start()
    fleet.alive["failed"].end(FAILED)
    answers = reach(fleet, ev.Restart())
    for attempt in fleet.alive.values():
        attempt.become_ready()
    fleet.clock.advance(0)
    assert answers == [[ok("failed", "running"), ok("stopped", "running")]]


def test_a_start_of_what_fails_in_the_turn_in_which_it_ran_is_not_reached() -> None:
    fleet = FleetInMemory([spec("a", restart=NEVER)])
    answers = reach(fleet, ev.Start())
    fleet.alive["a"].become_ready()
    fleet.alive["a"].end(FAILED, slowly=True)
    fleet.clock.advance(0)
    assert answers == []
    fleet.alive["a"].finish()
    fleet.clock.advance(0)
    error = "ValueError: the kettle is dry; to try again: wampsup start a"
    assert answers == [[Reached(name="a", ok=False, state="failed", error=error)]]


def test_nobody_is_told_who_does_not_wait_any_more() -> None:
    fleet = FleetInMemory(["a"])
    answer = fleet.fleet.reach(fleet.fleet.select(["a"]), ev.Start(), 60)
    answer.addErrback(lambda failure: failure.trap(CancelledError))
    fleet.alive["a"].become_ready()
    answer.cancel()
    fleet.clock.advance(0)
    assert fleet.clock.getDelayedCalls() == []


def test_a_command_to_nobody_is_done_at_once() -> None:
    assert reach(FleetInMemory(["a"]), ev.Start(), patterns=()) == [[]]

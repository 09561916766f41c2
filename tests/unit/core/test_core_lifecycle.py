"""Each state and each event: what becomes of the component, and what is to be done."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from support.components import (
    ATTEMPT,
    JOINED,
    LATE,
    NOW,
    OUTCOMES,
    POLICY,
    PROBLEM,
    STATES,
    after,
    component,
    effects_of,
    in_state,
)
from wampsup.core.lifecycle import IllegalEventError, step
from wampsup.model import effect as fx
from wampsup.model import event as ev
from wampsup.model import outcome as out
from wampsup.model.state import (
    Connecting,
    Desired,
    Joined,
    LastError,
    Running,
    Stopped,
    Stopping,
)

if TYPE_CHECKING:
    from wampsup.model.event import Event
    from wampsup.model.state import State

LEAVE = fx.Leave(attempt=ATTEMPT)
ABORT = fx.Abort(attempt=ATTEMPT, after=None)
READY = ev.Ready(attempt=ATTEMPT, joined=JOINED)
ENDING = ev.Ending(attempt=ATTEMPT)
LATER = ev.Stop(later=True)
HOLD = ev.Hold(by="requires:db")
GIVE_UP = ev.GiveUp(group="tills", member="pricing")


def ended(outcome: out.Outcome) -> ev.Ended:
    return ev.Ended(attempt=ATTEMPT, outcome=outcome)


FAILED = ended(out.Failed(problem=PROBLEM))
WHEN_DUE = NOW + 60

# State, event, the state after it, what is to be done. `Due` comes when every time has come.
TRANSITIONS: list[tuple[str, Event, str, list[fx.Effect]]] = [
    ("stopped", ev.Start(), "waiting", [fx.Enqueue()]),
    ("waiting", ev.Start(), "waiting", []),
    ("connecting", ev.Start(), "connecting", []),
    ("running", ev.Start(), "running", []),
    ("reconnecting", ev.Start(), "waiting", [fx.Enqueue()]),
    ("backoff", ev.Start(), "waiting", [fx.Enqueue()]),
    ("stopping", ev.Start(), "stopping", []),
    ("completed", ev.Start(), "waiting", [fx.Enqueue()]),
    ("failed", ev.Start(), "waiting", [fx.Enqueue()]),
    ("fatal", ev.Start(), "waiting", [fx.Enqueue()]),
    ("stopped", ev.Stop(), "stopped", []),
    ("waiting", ev.Stop(), "stopped", [fx.Dequeue()]),
    ("connecting", ev.Stop(), "stopping", [LEAVE]),
    ("running", ev.Stop(), "stopping", [LEAVE]),
    ("reconnecting", ev.Stop(), "stopped", []),
    ("backoff", ev.Stop(), "stopped", []),
    ("stopping", ev.Stop(), "stopping", []),
    ("completed", ev.Stop(), "stopped", []),
    ("failed", ev.Stop(), "stopped", []),
    ("fatal", ev.Stop(), "stopped", []),
    ("stopped", ev.Stop(at_once=True), "stopped", []),
    ("waiting", ev.Stop(at_once=True), "stopped", [fx.Dequeue()]),
    ("connecting", ev.Stop(at_once=True), "stopping", [ABORT]),
    ("running", ev.Stop(at_once=True), "stopping", [ABORT]),
    ("reconnecting", ev.Stop(at_once=True), "stopped", []),
    ("backoff", ev.Stop(at_once=True), "stopped", []),
    ("stopping", ev.Stop(at_once=True), "stopping", [ABORT]),
    ("completed", ev.Stop(at_once=True), "stopped", []),
    ("failed", ev.Stop(at_once=True), "stopped", []),
    ("fatal", ev.Stop(at_once=True), "stopped", []),
    ("stopped", LATER, "stopped", []),
    ("waiting", LATER, "stopped", [fx.Dequeue()]),
    ("connecting", LATER, "stopping", [LEAVE]),
    ("running", LATER, "running", []),
    ("reconnecting", LATER, "stopped", []),
    ("backoff", LATER, "stopped", []),
    ("stopping", LATER, "stopping", []),
    ("completed", LATER, "stopped", []),
    ("failed", LATER, "stopped", []),
    ("fatal", LATER, "stopped", []),
    ("stopped", ev.Restart(), "waiting", [fx.Enqueue()]),
    ("waiting", ev.Restart(), "waiting", []),
    ("connecting", ev.Restart(), "stopping", [LEAVE]),
    ("running", ev.Restart(), "stopping", [LEAVE]),
    ("reconnecting", ev.Restart(), "waiting", [fx.Enqueue()]),
    ("backoff", ev.Restart(), "waiting", [fx.Enqueue()]),
    ("stopping", ev.Restart(), "stopping", []),
    ("completed", ev.Restart(), "waiting", [fx.Enqueue()]),
    ("failed", ev.Restart(), "waiting", [fx.Enqueue()]),
    ("fatal", ev.Restart(), "waiting", [fx.Enqueue()]),
    ("stopped", HOLD, "stopped", []),
    ("waiting", HOLD, "waiting", []),
    ("connecting", HOLD, "stopping", [LEAVE]),
    ("running", HOLD, "stopping", [LEAVE]),
    ("reconnecting", HOLD, "waiting", [fx.Enqueue()]),
    ("backoff", HOLD, "waiting", [fx.Enqueue()]),
    ("stopping", HOLD, "stopping", []),
    ("completed", HOLD, "completed", []),
    ("failed", HOLD, "failed", []),
    ("fatal", HOLD, "fatal", []),
    ("stopped", GIVE_UP, "stopped", []),
    ("waiting", GIVE_UP, "failed", [fx.Dequeue()]),
    ("connecting", GIVE_UP, "stopping", [LEAVE]),
    ("running", GIVE_UP, "stopping", [LEAVE]),
    ("reconnecting", GIVE_UP, "failed", []),
    ("backoff", GIVE_UP, "failed", []),
    ("stopping", GIVE_UP, "stopping", []),
    ("completed", GIVE_UP, "completed", []),
    ("failed", GIVE_UP, "failed", []),
    ("fatal", GIVE_UP, "fatal", []),
    ("waiting", ev.Admitted(), "connecting", [fx.Begin(attempt=ATTEMPT + 1, transport=0)]),
    ("connecting", READY, "running", []),
    ("stopping", READY, "stopping", []),
    ("connecting", ENDING, "stopping", []),
    ("running", ENDING, "stopping", []),
    ("stopping", ENDING, "stopping", []),
    ("stopped", ev.Due(), "stopped", []),
    ("waiting", ev.Due(), "waiting", []),
    ("connecting", ev.Due(), "connecting", [fx.TimeOut(attempt=ATTEMPT, after=30.0)]),
    ("running", ev.Due(), "running", []),
    ("reconnecting", ev.Due(), "waiting", [fx.Enqueue()]),
    ("backoff", ev.Due(), "waiting", [fx.Enqueue()]),
    ("stopping", ev.Due(), "stopping", [fx.Abort(attempt=ATTEMPT, after=10.0)]),
    ("completed", ev.Due(), "completed", []),
    ("failed", ev.Due(), "failed", []),
    ("fatal", ev.Due(), "fatal", []),
    *[
        (state, ended(outcome), result, [])
        for state in ("connecting", "running", "stopping")
        for outcome, result in (
            (out.Completed(), "completed"),
            (out.Left(), "completed"),
            (out.Lost(problem=PROBLEM), "reconnecting"),
            (out.Failed(problem=PROBLEM), "backoff"),
            (out.Fatal(problem=PROBLEM), "fatal"),
        )
    ],
    ("stopping", ended(out.Stopped()), "waiting", [fx.Enqueue()]),
    ("stopping", ended(out.Stopped(problem=LATE)), "waiting", [fx.Enqueue()]),
]

EVENTS: tuple[Event, ...] = (
    ev.Start(),
    ev.Stop(),
    ev.Stop(at_once=True),
    LATER,
    ev.Restart(),
    HOLD,
    GIVE_UP,
    ev.Admitted(),
    READY,
    ENDING,
    ev.Due(),
    *[ended(outcome) for outcome in OUTCOMES],
)
OF_ANOTHER_ATTEMPT: tuple[Event, ...] = (
    ev.Ready(attempt=ATTEMPT - 1, joined=JOINED),
    ev.Ending(attempt=ATTEMPT - 1),
    ev.Ended(attempt=ATTEMPT - 1, outcome=out.Completed()),
)
LEGAL = {(state, event) for state, event, _, _ in TRANSITIONS}
ILLEGAL = [
    (state, event) for state in STATES for event in (*EVENTS, *OF_ANOTHER_ATTEMPT) if (state.name, event) not in LEGAL
]


def short(value: object) -> str:
    outcome = getattr(value, "outcome", None)
    return (
        f"Ended({type(outcome).__name__})"
        if outcome
        else str(value if isinstance(value, str) else type(value).__name__)
    )


@pytest.mark.parametrize(("state", "event", "result", "effects"), TRANSITIONS, ids=short)
def test_each_event_leads_to_its_state_and_its_effects(
    state: str, event: Event, result: str, effects: list[fx.Effect]
) -> None:
    now = WHEN_DUE if isinstance(event, ev.Due) else NOW
    moved, done = step(component(in_state(state)), event, now)
    assert (moved.state.name, list(done)) == (result, effects)


@pytest.mark.parametrize(("state", "event"), ILLEGAL, ids=short)
def test_what_the_table_does_not_have_is_illegal_and_changes_nothing(state: State, event: Event) -> None:
    before = component(state)
    same = replace(before)
    with pytest.raises(IllegalEventError):
        step(before, event, NOW)
    assert before == same


def test_the_error_names_the_event_and_the_state() -> None:
    with pytest.raises(IllegalEventError, match=r"^Admitted\(\) in state Fatal\(since=1000\.0\)$"):
        step(component(in_state("fatal")), ev.Admitted(), NOW)


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.name)
def test_start_and_restart_want_it_up_and_stop_wants_it_down(state: State) -> None:
    assert after(component(state), ev.Start()).desired is Desired.UP
    assert after(component(state), ev.Restart()).desired is Desired.UP
    assert after(component(state), ev.Stop()).desired is Desired.DOWN
    assert after(component(state), ev.Stop(at_once=True)).desired is Desired.DOWN
    assert after(component(state), LATER).desired is Desired.DOWN


@pytest.mark.parametrize("event", [HOLD, GIVE_UP], ids=short)
@pytest.mark.parametrize("state", STATES, ids=lambda state: state.name)
def test_what_others_need_changes_nothing_about_what_is_wanted(state: State, event: Event) -> None:
    assert after(component(state), event).desired is component(state).desired


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.name)
def test_nothing_is_due_before_its_time(state: State) -> None:
    before = component(state)
    assert step(before, ev.Due(), NOW + 4) == (before, ())


def test_a_new_component_is_stopped_and_not_wanted() -> None:
    start = component(in_state("stopped"))
    assert (start.desired, start.due, start.attempt) == (Desired.DOWN, None, None)


def test_an_attempt_gets_the_next_number_and_a_deadline() -> None:
    begun = after(component(in_state("waiting")), ev.Admitted(), now=NOW + 1)
    assert begun.state == Connecting(since=NOW + 1, attempt=ATTEMPT + 1, deadline=NOW + 31)
    assert (begun.attempts, begun.tries, begun.due) == (ATTEMPT + 1, (1,), NOW + 31)


def test_a_ready_attempt_is_running_with_its_session_and_no_timer() -> None:
    joined = Joined(session_id=99, realm="r", transport="rs://x")
    running = after(component(in_state("connecting")), ev.Ready(attempt=ATTEMPT, joined=joined), now=NOW + 2)
    assert running.state == Running(since=NOW + 2, attempt=ATTEMPT, joined=joined)
    assert running.due is None


def test_an_attempt_times_out_once() -> None:
    timed_out = after(component(in_state("connecting")), ev.Due(), now=WHEN_DUE)
    assert timed_out.due is None
    assert effects_of(timed_out, ev.Due(), WHEN_DUE + 1000) == []


def test_an_attempt_that_became_ready_as_it_timed_out_runs_until_its_end_is_reported() -> None:
    running = after(component(in_state("connecting")), ev.Due(), READY, now=WHEN_DUE)
    assert running.state.name == "running"
    assert after(running, FAILED).state.name == "backoff"


def test_leaving_is_aborted_once() -> None:
    aborted = after(component(in_state("stopping")), ev.Due(), now=WHEN_DUE)
    assert aborted.due is None
    assert effects_of(aborted, ev.Due(), WHEN_DUE + 1000) == []
    assert effects_of(aborted, ev.Stop(at_once=True)) == []


def test_a_second_stop_at_once_aborts_nothing_twice() -> None:
    first = after(component(in_state("running")), ev.Stop(at_once=True))
    assert first.due is None
    assert effects_of(first, ev.Stop(at_once=True)) == []


def test_a_stop_at_once_cuts_an_orderly_stop_short() -> None:
    stopping = after(component(in_state("running")), ev.Stop())
    assert effects_of(stopping, ev.Stop(at_once=True)) == [ABORT]


def test_a_patient_stop_after_one_at_once_changes_nothing() -> None:
    stopping = after(component(in_state("running")), ev.Stop(at_once=True))
    assert step(stopping, ev.Stop(), NOW + 1) == (stopping, ())


def test_leaving_remembers_how_long_it_ran() -> None:
    left = after(component(in_state("running")), ev.Stop(), now=NOW + 3)
    assert left.state == Stopping(since=NOW + 3, attempt=ATTEMPT, deadline=NOW + 13, ran_since=NOW, again=False)
    cut = after(component(in_state("connecting")), ev.Stop(), now=NOW + 3)
    assert cut.state == Stopping(since=NOW + 3, attempt=ATTEMPT, deadline=NOW + 13, ran_since=None, again=False)


@pytest.mark.parametrize("outcome", OUTCOMES, ids=lambda outcome: type(outcome).__name__)
@pytest.mark.parametrize("at_once", [False, True])
def test_after_a_stop_every_end_is_stopped(outcome: out.Outcome, at_once: bool) -> None:  # noqa: FBT001 - a table's value
    stopping = after(component(in_state("running")), ev.Stop(at_once=at_once))
    stopped, effects = step(stopping, ended(outcome), NOW + 1)
    assert (stopped.state, stopped.desired, effects) == (Stopped(since=NOW + 1), Desired.DOWN, ())


@pytest.mark.parametrize("outcome", OUTCOMES, ids=lambda outcome: type(outcome).__name__)
def test_one_that_is_to_stop_later_runs_until_it_is_told_again_and_then_every_end_is_stopped(
    outcome: out.Outcome,
) -> None:
    running = component(in_state("running"))
    later = after(running, LATER)
    assert later == replace(running, desired=Desired.DOWN, stopped_by="person")
    assert effects_of(later, ev.Stop()) == [LEAVE]
    for events in ((ended(outcome),), (ev.Stop(), ended(outcome))):
        assert after(later, *events).state == Stopped(since=NOW)
    assert after(later, ev.Start()) == running


@pytest.mark.parametrize("by", ["person", "shutdown", "reload", "group:tills"])
@pytest.mark.parametrize("state", STATES, ids=lambda state: state.name)
def test_who_wanted_it_down_is_kept(state: State, by: str) -> None:
    stopped = after(component(state), ev.Stop(by=by))
    assert stopped.stopped_by == by
    assert after(stopped, ev.Start()).stopped_by is None


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.name)
def test_the_first_who_wanted_it_down_is_kept_until_it_is_wanted_again(state: State) -> None:
    stopped = after(component(state), ev.Stop(by="group:tills"), ev.Stop(later=True), ev.Stop(by="shutdown"))
    assert stopped.stopped_by == "group:tills"
    assert after(stopped, ev.Start(), ev.Stop(by="shutdown")).stopped_by == "shutdown"


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.name)
def test_a_person_stops_for_good_also_what_a_reload_took_out(state: State) -> None:
    assert after(component(state), ev.Stop(by="reload"), ev.Stop()).stopped_by == "person"


@pytest.mark.parametrize("outcome", OUTCOMES, ids=lambda outcome: type(outcome).__name__)
@pytest.mark.parametrize("state", ["connecting", "running"])
def test_after_its_group_gave_up_every_end_is_a_failure(outcome: out.Outcome, state: str) -> None:
    leaving = after(component(in_state(state)), GIVE_UP)
    for told in (leaving, after(leaving, HOLD), after(component(in_state(state)), HOLD, GIVE_UP)):
        failed, effects = step(told, ended(outcome), NOW + 1)
        assert (failed.state.name, failed.desired, failed.given_up_with, effects) == (
            "failed",
            Desired.UP,
            "tills",
            (),
        )


def test_a_group_that_gives_up_overrules_a_restart_and_a_person_overrules_the_group() -> None:
    gone = ended(out.Stopped())
    running = component(in_state("running"))
    assert after(running, ev.Restart(), GIVE_UP, gone).state.name == "failed"
    assert after(running, GIVE_UP, ev.Stop(), gone).state.name == "stopped"
    for command in (ev.Start(), ev.Restart()):
        started = after(running, GIVE_UP, command, gone)
        assert (started.state.name, started.given_up_with) == ("waiting", None)


@pytest.mark.parametrize("state", ["connecting", "running"])
def test_one_that_was_held_waits_once_it_has_left(state: str) -> None:
    leaving = after(component(in_state(state)), HOLD)
    assert after(leaving, ended(out.Stopped())).state.name == "waiting"
    assert after(leaving, ended(out.Stopped(problem=LATE))).last_error == LastError(problem=LATE, at=NOW)


def test_one_that_fails_while_it_leaves_to_wait_is_counted_as_ever() -> None:
    leaving = after(component(in_state("running")), HOLD)
    assert after(leaving, FAILED).state.name == "backoff"
    assert after(leaving, ended(out.Fatal(problem=PROBLEM))).state.name == "fatal"


@pytest.mark.parametrize("outcome", [out.Completed(), out.Left(), out.Failed(problem=PROBLEM)], ids=short)
def test_a_restart_that_its_group_does_not_have_left_ends_it_as_failed(outcome: out.Outcome) -> None:
    always = replace(POLICY, restart=replace(POLICY.restart, policy="always"))
    spent = ev.Ended(attempt=ATTEMPT, outcome=outcome, spent="tills")
    failed = after(component(in_state("running"), always), spent)
    assert (failed.state.name, failed.given_up_with, failed.restarts) == ("failed", "tills", 0)


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        (out.Completed(), "completed"),
        (out.Lost(problem=PROBLEM), "reconnecting"),
        (out.Fatal(problem=PROBLEM), "fatal"),
    ],
    ids=short,
)
def test_what_needs_no_restart_does_not_ask_its_group_for_one(outcome: out.Outcome, state: str) -> None:
    over = after(component(in_state("running")), ev.Ended(attempt=ATTEMPT, outcome=outcome, spent="tills"))
    assert (over.state.name, over.given_up_with) == (state, None)


@pytest.mark.parametrize("outcome", OUTCOMES, ids=lambda outcome: type(outcome).__name__)
@pytest.mark.parametrize("state", ["connecting", "running"])
def test_after_a_restart_every_end_is_a_new_start(outcome: out.Outcome, state: str) -> None:
    leaving = after(component(in_state(state)), ev.Restart())
    again, effects = step(leaving, ended(outcome), NOW + 1)
    assert (again.state.name, again.desired, effects) == ("waiting", Desired.UP, (fx.Enqueue(),))


def test_the_last_word_counts_while_it_is_stopping() -> None:
    stopping = after(component(in_state("running")), ev.Stop())
    gone = ended(out.Stopped())
    assert after(stopping, ev.Start(), gone).state.name == "waiting"
    assert after(stopping, ev.Restart(), gone).state.name == "waiting"
    assert after(stopping, ev.Start(), ev.Stop(), gone).state.name == "stopped"
    assert after(stopping, ev.Start(), ev.Stop()).state == stopping.state
    assert after(stopping, ev.Restart(), ev.Stop(), ev.Start(), gone).state.name == "waiting"


def test_a_person_who_starts_what_goes_down_by_itself_gets_a_new_attempt() -> None:
    going = after(component(in_state("running")), ENDING, ev.Start())
    assert after(going, ended(out.Fatal(problem=PROBLEM))).state.name == "waiting"


def test_a_stop_that_crosses_the_attempts_own_end_is_kept() -> None:
    stopping = after(component(in_state("connecting")), ev.Stop())
    assert after(stopping, READY, ENDING, FAILED).state.name == "stopped"


@pytest.mark.parametrize("event", [ev.Due(), ev.Stop(), ev.Stop(at_once=True)], ids=short)
@pytest.mark.parametrize("state", STATES, ids=lambda state: state.name)
def test_what_a_person_stopped_stays_down_through_every_timer(state: State, event: Event) -> None:
    stopped = after(component(state), ev.Stop())
    for seconds in (0, 1, 30, 10_000):
        stopped, effects = step(stopped, event, NOW + seconds)
        assert stopped.desired is Desired.DOWN
        assert not any(isinstance(effect, fx.Enqueue | fx.Begin) for effect in effects)


@pytest.mark.parametrize(
    "outcome", [outcome for outcome in OUTCOMES if getattr(outcome, "problem", None)], ids=lambda o: type(o).__name__
)
def test_the_problem_of_every_end_is_the_last_error(outcome: out.Outcome) -> None:
    problem = getattr(outcome, "problem", None)
    assert problem in {PROBLEM, LATE}
    for event in (ev.Stop(), ev.Restart()):
        over = after(component(in_state("running")), event, ended(outcome), now=NOW + 2)
        assert over.last_error == LastError(problem=problem, at=NOW + 2)


def test_the_last_error_outlives_what_comes_later() -> None:
    failed = after(component(in_state("connecting"), POLICY), FAILED)
    later = after(failed, ev.Start(), ev.Admitted())
    number = later.attempts
    later = after(later, ev.Ready(attempt=number, joined=JOINED), ev.Ended(attempt=number, outcome=out.Completed()))
    assert later.state.name == "completed"
    assert later.last_error == LastError(problem=PROBLEM, at=NOW)
    assert after(later, ev.Stop()).last_error == later.last_error


def test_the_last_error_knows_over_which_transport_it_came() -> None:
    two = replace(POLICY, transports=POLICY.transports * 2)
    on_the_second = replace(component(in_state("connecting"), two), transport=1)
    lost = after(on_the_second, ended(out.Lost(problem=PROBLEM)))
    assert (lost.transport, lost.last_error) == (0, LastError(problem=PROBLEM, at=NOW, transport=1))


def test_a_restart_with_its_group_counts_and_a_hold_for_what_is_required_does_not() -> None:
    running = component(in_state("running"))
    assert after(running, ev.Hold(by="group:tills")).restarts == 1
    assert after(running, ev.Hold(by="requires:db")).restarts == 0

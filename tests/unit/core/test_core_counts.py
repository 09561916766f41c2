"""Restarts and reconnects: what counts, when it is given up, and when the counts begin anew."""

from __future__ import annotations

from dataclasses import replace

import pytest

from support.components import JOINED, NOW, POLICY, PROBLEM, RESTART, RETRY
from wampsup.core.backoff import LEAST_DELAY
from wampsup.core.component import Policy, new
from wampsup.core.lifecycle import JOIN_LASTS, step
from wampsup.model import effect as fx
from wampsup.model import event as ev
from wampsup.model import outcome as out
from wampsup.model.spec import UNLIMITED, Backoff, RetryPolicy
from wampsup.model.state import BackingOff, Reconnecting

FAILED = out.Failed(problem=PROBLEM)
LOST = out.Lost(problem=PROBLEM)


class Life:
    """A component and the time it is."""

    def __init__(self, policy: Policy = POLICY) -> None:
        self.now = NOW
        self.component = new(policy, self.now)
        self.do(ev.Start())

    def do(self, event: ev.Event) -> tuple[fx.Effect, ...]:
        self.component, effects = step(self.component, event, self.now)
        return effects

    @property
    def state(self) -> str:
        return self.component.state.name

    def attempt(self, outcome: out.Outcome, *, ran: float | None = None, noise: float = 0.0) -> None:
        """Wait for the next attempt; it runs for `ran` seconds (`None`: it never gets ready) and ends."""
        self.wait()
        self.do(ev.Admitted())
        number = self.component.attempts
        if ran is not None:
            self.do(ev.Ready(attempt=number, joined=JOINED))
            self.now += ran
        self.do(ev.Ended(attempt=number, outcome=outcome, noise=noise))

    def wait(self) -> None:
        """Until the next attempt is due."""
        if self.component.due is not None:
            self.now = self.component.due
            self.do(ev.Due())

    @property
    def delay(self) -> float:
        """How long the next attempt is put off."""
        state = self.component.state
        assert isinstance(state, Reconnecting | BackingOff)
        return state.next_attempt_at - state.since

    def delays(self, outcome: out.Outcome, times: int, *, ran: float | None = None) -> list[float]:
        """The delay after each of `times` attempts that ended so."""
        found = []
        for _ in range(times):
            self.attempt(outcome, ran=ran)
            found.append(self.delay)
        return found


def restarting(**changes: object) -> Policy:
    return replace(POLICY, restart=replace(RESTART, **changes))  # type: ignore[arg-type]  # any field of it


def over(*limits: int) -> Policy:
    return replace(POLICY, transports=tuple(replace(RETRY, max_retries=limit) for limit in limits))


@pytest.mark.parametrize("outcome", [out.Completed(), out.Left()])
@pytest.mark.parametrize(
    ("policy", "state"), [("always", "backoff"), ("on-failure", "completed"), ("never", "completed")]
)
def test_a_good_end_is_followed_as_the_policy_says(outcome: out.Outcome, policy: str, state: str) -> None:
    life = Life(restarting(policy=policy))
    life.attempt(outcome, ran=1)
    assert life.state == state


@pytest.mark.parametrize(("policy", "state"), [("always", "backoff"), ("on-failure", "backoff"), ("never", "failed")])
def test_a_failure_is_followed_as_the_policy_says(policy: str, state: str) -> None:
    life = Life(restarting(policy=policy))
    life.attempt(FAILED, ran=1)
    assert life.state == state


@pytest.mark.parametrize("policy", ["always", "on-failure", "never"])
def test_what_is_fatal_is_never_restarted(policy: str) -> None:
    life = Life(restarting(policy=policy))
    life.attempt(out.Fatal(problem=PROBLEM), ran=1)
    assert life.state == "fatal"


@pytest.mark.parametrize("policy", ["always", "on-failure", "never"])
def test_a_lost_connection_is_tried_again_whatever_the_restart_policy(policy: str) -> None:
    life = Life(restarting(policy=policy))
    life.attempt(LOST, ran=1)
    assert life.state == "reconnecting"


def test_failures_in_a_row_back_off_ever_longer_until_it_gives_up() -> None:
    life = Life()
    assert life.delays(FAILED, 5) == [1, 2, 4, 8, 16]
    life.attempt(FAILED)
    assert life.state == "failed"
    assert (life.component.restarts, life.component.attempts, life.component.due) == (5, 6, None)


def test_a_main_that_raises_for_ever_runs_four_times_in_four_seconds_at_most() -> None:
    life = Life(restarting(backoff=Backoff(initial_delay=0.5, max_delay=60, growth=2, jitter=0.1)))
    runs = []
    while life.state != "failed":
        life.attempt(FAILED, ran=0, noise=-1)
        runs.append(life.now - NOW)
    assert len([at for at in runs if at <= 4]) <= 4
    assert len(runs) == 6


def test_completing_again_and_again_is_given_up_as_well() -> None:
    life = Life(restarting(policy="always", max_restarts=2))
    life.delays(out.Completed(), 2, ran=1)
    life.attempt(out.Completed(), ran=1)
    assert life.state == "failed"
    assert life.component.last_error is None


def test_without_any_restart_allowed_the_first_failure_is_the_last() -> None:
    life = Life(restarting(max_restarts=0))
    life.attempt(FAILED)
    assert life.state == "failed"


def test_an_unlimited_number_of_restarts_is_never_given_up_and_keeps_no_record() -> None:
    life = Life(restarting(max_restarts=UNLIMITED))
    assert life.delays(FAILED, 1000)[-1] == 60
    assert life.component.restarts == 1000
    assert life.component.restarted_at == ()


def test_jitter_spreads_the_restarts() -> None:
    life = Life(restarting(backoff=Backoff(initial_delay=10, max_delay=60, growth=2, jitter=0.5)))
    life.attempt(FAILED, noise=-1)
    assert life.delay == 5
    life.attempt(FAILED, noise=1)
    assert life.delay == 30


def test_restarts_older_than_the_window_do_not_count() -> None:
    life = Life(restarting(max_restarts=2, window=100.0, reset_after=1000.0))
    life.delays(FAILED, 2, ran=60)
    life.attempt(FAILED, ran=60)
    assert life.state == "backoff"
    assert len(life.component.restarted_at) == 2
    life.attempt(FAILED, ran=0)
    assert life.state == "failed"


def test_a_restart_that_is_a_window_old_does_not_count() -> None:
    life = Life(restarting(max_restarts=1, window=10.0))
    life.attempt(FAILED)
    assert life.component.restarts_in_window(NOW + 9.9) == (NOW,)
    assert life.component.restarts_in_window(NOW + 10) == ()


def test_a_run_that_lasted_clears_the_count_and_the_growth() -> None:
    life = Life()
    assert life.delays(FAILED, 4) == [1, 2, 4, 8]
    assert life.delays(FAILED, 1, ran=60) == [1]
    assert len(life.component.restarted_at) == 1
    assert life.delays(FAILED, 4)[-1] == 16


def test_a_run_that_ended_too_soon_clears_nothing() -> None:
    life = Life()
    assert life.delays(FAILED, 4, ran=59.9) == [1, 2, 4, 8]


def test_leaving_for_a_long_time_is_not_running() -> None:
    life = Life()
    assert life.delays(FAILED, 2) == [1, 2]
    life.wait()
    life.do(ev.Admitted())
    number = life.component.attempts
    life.now += 100
    life.do(ev.Ending(attempt=number))
    life.do(ev.Ended(attempt=number, outcome=FAILED))
    assert life.delay == 4


def test_the_time_of_leaving_counts_for_a_run_that_was_ready() -> None:
    life = Life()
    assert life.delays(FAILED, 2) == [1, 2]
    life.wait()
    life.do(ev.Admitted())
    number = life.component.attempts
    life.do(ev.Ready(attempt=number, joined=JOINED))
    life.now += 59.5
    life.do(ev.Ending(attempt=number))
    life.now += 0.5
    life.do(ev.Ended(attempt=number, outcome=FAILED))
    assert life.delay == 0.5  # of the first second, half has gone by while it left


def leaving_for(seconds: float, life: Life) -> None:
    """Let it begin, run for 10 s, and leave that long because it failed."""
    life.wait()
    life.do(ev.Admitted())
    number = life.component.attempts
    life.do(ev.Ready(attempt=number, joined=JOINED))
    life.now += 10
    life.do(ev.Ending(attempt=number))
    life.now += seconds
    life.do(ev.Ended(attempt=number, outcome=FAILED))


def test_a_delay_begins_with_the_failure_and_not_when_the_attempt_has_left() -> None:
    life = Life()
    leaving_for(0.25, life)
    assert life.delay == 0.75
    leaving_for(1.5, life)
    assert life.delay == 0.5


def test_one_that_took_longer_to_leave_than_its_delay_is_due_at_once() -> None:
    life = Life()
    leaving_for(7, life)
    assert (life.delay, life.state) == (0, "backoff")
    life.do(ev.Due())
    assert life.state == "waiting"


def test_an_attempt_that_was_held_before_it_connected_is_no_try() -> None:
    life = Life(over(2, 2))
    life.attempt(LOST)
    assert (life.component.transport, life.component.tries) == (1, (1, 0))
    for _ in range(10):
        life.wait()
        life.do(ev.Admitted())
        life.do(ev.Hold(by="requires:db"))
        life.do(ev.Ended(attempt=life.component.attempts, outcome=out.Stopped()))
        assert (life.state, life.component.transport, life.component.tries) == ("waiting", 1, (1, 0))


@pytest.mark.parametrize("command", [ev.Start(), ev.Restart()])
def test_what_a_person_starts_counts_for_nothing_and_clears_the_counts(command: ev.Event) -> None:
    life = Life()
    for _ in range(20):
        life.attempt(FAILED)
        life.do(command)
        assert life.state == "waiting"
        component = life.component
        assert (component.restarts, component.failures, component.restarted_at) == (0, 0, ())
    assert life.delays(FAILED, 5) == [1, 2, 4, 8, 16]


def test_a_restart_while_it_runs_clears_the_counts() -> None:
    life = Life()
    life.delays(FAILED, 5)
    life.wait()
    life.do(ev.Admitted())
    life.do(ev.Restart())
    life.do(ev.Ended(attempt=life.component.attempts, outcome=FAILED))
    assert life.state == "waiting"
    assert life.delays(FAILED, 5) == [1, 2, 4, 8, 16]


def test_reconnects_count_for_no_restart() -> None:
    life = Life(restarting(max_restarts=1))
    for _ in range(50):
        life.attempt(LOST)
    assert (life.component.restarts, life.component.reconnects) == (0, 50)
    life.attempt(FAILED)
    assert life.state == "backoff"
    assert (life.component.restarts, life.component.reconnects) == (1, 50)


def test_retries_of_a_connection_back_off_and_are_given_up() -> None:
    life = Life(over(4))
    assert life.delays(LOST, 4) == [1, 2, 4, 8]
    life.attempt(LOST)
    assert life.state == "failed"
    assert life.component.attempts == 5


def test_without_any_retry_allowed_the_first_lost_connection_is_the_last() -> None:
    life = Life(over(0))
    life.attempt(LOST)
    assert life.state == "failed"


def test_twenty_outages_are_survived_with_four_retries() -> None:
    life = Life(over(4))
    for _ in range(20):
        life.attempt(LOST, ran=1)
        assert life.delay == 1
        assert life.delays(LOST, 3) == [1, 2, 4]
    assert life.component.reconnects == 80


def test_a_failure_after_a_lost_connection_gives_the_transports_their_tries_back() -> None:
    life = Life(over(2))
    life.delays(LOST, 2)
    life.attempt(FAILED)
    assert life.delays(LOST, 2) == [1, 2]


def test_transports_are_tried_in_turn_with_delays_and_counts_of_their_own() -> None:
    slow = RetryPolicy(max_retries=1, backoff=Backoff(initial_delay=10, max_delay=60, growth=2, jitter=0))
    life = Life(replace(POLICY, transports=(replace(RETRY, max_retries=3), slow)))
    tried = []
    while life.state != "failed":
        life.wait()
        tried.append((life.component.transport, life.now - NOW))
        life.do(ev.Admitted())
        life.do(ev.Ended(attempt=life.component.attempts, outcome=LOST))
    at = [0, LEAST_DELAY, 1, 10, 2, 4]
    assert [transport for transport, _ in tried] == [0, 1, 0, 1, 0, 0]
    assert [seconds for _, seconds in tried] == pytest.approx([sum(at[: i + 1]) for i in range(6)])
    assert life.component.reconnects == 5


def test_the_next_transport_follows_at_once_on_one_that_could_not_connect() -> None:
    life = Life(over(0, 0, 0))
    assert life.delays(LOST, 2) == pytest.approx([LEAST_DELAY, LEAST_DELAY])
    life.attempt(LOST)
    assert life.state == "failed"


def test_a_router_that_drops_whoever_has_joined_is_not_called_without_a_delay() -> None:
    life = Life(over(UNLIMITED, UNLIMITED))
    assert life.delays(LOST, 6, ran=2 * JOIN_LASTS) == [1] * 6
    assert life.component.transport == 0


def test_the_delays_go_on_growing_while_a_router_drops_at_once_whom_it_takes_in() -> None:
    life = Life(over(3))
    assert life.delays(LOST, 3, ran=JOIN_LASTS * 0.9) == [2, 4, 8]
    assert life.delays(LOST, 2, ran=JOIN_LASTS * 1.1) == [1, 1]
    assert life.delays(LOST, 2, ran=0) == [2, 4]


def test_a_start_begins_with_the_first_transport() -> None:
    life = Life(over(UNLIMITED, UNLIMITED))
    life.attempt(LOST)
    assert life.component.transport == 1
    life.do(ev.Start())
    assert (life.component.transport, life.component.tries) == (0, (0, 0))


def test_a_start_while_it_connects_clears_the_tries_and_leaves_the_attempt_on_its_transport() -> None:
    life = Life(over(1, 1))
    life.delays(LOST, 3)
    life.wait()
    life.do(ev.Admitted())
    assert (life.component.transport, life.component.tries) == (1, (2, 2))
    life.do(ev.Start())
    assert (life.component.transport, life.component.tries, life.state) == (1, (0, 0), "connecting")
    life.do(ev.Ended(attempt=life.component.attempts, outcome=LOST))
    assert (life.component.transport, life.state) == (0, "reconnecting")


def test_a_stop_keeps_the_counts_for_who_looks() -> None:
    life = Life()
    life.delays(FAILED, 3)
    life.do(ev.Stop())
    assert (life.state, life.component.restarts) == ("stopped", 3)

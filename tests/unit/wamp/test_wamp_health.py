"""When a health procedure is called, what counts as a miss, and what is said after too many of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from autobahn.wamp.exception import ApplicationError, TransportLost
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.task import Clock

from wampsup.model.spec import HealthPolicy
from wampsup.wamp.health import HealthCheck

if TYPE_CHECKING:
    from collections.abc import Callable

INTERVAL, TIMEOUT = 10.0, 5.0
DRY = ApplicationError("com.example.dry", "the kettle is dry")


class Checked:
    """A check of a procedure that a test answers: `calls` are all that came, `unhealthy` what was told."""

    def __init__(self, failures: int = 3, answer: Callable[[], Any] = Deferred) -> None:
        self.clock = Clock()
        self.calls: list[tuple[float, Any]] = []
        self.unhealthy: list[tuple[BaseException, str]] = []
        self._answer = answer
        self.check = HealthCheck(self._call, self.clock, lambda *said: self.unhealthy.append(said))
        policy = HealthPolicy(procedure="com.example.ping", interval=INTERVAL, timeout=TIMEOUT, failures=failures)
        self.check.begin(policy)

    @property
    def times(self) -> list[float]:
        return [at for at, _ in self.calls]

    @property
    def pending(self) -> Deferred[Any]:
        """The call that is under way."""
        under_way: list[Deferred[Any]] = [call for _, call in self.calls if not call.called]
        assert len(under_way) == 1
        return under_way[0]

    def next_call(self) -> Deferred[Any]:
        self.clock.advance(INTERVAL)
        return self.pending

    def miss(self, error: BaseException | None = None) -> None:
        call = self.next_call()
        if error is None:
            self.clock.advance(TIMEOUT)
        else:
            call.errback(error)

    def _call(self, procedure: str) -> Any:
        assert procedure == "com.example.ping"
        answer = self._answer()
        self.calls.append((self.clock.seconds(), answer))
        return answer


def test_the_first_call_comes_an_interval_after_it_is_ready_and_each_other_one_an_interval_after_the_answer() -> None:
    checked = Checked()
    checked.clock.advance(INTERVAL - 0.1)
    assert checked.times == []
    checked.clock.advance(0.1)
    checked.clock.advance(TIMEOUT - 1)
    checked.pending.callback("well")
    checked.clock.advance(INTERVAL - 0.1)
    assert checked.times == [INTERVAL]
    checked.clock.advance(0.1)
    assert checked.times == [INTERVAL, INTERVAL + TIMEOUT - 1 + INTERVAL]
    assert len(checked.clock.getDelayedCalls()) == 1


@pytest.mark.parametrize("answer", [None, False, "well", RuntimeError("a value like any other")])
def test_whatever_it_answers_is_a_success(answer: object) -> None:
    checked = Checked(failures=1, answer=lambda: answer)
    checked.clock.pump([INTERVAL] * 5)
    assert len(checked.calls) == 5
    assert checked.unhealthy == []


def test_misses_in_a_row_are_told_once_and_leave_nothing() -> None:
    checked = Checked(failures=3)
    checked.miss(DRY)
    checked.miss()
    assert checked.unhealthy == []
    checked.miss(DRY)
    assert checked.unhealthy == [
        (DRY, "missed 3 health checks in a row: `com.example.ping` failed: the kettle is dry"),
    ]
    assert checked.clock.getDelayedCalls() == []


def test_a_success_clears_the_count() -> None:
    checked = Checked(failures=3)
    for _ in range(3):
        checked.miss(DRY)
        checked.miss()
        checked.next_call().callback(None)
    assert checked.unhealthy == []
    for _ in range(3):
        checked.miss()
    assert len(checked.unhealthy) == 1


def test_a_call_that_takes_too_long_is_cancelled_and_its_late_answer_is_nothing() -> None:
    cancelled: list[Any] = []
    checked = Checked(failures=2, answer=lambda: Deferred(cancelled.append))
    checked.miss()
    assert [call for _, call in checked.calls] == cancelled
    checked.next_call().callback(None)
    checked.miss()
    assert checked.unhealthy == []


@pytest.mark.parametrize(
    ("failures", "error", "words"),
    [
        (1, None, "missed a health check: `com.example.ping` did not answer within 5 s"),
        (2, None, "missed 2 health checks in a row: `com.example.ping` did not answer within 5 s"),
        (1, DRY, "missed a health check: `com.example.ping` failed: the kettle is dry"),
        (2, RuntimeError("no water"), "missed 2 health checks in a row: `com.example.ping` failed: no water"),
        (1, RuntimeError(), "missed a health check: `com.example.ping` failed: RuntimeError"),
        (1, ApplicationError("com.example.dry"), "missed a health check: `com.example.ping` failed: com.example.dry"),
    ],
)
def test_what_is_said_of_it(failures: int, error: BaseException | None, words: str) -> None:
    checked = Checked(failures)
    for _ in range(failures):
        checked.miss(error)
    [(told, said)] = checked.unhealthy
    assert said == words
    assert told is error or isinstance(told, TimeoutError)


def test_a_call_that_cannot_even_be_made_is_a_miss() -> None:
    def lost() -> None:
        raise TransportLost

    checked = Checked(failures=2, answer=lost)
    checked.clock.pump([INTERVAL, INTERVAL])
    assert [said for _, said in checked.unhealthy] == [
        "missed 2 health checks in a row: `com.example.ping` failed: autobahn.wamp.exception.TransportLost"
    ]


def test_a_new_policy_counts_from_nought() -> None:
    checked = Checked(failures=2)
    checked.miss()
    checked.check.begin(HealthPolicy(procedure="com.example.ping", interval=INTERVAL, timeout=TIMEOUT, failures=2))
    checked.miss()
    assert checked.unhealthy == []
    checked.check.begin(None)
    assert checked.clock.getDelayedCalls() == []


def test_nothing_is_left_where_it_is_stopped_before_a_call() -> None:
    checked = Checked()
    checked.check.stop()
    checked.check.stop()
    assert checked.clock.getDelayedCalls() == []


def test_a_call_that_is_under_way_is_cancelled_where_it_is_stopped() -> None:
    checked = Checked(failures=1)
    call = checked.next_call()
    checked.check.stop()
    call.addErrback(lambda failure: failure.trap(CancelledError))
    assert call.called
    assert checked.clock.getDelayedCalls() == []
    assert checked.unhealthy == []


def test_a_call_whose_router_is_gone_can_be_cancelled() -> None:
    def gone(_call: Deferred[Any]) -> None:
        raise TransportLost

    checked = Checked(failures=1, answer=lambda: Deferred(gone))
    checked.next_call()
    checked.check.stop()
    assert checked.clock.getDelayedCalls() == []
    assert checked.unhealthy == []


@pytest.mark.parametrize("answer", [lambda: None, Deferred])
def test_nothing_is_left_where_it_is_stopped_by_what_it_calls(answer: Callable[[], Any]) -> None:
    def stops() -> Any:
        checked.check.stop()
        return answer()

    checked = Checked(failures=1, answer=stops)
    checked.clock.advance(INTERVAL)
    assert checked.clock.getDelayedCalls() == []
    assert all(call is None or call.called for _, call in checked.calls)
    assert checked.unhealthy == []

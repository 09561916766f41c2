from __future__ import annotations

from typing import TYPE_CHECKING

from twisted.internet.task import Clock

from wampsup.wamp.pace import REST, SLICE, pace_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.logged import LoggedErrors


class Busy:
    """A clock on which each piece of work takes a little over a quarter of a slice; `done` are their numbers."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.done: list[int] = []

    def turn(self) -> None:
        """One turn of the reactor: what is put off in it waits for the next."""
        put_off, self.clock.calls = self.clock.calls, []
        for call in put_off:
            call.func(*call.args)

    def work(self, number: int) -> Callable[[], None]:
        def do() -> None:
            self.done.append(number)
            self.clock.rightNow += SLICE / 3.9

        return do


def test_what_comes_alone_is_done_at_once() -> None:
    busy = Busy()
    for number in range(3):
        pace_of(busy.clock).do(busy.work(number))
        assert busy.done[-1] == number
        busy.clock.rightNow += REST
    assert busy.clock.getDelayedCalls() == []


def test_what_comes_at_once_is_spread_over_turns_in_its_order() -> None:
    busy = Busy()
    for number in range(10):
        pace_of(busy.clock).do(busy.work(number))
    assert len(busy.done) == 4
    turns = [len(busy.done)]
    while busy.clock.getDelayedCalls():
        busy.turn()
        turns.append(len(busy.done))
    assert turns == [4, 8, 10]
    assert busy.done == list(range(10))


def test_what_comes_while_others_wait_waits_behind_them() -> None:
    busy = Busy()
    for number in range(6):
        pace_of(busy.clock).do(busy.work(number))
    busy.clock.rightNow += REST
    pace_of(busy.clock).do(busy.work(6))
    assert busy.done == [0, 1, 2, 3]
    busy.turn()
    assert busy.done == [0, 1, 2, 3, 4, 5, 6]


def test_work_that_fails_in_its_turn_stops_no_other(logged_errors: LoggedErrors) -> None:
    busy = Busy()

    def fail() -> None:
        raise ValueError("the kettle is dry")

    for number in range(4):
        pace_of(busy.clock).do(busy.work(number))
    pace_of(busy.clock).do(fail)
    pace_of(busy.clock).do(busy.work(4))
    busy.turn()
    assert busy.done == [0, 1, 2, 3, 4]
    assert len(logged_errors.take("ValueError: the kettle is dry")) == 1

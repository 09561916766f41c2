"""A share of the loop, and no more of it, goes to those whom nobody knows."""

from __future__ import annotations

import pytest
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.task import Clock

from wampsup.control.pace import SHARE, SLICE, Pace


class Scene:
    """Pieces of work that take their time, in seconds; `done` are the names of those that are over."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.used = 0.0
        self.done: list[str] = []
        self.pace = Pace(self.clock, lambda: self.used)

    def ask(self, name: str, seconds: float) -> Deferred[None]:
        def work(_: None) -> None:
            self.used += seconds
            self.done.append(name)

        return self.pace.turn().addCallback(work)

    def turns(self) -> int:
        """How many timers there are."""
        return len(self.clock.getDelayedCalls())


def test_who_asks_has_the_next_turn_where_nobody_else_does() -> None:
    scene = Scene()
    scene.ask("a", 0.001)
    assert scene.done == []
    scene.clock.advance(0)
    assert scene.done == ["a"]


def test_a_turn_is_over_after_a_slice_and_the_line_goes_on_after_a_rest() -> None:
    scene = Scene()
    for name in "abcde":
        scene.ask(name, SLICE * 0.75)
    scene.clock.advance(0)
    assert scene.done == ["a", "b"]
    scene.clock.advance(2 * SLICE)
    assert scene.done == ["a", "b"]
    scene.clock.advance(10 * SLICE)
    assert scene.done == ["a", "b", "c", "d"]


def test_who_comes_in_time_of_rest_waits_for_its_end() -> None:
    scene = Scene()
    scene.ask("a", SLICE)
    scene.clock.advance(0)
    scene.ask("b", SLICE)
    scene.clock.advance(0)
    assert scene.done == ["a"]
    scene.clock.advance(4 * SLICE)
    assert scene.done == ["a", "b"]


def test_all_of_them_together_get_their_share() -> None:
    scene = Scene()

    def go_on(_: None) -> None:
        scene.ask("one of many", 0.004).addCallback(go_on)

    for _ in range(100):
        go_on(None)
    for _ in range(10_000):
        scene.clock.advance(0.001)
    assert scene.used / (10 + scene.used) == pytest.approx(SHARE, rel=0.1)  # work stops the clock here


def test_whoever_does_not_wait_any_more_takes_nothing() -> None:
    scene = Scene()
    gone = scene.ask("a", 1.0)
    gone.addErrback(lambda failure: failure.trap(CancelledError))
    scene.ask("b", 0.0)
    gone.cancel()
    scene.clock.advance(0)
    assert scene.done == ["b"]


def test_nothing_is_left_when_all_is_done() -> None:
    scene = Scene()
    scene.ask("a", 0.001)
    scene.clock.pump([0, 1, 1])
    assert scene.turns() == 0

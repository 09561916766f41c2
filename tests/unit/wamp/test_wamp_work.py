"""User code is cancelled once, wherever it is when its end is wanted, and leaves no timer behind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from twisted.internet.defer import CancelledError, Deferred, inlineCallbacks
from twisted.internet.task import Clock

from wampsup.wamp.work import Work

if TYPE_CHECKING:
    from collections.abc import Callable, Generator


class Workshop:
    """Some work; `heard` is what its functions heard, and `go` resumes them."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.idle = 0
        self.work = Work("c", self.clock, self._idle)
        self.go: Deferred[None] = Deferred()
        self.heard: list[str] = []

    def _idle(self) -> None:
        self.idle += 1

    def turn(self) -> None:
        """The next turn of the reactor."""
        self.clock.advance(0)

    async def stays(self) -> None:
        try:
            await Deferred[None]()
        except CancelledError:
            self.heard.append("cancelled")
            raise

    async def ends_it(self) -> None:
        await self.go
        self.work.cancel_soon()
        await self.stays()

    async def ends_it_within(self) -> None:
        await Deferred.fromCoroutine(self.ends_it())

    @inlineCallbacks
    def ends_it_and_yields(self) -> Generator[Deferred[Any], Any, None]:
        yield self.go
        self.work.cancel_soon()
        yield Deferred.fromCoroutine(self.stays())

    def ends_it_in_a_callback(self) -> Deferred[None]:
        self.go.addCallback(lambda _: self.work.cancel_soon())
        return self.go.addCallback(lambda _: Deferred.fromCoroutine(self.stays()))

    async def ends_it_at_once(self) -> None:
        self.work.cancel_soon()
        await self.stays()

    async def cleans_up(self) -> None:
        try:
            await self.stays()
        finally:
            try:
                await self.go
            except CancelledError:
                self.heard.append("cancelled while it cleaned up")


@pytest.mark.parametrize(
    "function",
    [
        Workshop.ends_it,
        Workshop.ends_it_within,
        Workshop.ends_it_and_yields,
        Workshop.ends_it_in_a_callback,
        Workshop.ends_it_at_once,
    ],
)
def test_code_that_ends_its_component_itself_and_awaits_is_cancelled(function: Callable[[Workshop], Any]) -> None:
    shop = Workshop()
    result = shop.work.run(function, shop)
    result.addErrback(lambda failure: failure.trap(CancelledError))
    shop.go.callback(None)
    shop.turn()
    assert shop.heard == ["cancelled"]
    assert (bool(shop.work), shop.idle, shop.clock.getDelayedCalls()) == (False, 1, [])


def test_what_code_does_to_end_is_not_cancelled_as_well() -> None:
    shop = Workshop()
    result = shop.work.run(shop.cleans_up)
    result.addErrback(lambda failure: failure.trap(CancelledError))
    for _ in range(2):
        shop.work.cancel()
        shop.turn()
    assert (shop.heard, bool(shop.work), shop.clock.getDelayedCalls()) == (["cancelled"], True, [])
    shop.go.callback(None)
    assert (shop.heard, bool(shop.work), shop.idle) == (["cancelled"], False, 1)


def test_code_that_begins_after_the_end_was_wanted_is_cancelled_once() -> None:
    shop = Workshop()
    shop.work.run(shop.stays).addErrback(lambda failure: failure.trap(CancelledError))
    shop.work.cancel_soon()
    shop.work.run(shop.cleans_up).addErrback(lambda failure: failure.trap(CancelledError))
    shop.turn()
    shop.work.run(shop.cleans_up).addErrback(lambda failure: failure.trap(CancelledError))
    assert shop.heard == ["cancelled"] * 3


@pytest.mark.parametrize("ends", [lambda shop: shop.go.callback(None), lambda shop: shop.work.abandon()])
def test_code_that_is_over_before_the_next_turn_leaves_no_timer(ends: Callable[[Workshop], None]) -> None:
    shop = Workshop()
    shop.work.run(lambda: shop.go).addErrback(lambda failure: failure.trap(CancelledError))
    shop.work.cancel_soon()
    ends(shop)
    assert (bool(shop.work), shop.idle, shop.clock.getDelayedCalls()) == (False, 1, [])

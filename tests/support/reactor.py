"""Scenarios on the real Twisted reactor, from plain tests: one reactor in a thread, for the whole session.

A test hands a coroutine function to the fixture `run`; it is driven on the reactor, and its exception, with its
traceback, is the test's own. Everything that touches Twisted belongs inside of it.
"""

from __future__ import annotations

import inspect
import time
from dataclasses import dataclass
from threading import Thread
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, overload

import psutil
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.task import deferLater
from twisted.internet.threads import blockingCallFromThread

from wampsup.reactor.kinds import install

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

T = TypeVar("T")

PAUSE = 0.005

reactor: Any = install()


class Run(Protocol):
    """The type of the fixture `run`."""

    @overload
    def __call__(self, scenario: Callable[[], Awaitable[T]], timeout: float = 30) -> T: ...
    @overload
    def __call__(self, scenario: Callable[[], T], timeout: float = 30) -> T: ...


class ReactorThread:
    """The reactor, running in a thread."""

    def __init__(self) -> None:
        self._thread = Thread(target=reactor.run, kwargs={"installSignalHandlers": False}, name="reactor", daemon=True)
        self._thread.start()

    @overload
    def run(self, scenario: Callable[[], Awaitable[T]], timeout: float = 30) -> T: ...
    @overload
    def run(self, scenario: Callable[[], T], timeout: float = 30) -> T: ...
    def run(self, scenario: Callable[[], Any], timeout: float = 30) -> Any:
        """Call it on the reactor, wait for what it returns, and return or raise that.

        Raises AssertionError after `timeout` seconds; its cause shows where the scenario was then.
        """
        return blockingCallFromThread(reactor, lambda: Deferred.fromCoroutine(_bounded(scenario, timeout)))

    def stop(self) -> None:
        """End the reactor, for good."""
        reactor.callFromThread(reactor.stop)
        self._thread.join(10)


async def _bounded(scenario: Callable[[], Any], timeout: float) -> Any:
    driven: Deferred[Any]
    # Before the scenario begins, which may count the pending calls.
    deadline = reactor.callLater(timeout, lambda: driven.cancel())  # noqa: PLW0108 - there is no `driven` yet
    driven = Deferred.fromCoroutine(_drive(scenario))
    try:
        return await driven
    except CancelledError as where:
        if deadline.active():
            raise
        raise AssertionError(f"the scenario did not end within {timeout} s") from where
    finally:
        if deadline.active():
            deadline.cancel()


async def _drive(scenario: Callable[[], Any]) -> Any:
    result = scenario()
    return await result if inspect.isawaitable(result) else result


async def sleep(seconds: float) -> None:
    """Let the reactor go on, where a test must show that nothing happens for a while."""
    await deferLater(reactor, seconds)


async def until(condition: Callable[[], T], timeout: float = 10, what: str = "the condition") -> T:
    """Ask every few milliseconds until the answer is true, and return it.

    Raises AssertionError after `timeout` seconds.
    """
    deadline = time.monotonic() + timeout
    while not (answer := condition()):
        assert time.monotonic() < deadline, f"{what} did not come about within {timeout} s"
        await sleep(PAUSE)
    return answer


@dataclass(frozen=True, slots=True)
class Usage:
    """What this process holds: pending calls of the reactor, and open file descriptors."""

    calls: int
    descriptors: int

    @staticmethod
    def now() -> Usage:
        """Count both, on the reactor."""
        return Usage(len(reactor.getDelayedCalls()), psutil.Process().num_fds())

    async def again(self, timeout: float = 10) -> None:
        """Wait until no more than this is held; raises AssertionError with what is held instead."""
        deadline = time.monotonic() + timeout
        while (now := Usage.now()).calls > self.calls or now.descriptors > self.descriptors:
            assert time.monotonic() < deadline, f"{self} has become {now}: {reactor.getDelayedCalls()}"
            await sleep(PAUSE)

"""The user's code that runs within an attempt: handlers on the way up, `main`, handlers on the way out."""

from __future__ import annotations

from types import AsyncGeneratorType, CoroutineType, GeneratorType
from typing import TYPE_CHECKING, Any

from twisted.internet import defer
from twisted.logger import Logger

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

_log = Logger()

NEVER_RUN = (GeneratorType, AsyncGeneratorType)
RUN_BY_TWISTED = (defer.Deferred, CoroutineType)


class Work:
    """Runs the code of the component `name`, knows what of it still runs, and can end it.

    `idle` is called whenever the last of it has ended. Code that is on the stack counts as running, so that it may
    cause its own end.
    """

    __slots__ = ("_abandoned", "_asking", "_cancelled", "_idle", "_name", "_on_stack", "_reactor", "_running")

    def __init__(self, name: str, reactor: Any, idle: Callable[[], None]) -> None:
        self._name = name
        self._reactor = reactor
        self._asking: Any = None
        self._running: dict[defer.Deferred[Any], defer.Deferred[Any]] = {}  # by their results
        self._on_stack = 0
        self._cancelled = False
        self._abandoned = False
        self._idle = idle

    def __bool__(self) -> bool:
        return bool(self._running) or self._on_stack > 0

    def run(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> defer.Deferred[Any]:
        """Call `function`, plain, `async` or returning a Deferred; the result is its own.

        It fails with CancelledError where the function was abandoned.
        """
        self._on_stack += 1
        running = defer.maybeDeferred(_call, function, *args, **kwargs)
        self._on_stack -= 1
        if running.called and not running.paused:  # as most handlers do
            self._look_whether_idle()
            return running
        result: defer.Deferred[Any] = defer.Deferred()
        self._running[result] = running
        running.addBoth(self._over, result)
        if self._abandoned:
            self.abandon()
        elif self._cancelled and self._asking is None:
            running.cancel()
        return result

    def cancel(self) -> None:
        """Ask all that runs to end: once, so that what it does to end is not cancelled as well."""
        if not self._cancelled:
            self._cancelled = True
            self._ask()

    def cancel_soon(self) -> None:
        """The same on the next turn of the reactor: who is being executed at this moment would not hear of it."""
        if self and not self._cancelled:
            self._asking = self._reactor.callLater(0, self._ask)
        self._cancelled = True

    def abandon(self) -> None:
        """Ask once more, and leave to itself what does not end."""
        self._cancelled = self._abandoned = True
        self._ask()
        if self._running:
            said = "{count} of its functions ignored their cancellation and were left to themselves"
            _log.warn(said, count=len(self._running), component=self._name)
            left, self._running = self._running, {}
            for result in left:
                result.errback(defer.CancelledError())
            self._look_whether_idle()

    def _ask(self) -> None:
        self._ask_no_more()
        for running in tuple(self._running.values()):
            running.cancel()

    def _ask_no_more(self) -> None:
        if self._asking is not None and self._asking.active():
            self._asking.cancel()
        self._asking = None

    def _over(self, value: Any, result: defer.Deferred[Any]) -> None:
        if self._running.pop(result, None) is not None:
            result.callback(value)
            self._look_whether_idle()

    def _look_whether_idle(self) -> None:
        if not self:
            self._ask_no_more()
            self._idle()


def _call(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Call user code; what would never run is an error, and not a result."""
    value = function(*args, **kwargs)
    if value is None:
        return None
    if isinstance(value, NEVER_RUN):
        raise TypeError(
            f"{value.__qualname__} is a generator that nobody runs: `@inlineCallbacks` is missing, or `await`"
        )
    if hasattr(value, "__await__") and not isinstance(value, RUN_BY_TWISTED):
        return _await(value)
    return value


async def _await(awaitable: Awaitable[Any]) -> Any:
    return await awaitable

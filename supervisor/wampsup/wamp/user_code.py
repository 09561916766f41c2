"""All code of the user's that an attempt runs: on its way up and while it is ready, and on its way out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from twisted.internet import defer
from twisted.logger import Logger

from wampsup.reactor.scope import component_name, context_of, within
from wampsup.wamp.problem import loggable
from wampsup.wamp.work import Work

if TYPE_CHECKING:
    from collections.abc import Callable

    from twisted.python.failure import Failure

    from wampsup.reactor.scope import Scope

_log = Logger()


class UserCode:
    """The code of the component `name`, which runs in `context` and has that `scope`.

    `idle` is called whenever some of it has ended. It is true as long as any of it runs.
    """

    def __init__(self, name: str, scope: Scope, reactor: Any, idle: Callable[[], None]) -> None:
        self.context = context_of(scope)
        self._name = name
        self._work = Work(name, reactor, idle)
        self._farewell = Work(name, reactor, idle)

    def __bool__(self) -> bool:
        return bool(self._work or self._farewell)

    def run(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> defer.Deferred[Any]:
        """Run a handler, or `main`; the result is its own."""
        return self._work.run(within(self.context, function), *args, **kwargs)

    def run_farewell(self, handler: Callable[..., Any], *args: Any, **kwargs: Any) -> defer.Deferred[Any]:
        """Run a handler of the way out, which `cancel` leaves alone; the result never fails."""
        running = self._farewell.run(within(self.context, handler), *args, **kwargs)
        return running.addErrback(self._farewell_failed)

    def cancel(self, *, at_once: bool) -> None:
        """Ask all that runs to end, handlers of the way out excepted.

        Where it may be that very code which wants the end, it is asked on the next turn of the reactor.
        """
        if at_once or component_name() != self._name:
            self._work.cancel()
        else:
            self._work.cancel_soon()

    def abandon(self) -> None:
        """Leave to itself what does not end when it is asked once more."""
        self._work.abandon()
        self._farewell.abandon()

    def _farewell_failed(self, failure: Failure) -> None:
        if not failure.check(defer.CancelledError):
            _log.failure("a handler of the way out failed", failure=loggable(failure), component=self._name)

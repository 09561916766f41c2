"""Puts the calls that Autobahn makes to a session under an attempt's eyes.

Autobahn logs an error in one of these methods and goes on as if nothing had happened; the session stays attached and
looks healthy, or hangs. The methods are replaced on the instance, so that the user's class is left alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from autobahn.wamp.exception import ApplicationError
from twisted.internet import defer
from twisted.logger import Logger

if TYPE_CHECKING:
    from collections.abc import Callable

    from twisted.python.failure import Failure

_log = Logger()


class Watcher(Protocol):
    """Who watches."""

    def run_handler(self, handler: Callable[..., Any], *args: Any) -> defer.Deferred[Any]:
        """Run a handler of the way up; the result never fails."""

    def refused(self, error: BaseException) -> None:
        """The component itself did not accept the router's welcome."""

    def leaving(self, details: Any) -> None:
        """The session is over, for this reason; the user's code does not know yet."""

    def left(self) -> None:
        """The user's code knows as well."""


def watch_session(session: Any, watcher: Watcher) -> None:
    """Let `watcher` see `onConnect`, `onJoin`, `onWelcome` and `onLeave` of `session`."""
    on_connect, on_join, on_welcome, on_leave = session.onConnect, session.onJoin, session.onWelcome, session.onLeave

    def connect() -> defer.Deferred[Any]:
        return watcher.run_handler(on_connect)

    def join(details: Any) -> defer.Deferred[Any]:
        return watcher.run_handler(on_join, details)

    def welcome(message: Any) -> defer.Deferred[Any]:
        return defer.maybeDeferred(on_welcome, message).addCallbacks(answered, failed)

    def answered(refusal: Any) -> Any:
        if refusal is not None:
            watcher.refused(ApplicationError("wamp.error.cannot_authenticate", str(refusal)))
        return refusal

    def failed(failure: Failure) -> Failure:
        if failure.value is not None:
            watcher.refused(failure.value)
        return failure

    def leave(details: Any) -> defer.Deferred[Any]:
        watcher.leaving(details)
        done = defer.maybeDeferred(on_leave, details)
        done.addErrback(lambda failure: _log.failure("onLeave failed", failure=failure))
        return done.addCallback(lambda _: watcher.left())

    session.onConnect, session.onJoin, session.onWelcome, session.onLeave = connect, join, welcome, leave

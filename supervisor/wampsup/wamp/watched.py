"""Puts the calls that Autobahn makes to a session under an attempt's eyes.

Autobahn logs an error in one of these methods and goes on as if nothing had happened; the session stays attached and
looks healthy, or hangs. The methods are replaced on the instance, so that the user's class is left alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from autobahn.wamp.exception import ApplicationError
from twisted.internet import defer

if TYPE_CHECKING:
    from collections.abc import Callable

    from twisted.python.failure import Failure


class Watcher(Protocol):
    """Who watches."""

    def run_handler(self, handler: Callable[..., Any], *args: Any) -> defer.Deferred[Any]:
        """Run a handler of the way up; the result never fails."""

    def refused(self, error: BaseException) -> None:
        """The component itself did not accept the router's welcome."""

    def leaving(self, details: Any) -> None:
        """The session is over, for this reason; the user's code does not know yet."""

    def left(self) -> None:
        """The user's code has been told."""

    def run_clean_up(self, handler: Callable[..., Any], *args: Any) -> defer.Deferred[Any]:
        """Run a handler of the way down; the result never fails."""


def watch_session(session: Any, watcher: Watcher) -> None:
    """Let `watcher` see `onConnect`, `onJoin`, `onWelcome`, `onLeave` and `onDisconnect` of `session`."""
    on_connect, on_join, on_welcome = session.onConnect, session.onJoin, session.onWelcome
    on_leave, on_disconnect = session.onLeave, session.onDisconnect

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
        done = watcher.run_clean_up(on_leave, details)
        watcher.left()
        return done

    def disconnect() -> defer.Deferred[Any]:
        return watcher.run_clean_up(on_disconnect)

    session.onConnect, session.onJoin, session.onWelcome = connect, join, welcome
    session.onLeave, session.onDisconnect = leave, disconnect

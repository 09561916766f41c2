"""Puts the calls that Autobahn makes to a session under an attempt's eyes.

Autobahn logs an error in one of these methods and goes on as if nothing had happened; the session stays attached and
looks healthy, or hangs. The methods are replaced on the instance, so that the user's class is left alone.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from autobahn.twisted.wamp import Session
from autobahn.wamp.exception import ApplicationError

from wampsup.wamp.answers import answer, greet

if TYPE_CHECKING:
    from collections.abc import Callable

    from twisted.internet import defer


class Watcher(Protocol):
    """Who watches."""

    def run_handler(self, handler: Callable[..., Any], *args: Any) -> defer.Deferred[Any]:
        """Run a handler of the way up; the result never fails."""

    def run_answer(self, handler: Callable[..., Any], *args: Any) -> defer.Deferred[Any]:
        """Run a handler whose result decides whether it joins; that is the result, and may be a failure."""

    def run_farewell(self, handler: Callable[..., Any], *args: Any, **kwargs: Any) -> defer.Deferred[Any]:
        """Run a handler of the way out; the result never fails."""

    def refused(self, error: BaseException) -> None:
        """The component itself did not accept the router's welcome."""

    def leaving(self, details: Any, on_leave: Callable[[Any], Any]) -> defer.Deferred[Any]:
        """The session is over, for this reason; `on_leave` lets the user's code know. The result never fails."""

    def disconnecting(self) -> None:
        """Somebody on this side closes the transport."""


def watch_session(session: Any, watcher: Watcher) -> None:
    """Let `watcher` see what Autobahn calls on `session`, and its `disconnect`.

    Raises:
        TypeError: it is no session.
        RuntimeError: it is watched already.
    """
    if not hasattr(session, "onConnect"):
        raise TypeError(f"session_factory returned {session!r:.60}, which is no session")
    if "onConnect" in vars(session):
        raise RuntimeError("session_factory returned a session that has been used: it must make a new one each time")
    on_connect, on_challenge, on_welcome = session.onConnect, session.onChallenge, session.onWelcome
    on_join, on_leave, on_disconnect = session.onJoin, session.onLeave, session.onDisconnect
    close = session.disconnect

    if _is_autobahns(on_challenge, "onChallenge"):
        on_challenge = partial(answer, session, on_challenge)
    if _is_autobahns(on_welcome, "onWelcome"):
        on_welcome = partial(greet, session, on_welcome)

    def welcome(message: Any) -> defer.Deferred[Any]:
        return watcher.run_answer(on_welcome, message).addCallback(accepted)

    def accepted(refusal: Any) -> Any:
        if refusal is not None:
            watcher.refused(ApplicationError("wamp.error.cannot_authenticate", str(refusal)))
        return refusal

    def disconnect() -> None:
        watcher.disconnecting()
        close()

    session.join = partial(_join, session, session.join)
    session.onConnect = lambda: watcher.run_handler(on_connect)
    session.onChallenge = lambda challenge: watcher.run_answer(on_challenge, challenge)
    session.onWelcome = welcome
    session.onJoin = lambda details: watcher.run_handler(on_join, details)
    session.onLeave = lambda details: watcher.leaving(details, on_leave)
    session.onDisconnect = lambda: watcher.run_farewell(on_disconnect)
    session.disconnect = disconnect


def _join(session: Any, join: Callable[..., Any], realm: str, authmethods: Any = None, *args: Any, **more: Any) -> Any:
    """Join, but not as anybody where the component should be somebody: its `authentication` would go for nothing."""
    if not authmethods and getattr(session, "_authenticators", None):
        raise RuntimeError("its session joins by itself, and says nothing of its `authentication`")
    return join(realm, authmethods, *args, **more)


def _is_autobahns(method: Any, name: str) -> bool:
    """Whether it is the method of Autobahn's `Session`, which asks its authenticators."""
    return getattr(method, "__func__", None) is getattr(Session, name)

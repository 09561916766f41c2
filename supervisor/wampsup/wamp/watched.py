"""Puts the calls that Autobahn makes to a session under an attempt's eyes.

Autobahn logs an error in one of these methods and goes on as if nothing had happened; the session stays attached and
looks healthy, or hangs. The methods are replaced on the instance, so that the user's class is left alone.
"""

from __future__ import annotations

from functools import partial
from types import MethodType
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


_WATCHED = ("join", "onConnect", "onChallenge", "onWelcome", "onJoin", "onLeave", "onDisconnect", "disconnect")


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
    watched = _Watched(session, watcher)
    for name in _WATCHED:
        setattr(session, name, getattr(watched, name))


class _Watched:
    """What Autobahn calls in place of the methods of one session, whose names these have.

    The session's own are looked up when they are called: a component would have to hold a dozen of them otherwise.
    """

    __slots__ = ("_odd", "_session", "_watcher")

    def __init__(self, session: Any, watcher: Watcher) -> None:
        self._session = session
        self._watcher = watcher
        own = {name: getattr(session, name) for name in _WATCHED}
        odd = {name: method for name, method in own.items() if not _is_method_of(type(session), name, method)}
        self._odd = odd or None

    def _own(self, name: str) -> Callable[..., Any]:
        if self._odd is not None and name in self._odd:
            odd: Callable[..., Any] = self._odd[name]
            return odd
        return MethodType(getattr(type(self._session), name), self._session)

    def join(self, realm: str, authmethods: Any = None, *args: Any, **more: Any) -> Any:
        """Join, but not as anybody where it should be somebody: its `authentication` would go for nothing."""
        if not authmethods and getattr(self._session, "_authenticators", None):
            raise RuntimeError("its session joins by itself, and says nothing of its `authentication`")
        return self._own("join")(realm, authmethods, *args, **more)

    def onConnect(self) -> Any:
        return self._watcher.run_handler(self._own("onConnect"))

    def onChallenge(self, challenge: Any) -> Any:
        on_challenge = self._own("onChallenge")
        if _is_method_of(Session, "onChallenge", on_challenge):  # which asks its authenticators
            on_challenge = partial(answer, self._session, on_challenge)
        return self._watcher.run_answer(on_challenge, challenge)

    def onWelcome(self, message: Any) -> Any:
        on_welcome = self._own("onWelcome")
        if _is_method_of(Session, "onWelcome", on_welcome):  # the same
            on_welcome = partial(greet, self._session, on_welcome)
        return self._watcher.run_answer(on_welcome, message).addCallback(self._accepted)

    def _accepted(self, refusal: Any) -> Any:
        if refusal is not None:
            self._watcher.refused(ApplicationError("wamp.error.cannot_authenticate", str(refusal)))
        return refusal

    def onJoin(self, details: Any) -> Any:
        return self._watcher.run_handler(self._own("onJoin"), details)

    def onLeave(self, details: Any) -> Any:
        return self._watcher.leaving(details, self._own("onLeave"))

    def onDisconnect(self) -> Any:
        return self._watcher.run_farewell(self._own("onDisconnect"))

    def disconnect(self) -> None:
        self._watcher.disconnecting()
        self._own("disconnect")()


def _is_method_of(cls: type, name: str, method: Any) -> bool:
    """Whether `method` is nothing but the function that the class has under that name, bound to an instance."""
    function = getattr(cls, name, None)
    return function is not None and getattr(method, "__func__", None) is function

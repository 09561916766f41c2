"""One try over one transport: what a session takes for its Component, which tells an attempt all that happens.

Autobahn's own Component goes on trying, by closures and Deferreds that would stay for as long as the session does: a
fifth of all that a component takes. Of what a Component is to its session, there is left what the session sees of it:
it makes the session and is the parent of it, and so is told its events. What Component does with a failing handler, a
lost cause, headers and endpoints is in need of mending anyway; its own tests say what is left as it is.
"""

from __future__ import annotations

import contextlib
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

import txaio
from autobahn.exception import Disconnected
from autobahn.util import ObservableMixin
from autobahn.wamp.auth import create_authenticator
from autobahn.wamp.exception import ApplicationError, TransportLost
from autobahn.wamp.interfaces import IAuthenticator
from autobahn.wamp.types import ComponentConfig
from twisted.internet.defer import maybeDeferred
from twisted.internet.error import ConnectionLost
from twisted.python.failure import Failure

from wampsup.reactor.scope import within
from wampsup.wamp.authentication import for_autobahn
from wampsup.wamp.pace import pace_of
from wampsup.wamp.verdict import GOOD_CLOSE

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextvars import Context

    from twisted.internet import defer

    from wampsup.wamp.blueprint import Blueprint

# autobahn.twisted selects Twisted, but only where nobody has selected anything before.
txaio.use_twisted()


class Hooks(Protocol):
    """What an attempt wants to know."""

    def make_session(self, config: Any) -> Any:
        """A session for the connection that has just been made."""

    def heard(self, event: str, *args: Any, **kwargs: Any) -> defer.Deferred[Any]:
        """One of Component's events; the result fires, and never fails, when the user's listeners have run."""

    def ended_with(self, exception: BaseException) -> None:
        """The only try is over; `exception` is what Autobahn takes for the reason."""

    def connect(self, session_factory: Callable[[], Any]) -> defer.Deferred[Any]:
        """Open the attempt's transport; the result is the protocol."""

    def losing(self, reason: Failure) -> None:
        """The transport is gone; the session does not know yet."""

    def lost(self) -> None:
        """The transport is gone, and the session knows."""

    def tried(self) -> None:
        """The only try is over, and all has been told that there is to tell of it."""


class SingleTry:
    """One try for a component, whose code runs in `context`; what goes wrong ends it, and its attempt knows why."""

    __slots__ = ("_blueprint", "_context", "_hooks", "_over", "_protocol", "_protocols_own", "_reactor")

    _protocol: Any
    _protocols_own: Callable[[Failure], None]

    def __init__(self, blueprint: Blueprint, hooks: Hooks, reactor: Any, context: Context) -> None:
        self._blueprint = blueprint
        self._context = context
        self._hooks = hooks
        self._reactor = reactor
        self._over = False

    def start(self) -> None:
        """Tell of the start, and connect."""
        self._hooks.heard("start", self._reactor, self._blueprint.original).addCallback(self._connect)

    def fire(self, event: str, *args: Any, **kwargs: Any) -> defer.Deferred[Any]:
        """Hand an event of the session to the attempt, which runs the user's listeners: Component's name for it."""
        if event == "leave":
            self._left(*args)
        elif event == "disconnect":
            self._disconnected(*args, **kwargs)
        return self._hooks.heard(event, *args, **kwargs)

    # On the way up.

    def _connect(self, _started: Any) -> None:
        maybeDeferred(self._hooks.connect, self._make_session).addCallbacks(self._connected, self._end)

    def _make_session(self) -> Any:
        blueprint = self._blueprint
        try:
            session = self._hooks.make_session(ComponentConfig(blueprint.realm, blueprint.extra()))
            for method, given in for_autobahn(blueprint.authentication).items():
                ready = isinstance(given, IAuthenticator)
                session.add_authenticator(given if ready else create_authenticator(method, **given))
        except Exception:
            self._end(Failure())
            raise
        session._parent = self  # noqa: SLF001 - as Component does it
        if getattr(session.fire, "__func__", None) is ObservableMixin.fire:
            session.fire = partial(self._fired, session)
        return session

    def _fired(self, session: Any, event: str, *args: Any, **kwargs: Any) -> defer.Deferred[Any]:
        """In place of the session's own `fire`, which gathers and keeps results also where there is but one."""
        if session._listeners:  # noqa: SLF001 - whoever else listens
            return ObservableMixin.fire(session, event, *args, **kwargs)  # type: ignore[no-any-return]
        return self.fire(event, *args, **kwargs)

    def _connected(self, protocol: Any) -> None:
        self._protocol = protocol
        self._protocols_own = protocol.connectionLost
        protocol.connectionLost = self._connection_lost
        if protocol.is_closed.called:  # lost before a native endpoint told of it
            reason = Failure(ConnectionLost())
            self._hooks.losing(reason)
            self._gone(reason)

    # On the way down.

    def _connection_lost(self, reason: Failure) -> None:
        self._hooks.losing(reason)
        pace_of(self._reactor).do(partial(self._tell_session, reason))

    def _tell_session(self, reason: Failure) -> None:
        within(self._context, self._protocols_own)(reason)  # whoever has cut it off
        self._gone(reason)

    def _gone(self, reason: Failure) -> None:
        _cancel_closing_timer(self._protocol)
        self._end(reason)
        self._hooks.lost()

    def _left(self, _session: Any, details: Any) -> None:
        good = details.reason in GOOD_CLOSE
        self._end(None if good else Failure(ApplicationError(details.reason, details.message)))

    def _disconnected(self, _session: Any, was_clean: bool) -> None:  # noqa: FBT001 - the signature is Autobahn's
        if was_clean:
            self._end(None)

    def _end(self, failure: Failure | None) -> None:
        if self._over:
            return
        self._over = True
        if failure is None or failure.value is None:
            self._hooks.tried()
            return
        told = self._hooks.heard("connectfailure", self._blueprint.original, failure.value)
        told.addCallback(self._failed, failure.value)

    def _failed(self, _told: Any, error: BaseException) -> None:
        self._hooks.ended_with(error)
        self._hooks.tried()


def _cancel_closing_timer(protocol: Any) -> None:
    """Autobahn cancels all timers of a WebSocket connection that is lost, except that of the closing handshake."""
    timer = getattr(protocol, "closeHandshakeTimeoutCall", None)
    if timer is not None:
        timer.cancel()
        protocol.closeHandshakeTimeoutCall = None


def disconnect(session: Any) -> None:
    """Close the session's transport in order; one that is closed already is fine."""
    with contextlib.suppress(TransportLost):
        session.disconnect()


def say_goodbye(session: Any) -> None:
    """Leave the realm; a transport that is being closed already is fine."""
    with contextlib.suppress(TransportLost, Disconnected):
        session.leave()


def said_goodbye(session: Any) -> bool:
    """Whether this side has sent GOODBYE. Autobahn has no public name for it."""
    return bool(session._goodbye_sent)  # noqa: SLF001 - see above

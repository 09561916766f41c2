"""Autobahn's Component, made for one try over one transport, which tells an attempt all that happens.

What Autobahn's own does with a failing handler, a lost cause, headers and endpoints is in need of mending; this class
takes over just those places (`fire`, `_connect_transport`) and leaves the rest of Component as it is.
"""

from __future__ import annotations

import contextlib
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

import txaio
from autobahn.exception import Disconnected
from autobahn.twisted.component import Component
from autobahn.wamp.exception import TransportLost
from twisted.internet.error import ConnectionLost
from twisted.python.failure import Failure

from wampsup.wamp.authentication import for_autobahn
from wampsup.wamp.pace import pace_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from twisted.internet import defer

    from wampsup.wamp.blueprint import Blueprint

# autobahn.twisted.component selects Twisted, but only where nobody has selected anything before.
txaio.use_twisted()


ONE_TRANSPORT = {"type": "rawsocket", "url": "rs://localhost", "endpoint": {"type": "unix", "path": ""}}
"""Component has to hold one transport to make its one try; the attempt opens the real one."""


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


class _DebugLogger:
    """Autobahn's remarks on connecting go to debug: the supervisor tells of each attempt itself."""

    def __init__(self) -> None:
        log = txaio.make_logger()  # type: ignore[attr-defined]  # made by use_twisted
        self.debug = self.info = self.warn = self.error = log.debug


class SingleTry(Component):
    """One try over one transport: whatever goes wrong is fatal to this instance, and its attempt knows why."""

    log = _DebugLogger()

    def __init__(self, blueprint: Blueprint, hooks: Hooks) -> None:
        super().__init__(  # type: ignore[no-untyped-call]
            transports=[ONE_TRANSPORT],
            realm=blueprint.realm,
            extra=blueprint.extra(),
            authentication=for_autobahn(blueprint.authentication),
            session_factory=hooks.make_session,
            is_fatal=self._note_end,
        )
        self._hooks = hooks
        self._original = blueprint.original

    def _note_end(self, exception: BaseException) -> bool:
        self._hooks.ended_with(exception)
        return True

    def fire(self, event: str, *args: Any, **kwargs: Any) -> defer.Deferred[Any]:
        """Hand an event to the attempt, which runs the user's listeners: to them, the Component is their own."""
        if self._original is not None:
            args = tuple(self._original if arg is self else arg for arg in args)
        return self._hooks.heard(event, *args, **kwargs)

    def _connect_transport(
        self,
        reactor: Any,
        transport: Any,  # noqa: ARG002 - the signature is Autobahn's
        session_factory: Callable[[], Any],
        done: defer.Deferred[Any],
    ) -> defer.Deferred[Any]:
        connecting = self._hooks.connect(session_factory)
        pace = pace_of(reactor)

        def connected(protocol: Any) -> None:
            original = protocol.connectionLost

            def connection_lost(reason: Failure) -> None:
                self._hooks.losing(reason)
                pace.do(partial(lost, reason))

            def lost(reason: Failure) -> None:
                original(reason)
                gone(reason)

            def gone(reason: Failure) -> None:
                _cancel_closing_timer(protocol)
                if not done.called:
                    done.errback(reason)
                self._hooks.lost()

            protocol.connectionLost = connection_lost
            if protocol.is_closed.called:  # lost before a native endpoint told of it
                reason = Failure(ConnectionLost())
                self._hooks.losing(reason)
                gone(reason)

        return connecting.addCallback(connected)


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

"""One connection: Autobahn's server protocols with bounds, fewer words in the log, and errors that stay here.

The framing is Autobahn's. What is ours: a deadline until the session has joined and again once it is to close, a bound
on what waits for a slow reader, and what happens to bad input: ABORT where it can be said, then the end of this
connection and of no other one. Logs of Autobahn's protocols below `error` are switched off: a peer's mistakes are not
the supervisor's news, and composing those lines costs more than routing a message.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from autobahn.wamp.exception import ApplicationError, ProtocolError
from twisted.internet.defer import Deferred
from twisted.logger import Logger
from txaio.tx import make_logger

if TYPE_CHECKING:
    from collections.abc import Callable

    from twisted.internet.base import DelayedCall
    from twisted.python.failure import Failure

    from wampsup.router.limits import Limits
    from wampsup.router.session import Session

log = Logger()


class Connections:
    """All connections of a router that are open, and how to make another session."""

    def __init__(self, reactor: Any, limits: Limits, make_session: Callable[[], Session]) -> None:
        self.reactor = reactor
        self.limits = limits
        self.make_session = make_session
        self.open: set[Connection] = set()
        self._waiting: list[Deferred[None]] = []

    def all_gone(self) -> Deferred[None]:
        """Fires when no connection is open."""
        waiting: Deferred[None] = Deferred()
        self._waiting.append(waiting)
        self._tell()
        return waiting

    def remove(self, connection: Connection) -> None:
        """`connection` is closed."""
        self.open.discard(connection)
        self._tell()

    def _tell(self) -> None:
        if not self.open:
            waiting, self._waiting = self._waiting, []
            for each in waiting:
                each.callback(None)


class Connection:
    """What both kinds of connection have in common; mixed into Autobahn's protocols."""

    transport: Any
    _session: Session | None
    _serializer: Any
    _connections: Connections
    _deadline: DelayedCall | None = None

    log = make_logger("error")

    def connectionMade(self) -> None:  # Twisted's name
        """A peer has connected: from now on it has to hurry."""
        self._connections = cast("Any", self).factory.connections
        self._connections.open.add(self)
        self._expire(self._connections.limits.handshake_timeout)
        self.transport.setTcpNoDelay(True)  # Twisted's signature
        cast("Any", super()).connectionMade()

    def connectionLost(self, reason: Failure) -> None:  # Twisted's name
        """The peer is gone."""
        cast("Any", super()).connectionLost(reason)
        self.settle()
        self._connections.remove(self)

    def settle(self) -> None:
        """The handshake is over: the connection may stay."""
        if self._deadline is not None and self._deadline.active():
            self._deadline.cancel()

    def await_close(self) -> None:
        """Drop the connection if it is not closed before long."""
        self._expire(self._connections.limits.close_timeout)

    def drop(self) -> None:
        """End the connection now."""
        self.transport.abortConnection()

    def shut_down(self, reason: str) -> None:
        """Say GOODBYE if a session has joined; else end the connection now."""
        if self._session is None or self._session.realm is None:
            self.drop()
        else:
            self._session.dismiss(reason)

    def deliver(self, message: Any) -> str | None:
        """Send a message, or say by an error URI why this peer can't take it.

        A peer that reads too slowly is dropped.
        """
        try:
            payload, binary = self._serializer.serialize(message)
        except Exception:  # noqa: BLE001  # each serializer has errors of its own, and all say the same
            return ApplicationError.INVALID_PAYLOAD
        if len(payload) > self._longest():
            return ApplicationError.PAYLOAD_SIZE_EXCEEDED
        if self.transport._tempDataLen > self._connections.limits.queue_size:  # noqa: SLF001  # Twisted tells it nowhere else
            self.drop()
        else:
            self._frame(payload, binary)
        return None

    def _receive(self, payload: bytes, binary: bool | None) -> None:  # noqa: FBT001  # Autobahn's signature
        session = self._session
        if session is None:
            return
        try:
            messages = self._serializer.unserialize(payload, binary)
        except Exception as error:  # noqa: BLE001  # Autobahn's parsers raise what they like; it is the peer's fault
            session.violated(str(error))
            return
        for message in messages:
            try:
                session.onMessage(message)
            except ProtocolError as error:
                session.violated(str(error))
            except Exception:  # noqa: BLE001  # our own fault must not cost other sessions anything
                log.failure("the router failed on a message")
                session.violated("internal error")

    def _expire(self, seconds: float) -> None:
        self.settle()
        self._deadline = self._connections.reactor.callLater(seconds, self.drop)

    def _longest(self) -> int:
        raise NotImplementedError

    def _frame(self, payload: bytes, binary: bool) -> None:  # noqa: FBT001  # Autobahn's signature
        raise NotImplementedError

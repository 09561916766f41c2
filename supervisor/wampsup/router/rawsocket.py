"""WAMP over RawSocket, on Autobahn's server protocol."""

# mypy: disable-error-code="no-untyped-call"
# (inherited from Autobahn and Twisted, which have no types for all they have)
from __future__ import annotations

from typing import TYPE_CHECKING, cast

from autobahn.twisted.rawsocket import WampRawSocketServerFactory, WampRawSocketServerProtocol

from wampsup.router.connections import Connection

if TYPE_CHECKING:
    from wampsup.router.connections import Connections


class RawSocketConnection(Connection, WampRawSocketServerProtocol):  # type: ignore[misc]  # a base renames an argument
    """WAMP over RawSocket."""

    def stringReceived(self, string: bytes) -> None:  # Twisted's name
        """A message has come."""
        self._receive(string, None)

    def lengthLimitExceeded(self, length: int) -> None:  # noqa: ARG002, N802  # Twisted's signature
        """A message too long is announced."""
        self.drop()

    def hang_up(self) -> None:
        """Close the connection once all is sent, or drop it if that takes too long."""
        self.await_close()
        self.transport.loseConnection()

    def _longest(self) -> int:
        return cast("int", self._max_len_send)

    def _frame(self, payload: bytes, binary: bool) -> None:  # noqa: ARG002, FBT001  # RawSocket makes no difference
        self.sendString(payload)


class RawSocketFactory(WampRawSocketServerFactory):
    """Makes RawSocket connections."""

    protocol = RawSocketConnection
    noisy = False

    def __init__(self, connections: Connections) -> None:
        super().__init__(connections.make_session)
        self.connections = connections
        self.setProtocolOptions(maxMessagePayloadSize=connections.limits.message_size)

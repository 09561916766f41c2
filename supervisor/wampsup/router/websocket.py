"""WAMP over WebSocket, on Autobahn's server protocol."""

# mypy: disable-error-code="no-untyped-call"
# (inherited from Autobahn and Twisted, which have no types for all they have)
from __future__ import annotations

from typing import TYPE_CHECKING

from autobahn.twisted.websocket import WampWebSocketServerFactory, WampWebSocketServerProtocol
from autobahn.websocket.types import ConnectionDeny

from wampsup.router.connections import Connection

if TYPE_CHECKING:
    from autobahn.websocket.types import ConnectionRequest

    from wampsup.router.connections import Connections

ORIGIN_HOSTS = ("127.0.0.1", "localhost", "::1")
HTTP_HEADER_SIZE = 2**16
NOT_FOUND = 404


class WebSocketConnection(Connection, WampWebSocketServerProtocol):  # type: ignore[misc]  # Autobahn's bases disagree
    """WAMP over WebSocket."""

    def dataReceived(self, data: bytes) -> None:  # Twisted's name
        """Octets have come."""
        if self.state == self.STATE_CONNECTING and len(self.data) > HTTP_HEADER_SIZE:
            self.drop()
        else:
            self._dataReceived(data)

    def onConnect(self, request: ConnectionRequest) -> tuple[str | None, dict[str, str]]:  # Autobahn's name
        """Take clients of this listener's path alone."""
        if request.path != self.factory.path:
            raise ConnectionDeny(NOT_FOUND, "Not Found")
        return super().onConnect(request)

    def onMessage(self, payload: bytes, isBinary: bool) -> None:  # noqa: FBT001, N803  # Autobahn's signature
        """A message has come."""
        self._receive(payload, isBinary)

    def hang_up(self) -> None:
        """Close the connection once all is sent, or drop it if that takes too long."""
        self.await_close()
        self.sendClose(self.CLOSE_STATUS_CODE_NORMAL)

    def _longest(self) -> int:
        return self._connections.limits.message_size

    def _frame(self, payload: bytes, binary: bool) -> None:  # noqa: FBT001  # Autobahn's signature
        if self.state == self.STATE_OPEN:
            self.sendMessage(payload, binary)


class WebSocketFactory(WampWebSocketServerFactory):
    """Makes WebSocket connections for clients of `path` and, in browsers, for pages of this machine and of `host`.

    The handshakes' times are ours for both kinds of connection, so that Autobahn's own timers are off.
    """

    protocol = WebSocketConnection
    noisy = False

    def __init__(self, connections: Connections, host: str, path: str) -> None:
        super().__init__(connections.make_session)
        self.connections = connections
        self.path = path
        self.setProtocolOptions(
            webStatus=False,
            maxMessagePayloadSize=connections.limits.message_size,
            openHandshakeTimeout=0,
            closeHandshakeTimeout=0,
            allowedOrigins=[f"{scheme}://{name}:*" for name in (host, *ORIGIN_HOSTS) for scheme in ("http", "https")],
            allowNullOrigin=False,
        )

"""A TCP proxy that counts the joins in flight as a router sees them; light enough for a thousand clients.

A join is in flight from the moment when the proxy takes the client's connection until it has passed the router's
first message on (its WELCOME, for a component without authentication), or until the connection is closed. The router
may be away: whoever connects meanwhile is closed at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from twisted.internet.endpoints import HostnameEndpoint, connectProtocol
from twisted.internet.protocol import Factory, Protocol, connectionDone

from support.reactor import reactor, until

if TYPE_CHECKING:
    from twisted.python.failure import Failure

HANDSHAKE = 4
"""Bytes of the router's answer to a rawsocket handshake."""


class CountingProxy:
    """A proxy in front of the rawsocket router at `url`; make it and call it on the reactor.

    `in_flight` are the joins of this moment, `most_in_flight` is the most that there ever were at once, `joined` counts
    those that came through.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        assert parts.hostname is not None
        assert parts.port is not None
        self.upstream = HostnameEndpoint(reactor, parts.hostname, parts.port)
        self.in_flight: set[_Client] = set()
        self.most_in_flight = 0
        self.joined = 0
        self.open: set[_Client] = set()
        factory = Factory.forProtocol(lambda: _Client(self))
        factory.noisy = False
        self._port: Any = reactor.listenTCP(0, factory, backlog=1024, interface="127.0.0.1")
        self.url = f"rs://127.0.0.1:{self._port.getHost().port}"

    def count(self, client: _Client) -> None:
        """A client has come."""
        self.open.add(client)
        self.in_flight.add(client)
        self.most_in_flight = max(self.most_in_flight, len(self.in_flight))

    async def close(self) -> None:
        """Stop listening and end all connections."""
        await self._port.stopListening()
        for client in tuple(self.open):
            client.transport.abortConnection()
        await until(lambda: not self.open, what="the end of the proxy's connections")


class _Client(Protocol):
    transport: Any

    def __init__(self, proxy: CountingProxy) -> None:
        self._proxy = proxy
        self._router: _Router | None = None

    def connectionMade(self) -> None:
        self._proxy.count(self)
        self.transport.pauseProducing()  # until there is somebody to read for
        connecting = connectProtocol(self._proxy.upstream, _Router(self))
        connecting.addCallbacks(self._connected, lambda _: self.transport.loseConnection())

    def _connected(self, router: _Router) -> None:
        self._router = router
        if self in self._proxy.open:
            self.transport.resumeProducing()
        else:
            router.transport.abortConnection()

    def dataReceived(self, data: bytes) -> None:
        assert self._router is not None
        self._router.transport.write(data)

    def came(self, data: bytes, total: int) -> None:
        """The router has said this, and so many bytes so far."""
        self.transport.write(data)
        if total > HANDSHAKE and self in self._proxy.in_flight:
            self._proxy.in_flight.discard(self)
            self._proxy.joined += 1

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self._proxy.in_flight.discard(self)
        self._proxy.open.discard(self)
        if self._router is not None:
            self._router.transport.loseConnection()


class _Router(Protocol):
    transport: Any

    def __init__(self, client: _Client) -> None:
        self._client = client
        self._received = 0

    def dataReceived(self, data: bytes) -> None:
        self._received += len(data)
        self._client.came(data, self._received)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self._client.transport.loseConnection()

"""An HTTP proxy that connects its clients to where they want (CONNECT), or answers them as a test says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from twisted.internet.endpoints import HostnameEndpoint, connectProtocol
from twisted.internet.protocol import Factory, Protocol, connectionDone

from support.reactor import reactor, until

if TYPE_CHECKING:
    from twisted.python.failure import Failure


class ConnectProxy:
    """On loopback, at `port`. Make it on the reactor.

    `requests` are those that came. With an `answer`, that is all that a client hears (`b""`: nothing), and where the
    proxy is to `hang_up`, not even that. `hosts` says where a name leads.
    """

    def __init__(self, answer: bytes | None = None, *, hang_up: bool = False) -> None:
        self.answer = answer
        self.hang_up = hang_up
        self.requests: list[bytes] = []
        self.hosts: dict[str, str] = {}
        self.clients: set[_Client] = set()
        factory = Factory.forProtocol(lambda: _Client(self))
        factory.noisy = False
        self._port = reactor.listenTCP(0, factory, interface="127.0.0.1")
        self.port: int = self._port.getHost().port
        self.key = f'proxy = {{ host = "127.0.0.1", port = {self.port} }}'

    async def close(self) -> None:
        """Stop listening, and wait for the end of all connections."""
        await self._port.stopListening()
        for client in tuple(self.clients):
            client.transport.abortConnection()
        await until(lambda: not self.clients, what="the end of the proxy's connections")


class _Client(Protocol):
    transport: Any

    def __init__(self, proxy: ConnectProxy) -> None:
        self._proxy = proxy
        self._heard = b""
        self._router: Any = None

    def connectionMade(self) -> None:
        self._proxy.clients.add(self)

    def dataReceived(self, data: bytes) -> None:
        if self._router is not None:
            self._router.transport.write(data)
            return
        self._heard += data
        if not self._heard.endswith(b"\r\n\r\n"):
            return
        self._proxy.requests.append(self._heard)
        if self._proxy.hang_up:
            self.transport.loseConnection()
        elif self._proxy.answer is not None:
            self.transport.write(self._proxy.answer)
        else:
            target = self._heard.split()[1].decode()
            host, _, port = target.rpartition(":")
            host = self._proxy.hosts.get(host, host.strip("[]"))
            endpoint = HostnameEndpoint(reactor, host, int(port))
            connectProtocol(endpoint, _Router(self.transport)).addCallbacks(self._connected, self._failed)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self._proxy.clients.discard(self)
        if self._router is not None:
            self._router.transport.loseConnection()

    def _connected(self, router: _Router) -> None:
        self._router = router
        self.transport.write(b"HTTP/1.1 200 Connection established\r\nVia: 1.1 kettle\r\n\r\n")

    def _failed(self, _failure: Failure) -> None:
        self.transport.write(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")


class _Router(Protocol):
    transport: Any

    def __init__(self, client: Any) -> None:
        self._client = client

    def dataReceived(self, data: bytes) -> None:
        self._client.write(data)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self._client.loseConnection()

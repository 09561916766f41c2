"""Ports, and what they accept; connections, with TLS as well; datagrams."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from twisted.internet import endpoints
from twisted.internet.protocol import DatagramProtocol, Factory, Protocol
from twisted.internet.ssl import Certificate as Certificates
from twisted.internet.ssl import DefaultOpenSSLContextFactory, optionsForClientTLS, trustRootFromCertificates

from support.causes.book import OTHER, cause
from support.tls import self_signed

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.causes.book import Burner


class Talker(Protocol):
    """Burns at each end of a connection: when it is made, gets an octet and is lost."""

    transport: Any

    def __init__(self, burn: Burner, *, speaks: bool) -> None:
        self._burn = burn
        self._speaks = speaks

    def connectionMade(self) -> None:
        self._burn()
        if self._speaks:
            self.transport.write(b"x")

    def dataReceived(self, data: bytes) -> None:
        self._burn()
        self.transport.loseConnection()

    def connectionLost(self, reason: Any = None) -> None:
        self._burn()


class Talkers(Factory):
    """Makes them."""

    noisy = False

    def __init__(self, burn: Burner, *, speaks: bool) -> None:
        self._burn = burn
        self._speaks = speaks

    def buildProtocol(self, addr: Any) -> Talker:
        return Talker(self._burn, speaks=self._speaks)


ENDS = 5
"""Burns: each end is made and lost, and one gets the octet."""


@cause(ENDS)
async def tcp(burn: Burner) -> None:
    server: Any = endpoints.TCP4ServerEndpoint(burn.reactor, 0, interface="127.0.0.1")
    port = await server.listen(Talkers(burn, speaks=False))
    client: Any = endpoints.TCP4ClientEndpoint(burn.reactor, "127.0.0.1", port.getHost().port)
    await client.connect(Talkers(burn, speaks=True))


@cause(ENDS)
async def unix_socket(burn: Burner) -> None:
    path = "\0" + str(burn.folder)
    burn.reactor.listenUNIX(path, Talkers(burn, speaks=True))
    client: Any = endpoints.UNIXClientEndpoint(burn.reactor, path)
    await client.connect(Talkers(burn, speaks=False))


@cause(ENDS)
async def tls(burn: Burner) -> None:
    pem = self_signed(burn.folder, "localhost")
    port = burn.reactor.listenSSL(
        0, Talkers(burn, speaks=False), DefaultOpenSSLContextFactory(str(pem), str(pem)), interface="127.0.0.1"
    )
    roots = trustRootFromCertificates([Certificates.loadPEM(pem.read_bytes())])
    options: Any = optionsForClientTLS("localhost", trustRoot=roots)
    plain: Any = endpoints.TCP4ClientEndpoint(burn.reactor, "127.0.0.1", port.getHost().port)
    client: Any = endpoints.wrapClientTLS(options, plain)
    await client.connect(Talkers(burn, speaks=True))


@cause(3)
async def port_that_another_one_connects_to(burn: Burner) -> None:
    class Silent(Protocol):
        transport: Any

        def connectionMade(self) -> None:
            self.transport.write(b"x")

    port = burn.reactor.listenTCP(0, Talkers(burn, speaks=False), interface="127.0.0.1")
    endpoint = endpoints.TCP4ClientEndpoint(burn.reactor, "127.0.0.1", port.getHost().port)
    connect: Callable[..., Any] = endpoint.connect
    OTHER.run(connect, Factory.forProtocol(Silent))


@cause(2)
def datagrams(burn: Burner) -> None:
    class Received(DatagramProtocol):
        def datagramReceived(self, datagram: bytes, addr: Any) -> None:
            burn()

    port = burn.reactor.listenUDP(0, Received(), interface="127.0.0.1")
    for _ in range(2):
        port.write(b"x", ("127.0.0.1", port.getHost().port))

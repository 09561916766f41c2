"""A way through an HTTP proxy: an endpoint that asks it for a connection to the router (CONNECT), and hands that over.

Autobahn can do so itself, but speaks TLS through it with no roots or names other than its own, forms wrong requests for
IPv6, and does not tell what the proxy has answered. Here TLS is wrapped around the tunnel, as around any endpoint.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from twisted.internet import defer
from twisted.internet.interfaces import IStreamClientEndpoint
from twisted.internet.protocol import Factory, Protocol, connectionDone
from zope.interface import implementer

from wampsup.wamp.problem import message_of

if TYPE_CHECKING:
    from twisted.python.failure import Failure

_LONGEST_ANSWER = 16 * 1024
_END = b"\r\n\r\n"


def authority(host: str, port: int) -> str:
    """A host and a port as HTTP writes them.

    Raises:
        UnicodeError: there can't be such a host.
    """
    ascii_host = host if host.isascii() else host.encode("idna").decode()
    return f"[{host}]:{port}" if ":" in host else f"{ascii_host}:{port}"


class ProxyError(Exception):
    """The proxy can't be reached, or did not connect."""


@implementer(IStreamClientEndpoint)
class Tunnel:
    """The endpoint of `target` (an `authority`) behind `proxy` (an endpoint), which is called `name` in errors.

    The proxy has `timeout` seconds to answer, once it is connected.
    """

    def __init__(self, reactor: Any, proxy: Any, name: str, target: str, timeout: float) -> None:
        self.reactor = reactor
        self.name = name
        self.timeout = timeout
        self.target = target
        self._proxy = proxy

    def connect(self, factory: Any) -> defer.Deferred[Any]:
        """Connect; fails with ProxyError."""
        opening = _Opening(self, factory)
        connecting: defer.Deferred[Any] = self._proxy.connect(opening)
        return connecting.addCallbacks(lambda protocol: protocol.opened, self._not_reached)

    def _not_reached(self, failure: Failure) -> Failure:
        if failure.value is None or failure.check(defer.CancelledError):
            return failure
        raise ProxyError(f"the proxy {self.name} can't be reached: {message_of(failure.value)}") from failure.value


class _Opening(Factory):
    noisy = False

    def __init__(self, tunnel: Tunnel, factory: Any) -> None:
        self._tunnel = tunnel
        self._factory = factory

    def buildProtocol(self, addr: Any) -> _TunnelProtocol:
        protocol = _TunnelProtocol(self._tunnel, self._factory, addr)
        protocol.factory = self
        return protocol


class _TunnelProtocol(Protocol):
    """Speaks with the proxy until that has connected; from then on, the transport belongs to the protocol within."""

    transport: Any

    def __init__(self, tunnel: Tunnel, factory: Any, addr: Any) -> None:
        self.opened: defer.Deferred[Any] = defer.Deferred(lambda _: self.transport.abortConnection())
        self._tunnel = tunnel
        self._wrapped_factory = factory
        self._addr = addr
        self._heard = b""
        self._inner: Any = None
        self._late: Any = None

    def connectionMade(self) -> None:
        tunnel = self._tunnel
        request = f"CONNECT {tunnel.target} HTTP/1.1\r\nHost: {tunnel.target}\r\n\r\n"
        self.transport.write(request.encode())
        said = f"the proxy {tunnel.name} did not answer within {tunnel.timeout:g} s"
        self._late = tunnel.reactor.callLater(tunnel.timeout, self._fail, said)

    def dataReceived(self, data: bytes) -> None:
        if self._inner is not None:
            self._inner.dataReceived(data)
            return
        self._heard += data
        head, end, rest = self._heard.partition(_END)
        if end:
            self._answered(head, rest)
        elif len(self._heard) > _LONGEST_ANSWER:
            self._fail(f"what the proxy {self._tunnel.name} answers is no HTTP")

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        if self._inner is not None:
            self._inner.connectionLost(reason)
        else:
            self._fail(f"the proxy {self._tunnel.name} closed the connection without an answer")

    def _answered(self, head: bytes, rest: bytes) -> None:
        version, _, status = head.split(b"\r\n")[0].decode("latin-1").partition(" ")
        if not version.startswith("HTTP/1.") or not status[:3].isdigit():
            self._fail(f"what the proxy {self._tunnel.name} answers is no HTTP")
        elif not status.startswith("2"):
            self._fail(f"the proxy {self._tunnel.name} refused to connect to {self._tunnel.target}: {status[:200]}")
        else:
            self._hand_over(rest)

    def _hand_over(self, rest: bytes) -> None:
        self._wait_no_more()
        self._heard = b""
        self._inner = self._wrapped_factory.buildProtocol(self._addr)
        self._inner.makeConnection(self.transport)
        self.opened.callback(self._inner)
        if rest:
            self._inner.dataReceived(rest)

    def _fail(self, said: str) -> None:
        if self._late is None:
            return  # it has failed already
        self._wait_no_more()
        self.transport.abortConnection()
        if not self.opened.called:
            self.opened.errback(ProxyError(said))

    def _wait_no_more(self) -> None:
        if self._late is not None and self._late.active():
            self._late.cancel()
        self._late = None

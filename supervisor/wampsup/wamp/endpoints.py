"""From an endpoint of the fleet file to a Twisted client endpoint: TCP over IPv4 and IPv6, unix sockets, TLS, proxies.

TLS is wrapped around whatever else the endpoint is. Where the URL asks for it (`wss`, `rss`), an endpoint string is
wrapped as well, unless it speaks TLS by itself: nothing that should be secret goes out in the clear.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from twisted.internet import defer, endpoints, error
from twisted.internet.abstract import isIPAddress, isIPv6Address
from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.interfaces import IHostnameResolver, IReactorPluggableNameResolver
from zope.interface import implementer

from wampsup.config.urls import is_secure, parse_url
from wampsup.model.spec import TcpEndpoint, TlsSpec, UnixEndpoint
from wampsup.wamp.tls import client_options
from wampsup.wamp.tunnel import Tunnel, authority

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wampsup.model.spec import TransportSpec

_FAMILIES = {4: IPv4Address, 6: IPv6Address}
_SPEAK_TLS = ("tls", "ssl")
"""Twisted's own kinds of endpoint strings that do."""

PROXY_TIMEOUT = 10.0
"""Seconds to reach a proxy in, and for its answer, where the endpoint has no timeout of its own."""


def client_endpoint(transport: TransportSpec, reactor: Any) -> Any:
    """The endpoint to connect for `transport`, through its proxy where it has one.

    Raises:
        ValueError: an endpoint string that Twisted doesn't understand, or a file that doesn't hold what it should.
        OSError: a certificate file can't be read.
    """
    endpoint = transport.endpoint
    plain = _proxied(transport, reactor) if transport.proxy else _plain(endpoint, reactor)
    tls = tls_of(transport)
    if tls is None:
        return plain
    options = client_options(tls, server_name(transport)) if isinstance(tls, TlsSpec) else tls
    return endpoints.wrapClientTLS(options, plain)


def tls_of(transport: TransportSpec) -> Any:
    """The TLS to speak: a `TlsSpec`, the options of an adopted Component, or `None`."""
    match transport.endpoint:
        case TcpEndpoint(tls=tls) | UnixEndpoint(tls=tls):
            return tls
        case str() as description if description.partition(":")[0] in _SPEAK_TLS and not transport.proxy:
            return None
        case str():
            return TlsSpec() if is_secure(transport.url.partition("://")[0]) else None
        case _native:
            return TlsSpec() if transport.proxy and is_secure(transport.url.partition("://")[0]) else None


def server_name(transport: TransportSpec) -> str:
    """The host that the router's certificate has to name, unless `tls.hostname` says otherwise."""
    by_url = urlsplit(transport.url).hostname
    if by_url and not transport.url.partition("://")[2].startswith("unix:"):
        return by_url
    return transport.endpoint.host if isinstance(transport.endpoint, TcpEndpoint) else ""


def cancel_connecting(connecting: defer.Deferred[Any]) -> None:
    """Cancel what an endpoint's `connect` has returned: it has fired when this returns."""
    try:
        connecting.cancel()
    except error.NotConnectingError:
        # A TCP endpoint whose protocol raised when it was connected: the connection is closed, and nobody tells.
        connecting.errback(defer.CancelledError())


def _plain(endpoint: Any, reactor: Any) -> Any:
    match endpoint:
        case TcpEndpoint() as tcp:
            return _tcp(tcp, reactor)
        case UnixEndpoint() as unix:
            return endpoints.UNIXClientEndpoint(reactor, unix.path, timeout=unix.timeout)
        case str() as description:
            return endpoints.clientFromString(reactor, description)
        case native:
            return native  # an adopted Component's own


def _proxied(transport: TransportSpec, reactor: Any) -> Any:
    """A tunnel to the endpoint's host, or to the URL's where an adopted Component has another kind of endpoint."""
    proxy = transport.proxy
    assert proxy is not None  # noqa: S101 - as the caller has seen
    to: Any = transport.endpoint if isinstance(transport.endpoint, TcpEndpoint) else parse_url(transport.url)
    timeout = getattr(to, "timeout", PROXY_TIMEOUT)
    first = _tcp(TcpEndpoint(host=proxy.host, port=proxy.port, timeout=timeout), reactor)
    return Tunnel(reactor, first, authority(proxy.host, proxy.port), authority(to.host, to.port), timeout)


def _tcp(tcp: TcpEndpoint, reactor: Any) -> Any:
    # A literal address needs no resolver and so no thread.
    if isIPAddress(tcp.host):
        return endpoints.TCP4ClientEndpoint(reactor, tcp.host, tcp.port, timeout=tcp.timeout)
    if isIPv6Address(tcp.host):
        return endpoints.TCP6ClientEndpoint(reactor, tcp.host, tcp.port, timeout=tcp.timeout)
    using = reactor if tcp.version is None else _OneFamily(reactor, _FAMILIES[tcp.version])
    return _Name(using, tcp.host, tcp.port, timeout=tcp.timeout)


def is_host(name: str) -> bool:
    """Whether there can be a host of that name, or it is an address."""
    bad, *_ = _Name._hostAsBytesAndText(name)  # noqa: SLF001 - see there
    return not bad


class _Name(endpoints.HostnameEndpoint):
    """Takes names with underscores, too: hosts files, and networks of containers, have them."""

    @staticmethod
    def _hostAsBytesAndText(host: Any) -> tuple[bool, bytes, str]:  # noqa: N802 - Twisted's name
        bad, encoded, text = endpoints.HostnameEndpoint._hostAsBytesAndText(host.replace("_", "-"))  # noqa: SLF001
        return (bad, host.encode(), host) if "_" in host and host.isascii() else (bad, encoded, text)


@implementer(IReactorPluggableNameResolver)
class _OneFamily:
    """A reactor that finds addresses of one family alone, so that all of those are tried which a name has."""

    def __init__(self, reactor: Any, family: type) -> None:
        self._reactor = reactor
        self._family = family

    def __getattr__(self, name: str) -> Any:
        return getattr(self._reactor, name)

    @property
    def nameResolver(self) -> Any:  # noqa: N802 - Twisted's name
        """The reactor's own of this moment, with a narrower view."""
        return _FamilyResolver(self._reactor.nameResolver, self._family)

    def installNameResolver(self, resolver: Any) -> Any:  # noqa: N802 - Twisted's name
        """As the reactor does."""
        return self._reactor.installNameResolver(resolver)


@implementer(IHostnameResolver)
class _FamilyResolver:
    def __init__(self, resolver: Any, family: type) -> None:
        self._resolver = resolver
        self._family = family

    def resolveHostName(  # noqa: N802 - Twisted's name
        self,
        receiver: Any,
        hostName: str,  # noqa: N803 - Twisted's name
        portNumber: int = 0,  # noqa: N803 - Twisted's name
        addressTypes: Sequence[type] | None = None,  # noqa: ARG002, N803 - there is but one
        transportSemantics: str = "TCP",  # noqa: N803 - Twisted's name
    ) -> Any:
        return self._resolver.resolveHostName(receiver, hostName, portNumber, [self._family], transportSemantics)

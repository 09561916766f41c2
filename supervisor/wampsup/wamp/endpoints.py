"""From an endpoint of the fleet file to a Twisted client endpoint: TCP over IPv4 and IPv6, TLS, unix sockets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from twisted.internet import defer, endpoints, error, ssl
from twisted.internet.abstract import isIPAddress, isIPv6Address

from wampsup.model.spec import TcpEndpoint, TlsSpec, UnixEndpoint

if TYPE_CHECKING:
    from pathlib import Path

    from wampsup.model.spec import TransportSpec


IPV4, IPV6 = 4, 6


def client_endpoint(transport: TransportSpec, reactor: Any) -> Any:
    """The endpoint to connect for `transport`: its proxy's where it has one.

    Raises:
        ValueError: an endpoint description that Twisted doesn't understand, or a file without a certificate.
        OSError: a certificate file can't be read.
    """
    match transport.proxy or transport.endpoint:
        case TcpEndpoint() as tcp:
            plain = _tcp(tcp, reactor)
            return plain if tcp.tls is None else _with_tls(plain, tcp.tls, urlsplit(transport.url).hostname or tcp.host)
        case UnixEndpoint() as unix:
            return endpoints.UNIXClientEndpoint(reactor, unix.path, timeout=unix.timeout)
        case str() as description:
            return endpoints.clientFromString(reactor, description)
        case native:
            return native  # an adopted Component's own


def cancel_connecting(connecting: defer.Deferred[Any]) -> None:
    """Cancel what an endpoint's `connect` has returned: it has fired when this returns."""
    try:
        connecting.cancel()
    except error.NotConnectingError:
        # A TCP endpoint whose protocol raised when it was connected: the connection is closed, and nobody tells.
        connecting.errback(defer.CancelledError())


def _tcp(tcp: TcpEndpoint, reactor: Any) -> Any:
    # A literal address needs no resolver and so no thread.
    if tcp.version == IPV4 or isIPAddress(tcp.host):
        return endpoints.TCP4ClientEndpoint(reactor, tcp.host, tcp.port, timeout=tcp.timeout)
    if tcp.version == IPV6 or isIPv6Address(tcp.host):
        return endpoints.TCP6ClientEndpoint(reactor, tcp.host, tcp.port, timeout=tcp.timeout)
    return endpoints.HostnameEndpoint(reactor, tcp.host, tcp.port, timeout=tcp.timeout)


def _with_tls(plain: Any, tls: Any, host: str) -> Any:
    if not isinstance(tls, TlsSpec):
        return endpoints.wrapClientTLS(tls, plain)
    roots = [certificate for path in tls.trust_root for certificate in _certificates(path)]
    options = ssl.optionsForClientTLS(
        tls.hostname or host,
        trustRoot=ssl.trustRootFromCertificates(roots) if roots else None,
        clientCertificate=_client_certificate(tls),
    )
    return endpoints.wrapClientTLS(options, plain)


def _certificates(path: Path) -> list[ssl.Certificate]:
    end = b"-----END CERTIFICATE-----"
    blocks = [block + end for block in path.read_bytes().split(end)[:-1]]
    if not blocks:
        raise ValueError(f"no certificate in `{path}`")
    return [ssl.Certificate.loadPEM(block) for block in blocks]


def _client_certificate(tls: TlsSpec) -> Any:
    if tls.certificate is None:
        return None
    key = (tls.key or tls.certificate).read_bytes()
    return ssl.PrivateCertificate.loadPEM(tls.certificate.read_bytes() + b"\n" + key)

"""Components as their users wrote them, with Autobahn's own forms of TLS, options, headers and proxies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from autobahn.twisted.component import Component
from autobahn.websocket.compress import PerMessageDeflateOffer, PerMessageDeflateResponseAccept
from twisted.internet.endpoints import TCP4ClientEndpoint
from twisted.internet.ssl import Certificate, optionsForClientTLS

from support.connect_proxy import ConnectProxy
from support.reactor import reactor, until
from support.supervised import Supervised, component
from support.ways import protocol_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.crossbar_transports import TransportsCrossbar
    from support.reactor import Run


async def joined(transport: dict[str, Any], look: Callable[[Any], Any]) -> Any:
    """What `look` finds, given the protocol below the session of a Component over that transport."""
    own = Component(transports=transport)
    found: list[Any] = []
    own.on_ready(lambda session: found.append(look(protocol_of(session))))
    fleet = Supervised(component("rs://127.0.0.1:1", component=own, transports=None)).start()
    try:
        await until(lambda: found, 5, "what there is to find")
    except AssertionError as error:
        raise AssertionError(f"{error}: {fleet.core().last_error}") from None
    await fleet.stop()
    return found[0]


def is_secure(protocol: Any) -> bool:
    return bool(protocol._transport_details.is_secure)


def port_of(url: str) -> int:
    return int(url.rpartition(":")[2].partition("/")[0])


@pytest.mark.parametrize("tls", ["a table", "native options"])
@pytest.mark.parametrize("kind", ["websocket", "rawsocket"])
def test_its_tls(run: Run, transports_crossbar: TransportsCrossbar, kind: str, tls: str) -> None:
    root = transports_crossbar.authority.path
    native = optionsForClientTLS("router.example", trustRoot=Certificate.loadPEM(root.read_bytes()))
    url = transports_crossbar.tls_url if kind == "websocket" else transports_crossbar.tls_rawsocket_url
    endpoint = {
        "type": "tcp",
        "host": "127.0.0.1",
        "port": port_of(url),
        "tls": native if tls == "native options" else {"hostname": "router.example", "trust_root": str(root)},
    }
    assert run(lambda: joined({"type": kind, "url": url, "endpoint": endpoint}, is_secure))


@pytest.mark.parametrize("kind", ["websocket", "rawsocket"])
def test_tls_by_its_url_alone(
    run: Run, transports_crossbar: TransportsCrossbar, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """Autobahn would speak to the port of an `rss` URL in the clear."""
    monkeypatch.setenv("SSL_CERT_FILE", str(transports_crossbar.authority.path))
    url = transports_crossbar.tls_url if kind == "websocket" else transports_crossbar.tls_rawsocket_url
    assert run(lambda: joined({"type": kind, "url": url}, is_secure))


def test_its_compression(run: Run, transports_crossbar: TransportsCrossbar) -> None:
    options = {
        "perMessageCompressionOffers": [PerMessageDeflateOffer()],
        "perMessageCompressionAccept": lambda response: PerMessageDeflateResponseAccept(response, mem_level=2),
    }
    made = {"type": "websocket", "url": transports_crossbar.deflate_url, "options": options}
    assert run(lambda: joined(made, lambda protocol: protocol._perMessageCompress.mem_level)) == 2


def test_its_headers(run: Run, transports_crossbar: TransportsCrossbar) -> None:
    made = {"type": "websocket", "url": transports_crossbar.websocket_url, "headers": {"X-Site": "north"}}
    assert b"X-Site: north\r\n" in run(lambda: joined(made, lambda protocol: protocol.http_request_data))


@pytest.mark.parametrize("endpoint", ["by the url", "native"])
def test_its_proxy(run: Run, transports_crossbar: TransportsCrossbar, endpoint: str) -> None:
    async def scenario() -> list[bytes]:
        proxy = ConnectProxy()
        made: dict[str, Any] = {
            "type": "websocket",
            "url": transports_crossbar.websocket_url,
            "proxy": {"host": "127.0.0.1", "port": proxy.port},
        }
        if endpoint == "native":  # as Autobahn does, the proxy is asked for the host of the URL
            made["endpoint"] = TCP4ClientEndpoint(reactor, "127.0.0.1", 1)
        await joined(made, is_secure)
        await proxy.close()
        return proxy.requests

    (request,) = run(scenario)
    assert request.startswith(f"CONNECT 127.0.0.1:{transports_crossbar.websocket_port} ".encode())


def test_its_native_endpoint(run: Run, transports_crossbar: TransportsCrossbar) -> None:
    endpoint = TCP4ClientEndpoint(reactor, "127.0.0.1", transports_crossbar.websocket_port)
    made = {"type": "websocket", "url": "ws://router.example/ws", "endpoint": endpoint}
    assert run(lambda: joined(made, lambda protocol: protocol.transport.getPeer().port)) == (
        transports_crossbar.websocket_port
    )

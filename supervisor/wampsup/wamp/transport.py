"""From a transport of the fleet file to an Autobahn transport factory that has all of it, headers included.

A WebSocket pings its router, so that a link that died without a word is found, whatever it died of: the network, the
host, or a router that hangs. A rawsocket cannot: WAMP has PING frames for it, but Autobahn sends none, and takes one
for a message that is too long, Crossbar.io too. `keepalive` tells what it has instead.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from autobahn.twisted.rawsocket import WampRawSocketClientFactory
from autobahn.twisted.websocket import WampWebSocketClientFactory, WampWebSocketClientProtocol

from wampsup.model.secret import reveal
from wampsup.wamp.options import protocol_options
from wampsup.wamp.serializers import make_serializers

if TYPE_CHECKING:
    from collections.abc import Callable

    from wampsup.model.spec import TransportSpec

PING = {"autoPingInterval": 15.0, "autoPingTimeout": 10.0}
"""Seconds. A pong is due that long after a ping, and the next ping that long after the pong, or after data that came in
its place: so no link is dead for more than 25 s."""


class _PingingProtocol(WampWebSocketClientProtocol):
    """Says what it was that came too late, and takes its options from its factory at once.

    Autobahn's own loop over `CONFIG_ATTRS` also writes all of them out at each connection, for a line of debugging.
    """

    CONFIG_ATTRS: list[str] = []  # noqa: RUF012 - Autobahn declares it so
    autoPingTimeout: float  # noqa: N815 - Autobahn's name

    def connectionMade(self) -> None:
        for name in WampWebSocketClientProtocol.CONFIG_ATTRS:
            setattr(self, name, getattr(self.factory, name))
        super().connectionMade()

    def onAutoPingTimeout(self) -> None:
        super().onAutoPingTimeout()
        self.wasNotCleanReason = f"the router did not answer a ping within {self.autoPingTimeout:g} s"


def transport_factory(transport: TransportSpec, session_factory: Callable[[], Any], reactor: Any) -> Any:
    """A factory of Autobahn's for `transport`, which makes a session for each connection.

    Raises:
        RuntimeError: a serializer that is not installed.
        KeyError: an option that this transport type doesn't have.
        ValueError, AssertionError: a value that Autobahn doesn't take for an option.
        ImportMistakeError: a function that an option names can't be imported.
    """
    serializers = make_serializers(transport)
    options = protocol_options(transport.type, transport.options)
    factory: Any
    if transport.type == "rawsocket":
        factory = WampRawSocketClientFactory(session_factory, serializer=serializers[0])
        factory.setProtocolOptions(**options)
        return factory
    factory = WampWebSocketClientFactory(
        session_factory, url=_request_url(transport), serializers=serializers, reactor=reactor, **_headers(transport)
    )
    if ":" in factory.host:  # Autobahn forgets the brackets of an IPv6 address in the header `Host`
        factory.host = f"[{factory.host}]"
    factory.protocol = _PingingProtocol
    factory.setProtocolOptions(**PING | options)
    return factory


def _request_url(transport: TransportSpec) -> str:
    """The URL of the request: at a unix socket, Autobahn would take its path for the request's, and for a port."""
    scheme, _, rest = transport.url.partition("://")
    return f"{scheme}://localhost" if rest.startswith("unix:") else transport.url


def _headers(transport: TransportSpec) -> dict[str, Any]:
    """The arguments for the headers. Autobahn sends a `User-Agent` of its own, unless it is told another."""
    headers = reveal(dict(transport.headers))
    agent = next((name for name in headers if name.lower() == "user-agent"), None)
    return {"headers": headers} if agent is None else {"useragent": headers.pop(agent), "headers": headers}

"""From a transport of the fleet file to an Autobahn transport factory that has all of it, headers included.

A WebSocket pings its router, so that a link that died without a word is found, whatever it died of: the network, the
host, or a router that hangs. A rawsocket cannot: WAMP has PING frames for it, but Autobahn sends none, and takes one
for a message that is too long, Crossbar.io too. `keepalive` tells what it has instead.
"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from autobahn.twisted.rawsocket import WampRawSocketClientFactory
from autobahn.twisted.websocket import WampWebSocketClientFactory, WampWebSocketClientProtocol
from autobahn.wamp.serializer import create_transport_serializer

if TYPE_CHECKING:
    from collections.abc import Callable

    from wampsup.model.spec import TransportSpec

PING = {"autoPingInterval": 15.0, "autoPingTimeout": 10.0}
"""Seconds. A pong is due that long after a ping, and the next ping that long after the pong, or after data that came in
its place: so no link is dead for more than 25 s."""

FACTORIES: dict[str, Any] = {"websocket": WampWebSocketClientFactory, "rawsocket": WampRawSocketClientFactory}
DEFAULT_SERIALIZERS = {"websocket": ("cbor", "json"), "rawsocket": ("cbor",)}


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


def known_options(kind: str) -> dict[str, str]:
    """The options of Autobahn's `setProtocolOptions` for a transport type: both spellings, to Autobahn's own."""
    parameters = [name for name in inspect.signature(FACTORIES[kind].setProtocolOptions).parameters if name != "self"]
    return {spelling: name for name in parameters for spelling in (name, _snake_case(name))}


def transport_factory(transport: TransportSpec, session_factory: Callable[[], Any], reactor: Any) -> Any:
    """A factory of Autobahn's for `transport`, which makes a session for each connection.

    Raises:
        ValueError: a serializer that is not installed.
        KeyError: an option that this transport type doesn't have.
        AssertionError: a value that Autobahn doesn't take for an option.
    """
    identifiers = transport.serializers or DEFAULT_SERIALIZERS[transport.type]
    serializers = [create_transport_serializer(identifier) for identifier in identifiers]
    factory: Any
    if transport.type == "rawsocket":
        factory = WampRawSocketClientFactory(session_factory, serializer=serializers[0])
    else:
        factory = WampWebSocketClientFactory(
            session_factory,
            url=transport.url,
            serializers=serializers,
            headers=dict(transport.headers),
            proxy={"host": transport.proxy.host, "port": transport.proxy.port} if transport.proxy else None,
            reactor=reactor,
        )
        factory.protocol = _PingingProtocol
    names = known_options(transport.type)
    options = {names[name]: value for name, value in transport.options.items()}
    defaults = {} if transport.type == "rawsocket" else PING
    factory.setProtocolOptions(**defaults | options)
    return factory


def _snake_case(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)

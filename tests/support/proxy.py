"""A TCP proxy that stops doing its work when told to: a router that freezes, refuses or drops its clients.

It stands in front of a websocket, rawsocket or unix transport, on the test's reactor, and takes orders at any moment or
when so many bytes or a pattern have come. While frozen it truly reads nothing, so that the peers' buffers fill; that a
client has closed its end it learns from the kernel. It keeps all that passes, so it is not for heavy loads.
"""

from __future__ import annotations

import itertools
import select
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

from twisted.internet.endpoints import clientFromString
from twisted.internet.interfaces import IReadDescriptor
from twisted.internet.protocol import Factory, Protocol, connectionDone
from zope.interface import implementer

from support.reactor import reactor, until

if TYPE_CHECKING:
    from collections.abc import Callable

    from twisted.python.failure import Failure

Side = Literal["client", "router"]

_numbers = itertools.count(1)


class Proxy:
    """A proxy in front of the router at `url` (`ws://host:port/path`, `rs://host:port`, `rs://unix:/path`).

    Its own `url` is what a client uses instead. Make it and call it on the reactor. `connections` are all that there
    ever were, in their order.
    """

    def __init__(self, url: str) -> None:
        self.connections: list[Connection] = []
        self.frozen = False
        self.hanging_up = False
        self._triggers: list[_Trigger] = []
        self._factory = Factory.forProtocol(lambda: _Half(Connection(self), "client"))
        self._factory.noisy = False
        parts = urlsplit(url)
        self._path = f"{parts.path}.{next(_numbers)}" if url.startswith("rs://unix:") else None
        self.upstream = f"unix:{parts.path}" if self._path else f"tcp:{parts.hostname}:{parts.port}"
        self._port: Any = None
        self._port_number = 0
        self._listen()
        self.url = f"rs://unix:{self._path}" if self._path else parts._replace(netloc=f"127.0.0.1:{self.port}").geturl()

    @property
    def port(self) -> int:
        """The TCP port it listens on."""
        return self._port_number

    @property
    def open_connections(self) -> int:
        """How many clients are connected."""
        return sum(connection.closed_at is None for connection in self.connections)

    @property
    def total_connections(self) -> int:
        """How many clients have connected so far."""
        return len(self.connections)

    def freeze(self) -> None:
        """From now on read nothing and forward nothing, but keep all connections open, and accept new ones."""
        self.frozen = True
        self._for_each_open(Connection.freeze)

    def refuse(self) -> None:
        """Stop listening: new connections are refused, open ones stay."""
        if self._port is not None:
            self._port.stopListening()
            self._port = None

    def hang_up(self) -> None:
        """Accept new connections and close them at once; open ones stay."""
        self.hanging_up = True

    def drop(self) -> None:
        """Abort all open connections, as a router does that dies; new ones are welcome."""
        self._for_each_open(Connection.drop)

    def restore(self) -> None:
        """Work again: accept, thaw, and forward what was held back."""
        self.frozen = self.hanging_up = False
        if self._port is None:
            self._listen()
        self._for_each_open(Connection.thaw)

    def on(self, side: Side, what: int | bytes, act: Callable[[], object]) -> None:
        """Call `act` once, when one connection has brought `what` from `side`: a number of bytes, or a pattern.

        The bytes before that are forwarded, those from there on only as `act` leaves the proxy. What a websocket client
        sends after its handshake is masked: no pattern will be found there.
        """
        self._triggers.append(_Trigger(side, what, act))

    async def close(self) -> None:
        """Stop listening and end all connections."""
        self.refuse()
        self.drop()
        await until(lambda: not self.open_connections, what="the end of the proxy's connections")

    def pull_trigger(self, side: Side, received: bytes) -> tuple[int, Callable[[], object]] | None:
        """The first trigger that these bytes of one connection pull, and where; it is used up."""
        for trigger in self._triggers:
            if trigger.side == side and (place := trigger.place(received)) is not None:
                self._triggers.remove(trigger)
                return place, trigger.act
        return None

    def _listen(self) -> None:
        if self._path:
            self._port = reactor.listenUNIX(self._path, self._factory, backlog=1024)
        else:
            self._port = reactor.listenTCP(self._port_number, self._factory, backlog=1024, interface="127.0.0.1")
            self._port_number = self._port.getHost().port

    def _for_each_open(self, act: Callable[[Connection], None]) -> None:
        for connection in [each for each in self.connections if each.closed_at is None]:
            act(connection)


@dataclass(slots=True)
class _Trigger:
    side: Side
    what: int | bytes
    act: Callable[[], object]

    def place(self, received: bytes) -> int | None:
        if isinstance(self.what, int):
            return self.what if len(received) >= self.what else None
        place = received.find(self.what)
        return None if place < 0 else place


class Connection:
    """One client's connection: times are the reactor's seconds, `received` is what each side has sent."""

    def __init__(self, proxy: Proxy) -> None:
        self.opened_at: float = reactor.seconds()
        self.closed_at: float | None = None
        self.closed_by: Literal["client", "router", "proxy"] | None = None
        self.received: dict[Side, bytes] = {"client": b"", "router": b""}
        self._proxy = proxy
        self._held: dict[Side, bytes] = {"client": b"", "router": b""}
        self._halves: dict[Side, _Half] = {}
        self._watch: _HangUpWatch | None = None
        self._connecting = False
        proxy.connections.append(self)

    def freeze(self) -> None:
        if self._watch is None:
            for half in self._halves.values():
                half.transport.pauseProducing()
            client = self._halves["client"].transport
            self._watch = _HangUpWatch(client.fileno(), lambda: self.lost("client"))

    def thaw(self) -> None:
        if self._watch is not None:
            self._watch.close()
            self._watch = None
            if "router" in self._halves:
                self._go_on()
            elif not self._connecting:
                self._connect()

    def drop(self) -> None:
        self.lost("proxy")

    def made(self, side: Side, half: _Half) -> None:
        self._halves[side] = half
        if self.closed_at is not None:
            half.transport.abortConnection()
        elif side == "router":
            if self._watch is None:
                self._go_on()
            else:
                half.transport.pauseProducing()
        elif self._proxy.hanging_up:
            self.lost("proxy")
        elif self._proxy.frozen:
            self.freeze()
        else:
            half.transport.pauseProducing()  # until there is somebody to read for
            self._connect()

    def came(self, side: Side, data: bytes) -> None:
        seen = len(self.received[side])
        self.received[side] += data
        if pulled := self._proxy.pull_trigger(side, self.received[side]):
            place, act = pulled
            cut = max(0, place - seen)
            self._forward(side, data[:cut])
            data = data[cut:]
            act()
        self._forward(side, data)

    def lost(self, by: Literal["client", "router", "proxy"]) -> None:
        if self.closed_at is None:
            self.closed_at = reactor.seconds()
            self.closed_by = by
            if self._watch is not None:
                self._watch.close()
            for half in self._halves.values():
                # What the router said last is still for the client, as a GOODBYE is.
                half.transport.loseConnection() if by == "router" else half.transport.abortConnection()

    def _connect(self) -> None:
        self._connecting = True
        endpoint: Any = clientFromString(reactor, self._proxy.upstream)
        connecting = endpoint.connect(Factory.forProtocol(lambda: _Half(self, "router")))
        connecting.addErrback(lambda _: self.lost("router"))

    def _go_on(self) -> None:
        for side, half in self._halves.items():
            data, self._held[side] = self._held[side], b""
            self._forward(side, data)
            half.transport.resumeProducing()

    def _forward(self, side: Side, data: bytes) -> None:
        other: Side = "router" if side == "client" else "client"
        if self._watch is not None:
            self._held[side] += data
        elif self.closed_at is None:
            self._halves[other].transport.write(data)


class _Half(Protocol):
    """The proxy's end of a connection to the `side`."""

    transport: Any

    def __init__(self, connection: Connection, side: Side) -> None:
        self._connection = connection
        self._side = side

    def connectionMade(self) -> None:
        self._connection.made(self._side, self)

    def dataReceived(self, data: bytes) -> None:
        self._connection.came(self._side, data)

    def connectionLost(self, _reason: Failure = connectionDone) -> None:
        self._connection.lost(self._side)


@implementer(IReadDescriptor)
class _HangUpWatch:
    """Tells when the peer of a socket that nobody reads has closed it: an epoll within the reactor's own."""

    def __init__(self, descriptor: int, on_hang_up: Callable[[], None]) -> None:
        self._on_hang_up = on_hang_up
        self._epoll = select.epoll()
        self._epoll.register(descriptor, select.EPOLLRDHUP)
        reactor.addReader(self)

    def fileno(self) -> int:
        return self._epoll.fileno()

    def doRead(self) -> None:
        self._on_hang_up()

    def connectionLost(self, _reason: Failure) -> None:
        self._epoll.close()

    def logPrefix(self) -> str:
        return "proxy"

    def close(self) -> None:
        reactor.removeReader(self)
        self._epoll.close()

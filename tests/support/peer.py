"""A router that does what a test says, message by message: on loopback, or in memory, where the test moves the bytes.

Framing and handshakes are Autobahn's server side; `answers` say what follows on each kind of message. By default it
lets everybody join, takes every registration and subscription, and answers GOODBYE.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from autobahn.twisted.rawsocket import WampRawSocketServerFactory
from autobahn.twisted.websocket import WampWebSocketServerFactory
from autobahn.wamp import message, role
from autobahn.wamp.serializer import CBORSerializer
from twisted.internet.defer import Deferred, succeed
from twisted.internet.error import ConnectionLost
from twisted.internet.interfaces import IStreamClientEndpoint
from twisted.python.failure import Failure
from twisted.test.iosim import FakeTransport, IOPump, connect
from zope.interface import implementer

from support.reactor import reactor, until

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Answer = Callable[["Client", Any], object]

_ids = itertools.count(1000)
ROLES = {"broker": role.RoleBrokerFeatures(), "dealer": role.RoleDealerFeatures()}


def silent(_client: Client, _message: Any) -> None:
    """Say nothing."""


def say(make: Callable[[Any], Any]) -> Answer:
    """Answer with what `make` makes of the message."""
    return lambda client, msg: client.send(make(msg))


class Client:
    """The peer's end of one connection; `heard` are the messages that came."""

    def __init__(self, peer: Peer) -> None:
        self.peer = peer
        self.heard: list[Any] = []
        self.open = False
        self.said_goodbye = False
        self._transport: Any = None
        self._session_id = self._authid = None  # what Autobahn's websocket transport logs
        peer.clients.append(self)

    def heard_a(self, kind: type) -> bool:
        """Whether such a message came."""
        return any(isinstance(each, kind) for each in self.heard)

    def send(self, msg: Any) -> None:
        """Say something."""
        self.said_goodbye |= isinstance(msg, message.Goodbye)
        self._transport.send(msg)

    def abort(self) -> None:
        """Drop the connection."""
        self._transport.abort()

    # What Autobahn's transport calls.

    def onOpen(self, transport: Any) -> None:
        self._transport = transport
        self.open = True

    def onMessage(self, msg: Any) -> None:
        self.heard.append(msg)
        self.peer.answers.get(type(msg), silent)(self, msg)

    def onClose(self, _was_clean: bool) -> None:  # noqa: FBT001 - Autobahn calls it so
        self.open = False


class Peer:
    """Who answers the clients, in the way of `answers`."""

    def __init__(self) -> None:
        self.clients: list[Client] = []
        self.answers: dict[type, Answer] = dict(_ANSWERS)

    @property
    def client(self) -> Client:
        """The latest."""
        return self.clients[-1]

    @property
    def open_clients(self) -> int:
        """How many have finished their opening handshake and are connected still."""
        return sum(client.open for client in self.clients)

    def server(self, kind: str, serializers: Sequence[Any] = ()) -> Any:
        """A factory of Autobahn's for the server's side; it takes CBOR, unless it is told others."""
        made = WampRawSocketServerFactory if kind == "rawsocket" else WampWebSocketServerFactory
        factory = made(lambda: Client(self), serializers=list(serializers) or [CBORSerializer()])
        factory.noisy = False
        return factory


class Listener:
    """A peer on loopback, at `url`. Make it on the reactor."""

    def __init__(self, kind: str = "rawsocket", *, serializers: Sequence[Any] = ()) -> None:
        self.peer = Peer()
        self._factory = self.peer.server(kind, serializers)
        self._port: Any = None
        self._number = 0
        self.listen()
        self.url = f"rs://127.0.0.1:{self._number}" if kind == "rawsocket" else f"ws://127.0.0.1:{self._number}/ws"

    def listen(self) -> None:
        """Listen, always on the same port."""
        self._port = reactor.listenTCP(self._number, self._factory, interface="127.0.0.1", backlog=1024)
        self._number = self._port.getHost().port

    async def die(self) -> None:
        """Stop listening, drop everybody."""
        await self._port.stopListening()
        for client in self.peer.clients:
            if client.open:
                client.abort()
        await until(lambda: not self.peer.open_clients, what="the end of the peer's connections")


@implementer(IStreamClientEndpoint)
class Wire:
    """An endpoint in memory to a rawsocket peer; nothing moves but by `pump`, and nobody is lost but by `lose`.

    With `delayed`, a connection is made when the test calls `make`.
    """

    def __init__(self, *, delayed: bool = False) -> None:
        self.peer = Peer()
        self.waiting: Deferred[Any] | None = None
        self.cancelled = False
        self._delayed = delayed
        self._server = self.peer.server("rawsocket")
        self._line: IOPump | None = None

    @property
    def connected(self) -> bool:
        """Whether there is a connection now."""
        return self._line is not None and not self._line.clientIO.disconnected

    def connect(self, factory: Any) -> Deferred[Any]:
        """What the component calls."""
        self.factory = factory
        if not self._delayed:
            return succeed(self.make())
        self.waiting = Deferred(self._cancelled)
        return self.waiting

    def make(self) -> Any:
        """A connection; the result is the client's protocol."""
        client, server = self.factory.buildProtocol(None), self._server.buildProtocol(None)
        client_io, server_io = FakeTransport(client, isServer=False), FakeTransport(server, isServer=True)
        self._line = connect(server, server_io, client, client_io, greet=False)
        return client

    def pump(self) -> None:
        """Carry all that was written to where it goes, until nothing comes of it any more."""
        if self._line is not None:
            self._line.flush(advanceClock=False)

    def lose(self) -> None:
        """The connection breaks: both ends learn it now, and what was under way is lost."""
        if self._line is not None and self.connected:
            for side in (self._line.clientIO, self._line.serverIO):
                side.disconnecting = side.disconnected = True
                side.stream.clear()
            self._line.client.connectionLost(Failure(ConnectionLost()))
            self._line.server.connectionLost(Failure(ConnectionLost()))

    def _cancelled(self, _connecting: Deferred[Any]) -> None:
        self.cancelled = True


def _goodbye(client: Client, _message: Any) -> None:
    if not client.said_goodbye:
        client.send(message.Goodbye("wamp.close.goodbye_and_out"))


_ANSWERS: dict[type, Answer] = {
    message.Hello: say(lambda hello: message.Welcome(next(_ids), ROLES, realm=hello.realm)),
    message.Goodbye: _goodbye,
    message.Register: say(lambda register: message.Registered(register.request, next(_ids))),
    message.Subscribe: say(lambda subscribe: message.Subscribed(subscribe.request, next(_ids))),
}

"""A router on the test's reactor and the peers that meet there: Autobahn's own sessions, and raw ones to misbehave."""

# mypy: disable-error-code="no-untyped-call"
# (inherited from Autobahn and Twisted, which have no types for all they have)
from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

from autobahn.twisted.rawsocket import WampRawSocketClientFactory
from autobahn.twisted.wamp import Session
from autobahn.twisted.websocket import WampWebSocketClientFactory
from autobahn.wamp.auth import create_authenticator
from autobahn.wamp.exception import ApplicationError
from autobahn.wamp.types import ComponentConfig
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import TCP4ClientEndpoint, UNIXClientEndpoint, connectProtocol
from twisted.internet.protocol import Protocol as StreamProtocol
from twisted.protocols.basic import Int32StringReceiver

from support.reactor import reactor, sleep, until
from wampsup.model.spec import RouterSpec
from wampsup.router import Limits, Principal, Router

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

HELLO, WELCOME, ABORT, CHALLENGE, AUTHENTICATE, GOODBYE, ERROR = 1, 2, 3, 4, 5, 6, 8
PUBLISH, PUBLISHED, SUBSCRIBE, SUBSCRIBED, EVENT = 16, 17, 32, 33, 36
CALL, CANCEL, RESULT, REGISTER, REGISTERED = 48, 49, 50, 64, 65
INVOCATION, INTERRUPT, YIELD = 68, 69, 70

ALL_ROLES: dict[str, Any] = {
    "caller": {},
    "callee": {"features": {"call_canceling": True, "progressive_call_results": True}},
    "publisher": {},
    "subscriber": {},
}
JSON_HANDSHAKE = b"\x7f\xf1\x00\x00"
HANDSHAKE_LENGTH = 4
BRIEF = Limits(close_timeout=0.2)
QUIET = 0.05
"""Seconds in which nothing has to come, where silence is the point."""


def endpoint(url: str) -> Any:
    """The way to a router's URL."""
    parts = urlsplit(url)
    if parts.hostname == "unix":
        return UNIXClientEndpoint(reactor, parts.path)
    assert parts.hostname
    assert parts.port
    return TCP4ClientEndpoint(reactor, parts.hostname, parts.port)


class Client(Session):
    """Autobahn's session, and what has become of it."""

    def __init__(self, realm: str, authentication: Mapping[str, Mapping[str, Any]]) -> None:
        super().__init__(ComponentConfig(realm))
        for method, settings in authentication.items():
            self.add_authenticator(create_authenticator(method, **settings))
        self.joined: Deferred[Any] = Deferred()
        self.left: Any = None
        self.gone = False
        self.details: Any = None
        self.on("leave", self._when_left)
        self.on("disconnect", self._when_gone)

    def onJoin(self, details: Any) -> None:
        """It is welcome."""
        self.details = details
        self.joined.callback(details)

    def onUserError(self, fail: Any, msg: str) -> None:
        """Errors of callees are the point of some tests; nobody has to read them."""

    def drop(self) -> None:
        """Cut the connection without a word."""
        self.connection.transport.abortConnection()

    async def end(self) -> None:
        """The connection is closed."""
        await until(lambda: self.gone, what="the end of the connection")

    @property
    def connection(self) -> Any:
        """Autobahn's protocol below the session."""
        return self._transport

    @property
    def session_id(self) -> int:
        """Its WAMP session id."""
        return int(self.details.session)

    def _when_left(self, _: Any, details: Any) -> None:
        self.left = details
        if not self.joined.called:
            self.joined.errback(ApplicationError(details.reason, details.message))

    def _when_gone(self, *_: Any, **__: Any) -> None:
        self.gone = True


class RawPeer(Int32StringReceiver):
    """WAMP in JSON over RawSocket, made by hand; `inbox` holds what has come and was not read."""

    MAX_LENGTH = 2**24
    transport: Any

    def __init__(self, handshake: bytes = JSON_HANDSHAKE) -> None:
        self._handshake = handshake
        self._answer = b""
        self.inbox: list[list[Any]] = []
        self.closed = False

    def connectionMade(self) -> None:
        """Shake hands."""
        self.transport.write(self._handshake)

    def dataReceived(self, data: bytes) -> None:
        """The router's handshake, then messages."""
        missing = HANDSHAKE_LENGTH - len(self._answer)
        self._answer += data[:missing]
        if data[missing:]:
            super().dataReceived(data[missing:])

    def stringReceived(self, string: bytes) -> None:
        """A message has come."""
        self.inbox.append(json.loads(string))

    def connectionLost(self, reason: Any = None) -> None:
        """The router has closed."""
        self.closed = True

    def tell(self, *message: Any) -> None:
        """Send a message."""
        self.tell_octets(json.dumps(message).encode())

    def tell_octets(self, octets: bytes) -> None:
        """Send what may be no message at all."""
        self.transport.write(len(octets).to_bytes(4, "big") + octets)

    async def end(self) -> None:
        """The router has closed the connection."""
        await until(lambda: self.closed, what="the end of the connection")

    async def read(self) -> list[Any]:
        """The next message."""
        await until(lambda: self.inbox or self.closed, what="a message")
        assert self.inbox, "the connection was closed"
        return self.inbox.pop(0)

    async def hears_nothing(self) -> None:
        """Nothing comes for a while."""
        await sleep(QUIET)
        assert self.inbox == []

    async def join(self, realm: str = "realm1", roles: Mapping[str, Any] = ALL_ROLES) -> int:
        """HELLO and WELCOME; gives the session id."""
        self.tell(HELLO, realm, {"roles": roles})
        code, session_id, _ = await self.read()
        assert code == WELCOME
        return int(session_id)


class TextPeer(StreamProtocol):
    """Sends octets and keeps what comes back."""

    transport: Any

    def __init__(self, text: bytes) -> None:
        self._text = text
        self.received = b""
        self.closed = False

    def connectionMade(self) -> None:
        """Speak first."""
        self.transport.write(self._text)

    def dataReceived(self, data: bytes) -> None:
        """Keep it."""
        self.received += data

    def connectionLost(self, reason: Any = None) -> None:
        """The router has closed."""
        self.closed = True

    async def end(self) -> None:
        """The router has closed the connection."""
        await until(lambda: self.closed, what="the end of the connection")


class House:
    """A router that listens on RawSocket and WebSocket, and everybody in it."""

    def __init__(
        self,
        listen: tuple[str, ...] = ("rs://127.0.0.1:0", "ws://127.0.0.1:0/ws"),
        realms: tuple[str, ...] = ("realm1", "realm2"),
        principals: tuple[Principal, ...] = (),
        limits: Limits = BRIEF,
    ) -> None:
        self.router = Router(RouterSpec(listen=listen, realms=realms), reactor, principals=principals, limits=limits)
        self._clients: list[Client] = []
        self._peers: list[Any] = []

    @property
    def raw_url(self) -> str:
        """Where it speaks RawSocket."""
        return next(url for url in self.router.urls if url.startswith("rs:"))

    @property
    def web_url(self) -> str:
        """Where it speaks WebSocket."""
        return next(url for url in self.router.urls if url.startswith("ws:"))

    async def client(
        self,
        url: str | None = None,
        realm: str = "realm1",
        serializer: Any = None,
        longest: int | None = None,
        **authentication: Any,
    ) -> Client:
        """An Autobahn session that has joined; raises ApplicationError where it is refused."""
        where = url or self.raw_url
        session = Client(realm, authentication)
        factory: Any
        if where.startswith("ws:"):
            factory = WampWebSocketClientFactory(lambda: session, url=where)
        else:
            factory = WampRawSocketClientFactory(lambda: session, serializer=serializer)
            factory.setProtocolOptions(maxMessagePayloadSize=longest)
        self._clients.append(session)
        await endpoint(where).connect(factory)
        await session.joined
        return session

    async def peer(self, *, joined: bool = True, handshake: bytes = JSON_HANDSHAKE) -> RawPeer:
        """A raw peer, joined if nothing else is said."""
        peer: RawPeer = await connectProtocol(endpoint(self.raw_url), RawPeer(handshake))
        self._peers.append(peer)
        if joined:
            await peer.join()
        return peer

    async def text_peer(self, url: str, text: bytes) -> TextPeer:
        """A peer that says `text`."""
        peer: TextPeer = await connectProtocol(endpoint(url), TextPeer(text))
        self._peers.append(peer)
        return peer

    async def close(self) -> None:
        """Everybody goes, and the lights go out."""
        for peer in self._peers:
            if not peer.closed:
                peer.transport.abortConnection()
        await self.router.stop()
        await until(lambda: all(peer.closed for peer in self._peers), what="the end of the raw peers")


class InHouse(Protocol):
    """The type of the fixture `in_house`."""

    def __call__(self, scenario: Callable[[House], Awaitable[Any]], **settings: Any) -> Any: ...


async def error_of(awaitable: Awaitable[Any]) -> ApplicationError:
    """The ApplicationError with which it fails."""
    try:
        result = await awaitable
    except ApplicationError as error:
        return error
    raise AssertionError(f"it did not fail but gave {result!r}")


async def uri_of(awaitable: Awaitable[Any]) -> str:
    """The error URI with which it fails."""
    return str((await error_of(awaitable)).error)

"""The connections of a control socket: how many there may be, who makes room, and how they end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from twisted.internet.defer import Deferred
from twisted.protocols.policies import ProtocolWrapper, WrappingFactory

if TYPE_CHECKING:
    from collections.abc import Iterable

    from twisted.internet.interfaces import IAddress

MOST_CONNECTIONS = 128
FLUSH_SECONDS = 0.5
"""How long a client may take, at the end, to read what it has been sent."""


class Connection(ProtocolWrapper):
    """One connection; `Bounded` knows by it who was heard of last."""

    factory: Bounded
    wrappedProtocol: Any  # noqa: N815 - Twisted's name
    transport: Any

    @property
    def idle(self) -> bool:
        """Whether no request is being answered: until it is, Twisted's channel has no timeout."""
        return self.wrappedProtocol.timeOut is not None

    def dataReceived(self, data: bytes) -> None:
        """Take a part of a request."""
        self.factory.heard_of(self)
        super().dataReceived(data)  # type: ignore[no-untyped-call]  # Twisted's

    def writeSequence(self, data: Iterable[bytes]) -> None:  # noqa: N802 - Twisted's name
        """Send a part of a reply."""
        self.factory.heard_of(self)
        super().writeSequence(data)  # type: ignore[no-untyped-call]  # Twisted's


class Bounded(WrappingFactory):
    """Takes no more connections than `MOST_CONNECTIONS` at a time: the one that is idle longest makes room."""

    noisy = False
    protocol = Connection
    protocols: dict[Any, int]
    wrappedFactory: Any  # noqa: N815 - Twisted's name
    _closed: Deferred[None] | None = None

    def buildProtocol(self, addr: IAddress | None) -> Any:
        """A protocol, or `None`, upon which Twisted hangs up."""
        if len(self.protocols) >= MOST_CONNECTIONS:
            idle = next((connection for connection in self.protocols if connection.idle), None)
            if idle is None:
                return None
            self.unregisterProtocol(idle)
            idle.transport.abortConnection()
        return super().buildProtocol(addr)

    def unregisterProtocol(self, p: ProtocolWrapper) -> None:  # noqa: N802 - Twisted's name
        """Forget a connection, which may be forgotten already."""
        self.protocols.pop(p, None)
        self._look_for_end()

    def close(self, clock: Any) -> Deferred[None]:
        """Hang up on everybody who has been answered and got it all, and after `FLUSH_SECONDS` on the others."""
        self._closed = Deferred()
        self.wrappedFactory.closing = True
        for connection in tuple(self.protocols):
            if connection.idle:
                connection.unregisterProducer()
                connection.loseConnection()
        late = clock.callLater(FLUSH_SECONDS, self._cut)
        self._closed.addCallback(lambda _: late.active() and late.cancel())
        self._look_for_end()
        return self._closed

    def _cut(self) -> None:
        for connection in tuple(self.protocols):
            connection.transport.abortConnection()

    def _look_for_end(self) -> None:
        if self._closed is not None and not self._closed.called and not self.protocols:
            self._closed.callback(None)

    def heard_of(self, connection: Connection) -> None:
        """Something goes through the connection: all others are idle for longer."""
        if self.protocols.pop(connection, None):
            self.registerProtocol(connection)  # type: ignore[no-untyped-call]  # Twisted's

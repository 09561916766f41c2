"""An attempt's connection: none yet, being made, open, broken, or gone."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, NoReturn

from wampsup.wamp.context import within
from wampsup.wamp.endpoints import cancel_connecting, client_endpoint
from wampsup.wamp.keepalive import keep_alive
from wampsup.wamp.transport import transport_factory

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextvars import Context

    from twisted.internet.defer import Deferred
    from twisted.python.failure import Failure

    from wampsup.model.spec import TransportSpec


_MOST_PROTOTYPES = 256
_prototypes: dict[tuple[Any, str], Any] = {}


class Connection:
    """One connection over one transport; what comes in on it runs in `context`."""

    def __init__(self, transport: TransportSpec, reactor: Any, context: Context) -> None:
        self.url = transport.url
        self._transport = transport
        self._reactor = reactor
        self._context = context
        self._connecting: Deferred[Any] | None = None
        self._protocol: Any = None
        self._broken = False

    @property
    def held(self) -> bool:
        """Whether there is anything of it: half made, open, or broken and not yet done with."""
        return self._connecting is not None or self._protocol is not None

    @property
    def takes_time(self) -> bool:
        """Whether it would have to be closed first."""
        return self._connecting is not None or (self._protocol is not None and not self._broken)

    @property
    def told(self) -> str | None:
        """What its protocol says of its end, where that is more than the error."""
        told: str | None = getattr(self._protocol, "wasNotCleanReason", None)
        return told

    def open(self, session_factory: Callable[[], Any]) -> Deferred[Any]:
        """Make it; the result is the protocol."""
        return within(self._context, self._open)(session_factory)

    def broke(self) -> None:
        """It is gone, and those who used it are about to learn of that."""
        self._broken = True

    def done(self) -> None:
        """It is gone, and everybody knows."""
        self._protocol = None

    def cut_off(self) -> None:
        """Drop it, or what is to become one."""
        if self._connecting is not None:
            cancel_connecting(self._connecting)
        elif self._protocol is not None:
            self._protocol.transport.abortConnection()

    def _open(self, session_factory: Callable[[], Any]) -> Deferred[Any]:
        factory = copy.copy(_prototype(self._transport, self._reactor))
        factory._factory = session_factory  # noqa: SLF001 - Autobahn has no public name for it
        self._connecting = client_endpoint(self._transport, self._reactor).connect(factory)
        return self._connecting.addCallbacks(self._made, self._not_made)

    def _made(self, protocol: Any) -> Any:
        self._connecting = None
        self._protocol = protocol
        keep_alive(protocol.transport)
        protocol.dataReceived = within(self._context, protocol.dataReceived)
        protocol.connectionLost = within(self._context, protocol.connectionLost)
        return protocol

    def _not_made(self, failure: Failure) -> Failure:
        self._connecting = None
        return failure


def _prototype(transport: TransportSpec, reactor: Any) -> Any:
    """A factory for `transport` to be copied: making one is a good part of the work of connecting."""
    same = (transport.type, transport.url, transport.serializers, transport.options, transport.headers, transport.proxy)
    key = (reactor, repr(same))
    if key not in _prototypes:
        if len(_prototypes) >= _MOST_PROTOTYPES:
            _prototypes.clear()
        _prototypes[key] = transport_factory(transport, _no_session, reactor)
    return _prototypes[key]


def _no_session() -> NoReturn:
    raise AssertionError("each copy has a session factory of its own")

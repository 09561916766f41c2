"""An attempt's connection: none yet, being made, open, broken, or gone."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, NoReturn

import txaio
from autobahn.websocket.protocol import WebSocketProtocol
from twisted.internet.defer import fail
from twisted.internet.error import ConnectionDone

from wampsup.model.secret import reveal
from wampsup.model.state import Kind
from wampsup.reactor.aware import comes_within
from wampsup.reactor.scope import within
from wampsup.wamp.endpoints import cancel_connecting, client_endpoint
from wampsup.wamp.keepalive import keep_alive
from wampsup.wamp.problem import connection_kind
from wampsup.wamp.tls import TlsFileError
from wampsup.wamp.tls_errors import explain, uses_tls
from wampsup.wamp.transport import transport_factory

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextvars import Context

    from twisted.internet.defer import Deferred
    from twisted.python.failure import Failure

    from wampsup.model.spec import TransportSpec


_HANDSHAKING = WebSocketProtocol.STATE_CONNECTING
_MOST_PROTOTYPES = 256
_prototypes: dict[tuple[Any, str], Any] = {}


class Connection:
    """One connection over one transport; what comes in on it runs in `context`."""

    __slots__ = ("_broken", "_connecting", "_context", "_protocol", "_reactor", "_transport")

    def __init__(self, transport: TransportSpec, reactor: Any, context: Context) -> None:
        self._transport = transport
        self._reactor = reactor
        self._context = context
        self._connecting: Deferred[Any] | None = None
        self._protocol: Any = None
        self._broken = False

    @property
    def url(self) -> str:
        """Where it leads to."""
        return self._transport.url

    @property
    def held(self) -> bool:
        """Whether there is anything of it: half made, open, or broken and not yet done with."""
        return self._connecting is not None or self._protocol is not None

    @property
    def takes_time(self) -> bool:
        """Whether it would have to be closed first."""
        return self._connecting is not None or (self._protocol is not None and not self._broken)

    @property
    def serializer(self) -> Any:
        """Autobahn's serializer of this connection alone, once the two sides have agreed on one."""
        return getattr(self._protocol, "_serializer", None)

    def told(self, error: BaseException) -> tuple[Kind, str] | None:
        """What is known of its end, where that is more than the error by which it came."""
        if isinstance(error, TlsFileError):
            return Kind.TLS, str(error)
        of_tls = None if self._protocol is None else explain(self._protocol, error)
        if of_tls is not None:
            return Kind.TLS, of_tls
        told: str | None = getattr(self._protocol, "wasNotCleanReason", None) or self._without_an_answer(error)
        return None if told is None else (connection_kind(error), told)

    def _without_an_answer(self, error: BaseException) -> str | None:
        """As OpenSSL's servers do with a WebSocket's handshake in the clear, and hardly anybody else."""
        if not isinstance(error, ConnectionDone) or getattr(self._protocol, "state", None) != _HANDSHAKING:
            return None
        if self._protocol.data or uses_tls(self._protocol):
            return None
        return "the router closed the connection without an answer to the opening handshake: does it want TLS?"

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
        factory._factory = session_factory  # noqa: SLF001 - Autobahn has no public name for it, nor for the next
        if hasattr(factory, "_batched_timer"):  # whose timers would be those of whoever has the first
            factory._batched_timer = _batched_timer()  # noqa: SLF001
        try:
            endpoint = client_endpoint(self._transport, self._reactor)
        except TlsFileError:  # it was there when it was checked, and is written anew just now, maybe
            return fail()
        except OSError as error:
            if error.filename is None:
                raise
            said = (error.strerror or "it can't be opened").lower()
            return fail(TlsFileError(f"cannot read `{error.filename}`: {said}"))
        self._connecting = endpoint.connect(factory)
        return self._connecting.addCallbacks(self._made, self._not_made)

    def _made(self, protocol: Any) -> Any:
        self._connecting = None
        self._protocol = protocol
        keep_alive(protocol.transport)
        if not comes_within(protocol.transport, self._context):
            protocol.dataReceived = within(self._context, protocol.dataReceived)
        return protocol

    def _not_made(self, failure: Failure) -> Failure:
        self._connecting = None
        return failure


def _prototype(transport: TransportSpec, reactor: Any) -> Any:
    """A factory for `transport` to be copied: making one is a good part of the work of connecting."""
    headers = reveal(dict(transport.headers))  # the text of a secret tells it from another
    key = (reactor, repr((transport.type, transport.url, transport.serializers, transport.options, headers)))
    if key not in _prototypes:
        if len(_prototypes) >= _MOST_PROTOTYPES:
            _prototypes.clear()
        _prototypes[key] = transport_factory(transport, _no_session, reactor)
    return _prototypes[key]


def _batched_timer() -> Any:
    """As Autobahn's factories make it."""
    return txaio.make_batched_timer(bucket_seconds=0.2, chunk_size=1000)  # type: ignore[attr-defined]  # Twisted's


def _no_session() -> NoReturn:
    raise AssertionError("each copy has a session factory of its own")

"""HTTP/1.1 on the unix socket: who may ask, and how much; all else is `handlers`.

Bounds: 16 KiB of headers (Twisted's), `LARGEST_BODY`, the connections that `connections` allows, and `IDLE_SECONDS` for
one that says nothing. A peer is known by the credentials that the kernel vouches for.
"""

from __future__ import annotations

import os
import socket
import struct
from http import HTTPStatus
from io import BytesIO
from typing import TYPE_CHECKING, Any

from twisted.internet.defer import CancelledError, maybeDeferred
from twisted.internet.error import CannotListenError
from twisted.logger import Logger
from twisted.web import http

from wampsup import __version__
from wampsup.control.connections import Bounded
from wampsup.control.messages import Refusal, Reply, Request, Stream, phrase_of
from wampsup.control.streams import Sender
from wampsup.control.target import target
from wampsup.errors import WampsupError

if TYPE_CHECKING:
    from collections.abc import Callable

    from twisted.internet.defer import Deferred
    from twisted.internet.interfaces import IAddress
    from twisted.python.failure import Failure

    from wampsup.control.messages import Answer

    Respond = Callable[[Request], Deferred[Answer]]

LARGEST_BODY = 1 << 20
IDLE_SECONDS = 60
_BACKLOG = 128
_SERVER = f"wampsup/{__version__}".encode()
"""By this header the command line knows a supervisor."""

_CREDENTIALS = struct.Struct("3i")
_log = Logger()


class ControlRequest(http.Request):
    """One request on one connection."""

    channel: Any
    content: BytesIO
    _too_large = False
    _pending: Deferred[Answer] | None = None
    _sender: Sender | None = None

    def gotLength(self, length: int | None) -> None:  # noqa: N802 - Twisted's name
        """Take the announced length of the body, or refuse it."""
        self.content = BytesIO()
        if length is not None and length > LARGEST_BODY:
            self._refuse_body()

    def handleContentChunk(self, data: bytes) -> None:  # noqa: N802 - Twisted's name
        """Take a part of the body; a body without an announced length is measured here."""
        if self._too_large:
            return
        if self.content.tell() + len(data) > LARGEST_BODY:
            self._refuse_body()
        else:
            self.content.write(data)

    def process(self) -> None:
        """Answer, once the whole request is there."""
        if self._too_large:
            return
        if not allowed(self.channel.transport.socket):
            refusal = Refusal(HTTPStatus.FORBIDDEN, "this fleet belongs to another user")
            _send(self, refusal.reply())
            return
        self.notifyFinish().addErrback(self._gone)
        self._pending = self.channel.site.answer(self._as_value())
        self._pending.addCallbacks(self._send, self._failed).addErrback(self._unsent)

    def finish(self) -> None:
        """The answer is complete."""
        if self.channel.site.closing:
            self.channel.persistent = False  # upon which Twisted hangs up, once all is sent
        super().finish()  # type: ignore[no-untyped-call]  # Twisted's

    def _as_value(self) -> Request:
        path, query = target(self.uri)
        return Request(
            method=self.method.decode("latin-1"),
            path=path,
            query=query,
            headers={_text(key).lower(): _text(raw[-1]) for key, raw in self.requestHeaders.getAllRawHeaders()},
            body=self.content.read(),
        )

    def _send(self, answer: Answer) -> None:
        self._pending = None
        if self._disconnected:
            return
        if isinstance(answer, Stream):
            _set_head(self, HTTPStatus.OK, answer.media_type)
            if self.method == b"HEAD":
                self.finish()
                return
            self._sender = Sender(answer, self, self.channel.site.reactor)
            self._sender.begin()
        else:
            _send(self, answer)

    def _failed(self, failure: Failure) -> None:
        if failure.check(CancelledError) and self._disconnected:
            return
        _log.failure("a control request failed", failure=failure)
        self._send(Refusal(HTTPStatus.INTERNAL_SERVER_ERROR, "the supervisor failed: its log says how").reply())

    def _unsent(self, failure: Failure) -> None:
        _log.failure("a control reply could not be sent", failure=failure)
        self.channel.loseConnection()

    def _gone(self, _failure: Failure) -> None:
        """The client hung up: nobody waits for the answer any more."""
        if self._pending is not None:
            self._pending.cancel()
        if self._sender is not None:
            self._sender.stopProducing()

    def _refuse_body(self) -> None:
        """Answer at once and hang up: the rest of the body is not worth waiting for."""
        self._too_large = True
        reply = Refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"the body is over {LARGEST_BODY} bytes").reply()
        content = reply.encoded()
        head = (
            f"HTTP/1.1 {reply.status} {phrase_of(reply.status)}\r\nServer: {_SERVER.decode()}\r\n"
            f"Content-Type: {reply.media_type}\r\nContent-Length: {len(content)}\r\nConnection: close\r\n\r\n"
        )
        self.channel.transport.write(head.encode() + content)
        self.channel.loseConnection()


class ControlSite(http.HTTPFactory):
    """The HTTP side of one control socket; `closing`: each connection ends with its answer."""

    noisy = False
    closing = False

    def __init__(self, answer: Respond, reactor: Any) -> None:
        super().__init__(timeout=IDLE_SECONDS, reactor=reactor)
        self.answer = answer

    def buildProtocol(self, addr: IAddress | None) -> Any:
        """A channel whose requests are ours."""
        channel: Any = super().buildProtocol(addr)
        channel.requestFactory = ControlRequest
        channel.site = self
        return channel

    def log(self, request: http.Request) -> None:
        """Keep no log of requests."""


class ControlPort:
    """A control socket that is served."""

    def __init__(self, port: Any, connections: Bounded, reactor: Any) -> None:
        self._port = port
        self._connections = connections
        self._reactor = reactor

    def stopListening(self) -> Deferred[None]:  # noqa: N802 - as Twisted's ports have it
        """Take no more connections, and hang up on all; fires when they are gone, `FLUSH_SECONDS` later at most."""
        stopped: Deferred[Any] = maybeDeferred(self._port.stopListening)
        return stopped.addCallback(lambda _: self._connections.close(self._reactor))


def listen(answer: Respond, path: str, mode: int, reactor: Any) -> ControlPort:
    """Serve on a new unix socket at `path`, whose mode is right from the moment it exists.

    Raises:
        WampsupError: the socket can't be made.
    """
    connections = Bounded(ControlSite(answer, reactor))  # type: ignore[no-untyped-call]  # Twisted's constructor
    umask = os.umask(0o777 & ~mode)
    try:
        port = reactor.listenUNIX(path, connections, backlog=_BACKLOG, mode=mode)
    except CannotListenError as error:
        reason = (getattr(error.socketError, "strerror", None) or str(error.socketError)).lower()
        raise WampsupError(f"cannot make the control socket `{path}`: {reason}") from error
    finally:
        os.umask(umask)
    return ControlPort(port, connections, reactor)


def allowed(connection: socket.socket) -> bool:
    """Whether the process at the other end belongs to this user or to root."""
    credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    _pid, uid, _gid = _CREDENTIALS.unpack(credentials)
    return uid in (0, os.geteuid())


def _send(request: http.Request, reply: Reply) -> None:
    content = reply.encoded()
    _set_head(request, reply.status, reply.media_type)
    request.setHeader(b"Content-Length", str(len(content)).encode())
    for name, value in reply.headers.items():
        request.setHeader(name.encode(), value.encode())
    request.write(content)
    request.finish()


def _set_head(request: http.Request, status: int, media_type: str) -> None:
    request.setResponseCode(status, phrase_of(status).encode())
    request.setHeader(b"Server", _SERVER)
    request.setHeader(b"Content-Type", media_type.encode())
    request.setHeader(b"Cache-Control", b"no-store")


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")

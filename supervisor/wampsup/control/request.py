"""One HTTP request as a value, and its answer back: what carries them is a `channel`, and who answers is `handlers`."""

# mypy: disable-error-code="no-untyped-call"
# (inherited from Twisted, which has no types for all it has)
from __future__ import annotations

from http import HTTPStatus
from io import BytesIO
from typing import TYPE_CHECKING

from twisted.internet.defer import CancelledError
from twisted.logger import Logger
from twisted.web import http

from wampsup.control.guard import check_origin
from wampsup.control.headers import HEADERS
from wampsup.control.messages import Refusal, Reply, Request, Stream, phrase_of
from wampsup.control.streams import Sender, Whole
from wampsup.control.target import target

if TYPE_CHECKING:
    from twisted.internet.defer import Deferred
    from twisted.python.failure import Failure

    from wampsup.control.channel import Channel
    from wampsup.control.messages import Answer

LARGEST_BODY = 1 << 20
LARGE = 1 << 16
"""Bytes: a larger reply is sent part by part, as its client reads."""

_log = Logger()


class ControlRequest(http.Request):
    """One request on one connection."""

    channel: Channel
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

    def requestReceived(self, command: bytes, path: bytes, version: bytes) -> None:
        """Answer, once the whole request is there. Forms are not taken apart, as Twisted would."""
        self.method, self.uri, self.clientproto = command, path, version
        site = self.channel.site
        self.notifyFinish().addErrback(self._gone)
        try:
            request = self._as_value()
            check_origin(request, site.door.knows)
        except Refusal as refusal:
            self._send(refusal.reply())
        else:
            self._pending = site.door.turn().addCallback(lambda _: site.answer(request))
            self._pending.addCallbacks(self._send, self._failed).addErrback(self._unsent)

    def finish(self) -> None:
        """The answer is complete."""
        if self.channel.site.connections.closing:
            self.channel.persistent = False  # upon which Twisted hangs up, once all is sent
        super().finish()

    def _as_value(self) -> Request:
        path, query = target(self.uri)
        headers = {
            _text(key).lower(): ", ".join(map(_text, values)) for key, values in self.requestHeaders.getAllRawHeaders()
        }
        return Request(
            method=self.method.decode("latin-1"),
            path=path,
            query=query,
            headers=headers,
            body=self.content.getvalue(),
            vouched=self.channel.site.door.vouched,
        )

    def _send(self, answer: Answer) -> None:
        self._pending = None
        if self._disconnected:
            return
        if isinstance(answer, Stream):
            self._set_head(HTTPStatus.OK, answer.media_type)
            self.channel.patient = self.channel.site.door.vouched
            self._stream(answer)
        else:
            self._send_reply(answer, answer.encoded())

    def _send_reply(self, reply: Reply, content: bytes) -> None:
        self._set_head(reply.status, reply.media_type)
        self.setHeader(b"Content-Length", str(len(content)).encode())
        for name, value in reply.headers.items():
            self.setHeader(name.encode(), value.encode())
        if len(content) > LARGE:
            self.channel.site.connections.begin_reply(self.channel, len(content))
            self._stream(Stream(open=lambda _wake: Whole(content, LARGE), media_type=reply.media_type))
        else:
            self.write(content)
            self.finish()

    def _stream(self, stream: Stream) -> None:
        if self.method == b"HEAD":
            self.finish()
            return
        site = self.channel.site
        self._sender = Sender(stream, self, site.reactor, site.door.turn)
        self._sender.begin()

    def _set_head(self, status: int, media_type: str) -> None:
        self.setResponseCode(status, phrase_of(status).encode())
        for name, value in {**HEADERS, "Content-Type": media_type}.items():
            self.setHeader(name.encode(), value.encode())

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
        self._too_large = True
        detail = f"the body is over {LARGEST_BODY} bytes"
        self.channel.refuse(Refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail))


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")

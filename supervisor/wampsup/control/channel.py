"""One connection that speaks HTTP/1.1, as Twisted's channel does, and how much of everybody's time it may take.

It is for requests that come whole and soon, and for clients that read. A head is there `HEAD_SECONDS` after its first
byte, a body `BODY_SECONDS` after its head; who reads nothing for `UNREAD_SECONDS` is cut off. Requests that come
together are answered one in a turn of the reactor, and none before the last answer has been read but for some 64 KiB.
"""

# mypy: disable-error-code="no-untyped-call"
# (inherited from Twisted, which has no types for all it has)
from __future__ import annotations

from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from twisted.internet.protocol import connectionDone
from twisted.web import http

from wampsup.control.headers import in_whole
from wampsup.control.messages import Refusal
from wampsup.reactor.scope import outside

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from twisted.python.failure import Failure

    from wampsup.control.server import ControlSite

HEAD_SECONDS = 10
BODY_SECONDS = 30
UNREAD_SECONDS = 30
LARGEST_HEAD = 1 << 14
MOST_HEADERS = 100

_HEAD = ("the head of the request", HEAD_SECONDS)
_BODY = ("the body of the request", BODY_SECONDS)


class Channel(http.HTTPChannel):
    """One connection; see `connections.Connection`."""

    maxHeaders = MOST_HEADERS  # noqa: N815 - Twisted's names
    totalHeadersSize = MAX_LENGTH = LARGEST_HEAD  # noqa: N815
    transport: Any
    party: Hashable = None
    unread = 0
    patient = False
    """Whether its client may take its time to read."""

    _awaited = _HEAD
    _full = False
    _refused = False
    _answered: Any = None
    _turn: Any = None
    _deadline: Any = None
    _unread: Any = None

    def __init__(self, site: ControlSite, reactor: Any) -> None:
        super().__init__()
        self.site = site
        self._reactor = reactor

    @property
    def idle(self) -> bool:
        """Whether no request is being answered: until it is, Twisted's channel has no timeout."""
        return self.timeOut is not None

    def connectionMade(self) -> None:
        """Let them in, or tell them why not and hang up, before anything is read."""
        super().connectionMade()
        try:
            self.party = self.site.door.party(self.transport)
        except Refusal as refusal:
            self.refuse(refusal)
            return
        if not self.site.connections.enter(self):
            self.refuse(Refusal(HTTPStatus.SERVICE_UNAVAILABLE, "too many others are being answered: try again"))

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Leave nothing behind."""
        super().connectionLost(reason)
        self._cancel("_turn", "_deadline", "_unread")
        self.site.connections.leave(self)

    def refuse(self, refusal: Refusal) -> None:
        """Answer at once and hang up: what else may come is not worth waiting for."""
        if not self._refused:
            self._refused = True
            self.transport.write(in_whole(refusal.reply()))
            self.loseConnection()

    def cut(self) -> None:
        """Hang up, whatever has not been sent."""
        self.transport.abortConnection()

    def hang_up(self) -> None:
        """Hang up once all is sent."""
        self.unregisterProducer()
        self.loseConnection()

    def loseConnection(self) -> None:  # noqa: N802 - Twisted's name
        """Hang up once all is sent, or has not been read for too long."""
        super().loseConnection()
        self._bound_reading()

    # What comes in.

    def dataReceived(self, data: bytes) -> None:
        """Take a part of a request; where it is not whole, the rest has to come in time."""
        if self._refused:
            return
        self.site.connections.heard_of(self)
        super().dataReceived(data)
        if self.idle and self._deadline is None and not self._refused:
            what, seconds = self._awaited
            refusal = Refusal(HTTPStatus.REQUEST_TIMEOUT, f"{what} took over {seconds} s")
            self._end_after("_deadline", seconds, partial(self.refuse, refusal))

    def allHeadersReceived(self) -> None:
        """The head is there: now its body has to come."""
        self._cancel("_deadline")
        self._awaited = _BODY
        super().allHeadersReceived()

    def allContentReceived(self) -> None:
        """The request is whole."""
        self._cancel("_deadline")
        self._awaited = _HEAD
        if not self._refused:
            super().allContentReceived()

    def lineLengthExceeded(self, line: bytes) -> None:  # noqa: ARG002, N802 - Twisted's
        """A line of the head is too long."""
        detail = f"the head of the request is over {LARGEST_HEAD} bytes"
        self.refuse(Refusal(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, detail))

    def _respondToBadRequestAndDisconnect(self) -> None:  # noqa: N802 - Twisted's name
        """Say more than Twisted would of a request that is wrong, or too large, in its form."""
        detail = f"the request is no HTTP, or its head has over {MOST_HEADERS} headers or {LARGEST_HEAD} bytes"
        self.refuse(Refusal(HTTPStatus.BAD_REQUEST, detail))

    # What goes out.

    def write(self, data: bytes) -> None:
        """Send a part of an answer."""
        self.site.connections.heard_of(self)
        super().write(data)

    def pauseProducing(self) -> None:
        """The client does not read."""
        self._full = True
        super().pauseProducing()
        if not self.patient:
            self._bound_reading()

    def resumeProducing(self) -> None:
        """The client has read all that was sent."""
        self._full = False
        self._cancel("_unread")
        super().resumeProducing()
        self._go_on_soon()

    def requestDone(self, request: Any) -> None:  # noqa: N802 - Twisted's name
        """A request is answered: the next one has its turn when others have had theirs."""
        self.unread, self.patient = 0, False
        self._answered = request
        if self._full:
            self._bound_reading()
        self._go_on_soon()

    def _go_on_soon(self) -> None:
        if self._answered is not None and self._turn is None and not self._full:
            self._turn = outside(self._reactor.callLater, 0, self._go_on)

    def _go_on(self) -> None:
        self._turn = None
        if not self._full:
            request, self._answered = self._answered, None
            super().requestDone(request)

    def timeoutConnection(self) -> None:  # noqa: N802 - Twisted's name
        """Nothing has come for `IDLE_SECONDS`."""
        self.loseConnection()

    def _bound_reading(self) -> None:
        if self._unread is None:
            self._end_after("_unread", UNREAD_SECONDS, self.cut)

    def _end_after(self, timer: str, seconds: float, end: Callable[[], None]) -> None:
        """End it after so many seconds, unless what has come and gone by then, while the loop was busy, is enough."""
        later = self._reactor.callLater
        setattr(self, timer, outside(later, seconds, lambda: setattr(self, timer, outside(later, 0, end))))

    def _cancel(self, *timers: str) -> None:
        for timer in timers:
            call = getattr(self, timer)
            setattr(self, timer, None)
            if call is not None and call.active():
                call.cancel()

"""Carries a `Stream` out: writes what its source says for as long as the client reads.

The connection tells it, as a Twisted push producer, to pause once 64 KiB wait for the client: from then on nothing is
read from the source, so that a client that does not read costs no more than that. Parts go out together, once in a turn
of the reactor, and in no component's name, whoever has given cause for it; to strangers, when it is their turn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from twisted.logger import Logger

from wampsup.control.pace import at_once
from wampsup.reactor.scope import outside

if TYPE_CHECKING:
    from twisted.python.failure import Failure

    from wampsup.control.messages import Stream
    from wampsup.control.pace import Turn

HEARTBEAT_SECONDS = 15
"""Seconds between two heartbeats: whatever stands between us and the client finds out that the other side is gone."""

_log = Logger()


class Sender:
    """Sends one stream over an HTTP request whose head is set."""

    def __init__(self, stream: Stream, request: Any, reactor: Any, turn: Turn = at_once) -> None:
        self._request = request
        self._reactor = reactor
        self._turn = turn
        self._waits = False
        self._paused = False
        self._closed = False
        self._woken = False
        self._source = stream.open(self._wake)
        self._timer = reactor.callLater(HEARTBEAT_SECONDS, self._beat)

    def begin(self) -> None:
        """Send the head and all that there is to say so far."""
        self._request.write(b"")
        self._request.registerProducer(self, True)  # noqa: FBT003 - Twisted's: it pauses and resumes us
        self._send()

    def pauseProducing(self) -> None:
        """The client does not read."""
        self._paused = True

    def resumeProducing(self) -> None:
        """The client reads on."""
        self._paused = False
        self._send()

    def stopProducing(self) -> None:
        """The client is gone, or the stream is at its end; a second time does nothing."""
        if self._closed:
            return
        self._closed = True
        if self._timer.active():
            self._timer.cancel()
        self._source.close()

    def _wake(self) -> None:
        """Send on in the reactor's next turn; in any thread, and in the middle of anything."""
        if not self._woken:
            self._woken = True
            outside(self._reactor.callFromThread, self._take_turn)

    def _take_turn(self) -> None:
        self._woken = False
        self._send()

    def _send(self) -> None:
        if not self._waits:
            self._waits = True
            self._turn().addCallback(self._send_parts).addErrback(self._broken)

    def _send_parts(self, _: None) -> None:
        self._waits = False
        while not self._paused and not self._closed:
            part = self._source.read()
            if part is None:
                self._finish()
            elif part:
                self._request.write(part)
            else:
                return

    def _broken(self, failure: Failure) -> None:
        _log.failure("a control stream broke off", failure=failure)
        self.stopProducing()
        self._request.loseConnection()

    def _finish(self) -> None:
        self.stopProducing()
        self._request.unregisterProducer()
        self._request.finish()

    def _beat(self) -> None:
        self._timer = self._reactor.callLater(HEARTBEAT_SECONDS, self._beat)
        if not self._paused:
            self._request.write(self._source.heartbeat)


class Whole:
    """A large reply as the source of a stream: `size` bytes a part."""

    heartbeat = b""

    def __init__(self, content: bytes, size: int) -> None:
        self._content = content
        self._size = size
        self._at = 0

    def read(self) -> bytes | None:
        """The next part; `None` at the end."""
        part = self._content[self._at : self._at + self._size]
        self._at += self._size
        return part or None

    def close(self) -> None:
        """Nobody reads any more."""
        self._content = b""

"""Carries a `Stream` out: writes what its source says for as long as the client reads.

The connection tells it, as a Twisted push producer, to pause once 64 KiB wait for the client: from then on nothing is
read from the source, so that a client that does not read costs no more than that. Parts go out together, once in a turn
of the reactor.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from wampsup.control.messages import Stream

HEARTBEAT_SECONDS = 15
"""Seconds between two heartbeats: whatever stands between us and the client finds out that the other side is gone."""


class Sender:
    """Sends one stream over an HTTP request whose head is set."""

    def __init__(self, stream: Stream, request: Any, clock: Any) -> None:
        self._request = request
        self._clock = clock
        self._paused = False
        self._closed = False
        self._turn: Any = None
        self._source = stream.open(self._wake)
        self._timer = clock.callLater(HEARTBEAT_SECONDS, self._beat)

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
        for call in (self._timer, self._turn):
            if call is not None and call.active():
                call.cancel()
        self._source.close()

    def _wake(self) -> None:
        if self._turn is None and not self._closed:
            self._turn = self._clock.callLater(0, self._take_turn)

    def _take_turn(self) -> None:
        self._turn = None
        self._send()

    def _send(self) -> None:
        while not self._paused and not self._closed:
            part = self._source.read()
            if part is None:
                self._finish()
            elif part:
                self._request.write(part)
            else:
                return

    def _finish(self) -> None:
        self.stopProducing()
        self._request.unregisterProducer()
        self._request.finish()

    def _beat(self) -> None:
        self._timer = self._clock.callLater(HEARTBEAT_SECONDS, self._beat)
        if not self._paused:
            self._request.write(self._source.heartbeat)

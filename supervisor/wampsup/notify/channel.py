"""Datagrams to a service manager: no call blocks or raises, whatever has become of it.

A manager that is busy, as all are when a machine boots, lets its queue fill up. What is said but once (that the fleet
is ready, reloads, stops) is kept then, in order, and sent as soon as there is room: a fleet of which systemd has not
heard that it is ready is ended by it. What will be said again anyway is dropped.
"""

from __future__ import annotations

import socket
from collections import deque
from typing import TYPE_CHECKING, Any

from twisted.logger import Logger

if TYPE_CHECKING:
    from typing import Final

RETRY: Final = 0.2
"""Seconds until what was kept is tried again."""

MOST_KEPT: Final = 16
"""Messages that are kept; of more, the oldest ones are dropped."""

_log = Logger()


class Channel:
    """The way to the manager at `address`; `clock` is the reactor."""

    def __init__(self, address: bytes, clock: Any) -> None:
        self._address = address
        self._clock = clock
        # One for the whole life: where no descriptor is left to open another one, the watchdog still has to be fed.
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self._kept: deque[str] = deque(maxlen=MOST_KEPT)
        self._retry: Any = None
        self._has_logged = False

    def say(self, text: str) -> bool:
        """Send what may be lost; false where it was, as the queue is full, and should soon be said again."""
        return not self._kept and self._send(text)

    def keep(self, text: str) -> None:
        """Send what must not be lost, after all that was kept before."""
        self._kept.append(text)
        if self._retry is None:
            self._flush()

    def close(self) -> None:
        """Send nothing any more."""
        if self._retry is not None:
            self._retry.cancel()
            self._retry = None
        self._socket.close()

    def _flush(self) -> None:
        self._retry = None
        while self._kept:
            if not self._send(self._kept[0]):
                self._retry = self._clock.callLater(RETRY, self._flush)
                return
            self._kept.popleft()

    def _send(self, text: str) -> bool:
        """Whether there was room for it, or never will be."""
        try:
            self._socket.sendto(text.encode(), self._address)
        except BlockingIOError as error:
            self._log_once(error)
            return False
        except OSError as error:  # it is gone
            self._log_once(error)
        return True

    def _log_once(self, error: OSError) -> None:
        if not self._has_logged:
            self._has_logged = True
            _log.debug("the service manager does not take what it is told: {reason}", reason=error.strerror)

"""Ends a process whose loop does not come back, so that whoever watches over the process starts it anew.

A timer of the reactor tells again and again that the loop turns. The watchdog's thread sees where it has stayed away
for too long; and where code lets no other thread run, `faulthandler` does, from a thread of its own that needs no
interpreter. That one is patient, as it can't see whether the process was stopped meanwhile; it writes the stacks to
standard error, and its exit code is 1.
"""

from __future__ import annotations

import faulthandler
import threading
from typing import TYPE_CHECKING, Any

from wampsup.reactor.scope import outside

if TYPE_CHECKING:
    from collections.abc import Callable

STUCK = 7
"""The exit code of a process whose loop was stuck for `fatal_stall`."""

_BEAT = 1.0
"""Seconds between two signs of life, at most."""

_STANDARD_ERROR = 2


class Heartbeat:
    """Signs of life of a loop that must not be stuck for longer than `limit` seconds; 0 for none."""

    def __init__(self, clock_ns: Callable[[], int]) -> None:
        self._clock_ns = clock_ns
        self._timer: Any = None
        self.limit = 0.0
        self.latest = 0

    def become(self, reactor: Any, limit: float) -> None:
        """Keep to that limit from now on."""
        if limit != self.limit:
            self.stop()
            self.latest = self._clock_ns()  # before anybody misses it
            self.limit = limit
            if limit:
                outside(self._beat, reactor)

    def stop(self) -> None:
        """No more signs are given, and none is missed."""
        if self.limit:
            self.limit = 0.0
            faulthandler.cancel_dump_traceback_later()
            if self._timer is not None and self._timer.active():
                self._timer.cancel()

    def missing_ns(self, now: int, absent: Callable[[int, int], int]) -> int:
        """By how much the loop is over its limit, as far as the process was there; negative where it is not."""
        latest = self.latest
        most = (self.limit + self._pause) * 1e9
        return now - latest - absent(latest, now) - int(most)

    @property
    def _pause(self) -> float:
        return min(self.limit / 8, _BEAT)

    def _beat(self, reactor: Any) -> None:
        self.latest = self._clock_ns()
        patience = min(2 * self.limit + _BEAT, threading.TIMEOUT_MAX)
        faulthandler.dump_traceback_later(patience, exit=True, file=_STANDARD_ERROR)
        self._timer = reactor.callLater(self._pause, self._beat, reactor)

"""How much of the loop those may take whom nobody knows: a share of it, and a little at a time.

Whatever is done for them waits in one line. Some of it is done in a turn of the reactor, for `SLICE`, and then nothing
for so long that it all comes to `SHARE` of the processor's time, however many of them ask, and for however much.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from time import thread_time
from typing import Any

from twisted.internet.defer import Deferred, succeed

from wampsup.reactor.scope import outside

Turn = Callable[[], Deferred[None]]
"""Fires when whoever calls it may go on."""

SHARE = 0.25
SLICE = 0.005
"""Seconds, beyond which the last piece of work may go."""


def at_once() -> Deferred[None]:
    """The turn of those who need not wait for it."""
    return succeed(None)


class Pace:
    """Lets those who wait go on, one after the other; `used` tells the seconds of work done so far."""

    def __init__(self, reactor: Any, used: Callable[[], float] = thread_time) -> None:
        self._reactor = reactor
        self._used = used
        self._line: deque[Deferred[None]] = deque()
        self._rests = False

    def turn(self) -> Deferred[None]:
        """Fires when it is the caller's turn; what is done at once, when it does, is what is measured."""
        waiting: Deferred[None] = Deferred()
        self._line.append(waiting)
        if not self._rests:
            self._rest(0)
        return waiting

    def _rest(self, seconds: float) -> None:
        self._rests = True
        outside(self._reactor.callLater, seconds, self._go_on)

    def _go_on(self) -> None:
        self._rests = False
        if not self._line:
            return
        self._rests = True  # whoever comes meanwhile is in the line
        began, used = self._used(), 0.0
        while self._line and used < SLICE:
            self._line.popleft().callback(None)
            used = self._used() - began
        self._rest(used * (1 / SHARE - 1))

"""Spreads what happens to many components in one moment over several turns of the reactor.

A router that dies takes all of its clients with it: what each of them has to do then would add up to one long turn, in
which the reactor hears nobody else. Here, only the first of them are served at once.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from twisted.logger import Logger

from wampsup.reactor.scope import outside

if TYPE_CHECKING:
    from collections.abc import Callable

SLICE = 0.002
"""Seconds of such work in one turn of the reactor."""

REST = 0.02
"""Seconds after the beginning of a slice when the next one may begin without waiting for a turn."""

_log = Logger()


class Pace:
    """The work of one reactor; it is done in the order in which it came."""

    def __init__(self, reactor: Any) -> None:
        self._reactor = reactor
        self._waiting: deque[Callable[[], None]] = deque()
        self._began = float("-inf")

    def do(self, work: Callable[[], None]) -> None:
        """Do it now, or in one of the next turns where this one has taken long enough."""
        if self._waiting:
            self._waiting.append(work)
        elif self._has_time():
            work()
        else:
            self._waiting.append(work)
            outside(self._reactor.callLater, 0, self._next_slice)

    def _has_time(self) -> bool:
        now = self._reactor.seconds()
        if not 0 <= now - self._began < REST:
            self._began = now
        return bool(now - self._began < SLICE)

    def _next_slice(self) -> None:
        self._began = self._reactor.seconds()
        while self._waiting and 0 <= self._reactor.seconds() - self._began < SLICE:
            try:
                self._waiting.popleft()()
            except Exception:  # noqa: BLE001 - as the reactor takes it: the others must not suffer
                _log.failure("an event of a connection could not be handled")
        if self._waiting:
            self._reactor.callLater(0, self._next_slice)


_paces: WeakKeyDictionary[Any, Pace] = WeakKeyDictionary()


def pace_of(reactor: Any) -> Pace:
    """The one pace of this reactor."""
    if reactor not in _paces:
        _paces[reactor] = Pace(reactor)
    return _paces[reactor]

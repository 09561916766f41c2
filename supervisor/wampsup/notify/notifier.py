"""Tells the service manager of a fleet: that it is ready, reloads, stops, how its components are, and that it lives.

It is ready when its control socket answers and its components have begun to start, not when they run: that may take as
long as a router is down, and a machine that boots waits for it. The watchdog is fed by a timer of the reactor, so that
one that a component blocks is not.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from wampsup.control.represent import counts
from wampsup.control.words import in_words
from wampsup.notify.channel import Channel
from wampsup.notify.status import Status
from wampsup.supervisor import longest_end

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wampsup.core.component import Component
    from wampsup.notify.manager import Manager
    from wampsup.runtime.fleet import Fleet

FEEDS: Final = 4
"""How often the watchdog is fed in its time. Twice is what sd_watchdog_enabled(3) asks for; a reactor that is busy for
longer than half of the time is not stuck yet."""

LONGEST: Final = 1e9
"""Seconds that an end is said to take at most: systemd counts microseconds, in 64 bits."""


class Notifier:
    """What `manager` is told of `fleet`; nothing where there is none. It has to be closed."""

    def __init__(self, manager: Manager, fleet: Fleet, reactor: Any) -> None:
        self._fleet = fleet
        self._reactor = reactor
        self._watchdog = manager.watchdog
        self._channel = None if manager.address is None else Channel(manager.address, reactor)
        self._status = Status(self._in_words, self._tell_status, reactor)
        self._is_ready = False
        self._is_stopping = False
        self._feeding: Any = None

    def ready(self) -> None:
        """The control socket answers, and the components have begun to start."""
        if self._channel is None:
            return
        self._is_ready = True
        self._fleet.watch(self._moved)
        self._tell_ready()
        self._feed()

    @contextmanager
    def reloading(self) -> Iterator[None]:
        """Within, the fleet file is read again, and what has changed in it is changed."""
        if self._is_ready and not self._is_stopping:
            self._keep(f"RELOADING=1\nMONOTONIC_USEC={time.monotonic_ns() // 1000}")
        try:
            yield
        finally:
            self._tell_ready()

    def stopping(self) -> None:
        """The end has begun; a second time does nothing."""
        if not self._is_stopping:
            self._is_stopping = True
            bound = min(longest_end(self._fleet.spec.supervisor), LONGEST)
            self._keep(f"STOPPING=1\nEXTEND_TIMEOUT_USEC={int(bound * 1e6)}")

    def close(self) -> None:
        """Tell nothing any more."""
        self._status.close()
        if self._feeding is not None:
            self._feeding.cancel()
        if self._channel is not None:
            self._channel.close()

    def _tell_ready(self) -> None:
        if self._is_ready and not self._is_stopping:  # a fleet that ends does not become ready again
            self._keep(f"READY=1\nSTATUS={self._status.take()}")

    def _keep(self, text: str) -> None:
        if self._channel is not None:
            self._channel.keep(text)

    def _moved(self, _unit: object, before: Component, after: Component, _cause: object) -> None:
        if after.state.name != before.state.name:
            self._status.changed()
            if self._fleet.ending:  # by itself, as a critical component has
                self.stopping()

    def _in_words(self) -> str:
        return in_words(counts(unit.component for unit in self._fleet.units.values()))

    def _tell_status(self, line: str) -> bool:
        return self._channel is None or self._channel.say(f"STATUS={line}")

    def _feed(self) -> None:
        if self._channel is not None and self._watchdog is not None:
            self._channel.say("WATCHDOG=1")
            self._feeding = self._reactor.callLater(self._watchdog / FEEDS, self._feed)

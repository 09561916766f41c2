"""Keeps a view fed, in threads: how the fleet is, again and again, and what happens as it happens.

A supervisor that is gone, or hangs, is asked until it answers again. The threads are daemons: a view that is closed
waits for none of them, whatever they wait for.
"""

from __future__ import annotations

import time
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

from wampsup.errors import WampsupError

if TYPE_CHECKING:
    from collections.abc import Callable

    from wampsup.cli.top.source import Seen, Source

INTERVAL = 1.0
"""Seconds between two looks at the fleet."""

_SHARE = 20
"""A pause is at least so many times as long as the look before it: a big fleet has better things to do."""

LONGEST_PAUSE = 10.0


class Feeds:
    """Feeds a view from a source, from `start` to `stop`; the callbacks are called in threads."""

    def __init__(
        self,
        source: Source,
        *,
        seen: Callable[[Seen], None],
        lost: Callable[[WampsupError], None],
        happened: Callable[[list[dict[str, Any]]], None],
        interval: float = INTERVAL,
    ) -> None:
        self._source = source
        self._seen = seen
        self._lost = lost
        self._happened = happened
        self._interval = interval
        self._hurry = Event()
        self._stopped = Event()

    def start(self) -> None:
        """Begin."""
        in_thread(self._keep_looking)
        in_thread(self._follow)

    def stop(self) -> None:
        """Tell nothing any more; returns at once."""
        self._stopped.set()
        self._hurry.set()

    def hurry(self) -> None:
        """Look again now."""
        self._hurry.set()

    def _keep_looking(self) -> None:
        while not self._stopped.is_set():
            self._hurry.wait(self._look())
            self._hurry.clear()

    def _look(self) -> float:
        """Look once; the seconds until the next time."""
        began = time.monotonic()
        try:
            seen = self._source.look()
        except WampsupError as error:
            self._tell(self._lost, error)
            return self._interval
        pause = _SHARE * (time.monotonic() - began)
        self._tell(self._seen, seen)
        return max(self._interval, min(pause, LONGEST_PAUSE))

    def _follow(self) -> None:
        while not self._stopped.is_set():
            try:
                for events in self._source.events():
                    self._tell(self._happened, events)
            except WampsupError:
                pass  # whoever looks tells it
            self._stopped.wait(self._interval)

    def _tell(self, callback: Callable[[Any], None], what: object) -> None:
        if not self._stopped.is_set():
            callback(what)


def in_thread(work: Callable[[], None]) -> None:
    """Do that in a thread that nobody waits for."""
    Thread(target=work, daemon=True).start()

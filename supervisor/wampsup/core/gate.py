"""Who may begin an attempt, and when: what holds a component, and the start window."""

from __future__ import annotations


class Gate:
    """At most `size` components at once are on their way up, first come, first served.

    One holds a place from its admission until it runs or its attempt is over. Who is held by something does not queue
    for a place before that lets go.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self._queue: dict[str, None] = {}
        self._in_flight: set[str] = set()
        self._held: dict[str, dict[str, None]] = {}

    def enqueue(self, name: str, holder: str | None) -> None:
        """It wants to begin, and `holder` keeps it from that."""
        if holder is None:
            self._queue[name] = None
        else:
            self._queue.pop(name, None)
            self._held.setdefault(holder, {})[name] = None

    def settled(self, name: str) -> None:
        """It needs its place no longer."""
        self._in_flight.discard(name)

    def leave(self, name: str) -> None:
        """It does not want to begin any more."""
        self._queue.pop(name, None)

    def let_go(self, holder: str) -> tuple[str, ...]:
        """Those that `holder` has held, and may not hold any more."""
        return tuple(self._held.pop(holder, ()))

    def admit(self) -> str | None:
        """The next one, which has a place from now on; `None` where there is nobody, or no place."""
        if not self._queue or len(self._in_flight) >= self.size:
            return None
        name = next(iter(self._queue))
        del self._queue[name]
        self._in_flight.add(name)
        return name

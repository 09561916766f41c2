"""The start window: at most so many components at once are on their way up, first come, first served."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wampsup.runtime.boundaries import Admissible


class StartWindow:
    """A gate with `size` places; a component holds one from its admission until it is ready or goes down."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._waiting: dict[str, Admissible] = {}
        self._in_flight: set[str] = set()
        self._admitting = False
        self._closed = False

    def enqueue(self, unit: Admissible) -> None:
        """Admit `unit`, at once where there is a place."""
        self._waiting[unit.name] = unit
        self._admit()

    def dequeue(self, unit: Admissible) -> None:
        """`unit` does not want to begin any more, be it admitted already or not."""
        self._waiting.pop(unit.name, None)
        self.settled(unit)

    def settled(self, unit: Admissible) -> None:
        """`unit` needs its place no longer."""
        self._in_flight.discard(unit.name)
        self._admit()

    def close(self) -> None:
        """Admit nobody any more."""
        self._closed = True

    def _admit(self) -> None:
        if self._admitting:
            return
        self._admitting = True
        try:
            while self._waiting and not self._closed and len(self._in_flight) < self._size:
                name = next(iter(self._waiting))
                unit = self._waiting.pop(name)
                self._in_flight.add(name)
                unit.admit()
        finally:
            self._admitting = False

"""Who is to leave, and waits until those behind it, which leave as well, have left."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wampsup.model.event import Event


class Leaving:
    """The order in which components leave.

    `going` holds all that are on their way down and not gone yet; an order that waits for others is handed out by the
    method that makes it due.
    """

    def __init__(self) -> None:
        self.going: set[str] = set()
        self._waiting: dict[str, tuple[Event, set[str]]] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._waiting

    def waits_for(self, name: str) -> tuple[str, ...]:
        """Those that have to leave before it."""
        return tuple(sorted(self._waiting[name][1])) if name in self._waiting else ()

    def order_of(self, name: str) -> Event | None:
        """What it will be told."""
        return self._waiting[name][0] if name in self._waiting else None

    def go(self, name: str, before: Iterable[str]) -> None:
        """It is on its way down: the orders that wait of those `before` it wait for it as well."""
        if name not in self.going:
            self.going.add(name)
            for other in before:
                if other in self._waiting:
                    self._waiting[other][1].add(name)

    def wait(self, name: str, event: Event, behind: Iterable[str]) -> bool:
        """Keep `event` until those `behind` it that are going have gone; False where there are none."""
        blockers = self.going.intersection(behind)
        if not blockers:
            self._waiting.pop(name, None)
            return False
        self._waiting[name] = (event, blockers)
        return True

    def orders(self) -> dict[str, Event]:
        """All orders that wait."""
        return {name: order for name, (order, _) in self._waiting.items()}

    def take(self, name: str) -> Event | None:
        """Its event is due now, or pointless."""
        event, _ = self._waiting.pop(name, (None, None))
        return event

    def gone(self, name: str, before: Iterable[str]) -> list[tuple[str, Event]]:
        """It has left, or stays after all: the events of those `before` it that waited for nobody else."""
        self.going.discard(name)
        freed = []
        for other in before:
            if other in self._waiting:
                event, blockers = self._waiting[other]
                blockers.discard(name)
                if not blockers:
                    freed.append((other, event))
                    del self._waiting[other]
        return freed

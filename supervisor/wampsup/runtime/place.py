"""A reader's place in a ring."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Generic, NamedTuple, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from wampsup.runtime.ring import Ring

    Wanted = Callable[[str | None], bool]
    """Whether the entries of that component are wanted; `None`: those that are of no component."""


class Entry(Protocol):
    """What a ring keeps: numbered by it, and of a component or of none."""

    id: int

    @property
    def component(self) -> str | None:
        """Whose it is."""


E = TypeVar("E", bound=Entry)


class Taken(NamedTuple, Generic[E]):
    """What a reader took: how many it has lost, the number that it goes on behind, and those that came next."""

    lost: int
    after: int
    entries: list[E]


class Place(Generic[E]):
    """A reader's place: it has taken, or lost, all entries up to the number `after`.

    It does not go beyond the number `until`. `lost` counts what has been dropped since it took entries for the last
    time, by component, and `missed` what had been before. `wake` is called, in any thread, once after each time that
    there was nothing to take, when there may be something.
    """

    def __init__(self, ring: Ring[E], wake: Callable[[], None], wanted: Wanted, after: int, until: float) -> None:
        self._ring = ring
        self.wake = wake
        self.wanted = wanted
        self.after = after
        self.until = until
        self.missed = 0
        self.lost: dict[str | None, int] = {}

    @property
    def ended(self) -> bool:
        """Whether nothing will lie ahead of it any more where nothing does now."""
        return self._ring.ended or self.until < math.inf

    def take(self, most: int) -> Taken[E] | None:
        """What is wanted of the next `most`, perhaps nothing; `None` where nothing lies ahead, and nothing was lost."""
        return self._ring.take(self, most)

    def close(self) -> None:
        """It wants no more."""
        self._ring.leave(self)

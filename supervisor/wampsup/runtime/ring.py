"""Numbered entries, the latest of them, for readers at places of their own: the journal, and the lines of the log.

Entries are numbered from 1 on. A reader has a place in the ring (see `place`) and no queue of its own: it takes what
lies ahead of it whenever it can, so that going on from the past to the present has neither a gap nor a duplicate, and a
slow reader costs nothing. What the ring drops before a reader came to it is lost to that reader, which is told how much
that was.

Any thread may add: it never waits, since it may be anywhere, even in the garbage collector or in a signal handler while
this very thread is adding or reading. Whoever has the lock numbers what the others have brought meanwhile.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections import deque
from threading import Lock
from typing import TYPE_CHECKING, Generic, cast

from wampsup.runtime.place import E, Place, Taken

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from wampsup.runtime.place import Wanted

_SLACK = 1000
"""Gaps that are left alone, however few entries there are."""


class Ring(Generic[E]):
    """Keeps the latest `size` entries.

    `last` is the number of the latest one, 0 before the first; `ended` says that no more will come.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self.last = 0
        self.ended = False
        self._incoming: deque[E] = deque(maxlen=size)
        self._lock = Lock()
        # Side by side, by number; what has been dropped from between is `None` until it is swept out.
        self._numbers: list[int] = []
        self._entries: list[E | None] = []
        self._kept = 0
        self._oldest = 0  # the index of the oldest one that is kept
        self._places: set[Place[E]] = set()
        self._waiting: set[Place[E]] = set()

    def add(self, entry: E) -> None:
        """Keep an entry: it has its number when this returns, or in a moment, where somebody else has the lock."""
        self._incoming.append(entry)
        self._take_in()

    def end(self) -> None:
        """Nothing more will come: who reads comes to the end."""
        self.ended = True
        with self._lock:
            waiting = self._no_longer_waiting()
        self._take_in()
        for place in waiting:
            place.wake()

    def subscribe(
        self,
        wake: Callable[[], None] = lambda: None,
        wanted: Wanted = lambda _component: True,
        *,
        after: int | None = None,
        tail: float = math.inf,
        follow: bool = True,
    ) -> Place[E]:
        """A reader's place: behind the entry numbered `after`, or before the last `tail` that are wanted.

        A number that has not been given yet is one of an earlier supervisor: it stands for all that there are. Without
        `follow`, the latest entry is the last one that it takes.
        """
        resumes = after is not None and after <= self.last
        begin = after if resumes and after is not None else self._before_latest(tail, wanted)
        place = Place(self, wake, wanted, begin, math.inf if follow else self.last)
        with self._lock:
            place.missed = self._missed(begin, wanted) if resumes else 0
            self._places.add(place)
        self._take_in()
        return place

    def take(self, place: Place[E], most: int) -> Taken[E] | None:
        """What lies ahead of that place; see `Place.take`."""
        with self._lock:
            index = max(bisect_right(self._numbers, place.after), self._oldest)
            ahead = self._entries[index : min(index + most, bisect_right(self._numbers, place.until))]
            if ahead:
                place.after = self._numbers[index + len(ahead) - 1]
            elif not (place.missed or place.lost):
                self._waiting.add(place)
            missed, place.missed = place.missed, 0
            dropped, place.lost = place.lost, {}
        self._take_in()
        if not (ahead or missed or dropped):
            return None
        lost = missed + sum(count for component, count in dropped.items() if place.wanted(component))
        entries = [entry for entry in ahead if entry is not None]
        before = entries[0].id - 1 if entries else place.after
        return Taken(lost, before, [entry for entry in entries if place.wanted(entry.component)])

    def leave(self, place: Place[E]) -> None:
        """Forget a reader."""
        with self._lock:
            self._places.discard(place)
            self._waiting.discard(place)
        self._take_in()

    def _before_latest(self, count: float, wanted: Wanted) -> int:
        """The number behind which there are no more than `count` entries that are wanted."""
        if count <= 0:
            return self.last
        with self._lock:
            numbers, entries = self._numbers[self._oldest :], self._entries[self._oldest :]
        self._take_in()
        if count < math.inf:
            for number, entry in zip(reversed(numbers), reversed(entries), strict=True):
                count -= entry is not None and wanted(entry.component)
                if count <= 0:
                    return number - 1
        return numbers[0] - 1 if numbers else self.last

    def _missed(self, after: int, _wanted: Wanted) -> int:
        """How many entries behind `after` have been dropped; with the lock."""
        ahead = self._entries[bisect_right(self._numbers, after) :]
        return self.last - after - sum(entry is not None for entry in ahead)

    # Adding; all but the first with the lock.

    def _take_in(self) -> None:
        """Keep what has been brought, unless somebody has the lock, who then does so: it was brought before."""
        while self._incoming and self._lock.acquire(blocking=False):
            try:
                while self._incoming:
                    self._keep(self._incoming.popleft())
                waiting = self._no_longer_waiting()
            finally:
                self._lock.release()
            for place in waiting:
                place.wake()

    def _no_longer_waiting(self) -> Collection[Place[E]]:
        if not self._waiting:
            return ()
        waiting, self._waiting = self._waiting, set()
        return waiting

    def _keep(self, entry: E) -> None:
        self.last = entry.id = self.last + 1
        self._numbers.append(entry.id)
        self._entries.append(entry)
        self._kept += 1
        if self._kept > self._size:
            self._drop(self._oldest)

    def _drop(self, index: int) -> E:
        """Make room; it is lost to readers that have not come to it."""
        entry = self._remove(index)
        for place in self._places:
            if place.after < entry.id <= place.until:
                place.lost[entry.component] = place.lost.get(entry.component, 0) + 1
        return entry

    def _remove(self, index: int) -> E:
        entries = self._entries
        entry = cast("E", entries[index])
        entries[index] = None
        self._kept -= 1
        while self._oldest < len(entries) and entries[self._oldest] is None:
            self._oldest += 1
        if len(entries) > 2 * self._kept + _SLACK:
            self._sweep()
        return entry

    def _sweep(self) -> None:
        self._numbers = [entry.id for entry in self._entries if entry is not None]
        self._entries = [entry for entry in self._entries if entry is not None]
        self._oldest = 0

    def _index(self, number: int) -> int:
        return bisect_left(self._numbers, number)

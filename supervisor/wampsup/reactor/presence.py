"""How much of a time this process was really there, so that nobody is blamed for the rest.

A process that was stopped (SIGSTOP, a debugger, a frozen container), or that an overloaded machine did not let run,
sees time pass in which no code could do anything. A thread that sleeps and wakes finds that out: it wakes late, and the
process has used no processor time meanwhile. Where it wakes late and the process has been busy, code that lets no other
thread run is to blame; or the garbage collector, which stops everything for the sake of all, in whoever's event it
begins.
"""

from __future__ import annotations

import gc
from contextlib import suppress
from time import perf_counter_ns, process_time_ns
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

Times = tuple[tuple[int, int], ...]
"""The end of each, and how long it was."""

SLACK = 50_000_000
"""Nanoseconds by which a thread may wake late for any reason."""

_NOTICEABLE = 5_000_000
"""Nanoseconds of the garbage collector's that are worth while to remember."""

_MOST = 32
"""So many of them are remembered."""


class Presence:
    """The presence of this process, as the thread sees it that calls `sleep` and `wake` in turn; all in nanoseconds.

    `collected` is called with how long the garbage collector took, in whatever thread that was.
    """

    def __init__(
        self, clock_ns: Callable[[], int] = perf_counter_ns, process_ns: Callable[[], int] = process_time_ns
    ) -> None:
        self._clock_ns = clock_ns
        self._process_ns = process_ns
        self._absences: Times = ()
        self._collections: Times = ()
        self._collecting_since = 0
        self.collected: Callable[[int], object] = lambda _duration: None
        self.sleep(0)

    def begin(self) -> None:
        """Heed the garbage collector."""
        gc.callbacks.append(self._collects)

    def end(self) -> None:
        """Heed it no more."""
        with suppress(ValueError):
            gc.callbacks.remove(self._collects)

    def now(self) -> int:
        """The time now."""
        return self._clock_ns()

    def sleep(self, duration: int) -> None:
        """The thread goes to sleep now, for so long."""
        self._busy = self._process_ns()
        self._due = self._clock_ns() + duration

    def wake(self) -> int:
        """The thread is awake, and it is now; what has been missed counts as an absence that ends here."""
        now = self._clock_ns()
        if missed := self._missed(now):
            self._absences = _with(self._absences, now, missed)
        self.sleep(0)
        return now

    def late(self, now: int) -> bool:
        """Whether the thread should have been awake long before."""
        return now - self._due > SLACK

    def absent(self, began: int, now: int) -> int:
        """For how much of the time from `began` until `now` the process was not there, or collected garbage."""
        return _within(began, ((now, self._missed(now)), *self._absences)) + self.collecting(began, now)

    def collecting(self, began: int, now: int) -> int:
        """For how much of that time it collected garbage."""
        since = self._collecting_since
        return _within(began, ((now, now - since if since else 0), *self._collections))

    def _missed(self, now: int) -> int:
        if not self.late(now):
            return 0
        return max(now - self._due - (self._process_ns() - self._busy), 0)

    def _collects(self, phase: str, _info: object) -> None:
        """The garbage collector begins, or has ended; this may come in the midst of anything, and takes no lock."""
        now = self._clock_ns()
        if phase == "start":
            self._collecting_since = now
            return
        took = now - self._collecting_since
        if took > _NOTICEABLE:
            self._collections = _with(self._collections, now, took)
        self._collecting_since = 0
        self.collected(took)


def _with(times: Times, ended: int, took: int) -> Times:
    """A new tuple: other threads may read the one that there is."""
    return (*times[1 - _MOST :], (ended, took))


def _within(began: int, times: Times) -> int:
    """How much of these times came after `began`."""
    return sum(min(took, ended - began) for ended, took in times if ended > began)

"""How much of a time this process was really there, so that nobody is blamed for the rest.

A process that was stopped (SIGSTOP, a debugger, a frozen container), or that an overloaded machine did not let run,
sees time pass in which no code could do anything. A thread that sleeps and wakes finds that out: it wakes late, and the
process has used no processor time meanwhile. Where it wakes late and the process has been busy, code that lets no other
thread run is to blame.
"""

from __future__ import annotations

from collections import deque
from time import perf_counter_ns, process_time_ns
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

SLACK = 50_000_000
"""Nanoseconds by which a thread may wake late for any reason."""

_MOST = 32
"""Absences that are remembered."""


class Presence:
    """The presence of this process, as the thread sees it that calls `sleep` and `wake` in turn; all in nanoseconds."""

    def __init__(
        self, clock_ns: Callable[[], int] = perf_counter_ns, process_ns: Callable[[], int] = process_time_ns
    ) -> None:
        self._clock_ns = clock_ns
        self._process_ns = process_ns
        self._absences: deque[tuple[int, int]] = deque(maxlen=_MOST)
        self.sleep(0)

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
            self._absences.append((now, missed))
        self.sleep(0)
        return now

    def late(self, now: int) -> bool:
        """Whether the thread should have been awake long before."""
        return now - self._due > SLACK

    def absent(self, began: int, now: int) -> int:
        """For how much of the time from `began` until `now` the process was not there."""
        gone = [(now, self._missed(now)), *self._absences]
        return sum(min(missed, ended - began) for ended, missed in gone if ended > began)

    def _missed(self, now: int) -> int:
        if not self.late(now):
            return 0
        return max(now - self._due - (self._process_ns() - self._busy), 0)

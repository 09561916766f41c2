"""Lines on their way to the log files: whoever logs leaves them here and never waits, and one thread takes them.

A disk may be slow, or hang: then the oldest lines go, and are counted. Between the lines stand orders, such as to write
to another file from there on; these stay. Who adds may be anywhere, even in the garbage collector or in a signal
handler while this very thread is adding, as with the `Ring` of the lines that are kept.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_BYTES = 8 << 20
"""Bytes of memory that lines take at most while they wait."""

_BYTES = 150
"""What a line takes beside its text."""


class Line(NamedTuple):
    """A line, its end included; `component` is `None` for the supervisor's own."""

    component: str | None
    text: bytes


Order = Callable[[], None]


class Backlog:
    """The latest lines that wait, `most_bytes` of them at most; `lost` counts those that went since the last `take`."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._incoming: deque[Line | Order] = deque()
        self._lock = Lock()
        self._is_wanted = False
        self._overdue: list[Line | Order] = []  # orders before which lines have gone
        self._waiting: deque[Line | Order] = deque()
        self._bytes = 0
        self.lost = 0

    def add(self, item: Line | Order) -> None:
        """Leave a line or an order, in any thread."""
        self._incoming.append(item)
        self._take_in()

    def take(self) -> tuple[Sequence[Line | Order], int]:
        """All that waits, in its order, and how many lines have been lost before them."""
        self._is_wanted = True  # by who has been waiting for it: a lock is not fair
        with self._lock:
            self._is_wanted = False
            taken, lost = [*self._overdue, *self._waiting], self.lost
            self._overdue.clear()
            self._waiting.clear()
            self._bytes = self.lost = 0
        self._take_in()
        return taken, lost

    def _take_in(self) -> None:
        """Let what has been left wait, unless somebody has the lock, who then does so: it was left before."""
        while self._incoming and not self._is_wanted and self._lock.acquire(blocking=False):
            try:
                while self._incoming:
                    self._keep(self._incoming.popleft())
            finally:
                self._lock.release()

    def _keep(self, item: Line | Order) -> None:
        self._waiting.append(item)
        self._bytes += _size(item)
        while self._bytes > self._most_bytes:
            oldest = self._waiting.popleft()
            if isinstance(oldest, Line):
                self._bytes -= _size(oldest)
                self.lost += 1
            else:
                self._overdue.append(oldest)


def _size(item: Line | Order) -> int:
    return _BYTES + len(item.text) if isinstance(item, Line) else 0

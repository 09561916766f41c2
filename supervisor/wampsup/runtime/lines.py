"""The latest lines of each component's log, and of the supervisor's own.

So many lines are kept of each, so that a component that talks much takes no room from the others; and so many of all
together, and so much, that ten thousand that talk much cannot eat the memory: then the oldest lines go, whosever they
are. A line may be long: its beginning is kept, and the end of its traceback.

A line costs 2 µs, and takes 0.3 KiB when it is short.
"""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING

from wampsup.core.times import rfc3339
from wampsup.model.record import MOST_LINES
from wampsup.runtime.ring import Ring

if TYPE_CHECKING:
    from wampsup.model.record import Record
    from wampsup.runtime.place import Wanted

MOST_BYTES = 64 << 20
"""Bytes of memory that the lines of all components take at most."""

LONGEST = 8192
"""Characters of a line that are kept, its traceback included."""

_FEW = 10_000
"""Lines that are looked for by whose they are, rather than one after the other."""

_LONGEST_LOGGER = 256
_BYTES = 300
"""What a line takes beside its message and its traceback."""


class Line:
    """A record that is kept, and what it takes, in bytes: one object, since the garbage collector looks at each."""

    __slots__ = ("at", "component", "id", "level", "logger", "message", "size", "traceback")
    kind = "line"

    def __init__(self, record: Record) -> None:
        self.id = 0
        self.at = record.at
        self.level = record.level
        self.component = record.component
        self.message = record.message
        self.logger = record.logger
        self.traceback = record.traceback
        self.size = _BYTES + sys.getsizeof(record.message) + sys.getsizeof(record.traceback)

    def json(self) -> bytes:
        """The line as one JSON document, without a line's end."""
        return json.dumps({"id": self.id, **members(self)}, separators=(",", ":")).encode()


class _Own:
    """The lines of one component: the numbers of those that are kept, and what has been dropped."""

    __slots__ = ("dropped", "latest_dropped", "numbers")

    def __init__(self) -> None:
        self.numbers: list[int] = []  # a deque takes 0.7 KiB for one line, and most components have one
        self.dropped = 0
        self.latest_dropped = 0


class Lines(Ring[Line]):
    """The latest `each` lines of each component, `size` lines and `size_bytes` at most."""

    def __init__(self, each: int, *, size: int = MOST_LINES, size_bytes: int = MOST_BYTES) -> None:
        super().__init__(size)
        self._each = each
        self._most_bytes = size_bytes
        self._bytes = 0
        self._own: dict[str | None, _Own] = {}

    def keep(self, record: Record) -> None:
        """Keep a line, in which no secret may be any more; in any thread."""
        self.add(Line(bounded(record)))

    def forget(self, component: str) -> None:
        """The component is out of the fleet: nobody has lost its lines, which go with it."""
        with self._lock:
            own = self._own.pop(component, None)
            for number in () if own is None else own.numbers:
                self._bytes -= self._remove(self._index(number)).size
        self._take_in()

    def _before_latest(self, count: float, wanted: Wanted) -> int:
        """As above, but of few among many without a look at the lines of the others."""
        if not 0 < count < _FEW:
            return super()._before_latest(count, wanted)
        most = int(count)
        with self._lock:
            chosen = [own.numbers for component, own in self._own.items() if wanted(component)]
            few = len(chosen) * most <= _FEW
            latest = [numbers[-most:] for numbers in chosen] if few else []
        self._take_in()
        if not few:
            return super()._before_latest(count, wanted)
        numbers = sorted(chain.from_iterable(latest))[-most:]
        return numbers[0] - 1 if numbers else self.last

    def _keep(self, entry: Line) -> None:
        own = self._own.get(entry.component)
        if own is None:
            own = self._own[entry.component] = _Own()
        super()._keep(entry)
        own.numbers.append(entry.id)
        self._bytes += entry.size
        if len(own.numbers) > self._each:
            self._drop(self._index(own.numbers[0]))
        while self._bytes > self._most_bytes:
            self._drop(self._oldest)

    def _drop(self, index: int) -> Line:
        line = super()._drop(index)
        own = self._own[line.component]
        del own.numbers[0]
        own.dropped += 1
        own.latest_dropped = line.id
        self._bytes -= line.size
        return line

    def _missed(self, after: int, wanted: Wanted) -> int:
        """As above; where only some components are wanted, it may be that not as many have been dropped of these."""
        dropped = (
            min(own.dropped, own.latest_dropped - after)
            for component, own in self._own.items()
            if own.latest_dropped > after and wanted(component)
        )
        return min(super()._missed(after, wanted), sum(dropped))


def members(record: Record | Line) -> dict[str, object]:
    """A line as a JSON object has it, in the log and in the control API."""
    return {
        "time": rfc3339(record.at),
        "level": record.level,
        "component": record.component,
        "message": record.message,
        "logger": record.logger,
        "traceback": record.traceback,
    }


def bounded(record: Record) -> Record:
    """The record with no more than what is kept of a long one."""
    traceback = record.traceback or ""
    if len(record.message) + len(traceback) <= LONGEST and len(record.logger or "") <= _LONGEST_LOGGER:
        return record
    message = _beginning(record.message, LONGEST // 2 if traceback else LONGEST)
    logger = record.logger and _beginning(record.logger, _LONGEST_LOGGER)
    return replace(
        record, message=message, logger=logger, traceback=(traceback and _end(traceback, LONGEST // 2)) or None
    )


def _beginning(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most]}… ({len(text) - most} more characters)"


def _end(text: str, most: int) -> str:
    return text if len(text) <= most else f"({len(text) - most} more characters) …{text[-most:]}"

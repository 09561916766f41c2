"""The log as files. Whoever logs hands a line over and goes on: a thread writes it.

The reactor is the same thread for all components, and no disk may hold it up. The thread gathers lines for a moment, so
that many of them cost few writes. What else is to be done with the files is ordered: it happens behind the lines that
were handed over before.
"""

from __future__ import annotations

import time
from contextlib import suppress
from itertools import groupby
from queue import Empty, SimpleQueue
from threading import Event, Thread
from typing import TYPE_CHECKING, cast

from twisted.logger import Logger

from wampsup.logs.backlog import MOST_BYTES, Backlog, Line
from wampsup.logs.troubles import were_lost
from wampsup.logs.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from wampsup.logs.backlog import Order
    from wampsup.logs.disk import Disk
    from wampsup.model.spec import LogFileSpec

GATHER = 0.02
"""Seconds that the thread waits for more lines, once there is one."""

LAST = 1.0
"""Seconds that the end of the process waits for the disk; less than `supervisor.GRACE`, within which it has to come."""

_log = Logger()


class LogFiles:
    """Takes lines in any thread, wherever that is; without a file to write to, it drops them.

    `make_disk` makes what writes to the files of a spec. Where the fleet file names none, the log goes to `default`.
    """

    def __init__(
        self,
        make_disk: Callable[[LogFileSpec], Disk],
        default: LogFileSpec | None = None,
        *,
        most_bytes: int = MOST_BYTES,
    ) -> None:
        self._make_disk = make_disk
        self._default = default
        self._backlog = Backlog(most_bytes)
        self._bell: SimpleQueue[bool] = SimpleQueue()  # rung for what is in the backlog: whether it is an order
        self._is_on = self._knows_of_lines = self._is_overrun = self._hangs = False
        self._thread: Thread | None = None
        self._writer: Writer | None = None  # this one, and what follows, is the thread's
        self._overrun_by = 0
        self._ended = False

    def write(self, component: str | None, line: str) -> None:
        """Hand over a line, its end included."""
        if not self._is_on:
            return
        self._backlog.add(Line(component, line.encode("utf-8", "backslashreplace")))
        if not self._knows_of_lines:
            self._knows_of_lines = True
            self._bell.put(False)  # noqa: FBT003 - see there
        if self._backlog.lost and not self._is_overrun:
            self._is_overrun = True
            _say("the disk takes lines for the log files too slowly: the oldest of those that wait are lost")

    def become(self, spec: LogFileSpec | None) -> None:
        """Write to those files from now on; where they are the same, look for them anew."""
        spec = spec or self._default
        self._is_on = spec is not None
        if self._thread is None and self._is_on:
            self._thread = Thread(target=self._run, name="log files", daemon=True)
            self._thread.start()
        self._order(lambda: self._become(spec))

    def reopen(self) -> None:
        """Look for the files anew: they may have been moved away."""
        self._order(lambda: None if self._writer is None else self._writer.reopen())

    def forget(self, component: str) -> None:
        """That component is out of the fleet: its file is closed."""
        self._order(lambda: None if self._writer is None else self._writer.forget(component))

    def flush(self) -> None:
        """Wait until what has been handed over is written; not for long, and never again where that was too long."""
        done = Event()
        if self._order(done.set) and not self._hangs:
            self._hangs = not done.wait(LAST)

    def close(self) -> None:
        """The same, and nothing is written any more."""
        self._is_on = False
        self.flush()
        if self._order(self._end) and self._thread is not None and not self._hangs:
            self._thread.join(LAST)

    def _order(self, order: Order) -> bool:
        """Have something done, if there is somebody to do it."""
        if self._thread is None or not self._thread.is_alive():
            return False
        self._backlog.add(order)
        self._bell.put(True)  # noqa: FBT003 - see there
        return True

    # In the thread.

    def _run(self) -> None:
        try:
            while not self._ended:
                self._gather()
                self._knows_of_lines = False
                self._work()
        except Exception:  # noqa: BLE001 - rather no files than no fleet
            self._is_on = False
            _log.failure("a bug of wampsup: nothing is written to the log files any more")

    def _gather(self) -> None:
        """Wait until there is something to do, and where that is to write lines, for more of them."""
        is_order, deadline = self._bell.get(), time.monotonic() + GATHER
        with suppress(Empty):
            while not is_order:
                is_order = self._bell.get(timeout=max(0.0, deadline - time.monotonic()))

    def _work(self) -> None:
        """Write lines and carry out orders."""
        items, lost = self._backlog.take()
        for is_line, group in groupby(items, lambda item: isinstance(item, Line)):
            if is_line and self._writer is not None:
                self._writer.write(cast("Iterator[Line]", group))
            elif not is_line:
                for order in cast("Iterator[Order]", group):
                    order()
        if lost:
            self._overrun_by += lost
            self._bell.put(False)  # noqa: FBT003 - to see whether it is over
        elif self._overrun_by:
            _say(f"the disk keeps up with the log files again, {were_lost(self._overrun_by)}")
            self._overrun_by, self._is_overrun = 0, False

    def _become(self, spec: LogFileSpec | None) -> None:
        if self._writer is not None:
            self._writer.reopen()
            if self._writer.spec == spec:
                return
        self._writer = None if spec is None else Writer(spec, self._make_disk(spec), _say, time.monotonic)

    def _end(self) -> None:
        self._ended = True
        if self._writer is not None:
            self._writer.reopen()


def _say(message: str) -> None:
    _log.warn("{message}", message=message)

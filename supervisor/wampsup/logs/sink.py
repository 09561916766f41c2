"""Takes what every source says, and hands it on as records: to streams and files, and to the lines that are kept."""

from __future__ import annotations

import contextlib
import logging
import threading
from typing import TYPE_CHECKING, TextIO

from twisted.logger import ILogObserver
from twisted.logger._stdlib import StringifiableFromEvent  # what its bridge to `logging` makes of an event
from zope.interface import implementer

from wampsup.logs.record import LEVELS, from_event, from_logging, lost
from wampsup.logs.render import as_json, as_text
from wampsup.logs.secrets import without_secrets

if TYPE_CHECKING:
    from collections.abc import Callable

    from twisted.logger import LogEvent

    from wampsup.model.record import Record
    from wampsup.model.spec import LogFormat, LogLevel

    Outlet = Callable[[Record], None]
    Taker = Callable[[str | None, str], None]


@implementer(ILogObserver)
class Sink(logging.Handler):
    """Hands what is urgent enough to all of `outlets`, without secrets.

    It is an observer of twisted.logger and a handler of `logging`, and never raises into the code that logs.
    """

    def __init__(self, level: LogLevel, *outlets: Outlet) -> None:
        super().__init__()
        self._levels = frozenset(LEVELS[: LEVELS.index(level) + 1])
        self._outlets = outlets
        self._of_thread = threading.local()

    def __call__(self, event: LogEvent) -> None:
        """Take an event of twisted.logger."""
        try:
            self._take(event)
        except Exception as error:  # noqa: BLE001 - whatever a component hands to its logger
            self.write(lost(event.get("log_format"), error))

    def _take(self, event: LogEvent) -> None:
        self._of_thread.taken_at = event.get("log_time")
        level = event.get("log_level")
        if level is not None and level.name not in self._levels:  # no record is more urgent than its event
            return
        record = from_event(event)
        if record is not None:
            self.write(record)

    def emit(self, record: logging.LogRecord) -> None:
        """Take a record of `logging`."""
        if isinstance(record.msg, StringifiableFromEvent):  # Twisted tells it by way of `logging` as well
            return
        try:
            self.write(from_logging(record))
        except Exception as error:  # noqa: BLE001 - whatever a component hands to its logger
            self.write(lost((record.msg, record.args), error))

    def write(self, record: Record) -> None:
        """Hand a record on, if it is urgent enough."""
        if record.level in self._levels:
            shown = without_secrets(record)
            for outlet in self._outlets:
                outlet(shown)

    def has_taken(self, event: LogEvent) -> bool:
        """Whether that event has just come here as well, in this thread."""
        taken_at = getattr(self._of_thread, "taken_at", None)
        return taken_at is not None and event.get("log_time") == taken_at


def in_lines(form: LogFormat, *takers: Taker) -> Outlet:
    """Hands records on as lines, their ends included, each with the component that it is of."""
    render = as_json if form == "json" else as_text

    def write(record: Record) -> None:
        line = render(record) + "\n"
        for taker in takers:
            taker(record.component, line)

    return write


def to_stream(stream: TextIO) -> Taker:
    """Writes lines; a stream that is gone takes nothing else down."""

    def write(_component: str | None, line: str) -> None:
        with contextlib.suppress(OSError, ValueError):
            stream.write(line)
            stream.flush()

    return write

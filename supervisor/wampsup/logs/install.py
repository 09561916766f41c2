"""Puts the log in place: every source into one stream, each line once.

txaio begins Twisted's logging, which also takes `print`, standard error and warnings over. It does so at its first
`start_logging` alone, so that a component which calls that as well changes nothing.
"""

from __future__ import annotations

import contextlib
import logging
from typing import TYPE_CHECKING, TextIO, cast

import txaio
from twisted.logger import ILogObserver, globalLogPublisher
from txaio import tx
from zope.interface import implementer

from wampsup.logs.record import LEVELS, Record, from_event, from_logging, lost
from wampsup.logs.render import as_json, as_text
from wampsup.logs.secrets import without_secrets

if TYPE_CHECKING:
    from twisted.logger import LogEvent

    from wampsup.model.spec import LogFormat, LogLevel

txaio.use_twisted()  # before any library asks for a logger

_TO_LOGGING = {
    "critical": logging.CRITICAL,
    "error": logging.ERROR,
    "warn": logging.WARNING,
    "info": logging.INFO,
    "debug": logging.DEBUG,
    "trace": logging.DEBUG,
}


@implementer(ILogObserver)
class Sink(logging.Handler):
    """Writes what is urgent enough to a stream, without secrets; a stream that is gone takes nothing else down."""

    def __init__(self, stream: TextIO, level: LogLevel, form: LogFormat) -> None:
        super().__init__()
        self._stream = stream
        self._levels = frozenset(LEVELS[: LEVELS.index(level) + 1])
        self._render = as_json if form == "json" else as_text

    def __call__(self, event: LogEvent) -> None:
        """Take an event of twisted.logger; never raises into the code that logs."""
        try:
            self._take(event)
        except Exception as error:  # noqa: BLE001 - whatever a component hands to its logger
            self.write(lost(event.get("log_format"), error))

    def _take(self, event: LogEvent) -> None:
        level = event.get("log_level")
        if level is not None and level.name not in self._levels:  # no record is more urgent than its event
            return
        record = from_event(event)
        if record is not None:
            self.write(record)

    def emit(self, record: logging.LogRecord) -> None:
        """Take a record of `logging`; never raises into the code that logs."""
        try:
            self.write(from_logging(record))
        except Exception as error:  # noqa: BLE001 - whatever a component hands to its logger
            self.write(lost((record.msg, record.args), error))

    def write(self, record: Record) -> None:
        """Write a record, if it is urgent enough."""
        if record.level in self._levels:
            line = self._render(without_secrets(record)) + "\n"
            with contextlib.suppress(OSError, ValueError):
                self._stream.write(line)
                self._stream.flush()


def install(stream: TextIO, level: LogLevel, form: LogFormat) -> None:
    """Send the log of this process to `stream`, in text or JSON; once in a process."""
    sink = Sink(stream, level, form)
    root = logging.getLogger()
    root.addHandler(sink)
    root.setLevel(_TO_LOGGING[level])
    globalLogPublisher.addObserver(cast("ILogObserver", sink))
    tx.start_logging(out=None, level=level)

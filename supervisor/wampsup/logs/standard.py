"""Standard output and standard error as components have them: what they write there becomes lines of their log.

A line is one only when its end comes, and until then it waits by itself for each component and each thread: two
components may print halves of lines in turn. What a handler of `logging`, or an observer of Twisted's, writes there is
left out where the log has it anyway.
"""

from __future__ import annotations

import logging
import sys
import threading
from typing import TYPE_CHECKING, Any, AnyStr, Self, cast

from twisted.logger import FileLogObserver, Logger, LoggingFile, globalLogPublisher
from twisted.python.log import FileLogObserver as LegacyFileLogObserver
from twisted.python.util import untilConcludes

from wampsup.logs.whose import component_now, said_by

if TYPE_CHECKING:
    from types import FrameType

    from twisted.logger import ILogObserver

    from wampsup.logs.sink import Sink

LONGEST = 1 << 16
"""Characters that wait for the end of their line; with more, they are one."""

_NOBODY = ""
_HANDLER = logging.StreamHandler.emit.__code__
_OBSERVER = FileLogObserver.__call__.__code__
_LEGACY_OBSERVER = LegacyFileLogObserver.emit.__code__
_THROUGH = untilConcludes.__code__  # by which the legacy observer writes


class Standard(LoggingFile):
    """In place of `sys.stdout` or `sys.stderr`, as `name` tells; its lines go to Twisted's log, and so to `sink`."""

    def __init__(self, name: str, level: Any, encoding: str | None, sink: Sink) -> None:
        super().__init__(Logger(namespace=name, observer=cast("ILogObserver", globalLogPublisher)), level, encoding)
        self._sink = sink
        self._local = threading.local()

    @property
    def buffer(self) -> Self:
        """It takes octets as well."""
        return self

    def close(self) -> None:
        """Stay open: who closes it is not the only one who writes there."""

    def write(self, message: AnyStr) -> int:  # type: ignore[override]  # files tell how much they have taken
        """Log the lines that end in what is written."""
        text = message.decode(self._encoding, "backslashreplace") if isinstance(message, bytes) else message
        if _tells_again(sys._getframe().f_back, self._sink):  # noqa: SLF001 - the fast way to who writes
            return len(message)
        component, waiting = component_now() or _NOBODY, self._local.__dict__
        *lines, rest = (waiting.pop(component, "") + text).split("\n")
        if len(rest) > LONGEST:
            lines.append(rest)
        elif rest:
            waiting[component] = rest
        for line in lines:
            self.log.emit(self.level, "{log_io}", log_io=line)
        return len(message)

    def end_lines(self) -> None:
        """Log what still waits in this thread for the ends of its lines."""
        waiting = self._local.__dict__
        for component in tuple(waiting):
            rest = waiting.pop(component)
            with said_by(component or None):
                self.log.emit(self.level, "{log_io}", log_io=rest)


def _tells_again(frame: FrameType | None, sink: Sink) -> bool:
    """Whether it is a handler or an observer that writes there, of what the sink takes as well."""
    if frame is not None and frame.f_code is _THROUGH:
        frame = frame.f_back
    if frame is None:  # Python itself writes
        return False
    code = frame.f_code
    if code is _HANDLER:
        return _comes_to(sink, frame.f_locals["record"])
    if code is _OBSERVER:
        return sink.has_taken(frame.f_locals["event"])
    return code is _LEGACY_OBSERVER and sink.has_taken(frame.f_locals["eventDict"])


def _comes_to(sink: Sink, record: logging.LogRecord) -> bool:
    """Whether the logger of that record hands it to the sink."""
    logger: logging.Logger | None = logging.getLogger(record.name)
    while logger is not None:
        if sink in logger.handlers:
            return True
        logger = logger.parent if logger.propagate else None
    return False

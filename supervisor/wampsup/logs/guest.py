"""Listens to the log of a process of somebody else's, for the lines of our components alone; the log stays as it is.

A handler would not do for `logging`: one on the root logger changes what Python does with records that have none, and
keeps `logging.basicConfig` from its work. So records are taken where they are made.
"""

from __future__ import annotations

import logging
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol, cast

from twisted.logger import ILogObserver, globalLogPublisher

from wampsup.logs.sink import Sink
from wampsup.logs.unhandled import watch_deferreds
from wampsup.logs.whose import watch_collector

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from wampsup.logs.sink import Outlet
    from wampsup.model.record import Record
    from wampsup.model.spec import LogLevel

_sinks: list[Sink] = []


class HasUnits(Protocol):
    """A fleet."""

    @property
    def units(self) -> Mapping[str, object]:
        """Its components, by their names."""


def listen(level: LogLevel, outlet: Outlet, fleet: HasUnits) -> Callable[[], None]:
    """Hand the lines of the components that the fleet has by then to `outlet`, until the result is called."""

    def only_ours(record: Record) -> None:
        if record.component is not None and record.component in fleet.units:
            outlet(record)

    sink = Sink(level, only_ours)
    observer = cast("ILogObserver", sink)
    globalLogPublisher.addObserver(observer)
    _sinks.append(sink)
    _tap()
    watch_collector()
    watch_deferreds()

    def stop() -> None:
        globalLogPublisher.removeObserver(observer)
        _sinks.remove(sink)

    return stop


class _Tap:
    """Makes the records of `logging` as they were made before, and hands them on as well."""

    def __init__(self) -> None:
        self._make = logging.getLogRecordFactory()

    def __call__(self, *args: Any, **kwargs: Any) -> logging.LogRecord:
        record = self._make(*args, **kwargs)
        if record.name is not None:  # then it is none that `makeLogRecord` begins with
            for sink in tuple(_sinks):
                sink.emit(record)
        return record


@cache
def _tap() -> None:
    """Take the records of `logging`, once and for good: others may have put something before it by the next time."""
    logging.setLogRecordFactory(_Tap())

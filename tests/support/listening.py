"""What is logged in this process: a sink on everything that Twisted and `logging` take, while a test lasts."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING, cast

from twisted.logger import globalLogPublisher

from wampsup.logs.sink import Sink
from wampsup.reactor import scope
from wampsup.reactor.account import Account

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextvars import Context

    from twisted.logger import ILogObserver

    from wampsup.model.record import Record
    from wampsup.model.spec import LogLevel


class Listener:
    """The records that have come, and the sink that they came to."""

    def __init__(self, level: LogLevel) -> None:
        self.records: list[Record] = []
        self.sink = Sink(level, self.records.append)

    @property
    def said(self) -> list[tuple[str | None, str, str]]:
        """Each record's component, level and message."""
        return [(one.component, one.level, one.message) for one in self.records]


@contextmanager
def listening(level: LogLevel = "info") -> Iterator[Listener]:
    """Within, what is logged in this process becomes records."""
    listener = Listener(level)
    observer = cast("ILogObserver", listener.sink)
    globalLogPublisher.addObserver(observer)
    logging.getLogger().addHandler(listener.sink)
    try:
        yield listener
    finally:
        logging.getLogger().removeHandler(listener.sink)
        globalLogPublisher.removeObserver(observer)


def context_of(component: str) -> Context:
    """A context in which that component's code runs."""
    return scope.context_of(scope.Scope(Account(component)))

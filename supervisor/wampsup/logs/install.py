"""Puts the log in place in a process of our own: every source into one sink, each line once.

txaio begins Twisted's logging, which also takes `print`, standard error and warnings over. It does so at its first
`start_logging` alone, so that a component which calls that as well changes nothing.
"""

from __future__ import annotations

import atexit
import logging
import sys
from typing import TYPE_CHECKING, cast

import txaio
from twisted.logger import ILogObserver, LogLevel, globalLogPublisher
from txaio import tx

from wampsup.logs.sink import Sink
from wampsup.logs.standard import Standard
from wampsup.logs.unhandled import watch_deferreds, watch_threads_and_finalizers
from wampsup.logs.whose import watch_collector

if TYPE_CHECKING:
    from wampsup.logs.sink import Outlet
    from wampsup.model.spec import LogLevel as Threshold

txaio.use_twisted()  # before any library asks for a logger

_TO_LOGGING = {
    "critical": logging.CRITICAL,
    "error": logging.ERROR,
    "warn": logging.WARNING,
    "info": logging.INFO,
    "debug": logging.DEBUG,
    "trace": logging.DEBUG,
}

_STANDARD = {"stdout": LogLevel.info, "stderr": LogLevel.error}


def install(level: Threshold, *outlets: Outlet) -> None:
    """Send the log of this process to all of `outlets`; once in a process."""
    sink = Sink(level, *outlets)
    root = logging.getLogger()
    root.addHandler(sink)
    root.setLevel(_TO_LOGGING[level])
    globalLogPublisher.addObserver(cast("ILogObserver", sink))
    watch_collector()
    watch_deferreds()
    watch_threads_and_finalizers()
    encodings = {name: getattr(getattr(sys, name), "encoding", None) for name in _STANDARD}
    tx.start_logging(out=None, level=level)
    for name, urgency in _STANDARD.items():
        standard = Standard(name, urgency, encodings[name], sink)
        atexit.register(standard.end_lines)
        setattr(sys, name, standard)

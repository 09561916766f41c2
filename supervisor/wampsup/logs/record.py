"""One line of the log, whatever said it: events of twisted.logger and records of `logging` become `Record`s here."""

from __future__ import annotations

import logging
import re
import time
import traceback
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from twisted.logger import LogLevel, formatEvent
from twisted.python.reflect import safe_repr, safe_str

from wampsup.reactor.scope import component_name

if TYPE_CHECKING:
    from twisted.logger import LogEvent
    from twisted.python.failure import Failure

LEVELS = ("critical", "error", "warn", "info", "debug", "trace")
"""From the most urgent on; a threshold lets itself and all before it through."""

_FROM_LOGGING = (
    (logging.CRITICAL, "critical"),
    (logging.ERROR, "error"),
    (logging.WARNING, "warn"),
    (logging.INFO, "info"),
)

_CONNECTING = "autobahn.twisted.component."
"""Autobahn's Component tells its attempts here; the supervisor tells how each of them ended."""

_OWN = "wampsup."
_LIBRARIES = ("autobahn.", "twisted.")
_SESSIONS = "autobahn.twisted.wamp."
"""The logger that a session hands to its user."""

_PLUMBING = re.compile(r"(Starting|Stopping) factory |\S+( \(\S+\))? starting on \S+$|\((TCP|UNIX) Port .* Closed\)$")
"""What Twisted says of every connection."""

_FAREWELL = "session closed with reason {reason} [{message}]"
"""What Autobahn warns of whenever a session ends, also in order; the supervisor tells how it ended."""

_ANNOUNCEMENT = "Unhandled error in Deferred:"
"""The first of two events; the second one holds the error."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Record:
    """One line; `at` in seconds since 1970, `component` is `None` where the supervisor speaks for itself."""

    at: float
    level: str
    message: str
    component: str | None = None
    logger: str | None = None
    traceback: str | None = None


def from_event(event: LogEvent) -> Record | None:
    """The record of an event of twisted.logger or txaio; `None` for one that says nothing."""
    failure: Failure | None = event.get("log_failure")
    plain = event.get("message") if event.get("log_format") == "{message}" else None
    message = plain if isinstance(plain, str) else formatEvent(event)  # which takes its time
    if message == _ANNOUNCEMENT:
        return None
    if failure is not None:
        error = f"{failure.type.__name__ if failure.type else 'error'}: {failure.getErrorMessage()}"
        message = f"{message}: {error}" if message else f"unhandled error: {error}"
    if not message:
        return None
    namespace = event.get("log_namespace") or ""
    return Record(
        at=event["log_time"],
        level=_level(event, namespace, message),
        component=_ours(event, namespace, "component") or component_name(),
        message=message,
        logger=namespace or None,
        traceback=failure.getTraceback() if failure is not None else _ours(event, namespace, "own_traceback"),
    )


def from_logging(record: logging.LogRecord) -> Record:
    """The record of a record of `logging`."""
    told = traceback.format_exception(*record.exc_info) if record.exc_info else None
    return Record(
        at=record.created,
        level=next((name for least, name in _FROM_LOGGING if record.levelno >= least), "debug"),
        component=component_name(),
        message=record.getMessage(),
        logger=record.name,
        traceback="".join(told) if told else None,
    )


def lost(said: object, error: Exception) -> Record:
    """The record in place of one that can't be made, or shown: what was said is wrong in itself."""
    message = f"a log call cannot be shown: {type(error).__name__}: {safe_str(error)}; it is {safe_repr(said)}"
    return Record(at=time.time(), level="error", component=component_name(), message=message)


def _ours(event: LogEvent, namespace: str, key: str) -> str | None:
    """What the supervisor's own code says with an event; a component may use the same key for what it likes."""
    value = event.get(key) if namespace.startswith(_OWN) else None
    return value if isinstance(value, str) else None


def _level(event: dict[str, Any], namespace: str, message: str) -> str:
    if event.get("txaio_trace"):
        return "trace"
    level: str = event.get("log_level", LogLevel.info).name
    if namespace.startswith(_CONNECTING) or event.get("log_format") == _FAREWELL:
        return "debug"
    if level != "info":
        return level
    from_library = namespace.startswith(_LIBRARIES) and not namespace.startswith(_SESSIONS)
    return "debug" if from_library or _PLUMBING.match(message) else level

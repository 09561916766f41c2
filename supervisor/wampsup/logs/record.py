"""One line of the log, whatever said it: events of twisted.logger and records of `logging` become `Record`s here."""

from __future__ import annotations

import logging
import re
import time
import traceback
from typing import TYPE_CHECKING, Any

from twisted.logger import LogLevel, formatEvent
from twisted.python.failure import Failure
from twisted.python.reflect import safe_repr, safe_str

from wampsup.logs.whose import component_now, component_of
from wampsup.model.record import Record

if TYPE_CHECKING:
    from twisted.logger import LogEvent

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

_PLUMBING = re.compile(r"\S+( \(\S+\))? starting on (\d+|b?'.*')$|\((TCP|UDP|UNIX) Port .* Closed\)$")
_PLUMBING_FORMATS = frozenset({"Starting factory {factory!r}", "Stopping factory {factory!r}"})
"""What Twisted says of every connection, the former in its old way."""

_FAREWELL = "session closed with reason {reason} [{message}]"
"""What Autobahn warns of whenever a session ends, also in order; the supervisor tells how it ended."""

_ANNOUNCEMENT = ("twisted.internet.defer", "Unhandled error in Deferred:")
"""The first of two events; the second one holds the error."""

_LEGACY = "log_legacy"
"""The namespace that Twisted gives to events of `twisted.python.log`."""

_NEVER = 253402300799  # the last second of the year 9999

_ONE_FIELD = {"{message}": "message", "{log_io}": "log_io", "{log_text}": "log_text"}
"""The formats of our own events, of `print` and of `twisted.python.log`: to format these would take its time."""


def from_event(event: LogEvent) -> Record | None:
    """The record of an event of twisted.logger, twisted.python.log or txaio; `None` for one that says nothing."""
    namespace = event.get("log_namespace") or ""
    failure, message = event.get("log_failure"), _ours(event, namespace, "own_message") or _message(event)
    if (namespace, message) == _ANNOUNCEMENT:
        return None
    if failure is None and event.get("isError"):
        failure, message = _of_legacy(event, message)
    if failure is not None:
        error = f"{failure.type.__name__ if failure.type else 'error'}: {failure.getErrorMessage()}"
        message = f"{message}: {error}" if message else f"unhandled error: {error}"
    if not message:
        return None
    whose = component_now() if failure is None else component_of(failure)
    return Record(
        at=_time(event.get("log_time")),
        level=_level(event, namespace, message),
        component=_ours(event, namespace, "component") or whose,
        message=message,
        logger=namespace or None,
        traceback=failure.getTraceback() if failure is not None else _ours(event, namespace, "own_traceback"),
    )


def _message(event: LogEvent) -> str:
    """The event as text."""
    form = event.get("log_format")
    field = _ONE_FIELD.get(form) if isinstance(form, str) else None
    plain = event.get(field) if field else None
    return plain if isinstance(plain, str) else formatEvent(event)


def _of_legacy(event: LogEvent, message: str) -> tuple[Failure | None, str]:
    """The failure of a call of `twisted.python.log.err`, and why it was made: the message is both in one."""
    failure = event.get("failure")
    return (failure, str(event.get("why") or "")) if isinstance(failure, Failure) else (None, message)


def from_logging(record: logging.LogRecord) -> Record:
    """The record of a record of `logging`."""
    told = traceback.format_exception(*record.exc_info) if record.exc_info else None
    return Record(
        at=_time(record.created),
        level=next((name for least, name in _FROM_LOGGING if record.levelno >= least), "debug"),
        component=component_now(),
        message=record.getMessage(),
        logger=record.name,
        traceback="".join(told) if told else None,
    )


def lost(said: object, error: Exception) -> Record:
    """The record in place of one that can't be made, or shown: what was said is wrong in itself."""
    message = f"a log call cannot be shown: {type(error).__name__}: {safe_str(error)}; it is {safe_repr(said)}"
    return Record(at=time.time(), level="error", component=component_now(), message=message)


def _ours(event: LogEvent, namespace: str, key: str) -> str | None:
    """What the supervisor's own code says with an event; a component may use the same key for what it likes."""
    value = event.get(key) if namespace.startswith(_OWN) else None
    return value if isinstance(value, str) else None


def _time(at: object) -> float:
    """When that was, if it can be shown; else now."""
    return float(at) if isinstance(at, int | float) and 0 <= at < _NEVER else time.time()


def _level(event: dict[str, Any], namespace: str, message: str) -> str:
    if event.get("txaio_trace"):
        return "trace"
    level: str = event.get("log_level", LogLevel.info).name
    form = event.get("log_format")
    if namespace.startswith(_CONNECTING) or form == _FAREWELL:
        return "debug"
    if level != "info":
        return level
    from_library = namespace.startswith(_LIBRARIES) and not namespace.startswith(_SESSIONS)
    is_plumbing = form in _PLUMBING_FORMATS or (namespace == _LEGACY and _PLUMBING.match(message))
    return "debug" if from_library or is_plumbing else level

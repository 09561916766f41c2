"""Puts the tracebacks behind mistakes into the log: the person who made them is told in sentences."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from twisted.logger import Logger

if TYPE_CHECKING:
    from wampsup.model.spec import LogLevel, Mistake

_log = Logger()


def traced(mistake: Mistake, level: LogLevel) -> Mistake:
    """Log the traceback behind a mistake, and say how to see it."""
    if mistake.detail is None:
        return mistake
    _log.debug("{message}", message=mistake.message, own_traceback=mistake.detail)
    logged = level in {"debug", "trace"}
    hint = "the log has its traceback" if logged else 'set `log_level = "debug"` in `[supervisor]` to log its traceback'
    return replace(mistake, hint=mistake.hint or hint)

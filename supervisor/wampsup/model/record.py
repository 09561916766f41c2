"""One line of the log, whatever said it."""

from __future__ import annotations

from dataclasses import dataclass

MOST_LINES = 100_000
"""Lines that a fleet keeps of all of its components together."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Record:
    """One line; `at` in seconds since 1970, `component` is `None` where the supervisor speaks for itself."""

    at: float
    level: str
    message: str
    component: str | None = None
    logger: str | None = None
    traceback: str | None = None

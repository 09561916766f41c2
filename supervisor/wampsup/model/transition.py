"""Why a component moved from one state to another."""

from __future__ import annotations

from dataclasses import dataclass

PERSON = "person"
AUTOSTART = "autostart"
SHUTDOWN = "shutdown"
RELOAD = "reload"


@dataclass(frozen=True, kw_only=True, slots=True)
class Cause:
    """What happened to it (`event`: `start`, `ended`, `due`, ...), and who or what was behind that.

    `by` is one of the words above, `requires:NAME` or `group:NAME`; it is `None` where the component's own attempt, a
    timer or its turn in the start window moved it.
    """

    event: str
    by: str | None = None

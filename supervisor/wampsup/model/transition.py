"""Why a component moved from one state to another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wampsup.model.outcome import Outcome

PERSON = "person"
AUTOSTART = "autostart"
SHUTDOWN = "shutdown"
RELOAD = "reload"
REQUIRES = "requires:"
"""Before the name of a component that is missed."""

GROUP = "group:"
"""Before the name of a group that acts as one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Cause:
    """What happened to it (`event`: `start`, `ended`, `due`, ...), and who or what was behind that.

    `by` is one of the words above, and `None` where its own attempt, a timer or its turn to start moved it. `outcome`
    is how its attempt ended, where that is what happened.
    """

    event: str
    by: str | None = None
    outcome: Outcome | None = None

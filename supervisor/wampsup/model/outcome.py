"""How an attempt ended: exactly one of these for each attempt, with what really happened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wampsup.model.state import Problem


@dataclass(frozen=True, kw_only=True, slots=True)
class Completed:
    """`main` returned."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Left:
    """The component's own code made its session leave."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Stopped:
    """The supervisor asked it to end; `problem` tells what went wrong on the way out."""

    problem: Problem | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Lost:
    """There was no connection, or it was lost: the same or another transport is tried again."""

    problem: Problem


@dataclass(frozen=True, kw_only=True, slots=True)
class Failed:
    """The component failed: the restart policy decides."""

    problem: Problem


@dataclass(frozen=True, kw_only=True, slots=True)
class Fatal:
    """`is_fatal` says that no retry can mend this."""

    problem: Problem


Outcome = Completed | Left | Stopped | Lost | Failed | Fatal

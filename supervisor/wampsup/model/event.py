"""What can happen to a component; `name` is what a `Cause` calls it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from wampsup.model.transition import PERSON

if TYPE_CHECKING:
    from wampsup.model.outcome import Outcome
    from wampsup.model.state import Joined, Problem


@dataclass(frozen=True, kw_only=True, slots=True)
class Start:
    """It is wanted up: the counts begin anew."""

    name: ClassVar = "start"
    by: str = PERSON


@dataclass(frozen=True, kw_only=True, slots=True)
class Stop:
    """It is wanted down; `at_once` skips all waiting.

    With `later`, one that runs goes on until it is told again: others that need it have to leave first.
    """

    name: ClassVar = "stop"
    at_once: bool = False
    later: bool = False
    by: str = PERSON


@dataclass(frozen=True, kw_only=True, slots=True)
class Restart:
    """It is wanted down and up again: the counts begin anew."""

    name: ClassVar = "restart"
    by: str = PERSON


@dataclass(frozen=True, kw_only=True, slots=True)
class Hold:
    """What it needs is gone, or its group starts anew: it is to leave, and to wait until it is admitted again."""

    name: ClassVar = "hold"
    by: str


@dataclass(frozen=True, kw_only=True, slots=True)
class GiveUp:
    """Its group, of this name, has spent its restarts when `member` failed: it ends as failed."""

    name: ClassVar = "give-up"
    group: str
    member: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Admitted:
    """The fleet lets a waiting component begin its attempt."""

    name: ClassVar = "admitted"


@dataclass(frozen=True, kw_only=True, slots=True)
class Ready:
    """The attempt has joined, and every handler and registration has succeeded."""

    name: ClassVar = "ready"
    attempt: int
    joined: Joined


@dataclass(frozen=True, kw_only=True, slots=True)
class Ending:
    """The attempt is going down by itself, because of `problem` or well: it leaves its realm; `Ended` will follow."""

    name: ClassVar = "ending"
    attempt: int
    problem: Problem | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Ended:
    """The attempt is over and holds nothing any more.

    `noise`, from -1 to 1, spreads the delay that may follow; `spent` is the component's group where that has no restart
    left.
    """

    name: ClassVar = "ended"
    attempt: int
    outcome: Outcome
    noise: float = 0.0
    spent: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Due:
    """The time that the state waits for may have come."""

    name: ClassVar = "due"


Event = Start | Stop | Restart | Hold | GiveUp | Admitted | Ready | Ending | Ended | Due

Command = Start | Stop | Restart
"""What a person may want."""

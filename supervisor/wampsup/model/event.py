"""What can happen to a component."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wampsup.model.outcome import Outcome
    from wampsup.model.state import Joined


@dataclass(frozen=True, kw_only=True, slots=True)
class Start:
    """A person, or `autostart`, wants it up: the counts begin anew."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Stop:
    """A person, or the fleet's end, wants it down; `at_once` skips all waiting."""

    at_once: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Restart:
    """A person wants it down and up again: the counts begin anew."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Admitted:
    """The fleet lets a waiting component begin its attempt."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Ready:
    """The attempt has joined, and every handler and registration has succeeded."""

    attempt: int
    joined: Joined


@dataclass(frozen=True, kw_only=True, slots=True)
class Ending:
    """The attempt is going down by itself: it leaves its realm; `Ended` will follow."""

    attempt: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Ended:
    """The attempt is over and holds nothing any more. `noise`, from -1 to 1, spreads the delay that may follow."""

    attempt: int
    outcome: Outcome
    noise: float = 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Due:
    """The time that the state waits for may have come."""


Event = Start | Stop | Restart | Admitted | Ready | Ending | Ended | Due

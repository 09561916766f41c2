"""A stall, who wants to know of it, and what makes one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wampsup.reactor.account import Account
    from wampsup.reactor.scope import Scope
    from wampsup.reactor.stack import Stack


@dataclass(frozen=True, kw_only=True, slots=True)
class Stall:
    """An event of `account` that has kept the reactor from all others for so many seconds, so far or altogether.

    `stack` is where it was when it became a stall, if that was seen; where it was `alone`, no other thread could run.
    While `collecting`, it was no code's, but the garbage collector's.
    Once it is over, `scope` is the attempt whose event it was.
    """

    account: Account
    seconds: float
    stack: Stack | None = None
    alone: bool = False
    collecting: bool = False
    scope: Scope | None = None

    @property
    def place(self) -> str | None:
        """Where it was, as in `feed.py:31 in on_price`."""
        return None if self.stack is None else self.stack.place

    @property
    def words(self) -> str:
        """What it has done: `blocked the reactor for 1.20 s at feed.py:31 in on_price`."""
        said = f"blocked the reactor for {self.seconds:.2f} s"
        if self.collecting:
            return f"{said} to collect garbage"
        return f"{said} at {self.place}" if self.stack else said


class Follower(Protocol):
    """Who wants to know: a fleet."""

    def owns(self, account: Account) -> bool:
        """Whether it is that of one of its components; called in any thread."""

    def stalled(self, stall: Stall) -> None:
        """The reactor is stuck; called in another thread."""

    def recovered(self, stall: Stall) -> None:
        """It goes on; called as an event of the supervisor's own."""

    def paused(self, account: Account, seconds: float) -> None:
        """An event took so long, but the process was not there for most of it; called as `recovered`."""

    def gives_up(self, stall: Stall | None) -> None:
        """The process is about to end, as its reactor is stuck; called in another thread.

        `None`: no event can be blamed.
        """


@dataclass(frozen=True, kw_only=True, slots=True)
class Patience:
    """What makes a stall, in seconds: `usual`, and another time `of` some accounts; `fatal` ends the process.

    0 is never.
    """

    usual: float = 0.0
    of: Mapping[Account, float] = field(default_factory=dict)
    fatal: float = 0.0

"""The twin of `wampsup.wamp.attempt.Attempt`: it keeps the promises in memory, and a test decides its fate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wampsup.model import outcome as out
from wampsup.model.event import Ended, Ending, Event, Ready
from wampsup.model.state import Joined, Kind, Problem

if TYPE_CHECKING:
    from collections.abc import Callable

    from wampsup.reactor.scope import Scope
    from wampsup.reactor.stall import Stall
    from wampsup.wamp.blueprint import Blueprint

NOT_READY = Problem(kind=Kind.TIMEOUT, type="TimeoutError", message="not ready in time")
DID_NOT_LEAVE = Problem(kind=Kind.TIMEOUT, type="TimeoutError", message="it did not leave in time")


class TwinAttempt:
    """One attempt; `told` is called with each thing that the supervisor asks for, and may let it happen at once."""

    def __init__(
        self,
        number: int,
        transport: int,
        report: Callable[[Event], None],
        told: Callable[[TwinAttempt, str], None] = lambda _attempt, _what: None,
    ) -> None:
        self.number = number
        self.transport = transport
        self.orders: list[str] = []
        self.ready = False
        self.outcome: out.Outcome | None = None
        self.over = False
        self.adopted: list[Blueprint] = []
        self.stalls: list[Stall] = []
        self._report = report
        self._told = told

    @property
    def must_end(self) -> bool:
        """Whether it has been told to, so that a fair world ends it sooner or later."""
        return self.outcome is not None and not self.over

    # What the world does to it.

    def become_ready(self) -> None:
        """It has joined; not any more where it is about to end."""
        if self.outcome is None and not self.ready:
            self.ready = True
            joined = Joined(session_id=self.number, realm="realm1", transport=str(self.transport))
            self._report(Ready(attempt=self.number, joined=joined))

    def end(self, outcome: out.Outcome, *, slowly: bool = False) -> None:
        """It ends by itself; `slowly`: it needs time for it, until `finish`."""
        if self.outcome is not None:
            return
        self.outcome = outcome
        if slowly:
            self._report(Ending(attempt=self.number, problem=getattr(outcome, "problem", None)))
        else:
            self.finish()

    def finish(self) -> None:
        """It holds nothing any more, where it was about to end."""
        if self.outcome is not None and not self.over:
            self.over = True
            self._report(Ended(attempt=self.number, outcome=self.outcome))

    # What the supervisor wants.

    def begin(self) -> None:
        """Begin; the world decides what comes of it."""
        self._order("begin")

    def leave(self) -> None:
        """End in order."""
        if self.outcome is None:
            self.outcome = out.Stopped()
        self._order("leave")

    def time_out(self, after: float) -> None:
        """End as not ready in time."""
        assert after > 0
        if self.outcome is None:
            self.outcome = out.Lost(problem=NOT_READY)
        self._order("time_out")

    def abort(self, after: float | None) -> None:
        """End at once."""
        if self.outcome in {None, out.Stopped()}:
            self.outcome = out.Stopped(problem=None if after is None else DID_NOT_LEAVE)
        self._order("abort")

    def adopt(self, blueprint: Blueprint) -> None:
        """Go on with this blueprint's policy."""
        self.adopted.append(blueprint)

    def stalled(self, stall: Stall) -> None:
        """An event of its component has blocked the reactor."""
        self.stalls.append(stall)

    def _order(self, what: str) -> None:
        assert what not in self.orders, f"attempt {self.number} was told to {what} twice"
        assert ("begin" in self.orders) != (what == "begin"), f"attempt {self.number}: {what} after {self.orders}"
        assert "abort" not in self.orders, f"attempt {self.number}: {what} after an abort"
        self.orders.append(what)
        self._told(self, what)


class Attempts:
    """Makes twins, and keeps those that are not over yet, by the component's name; `told` is given to each."""

    def __init__(self, told: Callable[[str, TwinAttempt, str], None] = lambda _name, _attempt, _what: None) -> None:
        self.made: dict[str, list[TwinAttempt]] = {}
        self.told = told

    def __call__(  # noqa: PLR0913 - as an attempt is made
        self,
        blueprint: Blueprint,
        number: int,
        transport: int,
        reactor: Any,
        report: Callable[[Event], None],
        *,
        scope: Scope,
    ) -> TwinAttempt:
        """A twin for the component of `blueprint`."""
        name = blueprint.name
        assert name not in self.alive, f"a second attempt of {name} at the same time"
        twin = TwinAttempt(number, transport, report, lambda attempt, what: self.told(name, attempt, what))
        self.made.setdefault(name, []).append(twin)
        return twin

    @property
    def alive(self) -> dict[str, TwinAttempt]:
        """The attempts that are not over."""
        return {name: made[-1] for name, made in self.made.items() if not made[-1].over}

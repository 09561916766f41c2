"""The seams of the runtime: what it needs from outside, each small enough for a twin in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from wampsup.model.event import Event
    from wampsup.reactor.scope import Scope
    from wampsup.reactor.stall import Stall
    from wampsup.wamp.blueprint import Blueprint


class Attempt(Protocol):
    """One attempt under way; see `wampsup.wamp.attempt` for what it promises."""

    def begin(self) -> None:
        """Start; all else is reported."""

    def leave(self) -> None:
        """End in order."""

    def time_out(self, after: float) -> None:
        """End as not ready within `after` seconds."""

    def abort(self, after: float | None) -> None:
        """End at once: not gone within `after` seconds, or nobody waits (`None`)."""

    def adopt(self, blueprint: Blueprint) -> None:
        """Go on with the policy of this blueprint: its judge, `on_user_error`, health and `max_stall`."""

    def stalled(self, stall: Stall) -> None:
        """An event of its component has blocked the reactor, of this attempt or of an earlier one."""


class BuildAttempt(Protocol):
    """Makes attempts of any component: `wampsup.wamp.attempt.Attempt`, or a twin of it."""

    def __call__(  # noqa: PLR0913 - all that an attempt is made of
        self,
        blueprint: Blueprint,
        number: int,
        transport: int,
        reactor: Any,
        report: Callable[[Event], None],
        *,
        scope: Scope,
    ) -> Attempt:
        """A new attempt at what `blueprint` describes, with that `scope`."""

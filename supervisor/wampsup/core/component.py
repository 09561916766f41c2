"""One component as the core sees it: its policy, its state, and the counts that decisions are made from."""

from __future__ import annotations

from dataclasses import dataclass, replace

from wampsup.model.spec import UNLIMITED, RestartPolicy, RetryPolicy
from wampsup.model.state import (
    BackingOff,
    Completed,
    Connecting,
    Desired,
    Failed,
    Fatal,
    LastError,
    Reconnecting,
    State,
    Stopped,
    Stopping,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Policy:
    """What decides about a component; `transports` holds a retry policy for each of its transports."""

    restart: RestartPolicy = RestartPolicy()
    transports: tuple[RetryPolicy, ...] = (RetryPolicy(),)
    start_timeout: float = 30.0
    stop_timeout: float = 10.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Component:
    """One component.

    `attempts` numbers the attempts begun; `restarts` (its own, and those with its group) and `reconnects` count
    automatic ones since a person last started it. `failures` in a row make the next backoff grow, `restarted_at` holds
    the automatic restarts inside the give-up window. `transport` is the index of the one in use or to be tried next,
    and `tries` counts the attempts on each since the last one that became ready; `short_joins` in a row did not last.
    `stopped_by` says who wanted it down (`model.transition`), `None` where nobody has started it yet; `given_up_with`
    is the group that ended it as failed, and `given_up_for` the member that had failed, where that is another one.
    """

    policy: Policy
    state: State
    desired: Desired = Desired.DOWN
    attempts: int = 0
    restarts: int = 0
    reconnects: int = 0
    failures: int = 0
    restarted_at: tuple[float, ...] = ()
    transport: int = 0
    tries: tuple[int, ...]
    short_joins: int = 0
    last_error: LastError | None = None
    stopped_by: str | None = None
    given_up_with: str | None = None
    given_up_for: str | None = None

    @property
    def due(self) -> float | None:
        """When the state wants a `Due` event, in the reactor's seconds; `None` for never."""
        match self.state:
            case Connecting(deadline=due) | Stopping(deadline=due):
                return due
            case Reconnecting(next_attempt_at=due) | BackingOff(next_attempt_at=due):
                return due
            case _:
                return None

    @property
    def attempt(self) -> int | None:
        """The number of the attempt that is under way, if one is."""
        return getattr(self.state, "attempt", None)

    def restarts_in_window(self, now: float) -> tuple[float, ...]:
        """The automatic restarts that still count at `now`."""
        return tuple(at for at in self.restarted_at if at > now - self.policy.restart.window)

    def started(self, state: State) -> Component:
        """The same in `state` and wanted up, with all counts at 0; an attempt under way keeps its transport."""
        return replace(
            self,
            state=state,
            desired=Desired.UP,
            restarts=0,
            reconnects=0,
            failures=0,
            restarted_at=(),
            short_joins=0,
            stopped_by=None,
            given_up_with=None,
            given_up_for=None,
            transport=0 if self.attempt is None else self.transport,
            tries=(0,) * len(self.tries),
        )

    def under(self, policy: Policy) -> Component:
        """The same under another policy; where that has other transports, they are tried from the first one on."""
        if len(policy.transports) == len(self.tries):
            return replace(self, policy=policy)
        error = self.last_error and replace(self.last_error, transport=0)
        return replace(self, policy=policy, transport=0, tries=(0,) * len(policy.transports), last_error=error)


def new(policy: Policy, now: float) -> Component:
    """A component that nobody has asked for yet."""
    return Component(policy=policy, state=Stopped(since=now), tries=(0,) * len(policy.transports))


def has_ended(component: Component) -> bool:
    """Whether nothing moves it any more but a person or the fleet."""
    return isinstance(component.state, Stopped | Completed | Failed | Fatal)


def may_try(component: Component, transport: int) -> bool:
    """Whether that transport has a try left: the first one and `max_retries` more."""
    limit = component.policy.transports[transport].max_retries
    return limit == UNLIMITED or component.tries[transport] <= limit

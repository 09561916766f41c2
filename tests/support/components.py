"""Components in memory, in any state, for tests of the core."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wampsup.core.component import Component, Policy, new
from wampsup.core.lifecycle import step
from wampsup.model import outcome as out
from wampsup.model.spec import Backoff, RestartPolicy, RetryPolicy
from wampsup.model.state import (
    BackingOff,
    Completed,
    Connecting,
    Desired,
    Failed,
    Fatal,
    Joined,
    Kind,
    Problem,
    Reconnecting,
    Running,
    Stopped,
    Stopping,
    Waiting,
)

if TYPE_CHECKING:
    from wampsup.model import effect as fx
    from wampsup.model import event as ev
    from wampsup.model.state import State

NOW = 1000.0
ATTEMPT = 7

BACKOFF = Backoff(initial_delay=1.0, max_delay=60.0, growth=2.0, jitter=0.0)
RESTART = RestartPolicy(backoff=BACKOFF)
RETRY = RetryPolicy(backoff=BACKOFF)
POLICY = Policy(restart=RESTART, transports=(RETRY,), start_timeout=30.0, stop_timeout=10.0)

JOINED = Joined(session_id=1, realm="realm1", transport="ws://localhost")
PROBLEM = Problem(kind=Kind.MAIN, type="builtins.ValueError", message="the kettle is dry")
LATE = Problem(kind=Kind.TIMEOUT, type="TimeoutError", message="it did not leave")

STATES: tuple[State, ...] = (
    Stopped(since=NOW),
    Waiting(since=NOW),
    Connecting(since=NOW, attempt=ATTEMPT, deadline=NOW + 30),
    Running(since=NOW, attempt=ATTEMPT, joined=JOINED),
    Reconnecting(since=NOW, next_attempt_at=NOW + 5),
    BackingOff(since=NOW, next_attempt_at=NOW + 5),
    Stopping(since=NOW, attempt=ATTEMPT, deadline=NOW + 10, ran_since=None, again=False),
    Completed(since=NOW),
    Failed(since=NOW),
    Fatal(since=NOW),
)
"""One of each; `Stopping` is one that goes down by itself."""

OUTCOMES: tuple[out.Outcome, ...] = (
    out.Completed(),
    out.Left(),
    out.Stopped(),
    out.Stopped(problem=LATE),
    out.Lost(problem=PROBLEM),
    out.Failed(problem=PROBLEM),
    out.Fatal(problem=PROBLEM),
)


def component(
    state: State, policy: Policy = POLICY, *, desired: Desired | None = None, attempts: int = ATTEMPT
) -> Component:
    """A component in `state`, wanted unless it is stopped."""
    if desired is None:
        desired = Desired.DOWN if isinstance(state, Stopped) else Desired.UP
    return replace(new(policy, NOW), state=state, desired=desired, attempts=attempts)


def in_state(name: str) -> State:
    """The one of `STATES` that is called `name`."""
    return next(state for state in STATES if state.name == name)


def after(start: Component, *events: ev.Event, now: float = NOW) -> Component:
    """What becomes of `start` through `events`, all at `now`."""
    for event in events:
        start, _ = step(start, event, now)
    return start


def effects_of(start: Component, event: ev.Event, now: float = NOW) -> list[fx.Effect]:
    """What is to be done when `event` happens."""
    return list(step(start, event, now)[1])

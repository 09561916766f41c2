"""All transitions of a component: `step(component, event, now) -> (component, effects)`.

The state diagram in the README is drawn from this function. An event that can't happen in a state raises
`IllegalEventError` and changes nothing. Every attempt begins in `waiting` with the fleet's admission, and every
attempt's end comes through `_ended`.

The give-up window follows OTP's supervisor (`add_restart`): the restart that would exceed `max_restarts` within
`window` is not made.
"""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from wampsup.core.backoff import LEAST_DELAY, delay
from wampsup.core.component import Component, may_try
from wampsup.model import effect as fx
from wampsup.model import event as ev
from wampsup.model import outcome as out
from wampsup.model.spec import UNLIMITED
from wampsup.model.state import (
    BackingOff,
    Completed,
    Connecting,
    Desired,
    Failed,
    Fatal,
    LastError,
    Problem,
    Reconnecting,
    Running,
    Stopped,
    Stopping,
    Waiting,
)
from wampsup.model.transition import GROUP, RELOAD

JOIN_LASTS = 0.1
"""Seconds after which a join was good: while a router drops at once whom it takes in, the delays go on growing."""

Step = tuple[Component, tuple[fx.Effect, ...]]


class IllegalEventError(Exception):
    """The shell reported something that can't happen in this state."""

    def __init__(self, component: Component, event: ev.Event) -> None:
        super().__init__(f"{event} in state {component.state}")


def step(component: Component, event: ev.Event, now: float) -> Step:  # noqa: PLR0911 - a case for each event
    """What becomes of `component` through `event` at `now` (the reactor's seconds), and what is to be done.

    Raises:
        IllegalEventError: the event can't happen in the component's state.
    """
    match event:
        case ev.Start():
            return _start(component, now)
        case ev.Stop():
            return _stop(component, event, now)
        case ev.Restart():
            return _restart(component, now)
        case ev.Hold():
            return _hold(component, event, now)
        case ev.GiveUp():
            return _give_up(component, event, now)
        case ev.Admitted():
            return _admitted(component, event, now)
        case ev.Ready() | ev.Ending() | ev.Ended():
            if event.attempt != component.attempt:
                raise IllegalEventError(component, event)
            return _attempt_says(component, event, now)
        case ev.Due():
            return _due(component, now)
        case _:
            assert_never(event)


def _start(component: Component, now: float) -> Step:
    match component.state:
        case Waiting() | Connecting() | Running() as state:
            return component.started(state), ()
        case Stopping() as state:
            return component.started(replace(state, again=True)), ()
        case _:
            return component.started(Waiting(since=now)), (fx.Enqueue(),)


def _restart(component: Component, now: float) -> Step:
    match component.state:
        case Connecting() | Running() as state:
            return _leave(component.started(state), now, again=True)
        case _:
            return _start(component, now)


def _stop(component: Component, event: ev.Stop, now: float) -> Step:
    if component.desired is Desired.UP or component.stopped_by in {None, RELOAD}:
        component = replace(component, desired=Desired.DOWN, stopped_by=event.by)
    match component.state:
        case Stopped():
            return component, ()
        case Waiting():
            return replace(component, state=Stopped(since=now)), (fx.Dequeue(),)
        case Running() if event.later:
            return component, ()
        case Connecting() | Running():
            component, effects = _leave(component, now)
            return _abort(component, None) if event.at_once else (component, effects)
        case Stopping() as state:
            component = replace(component, state=replace(state, again=False))
            return _abort(component, None) if event.at_once else (component, ())
        case _:
            return replace(component, state=Stopped(since=now)), ()


def _hold(component: Component, event: ev.Hold, now: float) -> Step:
    match component.state:
        case Connecting() | Running():
            if event.by.startswith(GROUP):
                component = replace(component, restarts=component.restarts + 1)
            return _leave(component, now)
        case Reconnecting() | BackingOff():
            return _enqueue(component, now)
        case _:
            return component, ()


def _give_up(component: Component, event: ev.GiveUp, now: float) -> Step:
    given_up = replace(component, given_up_with=event.group, given_up_for=event.member)
    match component.state:
        case Waiting():
            return replace(given_up, state=Failed(since=now)), (fx.Dequeue(),)
        case Reconnecting() | BackingOff():
            return replace(given_up, state=Failed(since=now)), ()
        case Connecting() | Running():
            return _leave(given_up, now)
        case Stopping() as state:
            return replace(given_up, state=replace(state, again=False)), ()
        case _:
            return component, ()


def _admitted(component: Component, event: ev.Admitted, now: float) -> Step:
    if not isinstance(component.state, Waiting):
        raise IllegalEventError(component, event)
    number = component.attempts + 1
    tries = list(component.tries)
    tries[component.transport] += 1
    state = Connecting(since=now, attempt=number, deadline=now + component.policy.start_timeout)
    begun = replace(component, state=state, attempts=number, tries=tuple(tries))
    return begun, (fx.Begin(attempt=number, transport=component.transport),)


def _attempt_says(component: Component, event: ev.Ready | ev.Ending | ev.Ended, now: float) -> Step:
    match event, component.state:
        case ev.Ended(), _:
            return _ended(component, event, now)
        case ev.Ready(), Connecting(attempt=attempt):
            state = Running(since=now, attempt=attempt, joined=event.joined)
            return replace(component, state=state, tries=(0,) * len(component.tries)), ()
        case ev.Ending(problem=problem), Connecting() | Running():
            return _leave(_with_error(component, problem, now), now)[0], ()
        case _, Stopping():  # it was told to leave at the very moment
            return component, ()
        case _:
            raise IllegalEventError(component, event)


def _due(component: Component, now: float) -> Step:
    if component.due is None or now < component.due:
        return component, ()
    match component.state:
        case Connecting(attempt=attempt) as state:
            timed_out = replace(component, state=replace(state, deadline=None))
            return timed_out, (fx.TimeOut(attempt=attempt, after=component.policy.start_timeout),)
        case Stopping():
            return _abort(component, component.policy.stop_timeout)
        case _:
            return _enqueue(component, now)


def _enqueue(component: Component, now: float) -> Step:
    return replace(component, state=Waiting(since=now)), (fx.Enqueue(),)


def _leave(component: Component, now: float, *, again: bool = False) -> Step:
    state = component.state
    assert isinstance(state, Connecting | Running)  # noqa: S101 - tells the type checker what every caller has matched
    leaving = Stopping(
        since=now,
        attempt=state.attempt,
        deadline=now + component.policy.stop_timeout,
        ran_since=state.since if isinstance(state, Running) else None,
        again=again,
    )
    return replace(component, state=leaving), (fx.Leave(attempt=state.attempt),)


def _abort(component: Component, after: float | None) -> Step:
    state = component.state
    assert isinstance(state, Stopping)  # noqa: S101 - tells the type checker what every caller has matched
    if state.deadline is None:
        return component, ()
    aborted = replace(component, state=replace(state, deadline=None))
    return aborted, (fx.Abort(attempt=state.attempt, after=after),)


def _ended(component: Component, event: ev.Ended, now: float) -> Step:
    state = component.state
    component = _with_error(component, getattr(event.outcome, "problem", None), now)
    ran_since = state.since if isinstance(state, Running) else getattr(state, "ran_since", None)
    ran_for = now - ran_since if ran_since is not None else -1.0
    if ran_since is not None:
        component = replace(component, short_joins=0 if ran_for >= JOIN_LASTS else component.short_joins + 1)
    if ran_for >= component.policy.restart.reset_after:
        component = replace(component, failures=0, restarted_at=())
    if component.desired is Desired.DOWN:
        return replace(component, state=Stopped(since=now)), ()
    if component.given_up_with is not None:
        return replace(component, state=Failed(since=now)), ()
    if isinstance(state, Stopping) and (state.again or isinstance(event.outcome, out.Stopped)):
        return _enqueue(_without_try(component), now)
    return _decide(component, event, now, was_ready=ran_since is not None)


def _without_try(component: Component) -> Component:
    """The same without its last try: it was told to leave, which says nothing about the transport."""
    tries = list(component.tries)
    tries[component.transport] = max(tries[component.transport] - 1, 0)
    return replace(component, tries=tuple(tries))


def _with_error(component: Component, problem: Problem | None, now: float) -> Component:
    if problem is None:
        return component
    return replace(component, last_error=LastError(problem=problem, at=now, transport=component.transport))


def _decide(component: Component, event: ev.Ended, now: float, *, was_ready: bool) -> Step:
    restart = component.policy.restart.policy
    match event.outcome:
        case out.Completed() | out.Left():
            if restart != "always":
                return replace(component, state=Completed(since=now)), ()
            return _back_off(component, event, now)
        case out.Lost():
            return _reconnect(component, event.noise, now, was_ready=was_ready)
        case out.Failed():
            if restart == "never":
                return replace(component, state=Failed(since=now)), ()
            return _back_off(component, event, now)
        case out.Fatal():
            return replace(component, state=Fatal(since=now)), ()
        case out.Stopped():  # nobody had asked: a promise of the attempt is broken
            raise IllegalEventError(component, event)
        case _:
            assert_never(event.outcome)


def _back_off(component: Component, event: ev.Ended, now: float) -> Step:
    if event.spent is not None:
        return replace(component, state=Failed(since=now), given_up_with=event.spent), ()
    policy = component.policy.restart
    recent = component.restarts_in_window(now)
    if policy.max_restarts != UNLIMITED:
        if len(recent) >= policy.max_restarts:
            return replace(component, state=Failed(since=now), restarted_at=recent), ()
        recent = (*recent, now)
    else:
        recent = ()
    state = component.state
    failed_at = state.since if isinstance(state, Stopping) else now  # to leave takes a part of the delay
    next_attempt_at = max(failed_at + delay(policy.backoff, component.failures, event.noise), now)
    return replace(
        component,
        state=BackingOff(since=now, next_attempt_at=next_attempt_at),
        restarts=component.restarts + 1,
        failures=component.failures + 1,
        restarted_at=recent,
        tries=(0,) * len(component.tries),
    ), ()


def _reconnect(component: Component, noise: float, now: float, *, was_ready: bool) -> Step:
    """Go round the transports: one that has not been tried in this round follows at once on one that did not connect.

    An attempt that was ready ends the round, and none follows on it without a delay: a router that drops whoever has
    joined would be called a thousand times a second.
    """
    last, count = component.transport, len(component.tries)
    in_turn = ((last + i) % count for i in range(1, count + 1))
    transport = next((index for index in in_turn if may_try(component, index)), None)
    if transport is None:
        return replace(component, state=Failed(since=now)), ()
    tries = component.tries[transport]
    if transport != last and tries == 0 and not was_ready:
        wait = LEAST_DELAY
    else:
        wait = delay(component.policy.transports[transport].backoff, max(tries - 1, 0) + component.short_joins, noise)
    return replace(
        component,
        state=Reconnecting(since=now, next_attempt_at=now + wait),
        reconnects=component.reconnects + 1,
        transport=transport,
    ), ()

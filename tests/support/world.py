"""One component, driven by `step()` alone, and a world around it that keeps an attempt's promises.

What an attempt reports waits in `inbox` until the test lets it be handled, so that a person's command may come first.
After every step it checks all that must be true.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from support.attempts import TwinAttempt
from wampsup.core.backoff import LEAST_DELAY
from wampsup.core.component import Component, Policy, new
from wampsup.core.lifecycle import IllegalEventError, step
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
    Reconnecting,
    Running,
    Stopped,
    Stopping,
    Waiting,
)

if TYPE_CHECKING:
    from wampsup.model.spec import Backoff

RESTING = (Stopped, Running, Completed, Failed, Fatal)
ROUNDING = 1e-6


class World:
    """`pairs` gathers the (state, event) pairs that came about."""

    def __init__(self, policy: Policy) -> None:
        self.now = 0.0
        self.component: Component = new(policy, self.now)
        self.inbox: deque[ev.Event] = deque()
        self.attempt: TwinAttempt | None = None
        self.queued = False
        self.trace: list[tuple[ev.Event, float, Component, tuple[fx.Effect, ...]]] = []
        self.pairs: set[tuple[str, str]] = set()
        self._begun = 0
        self._restarts: list[float] = []
        self._ready_at: float | None = None
        self._last_begin: dict[int, float] = {}

    # What can happen.

    def handle(self, event: ev.Event) -> None:
        """Take one event, check everything, and carry out what is to be done."""
        before = self.component
        self.component, effects = step(before, event, self.now)
        self.trace.append((event, self.now, self.component, effects))
        self.pairs.add((before.state.name, name_of(event)))
        self._check_event(before, event)
        if isinstance(event, ev.Ended):
            assert self.attempt is not None
            assert self.attempt.over
            self.attempt = None
        for effect in effects:
            self._perform(effect)
        self._check_always()

    def admit(self) -> None:
        """The fleet lets it begin."""
        self.queued = False
        self.handle(ev.Admitted())

    def deliver(self, noise: float = 0.0) -> None:
        """Handle the oldest of what was reported."""
        event = self.inbox.popleft()
        if isinstance(event, ev.Ended):
            event = ev.Ended(attempt=event.attempt, outcome=event.outcome, noise=noise)
        self.handle(event)

    def refuse(self, event: ev.Event) -> None:
        """`event` can't happen now; asking for it changes nothing."""
        before = self.component
        try:
            step(before, event, self.now)
        except IllegalEventError:
            assert self.component == before
        else:
            raise AssertionError(f"{event} is taken in {before.state}")

    def go_on(self) -> bool:
        """A fair world takes one step; False where there is nothing left to happen."""
        attempt = self.attempt
        if self.inbox:
            self.deliver()
        elif self.queued:
            self.admit()
        elif attempt is not None and attempt.must_end:
            attempt.finish()
        elif isinstance(self.component.state, Connecting) and attempt is not None:
            attempt.become_ready()
        elif self.component.due is not None:
            self.now = max(self.now, self.component.due)
            self.handle(ev.Due())
        else:
            return False
        return True

    def settle(self) -> None:
        """Let a fair world go on until nothing is left to happen, which must not take long."""
        for _ in range(50):
            if not self.go_on():
                break
        assert isinstance(self.component.state, RESTING), f"it is stuck in {self.component.state}"

    def replayed(self) -> bool:
        """Whether the same events give the same states and effects once more."""
        component = new(self.component.policy, 0.0)
        for event, now, after, effects in self.trace:
            component, again = step(component, event, now)
            if (component, again) != (after, effects):
                return False
        return True

    # What is to be done.

    def _perform(self, effect: fx.Effect) -> None:
        match effect:
            case fx.Enqueue():
                assert not self.queued
                self.queued = True
            case fx.Dequeue():
                assert self.queued
                self.queued = False
            case fx.Begin():
                self._begin(effect)
            case fx.Leave() | fx.TimeOut() | fx.Abort():
                assert self.attempt is not None
                assert effect.attempt == self.attempt.number == self.component.attempt
                self._order(effect, self.attempt)

    def _order(self, effect: fx.Leave | fx.TimeOut | fx.Abort, attempt: TwinAttempt) -> None:
        match effect:
            case fx.Leave():
                attempt.leave()
            case fx.TimeOut(after=after):
                assert after == self.component.policy.start_timeout
                attempt.time_out(after)
            case fx.Abort(after=late):
                assert late in {None, self.component.policy.stop_timeout}
                attempt.abort(late)

    def _begin(self, effect: fx.Begin) -> None:
        assert self.attempt is None, "two attempts at once"
        assert self.component.desired is Desired.UP, "an attempt of what nobody wants"
        self._begun += 1
        assert effect.attempt == self.component.attempt == self.component.attempts == self._begun
        assert effect.transport == self.component.transport
        policy = self.component.policy
        pause = min(_least(policy.restart.backoff), *map(_least, (retry.backoff for retry in policy.transports)))
        last = self._last_begin.get(effect.transport)
        assert last is None or self.now - last >= pause - ROUNDING, "the same transport again without a delay"
        self._last_begin[effect.transport] = self.now
        self.attempt = TwinAttempt(effect.attempt, effect.transport, self.inbox.append)
        self.attempt.begin()

    # What must be true.

    def _check_event(self, before: Component, event: ev.Event) -> None:
        after, policy = self.component, self.component.policy
        if isinstance(event, ev.Start | ev.Restart):
            self._restarts.clear()
            self._last_begin.clear()
            assert (after.restarts, after.reconnects, after.failures, after.restarted_at) == (0, 0, 0, ())
        if isinstance(before.state, Connecting) and isinstance(after.state, Running):
            self._ready_at = self.now
        if isinstance(event, ev.Ended):
            self._check_end(event)
        elif not isinstance(event, ev.Ending):
            assert after.last_error == before.last_error
        if isinstance(event, ev.Stop) or (
            before.desired is Desired.DOWN and not isinstance(event, ev.Start | ev.Restart)
        ):
            assert after.desired is Desired.DOWN
        if isinstance(after.state, BackingOff) and after.state is not before.state:
            assert isinstance(event, ev.Ended)
            self._restarts.append(self.now)
            recent = [at for at in self._restarts if at > self.now - policy.restart.window]
            assert policy.restart.max_restarts == UNLIMITED or len(recent) <= policy.restart.max_restarts
            failed_at = before.state.since if isinstance(before.state, Stopping) else self.now
            assert after.state.next_attempt_at >= self.now
            if after.state.next_attempt_at > self.now:  # else leaving took all of it
                _check_delay(after.state.next_attempt_at - failed_at, policy.restart.backoff)
        if isinstance(after.state, Reconnecting) and after.state is not before.state:
            assert isinstance(event, ev.Ended)
            _check_delay(after.state.next_attempt_at - self.now, policy.transports[after.transport].backoff)

    def _check_end(self, event: ev.Ended) -> None:
        after = self.component
        assert after.attempt is None
        problem = getattr(event.outcome, "problem", None)
        if problem is not None:
            assert after.last_error is not None
            assert (after.last_error.problem, after.last_error.at) == (problem, self.now)
        if self._ready_at is not None and self.now - self._ready_at >= after.policy.restart.reset_after:
            self._restarts.clear()
        self._ready_at = None
        if after.desired is Desired.DOWN:
            assert after.state == Stopped(since=self.now)

    def _check_always(self) -> None:
        component, state = self.component, self.component.state
        assert (component.attempt is not None) == (self.attempt is not None)
        assert (self.attempt is not None) == isinstance(state, Connecting | Running | Stopping)
        assert self.queued == isinstance(state, Waiting)
        assert component.due is None or not isinstance(state, RESTING)
        assert component.desired is Desired.UP or isinstance(state, Stopped | Stopping)
        assert component.desired is Desired.DOWN or not isinstance(state, Stopped)
        told = self.attempt is not None and self.attempt.outcome is not None
        hopeful = component.due is not None or self.queued or told
        assert isinstance(state, RESTING) or hopeful, f"nothing will ever move it from {state}"
        for count, retry in zip(component.tries, component.policy.transports, strict=True):
            assert retry.max_retries == UNLIMITED or count <= retry.max_retries + 1


def name_of(event: ev.Event) -> str:
    """`Start`, `Stop at once`, `Ended(Lost)` and so on."""
    match event:
        case ev.Stop(at_once=True):
            return "Stop at once"
        case ev.Ended(outcome=out.Stopped(problem=None)):
            return "Ended(Stopped)"
        case ev.Ended(outcome=out.Stopped()):
            return "Ended(Stopped late)"
        case ev.Ended(outcome=outcome):
            return f"Ended({type(outcome).__name__})"
        case _:
            return type(event).__name__


def _least(backoff: Backoff) -> float:
    return max(LEAST_DELAY, min(backoff.initial_delay, backoff.max_delay) * (1 - backoff.jitter))


def _check_delay(delay: float, backoff: Backoff) -> None:
    assert 0 < delay <= max(backoff.max_delay, LEAST_DELAY) + ROUNDING

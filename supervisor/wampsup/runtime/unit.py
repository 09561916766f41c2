"""One component at run time: feeds events to the core, keeps its one timer, and carries out what the core decides.

Events are handled one after the other, also those that come up while another is handled. The timer is not an effect: it
follows from the state (`Component.due`), so the two can't get out of step.
"""

from __future__ import annotations

import contextlib
import random
from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING, Any, assert_never

from twisted.logger import Logger

from wampsup.core.component import Component, Policy, new
from wampsup.core.lifecycle import IllegalEventError, step
from wampsup.model import effect as fx
from wampsup.model import event as ev
from wampsup.model.outcome import Failed
from wampsup.model.state import Connecting, Kind, Problem

if TYPE_CHECKING:
    from collections.abc import Callable

    from wampsup.model.spec import ComponentSpec, TransportSpec
    from wampsup.runtime.boundaries import Attempt, Gate, MakeAttempt


class Unit:
    """One component; `watch` is called after every transition with the core's value before and after it."""

    _log = Logger()

    def __init__(  # noqa: PLR0913 - it is where everything meets
        self,
        spec: ComponentSpec,
        *,
        realm: str,
        transports: tuple[TransportSpec, ...],
        make_attempt: MakeAttempt,
        gate: Gate,
        clock: Any,
        watch: Callable[[Unit, Component, Component], None],
    ) -> None:
        self.name = spec.name
        self.spec = spec
        self.realm = realm
        self.transports = transports
        self._make_attempt = make_attempt
        self._gate = gate
        self._clock = clock
        self._watch = watch
        policy = Policy(
            restart=spec.restart,
            transports=tuple(transport.retry for transport in transports),
            start_timeout=spec.start_timeout,
            stop_timeout=spec.stop_timeout,
        )
        self.component = new(policy, clock.seconds())
        self._attempt: Attempt | None = None
        self._timer: Any = None
        self._events: deque[ev.Event] = deque()
        self._handling = False

    def admit(self) -> None:
        """The gate lets it begin."""
        self.handle(ev.Admitted())

    def handle(self, event: ev.Event) -> None:
        """Take an event; returns when it, and all that came of it at once, has been handled."""
        self._events.append(event)
        if self._handling:
            return
        self._handling = True
        try:
            while self._events:
                self._step(self._events.popleft())
        finally:
            self._handling = False

    def _step(self, event: ev.Event) -> None:
        if isinstance(event, ev.Ended):
            event = replace(event, noise=random.uniform(-1, 1))  # noqa: S311 - spreads delays, keeps no secret
        before = self.component
        try:
            self.component, effects = step(before, event, self._clock.seconds())
        except IllegalEventError:
            self._log.failure("a bug of wampsup: the event is dropped", component=self.name)
            return
        if isinstance(event, ev.Ended):
            self._attempt = None
        self._set_timer()
        if self.component.state is not before.state:
            if isinstance(before.state, Connecting) and not isinstance(self.component.state, Connecting):
                self._gate.settled(self)
            self._watch(self, before, self.component)
        for effect in effects:
            try:
                self._perform(effect)
            except Exception as error:  # noqa: BLE001 - our own bugs must not reach whoever sent the event
                self._log.failure("a bug of wampsup: {effect} failed", effect=effect, component=self.name)
                self._give_up_attempt(error)

    def _perform(self, effect: fx.Effect) -> None:
        match effect:
            case fx.Enqueue():
                self._gate.enqueue(self)
            case fx.Dequeue():
                # An admission may have come already and stand behind the event that ended the waiting.
                self._events = deque(event for event in self._events if not isinstance(event, ev.Admitted))
                self._gate.dequeue(self)
            case fx.Begin(attempt=number, transport=transport):
                self._attempt = self._make_attempt(number, transport, self.handle)
                self._attempt.begin()
            case fx.Leave():
                self._running_attempt().leave()
            case fx.TimeOut(after=after):
                self._running_attempt().time_out(after)
            case fx.Abort(after=late):
                self._running_attempt().abort(late)
            case _:
                assert_never(effect)

    def _give_up_attempt(self, error: Exception) -> None:
        """The attempt is beyond control: cut it off and count it as failed, so that the component goes on."""
        if self._attempt is not None:
            with contextlib.suppress(Exception):
                self._attempt.abort(None)
        if self.component.attempt is not None:
            problem = Problem(kind=Kind.SESSION, type=type(error).__name__, message=f"a bug of wampsup: {error}")
            self.handle(ev.Ended(attempt=self.component.attempt, outcome=Failed(problem=problem)))

    def _running_attempt(self) -> Attempt:
        if self._attempt is None:
            raise RuntimeError(f"{self.name} has no attempt")
        return self._attempt

    def _set_timer(self) -> None:
        due = self.component.due
        if self._timer is not None and self._timer.active():
            if due is not None and self._timer.getTime() == due:
                return
            self._timer.cancel()
        self._timer = None
        if due is not None:
            self._timer = self._clock.callLater(max(due - self._clock.seconds(), 0), self._fire)

    def _fire(self) -> None:
        self._timer = None
        self.handle(ev.Due())  # a timer that came a little early finds nothing due yet, and is set again

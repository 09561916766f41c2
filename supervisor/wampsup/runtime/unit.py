"""One component at run time: its one timer, its attempt, and what the core decides about it carried out."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, assert_never

from twisted.logger import Logger

from wampsup.core.component import Policy
from wampsup.model import effect as fx
from wampsup.model import event as ev
from wampsup.model.outcome import Failed
from wampsup.model.state import Kind, Problem
from wampsup.reactor.account import Account
from wampsup.reactor.leftovers import Leftovers
from wampsup.reactor.scope import Scope
from wampsup.runtime.timer import Timer

if TYPE_CHECKING:
    from collections.abc import Callable

    from wampsup.core.component import Component
    from wampsup.core.fleet import Fleet
    from wampsup.model.spec import ComponentSpec, TransportSpec
    from wampsup.reactor.stall import Stall
    from wampsup.runtime.boundaries import Attempt, BuildAttempt
    from wampsup.wamp.blueprint import Blueprint


class Unit:
    """One component of the fleet that `core` decides about; `report` takes what happens to it."""

    _log = Logger()

    def __init__(  # noqa: PLR0913 - it is where everything meets
        self,
        spec: ComponentSpec,
        blueprint: Blueprint,
        *,
        core: Fleet,
        build_attempt: BuildAttempt,
        clock: Any,
        report: Callable[[Unit, ev.Event], None],
    ) -> None:
        self.name = spec.name
        self.spec = spec
        self.account = Account(spec.name)
        self._blueprint = blueprint
        self._core = core
        self._build_attempt = build_attempt
        self._clock = clock
        self._report = report
        self._last = core.components[spec.name]
        self.leftovers = Leftovers()
        self._attempt: Attempt | None = None
        self._scope: Scope | None = None
        self._timer = Timer(clock, self._due)

    @property
    def component(self) -> Component:
        """What it is now, or was at last."""
        return self._core.components.get(self.name, self._last)

    @property
    def realm(self) -> str:
        """The realm that it joins."""
        return self._blueprint.realm

    @property
    def transports(self) -> tuple[TransportSpec, ...]:
        """Its ways to a router."""
        return self._blueprint.transports

    @property
    def waits_for(self) -> dict[str, str | None]:
        """What keeps it from starting (components, or `group:NAME`) where it waits, and from leaving where it runs.

        Each component comes with the name of its state.
        """
        return self._core.waits_for(self.name)

    @property
    def is_parked(self) -> bool:
        """Whether it waits for something that will not come by itself."""
        return self._core.is_parked(self.name)

    def become(self, spec: ComponentSpec, blueprint: Blueprint | None) -> None:
        """Follow another spec; an attempt under way keeps its session, and takes what else `blueprint` says."""
        self.spec = spec
        if blueprint is not None:
            self._blueprint = blueprint
            if self._attempt is not None:
                self._attempt.adopt(blueprint)

    def handle(self, event: ev.Event) -> None:
        """Something happens to it."""
        self._report(self, event)

    def stalled(self, stall: Stall) -> None:
        """An event of its account has blocked the reactor; its attempt knows whether that was its own."""
        if self._attempt is not None:
            self._attempt.stalled(stall)

    def moved(self, component: Component) -> None:
        """It has become `component`, and may be something else, or out of the fleet, by now."""
        self._last = component
        self.set_timer()

    def over(self) -> None:
        """Its attempt is over."""
        self._attempt = None
        if self._scope is not None:
            self.leftovers.follow(self._scope, lambda: self.spec.cleanup, self._clock)
            self._scope = None

    def perform(self, effect: fx.Begin | fx.Leave | fx.TimeOut | fx.Abort) -> None:
        """Carry out an effect."""
        try:
            self._perform(effect)
        except Exception as error:  # noqa: BLE001 - our own bugs must not reach whoever sent the event
            self._log.failure("a bug of wampsup: {effect} failed", effect=effect, component=self.name)
            self._give_up_attempt(error)

    def set_timer(self) -> None:
        """Set the timer for when the state wants it."""
        self._timer.follow(self.component.due)

    def _due(self) -> None:
        self.handle(ev.Due())

    def _perform(self, effect: fx.Begin | fx.Leave | fx.TimeOut | fx.Abort) -> None:
        match effect:
            case fx.Begin(attempt=number, transport=transport):
                self._scope = Scope(self.account)
                self._attempt = self._build_attempt(
                    self._blueprint, number, transport, self._clock, self.handle, scope=self._scope
                )
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


def policy_of(spec: ComponentSpec, blueprint: Blueprint) -> Policy:
    """What the core decides by."""
    return Policy(
        restart=spec.restart,
        transports=tuple(transport.retry for transport in blueprint.transports),
        start_timeout=spec.start_timeout,
        stop_timeout=spec.stop_timeout,
    )

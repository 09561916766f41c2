"""Where scenarios are played: in memory, and on a real router with real Components.

Both have the real shell and core of a fleet. In memory its attempts are twins, one thing happens after the other, and
the clock goes on only when nothing else can happen. On the router all is real: connections, Components with a `main`
that waits for the scenario to decide its fate, and the time that passes. Each component reaches the router through a
proxy of its own, which drops and refuses it when the scenario wants that.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.task import Clock

from support.attempts import Attempts
from support.fleets import PROBLEM
from support.proxy import Proxy
from support.reactor import Usage, reactor, sleep, until
from support.scenarios import Line
from support.supervised import transport
from wampsup.core.reload import plan
from wampsup.model import outcome as out
from wampsup.runtime.fleet import Fleet
from wampsup.wamp.attempt import Attempt
from wampsup.wamp.blueprint import prepare

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from support.attempts import TwinAttempt
    from wampsup.core.component import Component
    from wampsup.model.spec import ComponentSpec, FleetSpec
    from wampsup.model.transition import Cause
    from wampsup.runtime.boundaries import BuildAttempt
    from wampsup.runtime.unit import Unit
    from wampsup.wamp.blueprint import Blueprint

PATIENCE = 10.0


class Stage(ABC):
    """A fleet that things happen to; `lines` are its transitions, and its end. The `hanging` don't leave when told."""

    def __init__(self, spec: FleetSpec, clock: Any, build_attempt: BuildAttempt) -> None:
        self.lines: list[Line | str] = []
        self.hanging: set[str] = set()
        self.shut_outs: set[str] = set()
        self.unanswered: set[str] = set()
        spec = self._placed(spec)
        self.fleet = Fleet(spec, self._blueprints(spec.components), clock, build_attempt=build_attempt)
        self.fleet.watch(self._moved)
        self.ended = False
        self.fleet.wait_ended().addCallback(self._ended)

    # What happens.

    @abstractmethod
    def crash(self, name: str) -> None:
        """Its `main` raises."""

    @abstractmethod
    def fail_fatally(self, name: str) -> None:
        """Its `main` raises what `is_fatal` knows."""

    @abstractmethod
    def complete(self, name: str) -> None:
        """Its `main` returns."""

    @abstractmethod
    async def drop(self, name: str) -> None:
        """It loses its connection, where it has one; returns when it knows."""

    def shut_out(self, names: Iterable[str]) -> None:
        """From now on the router refuses their connections."""
        self.shut_outs.update(names)

    def let_in(self) -> None:
        """The router takes everybody again."""
        self.shut_outs.clear()

    def be_silent_to(self, name: str) -> None:
        """From now on the router takes its connections, and says nothing."""
        self.unanswered.add(name)

    def answer_again(self, name: str) -> None:
        """The router says what it has held back."""
        self.unanswered.discard(name)

    def reload(self, spec: FleetSpec) -> None:
        """The fleet becomes that one."""
        spec = self._placed(spec)
        changes = plan(self.fleet.spec, spec)
        touched = {*changes.added, *changes.restarted, *changes.updated}
        self.fleet.reload(spec, self._blueprints(one for one in spec.components if one.name in touched))

    # What becomes of it.

    @abstractmethod
    async def wait(self, condition: Callable[[], bool], what: str) -> None:
        """Let things happen until it is so."""

    def state(self, name: str) -> str:
        return self.fleet.units[name].component.state.name

    def at_rest(self) -> bool:
        """Whether nothing happens any more by itself."""
        return not any(self._is_moving(unit) for unit in self.fleet.units.values())

    def _is_moving(self, unit: Unit) -> bool:
        match self.state(unit.name):
            case "connecting":
                return unit.name not in self.unanswered
            case "reconnecting":
                return unit.name not in self.shut_outs
            case "waiting":
                in_flight = [name for name in self.fleet.units if self.state(name) == "connecting"]
                return not unit.waits_for and len(in_flight) < self.fleet.spec.supervisor.start_window
            case state:
                return state in {"stopping", "backoff"}

    def _placed(self, spec: FleetSpec) -> FleetSpec:
        return spec

    @abstractmethod
    def _blueprints(self, components: Iterable[ComponentSpec]) -> dict[str, Blueprint]: ...

    def _moved(self, unit: Unit, before: Component, after: Component, cause: Cause) -> None:
        self.lines.append(Line(unit.name, before.state.name, after.state.name, cause))

    def _ended(self, exit_code: int) -> None:
        self.ended = True
        self.lines.append(f"the fleet ends with exit code {exit_code}")


class InMemory(Stage):
    """A fleet on a clock of its own, with twins for attempts."""

    def __init__(self, spec: FleetSpec) -> None:
        self._clock = Clock()
        self._attempts = Attempts(lambda *told: self._todo.append(partial(self._answer, *told)))
        self._todo: deque[Callable[[], None]] = deque()
        super().__init__(spec, self._clock, self._attempts)

    def crash(self, name: str) -> None:
        self._end(name, out.Failed(problem=PROBLEM))

    def fail_fatally(self, name: str) -> None:
        self._end(name, out.Fatal(problem=PROBLEM))

    def complete(self, name: str) -> None:
        self._end(name, out.Completed())

    async def drop(self, name: str) -> None:
        if name in self._attempts.alive:
            self._attempts.alive[name].end(out.Lost(problem=PROBLEM), slowly=name in self.hanging)

    def answer_again(self, name: str) -> None:
        super().answer_again(name)
        if name in self._attempts.alive:
            self._todo.append(self._attempts.alive[name].become_ready)

    async def wait(self, condition: Callable[[], bool], what: str) -> None:
        while not condition():
            if self._todo:
                self._todo.popleft()()
            else:
                calls: Any = self._clock.getDelayedCalls()
                assert calls, f"{what} will never come about: {self.lines}"
                self._clock.advance(max(calls[0].getTime() - self._clock.seconds(), 0))

    def close(self) -> None:
        """Nothing may be left."""
        assert self.ended, "the scenario has left the fleet alone"
        assert (self._attempts.alive, self._clock.getDelayedCalls()) == ({}, [])

    def _blueprints(self, components: Iterable[ComponentSpec]) -> dict[str, Blueprint]:
        blueprints, mistakes = prepare(components, self._clock)
        assert not mistakes, mistakes
        return blueprints

    def _end(self, name: str, outcome: out.Outcome) -> None:
        """It ends by itself, and leaves its realm first."""
        attempt = self._attempts.alive[name]
        attempt.end(outcome, slowly=True)
        self._todo.append(attempt.finish)

    def _answer(self, name: str, attempt: TwinAttempt, what: str) -> None:
        if what == "begin" and name in self.shut_outs:
            attempt.end(out.Lost(problem=PROBLEM))
        elif what == "begin":
            if name not in self.unanswered:
                attempt.become_ready()
        elif what != "leave" or name not in self.hanging:
            attempt.finish()


class OnRouter(Stage):
    """A fleet of real Components before the router at `url`."""

    def __init__(self, spec: FleetSpec, url: str) -> None:
        self._calls = Usage.now().calls
        self._url = url
        self._proxies: dict[str, Proxy] = {}
        self._fates: dict[str, Deferred[None]] = {}
        super().__init__(spec, reactor, Attempt)

    def crash(self, name: str) -> None:
        self._fates[name].errback(ValueError("the kettle is dry"))

    def fail_fatally(self, name: str) -> None:
        self._fates[name].errback(PermissionError("not here"))

    def complete(self, name: str) -> None:
        self._fates[name].callback(None)

    async def drop(self, name: str) -> None:
        unit = self.fleet.units[name]
        before = unit.component.state
        if unit.component.attempt is not None:
            self._proxies[name].drop()
            await self.wait(lambda: unit.component.state is not before, f"the loss of the connection of {name}")

    def shut_out(self, names: Iterable[str]) -> None:
        super().shut_out(names)
        for name in self.shut_outs:
            self._proxies[name].refuse()

    def let_in(self) -> None:
        for name in self.shut_outs:
            self._proxies[name].restore()
        super().let_in()

    def be_silent_to(self, name: str) -> None:
        super().be_silent_to(name)
        self._proxies[name].freeze()

    def answer_again(self, name: str) -> None:
        super().answer_again(name)
        self._proxies[name].restore()

    async def wait(self, condition: Callable[[], bool], what: str) -> None:
        deadline = reactor.seconds() + PATIENCE
        while not condition():
            assert reactor.seconds() < deadline, "\n".join([f"{what} did not come about:", *map(str, self.lines)])
            await sleep(0)  # the condition may be true for a moment only

    async def close(self) -> None:
        """End what still runs; no connection and no timer may be left."""
        self.fleet.shutdown(at_once=True)
        await self.wait(lambda: self.ended, "the end of the fleet")
        for proxy in self._proxies.values():
            await proxy.close()
        await until(lambda: Usage.now().calls <= self._calls, 2, "the end of all timers")

    def _placed(self, spec: FleetSpec) -> FleetSpec:
        """The same, before the router."""
        return replace(spec, components=tuple(self._place(one) for one in spec.components))

    def _place(self, one: ComponentSpec) -> ComponentSpec:
        if one.name not in self._proxies:
            self._proxies[one.name] = Proxy(self._url)
        assert one.transports is not None
        retry = one.transports[0].retry
        return replace(one, transports=(transport(self._proxies[one.name].url, retry=retry),))

    def _blueprints(self, components: Iterable[ComponentSpec]) -> dict[str, Blueprint]:
        blueprints, mistakes = prepare(components, reactor)
        assert not mistakes, mistakes
        return {name: replace(blueprint, main=partial(self._main, name)) for name, blueprint in blueprints.items()}

    async def _main(self, name: str, _reactor: Any, _session: Any) -> None:
        self._fates[name] = Deferred()
        try:
            await self._fates[name]
        except CancelledError:
            if name in self.hanging:
                await Deferred[None]()
            raise

"""The two stages for scenarios: in memory, and on a real router with real Components.

In memory attempts are twins, one thing happens after the other, and the clock goes on only when nothing else can
happen. On the router all is real: connections, Components with a `main` that waits for the scenario to decide its fate,
and the time that passes. There each component reaches the router through a proxy of its own, which drops, refuses and
ignores it when the scenario wants that.
"""

from __future__ import annotations

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
from support.stage import Stage
from support.supervised import transport
from wampsup.model import outcome as out
from wampsup.wamp.attempt import Attempt
from wampsup.wamp.blueprint import prepare

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from support.attempts import TwinAttempt
    from wampsup.model.spec import ComponentSpec, FleetSpec
    from wampsup.wamp.blueprint import Blueprint

PATIENCE = 10.0
"""Seconds that nothing in a scenario takes."""


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
        deadline = self._clock.seconds() + PATIENCE
        while not condition():
            if self._todo:
                self._todo.popleft()()
                continue
            calls: Any = self._clock.getDelayedCalls()
            assert calls, self.missed(what)
            assert calls[0].getTime() < deadline, self.missed(what)
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

    async def shut_out(self, names: Collection[str]) -> None:
        for name in names:
            self._proxies[name].refuse()
        await super().shut_out(names)

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
            assert reactor.seconds() < deadline, self.missed(what)
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

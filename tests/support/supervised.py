"""Supervised components within a test: their specs, a real fleet of them, and what they leave behind."""

from __future__ import annotations

import gc
import itertools
import sys
import weakref
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from autobahn.twisted.component import Component
from autobahn.twisted.wamp import ApplicationSession
from twisted.internet.defer import Deferred
from twisted.logger import globalLogBeginner

from support.reactor import Usage, reactor, until
from wampsup.config.transports import build_transports
from wampsup.model import event as ev
from wampsup.model.spec import (
    Backoff,
    ComponentSpec,
    FleetSpec,
    RestartPolicy,
    RetryPolicy,
    SupervisorSpec,
    TransportSpec,
)
from wampsup.runtime.fleet import Fleet
from wampsup.wamp.attempt import Attempt
from wampsup.wamp.blueprint import prepare

if TYPE_CHECKING:
    from wampsup.core.component import Component as CoreComponent
    from wampsup.model.state import Problem
    from wampsup.runtime.unit import Unit
    from wampsup.wamp.blueprint import Blueprint

KINDS = ("main", "session_factory", "component")
"""The three ways to make a component."""

# Until logging begins, Twisted keeps tens of thousands of events, with all that they hold.
globalLogBeginner.beginLoggingTo([], discardBuffer=True, redirectStandardIO=False)
gc.freeze()  # what is loaded by now stays: looking for what is left over is ten times as fast without it

QUICK = Backoff(initial_delay=0.05, max_delay=0.2, growth=1.5, jitter=0.0)

_numbers = itertools.count(1)


def code(value: Any) -> str:
    """A reference, as a fleet file has it, to anything that a test holds: a function, a class, a Component."""
    name = f"code_{next(_numbers)}"
    setattr(sys.modules[__name__], name, value)
    return f"{__name__}:{name}"


def transport(url: str, **changes: Any) -> TransportSpec:
    """The transport that a URL means, which is tried again soon."""
    changes.setdefault("retry", RetryPolicy(backoff=QUICK))
    return replace(build_transports(url, Path("/"))[0], **changes)


async def stays(_reactor: Any, _session: Any) -> None:
    """A `main` that never ends by itself."""
    await Deferred[None]()


def component(where: str | TransportSpec, name: str = "c", **changes: Any) -> ComponentSpec:
    """A component over one transport, with short times; code may be given as it is, and needs no reference."""
    for key in (*KINDS, "is_fatal"):
        if callable(changes.get(key)) or isinstance(changes.get(key), Component):
            changes[key] = code(changes[key])
    over = transport(where) if isinstance(where, str) else where
    spec = ComponentSpec(
        name=name,
        transports=(over,),
        start_timeout=5.0,
        stop_timeout=1.0,
        restart=RestartPolicy(backoff=QUICK, max_restarts=3),
    )
    return replace(spec, **changes)


def of_kind(kind: str, where: str | TransportSpec, **changes: Any) -> ComponentSpec:
    """A component of that kind which stays until it is told to go."""

    made: dict[str, Any] = {"main": stays, "session_factory": ApplicationSession, "component": Component}
    return component(where, **{kind: made[kind], **changes})


def prepared(*specs: ComponentSpec) -> dict[str, Blueprint]:
    """Their blueprints; raises AssertionError where one of them has mistakes. The references lead nowhere then."""
    blueprints, mistakes = prepare(specs, reactor)
    assert not mistakes, mistakes
    for name in [name for name in globals() if name.startswith("code_")]:
        del globals()[name]
    return blueprints


class Supervised:
    """A fleet of these components on the test's reactor; `states` are all that the component `name` went through."""

    made: ClassVar[list[Supervised]] = []
    """All of the running test."""

    def __init__(self, *specs: ComponentSpec) -> None:
        self.usage = Usage.now()
        self._older = weakref.WeakSet(left_over())
        blueprints = prepared(*specs)
        self.fleet = Fleet(FleetSpec(supervisor=SupervisorSpec(name="test"), components=specs), blueprints, reactor)
        self._states: dict[str, list[str]] = {name: ["stopped"] for name in self.fleet.units}
        self.fleet.watch(self._moved)
        self.made.append(self)

    def start(self) -> Supervised:
        """Start them all."""
        self.fleet.start()
        return self

    def unit(self, name: str = "c") -> Unit:
        return self.fleet.units[name]

    def core(self, name: str = "c") -> CoreComponent:
        """What the core knows of it."""
        return self.unit(name).component

    def state(self, name: str = "c") -> str:
        return self.core(name).state.name

    def states(self, name: str = "c") -> list[str]:
        return self._states[name]

    def problem(self, name: str = "c") -> Problem:
        """Its last error."""
        error = self.core(name).last_error
        assert error is not None, f"`{name}` has no error; it went through {self._states[name]}"
        return error.problem

    async def until(self, state: str, name: str = "c", timeout: float = 10) -> Supervised:
        """Wait until it is in that state."""
        try:
            await until(lambda: self.state(name) == state, timeout, f"`{name}` {state}")
        except AssertionError as error:
            raise AssertionError(f"{error}; it went through {self._states[name]}: {self.core(name)}") from None
        return self

    def command(self, event: ev.Command, name: str = "c") -> None:
        self.fleet.command([self.unit(name)], event)

    async def stop(self, timeout: float = 10) -> float:
        """Stop those that have not ended, and tell how many seconds it took; then nothing may be left."""
        began: float = reactor.seconds()
        for name in [name for name in self.fleet.units if self.state(name) not in {"completed", "failed", "fatal"}]:
            self.command(ev.Stop(), name)
            await self.until("stopped", name, timeout)
        took: float = reactor.seconds() - began
        await self.gone()
        return took

    async def gone(self) -> None:
        """Wait until they hold no more timers and descriptors than before, and no attempt is left in memory."""
        await self.usage.again(2)
        await until(lambda: all(each in self._older for each in left_over()), 2, "the end of every attempt in memory")

    @classmethod
    async def end_all(cls) -> None:
        """End what a test that failed has left running: the tests after it count what there is."""
        ending = [each.fleet for each in cls.made]
        cls.made.clear()
        for fleet in ending:
            fleet.shutdown(at_once=True)
        for fleet in ending:
            await fleet.wait_ended()

    def _moved(self, unit: Unit, _before: CoreComponent, after: CoreComponent, _cause: object) -> None:
        self._states[unit.name].append(after.state.name)


def left_over() -> list[object]:
    """The attempts, and their sessions, that are still in memory; what else an attempt has holds it."""
    gc.collect()
    return [each for each in gc.get_objects() if isinstance(each, Attempt | ApplicationSession)]

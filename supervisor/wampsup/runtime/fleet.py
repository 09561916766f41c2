"""All components of a fleet: starts them, stops them, finds them by name, and knows when it is all over."""

from __future__ import annotations

import fnmatch
from functools import partial
from typing import TYPE_CHECKING, Any

from twisted.internet import defer
from twisted.logger import Logger

from wampsup.errors import NoSuchComponentError
from wampsup.model import event as ev
from wampsup.model.state import Completed, Failed, Fatal, Stopped
from wampsup.runtime.gate import StartWindow
from wampsup.runtime.reach import Reached, reach
from wampsup.runtime.unit import Unit
from wampsup.wamp.attempt import Attempt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from wampsup.core.component import Component
    from wampsup.model.spec import ComponentSpec, FleetSpec
    from wampsup.runtime import boundaries
    from wampsup.runtime.boundaries import BuildAttempt
    from wampsup.wamp.blueprint import Blueprint

_MOST_NAMES = 5
"""How many components a line of the log names."""


class Fleet:
    """A fleet at run time. Nothing runs before `start`, and nothing starts after `shutdown`."""

    _log = Logger()

    def __init__(
        self,
        spec: FleetSpec,
        blueprints: Mapping[str, Blueprint],
        reactor: Any,
        *,
        build_attempt: BuildAttempt = Attempt,
    ) -> None:
        self.spec = spec
        self._build_attempt = build_attempt
        self._reactor = reactor
        self._gate = StartWindow(spec.supervisor.start_window)
        self._watchers: list[Callable[[Unit, Component, Component], None]] = []
        self._ended: list[defer.Deferred[int]] = []
        self._started = False
        self._exit_code: int | None = None
        self._late: Any = None
        self._alive: set[str] = set()
        self.units: Mapping[str, Unit] = {
            component.name: self._unit(component, blueprints[component.name]) for component in spec.components
        }

    def _unit(self, spec: ComponentSpec, blueprint: Blueprint) -> Unit:
        def make_attempt(number: int, transport: int, report: Callable[[ev.Event], None]) -> boundaries.Attempt:
            return self._build_attempt(blueprint, number, transport, self._reactor, report)

        return Unit(
            spec,
            realm=blueprint.realm,
            transports=blueprint.transports,
            make_attempt=make_attempt,
            gate=self._gate,
            clock=self._reactor,
            watch=self._moved,
        )

    def start(self) -> None:
        """Start every component that has `autostart`, in the order of the file."""
        self.command((unit for unit in self.units.values() if unit.spec.autostart), ev.Start())
        self._started = True
        self._look_for_end()

    def command(self, units: Iterable[Unit], event: ev.Event) -> None:
        """Send `event` to each of `units`; a fleet that shuts down only takes `Stop`."""
        for unit in tuple(units):
            if self._exit_code is None or isinstance(event, ev.Stop):
                unit.handle(event)

    def select(self, patterns: Sequence[str]) -> tuple[Unit, ...]:
        """The units that `patterns` (names and shell patterns) name, in the order of the file.

        Raises:
            NoSuchComponentError: one of them matches nothing.
        """
        chosen: set[str] = set()
        for pattern in patterns:
            names = {pattern} & self.units.keys() or fnmatch.filter(self.units, pattern)
            if not names:
                raise NoSuchComponentError(f"no component `{pattern}` in fleet `{self.spec.supervisor.name}`")
            chosen.update(names)
        return tuple(unit for name, unit in self.units.items() if name in chosen)

    def watch(self, callback: Callable[[Unit, Component, Component], None]) -> Callable[[], None]:
        """Call `callback(unit, before, after)` after every transition, until the result is called."""
        self._watchers.append(callback)
        return partial(self._watchers.remove, callback)

    def shutdown(self, *, at_once: bool = False, exit_code: int = 0) -> None:
        """Stop everything, latest first; `at_once`, also when it is called again, waits for nobody.

        Nobody is waited for any more once the supervisor's `stop_timeout` is over, whoever asked for the end.
        """
        if self._exit_code is None:
            self._exit_code = exit_code
            stop_timeout = self.spec.supervisor.stop_timeout
            self._late = self._reactor.callLater(stop_timeout, partial(self.shutdown, at_once=True))
        self._gate.close()
        self.command(reversed(tuple(self.units.values())), ev.Stop(at_once=at_once))
        self._look_for_end()

    def reach(
        self, units: Sequence[Unit], event: ev.Start | ev.Stop | ev.Restart, timeout: float
    ) -> defer.Deferred[list[Reached]]:
        """Send `event` to `units` and wait until each is where it should be, `timeout` seconds at most."""
        return reach(self, units, event, timeout, self._reactor)

    def wait_ended(self) -> defer.Deferred[int]:
        """Fires with the exit code when the fleet has ended and nothing of it runs any more."""
        waiter: defer.Deferred[int] = defer.Deferred()
        self._ended.append(waiter)
        self._look_for_end()
        return waiter

    def _moved(self, unit: Unit, before: Component, after: Component) -> None:
        for watcher in tuple(self._watchers):
            try:
                watcher(unit, before, after)
            except Exception:  # noqa: BLE001 - who watches must not disturb what is watched
                self._log.failure("a bug of wampsup: a watcher failed", component=unit.name)
        if unit.spec.critical and isinstance(after.state, Failed | Fatal) and self._exit_code is None:
            self._log.error("`{component}` is critical: the fleet ends", component=unit.name)
            self.shutdown(exit_code=1)
        if isinstance(after.state, Stopped | Completed | Failed | Fatal):
            self._alive.discard(unit.name)
            self._look_for_end()
        else:
            self._alive.add(unit.name)

    def _look_for_end(self) -> None:
        if self._alive:
            return
        if self._exit_code is None and self._started and self.spec.supervisor.exit_when == "all-done":
            failed = [unit.name for unit in self.units.values() if isinstance(unit.component.state, Failed | Fatal)]
            self._tell_done(failed)
            self.shutdown(exit_code=int(bool(failed)))
        elif self._exit_code is not None:
            if self._late.active():
                self._late.cancel()
            waiters, self._ended = self._ended, []
            for waiter in waiters:
                waiter.callback(self._exit_code)

    def _tell_done(self, failed: Sequence[str]) -> None:
        if not failed:
            self._log.info("all components are done: the fleet ends")
            return
        named = ", ".join(f"`{name}`" for name in failed[:_MOST_NAMES]) + (", …" if len(failed) > _MOST_NAMES else "")
        self._log.error(
            "all components are done, {count} of them failed ({named}): the fleet ends", count=len(failed), named=named
        )

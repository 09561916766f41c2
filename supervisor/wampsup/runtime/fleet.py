"""All components of a fleet at run time: takes every event to the core, and carries out what it decides.

Events are taken one after the other, also those that come up while another one is carried out.
"""

from __future__ import annotations

import random
from collections import deque
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, assert_never

from twisted.internet import defer
from twisted.logger import Logger, LogLevel

from wampsup.core import fleet as core
from wampsup.core.notice import Closing, Do, Forgotten, Moved, Over
from wampsup.core.reload import restarts
from wampsup.errors import NoSuchComponentError
from wampsup.model import event as ev
from wampsup.model.transition import GROUP
from wampsup.runtime.reach import Reached, reach
from wampsup.runtime.selection import matching
from wampsup.runtime.timer import Timer
from wampsup.runtime.unit import Unit, policy_of
from wampsup.wamp.attempt import Attempt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from wampsup.core.component import Component
    from wampsup.core.notice import Notice
    from wampsup.model.spec import ComponentSpec, FleetSpec
    from wampsup.model.transition import Cause
    from wampsup.runtime.boundaries import BuildAttempt
    from wampsup.wamp.blueprint import Blueprint

    Watcher = Callable[[Unit, Component, Component, Cause], None]

_MOST_NAMES = 5
"""How many components a line of the log names."""


class Fleet:
    """A fleet at run time. Nothing runs before `start`, and nothing starts after `shutdown`.

    `forgotten` is called with the name of a component that a reload took out, once nothing of it is left. `version`
    grows with whatever may change a unit, but for its account and its leftovers.
    """

    _log = Logger()

    def __init__(
        self,
        spec: FleetSpec,
        blueprints: Mapping[str, Blueprint],
        reactor: Any,
        *,
        build_attempt: BuildAttempt = Attempt,
        forgotten: Callable[[str], None] = lambda _name: None,
    ) -> None:
        self._reactor = reactor
        self._build_attempt = build_attempt
        self._forgotten = forgotten
        self._watchers: list[Watcher] = []
        self._ended: list[defer.Deferred[int]] = []
        self._exit_code: int | None = None
        self._timer = Timer(reactor, lambda: self._take(self._core.cut_off))
        self._todo: deque[Callable[[float], list[Notice]]] = deque()
        self._busy = False
        self.version = 0
        policies = {one.name: policy_of(one, blueprints[one.name]) for one in spec.components}
        self._core = core.Fleet(spec, policies, reactor.seconds())
        self._units = {one.name: self._unit(one, blueprints[one.name]) for one in spec.components}

    @property
    def spec(self) -> FleetSpec:
        """What the fleet should be."""
        return self._core.spec

    @property
    def ending(self) -> bool:
        """Whether it shuts down, or has ended."""
        return self._core.exit_code is not None

    @property
    def units(self) -> Mapping[str, Unit]:
        """All components, in the order of the file; those that a reload took out, and have not left yet, come last."""
        return self._units

    def start(self) -> None:
        """Start every component that has `autostart`, in the order of the file."""
        self._take(self._core.start)

    def command(self, units: Iterable[Unit], event: ev.Command) -> None:
        """Do what a person wants of these components; a fleet that shuts down only takes `Stop`."""
        self._take(partial(self._core.command, [unit.name for unit in units], event))

    def select(self, patterns: Sequence[str]) -> tuple[Unit, ...]:
        """The units that `patterns` mean, in the order of the file.

        A pattern is a name, a shell pattern, `group:NAME` or the name that several instances have in common.

        Raises:
            NoSuchComponentError: one of them matches nothing.
        """
        chosen, unmatched = matching(patterns, self._units)
        if unmatched:
            raise self._nobody(unmatched[0])
        return tuple(unit for name, unit in self._units.items() if name in chosen)

    def watch(self, callback: Watcher) -> Callable[[], None]:
        """Call `callback(unit, before, after, cause)` after every transition, until the result is called."""
        self._watchers.append(callback)
        return partial(self._watchers.remove, callback)

    def shutdown(self, *, at_once: bool = False, exit_code: int = 0) -> None:
        """Stop everything, in the reverse order of the start; `at_once`, also when called again, waits for nobody.

        Nobody is waited for any more once the supervisor's `stop_timeout` is over, whoever asked for the end.
        """
        self._take(partial(self._core.shutdown, at_once=at_once, exit_code=exit_code))

    def reload(self, spec: FleetSpec, blueprints: Mapping[str, Blueprint]) -> None:
        """Become the fleet of `spec`; `blueprints` hold those of the components that are new or have changed.

        A fleet that shuts down stays what it is.
        """
        self._take(partial(self._become, spec, blueprints))

    def reach(self, units: Sequence[Unit], event: ev.Command, timeout: float) -> defer.Deferred[list[Reached]]:
        """Send `event` to `units` and wait until each is where it should be, `timeout` seconds at most."""
        return reach(self, units, event, timeout, self._reactor)

    def wait_ended(self) -> defer.Deferred[int]:
        """Fires with the exit code when the fleet has ended and nothing of it runs any more."""
        if self._exit_code is not None:
            return defer.succeed(self._exit_code)
        waiter: defer.Deferred[int] = defer.Deferred()
        self._ended.append(waiter)
        return waiter

    def _unit(self, spec: ComponentSpec, blueprint: Blueprint) -> Unit:
        return Unit(
            spec,
            blueprint,
            core=self._core,
            build_attempt=self._build_attempt,
            clock=self._reactor,
            report=self._happened,
        )

    def _nobody(self, pattern: str) -> NoSuchComponentError:
        group = pattern.removeprefix(GROUP)
        if pattern.startswith(GROUP) and any(one.name == group for one in self.spec.groups):
            return NoSuchComponentError(f"group `{group}` has no members")
        return NoSuchComponentError(f"no component `{pattern}` in fleet `{self.spec.supervisor.name}`")

    def _become(self, spec: FleetSpec, blueprints: Mapping[str, Blueprint], now: float) -> list[Notice]:
        if self.ending:
            return []
        changed = {one.name: one for one in spec.components}
        policies = {name: policy_of(changed[name], blueprint) for name, blueprint in blueprints.items()}
        before = tuple(self._units)
        known = (one for one in self.spec.components if one.name in blueprints)
        restarted = [was.name for was in known if restarts(was, changed[was.name])]
        notices = self._core.reload(spec, policies, restarted, now)
        for name, one in changed.items():
            if name in self._units:
                self._units[name].become(one, blueprints.get(name))
            else:
                self._units[name] = self._unit(one, blueprints[name])
        # Those that were taken out and have nothing to leave go when the notices are carried out.
        self._units = {name: self._units[name] for name in dict.fromkeys((*self._core.components, *before))}
        return notices

    # From event to event.

    def _happened(self, unit: Unit, event: ev.Event) -> None:
        if isinstance(event, ev.Ended):
            event = replace(event, noise=random.uniform(-1, 1))  # noqa: S311 - spreads delays, keeps no secret
        self._take(partial(self._handle, unit, event))

    def _handle(self, unit: Unit, event: ev.Event, now: float) -> list[Notice]:
        try:
            notices = self._core.handle(unit.name, event, now)
        except Exception:  # noqa: BLE001 - our own bugs must not reach whoever sent the event
            self._log.failure("a bug of wampsup: the event is dropped", component=unit.name)
            return []
        if isinstance(event, ev.Ended):
            unit.over()
        elif isinstance(event, ev.Due):
            unit.set_timer()
        return notices

    def _take(self, decide: Callable[[float], list[Notice]]) -> None:
        """Let the core decide and carry it out; returns when that, and all that came of it at once, is done."""
        self._todo.append(decide)
        if self._busy:
            return
        self._busy = True
        try:
            while self._todo:
                self._decide(self._todo.popleft())
        finally:
            self._busy = False

    def _decide(self, decide: Callable[[float], list[Notice]]) -> None:
        self.version += 1
        for notice in decide(self._reactor.seconds()):
            self._carry_out(notice)
        self._timer.follow(self._core.due)

    def _carry_out(self, notice: Notice) -> None:
        match notice:
            case Moved():
                unit = self._units[notice.name]
                unit.moved(notice.after)
                self.version += 1
                self._tell_watchers(unit, notice)
            case Do(name=name, effect=effect):
                self._units[name].perform(effect)
            case Forgotten(name=name):
                del self._units[name]
                self._forgotten(name)
            case Closing(critical=str(critical)):
                self._log.error("`{component}` is critical: the fleet ends", component=critical)
            case Closing(failed=failed, waiting=waiting):
                self._tell_done(failed, waiting)
            case Over(exit_code=exit_code):
                self._end(exit_code)
            case _:
                assert_never(notice)

    def _tell_watchers(self, unit: Unit, moved: Moved) -> None:
        for watcher in tuple(self._watchers):
            try:
                watcher(unit, moved.before, moved.after, moved.cause)
            except Exception:  # noqa: BLE001 - who watches must not disturb what is watched
                self._log.failure("a bug of wampsup: a watcher failed", component=unit.name)

    def _tell_done(self, failed: Sequence[str], waiting: Sequence[str]) -> None:
        if not failed and not waiting:
            self._log.info("all components are done: the fleet ends")
            return
        told = f", {len(failed)} of them failed ({_named(failed)})" if failed else ""
        told += f", but {_named(waiting)} can't start" if waiting else ""
        level = LogLevel.error if failed else LogLevel.warn
        self._log.emit(level, "all components are done{told}: the fleet ends", told=told)

    def _end(self, exit_code: int) -> None:
        self._exit_code = exit_code
        waiters, self._ended = self._ended, []
        for waiter in waiters:
            waiter.callback(exit_code)


def _named(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names[:_MOST_NAMES]) + (", …" if len(names) > _MOST_NAMES else "")

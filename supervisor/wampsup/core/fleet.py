"""All decisions about the components of a fleet together, without I/O: what happens comes in, notices go out.

When a method returns, all that follows from what it was told has been decided; `course` tells how.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wampsup.core.component import new
from wampsup.core.course import Course, Orders
from wampsup.core.dependencies import Dependencies
from wampsup.core.explain import MOST_TOLD
from wampsup.core.groups import groups_of
from wampsup.model import event as ev
from wampsup.model.state import Desired, Waiting
from wampsup.model.transition import AUTOSTART, RELOAD

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from wampsup.core.component import Policy
    from wampsup.core.notice import Notice
    from wampsup.model.spec import FleetSpec


class Fleet(Course):
    """A fleet; `policies` hold what decides about each component. All times are the reactor's `seconds()`."""

    # What happens.

    def start(self, now: float) -> list[Notice]:
        """Start every component that has `autostart`, in the order of the file."""
        self._started = True
        if self.exit_code is None:
            self._send((one.name for one in self.spec.components if one.autostart), ev.Start(by=AUTOSTART))
        return self._run(now)

    def handle(self, name: str, event: ev.Event, now: float) -> list[Notice]:
        """Take what a component's attempt or timer reports.

        Raises:
            IllegalEventError: it can't happen in the component's state; nothing has changed.
        """
        self._send([name], event)
        return self._run(now)

    def command(self, names: Iterable[str], event: ev.Command, now: float) -> list[Notice]:
        """Do what a person wants of these components; a fleet that ends, or one taken out of it, only takes `Stop`."""
        names = [name for name in names if name in self.components]
        if isinstance(event, ev.Stop):
            self._bring_down(dict.fromkeys(names, event))
        elif self.exit_code is None:
            names = [name for name in names if name not in self._removed]
            for name in names:
                if (group := self._group_of(name)) is not None:
                    group.forgive()
            if isinstance(event, ev.Restart):
                self._bring_down(dict.fromkeys(names, event))
            else:
                self._let_stay(names)
                self._send(names, event)
        return self._run(now)

    def shutdown(self, now: float, *, at_once: bool = False, exit_code: int = 0) -> list[Notice]:
        """Stop everything in the reverse order of the start; `at_once` waits for nobody."""
        self._shut_down(exit_code, now, at_once=at_once)
        return self._run(now)

    def cut_off(self, now: float) -> list[Notice]:
        """The time may have come at which an end waits for nobody any more."""
        if self.exit_code is not None and self.due is not None and now >= self.due:
            self.due = None
            self._shut_down(self.exit_code, now, at_once=True)
        return self._run(now)

    def reload(
        self, spec: FleetSpec, policies: Mapping[str, Policy], restarted: Iterable[str], now: float
    ) -> list[Notice]:
        """Become the fleet of `spec`; `policies` hold those that are new or have changed."""
        if self.exit_code is not None:
            return []
        named = {one.name: one for one in spec.components}
        self._removed = {name: None for name in self._specs if name not in named}
        self.spec, self._specs = spec, named | {name: self._specs[name] for name in self._removed}
        for name, policy in policies.items():
            known = self.components.get(name)
            self.components[name] = new(policy, now) if known is None else known.under(policy)
        self.components = {name: self.components[name] for name in self._specs}
        self._rewire()
        if self._started:
            self._start_fresh(now)  # at first: who requires one of them from now on does not miss it
        orders = self._reordered()
        again = [name for name in restarted if self.components[name].desired is Desired.UP]
        orders |= dict.fromkeys(again, ev.Restart(by=RELOAD))
        self._bring_down(orders | dict.fromkeys(self._removed, ev.Stop(by=RELOAD)))
        return self._run(now)

    # What others want to know.

    def waits_for(self, name: str) -> dict[str, str | None]:
        """What keeps it from starting (components, or `group:NAME`) where it waits, and from leaving where it runs.

        Each component comes with the name of its state. Those next to it come first, and no more than `MOST_TOLD`.
        """
        component = self.components.get(name)
        if component is not None and isinstance(component.state, Waiting):
            others: Iterable[str] = self._holders(name)
        elif name in self._leaving:
            others = self._leaving.waits_for(name)
        else:
            return {}
        told: dict[str, str | None] = {}
        for other in others:
            told[other] = one.state.name if (one := self.components.get(other)) else None
            if len(told) == MOST_TOLD:
                break
        return told

    # How it becomes another fleet.

    def _start_fresh(self, now: float) -> None:
        """Start those with `autostart` that nobody has started yet, or that come back before they have left."""
        fresh = [one.name for one in self.spec.components if one.autostart and self._is_fresh(one.name)]
        self._tell({name: ev.Restart(by=RELOAD) for name in fresh if name in self._leaving})
        self._send(fresh, ev.Start(by=RELOAD))
        self._take_all(now)

    def _is_fresh(self, name: str) -> bool:
        component = self.components[name]
        return component.desired is Desired.DOWN and component.stopped_by in {None, RELOAD}

    def _rewire(self) -> None:
        """Take up the new edges and groups."""
        older = self._groups
        self._groups = groups_of(self.spec.groups, self.spec.components)
        for name, group in self._groups.items():
            if name in older:
                group.inherit(older[name])
        leaving = (replace(self._specs[name], group=None) for name in self._removed)
        self._dependencies = Dependencies([*self.spec.components, *leaving], self.spec.groups, self._is_off)
        self._gate.size = self.spec.supervisor.start_window

    def _reordered(self) -> Orders:
        """The orders that come of the new edges, and those that wait; they are still to be told."""
        down = self._dependencies.down
        self._let_stay(name for name in self.components if name not in down)
        bound = (name for name in self.components if name in down and not self._is_off(name))
        held: Orders = {name: self._hold_of(name) for name in bound}
        for name in self.components:
            self._look_again(name)
            self._keep_alive(name)
        return held | self._leaving.orders()

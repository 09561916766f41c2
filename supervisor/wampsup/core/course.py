"""What follows from what in a fleet, without I/O: one event after the other, until there is no more to say.

Every event goes through `lifecycle.step` for its component, and from there through `_moved`, which draws the
conclusions for others: who may start, who has to leave, which group restarts, whether the fleet ends. Those are events
again. No event costs a look at all components but one that concerns them all.

- `dependencies` knows who starts after whom, and who is not coming;
- `gate` bounds the attempts that are on their way up;
- `leaving` keeps the order of stops, the reverse of that of starts;
- `groups` counts restarts, and says who is restarted together.
"""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING

from wampsup.core.component import Component, Policy, has_ended, new
from wampsup.core.dependencies import Dependencies
from wampsup.core.gate import Gate
from wampsup.core.groups import Group, groups_of
from wampsup.core.leaving import Leaving
from wampsup.core.lifecycle import step
from wampsup.core.notice import Closing, Do, Forgotten, Moved, Notice, Over
from wampsup.model import effect as fx
from wampsup.model import event as ev
from wampsup.model.state import (
    BackingOff,
    Completed,
    Desired,
    Failed,
    Fatal,
    Reconnecting,
    Running,
    Stopped,
    Stopping,
    Waiting,
)
from wampsup.model.transition import GROUP, REQUIRES, SHUTDOWN, Cause

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from wampsup.model.spec import FleetSpec

Orders = dict[str, ev.Event]
"""What components are told, by their names."""


class Course:
    """The course of a fleet's events; `policies` hold what decides about each component.

    At `due`, while the fleet ends, nobody is waited for any more.
    """

    def __init__(self, spec: FleetSpec, policies: Mapping[str, Policy], now: float) -> None:
        self.spec = spec
        self.components = {one.name: new(policies[one.name], now) for one in spec.components}
        self.exit_code: int | None = None
        self.due: float | None = None
        self._specs = {one.name: one for one in spec.components}
        self._dependencies = Dependencies(spec.components, spec.groups, self._is_off)
        self._groups = groups_of(spec.groups, spec.components)
        self._gate = Gate(spec.supervisor.start_window)
        self._leaving = Leaving()
        self._removed: dict[str, None] = {}
        self._alive: set[str] = set()
        self._started = False
        self._over = False
        self._events: deque[tuple[str, ev.Event]] = deque()
        self._notices: list[Notice] = []

    def is_parked(self, name: str) -> bool:
        """Whether it waits for something that will not come by itself."""
        component = self.components.get(name)
        return component is not None and isinstance(component.state, Waiting) and name in self._dependencies.down

    # From event to event.

    def _send(self, names: Iterable[str], event: ev.Event) -> None:
        self._events.extend((name, event) for name in names)

    def _run(self, now: float) -> list[Notice]:
        while True:
            self._take_all(now)
            if self.exit_code is None and (name := self._gate.admit()) is not None:
                self._admit(name, now)
            elif not self._ends(now):
                break
        notices, self._notices = self._notices, []
        return notices

    def _take_all(self, now: float) -> None:
        while self._events:
            self._take(*self._events.popleft(), now)

    def _take(self, name: str, event: ev.Event, now: float) -> None:
        before = self.components.get(name)
        if before is None or self._has_to_wait(name, event):
            return
        if isinstance(event, ev.Ended) and (group := self._group_of(name)) is not None and group.spent(name, now):
            event = replace(event, spent=group.spec.name)
        after, effects = step(before, event, now)
        self.components[name] = after
        if after.state is not before.state or after.desired is not before.desired:
            self._notices.append(Moved(name=name, before=before, after=after, cause=_cause(event)))
        for effect in effects:
            match effect:
                case fx.Enqueue():
                    self._enqueue(name)
                case fx.Dequeue():
                    self._gate.leave(name)
                case _:
                    self._notices.append(Do(name=name, effect=effect))
        self._moved(name, before, after, now)

    def _moved(self, name: str, before: Component, after: Component, now: float) -> None:
        """Draw the conclusions for others from what has become of `name`."""
        left = before.attempt is not None and after.attempt is None
        if left or isinstance(after.state, Running):
            self._gate.settled(name)
        self._mind_order(name, before, after)
        self._mind_bonds(name)
        self._mind_group(name, before, after, now)
        self._let_go(name)
        self._keep_alive(name)
        if isinstance(after.state, Failed | Fatal) and self._specs[name].critical and self.exit_code is None:
            self._notices.append(Closing(critical=name))
            self._shut_down(1, now)
        if left:
            self._left(name)  # at last: who waited for it may have to wait for others now
        if name in self._removed and isinstance(after.state, Stopped):
            self._forget(name)

    # Who may start.

    def _admit(self, name: str, now: float) -> None:
        if next(self._holders(name), None) is None:
            self._take(name, ev.Admitted(), now)
        else:
            self._gate.settled(name)
            self._enqueue(name)

    def _enqueue(self, name: str) -> None:
        self._gate.enqueue(name, next(self._holders(name), None))

    def _let_go(self, holder: str) -> None:
        for name in self._gate.let_go(holder):
            self._look_again(name)

    def _look_again(self, name: str) -> None:
        if name in self.components and isinstance(self.components[name].state, Waiting):
            self._enqueue(name)

    def _holders(self, name: str) -> Iterator[str]:
        """What keeps a component from starting, now."""
        required = self._dependencies.requires[name]
        for other in self._dependencies.ahead(name):
            up = isinstance(self.components[other].state, Running) and other not in self._leaving
            if not up and (other in required or other not in self._dependencies.down):
                yield other
        group = self._group_of(name)
        if group is not None and group.holds(name):
            yield f"{GROUP}{group.spec.name}"

    # Who has to leave, and in which order.

    def _bring_down(self, orders: Orders) -> None:
        """Tell these to leave, and hold all that can't do without them."""
        taken_away = [name for name, order in orders.items() if isinstance(order, ev.Stop | ev.GiveUp)]
        self._tell(orders | self._holds(self._dependencies.fell(taken_away), orders))

    def _holds(self, fallen: Iterable[str], others: Iterable[str] = ()) -> Orders:
        """The orders for those of the fallen that something else took along."""
        for name in fallen:
            self._keep_alive(name)
            self._let_go(name)  # who starts after it alone need not wait for it any more
        told = {*others, *self._leaving.orders()}
        bound = (name for name in fallen if name not in told and not self._is_off(name))
        return {name: self._hold_of(name) for name in bound}

    def _hold_of(self, name: str) -> ev.Hold:
        return ev.Hold(by=f"{REQUIRES}{self._dependencies.missing(name)}")

    def _tell(self, orders: Orders) -> None:
        """Send the orders, to a running component as soon as those behind it that leave as well have left."""
        for name in orders:
            if self.components[name].attempt is not None:
                self._leaving.go(name, self._dependencies.ahead(name))
        for name, order in reversed(orders.items()):
            if not self._put_off(name, order):
                self._leaving.take(name)
                self._send([name], order)
            self._look_again(name)

    def _put_off(self, name: str, order: ev.Event) -> bool:
        """Keep the order while there are others who have to leave before; False where there are none."""
        at_once = isinstance(order, ev.Stop) and order.at_once
        runs = isinstance(self.components[name].state, Running)
        if not runs or at_once or not self._leaving.wait(name, order, self._dependencies.behind(name)):
            return False
        if isinstance(order, ev.Stop):
            self._send([name], replace(order, later=True))
        elif isinstance(order, ev.Restart):
            self._send([name], ev.Start(by=order.by))  # it is wanted up from now on
        return True

    def _has_to_wait(self, name: str, event: ev.Event) -> bool:
        """Whether an order that was due meets others that have to leave before, by what was decided since."""
        if not isinstance(event, ev.Stop | ev.Restart | ev.Hold | ev.GiveUp):
            return False
        if isinstance(event, ev.Stop) and (event.later or event.at_once):
            return False
        return name in self._leaving or self._put_off(name, event)  # an order that waits already is the newer one

    def _let_stay(self, names: Iterable[str]) -> None:
        """Those stay that were to be told to end, or to wait for what they require, and have not been yet.

        One that can't stay, because something that it requires is down, is to wait for that instead.
        """
        for name in names:
            order = self._leaving.order_of(name)
            bound = isinstance(order, ev.Hold) and order.by.startswith(REQUIRES)
            if self._dependencies.missing(name) is not None:
                if isinstance(order, ev.Stop | ev.GiveUp):
                    self._leaving.wait(name, self._hold_of(name), self._dependencies.behind(name))
            elif bound or isinstance(order, ev.Stop | ev.GiveUp):
                self._leaving.take(name)
                self._left(name)
                self._let_go(name)
                self._has_cleared(name)

    def _left(self, name: str) -> None:
        for other, order in self._leaving.gone(name, self._dependencies.ahead(name)):
            self._send([other], order)

    def _mind_order(self, name: str, before: Component, after: Component) -> None:
        if isinstance(after.state, Stopping):
            self._leaving.go(name, self._dependencies.ahead(name))
        if isinstance(before.state, Running) and not isinstance(after.state, Running):
            order = self._leaving.take(name)
            if order is not None and after.given_up_with is None:
                self._send([name], order)

    def _mind_bonds(self, name: str) -> None:
        """Whoever requires `name` goes down with it, and comes back with it."""
        if self._is_off(name):
            if name not in self._dependencies.down:
                self._tell(self._holds(self._dependencies.fell([name])))
        elif name in self._dependencies.down:
            risen = self._dependencies.rose(name)
            self._let_stay(risen)
            for other in risen:
                self._keep_alive(other)
            if not risen and isinstance(self.components[name].state, Reconnecting | BackingOff):
                self._send([name], self._hold_of(name))

    def _is_off(self, name: str) -> bool:
        """Whether nobody wants it, or it has ended, or will have before it is told anything else."""
        component = self.components[name]
        unwanted = component.desired is Desired.DOWN or component.given_up_with is not None
        return unwanted or has_ended(component) or isinstance(self._leaving.order_of(name), ev.Stop | ev.GiveUp)

    # Who is restarted together.

    def _group_of(self, name: str) -> Group | None:
        return self._groups.get(self._specs[name].group or "")

    def _mind_group(self, name: str, before: Component, after: Component, now: float) -> None:
        group = self._group_of(name)
        if group is None:
            return
        backs_off = isinstance(after.state, BackingOff)
        if backs_off and not isinstance(before.state, BackingOff):
            self._restart_with(group, name, now)
        elif after.given_up_with != before.given_up_with and before.attempt is not None and has_ended(after):
            members = (member for member in group.members if not self._is_off(member))
            self._bring_down(dict.fromkeys(members, ev.GiveUp(group=group.spec.name, member=name)))
        if after.attempt is None and not backs_off:
            self._has_cleared(name)

    def _has_cleared(self, name: str) -> None:
        group = self._group_of(name)
        if group is not None and group.cleared(name):
            self._let_go(f"{GROUP}{group.spec.name}")

    def _restart_with(self, group: Group, name: str, now: float) -> None:
        by = f"{GROUP}{group.spec.name}"
        if group.holds(name):  # it failed while it was about to be restarted anyway
            group.clear((), [name])
            return
        group.count_restart(now)
        if siblings := group.siblings(name):
            states = {member: self.components[member] for member in siblings}
            busy = [m for m, one in states.items() if one.attempt is not None or isinstance(one.state, BackingOff)]
            group.clear([name, *siblings], [name, *busy])
            orders = {member: order for member, one in states.items() if (order := self._of_restart(member, one, by))}
            self._bring_down(orders)

    def _of_restart(self, name: str, component: Component, by: str) -> ev.Event | None:
        """What a member is told when its group restarts; OTP starts temporary children once, all others again."""
        temporary = component.policy.restart.policy == "never"
        if isinstance(component.state, Completed) and component.desired is Desired.UP and not temporary:
            return ev.Start(by=by)
        if self._is_off(name):
            return None
        return ev.Stop(by=by) if temporary and not isinstance(component.state, Waiting) else ev.Hold(by=by)

    # How it ends.

    def _shut_down(self, exit_code: int, now: float, *, at_once: bool = False) -> None:
        if self.exit_code is None:
            self.exit_code = exit_code
            self.due = now + self.spec.supervisor.stop_timeout
        running = (name for name, one in self.components.items() if not isinstance(one.state, Stopped))
        self._bring_down(dict.fromkeys(running, ev.Stop(at_once=at_once, by=SHUTDOWN)))

    def _keep_alive(self, name: str) -> None:
        """Keep in mind whether anything may still happen to it by itself."""
        if self.is_parked(name) or has_ended(self.components[name]):
            self._alive.discard(name)
        else:
            self._alive.add(name)

    def _ends(self, now: float) -> bool:
        """Whether the end of all components leads to more events."""
        if self._alive or self._over:
            return False
        if self.exit_code is not None:
            self._over, self.due = True, None
            self._notices.append(Over(exit_code=self.exit_code))
            return False
        if not self._started or self.spec.supervisor.exit_when != "all-done":
            return False
        failed = tuple(name for name, one in self.components.items() if isinstance(one.state, Failed | Fatal))
        waiting = tuple(name for name, one in self.components.items() if isinstance(one.state, Waiting))
        self._notices.append(Closing(failed=failed, waiting=waiting))
        self._shut_down(int(bool(failed)), now)
        return True

    def _forget(self, name: str) -> None:
        del self._removed[name]
        self._dependencies.forget(name)
        self._gate.leave(name)
        self._alive.discard(name)
        del self._specs[name]
        del self.components[name]
        self._notices.append(Forgotten(name=name))


def _cause(event: ev.Event) -> Cause:
    by = f"{GROUP}{event.group}" if isinstance(event, ev.GiveUp) else getattr(event, "by", None)
    return Cause(event=event.name, by=by, outcome=getattr(event, "outcome", None))

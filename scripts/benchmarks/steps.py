"""What an event costs the core's fleet, by the fleet's size: groups of 5, each component bound to the one before it.

One component after another fails, which takes those behind it along, backs off, and comes back with them.
"""

from __future__ import annotations

import time
from collections import deque

from wampsup.core.component import Policy
from wampsup.core.fleet import Fleet
from wampsup.core.notice import Do, Notice
from wampsup.model import effect as fx
from wampsup.model import event as ev
from wampsup.model import outcome as out
from wampsup.model.spec import UNLIMITED, ComponentSpec, FleetSpec, GroupSpec, RestartPolicy, SupervisorSpec
from wampsup.model.state import Joined, Kind, Problem, Running

GROUP = 5
FAILURES = 100
FAILED = out.Failed(problem=Problem(kind=Kind.MAIN, type="builtins.ValueError", message="the kettle is dry"))
JOINED = Joined(session_id=1, realm="realm1", transport="rs://127.0.0.1:8080")


def fleet_spec(size: int) -> FleetSpec:
    """A fleet of that many components."""
    components = tuple(
        ComponentSpec(
            name=f"c{number}",
            main="m:main",
            group=f"g{number // GROUP}",
            requires=(f"c{number - 1}",) if number % GROUP else (),
        )
        for number in range(size)
    )
    groups = tuple(
        GroupSpec(name=f"g{number}", strategy="rest-for-one", max_restarts=UNLIMITED) for number in range(size // GROUP)
    )
    return FleetSpec(supervisor=SupervisorSpec(name="steps"), components=components, groups=groups)


class Steps:
    """A fleet in memory, all of it running, in a world where every attempt succeeds at once."""

    def __init__(self, size: int) -> None:
        spec = fleet_spec(size)
        policy = Policy(restart=RestartPolicy(max_restarts=UNLIMITED))
        self.now = 0.0
        self._names = [one.name for one in spec.components]
        self._next = 0
        self._events = 0
        self._fleet = Fleet(spec, dict.fromkeys(self._names, policy), self.now)
        self._follow(self._fleet.start(self.now))
        self._check()

    def time(self) -> float:
        """Seconds for each event while `FAILURES` components fail and come back."""
        self._events = 0
        started = time.perf_counter()
        for _ in range(FAILURES):
            self._fail(self._names[self._next])
            self._next = (self._next + GROUP * 2 + 1) % len(self._names)
        took = time.perf_counter() - started
        self._check()
        return took / self._events

    def _fail(self, name: str) -> None:
        component = self._fleet.components[name]
        assert component.attempt is not None
        self._handle(name, ev.Ended(attempt=component.attempt, outcome=FAILED))
        due = self._fleet.components[name].due
        assert due is not None
        self.now = due
        self._handle(name, ev.Due())

    def _handle(self, name: str, event: ev.Event) -> None:
        self._events += 1
        self._follow(self._fleet.handle(name, event, self.now))

    def _follow(self, notices: list[Notice]) -> None:
        todo = deque(notices)
        while todo:
            match todo.popleft():
                case Do(name=name, effect=fx.Begin(attempt=attempt)):
                    event: ev.Event = ev.Ready(attempt=attempt, joined=JOINED)
                case Do(name=name, effect=fx.Leave(attempt=attempt)):
                    event = ev.Ended(attempt=attempt, outcome=out.Stopped())
                case _:
                    continue
            self._events += 1
            todo.extend(self._fleet.handle(name, event, self.now))

    def _check(self) -> None:
        assert all(isinstance(one.state, Running) for one in self._fleet.components.values())

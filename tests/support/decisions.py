"""`core.Fleet` in memory: events in, and what comes of them as short lines, such as `db begins` and `db leaves`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, assert_never

from support.components import BACKOFF, JOINED, NOW, PROBLEM
from wampsup.core.component import Policy
from wampsup.core.fleet import Fleet
from wampsup.core.notice import Closing, Do, Forgotten, Moved, Over
from wampsup.model import effect as fx
from wampsup.model import event as ev
from wampsup.model import outcome as out
from wampsup.model.spec import ComponentSpec, FleetSpec, GroupSpec, RestartPolicy, RetryPolicy, SupervisorSpec

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wampsup.core.notice import Notice
    from wampsup.model.spec import ExitWhen, RestartCondition, Strategy
    from wampsup.model.state import State

RETRY = RetryPolicy(backoff=BACKOFF)


def one(
    name: str,
    *,
    after: str = "",
    requires: str = "",
    restart: RestartCondition = "on-failure",
    max_restarts: int = 5,
    **changes: Any,
) -> ComponentSpec:
    """A component that restarts after 1 s, without jitter; `after` and `requires` are names with spaces between."""
    policy = RestartPolicy(policy=restart, backoff=BACKOFF, max_restarts=max_restarts)
    return ComponentSpec(
        name=name,
        main="m:main",
        restart=policy,
        after=tuple(after.split()),
        requires=tuple(requires.split()),
        **changes,
    )


def members(names: str, group: str = "tills", **changes: Any) -> list[ComponentSpec]:
    """Components with nothing in common but their group."""
    return [one(name, group=group, **changes) for name in names.split()]


def group(strategy: Strategy, *, name: str = "tills", max_restarts: int = 5, window: float = 300.0) -> GroupSpec:
    """A group."""
    return GroupSpec(name=name, strategy=strategy, max_restarts=max_restarts, window=window)


def fleet_spec(
    components: Sequence[ComponentSpec],
    groups: Sequence[GroupSpec] = (),
    *,
    start_window: int = 64,
    exit_when: ExitWhen = "never",
) -> FleetSpec:
    """A fleet named `edge`."""
    supervisor = SupervisorSpec(name="edge", start_window=start_window, exit_when=exit_when)
    return FleetSpec(supervisor=supervisor, components=tuple(components), groups=tuple(groups))


class Decisions:
    """What is decided about a fleet; `now` is the time.

    Every method does one thing and returns what is to be done about it, in order; `notices` holds all of what came of
    the last one.
    """

    def __init__(self, *components: ComponentSpec, groups: Sequence[GroupSpec] = (), **settings: Any) -> None:
        spec = fleet_spec(components, groups, **settings)
        self.now = NOW
        self.fleet = Fleet(spec, {each.name: _policy(each) for each in components}, self.now)
        self.notices: list[Notice] = []

    # What happens.

    def start(self) -> list[str]:
        """The supervisor starts."""
        return self._told(self.fleet.start(self.now))

    def up(self) -> None:
        """Start, and let everybody become ready."""
        self.start()
        self.all_ready()

    def all_ready(self) -> None:
        """Everybody who begins, or has begun, becomes ready."""
        while connecting := self.those("connecting"):
            self.ready(connecting.split()[0])

    def ready(self, name: str) -> list[str]:
        """Its attempt is ready."""
        return self._attempt(name, ev.Ready(attempt=self._number(name), joined=JOINED))

    def going(self, name: str) -> list[str]:
        """Its attempt goes down by itself."""
        return self._attempt(name, ev.Ending(attempt=self._number(name)))

    def gone(self, name: str) -> list[str]:
        """It has left, as it was told."""
        return self._ended(name, out.Stopped())

    def fails(self, name: str) -> list[str]:
        """It raised."""
        return self._ended(name, out.Failed(problem=PROBLEM))

    def lost(self, name: str) -> list[str]:
        """Its connection was lost."""
        return self._ended(name, out.Lost(problem=PROBLEM))

    def completes(self, name: str) -> list[str]:
        """Its main returned."""
        return self._ended(name, out.Completed())

    def fatal(self, name: str) -> list[str]:
        """`is_fatal` said so."""
        return self._ended(name, out.Fatal(problem=PROBLEM))

    def due(self, name: str) -> list[str]:
        """Time passes until what its state waits for is due."""
        due = self.fleet.components[name].due
        assert due is not None
        self.now = max(due, self.now)
        return self._attempt(name, ev.Due())

    # What people want.

    def wants(self, *names: str) -> list[str]:
        """A person starts them."""
        return self._told(self.fleet.command(names, ev.Start(), self.now))

    def stop(self, *names: str, at_once: bool = False) -> list[str]:
        """A person stops them."""
        return self._told(self.fleet.command(names, ev.Stop(at_once=at_once), self.now))

    def restart(self, *names: str) -> list[str]:
        """A person restarts them."""
        return self._told(self.fleet.command(names, ev.Restart(), self.now))

    def shutdown(self, *, at_once: bool = False) -> list[str]:
        """The supervisor is told to end."""
        return self._told(self.fleet.shutdown(self.now, at_once=at_once))

    def reload(
        self,
        *components: ComponentSpec,
        restarted: Sequence[str] = (),
        groups: Sequence[GroupSpec] = (),
        **settings: Any,
    ) -> list[str]:
        """The file has other components now, of which `restarted` are made otherwise."""
        spec = fleet_spec(components, groups, **settings)
        known = {each.name: each for each in self.fleet.spec.components}
        changed = {each.name: _policy(each) for each in components if known.get(each.name) != each}
        return self._told(self.fleet.reload(spec, changed, restarted, self.now))

    # What has become of it.

    def state(self, name: str) -> State:
        """Its state."""
        return self.fleet.components[name].state

    @property
    def states(self) -> dict[str, str]:
        """The names of all states."""
        return {name: component.state.name for name, component in self.fleet.components.items()}

    def those(self, state: str) -> str:
        """The names of those in that state."""
        return " ".join(name for name, found in self.states.items() if found == state)

    def waits_for(self, name: str) -> str:
        """What it waits for."""
        return " ".join(self.fleet.waits_for(name))

    @property
    def moves(self) -> list[str]:
        """The transitions among the last notices, each with its cause."""
        return [_move(notice) for notice in self.notices if isinstance(notice, Moved)]

    def _number(self, name: str) -> int:
        number = self.fleet.components[name].attempt
        assert number is not None
        return number

    def _ended(self, name: str, outcome: out.Outcome) -> list[str]:
        return self._attempt(name, ev.Ended(attempt=self._number(name), outcome=outcome))

    def _attempt(self, name: str, event: ev.Event) -> list[str]:
        return self._told(self.fleet.handle(name, event, self.now))

    def _told(self, notices: list[Notice]) -> list[str]:
        self.notices = notices
        return [line for notice in notices if (line := _line(notice))]


def _line(notice: Notice) -> str | None:
    match notice:
        case Moved():
            return None
        case Do(name=name, effect=effect):
            return f"{name} {_effect(effect)}"
        case Forgotten(name=name):
            return f"{name} is forgotten"
        case Closing(critical=None, failed=failed, waiting=waiting):
            return " ".join(["all is done", *failed, *(f"({name} waits)" for name in waiting)])
        case Closing(critical=name):
            return f"{name} was critical"
        case Over(exit_code=exit_code):
            return f"over {exit_code}"
        case _:
            assert_never(notice)


def _effect(effect: fx.Begin | fx.Leave | fx.TimeOut | fx.Abort) -> str:
    match effect:
        case fx.Begin():
            return "begins"
        case fx.Leave():
            return "leaves"
        case fx.TimeOut():
            return "times out"
        case fx.Abort():
            return "is cut off"
        case _:
            assert_never(effect)


def _move(moved: Moved) -> str:
    by = f" by {moved.cause.by}" if moved.cause.by else ""
    return f"{moved.name}: {moved.before.state.name} -> {moved.after.state.name} ({moved.cause.event}{by})"


def _policy(spec: ComponentSpec) -> Policy:
    return Policy(restart=spec.restart, transports=(replace(RETRY, max_retries=2),))

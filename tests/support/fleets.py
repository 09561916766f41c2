"""A fleet in memory: the real shell on a clock of its own, with twins for attempts."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from twisted.internet.task import Clock

from support.attempts import Attempts, TwinAttempt
from wampsup.model.spec import Backoff, ComponentSpec, FleetSpec, RestartPolicy, RetryPolicy, SupervisorSpec
from wampsup.model.state import Kind, Problem
from wampsup.runtime.fleet import Fleet
from wampsup.wamp.blueprint import DEFAULT_TRANSPORT, Blueprint
from wampsup.wamp.verdict import Judge

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from wampsup.core.component import Component
    from wampsup.model.spec import ExitWhen
    from wampsup.runtime.unit import Unit

BACKOFF = Backoff(initial_delay=1.0, max_delay=60.0, growth=2.0, jitter=0.0)
TRANSPORT = replace(DEFAULT_TRANSPORT, retry=RetryPolicy(backoff=BACKOFF))
PROBLEM = Problem(kind=Kind.MAIN, type="builtins.ValueError", message="the kettle is dry")


def spec(
    name: str, *, autostart: bool = True, critical: bool = False, restart: RestartPolicy | None = None
) -> ComponentSpec:
    """A component that restarts after 1 s, without jitter."""
    restart = restart or RestartPolicy(backoff=BACKOFF)
    return ComponentSpec(name=name, main="m:main", autostart=autostart, critical=critical, restart=restart)


class FleetInMemory:
    """A fleet named `edge`, its clock, its attempts, and what became of it.

    `moves` lists every transition as `name: before -> after`, `forgotten` whom a reload took out. `told` may let things
    happen to an attempt at once.
    """

    def __init__(
        self,
        components: Sequence[ComponentSpec | str],
        *,
        start_window: int = 64,
        exit_when: ExitWhen = "never",
        told: Callable[[str, TwinAttempt, str], None] = lambda _name, _attempt, _what: None,
    ) -> None:
        specs = tuple(spec(each) if isinstance(each, str) else each for each in components)
        supervisor = SupervisorSpec(name="edge", start_window=start_window, exit_when=exit_when)
        self.clock = Clock()
        self.attempts = Attempts(told)
        self.moves: list[str] = []
        self.forgotten: list[str] = []
        self.fleet = Fleet(
            FleetSpec(supervisor=supervisor, components=specs),
            {each.name: _blueprint(each.name) for each in specs},
            self.clock,
            build_attempt=self.attempts,
            forgotten=self.forgotten.append,
        )
        self.fleet.watch(self._moved)

    @property
    def states(self) -> list[str]:
        """The name of each component's state, in order."""
        return [unit.component.state.name for unit in self.fleet.units.values()]

    @property
    def alive(self) -> dict[str, TwinAttempt]:
        """The attempts that are not over, by the component's name."""
        return self.attempts.alive

    def _moved(self, unit: Unit, before: Component, after: Component, _cause: object) -> None:
        self.moves.append(f"{unit.name}: {before.state.name} -> {after.state.name}")


def _blueprint(name: str) -> Blueprint:
    return Blueprint(
        name=name,
        main=None,
        session_factory=lambda _config: None,
        realm="realm1",
        transports=(TRANSPORT,),
        judge=Judge(()),
    )

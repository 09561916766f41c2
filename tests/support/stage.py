"""What a scenario needs of the place where it is played: a fleet at run time, and ways to let things happen to it.

The fleet's shell and core are the real ones everywhere; the attempts and the clock are the stage's (`support.stages`).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

from support.scenarios import Line
from wampsup.core.reload import plan
from wampsup.runtime.fleet import Fleet

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from wampsup.core.component import Component
    from wampsup.model import event as ev
    from wampsup.model.spec import ComponentSpec, FleetSpec
    from wampsup.model.transition import Cause
    from wampsup.runtime.boundaries import BuildAttempt
    from wampsup.runtime.unit import Unit
    from wampsup.wamp.blueprint import Blueprint


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

    async def shut_out(self, names: Collection[str]) -> None:
        """The router refuses their connections from now on, and drops them, one after the other."""
        self.shut_outs.update(names)
        for name in names:
            await self.drop(name)

    def let_in(self) -> None:
        """The router takes everybody again."""
        self.shut_outs.clear()

    def be_silent_to(self, name: str) -> None:
        """From now on the router takes its connections, and says nothing."""
        self.unanswered.add(name)

    def answer_again(self, name: str) -> None:
        """The router says what it has held back."""
        self.unanswered.discard(name)

    def command(self, patterns: str, event: ev.Command) -> None:
        """A person wants that of these."""
        self.fleet.command(self.fleet.select(patterns.split()), event)

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

    def missed(self, what: str) -> str:
        """That it did not come about, and what did instead."""
        return "\n".join([f"{what} did not come about:", *map(str, self.lines)])

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

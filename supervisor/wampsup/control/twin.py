"""A fleet in memory: the other side of the seam in `fleet`, for trying what control does with one."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import count
from typing import TYPE_CHECKING, Any

from twisted.internet.defer import Deferred

from wampsup.core.component import Component, Policy, new
from wampsup.errors import NoSuchComponentError
from wampsup.model.spec import ComponentSpec, TransportSpec, UnixEndpoint
from wampsup.reactor.account import Account
from wampsup.reactor.leftovers import Leftovers
from wampsup.runtime.selection import matching

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wampsup.control.fleet import Command

TRANSPORT = TransportSpec(type="rawsocket", url="rs://unix:/router.sock", endpoint=UnixEndpoint(path="/router.sock"))


@dataclass(kw_only=True, slots=True)
class UnitTwin:
    """One component, in whatever state it was put."""

    name: str
    spec: ComponentSpec
    component: Component
    realm: str = "realm1"
    transports: tuple[TransportSpec, ...] = (TRANSPORT,)
    account: Account = field(default_factory=lambda: Account("twin"))
    leftovers: Leftovers = field(default_factory=Leftovers)
    waits_for: Mapping[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class ReachedTwin:
    """What became of a command to one component."""

    name: str
    ok: bool = True
    state: str = "running"
    error: str | None = None
    timed_out: bool = False


class FleetTwin:
    """Keeps the commands that it is sent in `sent`; `waiting` holds a Deferred for each `reach`, to be fired."""

    def __init__(self, names: Sequence[str], now: float) -> None:
        self.replace(names, now)
        self._versions = count()
        self.sent: list[tuple[tuple[str, ...], Command]] = []
        self.waiting: list[tuple[float, Deferred[Any]]] = []
        self.ending = False

    def replace(self, names: Sequence[str], now: float) -> None:
        """Take these components in place of those that there are."""
        self._units = {
            name: UnitTwin(name=name, spec=ComponentSpec(name=name), component=new(Policy(), now)) for name in names
        }

    @property
    def units(self) -> Mapping[str, UnitTwin]:
        """All components."""
        return self._units

    @property
    def version(self) -> int:
        """Another one each time: a test may have changed anything."""
        return next(self._versions)

    def put(self, name: str, **changes: Any) -> None:
        """Change a component's fields."""
        self._units[name].component = replace(self._units[name].component, **changes)

    def select(self, patterns: Sequence[str]) -> Sequence[UnitTwin]:
        """The components of these names and shell globs."""
        chosen, unmatched = matching(patterns, self._units)
        if unmatched:
            raise NoSuchComponentError(f"no component `{unmatched[0]}` in fleet `edge`")
        return [unit for name, unit in self._units.items() if name in chosen]

    def command(self, units: Sequence[UnitTwin], event: Command) -> None:
        """Keep the command."""
        self.sent.append((tuple(unit.name for unit in units), event))

    def reach(self, units: Sequence[UnitTwin], event: Command, timeout: float) -> Deferred[Any]:
        """Keep the command, and wait until the test fires what is in `waiting`."""
        self.command(units, event)
        result: Deferred[Any] = Deferred()
        self.waiting.append((timeout, result))
        return result

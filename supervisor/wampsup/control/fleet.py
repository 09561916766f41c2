"""What control needs of a fleet: a small seam, so that every request can be tried in memory, on a `twin.FleetTwin`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from twisted.internet.defer import Deferred

    from wampsup.core.component import Component
    from wampsup.model.event import Restart, Start, Stop
    from wampsup.model.spec import ComponentSpec, TransportSpec
    from wampsup.reactor.account import Account
    from wampsup.reactor.leftovers import Leftovers

    Command = Start | Stop | Restart


Unit = TypeVar("Unit", bound="UnitView")


class UnitView(Protocol):
    """One component of a running fleet."""

    @property
    def name(self) -> str:
        """Its name in the fleet file."""

    @property
    def spec(self) -> ComponentSpec:
        """What the file says of it."""

    @property
    def component(self) -> Component:
        """What it is now."""

    @property
    def realm(self) -> str:
        """The realm that it joins."""

    @property
    def transports(self) -> tuple[TransportSpec, ...]:
        """Its ways to a router."""

    @property
    def account(self) -> Account:
        """What it has used."""

    @property
    def leftovers(self) -> Leftovers:
        """What its ended attempts have left behind."""

    @property
    def waits_for(self) -> Mapping[str, str | None]:
        """What keeps it from starting, or from leaving: components with the names of their states, or `group:NAME`."""


class ReachedView(Protocol):
    """What became of a command to one component."""

    @property
    def name(self) -> str:
        """The component's name."""

    @property
    def ok(self) -> bool:
        """Whether it is where the command should take it."""

    @property
    def state(self) -> str:
        """The name of its state."""

    @property
    def error(self) -> str | None:
        """Why it is not there."""

    @property
    def timed_out(self) -> bool:
        """Whether it may still get there."""


class FleetView(Protocol[Unit]):
    """A running fleet."""

    @property
    def ending(self) -> bool:
        """Whether it shuts down, or has ended."""

    @property
    def units(self) -> Mapping[str, Unit]:
        """All components, in the order of the file."""

    @property
    def version(self) -> int:
        """A number: as long as it stays, so does every unit, but for what it has used and left behind."""

    def select(self, patterns: Sequence[str]) -> Sequence[Unit]:
        """The components of these names and shell globs.

        Raises:
            NoSuchComponentError: one of them matches nothing.
        """

    def command(self, units: Sequence[Unit], event: Command) -> None:
        """Send the event to these components."""

    def reach(self, units: Sequence[Unit], event: Command, timeout: float) -> Deferred[Any]:
        """Send the event and wait, at most `timeout` seconds, until each component is where it takes them.

        Fires with a `ReachedView` for each of them.
        """

"""What a fleet makes of stalls: its log and its journal tell of them, and the attempt whose event it was is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from wampsup.reactor.stall import Patience, Stall

if TYPE_CHECKING:
    from wampsup.reactor.account import Account
    from wampsup.runtime.fleet import Fleet
    from wampsup.runtime.journal import Journal


class Teller(Protocol):
    """The log; see `logs.stalls`."""

    def stalled(self, stall: Stall) -> None:
        """The reactor is stuck."""

    def recovered(self, stall: Stall) -> None:
        """It goes on."""

    def paused(self, name: str | None, seconds: float) -> None:
        """An event of that component, or of the supervisor, took long, but the process was not there."""

    def gives_up(self, stall: Stall | None, limit: float) -> None:
        """The process is about to end."""


class Stalls:
    """The stalls of one fleet, and those that are nobody's; see `reactor.stall.Follower`."""

    def __init__(self, fleet: Fleet, journal: Journal, teller: Teller) -> None:
        self._fleet = fleet
        self._journal = journal
        self.teller = teller

    @property
    def patience(self) -> Patience:
        """What makes a stall, as the fleet is now; a `max_stall` below `stall_after` is the component's own."""
        spec = self._fleet.spec.supervisor
        limited = {unit.account: unit.spec.max_stall for unit in self._fleet.units.values() if unit.spec.max_stall}
        usual = spec.stall_after
        own = {account: limit for account, limit in limited.items() if not usual or limit < usual}
        return Patience(usual=usual, of=own, fatal=spec.fatal_stall)

    def owns(self, account: Account) -> bool:
        """Whether it is that of one of its components."""
        unit = self._fleet.units.get(account.name or "")
        return unit is not None and unit.account is account

    def stalled(self, stall: Stall) -> None:
        """The reactor is stuck; called in a thread."""
        self.teller.stalled(stall)

    def recovered(self, stall: Stall) -> None:
        """It goes on."""
        self.teller.recovered(stall)
        unit = self._fleet.units[stall.account.name] if stall.account.name and self.owns(stall.account) else None
        self._journal.stall(unit, stall)
        if unit is not None:
            unit.stalled(stall)

    def paused(self, account: Account, seconds: float) -> None:
        """An event took long, but the process was not there."""
        self.teller.paused(account.name, seconds)

    def gives_up(self, stall: Stall | None) -> None:
        """The process is about to end; called in a thread."""
        self.teller.gives_up(stall, self._fleet.spec.supervisor.fatal_stall)

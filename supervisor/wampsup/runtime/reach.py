"""Sends an event to components and waits until each is where the event should take it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from twisted.internet import defer

from wampsup.core.explain import note
from wampsup.model import event as ev
from wampsup.model.state import Completed, Failed, Fatal, Running, Stopped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wampsup.core.component import Component
    from wampsup.model.state import State
    from wampsup.model.transition import Cause
    from wampsup.runtime.fleet import Fleet
    from wampsup.runtime.unit import Unit


@dataclass(frozen=True, kw_only=True, slots=True)
class Reached:
    """Where a component got to; `error` says why it is not where it should be, where its state does not say it all.

    `timed_out`: it may still get there.
    """

    name: str
    ok: bool
    state: str
    error: str | None = None
    timed_out: bool = False


def reach(
    fleet: Fleet, units: Sequence[Unit], event: ev.Command, timeout: float, clock: Any
) -> defer.Deferred[list[Reached]]:
    """Send `event` to `units`; the result fires when all have settled, at the latest after `timeout` seconds.

    Settled is what is still so one turn of the reactor later: a `main` that fails at once has been running as well. One
    that runs and is still to leave has not settled; one that waits for what does not come by itself has.
    """
    return _Reach(fleet, units, event, timeout, clock).done


class _Reach:
    """One wait; `done` may be cancelled."""

    def __init__(self, fleet: Fleet, units: Sequence[Unit], event: ev.Command, timeout: float, clock: Any) -> None:
        self.done: defer.Deferred[list[Reached]] = defer.Deferred(lambda _: self._clean_up())
        self._units = units
        self._clock = clock
        stop = isinstance(event, ev.Stop)
        self._wanted: tuple[type, ...] = (Stopped,) if stop else (Running, Completed)
        self._settled = self._wanted if stop else (Running, Completed, Failed, Fatal, Stopped)
        self._waiting = {unit.name for unit in units}
        self._timer = clock.callLater(timeout, self._finish)
        fleet.command(units, event)
        self._unwatch = fleet.watch(self._look)
        for unit in units:
            self._look(unit, None, unit.component)
        self._check_done()

    def _look(self, unit: Unit, _before: Component | None, after: Component, _cause: Cause | None = None) -> None:
        if unit.name in self._waiting and (isinstance(after.state, self._settled) or self._is_parked(unit)):
            self._clock.callLater(0, self._look_again, unit, after.state)

    def _look_again(self, unit: Unit, state: State) -> None:
        if unit.component.state is state and (self._is_parked(unit) or not unit.waits_for):
            self._waiting.discard(unit.name)
            self._check_done()

    def _is_parked(self, unit: Unit) -> bool:
        return Running in self._wanted and unit.is_parked

    def _check_done(self) -> None:
        if not self._waiting and self._timer.active():
            self._finish()

    def _finish(self) -> None:
        self._clean_up()
        now = self._clock.seconds()
        reached = [_reached(unit, self._wanted, now, timed_out=unit.name in self._waiting) for unit in self._units]
        self.done.callback(reached)

    def _clean_up(self) -> None:
        self._unwatch()
        if self._timer.active():
            self._timer.cancel()


def _reached(unit: Unit, wanted: tuple[type, ...], now: float, *, timed_out: bool) -> Reached:
    component = unit.component
    state = component.state.name
    if isinstance(component.state, wanted):
        return Reached(name=unit.name, ok=True, state=state)
    error = note(component, unit.name, now, unit.transports, unit.waits_for)
    return Reached(name=unit.name, ok=False, state=state, error=error, timed_out=timed_out)
